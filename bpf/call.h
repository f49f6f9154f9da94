/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * One system call of one traced thread, from entry to return: call_begin resolves its objects
 * while the fds still stand for them, call_end stamps and emits one record for each.
 *
 * A call interrupted by a signal returns -ERESTART* and then either runs on in its thread (a
 * handler, a restart) or never does (the signal kills). Which of the two is known only later, so
 * the call is held until the thread makes another call or exits.
 */
#ifndef IPCT_CALL_H
#define IPCT_CALL_H

#include "passing.h"
#include "process.h"
#include "ready.h"

#define IOVECS_MAX 1024 /* UIO_MAXIOV */

/* Is the call with this number of any interest? Most are not, and end here. */
static __always_inline bool call_has_row(__u64 nr)
{
	return nr < IPCT_SYSCALL_SLOTS && rows[nr].shape != IPCT_SHAPE_NONE;
}

static __always_inline const volatile struct ipct_row *call_row(const struct thread *t)
{
	return &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
}

/* 0 for IPCT_ARG_NONE. */
static __always_inline __u64 call_arg(const struct thread *t, __u32 n)
{
	__u64 i = n;

	barrier_var(i); /* what is compared is what is used */
	return i < IPCT_ARGS ? t->args[i] : 0;
}

/* A sum over an array in the program's memory. */
struct array_sum {
	__u64 address, sum;
};

/* Callbacks of bpf_loop, for iovec_bytes and those that follow it. */
static long iovec_add(__u32 i, struct array_sum *s)
{
	struct user_iovec v;

	if (bpf_probe_read_user(&v, sizeof(v), (void *)(s->address + i * sizeof(v))))
		return 1;
	s->sum += v.len;
	return 0;
}

/* Global, for the verifier's sake: see core.h. */
__noinline __u64 iovec_bytes(__u64 iov, __u64 count)
{
	struct array_sum s = {.address = iov};

	bpf_loop(count < IOVECS_MAX ? count : IOVECS_MAX, iovec_add, &s, 0);
	return s.sum;
}

/* The bytes that a struct msghdr in the program's memory has room for. Global, like the others. */
__noinline __u64 message_bytes(__u64 msghdr)
{
	struct user_msghdr msg;

	if (bpf_probe_read_user(&msg, sizeof(msg), (void *)msghdr))
		return 0;
	return iovec_bytes(msg.iov, msg.iovlen);
}

static long message_add(__u32 i, struct array_sum *s)
{
	s->sum += message_bytes(s->address + i * sizeof(struct user_mmsghdr));
	return 0;
}

/* The same of several. */
__noinline __u64 messages_bytes(__u64 mmsghdr, __u64 count)
{
	struct array_sum s = {.address = mmsghdr};

	bpf_loop(count < MESSAGES_MAX ? count : MESSAGES_MAX, message_add, &s, 0);
	return s.sum;
}

/* The bytes that one of several messages had; what was cut off does not count. Global, too. */
__noinline __u64 message_moved(__u64 mmsghdr)
{
	struct user_mmsghdr msg;
	__u64 room;

	if (bpf_probe_read_user(&msg, sizeof(msg), (void *)mmsghdr))
		return 0;
	room = iovec_bytes(msg.hdr.iov, msg.hdr.iovlen);
	return msg.len < room ? msg.len : room;
}

static long message_moved_add(__u32 i, struct array_sum *s)
{
	s->sum += message_moved(s->address + i * sizeof(struct user_mmsghdr));
	return 0;
}

__noinline __u64 messages_moved(__u64 mmsghdr, __u64 count)
{
	struct array_sum s = {.address = mmsghdr};

	bpf_loop(count < MESSAGES_MAX ? count : MESSAGES_MAX, message_moved_add, &s, 0);
	return s.sum;
}

static __always_inline __u64 call_requested(const struct thread *t,
					    const volatile struct ipct_row *row)
{
	if (row->len == IPCT_ARG_NONE)
		return 0;
	if (row->flags & IPCT_ROW_MSG)
		return message_bytes(call_arg(t, row->len));
	if (row->flags & IPCT_ROW_MMSG)
		return messages_bytes(call_arg(t, row->len), call_arg(t, row->len + 1));
	if (row->flags & IPCT_ROW_IOV)
		return iovec_bytes(call_arg(t, row->len - 1), call_arg(t, row->len));
	return call_arg(t, row->len);
}

/* The row's two extra arguments, low halves. */
static __always_inline __u64 call_extra(const struct thread *t, const volatile struct ipct_row *row)
{
	__u64 how;

	if (row->arg == IPCT_ARG_NONE)
		return 0;
	if (row->flags & IPCT_ROW_HOW)
		return bpf_probe_read_user(&how, sizeof(how), (void *)call_arg(t, row->arg))
			       ? 0
			       : (__u32)how;
	return (__u32)call_arg(t, row->arg) | call_arg(t, row->arg + 1) << 32;
}

static __always_inline bool fcntl_dups(const struct thread *t)
{
	return t->args[1] == F_DUPFD || t->args[1] == F_DUPFD_CLOEXEC;
}

/*
 * A receive that sleeps has taken nothing yet, and a send of at most PIPE_BUF that sleeps has put
 * nothing in (fs/pipe.c: pipe_read, pipe_write), so the window of such a call is the time after
 * its last sleep: readers that wait side by side do not make each other's messages ambiguous.
 */
static __always_inline void window_pause(struct thread *t)
{
	for (int i = 0; i < LEGS; i++)
		if (i < t->legs && family_pauses(t, &t->leg[i]))
			window_leave(&t->leg[i]);
}

__noinline int path_read(struct thread *t, __u64 address)
{
	if (t && !t->path[0] &&
	    bpf_probe_read_user_str(t->path, sizeof(t->path), (void *)address) <= 0)
		t->path[0] = 0;
	return 0;
}

/*
 * The path that the call was given. Read when the kernel has read it and the thread is still there
 * to lend its memory: as it goes to sleep in an open, or at the end.
 */
static __always_inline void path_capture(struct thread *t)
{
	const volatile struct ipct_row *row = call_row(t);

	if (row->shape == IPCT_SHAPE_FD_RETURNED || row->shape == IPCT_SHAPE_PATH)
		path_read(t, call_arg(t, row->fd2));
}

/*
 * The thread leaves its CPU: preempted, or asleep, and then for something that a signal can end or
 * not. Who wakes it may be ahead of this.
 */
static __always_inline void call_leaves(struct thread *t, struct task_struct *task, bool preempt)
{
	__u64 state = task_state(task);

	t->off_ns = bpf_ktime_get_ns();
	t->off_cpu = bpf_get_smp_processor_id();
	t->sleeps = !preempt && state;
	t->waits = !t->sleeps                   ? WAITS_NOT
		   : state & TASK_INTERRUPTIBLE ? WAITS_SURELY
		   : state & TASK_WAKING        ? WAITS_MAYBE
						: WAITS_NOT;
	if (!t->sleeps)
		t->ready_ns = 0;
}

/*
 * The thread is back on CPU `cpu`, or will never be. One that was preempted on its way to sleep can
 * be woken as well.
 */
static __always_inline void call_slept(struct thread *t, __u64 now, __u16 cpu)
{
	__u64 ready = t->ready_ns > t->off_ns ? t->ready_ns : t->off_ns;

	if (t->off_ns && now > t->off_ns) {
		t->blocked_ns += now - t->off_ns;
		if (ready > now || (t->sleeps && !t->ready_ns))
			ready = now;
		t->sleep.runnable_ns += now - (t->sleeps ? ready : t->off_ns);
		if (t->waits)
			t->sleep.waiting_ns += ready - t->off_ns;
		if (t->waits || (!t->sleeps && t->ready_ns)) {
			t->sleep.woken_ns = ready;
			t->sleep.ran_ns = now;
			t->sleep.waker = t->waker;
			t->sleep.waker_process = t->waker_process;
			t->sleep.slept_cpu = t->off_cpu;
			t->sleep.waker_cpu = t->ready_cpu;
			t->sleep.ran_cpu = cpu;
		}
	}
	t->off_ns = t->ready_ns = 0;
}

/*
 * `woken` is woken from a sleep, in the context of `waker` or of an interrupt over it. What TCP and
 * UDP deliver on one machine they deliver in a softirq of the sender's call.
 */
static __always_inline void call_woken(struct thread *woken, struct task_struct *waker,
				       struct thread *t, bool interrupt)
{
	bool in_call = t && t->state == CALL_RUNNING;

	if (interrupt)
		interrupt =
			!in_call || !t->legs || t->leg[0].flags & IPCT_OP_READY ||
			!(1u << t->leg[0].mechanism & (1u << IPCT_MECH_TCP | 1u << IPCT_MECH_UDP));
	else if (!in_call)
		interrupt = !task_in_call(waker);
	woken->waker = interrupt ? 0 : t ? t->tid : task_pid_seen(waker);
	woken->waker_process = interrupt || !t ? 0 : t->process;
	woken->ready_cpu = bpf_get_smp_processor_id();
	woken->ready_ns = bpf_ktime_get_ns();
}

static __always_inline void call_sleeps(struct thread *t)
{
	window_pause(t);
	for (int i = 0; i < LEGS; i++)
		if (i < t->legs)
			family_sleeps(&t->leg[i]);
	path_capture(t);
}

static __always_inline void window_resume(struct thread *t)
{
/* 6.1 takes no loop whose end runs on into its head, as the compiler lays this one out */
#pragma unroll
	for (int i = 0; i < LEGS; i++)
		if (i < t->legs && !t->leg[i].in_window) {
			window_enter(&t->leg[i]);
			family_entered(&t->leg[i]);
		}
}

/*
 * The thread's call ends, yet it was last seen to leave its CPU: the switch back was not reported,
 * as happens when the program that looks is missed, or when some threads' switches have no event.
 * Its sleep is known then, and when it ran only that it was before now.
 */
__noinline int call_unseen(struct thread *t, __u64 now)
{
	if (!t)
		return 0;
	call_slept(t, now, bpf_get_smp_processor_id());
	for (int i = 0; i < LEGS; i++)
		if (i < t->legs)
			window_missed(&t->leg[i]);
	return 0;
}

static __always_inline void op_fill(struct ipct_op *op, const struct thread *t, __u64 end_ns,
				    __s64 result, bool finished)
{
	op->head.len = sizeof(*op);
	op->head.type = IPCT_EV_OP;
	op->head.mechanism = IPCT_MECH_NONE;
	op->head.process = t->process;
	op->tid = t->tid;
	op->syscall = t->row;
	op->role = 0;
	op->flags = finished ? IPCT_OP_FINISHED : 0;
	op->start_ns = t->start_ns;
	op->dur_ns = end_ns - t->start_ns;
	op->blocked_ns = t->blocked_ns;
	op->requested = t->requested;
	op->result = result;
	op->unused = 0;
	op->bytes = 0;
	op->offset = op->key = 0;
	op->arg = call_extra(t, call_row(t));
	op->object = 0;
	op->fd = -1;
	op->fd2 = -1;
}

/* Does the call return a further fd? */
static __always_inline bool call_makes_fd(const struct thread *t,
					  const volatile struct ipct_row *row)
{
	return row->shape == IPCT_SHAPE_FD_RETURNED || row->shape == IPCT_SHAPE_FD_ACCEPTED ||
	       row->flags & IPCT_ROW_DUP || (row->flags & IPCT_ROW_FCNTL && fcntl_dups(t));
}

/* There was no room for its record. Global, for the verifier's sake. */
__noinline int leg_lost(const struct leg *leg)
{
	struct flow *flow;

	if (!leg)
		return 0;
	flow = leg_flow(leg);
	if (!(leg->flags & IPCT_OP_PART))
		ledger_count(leg->mechanism, IPCT_COUNT_RING_FULL);
	if (flow && leg->bytes > 0)
		__sync_fetch_and_add(&flow->gaps, 1);
	return 0;
}

static __always_inline void leg_fill(struct ipct_op *op, struct thread *t, struct leg *leg,
				     __u64 end_ns, __s64 result, bool finished)
{
	op_fill(op, t, end_ns, result, finished);
	op->head.mechanism = leg->mechanism;
	op->role = leg->role;
	op->flags |= leg->flags;
	op->bytes = leg->bytes;
	op->offset = leg->offset;
	op->key = leg->key;
	op->object = leg->object;
	op->fd = leg->fd;
	if (call_row(t)->shape == IPCT_SHAPE_FD_ARRAY)
		op->fd2 = t->args[5];
	else if (call_makes_fd(t, call_row(t)))
		op->fd2 = result;
	if (op->fd2 >= 0)
		op->flags |= IPCT_OP_NEW_FD;
}

__noinline int leg_emit_slept(struct thread *t, struct leg *leg, __u64 end_ns, __s64 result,
			      __u32 finished)
{
	struct ipct_slept_op *slept;

	if (!t || !leg)
		return 0;
	slept = bpf_ringbuf_reserve(&ring, sizeof(*slept), 0);
	if (!slept) {
		leg_lost(leg);
		return 0;
	}
	leg_fill(&slept->op, t, leg, end_ns, result, finished);
	slept->op.head.len = sizeof(*slept);
	slept->sleep = t->sleep;
	bpf_ringbuf_submit(slept, ring_wake_flags(t));
	return 0;
}

static __always_inline void leg_emit(struct thread *t, struct leg *leg, __u64 end_ns, __s64 result,
				     bool finished)
{
	struct ipct_op *op;

	if (t->blocked_ns | t->sleep.away_ns) {
		leg_emit_slept(t, leg, end_ns, result, finished);
		return;
	}
	op = bpf_ringbuf_reserve(&ring, sizeof(*op), 0);
	if (!op) {
		leg_lost(leg);
		return;
	}
	leg_fill(op, t, leg, end_ns, result, finished);
	bpf_ringbuf_submit(op, ring_wake_flags(t));
}

/* The same of the second leg, which few calls have. */
__noinline int leg_emit_second(struct thread *t, __u64 end_ns, __s64 result, __u32 finished)
{
	if (t)
		leg_emit(t, &t->leg[1], end_ns, result, finished);
	return 0;
}

/* The directory, a struct path in the kernel, that the call's path is relative to; 0: to none. */
static __always_inline __u64 path_base(const struct thread *t, struct task_struct *task,
				       const volatile struct ipct_row *row)
{
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	__s32 dirfd = call_arg(t, row->fd);
	struct file *dir = row->fd == IPCT_ARG_NONE || dirfd < 0 ? NULL : task_file(task, dirfd);

	if (t->path[0] == '/' || row->flags & IPCT_ROW_NAME)
		return 0;
	if (dir)
		return (__u64)&dir->f_path;
	return fs ? (__u64)&fs->pwd : 0;
}

/* The mechanism of what lies at the call's path, if call and path say it. */
static __always_inline __u32 path_mechanism(const struct thread *t,
					    const volatile struct ipct_row *row, __u64 base)
{
	if (row->mechanism)
		return row->mechanism;
	if (!(row->mask & 1u << IPCT_MECH_POSIX_SHM))
		return IPCT_MECH_NONE;
	if (base ? path_on_shm((struct path *)base) : text_begins(t->path, "/dev/shm/", 9))
		return IPCT_MECH_POSIX_SHM;
	return IPCT_MECH_NONE;
}

/* Has a call that names a path ended with nothing to show but that path? */
static __always_inline bool path_alone(const volatile struct ipct_row *row, __s64 result,
				       bool finished)
{
	if (row->shape == IPCT_SHAPE_PATH)
		return true;
	if (row->shape != IPCT_SHAPE_FD_RETURNED || row->fd2 == IPCT_ARG_NONE)
		return false;
	return !finished || result <= -ERESTARTSYS ||
	       (result < 0 && row->mask & 1u << IPCT_MECH_POSIX_SHM);
}

/* Is it an op only if the path says so? Other opens that failed are of no interest. */
static __always_inline bool path_must_tell(const volatile struct ipct_row *row, __s64 result,
					   bool finished)
{
	return row->flags & IPCT_ROW_MAYBE ||
	       (row->shape == IPCT_SHAPE_FD_RETURNED && finished && result > -ERESTARTSYS);
}

/* The new name that a link(2) has given, in the place of a directory. */
static __always_inline void link_target(struct ipct_path *out, __u64 address, bool finished)
{
	long n = finished ? bpf_probe_read_user_str(out->text, IPCT_TEXT_LEN, (void *)address) : 0;

	out->truncated = 0;
	out->len = n > 0 ? n : 0;
}

/* An op on a path: the collector finds out what lies there. */
static __noinline int path_op_emit(struct task_struct *task, struct thread *t, __u64 end_ns,
				   __s64 result, bool finished)
{
	const volatile struct ipct_row *row;
	struct ipct_path_op *p;
	__u32 mechanism;
	__u64 base;

	if (!t)
		return 0;
	row = call_row(t);
	base = path_base(t, task, row);
	mechanism = path_mechanism(t, row, base);
	if (!mechanism && path_must_tell(row, result, finished))
		return 0;
	/* Without one it counts as seen when the collector finds that something lies there. */
	if (mechanism)
		ledger_count(mechanism, IPCT_COUNT_SEEN);
	p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
	if (!p) {
		if (mechanism)
			ledger_count(mechanism, IPCT_COUNT_RING_FULL);
		return 0;
	}
	op_fill(&p->op, t, end_ns, result, finished);
	p->op.head.len = sizeof(*p);
	p->op.head.type = IPCT_EV_PATH_OP;
	p->op.head.mechanism = mechanism;
	p->op.role = row->role;
	p->ino = 0;
	p->dev = p->mode = p->unused = 0;
	p->pid = task_tgid_seen(task);
	p->base.len = 0;
	if (row->flags & IPCT_ROW_NAME) {
		p->text[0] = '/'; /* a queue's name comes without it: mq_overview(7) */
		bpf_probe_read_kernel(p->text + 1, sizeof(p->text) - 1, t->path);
	} else {
		bpf_probe_read_kernel(p->text, sizeof(p->text), t->path);
	}
	if (row->id == IPCT_SYS_link)
		link_target(&p->base, t->args[1], finished);
	else if (base)
		path_write(&p->base, base);
	bpf_ringbuf_submit(p, BPF_RB_NO_WAKEUP);
	return 0;
}

/* The call's objects that only its result names. False: not of a traced mechanism. */
static __always_inline bool call_resolve_result(struct thread *t,
						const volatile struct ipct_row *row, __s64 result)
{
	__s32 fds[2];
	__u32 fd = result;

	if (result < 0)
		return false;
	if (row->shape == IPCT_SHAPE_FD_ARRAY) {
		if (bpf_probe_read_user(fds, sizeof(fds), (void *)call_arg(t, row->fd)))
			return false;
		fd = fds[0];
		t->args[5] = fds[1];
	}
	if (!leg_resolve(t, 0, fd, open_role(t, row), row->mask, 0))
		return false;
	t->legs = 1;
	family_opened(&t->leg[0]);
	return true;
}

/* Both fds of a pair have one object, unless each is what others send to. */
static __always_inline void call_resolve_second(struct thread *t)
{
	const volatile struct ipct_row *row = call_row(t);

	if (row->shape == IPCT_SHAPE_FD_ARRAY && t->legs &&
	    t->leg[0].mechanism == IPCT_MECH_UNIX_DGRAM &&
	    leg_find(1, t->args[5], row->role, row->mask, 0))
		t->leg[0].key = t->leg[1].object;
}

/* An accept that succeeded was on the connection, not on the socket that listens. */
static __always_inline void call_accepted(struct thread *t, __s64 result)
{
	const volatile struct ipct_row *row = call_row(t);
	struct leg *accepted = &t->leg[1];

	if (result < 0 || t->legs != 1)
		return;
	if (leg_find(1, result, row->role, row->mask, SIGHT_ACCEPTED) && accepted->object)
		t->leg[0] = *accepted;
}

/* The object that the call has returned, as an fd or two. */
static __always_inline void call_resolve_returned(struct thread *t, __s64 result)
{
	const volatile struct ipct_row *row = call_row(t);

	if (row->shape == IPCT_SHAPE_FD_ARRAY || row->shape == IPCT_SHAPE_FD_RETURNED)
		call_resolve_result(t, row, result);
}

/* The same for the current thread. */
__noinline int path_op_emit_current(struct thread *t, __u64 end_ns, __s64 result, __u32 finished)
{
	return path_op_emit(bpf_get_current_task_btf(), t, end_ns, result, finished);
}

static __always_inline void range_emit(struct thread *t, __u64 end_ns, __s64 result)
{
	struct ipct_fd_range *r;

	if (result)
		return;
	r = note_reserve(IPCT_EV_FD_RANGE, sizeof(*r));
	if (!r)
		return;
	r->head.process = t->process;
	r->time_ns = end_ns;
	r->first = t->args[0];
	r->last = t->args[1];
	r->flags = t->args[2];
	r->unused = 0;
	note_submit(r);
}

/* The records of a call of `t`, which the kernel has as `task`; NULL: it is the current one. */
static __always_inline int call_emit(struct task_struct *task, struct thread *t, __u64 end_ns,
				     __s64 result, bool finished)
{
	const volatile struct ipct_row *row;
	bool part;

	/* Then no op says that the thread was off the CPU in this call: the next one does. */
	if (!t->legs)
		t->away_ns += t->sleep.away_ns + t->blocked_ns;
	row = call_row(t);
	if (row->shape == IPCT_SHAPE_FD_RANGE) {
		range_emit(t, end_ns, result);
		return 0;
	}
	if (path_alone(row, result, finished))
		return task ? path_op_emit(task, t, end_ns, result, finished)
			    : path_op_emit_current(t, end_ns, result, finished);
	part = t->legs == 2 && t->leg[1].flags & IPCT_OP_PART;
	if (part) /* comes before its op */
		leg_emit_second(t, end_ns, result, finished);
	if (t->legs)
		leg_emit(t, &t->leg[0], end_ns, result, finished);
	if (t->legs == 2 && !part)
		leg_emit_second(t, end_ns, result, finished);
	return 0;
}

/* Those of the current thread. */
__noinline int call_emit_current(struct thread *t, __u64 end_ns, __s64 result, __u32 finished)
{
	return t ? call_emit(NULL, t, end_ns, result, finished) : 0;
}

/* Place the bytes that this leg moved in the stream; what a tee shows stays in the pipe. */
static __always_inline void leg_pass(struct leg *leg, struct flow *flow)
{
	if (!flow || disciplines[leg->mechanism] != IPCT_DISCIPLINE_STREAM || leg->bytes <= 0)
		return;
	if (!(leg->flags & IPCT_OP_PLACED) && leg->flags & IPCT_OP_PEEK)
		leg->offset = flow->passed;
	else if (!(leg->flags & IPCT_OP_PLACED) && !leg->held)
		leg->offset = __sync_fetch_and_add(&flow->passed, family_units(leg));
	if (flow->gaps)
		leg->flags |= IPCT_OP_AFTER_GAP;
}

/* What a result says that counts the bytes that were moved. */
static __always_inline __s64 leg_moved(const struct leg *leg, __s64 result)
{
	return result > 0 && (leg_gives(leg) || leg_takes(leg)) ? result : 0;
}

/* The same of any result. */
__noinline __s64 leg_bytes(const struct thread *t, const struct leg *leg, __s64 result)
{
	if (!t || !leg || (!leg_gives(leg) && !leg_takes(leg)))
		return 0;
	if (!result && call_row(t)->flags & IPCT_ROW_WHOLE)
		return t->requested;
	if (call_row(t)->flags & IPCT_ROW_MMSG)
		return result > 0 ? messages_moved(call_arg(t, call_row(t)->len), result) : 0;
	/* what was cut off a message for lack of room can count: MSG_TRUNC */
	if (disciplines[leg->mechanism] == IPCT_DISCIPLINE_LABEL && leg_takes(leg) && result > 0 &&
	    (__u64)result > t->requested)
		return t->requested;
	return leg_moved(leg, result);
}

/*
 * The bytes get their place before the window is left: who enters it later comes later in the
 * stream, so that calls which did not overlap are in their true order.
 */
static __always_inline void leg_passes(struct leg *leg)
{
	struct flow *flow = leg_flow(leg);

	leg_pass(leg, flow);
	family_passed(leg);
	flow_leave(leg, flow);
}

__noinline int call_legs_pass(struct thread *t)
{
	if (!t)
		return 0;
	for (int i = 0; i < LEGS; i++)
		if (i < t->legs)
			leg_passes(&t->leg[i]);
	return 0;
}

static __always_inline void call_legs_end(struct thread *t, __s64 result)
{
	for (int i = 0; i < LEGS; i++)
		if (i < t->legs && !(t->leg[i].flags & IPCT_OP_READY)) {
			t->leg[i].bytes = leg_bytes(t, &t->leg[i], result);
			family_ended(t, i, result);
		}
}

/*
 * A wait for readiness is over: its object, by which it is counted as seen, will not be another one
 * any more. Other calls were counted when they began.
 */
static __always_inline void call_seen(const struct thread *t)
{
	if (waits_for_readiness(call_row(t)))
		ledger_count(t->leg[0].mechanism, IPCT_COUNT_SEEN);
}

/* A held call whose thread makes another call: it did return. */
static __always_inline void call_release(struct thread *t)
{
	t->state = CALL_NONE;
	call_seen(t);
	call_emit_current(t, t->end_ns, t->result, true);
}

/* What a call on an fd does to its object, as far as its arguments say. */
static __always_inline __u32 call_role(const struct thread *t, const volatile struct ipct_row *row)
{
	return row->flags & IPCT_ROW_FCNTL && fcntl_dups(t) ? IPCT_ROLE_OPEN : row->role;
}

/*
 * The short way for a call on a pipe that the thread has met before: its first leg is on that, and
 * counted as seen. False: the fd stands for anything else, which call_resolve() has to find out.
 */
static __always_inline bool call_on_known_pipe(struct thread *t, struct task_struct *task,
					       const volatile struct ipct_row *row)
{
	struct file *file = fd_file(task, call_arg(t, row->fd));
	struct leg *leg = &t->leg[0];
	__u32 object;

	if (!file || !(row->mask & 1u << IPCT_MECH_PIPE))
		return false;
	object = pipe_known(t, file);
	if (!object)
		return false;
	leg_clear(leg);
	leg->mechanism = IPCT_MECH_PIPE;
	leg->object = object;
	/* looked up again, as what is kept over the calls above takes stack */
	leg_of_file(t, leg, file, call_arg(t, row->fd), call_role(t, row));
	t->legs = 1;
	return leg_seen(leg);
}

static __noinline bool call_resolve_args(struct thread *t, struct task_struct *task,
					 const volatile struct ipct_row *row)
{
	__u32 fd = call_arg(t, row->fd), nth;

	if (leg_of_fd(t, fd_file(task, fd), 0, fd, call_role(t, row), row->mask,
		      IPCT_OBJECT_INHERITED) &&
	    leg_seen(&t->leg[0])) {
		t->legs = 1;
		if (row->flags & IPCT_ROW_PEEK)
			t->leg[0].flags |= IPCT_OP_PEEK;
		family_begun(t, 0);
	}
	if (row->shape != IPCT_SHAPE_FD_PAIR)
		return t->legs;
	nth = t->legs & 1;
	fd = call_arg(t, row->fd2);
	if (!leg_of_fd(t, current_file(fd), nth, fd, IPCT_ROLE_SEND, row->mask,
		       IPCT_OBJECT_INHERITED) ||
	    !leg_seen(&t->leg[nth]))
		return nth;
	if (nth) {
		t->leg[0].flags |= IPCT_OP_FIRST;
		t->leg[1].flags |= IPCT_OP_SECOND;
	}
	t->legs = nth + 1;
	return true;
}

/* The objects of a call that begins, into the thread's legs. False: it is no op. */
static __always_inline bool call_resolve(struct thread *t, struct task_struct *task,
					 const volatile struct ipct_row *row)
{
	if (row->shape == IPCT_SHAPE_FD || row->shape == IPCT_SHAPE_FD_PAIR ||
	    row->shape == IPCT_SHAPE_FD_ACCEPTED || row->shape == IPCT_SHAPE_FD_REGISTERED) {
		if (call_resolve_args(t, task, row))
			return true;
		if (row->shape == IPCT_SHAPE_FD_REGISTERED)
			epoll_unwatched();
		if (!family_only(row))
			return false;
		leg_none(t, row->mechanism, row->role);
		t->leg[0].fd = t->args[0];
		return true;
	}
	if (waits_for_readiness(row))
		return ready_begin();
	if (row->role == IPCT_ROLE_CREATE && row->shape == IPCT_SHAPE_PATH &&
	    (call_arg(t, row->arg) & S_IFMT) != S_IFIFO)
		return false;
	return family_of_call(t, row);
}

/*
 * Is the call on one pipe, which it was given? Such a call has nothing to do but to count its bytes
 * and say so: the short way, as no other calls come so often.
 */
static __always_inline bool call_on_pipe(const struct thread *t)
{
	return t->legs == 1 && t->leg[0].mechanism == IPCT_MECH_PIPE &&
	       call_row(t)->shape == IPCT_SHAPE_FD;
}

/* `nr` has a row. */
static __always_inline void call_begin(struct thread *t, struct task_struct *task,
				       struct pt_regs *regs, __u32 nr)
{
	const volatile struct ipct_row *row = &rows[nr & (IPCT_SYSCALL_SLOTS - 1)];

	if (futex_private(row, regs))
		return;
	if (t->state == CALL_HELD && row->shape == IPCT_SHAPE_RESTARTS &&
	    waits_for_readiness(call_row(t))) {
		t->state = CALL_RUNNING;
		return;
	}
	if (t->state == CALL_HELD)
		call_release(t);
	t->state = CALL_NONE;
	if (row->shape == IPCT_SHAPE_RESUMES || row->shape == IPCT_SHAPE_RESTARTS)
		return;
	if (row->shape == IPCT_SHAPE_NOTED) {
		ledger_count(IPCT_MECH_NONE, IPCT_COUNT_RINGS);
		return;
	}
	t->args[0] = regs->di;
	t->args[1] = regs->si;
	t->args[2] = regs->dx;
	t->args[3] = regs->r10;
	t->args[4] = regs->r8;
	t->args[5] = regs->r9;
	t->legs = 0;
	t->nr = nr;
	if (!(row->shape == IPCT_SHAPE_FD && call_on_known_pipe(t, task, row)) &&
	    !call_resolve(t, task, row))
		return;
	t->path[0] = 0;
	t->row = row->id;
	t->requested = call_requested(t, row);
	t->blocked_ns = t->off_ns = t->ready_ns = 0;
	__builtin_memset(&t->sleep, 0, sizeof(t->sleep));
	t->sleep.away_ns = t->away_ns;
	t->away_ns = 0;
	t->call = t->woken_by = 0;
	t->to.port = 0;
	if (call_on_pipe(t))
		window_enter(&t->leg[0]);
	else
		window_resume(t);
	t->start_ns = bpf_ktime_get_ns();
	t->state = CALL_RUNNING;
}

/*
 * Did the call return because of a signal? Asked of the thread's state, which the verifier knows
 * nothing of: 6.1's takes the test of `result` for one that always fails, and cuts out the branch.
 */
static __always_inline bool call_interrupted(const struct thread *t)
{
	__s64 result = *(const volatile __s64 *)&t->result;

	if (result == -EINTR) /* fs/eventpoll.c: so it ends also for a signal that kills */
		return waits_for_readiness(call_row(t));
	return result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK;
}

/*
 * The current thread's call has ended, and its objects are, or may be, other ones than it began
 * with: shapes other than those of an fd alone. Global, as object_first_sight is, for the
 * verifier's sake; and apart from call_end, so that a read or write is not asked for each of them.
 */
__noinline int call_results(__s64 result)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	const volatile struct ipct_row *row;

	if (!t)
		return 0;
	row = call_row(t);
	family_failed(t, row, result);
	if (row->shape == IPCT_SHAPE_FD_ACCEPTED)
		call_accepted(t, result);
	if (row->shape == IPCT_SHAPE_FD_REGISTERED && !result)
		epoll_registered();
	if (row->shape == IPCT_SHAPE_IPC_RETURNED && result >= 0)
		ipc_returned(result);
	else if (row->shape == IPCT_SHAPE_MAP && result >= 0 && t->legs &&
		 !(t->leg[0].flags & IPCT_OP_RANGE))
		map_ended(result);
	else
		call_resolve_returned(t, result);
	if (row->shape == IPCT_SHAPE_FD_ARRAY && !result)
		call_resolve_second(t);
	return 0;
}

static __always_inline void call_end(struct thread *t, __s64 result)
{
	__u64 now;

	if (t->state != CALL_RUNNING)
		return;
	t->state = CALL_NONE;
	t->result = result;
	barrier();
	now = bpf_ktime_get_ns();
	if (t->off_ns)
		call_unseen(t, now);
	if (call_on_pipe(t) && !call_interrupted(t)) {
		t->leg[0].bytes = leg_moved(&t->leg[0], result);
		leg_passes(&t->leg[0]);
		leg_emit(t, &t->leg[0], now, result, true);
		return;
	}
	if (waits_for_readiness(call_row(t)))
		ready_end(result);
	else if (call_row(t)->shape != IPCT_SHAPE_FD && call_row(t)->shape != IPCT_SHAPE_FD_PAIR)
		call_results(result);
	call_legs_end(t, result);
	call_legs_pass(t);
	passing_ended(t, call_row(t), result);
	if (path_alone(call_row(t), result, true))
		path_capture(t);
	if (call_interrupted(t)) {
		path_capture(t);
		t->end_ns = now;
		t->state = CALL_HELD;
		return;
	}
	call_seen(t);
	call_emit_current(t, now, result, true);
}

/*
 * The thread is gone, or the recording ended, at `now`: its call never returned to it. A call can
 * have begun while the recording was told to end.
 */
static __always_inline void call_abandon(struct thread *t, struct task_struct *task, __u64 now,
					 bool current)
{
	if (t->state == CALL_NONE)
		return;
	if (now < t->start_ns)
		now = t->start_ns;
	if (t->state == CALL_RUNNING) {
		call_slept(t, now, current ? bpf_get_smp_processor_id() : IPCT_CPU_NONE);
		for (int i = 0; i < LEGS; i++)
			if (i < t->legs)
				window_leave(&t->leg[i]);
	}
	t->state = CALL_NONE;
	call_seen(t);
	if (current)
		call_emit_current(t, now, 0, false);
	else
		call_emit(task, t, now, 0, false);
}

#endif
