/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Message queues of both kinds. In both, the kernel copies what is sent into a struct msg_msg
 * (ipc/msgutil.c: load_msg), and whoever receives it frees that. So the address of the message,
 * from its allocation to its release, says which send each receive took: whatever its priority or
 * type, in whatever order calls return, and if it was handed over to a receiver that slept.
 *
 * The allocation is told by its size, in the context of a call that sends. Every release in the
 * system is looked at, because an address that was forgotten would be another message's later.
 */
#ifndef IPCT_QUEUE_H
#define IPCT_QUEUE_H

#include "ipc.h"
#include "process.h"

#define QUEUED_MAX 32768 /* that wait in queues at a time; more have no label */
#define PEEK_MAX   1024  /* messages that a peek may skip */

/* A message that a traced call has put into a queue, by its address. */
struct queued {
	__u64 number; /* of the call */
	__u64 len;
	__u32 object;
	__u32 unused;
};

/* Addresses in the kernel: of the head of a list, and of where a walk through it is. */
struct list_walk {
	__u64 head, at;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, QUEUED_MAX);
	__type(key, __u64);
	__type(value, struct queued);
} queued SEC(".maps");

/* Some call has used a queue: until then allocations and releases are not looked at. */
bool queues_used;

bool releases_seen; /* this kernel lets us */
bool queued_full;   /* a message had no room: one without label is no longer someone else's */

static __always_inline bool on_queue(const struct leg *leg)
{
	return leg->mechanism == IPCT_MECH_POSIX_MQ || leg->mechanism == IPCT_MECH_SYSV_MQ;
}

/* The first leg of the current thread, if that is in a call on a queue. */
static __always_inline struct leg *queue_leg(struct thread *t)
{
	if (!t || t->state != CALL_RUNNING || !t->legs || !on_queue(&t->leg[0]))
		return NULL;
	return &t->leg[0];
}

/* ipc/msgutil.c: alloc_msg. What does not fit into a page is in further segments. */
static __always_inline __u64 message_size(__u64 len)
{
	__u64 head = bpf_core_type_size(struct msg_msg);

	return len < PAGE_SIZE - head ? head + len : PAGE_SIZE;
}

/*
 * The current thread has allocated memory. If it is as much as the message that it sends needs, it
 * is taken for that: at worst something else has the size too, which is then never received.
 */
static __always_inline void queue_allocated(__u64 address, __u64 size)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct leg *leg = queue_leg(t);
	struct queued q = {};

	if (!leg || leg->role != IPCT_ROLE_SEND || size != message_size(t->requested))
		return;
	q.number = call_number(t);
	q.len = t->requested;
	q.object = leg->object;
	if (bpf_map_update_elem(&queued, &address, &q, BPF_ANY))
		queued_full = true;
}

/* An untraced process has received what a traced one sent. */
static __always_inline void queue_leaves(struct task_struct *task, __u32 object)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	__u64 nr = BPF_CORE_READ(regs, orig_ax);
	struct object_state *state = bpf_map_lookup_elem(&object_states, &object);
	struct ipct_holder *h;
	__u32 pid;

	if (!state || (nr != SYS_msgrcv && nr != SYS_mq_timedreceive))
		return; /* the queue is removed */
	pid = task_tgid_seen(task);
	if (state->outside_reader == pid)
		return;
	state->outside_reader = pid;
	h = note_reserve(IPCT_EV_HOLDER, sizeof(*h));
	if (!h)
		return;
	h->head.process = 0;
	h->object = object;
	h->ino = 0;
	h->dev = 0;
	h->pid = pid;
	h->flags = IPCT_OP_READ_END;
	BPF_CORE_READ_STR_INTO(&h->comm, task, comm);
	note_submit(h);
}

/* The memory at `address` is released. */
static __always_inline void queue_released(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct queued *found = bpf_map_lookup_elem(&queued, &address);
	struct msg_msg *message = (void *)address;
	struct thread *t;
	struct queued q;
	struct leg *leg;

	if (!releases_seen)
		releases_seen = true;
	if (!found)
		return;
	q = *found;
	bpf_map_delete_elem(&queued, &address);
	if (BPF_CORE_READ(message, m_ts) != q.len)
		return; /* something else of the same size */
	t = thread_of(task);
	leg = queue_leg(t);
	if (!t)
		queue_leaves(task, q.object);
	if (!leg || leg->role != IPCT_ROLE_RECV || leg->object != q.object)
		return;
	leg->key = BPF_CORE_READ(message, m_type);
	leg->offset = q.number;
	leg->flags |= IPCT_OP_LABELLED | IPCT_OP_PLACED;
}

/* One step in a list of the kernel's, a callback of bpf_loop. 1: it has come back to its head. */
static long list_step(__u32 i, struct list_walk *w)
{
	if (w->at == w->head)
		return 1;
	bpf_probe_read_kernel(&w->at, sizeof(w->at), (void *)w->at);
	return 0;
}

/* The message that a peek (MSG_COPY) showed: the one at `place`, from 0. */
__noinline int queue_peeked(__u64 place)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct msg_queue *queue;
	struct msg_msg *message;
	struct queued *q;
	struct list_walk w;
	__u64 at;

	if (!t || place >= PEEK_MAX)
		return 0;
	queue = (void *)ipc_find(IPCT_MECH_SYSV_MQ, t->args[0]);
	if (!queue)
		return 0;
	w.head = (__u64)queue + bpf_core_field_offset(struct msg_queue, q_messages);
	w.at = (__u64)BPF_CORE_READ(queue, q_messages.next);
	bpf_loop(place, list_step, &w, 0);
	message = (void *)(w.at - bpf_core_field_offset(struct msg_msg, m_list));
	at = (__u64)message;
	q = bpf_map_lookup_elem(&queued, &at);
	if (!q || q->object != t->leg[0].object)
		return 0;
	t->leg[0].key = BPF_CORE_READ(message, m_type);
	t->leg[0].offset = q->number;
	t->leg[0].flags |= IPCT_OP_LABELLED;
	return 0;
}

/* A call on a queue begins. */
static __always_inline void queue_begun(const struct thread *t, struct leg *leg)
{
	if (!on_queue(leg))
		return;
	if (!queues_used)
		queues_used = true;
	if (leg->mechanism == IPCT_MECH_SYSV_MQ && leg->role == IPCT_ROLE_RECV &&
	    t->args[4] & MSG_COPY)
		leg->flags |= IPCT_OP_PEEK;
}

/* Key and label. What came without a label was sent by someone who is not traced. */
static __noinline void queue_ended(struct thread *t, struct leg *leg, __s64 result)
{
	if (!on_queue(leg) || !leg->object)
		return;
	if (leg->role == IPCT_ROLE_SEND) {
		if (leg->mechanism == IPCT_MECH_POSIX_MQ)
			leg->key = (__u32)t->args[3];
		else
			bpf_probe_read_user(&leg->key, sizeof(leg->key), (void *)t->args[1]);
		leg->offset = t->call;
		if (t->call && !result)
			leg->flags |= IPCT_OP_LABELLED | IPCT_OP_PLACED;
	}
	if (leg->role != IPCT_ROLE_RECV)
		return;
	if (result < 0)
		leg->flags &= ~IPCT_OP_LABELLED; /* EFAULT: taken out, and lost */
	else if (leg->flags & IPCT_OP_PEEK)
		queue_peeked(t->args[3]);
	else if (!(leg->flags & IPCT_OP_LABELLED) && releases_seen && !queued_full)
		leg->flags |= IPCT_OP_OUTSIDE;
}

#endif
