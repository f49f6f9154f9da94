/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Which family answers for what: the only place that knows all of them. A family says which object
 * is behind an fd (or an id, an address, a pid) of the calling thread, and at the end of a call
 * what it moved. To add a family: a file of its own, and a line in each switch here that it needs.
 */
#ifndef IPCT_FAMILY_H
#define IPCT_FAMILY_H

#include "pipe.h"

/*
 * What is behind `file`: sets the leg's mechanism and object (0: no room), and what of flags and
 * two_way the family knows. False: nothing that is selected by `mask`.
 */
static __always_inline bool family_of_file(struct thread *t, struct file *file, struct leg *leg,
					   __u32 mask, __u32 flags)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	switch (BPF_CORE_READ(inode, i_mode) & S_IFMT) {
	case S_IFIFO:
		return pipe_resolve(t, file, inode, leg, mask, flags);
	}
	return false;
}

/* An fd of the thread stands for an object from now on: the call opened or made it. */
static __always_inline void family_opened(struct task_struct *task, struct leg *leg)
{
	if (leg->mechanism == IPCT_MECH_FIFO)
		fifo_opened(task, leg);
}

/*
 * The call has ended with `result` and moved `leg->bytes`, as far as the result says. Sets key and
 * label, and for what the result does not say, the bytes.
 */
static __always_inline void family_ended(struct thread *t, struct task_struct *task,
					 struct leg *leg, __s64 result)
{
	if (leg->mechanism == IPCT_MECH_FIFO)
		fifo_opens(task, leg);
}

/* May the call be given up as a mover of bytes while it sleeps? See window_pause. */
static __always_inline bool family_pauses(const struct thread *t, const struct leg *leg)
{
	if (leg_takes(leg))
		return true;
	return leg->mechanism == IPCT_MECH_PIPE && t->legs == 1 && t->requested <= PIPE_BUF;
}

/*
 * The thread wakes another, and both are in a call: `t` may have handed over what `woken` waits
 * for. A family that can tell remembers it in the two.
 */
static __always_inline void family_wakes(struct thread *t, struct thread *woken)
{
}

static __always_inline void leg_clear(struct leg *leg)
{
	__builtin_memset(leg, 0, sizeof(*leg));
	leg->fd = -1;
}

/* Count the leg as seen, unless there was no room for its object. */
static __always_inline bool leg_seen(struct leg *leg)
{
	ledger_count(leg->mechanism, IPCT_COUNT_SEEN);
	if (!leg->object)
		ledger_count(leg->mechanism, IPCT_COUNT_OBJECTS_FULL);
	return leg->object;
}

/*
 * Fill `leg` from the fd if it is one of a mechanism in `mask`, and count it as seen. `flags` is
 * IPCT_OBJECT_INHERITED unless the call made the object.
 */
static __always_inline bool leg_resolve(struct thread *t, struct task_struct *task, struct leg *leg,
					__u32 fd, __u32 role, __u32 mask, __u32 flags)
{
	struct file *file = fd_file(task, fd);
	__u32 mode;

	if (!file)
		return false;
	leg_clear(leg);
	if (!family_of_file(t, file, leg, mask, flags) || !leg_seen(leg))
		return false;
	leg->fd = fd;
	mode = BPF_CORE_READ(file, f_mode);
	if (mode & FMODE_READ)
		leg->flags |= IPCT_OP_READ_END;
	if (mode & FMODE_WRITE)
		leg->flags |= IPCT_OP_WRITE_END;
	if (role == IPCT_ROLE_BY_END)
		role = mode & FMODE_WRITE ? IPCT_ROLE_SEND : IPCT_ROLE_RECV;
	leg->role = role;
	if (role == IPCT_ROLE_SEND && leg->mechanism == IPCT_MECH_PIPE &&
	    BPF_CORE_READ(file, f_flags) & O_DIRECT)
		leg->flags |= IPCT_OP_PACKET;
	return true;
}

#endif
