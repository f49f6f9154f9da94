/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * System V semaphores: who let whom go on. A semop that must wait puts itself into the set's queue
 * and sleeps. The call that makes it possible does the sleeper's operations in its place, then
 * wakes it, in its own context (ipc/sem.c: update_queue, wake_up_q). So the label of both is the
 * number of the call that woke, which can be one for several sleepers.
 *
 * The role of a semop is that of its first operation. One that waits and lets others go, or the
 * other way round, and a semctl that lets others go, has a message beside its op: a part.
 */
#ifndef IPCT_SEM_H
#define IPCT_SEM_H

#include "ipc.h"

static __always_inline bool sem_waits(const struct thread *t)
{
	__u8 call = rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].id;

	return call == IPCT_SYS_semop || call == IPCT_SYS_semtimedop;
}

/* Role and key of a semop, from its first operation. */
static __always_inline void sem_role(const struct thread *t, struct leg *leg)
{
	struct user_sembuf first;

	if (!sem_waits(t) || bpf_probe_read_user(&first, sizeof(first), (void *)t->args[1]))
		return;
	leg->key = first.num;
	leg->role = first.op > 0 ? IPCT_ROLE_WAKE : IPCT_ROLE_WAIT;
}

/*
 * `t` wakes a thread that sleeps in a semop on the same set: it has done that one's operations.
 * Unless it was late: the sleeper may have found its operations done before it was woken, and be in
 * a further semop by now. That one cannot have been let go by a call that began before the earlier
 * one ended; of what else is before, it is not known.
 */
static __always_inline void sem_wakes(struct thread *t, struct thread *woken,
				      struct task_struct *task)
{
	if (!t->legs || !woken->legs || t->leg[0].object != woken->leg[0].object ||
	    !sem_waits(woken) || task_state(task) != TASK_INTERRUPTIBLE)
		return;
	woken->woken_by = call_number(t);
	woken->woken_late = t->start_ns < woken->loose_ns;
	woken->woken_in = woken->start_ns;
}

static __always_inline void sem_label(struct leg *leg, __u64 call, bool late)
{
	leg->offset = call;
	leg->flags |=
		IPCT_OP_LABELLED | IPCT_OP_ANYWHERE | (late ? IPCT_OP_OVERLAPPED : IPCT_OP_PLACED);
}

/* The end of a call on semaphores: its label, and that of its part. */
static __noinline void sem_ended(struct thread *t, struct leg *leg, __s64 result)
{
	bool waited = !result && sem_waits(t) && t->woken_by && t->woken_in == t->start_ns;
	struct leg *part = &t->leg[1];

	if (leg->mechanism != IPCT_MECH_SYSV_SEM || leg->flags & IPCT_OP_PART || !leg->object)
		return;
	leg->bytes = 0;
	sem_role(t, leg); /* the operations may not have been in memory before */
	if (!result && sem_waits(t) && !waited)
		t->loose_ns = bpf_ktime_get_ns();
	if (waited && leg->role == IPCT_ROLE_WAIT)
		sem_label(leg, t->woken_by, t->woken_late);
	if (t->call && leg->role == IPCT_ROLE_WAKE)
		sem_label(leg, t->call, false);
	if (!(waited && leg->role == IPCT_ROLE_WAKE) && !(t->call && leg->role != IPCT_ROLE_WAKE))
		return;
	*part = *leg;
	part->flags = IPCT_OP_PART;
	part->role = leg->role == IPCT_ROLE_WAKE ? IPCT_ROLE_WAIT : IPCT_ROLE_WAKE;
	if (part->role == IPCT_ROLE_WAIT)
		sem_label(part, t->woken_by, t->woken_late);
	else
		sem_label(part, t->call, false);
	t->legs = 2;
}

#endif
