/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The records that leave the kernel, and that a capture file holds byte for byte.
 *
 * Compiles for BPF and for the host, so it includes nothing and uses the kernel's own type names
 * (__u32 ...), which the includer provides. Every record starts with struct ipct_head and is a
 * multiple of 8 bytes long. Times are CLOCK_MONOTONIC nanoseconds.
 *
 * Changing a record changes IPCT_EVENT_VERSION: captures of another version are refused.
 */
#ifndef IPCT_EVENT_H
#define IPCT_EVENT_H

#define IPCT_EVENT_VERSION 3

enum ipct_mechanism {
	IPCT_MECH_NONE = 0,
#define MECHANISM(id, ...) IPCT_MECH_##id,
#include "mechanisms.def"
#undef MECHANISM
	IPCT_MECH_COUNT
};

enum ipct_syscall {
#define SYSCALL(name, ...) IPCT_SYS_##name,
#include "syscalls.def"
#undef SYSCALL
	IPCT_SYS_COUNT
};

enum ipct_role {
	IPCT_ROLE_CREATE,
	IPCT_ROLE_OPEN,
	IPCT_ROLE_SEND,
	IPCT_ROLE_RECV,
	IPCT_ROLE_WAIT,
	IPCT_ROLE_WAKE,
	IPCT_ROLE_MAP,
	IPCT_ROLE_UNMAP,
	IPCT_ROLE_CONTROL,
	IPCT_ROLE_CLOSE,
	IPCT_ROLE_COUNT,
	IPCT_ROLE_BY_END = IPCT_ROLE_COUNT /* in syscalls.def only */
};

/* How sends are paired with receives; a column of mechanisms.def. */
enum ipct_discipline {
	IPCT_DISCIPLINE_NONE,
	IPCT_DISCIPLINE_STREAM,
	IPCT_DISCIPLINE_LABEL,
	IPCT_DISCIPLINE_DIRECT,
};

enum ipct_shape {
	IPCT_SHAPE_NONE, /* the call has no row, or none of its mechanisms is selected */
	IPCT_SHAPE_FD,
	IPCT_SHAPE_FD_PAIR,
	IPCT_SHAPE_FD_ARRAY,
	IPCT_SHAPE_FD_RETURNED,
	IPCT_SHAPE_FD_ACCEPTED,
	IPCT_SHAPE_FD_POLLED,
	IPCT_SHAPE_FD_SELECTED,
	IPCT_SHAPE_FD_EPOLLED,
	IPCT_SHAPE_FD_REGISTERED,
	IPCT_SHAPE_PATH,
	IPCT_SHAPE_FD_RANGE,
	IPCT_SHAPE_IPC,
	IPCT_SHAPE_IPC_RETURNED,
	IPCT_SHAPE_MAP,
	IPCT_SHAPE_MEMORY,
	IPCT_SHAPE_WORD,
	IPCT_SHAPE_WORD_ARRAY,
	IPCT_SHAPE_TARGET,
	IPCT_SHAPE_SELF,
	IPCT_SHAPE_PROCESS,
	IPCT_SHAPE_RESUMES,
	IPCT_SHAPE_RESTARTS,
	IPCT_SHAPE_NOTED,
};

/* A row of syscalls.def as the BPF side reads it; arguments are 0..5, or IPCT_ARG_NONE. */
#define IPCT_ARG_NONE 0xff

#define IPCT_ROW_IOV       1
#define IPCT_ROW_PEEK      2
#define IPCT_ROW_DUP       4
#define IPCT_ROW_FCNTL     8
#define IPCT_ROW_HOW       16
#define IPCT_ROW_WHOLE     32
#define IPCT_ROW_MSG       64
#define IPCT_ROW_MMSG      128
#define IPCT_ROW_CLOEXEC1  256
#define IPCT_ROW_CLOEXEC2  512
#define IPCT_ROW_CLOEXEC   1024
#define IPCT_ROW_MFD_FLAGS 2048
#define IPCT_ROW_MAYBE     4096
#define IPCT_ROW_NAME      8192
#define IPCT_SYSCALL_SLOTS 512 /* one for each system call number, a power of two */

struct ipct_row {
	__u8 shape, role, fd, fd2, len, arg;
	__u8 id;        /* enum ipct_syscall */
	__u8 mechanism; /* the one that the call can be an op on; 0: more than one */
	__u32 flags;
	__u32 mask; /* of the selected mechanisms, 1 << enum ipct_mechanism */
};

/* Why an op that was seen is not stored; counted for each mechanism (the ledger). */
enum ipct_count {
	IPCT_COUNT_SEEN,         /* the op's object was resolved */
	IPCT_COUNT_RING_FULL,    /* no room in the ring buffer */
	IPCT_COUNT_OBJECTS_FULL, /* more objects than IPCT_OBJECTS_MAX */
	IPCT_COUNT_COMPAT,       /* a 32-bit system call, which is not decoded (mechanism NONE) */
	IPCT_COUNT_THREADS, /* no state for a new thread: it is not followed (mechanism NONE) */
	IPCT_COUNT_NOTES,   /* a record other than an op found the ring full (mechanism NONE) */
	IPCT_COUNT_RINGS,   /* io_uring_setup: what the ring does is not seen (mechanism NONE) */
	IPCT_COUNT_AREAS,   /* what is mapped at an address was being changed by another thread */
	IPCT_COUNT_TOUCHES, /* the same of a page fault, or too many to count (mechanism NONE) */
	IPCT_COUNT_COUNT
};

#define IPCT_OBJECTS_MAX 262144
#define IPCT_PATH_LEN    1024
#define IPCT_TEXT_LEN    512 /* a path as a program gave it */
#define IPCT_ARGS_LEN    512
#define IPCT_COMM_LEN    16
#define IPCT_NAME_LEN    64

enum ipct_event_type {
	IPCT_EV_OP = 1,
	IPCT_EV_PATH_OP, /* an op on a path that has no fd */
	IPCT_EV_FORK,    /* a process began (threads have no record) */
	IPCT_EV_EXEC,
	IPCT_EV_EXIT,        /* the last thread of a process ended */
	IPCT_EV_OBJECT,      /* first sight of an object */
	IPCT_EV_FD_RANGE,    /* close_range */
	IPCT_EV_PASSING,     /* a fd goes into a message or comes out of one */
	IPCT_EV_HOLDER,      /* an untraced process that holds an object */
	IPCT_EV_CPU,         /* CPU time of a thread that was not the last one of its process */
	IPCT_EV_CGROUP,      /* made by the collector: the path of a cgroup */
	IPCT_EV_TOUCH,       /* made by the collector: page faults of a process on an object */
	IPCT_EV_CALIBRATION, /* made by the collector: how traced runs compare with untraced ones */
	IPCT_EV_END,         /* made by the collector: the last record of a recording */
	IPCT_EV_COUNT
};

struct ipct_head {
	__u16 len; /* of the whole record, bytes */
	__u8 type; /* enum ipct_event_type */
	__u8 mechanism;
	__u32 process; /* number of the process in this recording, from 1; 0 is none */
};

#define IPCT_OP_FINISHED   1    /* the call returned to its caller */
#define IPCT_OP_OVERLAPPED 2    /* another call moved bytes the same way at the same time */
#define IPCT_OP_READ_END   4    /* the fd was open for reading */
#define IPCT_OP_WRITE_END  8    /* the fd was open for writing */
#define IPCT_OP_PEEK       16   /* received bytes stayed in the object */
#define IPCT_OP_PACKET     32   /* O_DIRECT pipe: what a receive leaves of a packet is dropped */
#define IPCT_OP_SECOND     64   /* second object of one system call: not a further call */
#define IPCT_OP_AFTER_GAP  128  /* bytes of this direction went missing: lost or dropped */
#define IPCT_OP_END_ONE    256  /* the fd is end 1 of an object with two ends, not end 0 */
#define IPCT_OP_LABELLED   512  /* `offset` and `key` are the label of a message */
#define IPCT_OP_ANYWHERE   1024 /* the label stands for itself, on whichever object it is met */
#define IPCT_OP_UNSURE     2048 /* which send the label means was inferred */
#define IPCT_OP_PART       4096 /* a message of the call whose op comes next of the same thread */
#define IPCT_OP_NEW_FD     8192 /* fd2 is an fd that the call made */
#define IPCT_OP_PLACED     16384 /* `offset` is the kernel's own, or told by it: no matter who else */
#define IPCT_OP_ELSEWHERE  32768   /* sent through an fd of another object: a datagram's sender */
#define IPCT_OP_OUTSIDE    65536   /* someone who is not traced has put in what the op took */
#define IPCT_OP_RANGE      131072  /* on what the process has mapped at `key`, if anything shared */
#define IPCT_OP_UNPAIRED   262144  /* nobody can tell which bytes of the stream these were */
#define IPCT_OP_READY      524288  /* a wait for readiness: the op only looks at its object */
#define IPCT_OP_FIRST      1048576 /* first object of two: the one with IPCT_OP_SECOND follows */
#define IPCT_OP_IN_PIECES  2097152 /* its bytes lie apart in the stream: those of its parts */

struct ipct_op {
	struct ipct_head head;
	__u32 tid;
	__u16 syscall; /* enum ipct_syscall */
	__u8 role;     /* enum ipct_role */
	__u8 unused;
	__u64 start_ns;
	__u64 dur_ns;
	__u64 blocked_ns; /* off CPU inside the call */
	__u64 requested;  /* bytes asked for */
	__s64 result;     /* what the call returned: bytes, an fd, or -errno */
	__s64 bytes;      /* that it moved */
	/*
	 * Stream: what went this way before, of traced calls. Label: its number. A new mapping:
	 * where in the file it begins; mremap: the old length.
	 */
	__u64 offset;
	__u64 arg; /* the two arguments that the row names, low halves */
	/*
	 * By mechanism: priority, type. FIFO: opens by anyone: write << 32 | read. Memory: by
	 * address that address, by fd the size of the object or (closed) ~0. Socketpair of
	 * datagrams: the object of fd2. A wait for readiness: the events that the object had. TCP
	 * and UNIX streams: size of the socket's send buffer if it sends, of its receive buffer if
	 * it receives; 0: not looked at.
	 */
	__u64 key;
	__u32 object; /* number of the object in this recording, from 1; 0: none */
	__s32 fd;
	__s32 fd2;   /* the other fd that the call made or used, or -1 */
	__u32 flags; /* IPCT_OP_* */
};

#define IPCT_CPU_NONE 0xffff

/*
 * Where the time of a call went that its thread was not on a CPU for, from sched_switch and
 * sched_waking. Times are absolute, so that they can be compared with those of other threads.
 */
struct ipct_sleep {
	__u64 waiting_ns;  /* of blocked_ns: asleep until someone acts, as a signal could end it */
	__u64 runnable_ns; /* of blocked_ns: ready, and waiting for a CPU */
	__u64 woken_ns;    /* end of the last such sleep; 0: there was none */
	__u64 ran_ns;      /* when the thread was on a CPU again after that */
	__u64 away_ns;     /* off CPU since the thread's op before this one */
	__u32 waker;       /* tid of who ended that sleep; 0: no thread, but an interrupt */
	__u32 waker_process; /* number of its process; 0: it is not traced */
	__u16 slept_cpu;     /* that the thread went to that sleep on */
	__u16 waker_cpu;     /* that it was woken from */
	__u16 ran_cpu;       /* that it was on after that; IPCT_CPU_NONE: never */
	__u16 unused;
};

/* An op is followed by its sleep if there was any: the length of the record tells. */
struct ipct_slept_op {
	struct ipct_op op;
	struct ipct_sleep sleep;
};

/*
 * A path as the kernel has it: its components from the last to the first, each with a NUL, up to
 * the root. `len` is 0 where there is none. Longer paths lose their first components.
 */
struct ipct_path {
	__u16 len;
	__u8 truncated;
	__u8 unused[5];
	char text[IPCT_PATH_LEN];
};

/* mknod of a FIFO, or an open that never returned: known by its path alone. */
struct ipct_path_op {
	struct ipct_op op;
	/* The collector looks the path up as soon as it reads the record. */
	__u64 ino;
	__u32 dev;  /* the kernel's own encoding: major << 20 | minor */
	__u32 mode; /* 0: not found */
	__u32 pid;  /* for the collector's look-up in /proc */
	__u32 unused;
	struct ipct_path base;    /* the directory that `text` is relative to; link: the new name */
	char text[IPCT_TEXT_LEN]; /* as the program gave it */
};

#define IPCT_FORK_SHARES_MEMORY 1 /* vfork(2), CLONE_VM: until it execs */
#define IPCT_FORK_SHARES_FILES  2 /* CLONE_FILES */

struct ipct_fork {
	struct ipct_head head;
	__u64 time_ns;
	__u32 parent; /* process number, 0 if the recording began with this one */
	__u32 tgid;
	__u32 parent_tgid;
	__u32 flags;  /* IPCT_FORK_* */
	__u64 cgroup; /* id of its cgroup of version 2; 0: not known */
	char comm[IPCT_COMM_LEN];
};

struct ipct_exec {
	struct ipct_head head;
	__u64 time_ns;
	__u32 tgid;
	__u32 args_len; /* bytes of `args` in use: the arguments, each with a NUL */
	__u64 cgroup;   /* as in a fork */
	char comm[IPCT_COMM_LEN];
	struct ipct_path exe;
	char args[IPCT_ARGS_LEN];
};

struct ipct_exit {
	struct ipct_head head;
	__u64 time_ns;
	__u32 tgid;
	__s32 status; /* as wait(2) gives it */
	__u64 cpu_ns; /* CPU time of its last thread */
};

/*
 * A thread ended before its process did, or the recording before the thread: a process's CPU time
 * is the sum of these and of what is in its ipct_exit.
 */
struct ipct_cpu {
	struct ipct_head head;
	__u64 cpu_ns; /* since the thread began */
};

/* Comes before the first record with that id. */
struct ipct_cgroup {
	struct ipct_head head;
	__u64 id;
	char path[IPCT_PATH_LEN]; /* from where cgroups are mounted; empty: not known */
};

#define IPCT_OBJECT_INHERITED  1  /* it was there before a traced call touched it */
#define IPCT_OBJECT_OF_PROCESS 4  /* of `process`, or one that is not traced: `pid`, `text` */
#define IPCT_OBJECT_TWO_WAY    2  /* two ends that both send; it has this number and the next */
#define IPCT_OBJECT_AGAIN      8  /* announced before; it has an address or a peer now */
#define IPCT_OBJECT_LASTING    16 /* it stays until a call removes it, though no one holds it */
#define IPCT_OBJECT_MAILBOX    32 /* a socket that anyone can send to who has its address */
#define IPCT_OBJECT_NUMBERED   64 /* the kernel itself numbers its bytes, whoever moves them */

/* A socket's address as the kernel has it: struct sockaddr_un, _in or _in6; len 0: none. */
struct ipct_address {
	__u16 len;
	__u8 data[110];
};

struct ipct_object {
	struct ipct_head head; /* process: who made it, 0 if it was there before */
	__u64 time_ns;
	__u64 ino; /* or what the mechanism has for it: a System V id, a pid */
	__u32 dev;
	__u32 generation; /* i_generation, tells reused inode numbers apart */
	__u32 object;
	__u32 flags;    /* IPCT_OBJECT_* */
	__u64 capacity; /* bytes that it can hold */
	__u64 fill;     /* bytes that it held at first sight; of two ends: for end 0 */
	__u64 fill_one; /* for end 1 */
	__u32 fill_messages, fill_messages_one; /* the same in messages, of what keeps them apart */
	/* What its name is made of: the first that is there of text, holder, process, address,
	 * path. */
	__u32 holder; /* object that it is a part of, at `offset` */
	__u32 pid;    /* of the process at its other end, if that is known and not traced */
	__u64 offset;
	__u32 process;           /* number of the process that it is a part of */
	__u32 capacity_messages; /* that it can hold, whatever their size; 0: no such limit */
	char text[IPCT_NAME_LEN];
	char comm[IPCT_COMM_LEN];          /* of process `pid`; filled in by the collector */
	struct ipct_address local, remote; /* of end 0 and of end 1 */
	struct ipct_path name;
};

struct ipct_fd_range {
	struct ipct_head head;
	__u64 time_ns;
	__u32 first, last;
	__u32 flags; /* CLOSE_RANGE_* */
	__u32 unused;
};

#define IPCT_PASSING_GIVES   1
#define IPCT_PASSING_END_ONE 2 /* by end 1 of the carrier */
#define IPCT_PASSING_PEEK    4 /* it stays in the message and will come out again */
#define IPCT_PASSING_CLOEXEC 8

/* SCM_RIGHTS: one record from the call that sends a fd, one from the call that receives it. */
struct ipct_passing {
	struct ipct_head head; /* mechanism: of the carrier */
	__u64 time_ns;
	__u64 file;      /* address of the struct file: the same on both sides */
	__u32 carrier;   /* number of the object that the message goes over */
	__u32 object;    /* that the fd stands for; 0: none */
	__u32 mechanism; /* of that object */
	__u32 flags;     /* IPCT_PASSING_* */
	__s32 fd;        /* of the process that gives or takes */
	__u32 unused;
	char text[IPCT_NAME_LEN]; /* what is no object and has no path: [eventpoll] */
	struct ipct_path path;
};

struct ipct_holder {
	struct ipct_head head;
	__u64 ino;
	__u32 dev;
	__u32 pid;
	__u32 flags;  /* IPCT_OP_READ_END, IPCT_OP_WRITE_END */
	__u32 object; /* its number; 0: known by `ino` and `dev` alone so far */
	char comm[IPCT_COMM_LEN];
};

struct ipct_touch {
	struct ipct_head head;
	__u32 object;
	__u32 unused;
	__u64 reads, writes;
};

/* Ratios are traced by untraced, in thousandths; 0: not known. */
struct ipct_calibration {
	struct ipct_head head;
	__u32 rounds;
	__u32 unused;
	__u64 untraced_ns, traced_ns; /* medians */
	__u64 ratio, ratio_min, ratio_max;
	__u64 cpu_ratio, cpu_ratio_min, cpu_ratio_max;
};

enum ipct_ended { IPCT_ENDED_PROGRAM, IPCT_ENDED_SIGNAL, IPCT_ENDED_DURATION, IPCT_ENDED_NO_EXEC };

struct ipct_end {
	struct ipct_head head;
	__u64 time_ns;
	__s32 status; /* of the program, as wait(2) gives it; -1 if it still ran */
	__u32 ended;  /* enum ipct_ended */
	__u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT];
	__u64 spool_lost[IPCT_MECH_COUNT]; /* ops dropped because the spool was full */
};

#define IPCT_RECORD_MAX 2048 /* no record is longer */

_Static_assert(sizeof(struct ipct_head) == 8, "ipct_head");
_Static_assert(sizeof(struct ipct_row) == 16, "ipct_row");
_Static_assert(sizeof(struct ipct_op) == 104, "ipct_op");
_Static_assert(sizeof(struct ipct_sleep) == 56, "ipct_sleep");
_Static_assert(sizeof(struct ipct_slept_op) == 160, "ipct_slept_op");
_Static_assert(sizeof(struct ipct_path) == 1032, "ipct_path");
_Static_assert(sizeof(struct ipct_path_op) == 104 + 24 + 1032 + 512, "ipct_path_op");
_Static_assert(sizeof(struct ipct_fork) == 56, "ipct_fork");
_Static_assert(sizeof(struct ipct_exec) == 48 + 1032 + 512, "ipct_exec");
_Static_assert(sizeof(struct ipct_exit) == 32, "ipct_exit");
_Static_assert(sizeof(struct ipct_cpu) == 16, "ipct_cpu");
_Static_assert(sizeof(struct ipct_cgroup) == 16 + 1024, "ipct_cgroup");
_Static_assert(sizeof(struct ipct_object) == 96 + 64 + 16 + 2 * 112 + 1032, "ipct_object");
_Static_assert(sizeof(struct ipct_fd_range) == 32, "ipct_fd_range");
_Static_assert(sizeof(struct ipct_passing) == 48 + 64 + 1032, "ipct_passing");
_Static_assert(sizeof(struct ipct_holder) == 48, "ipct_holder");
_Static_assert(sizeof(struct ipct_touch) == 32, "ipct_touch");
_Static_assert(sizeof(struct ipct_calibration) == 80, "ipct_calibration");
_Static_assert(sizeof(struct ipct_end) % 8 == 0, "ipct_end");

#endif
