/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What every probe shares: the state of a traced thread, the numbering of objects, the ledger's
 * counters, and the ring, which only this file touches.
 *
 * How loading is kept quick: the verifier goes through a static function at each place that calls
 * it and for each state that the caller may be in, and through a loop turn by turn; but once
 * through a global function, whoever calls it, and about twice through a callback of bpf_loop. So
 * what is long or is called from several places is global ("for the verifier's sake"): then it
 * takes nothing but scalars and pointers to plain memory, and finds out the rest for itself. What
 * can have more than a few turns is a bpf_loop. tests/live/load.bats keeps an account of it.
 *
 * On newest kernels the system call tracepoints may be preempted (commit 0850e1bc88b1, 6.13), so
 * nothing here is private to a CPU: counters are added to atomically, and a thread's state is
 * reached only by that thread or, while it is off the CPU, by the scheduler's probe.
 */
#ifndef IPCT_CORE_H
#define IPCT_CORE_H

#include "kernel.h"
#include "schemas/event.h"

#define IPCT_ARGS  6 /* of a system call */
#define LEGS       2 /* objects of one system call: splice has two */
#define CACHE_SIZE 8

/* Set by the loader before the programs are loaded. */
const volatile struct ipct_row rows[IPCT_SYSCALL_SLOTS];
const volatile __u32 mechanism_mask; /* those that are selected, 1 << enum ipct_mechanism */
const volatile __u64 wake_bytes;     /* wake the reader at this fill of the ring */
const volatile __s64 start_s;        /* of the recording, CLOCK_REALTIME */

__u64 stopped_ns; /* set by the loader at the end: when it was, and never 0 then */

__u32 pid_level; /* depth of the recorder's pid namespace: records hold pids as seen there */

__u32 process_count;
__u32 object_count;

/*
 * Calls that have a number: labels of what is met anywhere. It changes all the time, so it is kept
 * out of the cache line of what every call reads.
 */
struct {
	__u8 before[56];
	__u64 n;
	__u8 after[56];
} call_count;

enum call_state {
	CALL_NONE,
	CALL_RUNNING,
	CALL_HELD, /* returned -ERESTART*: it runs on, or the thread dies */
};

/* One object of the current system call. */
struct leg {
	__u32 object;
	__u32 to; /* object of the socket that the last message went to */
	__s32 fd;
	__u32 flags; /* IPCT_OP_* */
	__u8 mechanism;
	__u8 role;
	__u8 two_way; /* the object has two ends, each with a direction of its own */
	__u8 in_window;
	__u8 ordered; /* a window has no more to say: the label was given in the true order */
	__u64 window; /* the window's number when this leg entered it */
	__u64 offset; /* of the bytes that it moved, or the label of its message */
	__u64 key;
	__s64 bytes;   /* that it moved */
	__u64 sock;    /* address of the struct sock, if its family wants it at the end */
	__u64 message; /* UDP: address of the buffer that it sent last, or will get; 0: not known */
	__u32 sequence; /* TCP: number of the first byte that the call can move; UDP: length */
	/*
	 * Of a call that was seen while it held the lock under which the kernel moves the bytes of
	 * a stream: the kernel's numbers at that moment say where they lie, whoever else is inside.
	 */
	bool held;
	__u32 held_start, held_end; /* of the bytes that it has moved or is to move now */
	__u32 held_before;          /* bytes before those, which others' bytes lie between */
};

/* An address and port, in network order; IPv4 as IPv6 maps it. */
struct inet_end {
	__u32 address[4];
	__u32 port;
};

/* The object behind an inode number that is not reused: fs/inode.c get_next_ino. */
struct sight {
	__u32 ino, object;
};

/* Where a walk through the control data of messages is: bpf/passing.h. */
struct passing_place {
	__u64 fd, fd_end, head, head_end, message, message_end, stride;
};

/* Does a thread that sleeps do so for something that a signal can end, and not for memory? */
enum waits {
	WAITS_NOT,
	WAITS_MAYBE, /* it is woken while it goes to sleep, and its state does not say any more */
	WAITS_SURELY,
};

/* Where a walk through the fds of a wait for readiness is: bpf/ready.h. */
struct readiness {
	__u64 set[3];   /* select: what is left of a word of each set */
	__u64 epoll;    /* address of the struct eventpoll */
	__u64 node;     /* of its tree, that comes next */
	__u32 first_fd; /* select: of the next word */
	__u32 events;   /* of the fd that was met last, POLL* */
	__u32 left;     /* fds that are yet to be met */
	__u32 met;      /* of a watched mechanism */
	__u8 ended;     /* the call has: those that are ready are looked for */
	__u8 searched;  /* the tree was walked through */
};

struct thread {
	__u32 process;
	__u32 tid;
	__u8 state; /* enum call_state */
	__u8 row;   /* enum ipct_syscall */
	__u8 legs;
	__u8 emitted;
	__u8 sleeps; /* off the CPU: asleep, not preempted */
	__u8 waits;  /* enum waits */
	__u8 ended;  /* its last record is out */
	__u32 nr;
	__u16 off_cpu;   /* the CPU that the thread left at off_ns */
	__u16 ready_cpu; /* that it was woken from at ready_ns */
	__u64 start_ns;
	__u64 end_ns;               /* CALL_HELD */
	__u64 off_ns;               /* when the thread left the CPU; 0 while it is on one */
	__u64 on_ns;                /* when it came on one last */
	__u64 cpu_ns;               /* CPU time that it had then */
	__u64 ready_ns;             /* when it was last woken */
	__u64 away_ns;              /* off CPU since the last call with a record */
	__u64 blocked_ns;           /* off CPU so far in this call */
	struct ipct_sleep sleep;    /* of this call, as far as it has come */
	__u32 waker, waker_process; /* of ready_ns */
	__s64 result;               /* of the call that ended last */
	__u64 requested;
	__u64 args[IPCT_ARGS];
	struct inet_end to; /* UDP: where the datagram went; port 0: none did */
	__u64 call;         /* number of this call, once it has woken somebody; 0 until then */
	__u64 woken_by;     /* such a number: of the call that woke this one from its last sleep */
	__u64 woken_in;     /* start of the call of this thread that was woken */
	__u64 loose_ns;     /* end of the last call that was let go by an unknown one */
	bool woken_late;    /* who woke it may have meant an earlier call of this thread */
	__u32 wakings;      /* traced threads that this call woke */
	struct leg leg[LEGS];
	struct sight cache[CACHE_SIZE];
	struct passing_place passing;
	struct readiness readiness;
	char path[IPCT_TEXT_LEN]; /* of a call on a path; empty until it is read */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} threads SEC(".maps");

/* The program, set by the loader through its pidfd: its first exec starts the recording. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} roots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024 * 1024); /* the loader sets what --ring says */
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, IPCT_MECH_COUNT *IPCT_COUNT_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

/* What tells an object from all others of its mechanism. */
struct object_key {
	__u64 ino;      /* or what the mechanism has for it */
	__u64 instance; /* address: a FIFO has a new pipe each time that it is opened anew */
	__u32 dev;
	__u32 generation;
	__u32 mechanism;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IPCT_OBJECTS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct object_key);
	__type(value, __u32);
} objects SEC(".maps");

/*
 * A direction of an object. `passed` is the ledger of byte offsets that pairing rests on: it is
 * kept here and not by the reader, so that a lost record leaves a gap but shifts nothing.
 * `window` tells whether two calls moved bytes the same way at the same time: the low 16 bits
 * count the calls inside, the rest counts the entries.
 */
struct flow {
	__u64 passed;
	__u64 window;
	__u64 gaps; /* records that found the ring full, or bytes that a close dropped */
};

#define WINDOW_INSIDE 0xffff
#define WINDOW_ENTRY  0x10000

struct object_state {
	struct flow send, recv;
	__u64 fill;           /* eventfd: its count at first sight; pty: see pty_sleeps */
	__u32 outside_reader; /* pid of the last untraced process that was seen to receive */
	__u32 outside;        /* eventfd: others have changed its count */
	__u32 dropped;        /* how often the kernel dropped what was in a queue of messages */
	__u32 inherited;      /* others may send through the socket */
	__u32 named;          /* the socket's address was announced */
	__u32 astray;         /* it sent messages of which the number or destination is not known */
};

/*
 * By number of the object. An object with two ends has two numbers: bytes for end 0 go by the
 * first, bytes for end 1 by the second.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, IPCT_OBJECTS_MAX + 2);
	__type(key, __u32);
	__type(value, struct object_state);
} object_states SEC(".maps");

/*
 * Messages that passed, by direction of an object and key: the labels of queues and datagrams.
 * What is given and what is taken count apart, so the n-th that was given is the n-th taken.
 */
struct tally_key {
	__u64 key;
	__u32 direction;
	__u32 unused;
};

struct tally {
	__u64 given, taken;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, IPCT_OBJECTS_MAX);
	__type(key, struct tally_key);
	__type(value, struct tally);
} tallies SEC(".maps");

/* The discipline of each mechanism. */
static const __u8 disciplines[IPCT_MECH_COUNT] = {
#define MECHANISM(id, name, title, family, kind, discipline, ...)                                  \
	[IPCT_MECH_##id] = IPCT_DISCIPLINE_##discipline,
#include "schemas/mechanisms.def"
#undef MECHANISM
};

static __always_inline void ledger_count(__u32 mechanism, __u32 what)
{
	__u32 key = mechanism * IPCT_COUNT_COUNT + what;
	__u64 *n = bpf_map_lookup_elem(&counts, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* NULL: it is not traced. Most of these have no task storage at all, which one load shows. */
static __always_inline struct thread *thread_of(struct task_struct *task)
{
	if (!task->bpf_storage)
		return NULL;
	return bpf_task_storage_get(&threads, task, 0, 0);
}

static __always_inline struct thread *thread_new(struct task_struct *task)
{
	struct thread *t = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!t)
		ledger_count(IPCT_MECH_NONE, IPCT_COUNT_THREADS);
	return t;
}

/* Room in the ring for a record that is not an op; NULL is counted. */
#define note_reserve(type_, size)                                                                  \
	({                                                                                         \
		struct ipct_head *head_ = bpf_ringbuf_reserve(&ring, size, 0);                     \
		if (head_) {                                                                       \
			head_->len = size;                                                         \
			head_->type = type_;                                                       \
			head_->mechanism = IPCT_MECH_NONE;                                         \
		} else {                                                                           \
			ledger_count(IPCT_MECH_NONE, IPCT_COUNT_NOTES);                            \
		}                                                                                  \
		(void *)head_;                                                                     \
	})

static __always_inline void note_submit(void *record)
{
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/* The reader wakes by its own timer; only a ring that fills faster than that wakes it. */
static __always_inline __u64 ring_wake_flags(struct thread *t)
{
	if (++t->emitted & 31)
		return BPF_RB_NO_WAKEUP;
	if (bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < wake_bytes)
		return BPF_RB_NO_WAKEUP;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline bool leg_gives(const struct leg *leg)
{
	return leg->role == IPCT_ROLE_SEND || leg->role == IPCT_ROLE_WAKE;
}

/* What polls (it has the flag from the start) only looks. */
static __always_inline bool leg_takes(const struct leg *leg)
{
	return leg->role == IPCT_ROLE_RECV ||
	       (leg->role == IPCT_ROLE_WAIT && !(leg->flags & IPCT_OP_PEEK));
}

/* Number of the direction that the leg gives to or takes from. */
static __always_inline __u32 leg_direction(const struct leg *leg)
{
	bool end_one = leg->flags & IPCT_OP_END_ONE;

	return leg->object + (leg->two_way && end_one != leg_gives(leg));
}

static __always_inline struct flow *leg_flow(const struct leg *leg)
{
	__u32 key = leg_direction(leg);
	struct object_state *s;

	if (!leg->object || (!leg_gives(leg) && !leg_takes(leg)))
		return NULL;
	s = bpf_map_lookup_elem(&object_states, &key);
	if (!s)
		return NULL;
	return leg_gives(leg) ? &s->send : &s->recv;
}

/* Who wakes and who is woken is told by the scheduler. */
static __always_inline bool leg_has_window(const struct leg *leg)
{
	return leg->mechanism != IPCT_MECH_SIGNAL && leg->mechanism != IPCT_MECH_FUTEX &&
	       leg->mechanism != IPCT_MECH_SYSV_SEM;
}

static __always_inline void window_enter(struct leg *leg)
{
	struct flow *flow = leg_flow(leg);
	__u64 old;

	if (!flow || leg->ordered || !leg_has_window(leg))
		return;
	old = __sync_fetch_and_add(&flow->window, WINDOW_ENTRY + 1);
	leg->window = old / WINDOW_ENTRY + 1;
	leg->in_window = 1;
	leg->flags &= ~IPCT_OP_OVERLAPPED;
	if (old & WINDOW_INSIDE)
		leg->flags |= IPCT_OP_OVERLAPPED;
}

/* `flow` is that of the leg. */
static __always_inline void flow_leave(struct leg *leg, struct flow *flow)
{
	__u64 old;

	if (!flow || !leg->in_window)
		return;
	old = __sync_fetch_and_add(&flow->window, -1ULL);
	leg->in_window = 0;
	if (old / WINDOW_ENTRY != leg->window)
		leg->flags |= IPCT_OP_OVERLAPPED;
}

static __always_inline void window_leave(struct leg *leg)
{
	flow_leave(leg, leg_flow(leg));
}

/*
 * The call moved bytes outside of its window, since nobody said that its thread runs again. Others
 * can have done so as well if anyone has entered since it left.
 */
static __always_inline void window_missed(struct leg *leg)
{
	struct flow *flow = leg_flow(leg);

	if (!flow || leg->in_window || leg->ordered || !leg_has_window(leg))
		return;
	if (flow->window / WINDOW_ENTRY != leg->window || flow->window & WINDOW_INSIDE)
		leg->flags |= IPCT_OP_OVERLAPPED;
}

/* Has another call moved bytes the same way so far, or may it have? */
static __always_inline bool leg_overlaps(const struct leg *leg, const struct flow *flow)
{
	__u64 entries = *(volatile const __u64 *)&flow->window / WINDOW_ENTRY;

	return leg->flags & IPCT_OP_OVERLAPPED || !leg->in_window || entries != leg->window;
}

static __always_inline struct tally *tally_of(__u32 direction, __u64 key)
{
	struct tally_key at = {.key = key, .direction = direction};
	struct tally none = {}, *tally = bpf_map_lookup_elem(&tallies, &at);

	if (tally)
		return tally;
	bpf_map_update_elem(&tallies, &at, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&tallies, &at);
}

/*
 * Give the message of this leg the next number among those of its key, as its label. What a peek
 * sees is the next one to be taken.
 */
static __always_inline void leg_label(struct leg *leg, __u64 key)
{
	struct tally *tally = tally_of(leg_direction(leg), key);

	leg->key = key;
	if (!tally)
		return;
	if (leg->flags & IPCT_OP_PEEK)
		leg->offset = tally->taken;
	else
		leg->offset =
			__sync_fetch_and_add(leg_gives(leg) ? &tally->given : &tally->taken, 1);
	leg->flags |= IPCT_OP_LABELLED;
}

/* The number of the thread's call, which it gets when it is first asked for. */
static __always_inline __u64 call_number(struct thread *t)
{
	if (!t->call)
		t->call = __sync_fetch_and_add(&call_count.n, 1) + 1;
	return t->call;
}

#endif
