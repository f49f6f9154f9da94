/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The kernel as the probes see it: only the types and fields that they read, found in the running
 * kernel's BTF by CO-RE. Differences between kernel versions live here, each with the commit that
 * made it, and nowhere else.
 */
#ifndef IPCT_KERNEL_H
#define IPCT_KERNEL_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

typedef _Bool bool;
#define true 1
#define false 0

#define S_IFMT   0170000
#define S_IFIFO  0010000
#define S_IFCHR  0020000
#define S_IFREG  0100000
#define S_IFSOCK 0140000
#define O_DIRECT 00040000

#define FMODE_READ            1
#define FMODE_WRITE           2
#define FMODE_CREATED         0x100000
#define POLLIN                1
#define POLLPRI               2
#define POLLOUT               4
#define SIGNAL_GROUP_EXIT     4
#define TS_COMPAT             2
#define TASK_INTERRUPTIBLE    1
#define TASK_WAKING           0x200
#define PF_KTHREAD            0x00200000
#define THREAD_SIZE           16384 /* arch/x86/include/asm/page_64_types.h */
#define PIPEFS_MAGIC          0x50495045
#define TMPFS_MAGIC           0x01021994
#define HUGETLBFS_MAGIC       0x958458f6
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define PAGE_SIZE             4096
#define PIPE_BUF              4096
#define AF_UNIX               1
#define AF_INET               2
#define AF_INET6              10
#define SOCK_STREAM           1
#define SOCK_DGRAM            2
#define SOCK_SEQPACKET        5
#define SOCK_DONE             1 /* include/net/sock.h: enum sock_flags */
#define SOCK_TYPE_MASK        0xf
#define IPPROTO_TCP           6
#define IPPROTO_UDP           17
#define IPPROTO_FRAGMENT      44
#define TCP_ESTABLISHED       1
#define TCP_SYN_SENT          2
#define MSG_OOB               0x1
#define MSG_PEEK              0x2
#define MSG_WAITALL           0x100
#define MSG_ERRQUEUE          0x2000
#define MSG_CMSG_CLOEXEC      0x40000000
#define SOL_SOCKET            1
#define SCM_RIGHTS            1
#define F_DUPFD               0
#define F_DUPFD_CLOEXEC       1030
#define EINTR                 4
#define EBUSY                 16
#define ENOENT                2
#define ERESTARTSYS           512
#define ERESTART_RESTARTBLOCK 516
#define O_CREAT               0100
#define O_EXCL                0200
#define MQUEUE_MAGIC          0x19800202
#define MSG_COPY              040000
#define SYS_msgrcv            70
#define SYS_mq_timedreceive   243
#define IPC_PRIVATE           0
#define IPC_CREAT             01000
#define IPC_EXCL              02000
#define IPC_RMID              0
#define IPC_INFO              3
#define MSG_STAT              11
#define MSG_STAT_ANY          13
#define SHM_STAT              13
#define SHM_STAT_ANY          15
#define SEM_STAT              18
#define SEM_STAT_ANY          20

/* What a program hands over: include/linux/socket.h; no kernel changes these. */
struct user_msghdr {
	__u64 name;
	__u32 namelen, unused;
	__u64 iov, iovlen;
	__u64 control, controllen;
	__u32 flags, unused2;
};

struct user_mmsghdr {
	struct user_msghdr hdr;
	__u32 len, unused;
};
#define VM_WRITE            0x2
#define VM_MAYWRITE         0x20
#define VM_MAYSHARE         0x80 /* VM_SHARED is not set where the file is open for reading only */
#define MAP_SHARED          0x1
#define MAP_SHARED_VALIDATE 0x3
#define MAP_TYPE            0xf
#define MAP_FIXED           0x10
#define MAP_ANONYMOUS       0x20
#define DEV_ZERO            (1 << 20 | 5) /* include/linux/kdev_t.h: MKDEV(1, 5) */

struct user_iovec {
	__u64 base, len;
};

struct user_pollfd {
	__s32 fd;
	__s16 events, revents;
};

struct user_epoll_event {
	__u32 events;
	__u64 data;
} __attribute__((packed));

struct user_sembuf {
	__u16 num;
	__s16 op;
	__s16 flags;
};

struct user_cmsghdr {
	__u64 len; /* with this head */
	__s32 level, type;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* x86-64: system call arguments in di, si, dx, r10, r8, r9 */
struct pt_regs {
	unsigned long r10, r9, r8, dx, si, di, orig_ax;
};

struct thread_info {
	__u32 status; /* arch/x86/include/asm/thread_info.h: TS_COMPAT */
};

struct bpf_local_storage;
struct dentry;
struct mount;
struct pipe_inode_info;

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount { /* fs/mount.h */
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct qstr {
	const unsigned char *name;
};

typedef struct {
	int counter;
} atomic_t;

struct timespec64 {
	long long tv_sec;
};

struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct super_block *d_sb;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	__u32 i_generation;
	__u32 i_rdev; /* major << 20 | minor */
	long long i_size;
	atomic_t i_writecount; /* how often it is open for writing */
	struct pipe_inode_info *i_pipe;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct file {
	unsigned int f_mode;
	unsigned int f_flags;
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
	struct hlist_head *f_ep; /* epoll's items of it: 5.11 */
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path pwd;
};

struct maple_tree {
	void *ma_root;
};

struct maple_range_64 { /* a node of a tree; arrays are read by their offsets */
	unsigned long pivot[15];
	void *slot[16];
};

struct maple_arange_64 {
	unsigned long pivot[9];
	void *slot[10];
};

struct mm_struct {
	unsigned long arg_start, arg_end;
	struct file *exe_file;
	struct maple_tree mm_mt; /* the mappings, since 6.1 (commit d4af56c5c7c6) */
};

struct vm_area_struct {
	unsigned long vm_start, vm_end;
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
	unsigned long vm_pgoff; /* in pages */
	struct file *vm_file;
};

struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[]; /* one for each namespace, from the initial one down */
};

struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
};

struct xarray {
	void *xa_head;
};

struct xa_node { /* include/linux/xarray.h; slots are read by their offset */
	unsigned char shift;
	void *slots[64];
};

struct idr {
	struct xarray idr_rt;
};

struct ipc_ids {
	int in_use;
	struct idr ipcs_idr;
};

struct ipc_namespace {
	struct ipc_ids ids[3];
	unsigned int mq_queues_count;
};

struct nsproxy {
	struct ipc_namespace *ipc_ns;
};

struct kern_ipc_perm { /* the head of each System V object */
	int id;
	int key;
};

struct list_head {
	struct list_head *next;
};

struct shmid_kernel {
	unsigned long shm_segsz;
};

struct msg_queue {
	unsigned long q_cbytes, q_qnum; /* inside: bytes, messages */
	unsigned long q_qbytes;
	struct list_head q_messages;
};

struct msg_msg { /* include/linux/msg.h: of both kinds of queues; the text follows */
	struct list_head m_list;
	long m_type;
	unsigned long m_ts;
};

struct mq_attr {
	long mq_maxmsg, mq_msgsize, mq_curmsgs;
};

struct eventfd_ctx { /* fs/eventfd.c */
	__u64 count;
	int id;
};

struct rb_node {
	unsigned long __rb_parent_color; /* the parent's address, and a bit for the colour */
	struct rb_node *rb_right, *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

struct eventpoll {
	struct rb_root_cached rbr; /* of its items: fs/eventpoll.c */
};

struct epoll_filefd {
	struct file *file;
	int fd;
};

struct epoll_event {
	__u64 data;
};

struct epitem { /* fs/eventpoll.c: a file that an instance watches, and what for */
	struct rb_node rbn;
	struct epoll_filefd ffd;
	struct eventpoll *ep;
	struct hlist_node fllink; /* in the file's f_ep */
	struct epoll_event event;
};

struct mqueue_inode_info { /* ipc/mqueue.c */
	struct inode vfs_inode;
	struct mq_attr attr;
	unsigned long qsize;
};

struct task_struct___old {
	long state; /* until 5.14: commit 2f064a59a11f */
};

struct sched_entity {
	__u64 sum_exec_runtime; /* ns on a CPU, as of the last tick or switch */
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp; /* of version 2 */
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	void *stack;
	unsigned int flags; /* PF_* */
	struct sched_entity se;
	struct mm_struct *mm;
	int exit_code;
	int pid, tgid;
	__u64 start_time; /* ns, CLOCK_MONOTONIC */
	struct task_struct *group_leader;
	struct task_struct *real_parent;
	struct pid *thread_pid;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
	int pagefault_disabled;
	struct bpf_local_storage *bpf_storage; /* NULL: no map has anything for it; 5.11 */
};

struct sock;

struct socket {
	struct file *file;
	struct sock *sk;
};

struct socket_alloc { /* include/net/sock.h: a socket and its inode */
	struct socket socket;
	struct inode vfs_inode;
};

struct in6_addr {
	struct {
		__u32 u6_addr32[4];
	} in6_u;
};

struct net {
	__u64 net_cookie; /* of no other namespace, also not later: 5.12 */
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common { /* addresses and skc_dport in network order, skc_num not */
	__u32 skc_daddr, skc_rcv_saddr;
	__u16 skc_dport, skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	unsigned long skc_flags;
};

struct iov_iter {
	unsigned long count; /* bytes that are left to be moved */
};

struct msghdr {
	struct iov_iter msg_iter;
};

struct sk_buff {
	struct sk_buff *next;
	struct sock *sk; /* while it is queued: that sent it */
	unsigned int len;
	int skb_iif; /* device that it came in through */
	unsigned char *head;
	__u16 transport_header, network_header;
	char cb[48];
};

struct sk_buff_head {
	struct sk_buff *next, *prev;
	__u32 qlen;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type, sk_protocol;
	int sk_sndbuf, sk_rcvbuf;
	__u32 sk_max_ack_backlog;
	int sk_peek_off; /* -1: a peek starts at what comes next */
	struct socket *sk_socket;
	struct pid *sk_peer_pid;
	struct sk_buff_head sk_receive_queue;
};

struct unix_skb_parms { /* in sk_buff.cb */
	struct pid *pid;
	__u32 consumed;
};

struct inet_sock {
	__u16 inet_sport; /* network order */
};

struct udp_sock {
	struct sk_buff_head reader_queue; /* before those of sk_receive_queue: 4.13 */
};

struct tcp_ulp_ops;

struct inet_connection_sock {
	const struct tcp_ulp_ops *icsk_ulp_ops; /* such as TLS; NULL */
};

struct tcp_sock {
	__u32 write_seq, snd_una;  /* next byte to be sent by a call, first one not acknowledged */
	__u32 copied_seq, rcv_nxt; /* next byte for a call to receive, next one from the peer */
	__u64 bytes_acked, bytes_received;
};

struct unix_address {
	int len; /* of the struct sockaddr_un that lies behind it */
};

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};

struct kernel_siginfo {
	int si_code;
};

struct ktermios {
	unsigned int c_iflag, c_oflag, c_lflag;
};

struct tty_driver {
	int major;
};

struct tty_struct {
	int index;
	struct tty_driver *driver;
	struct ktermios termios;
	struct tty_struct *link;
	struct {
		bool packet;
	} ctrl; /* 5.14: commit 64d608db38ff */
};

struct tty_file_private {
	struct tty_struct *tty;
};

struct linux_binprm {
	int argc;
};

struct pipe_buffer {
	unsigned int len;
};

struct pipe_inode_info {
	/*
	 * Plain members until 6.14, in a tagged anonymous union with a type of their own since
	 * (commit 3d25216, "fs/pipe: Introduce struct pipe_index"): read by kernel_field().
	 */
	unsigned int head, tail;
	unsigned int max_usage; /* 5.5; slots that may be filled */
	unsigned int ring_size; /* a power of two */
	unsigned int r_counter, w_counter;
	struct pipe_buffer *bufs;
};

/* When it was changed: until 6.5; then (commit 12cd44023651) until 6.10; since 3aa63a569c64. */
struct inode___6_5 {
	struct timespec64 i_mtime;
};

struct inode___6_10 {
	struct timespec64 __i_mtime;
};

struct inode___6_11 {
	long long i_mtime_sec;
};

struct bpf_iter_meta;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

/*
 * Does an interrupt run, over what the task was doing in the kernel? Interrupts and softirqs have
 * stacks of their own (arch/x86/include/asm/irq_stack.h), and the arguments of a tracepoint's
 * program lie on the stack that is in use (kernel/trace/bpf_trace.c: bpf_trace_run1). Counters
 * that say the same cannot be read where the kernel keeps the names of its variables to itself.
 */
static __always_inline bool in_interrupt(struct task_struct *task, const void *arguments)
{
	const void *here = arguments;
	__u64 at = 0;

	bpf_probe_read_kernel(&at, sizeof(at), &here);
	return at - (__u64)BPF_CORE_READ(task, stack) >= THREAD_SIZE;
}

/*
 * Is the task, which is not interrupted in the kernel, in there by itself? An interrupt over user
 * code runs on the task's own stack; what the task entered the kernel with is at the end of that,
 * and only a system call has a number there.
 */
static __always_inline bool task_in_call(struct task_struct *task)
{
	char *stack = BPF_CORE_READ(task, stack);
	struct pt_regs *regs = (void *)(stack + THREAD_SIZE - bpf_core_type_size(struct pt_regs));

	return BPF_CORE_READ(task, flags) & PF_KTHREAD || (long)BPF_CORE_READ(regs, orig_ax) >= 0;
}

static __always_inline __u64 task_state(struct task_struct *task)
{
	struct task_struct___old *old = (void *)task;

	return bpf_core_field_exists(task->__state) ? BPF_CORE_READ(task, __state)
						    : BPF_CORE_READ(old, state);
}

static __always_inline __s64 inode_changed_s(void *inode)
{
	struct inode___6_5 *old = inode;
	struct inode___6_10 *middle = inode;
	struct inode___6_11 *new = inode;

	if (bpf_core_field_exists(new->i_mtime_sec))
		return BPF_CORE_READ(new, i_mtime_sec);
	return bpf_core_field_exists(middle->__i_mtime) ? BPF_CORE_READ(middle, __i_mtime.tv_sec)
							: BPF_CORE_READ(old, i_mtime.tv_sec);
}

/*
 * Kernel memory is read by loads of the program's own where an address can be given a type (6.2,
 * commit a35b9af4ec2c), and elsewhere by a helper, which costs ten times as much. A load from an
 * address that is not mapped gives 0, as the helper does.
 */
extern void *bpf_rdonly_cast(const void *address, __u32 type) __ksym __weak;

/*
 * Set by the loader: the kernel has bpf_rdonly_cast, and the numbers of these structs among the
 * kernel's own types. CO-RE would give those of the excerpt that it is resolved against.
 */
const volatile bool casts;
const volatile __u32 type_file, type_inode, type_rb_node, type_sock, type_socket_alloc,
	type_tcp_sock;

/* `address` as a struct `type`. For the verifier it is no number any more. */
#define kernel_struct(type, address)                                                               \
	((struct type *)(casts ? bpf_rdonly_cast((void *)(address), type_##type)                   \
			       : (void *)(address)))

/*
 * A field of what kernel_struct() gave. The barrier keeps the compiler from making one load of
 * both ways, which leaves an address of the stack in r0: 6.1 refuses to return from a function so.
 */
#define kernel_read(from, field)                                                                   \
	(casts ? (from)->field : ({                                                                \
		typeof((from)->field) field_ = BPF_CORE_READ(from, field);                         \
		barrier_var(field_);                                                               \
		field_;                                                                            \
	}))

/* The word at `address`; its type is that of any structure that begins with one. */
static __always_inline __u64 kernel_word(__u64 address)
{
	return kernel_read(kernel_struct(rb_node, address), __rb_parent_color);
}

/* A pointer among the fields of what is at `from`, as a number for the verifier. */
#define kernel_pointer(from, field) ((typeof((from)->field))kernel_word((__u64) & (from)->field))

/* A field whose width may differ between kernels, zero-extended. */
#define kernel_field(from, field)                                                                  \
	({                                                                                         \
		__u64 value_ = 0;                                                                  \
		bpf_probe_read_kernel(&value_, bpf_core_field_size((from)->field),                 \
				      &(from)->field);                                             \
		value_;                                                                            \
	})

#endif
