/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Which family answers for what: the only place that knows all of them. A family says which object
 * is behind an fd (or an id, an address, a pid) of the calling thread, and at the end of a call
 * what it moved. To add a family: a file of its own, and a line in each switch here that it needs.
 */
#ifndef IPCT_FAMILY_H
#define IPCT_FAMILY_H

#include "anon.h"
#include "eventfd.h"
#include "futex.h"
#include "ipc.h"
#include "memory.h"
#include "mqueue.h"
#include "pipe.h"
#include "process_vm.h"
#include "pty.h"
#include "sem.h"
#include "signal.h"
#include "socket.h"

static __always_inline bool family_of_regular(struct thread *t, struct file *file,
					      struct inode *inode, struct leg *leg, __u32 mask,
					      __u32 flags)
{
	if (mqueue_resolve(t, file, inode, leg, mask, flags))
		return true;
	if (memory_resolve(t, file, leg, mask, flags))
		return true;
	switch (anon_kind(file, inode)) {
	case ANON_EVENTFD:
		return mask & 1u << IPCT_MECH_EVENTFD && eventfd_resolve(t, file, leg, flags);
	case ANON_SIGNALFD:
		return mask & 1u << IPCT_MECH_SIGNAL && signalfd_resolve(t, leg);
	default:
		return false;
	}
}

/*
 * What is behind the file at `address`, for leg `index` of the current thread: sets mechanism and
 * object (0: no room), and what of flags and two_way the family knows. False: nothing that is
 * selected by `mask`. A global function, as object_first_sight is, for the verifier's sake.
 */
__noinline int family_of_file(__u64 address, __u32 index, __u32 mask, __u32 flags)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct file *file = (struct file *)address;
	struct inode *inode = kernel_pointer(file, f_inode);
	struct leg *leg;

	if (!t || index >= LEGS)
		return false;
	leg = &t->leg[index];
	switch (kernel_read(kernel_struct(inode, inode), i_mode) & S_IFMT) {
	case S_IFIFO:
		return pipe_resolve(t, file, leg, mask, flags);
	case 0: /* the anonymous inode, until it became a regular file in 6.16: cfd86ef7e8e7 */
	case S_IFREG:
		return family_of_regular(t, file, inode, leg, mask, flags);
	case S_IFCHR:
		return pty_resolve(t, file, inode, leg, mask, flags);
	case S_IFSOCK:
		return socket_resolve(t, file, inode, leg, mask, flags);
	}
	return false;
}

/*
 * The call cannot be on anything but the one mechanism of its row, and its fd stands for nothing:
 * it is an op without object, which will fail. (That of ioctl can be on anything.)
 */
static __always_inline bool family_only(const volatile struct ipct_row *row)
{
	return row->shape == IPCT_SHAPE_FD && row->mechanism == IPCT_MECH_POSIX_MQ;
}

/*
 * The objects of a call whose shape is not one of fds, from its arguments, into the thread's legs.
 * False: none that is selected; the call is no op.
 */
static __always_inline bool family_of_call(struct thread *t, const volatile struct ipct_row *row)
{
	switch (row->shape) {
	case IPCT_SHAPE_PROCESS:
		return process_vm_begin(t->args[0], row->role);
	case IPCT_SHAPE_SELF:
		return signal_self_begin(0);
	case IPCT_SHAPE_IPC:
		if (!ipc_begin(row->mechanism, t->args[0], row->role))
			return false;
		queue_begun(t, &t->leg[0]);
		if (row->mechanism == IPCT_MECH_SYSV_SEM)
			sem_role(t, &t->leg[0]);
		return true;
	case IPCT_SHAPE_IPC_RETURNED:
		t->args[5] = ipc_in_use(row->mechanism);
		return true;
	case IPCT_SHAPE_FD_RETURNED:
		if (row->id == IPCT_SYS_mq_open)
			t->args[5] = mqueue_count();
		return true;
	case IPCT_SHAPE_MAP:
		return map_begin(row->mask);
	case IPCT_SHAPE_MEMORY:
		return range_begin(row->mask, row->role);
	case IPCT_SHAPE_WORD:
	case IPCT_SHAPE_WORD_ARRAY:
		return futex_call(t, row);
	}
	return true;
}

/* An fd of the thread stands for an object from now on: the call opened or made it. */
static __always_inline void family_opened(struct leg *leg)
{
	if (leg->mechanism == IPCT_MECH_FIFO)
		fifo_opened(leg);
	if (leg->mechanism == IPCT_MECH_POSIX_SHM)
		memory_opened(leg);
}

/* The same of what is no pipe and no FIFO, for leg `index` of the current thread. Global, too. */
__noinline int family_begun_other(__u32 index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	const volatile struct ipct_row *row;
	struct leg *leg;

	if (!t || index >= LEGS)
		return 0;
	leg = &t->leg[index];
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	if (1u << leg->mechanism & SOCKETS)
		socket_begun(t, leg, current_file(leg->fd), row);
	if (leg->mechanism == IPCT_MECH_PTY)
		pty_begun(leg, current_file(leg->fd));
	queue_begun(t, leg);
	if (leg->mechanism == IPCT_MECH_EVENTFD && leg->role == IPCT_ROLE_CLOSE)
		eventfd_check(leg); /* it may be gone when the call ends */
	return 0;
}

/* A call on an fd begins: what its other arguments say of how it moves bytes. */
static __always_inline void family_begun(const struct thread *t, __u32 index)
{
	__u32 mechanism = t->leg[index].mechanism;

	if (mechanism != IPCT_MECH_PIPE && mechanism != IPCT_MECH_FIFO)
		family_begun_other(index);
}

/* The same of what is no pipe, FIFO or socket, for leg `index` of the current thread. Global, too.
 */
__noinline int family_ended_other(__u32 index, __s64 result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	struct leg *leg;

	if (!t || index >= LEGS)
		return 0;
	leg = &t->leg[index];
	if (leg->flags & IPCT_OP_RANGE)
		memory_ended(t, leg, result);
	switch (leg->mechanism) {
	case IPCT_MECH_POSIX_MQ:
		queue_ended(t, leg, result);
		break;
	case IPCT_MECH_SYSV_MQ:
		queue_ended(t, leg, result);
		ipc_ended(t, leg, result);
		break;
	case IPCT_MECH_SYSV_SEM:
		sem_ended(t, leg, result);
		ipc_ended(t, leg, result);
		break;
	case IPCT_MECH_SYSV_SHM:
	case IPCT_MECH_POSIX_SHM:
	case IPCT_MECH_MEMFD:
	case IPCT_MECH_MMAP_FILE:
	case IPCT_MECH_MMAP_ANON:
		if (!(leg->flags & IPCT_OP_RANGE))
			memory_ended(t, leg, result);
		break;
	case IPCT_MECH_EVENTFD:
		eventfd_ended(t, leg, result);
		break;
	case IPCT_MECH_SIGNAL:
		signal_ended(t, leg, result);
		break;
	case IPCT_MECH_FUTEX:
		futex_ended(t, leg, result);
		break;
	case IPCT_MECH_PTY:
		pty_ended(t, leg, result);
		break;
	}
	return 0;
}

/*
 * The call has ended with `result` and moved `leg->bytes`, as far as the result says. Sets key and
 * label, and for what the result does not say, the bytes.
 */
static __always_inline void family_ended(struct thread *t, __u32 index, __s64 result)
{
	switch (t->leg[index].mechanism) {
	case IPCT_MECH_PIPE:
		break;
	case IPCT_MECH_FIFO:
		fifo_opens(&t->leg[index]);
		break;
	case IPCT_MECH_UNIX_STREAM:
	case IPCT_MECH_UNIX_DGRAM:
	case IPCT_MECH_UNIX_SEQPACKET:
	case IPCT_MECH_TCP:
		socket_ended(index, result);
		break;
	case IPCT_MECH_UDP:
		udp_ended(index, result);
		socket_ended(index, result);
		break;
	default:
		family_ended_other(index, result);
	}
}

/* What the leg moved of its stream: bytes, or counts. */
static __always_inline __s64 family_units(const struct leg *leg)
{
	return leg->mechanism == IPCT_MECH_EVENTFD ? eventfd_units(leg) : leg->bytes;
}

/* The leg has its place in the stream, and has not left its window. */
static __always_inline void family_passed(struct leg *leg)
{
	if (leg->mechanism == IPCT_MECH_EVENTFD && (leg_gives(leg) || leg_takes(leg)))
		eventfd_check(leg);
}

/* The thread goes to sleep in the call. */
static __always_inline void family_sleeps(const struct leg *leg)
{
	if (leg->mechanism == IPCT_MECH_PTY)
		pty_sleeps(leg);
}

/* The leg's window opens: from now on, until it closes, the call can move bytes. */
static __always_inline void family_entered(struct leg *leg)
{
	if (leg->mechanism == IPCT_MECH_TCP && leg->in_window && !leg->held)
		leg->sequence = tcp_next(leg);
	if (leg->mechanism == IPCT_MECH_UDP && leg->in_window && leg_takes(leg))
		udp_look(leg);
}

/* The calling thread sends a packet, which may be one of its own, or goes out as others do. */
static __always_inline void family_packet(struct thread *t, struct sk_buff *skb)
{
	__u64 sender = (__u64)BPF_CORE_READ(skb, sk);

	for (int i = 0; i < LEGS; i++)
		if (sender && i < t->legs && t->leg[i].mechanism == IPCT_MECH_UDP &&
		    t->leg[i].sock == sender && leg_gives(&t->leg[i]))
			udp_packet((__u64)skb, i);
}

/* A receive of several messages has got one of them, of `len` bytes, from `sk`. */
static __always_inline void family_received(struct thread *t, struct sock *sk, __s32 len)
{
	struct leg *leg = &t->leg[0];

	if (!t->legs || leg->mechanism != IPCT_MECH_UDP || leg->sock != (__u64)sk || len < 0 ||
	    !leg_takes(leg) || !(rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].flags & IPCT_ROW_MMSG))
		return;
	udp_taken(leg, len, len);
	part_emit(t, leg, len);
	leg->flags &= ~IPCT_OP_LABELLED;
	udp_look(leg);
}

/*
 * The calling thread takes `len` bytes of `skb` from a queue, or peeks at them, and holds the lock
 * of that: the label of the message, or the place of the bytes in the stream.
 */
static __always_inline void family_copies(struct thread *t, struct sk_buff *skb, __u32 len)
{
	struct leg *leg = &t->leg[0];

	if (!t->legs)
		return;
	if (1u << leg->mechanism & UNIX_PACKETS)
		unix_taken(t, leg, skb, len);
	if (leg->mechanism == IPCT_MECH_TCP)
		tcp_receives(t, leg, skb, len);
}

/* The calling thread holds the lock of `sk` to copy into it what a call sends: `left` bytes. */
static __always_inline void family_sends(struct thread *t, struct sock *sk, __u64 left)
{
	struct leg *leg = &t->leg[0];

	if (t->legs == 1 && leg->mechanism == IPCT_MECH_TCP && leg->sock == (__u64)sk &&
	    leg_gives(leg))
		tcp_sends(t, leg, sk, left);
}

/* The calling thread has put something into the queue of `sk`, or something else came there. */
static __always_inline void family_delivered(struct thread *t, struct sock *sk)
{
	for (int i = 0; i < LEGS; i++)
		if (i < t->legs && 1u << t->leg[i].mechanism & UNIX_PACKETS)
			socket_delivered(t, &t->leg[i], (__u64)sk);
	if (t->legs == 1 && t->leg[0].mechanism == IPCT_MECH_UNIX_STREAM)
		socket_streamed(t, (__u64)sk);
}

/* A call that failed before it had an object is an op on none of its mechanism. */
static __always_inline void family_failed(struct thread *t, const volatile struct ipct_row *row,
					  __s64 result)
{
	__u32 mechanism;

	if (result >= 0 || t->legs)
		return;
	if (row->shape == IPCT_SHAPE_TARGET && signal_sent_by(t, row))
		leg_none(t, IPCT_MECH_SIGNAL, row->role);
	if (row->shape == IPCT_SHAPE_IPC_RETURNED)
		leg_none(t, row->mechanism, ipc_get_role(t, row));
	if (row->shape == IPCT_SHAPE_FD_RETURNED && row->mechanism && result > -ERESTARTSYS)
		leg_none(t, row->mechanism, open_role(t, row));
	if (row->shape == IPCT_SHAPE_FD_ARRAY && row->mechanism)
		leg_none(t, row->mechanism, row->role);
	if (row->id == IPCT_SYS_socket || row->id == IPCT_SYS_socketpair) {
		mechanism = asked_mechanism(t->args[0], t->args[1], t->args[2]);
		if (row->mask & 1u << mechanism)
			leg_none(t, mechanism, row->role);
	}
}

/* May the call be given up as a mover of bytes while it sleeps? See window_pause. */
static __always_inline bool family_pauses(const struct thread *t, const struct leg *leg)
{
	if (1u << leg->mechanism & SOCKETS)
		return socket_pauses(t, leg);
	if (leg_takes(leg))
		return true;
	/* fs/eventfd.c: a write that sleeps has added nothing */
	if (leg->mechanism == IPCT_MECH_EVENTFD)
		return true;
	/* fs/pipe.c: what writes to a FIFO may also wait for a disk, to note the time of the write
	 */
	if (leg->mechanism == IPCT_MECH_FIFO && t->waits != WAITS_SURELY)
		return false;
	return (leg->mechanism == IPCT_MECH_PIPE || leg->mechanism == IPCT_MECH_FIFO) &&
	       t->legs == 1 && t->requested <= PIPE_BUF;
}

/*
 * `t`, or if it is NULL someone else, wakes a thread that is in a call: `t` may have handed over
 * what that one waits for. A family that can tell remembers it in the two.
 */
static __always_inline void family_wakes(struct thread *t, struct thread *woken,
					 struct task_struct *task)
{
	woken->woken_by = 0;
	if (!t || !t->legs)
		return;
	if (t->leg[0].mechanism == IPCT_MECH_SYSV_SEM)
		sem_wakes(t, woken, task);
	if (t->leg[0].mechanism == IPCT_MECH_FUTEX)
		futex_wakes(t, woken);
}

/* What the open file at `fd` says of a leg whose object is known, and what the call does to it. */
static __always_inline void leg_of_file(struct thread *t, struct leg *leg, struct file *address,
					__u32 fd, __u32 role)
{
	struct file *file = kernel_struct(file, address);
	__u32 mode = kernel_read(file, f_mode);

	leg->fd = fd;
	leg->flags |= (mode & (FMODE_READ | FMODE_WRITE)) * IPCT_OP_READ_END;
	if (role == IPCT_ROLE_BY_END)
		role = mode & FMODE_WRITE ? IPCT_ROLE_SEND : IPCT_ROLE_RECV;
	if (leg->mechanism == IPCT_MECH_SIGNAL && role == IPCT_ROLE_RECV)
		role = IPCT_ROLE_WAIT;
	if (leg->mechanism == IPCT_MECH_POSIX_MQ)
		role = mqueue_role(t, role);
	leg->role = role;
	if (role == IPCT_ROLE_SEND && leg->mechanism == IPCT_MECH_PIPE &&
	    kernel_read(file, f_flags) & O_DIRECT)
		leg->flags |= IPCT_OP_PACKET;
}

_Static_assert(FMODE_READ *IPCT_OP_READ_END == IPCT_OP_READ_END &&
		       FMODE_WRITE * IPCT_OP_READ_END == IPCT_OP_WRITE_END,
	       "how a file was opened is told by the same bits");

/*
 * Fill the thread's leg `index` from the fd, which stands for `file`, if it is one of a mechanism
 * in `mask`; the object may be 0: no room.
 */
static __always_inline bool leg_of_fd(struct thread *t, struct file *file, __u32 index, __u32 fd,
				      __u32 role, __u32 mask, __u32 flags)
{
	struct leg *leg = &t->leg[index];

	if (!file)
		return false;
	leg_clear(leg);
	if (!family_of_file((__u64)file, index, mask, flags))
		return false;
	leg_of_file(t, leg, file, fd, role);
	return true;
}

/* The same of the current thread, where the call is not one of the quickest. */
__noinline int leg_find(__u32 index, __u32 fd, __u32 role, __u32 mask, __u32 flags)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());

	return t && index < LEGS && leg_of_fd(t, current_file(fd), index, fd, role, mask, flags);
}

/*
 * The same, and count it as seen. `flags` is IPCT_OBJECT_INHERITED unless the call made the object.
 */
static __always_inline bool leg_resolve(struct thread *t, __u32 index, __u32 fd, __u32 role,
					__u32 mask, __u32 flags)
{
	return leg_find(index, fd, role, mask, flags) && leg_seen(&t->leg[index]);
}

#endif
