/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Signals from one process to another, from the call that sends to the delivery. The object is the
 * process that gets them.
 *
 * signal_generate runs in the sender's context and names the target, so that a kill of a whole
 * group is one op with a receiver for each process. The number of the sender's call is remembered
 * in the slot of the signal, and whoever takes the signal finds it there: signal_deliver (a
 * handler or the default action), sigtimedwait, or a read of a signalfd.
 *
 * Standard signals are pending once for a thread and once for its process (kernel/signal.c:
 * legacy_queue), so their slot has one place. Real-time signals queue: a place for each, taken in
 * the order in which they were put. Signals that come from elsewhere take their place as well.
 */
#ifndef IPCT_SIGNAL_H
#define IPCT_SIGNAL_H

#include "target.h"

#define SIGKILL       9
#define SIGRTMIN      32
#define SI_USER       0
#define SI_QUEUE      (-1)
#define SI_TKILL      (-6)
#define SIGNALFD_MAX  64    /* that one read is searched for */
#define SIGINFO_BYTES 128   /* struct signalfd_siginfo; the signal's number comes first */
#define SIGNALS_MAX   65536 /* that are pending at a time, of all traced processes */

#define TRACE_SIGNAL_DELIVERED 0
#define TRACE_SIGNAL_LOSE_INFO 4

/* Where a pending signal is: of a thread, or (tid 0) of its process. */
struct signal_slot {
	__u32 object;
	__u32 tid;
	__u32 signal;
	__u32 place;
};

struct signal_sent {
	__u64 call; /* number of the call that sent it; 0: no traced call did */
	__u32 from; /* another process sent it: not the process itself, and not the kernel */
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SIGNALS_MAX);
	__type(key, struct signal_slot);
	__type(value, struct signal_sent);
} signals_sent SEC(".maps");

/* Is this the si_code of a signal that a call sends? Timers and the kernel have others. */
static __always_inline bool signal_from_call(int code)
{
	return code == SI_USER || code == SI_QUEUE || code == SI_TKILL;
}

/* How many were put into a slot and taken out of it: the place of a real-time signal. */
static __always_inline struct tally *signal_tally(const struct signal_slot *slot)
{
	struct tally_key at = {.direction = slot->object,
			       .key = slot->signal | (__u64)slot->tid << 32};
	struct tally none = {}, *tally = bpf_map_lookup_elem(&tallies, &at);

	if (!tally) {
		bpf_map_update_elem(&tallies, &at, &none, BPF_NOEXIST);
		tally = bpf_map_lookup_elem(&tallies, &at);
	}
	return tally;
}

static __always_inline void signal_put(struct signal_slot *slot, __u64 call, bool from)
{
	struct signal_sent sent = {.call = call, .from = from};
	struct tally *tally;

	if (slot->signal >= SIGRTMIN) {
		tally = signal_tally(slot);
		if (!tally)
			return;
		slot->place = __sync_fetch_and_add(&tally->given, 1);
	}
	bpf_map_update_elem(&signals_sent, slot, &sent, BPF_ANY);
}

/* Take the signal out of its slot. False: none is in it. */
static __always_inline bool signal_take_slot(struct signal_slot *slot, struct signal_sent *out)
{
	struct signal_sent *sent;
	struct tally *tally;

	if (slot->signal >= SIGRTMIN) {
		tally = signal_tally(slot);
		if (!tally || tally->taken >= tally->given)
			return false;
		slot->place = __sync_fetch_and_add(&tally->taken, 1);
	}
	sent = bpf_map_lookup_elem(&signals_sent, slot);
	if (!sent)
		return false;
	*out = *sent;
	bpf_map_delete_elem(&signals_sent, slot);
	return true;
}

/* As the kernel does (dequeue_signal): the thread's own pending signals come first. */
static __always_inline void signal_take(struct thread *t, __u32 object, __u32 signal,
					struct signal_sent *out)
{
	struct signal_slot slot = {.object = object, .tid = t->tid, .signal = signal};

	out->call = out->from = 0;
	if (signal_take_slot(&slot, out))
		return;
	slot.tid = slot.place = 0;
	signal_take_slot(&slot, out);
}

/*
 * The object that stands for the signals of a process, whose leader is the task at `leader`.
 * Global, for the verifier's sake.
 */
__noinline __u32 signal_number(__u64 leader, __u32 process)
{
	struct sighting s;

	target_sighting(&s, IPCT_MECH_SIGNAL, (struct task_struct *)leader);
	s.owner = process;
	return object_find(&s);
}

static __always_inline __u32 signal_object(struct task_struct *task, __u32 process)
{
	return signal_number((__u64)BPF_CORE_READ(task, group_leader), process);
}

/* The same, if it has a number; 0: it has none yet. */
static __always_inline __u32 signal_object_known(struct task_struct *task)
{
	struct sighting s;
	__u32 *known;

	target_sighting(&s, IPCT_MECH_SIGNAL, BPF_CORE_READ(task, group_leader));
	known = bpf_map_lookup_elem(&objects, &s.key);
	return known ? *known : 0;
}

/* A leg of the calling thread on its own process's signals. */
static __always_inline bool signal_leg(struct thread *t, struct task_struct *task, struct leg *leg)
{
	leg_clear(leg);
	leg->mechanism = IPCT_MECH_SIGNAL;
	leg->role = IPCT_ROLE_WAIT;
	leg->object = signal_object(task, t->process);
	return leg_seen(leg);
}

/* The key and label of a signal that was taken: the call that sent it. True: another process did.
 */
static __always_inline bool signal_taken(struct thread *t, struct leg *leg, __u32 signal)
{
	struct signal_sent sent;

	leg->key = signal;
	signal_take(t, leg->object, signal, &sent);
	if (sent.call) {
		leg->offset = sent.call;
		leg->flags |= IPCT_OP_LABELLED | IPCT_OP_ANYWHERE;
	}
	return sent.from;
}

/* The shape SELF: sigtimedwait. */
__noinline int signal_self_begin(__u32 unused)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);

	if (!t || !signal_leg(t, task, &t->leg[0]))
		return 0;
	t->legs = 1;
	return 1;
}

/*
 * In the sender's context. `user`: a call sent it, and not the kernel for its own reasons; `result`
 * is one of TRACE_SIGNAL_*.
 */
static __always_inline void signal_generated(struct task_struct *task, __u32 signal, bool user,
					     bool shared, int result)
{
	struct task_struct *sender = bpf_get_current_task_btf();
	struct thread *t = thread_of(sender), *target = thread_of(task);
	struct signal_slot slot = {.signal = signal};
	bool from = user && task->tgid != sender->tgid, sends;

	sends = from && t && t->state == CALL_RUNNING &&
		rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].shape == IPCT_SHAPE_TARGET;
	if (!sends && !target)
		return;
	slot.object = from ? signal_object(task, target ? target->process : 0)
			   : signal_object_known(task);
	if (sends && !t->legs) {
		leg_clear(&t->leg[0]);
		t->leg[0].mechanism = IPCT_MECH_SIGNAL;
		t->leg[0].role = IPCT_ROLE_WAKE;
		t->leg[0].object = slot.object;
		if (leg_seen(&t->leg[0]))
			t->legs = 1;
	}
	if (!target || !slot.object ||
	    (result != TRACE_SIGNAL_DELIVERED && result != TRACE_SIGNAL_LOSE_INFO))
		return;
	slot.tid = shared ? 0 : target->tid;
	signal_put(&slot, sends ? call_number(t) : 0, from);
}

/* The signal that a call of shape TARGET sends; 0 only asks whether the process is there. */
static __always_inline __u32 signal_sent_by(const struct thread *t,
					    const volatile struct ipct_row *row)
{
	return row->arg == 0 ? t->args[1] : t->args[2];
}

/* An op of the current thread without a call of its own, or a part of one. */
static __always_inline void signal_op_emit(struct thread *t, const struct leg *leg, __u32 syscall,
					   __u64 start_ns, __u32 flags)
{
	struct ipct_op *op = bpf_ringbuf_reserve(&ring, sizeof(*op), 0);

	if (!op) {
		ledger_count(flags & IPCT_OP_PART ? IPCT_MECH_NONE : leg->mechanism,
			     flags & IPCT_OP_PART ? IPCT_COUNT_NOTES : IPCT_COUNT_RING_FULL);
		return;
	}
	__builtin_memset(op, 0, sizeof(*op));
	op->head.len = sizeof(*op);
	op->head.type = IPCT_EV_OP;
	op->head.mechanism = IPCT_MECH_SIGNAL;
	op->head.process = t->process;
	op->tid = t->tid;
	op->syscall = syscall;
	op->role = IPCT_ROLE_WAIT;
	op->start_ns = start_ns;
	op->offset = leg->offset;
	op->key = leg->key;
	op->object = leg->object;
	op->fd = op->fd2 = -1;
	op->flags = leg->flags | flags;
	bpf_ringbuf_submit(op, ring_wake_flags(t));
}

/* An fd of signalfd(2): the signals that it gives are those of who reads it. */
static __always_inline bool signalfd_resolve(struct thread *t, struct leg *leg)
{
	leg->mechanism = IPCT_MECH_SIGNAL;
	leg->object = signal_object(bpf_get_current_task_btf(), t->process);
	return true;
}

/* One signal that a read of a signalfd gave, at `at` in the program's memory. */
__noinline int signalfd_part(__u64 at)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct leg *part;
	__u32 signal;

	if (!t || bpf_probe_read_user(&signal, sizeof(signal), (void *)at))
		return 0;
	part = &t->leg[1]; /* a read has one leg */
	leg_clear(part);
	part->object = t->leg[0].object;
	signal_taken(t, part, signal);
	if (part->flags & IPCT_OP_LABELLED)
		signal_op_emit(t, part, t->row, t->start_ns, IPCT_OP_PART);
	return 0;
}

/*
 * A read of a signalfd gave `count` signals, each of which is a part of the op. Global, like the
 * one before, for the verifier's sake: see object_first_sight.
 */
__noinline int signalfd_taken(__u64 buf, __u32 count)
{
	for (__u32 i = 0; i < SIGNALFD_MAX && i < count; i++)
		signalfd_part(buf + i * SIGINFO_BYTES);
	return 0;
}

/* The end of a call that sends or takes signals: its key and label. */
static __noinline void signal_ended(struct thread *t, struct leg *leg, __s64 result)
{
	const volatile struct ipct_row *row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];

	leg->bytes = 0;
	if (row->id == IPCT_SYS_read && result > 0) {
		__u32 signal = 0;

		bpf_probe_read_user(&signal, sizeof(signal), (void *)t->args[1]);
		leg->key = signal;
		signalfd_taken(t->args[1], result / SIGINFO_BYTES);
	}
	if (row->shape == IPCT_SHAPE_SELF && result > 0)
		signal_taken(t, leg, result);
	if (row->shape != IPCT_SHAPE_TARGET)
		return;
	leg->key = signal_sent_by(t, row);
	if (!t->call)
		return;
	leg->offset = t->call;
	leg->flags |= IPCT_OP_LABELLED | IPCT_OP_ANYWHERE;
}

/*
 * In the receiver's context. What kills a process is delivered to its threads as SIGKILL, whatever
 * it was (kernel/signal.c: complete_signal, get_signal).
 */
static __always_inline void signal_delivered(struct task_struct *task, __u32 signal)
{
	struct thread *t = thread_of(task);
	struct leg leg;

	if (!t)
		return;
	if (signal == SIGKILL && BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT)
		signal = BPF_CORE_READ(task, signal, group_exit_code) & 0x7f;
	leg_clear(&leg);
	leg.mechanism = IPCT_MECH_SIGNAL;
	leg.object = signal_object_known(task);
	if (leg.object && signal_taken(t, &leg, signal) && leg_seen(&leg))
		signal_op_emit(t, &leg, IPCT_SYS_signal_deliver, bpf_ktime_get_ns(),
			       IPCT_OP_FINISHED);
}

#endif
