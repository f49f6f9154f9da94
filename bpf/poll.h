/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * poll(2) and select(2): one op, on the first object that was ready, or if there was none on the
 * first that was asked for. It moves nothing. Of fds that follow many others nothing is known.
 */
#ifndef IPCT_POLL_H
#define IPCT_POLL_H

#include "family.h"

#define POLL_FDS   64
#define SELECT_FDS 1024

/*
 * The current thread's leg, from one of the fds; `ready`: in place of the one that it has. A
 * global function, so that the verifier looks at it once and not at each turn of the loops. Where
 * a second leg would be is room that the stack has not.
 */
__noinline int poll_leg(__u32 fd, __u32 ready)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	const volatile struct ipct_row *row;
	struct file *file = fd_file(task, fd);
	struct leg *leg;

	if (!t || !file)
		return 0;
	leg = &t->leg[1]; /* a call on one of many has one leg */
	leg_clear(leg);
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	/* the one family that has these rows; all of them would be too deep a stack from here */
	if (!mqueue_resolve(t, file, BPF_CORE_READ(file, f_inode), leg, row->mask,
			    IPCT_OBJECT_INHERITED) ||
	    !leg->object || (!ready && !leg_seen(leg)))
		return 0;
	leg->fd = fd;
	leg->role = row->role;
	leg->flags |= IPCT_OP_PEEK;
	t->leg[0] = *leg;
	t->legs = 1;
	return 1;
}

__noinline int poll_find(__u64 fds, __u64 count, __u32 ready)
{
	struct user_pollfd one;
	__u32 fd;

	for (__u32 i = 0; i < POLL_FDS && i < count; i++) {
		if (bpf_probe_read_user(&one, sizeof(one), (void *)(fds + i * sizeof(one))))
			break;
		/* no branch for those that are not ready, which would double the verifier's paths
		 */
		fd = one.fd | -(__u32)(ready & !one.revents);
		if (poll_leg(fd, ready))
			return 1;
	}
	return 0;
}

/* 64 of the fds that select was asked for, or says are ready. */
static __always_inline __u64 select_word(const struct thread *t, __u32 word)
{
	__u64 all = 0, set;

	for (int i = 1; i <= 3; i++) {
		set = 0;
		if (t->args[i] && !bpf_probe_read_user(&set, sizeof(set),
						       (void *)(t->args[i] + word * sizeof(set))))
			all |= set;
	}
	return all;
}

/* The same of the fds from `first` on whose bits are set in `word`. */
__noinline int select_some(__u64 word, __u32 first, __u32 count, __u32 ready)
{
	for (__u32 bit = 0; bit < 64 && first + bit < count; bit++)
		if (word >> bit & 1 && poll_leg(first + bit, ready))
			return 1;
	return 0;
}

__noinline int select_find(__u32 count, __u32 ready)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	__u64 word;

	if (!t)
		return 0;
	for (__u32 fd = 0; fd < SELECT_FDS && fd < count; fd += 64) {
		word = select_word(t, fd / 64);
		if (word && select_some(word, fd, count, ready))
			return 1;
	}
	return 0;
}

static __always_inline bool poll_begin(struct thread *t, const volatile struct ipct_row *row)
{
	return row->shape == IPCT_SHAPE_FD_POLLED ? poll_find(t->args[0], t->args[1], 0)
						  : select_find(t->args[0], 0);
}

static __always_inline void poll_end(struct thread *t, const volatile struct ipct_row *row,
				     __s64 result)
{
	if (result <= 0)
		return;
	if (row->shape == IPCT_SHAPE_FD_POLLED)
		poll_find(t->args[0], t->args[1], 1);
	else if (row->shape == IPCT_SHAPE_FD_SELECTED)
		select_find(t->args[0], 1);
}

#endif
