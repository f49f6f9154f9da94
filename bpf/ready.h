/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Waits for readiness: poll, select, epoll_wait. Such a call is one op, which moves nothing, on the
 * first object that was ready, or if there was none on the first that was asked for. Each further
 * object that was ready is a part, whose record comes before that of the op.
 *
 * The fds are looked at by one callback of bpf_loop for all kinds of calls, as the stack has room
 * for one frame between a system call's probe and family_of_file. The op is counted as seen when
 * it goes out, since only then it is known of which mechanism its object is.
 */
#ifndef IPCT_READY_H
#define IPCT_READY_H

#include "epoll.h"
#include "family.h"

#define READY_FDS_MAX 1024 /* of one call; later ones are not looked at */
#define READY_CHUNK   (IPCT_TEXT_LEN / sizeof(struct user_pollfd))

/* A row of one of these calls. */
static __always_inline bool waits_for_readiness(const volatile struct ipct_row *row)
{
	return row->shape == IPCT_SHAPE_FD_POLLED || row->shape == IPCT_SHAPE_FD_SELECTED ||
	       row->shape == IPCT_SHAPE_FD_EPOLLED;
}

/* The fd of entry `i` of poll(2)'s array; FD_NONE: it is none, or not ready. */
static __always_inline __s32 polled_fd(struct thread *t, __u32 i)
{
	struct readiness *r = &t->readiness;
	/* the path of a call that has none: the array is read in parts that fill it */
	struct user_pollfd *fds = (struct user_pollfd *)t->path;
	__u64 n = t->args[1] - i;

	if (!(i % READY_CHUNK)) {
		if (n > READY_CHUNK)
			n = READY_CHUNK;
		if (bpf_probe_read_user(fds, n * sizeof(*fds),
					(void *)(t->args[0] + i * sizeof(*fds)))) {
			r->left = 0;
			return FD_NONE;
		}
	}
	fds += i % READY_CHUNK;
	r->events = (__u16)fds->revents;
	if (r->ended && !r->events)
		return FD_NONE;
	return fds->fd;
}

/*
 * The number of the lowest bit that is set in `word`, which is not 0. By a de Bruijn sequence, as a
 * search has a branch for each bit, and the verifier takes all of them.
 */
static __always_inline __u32 lowest_bit(__u64 word)
{
	static const __u8 bits[64] = {
		0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28,
		62, 5,  39, 46, 44, 42, 22, 9,  24, 35, 59, 56, 49, 18, 29, 11,
		63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10,
		51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
	};

	return bits[(word & -word) * 0x022fdd63cc95386d >> 58];
}

/*
 * The next fd of the sets of select(2), whose words are taken one after the other; FD_NONE: at
 * this turn a word was read.
 */
static __noinline __s32 selected_fd(struct thread *t)
{
	struct readiness *r = &t->readiness;
	__u64 all = r->set[0] | r->set[1] | r->set[2];
	__u32 bit;

	if (all) {
		bit = lowest_bit(all);
		r->events = (r->set[0] >> bit & 1) * POLLIN | (r->set[1] >> bit & 1) * POLLOUT |
			    (r->set[2] >> bit & 1) * POLLPRI;
		for (int i = 0; i < 3; i++)
			r->set[i] &= ~(1ull << bit);
		return r->first_fd - 64 + bit;
	}
	if (r->first_fd >= (__u32)t->args[0]) {
		r->left = 0;
		return FD_NONE;
	}
	for (int i = 0; i < 3; i++) {
		r->set[i] = 0;
		if (t->args[1 + i])
			bpf_probe_read_user(&r->set[i], sizeof(r->set[i]),
					    (void *)(t->args[1 + i] + r->first_fd / 8));
		if (t->args[0] - r->first_fd < 64)
			r->set[i] &= (1ull << (t->args[0] - r->first_fd)) - 1;
	}
	r->first_fd += 64;
	return FD_NONE;
}

/* The fd of event `i` that epoll_wait(2) gave. */
static __always_inline __s32 epolled_fd(struct thread *t, __u32 i)
{
	struct user_epoll_event event;

	if (bpf_probe_read_user(&event, sizeof(event), (void *)(t->args[1] + i * sizeof(event))))
		return FD_NONE;
	t->readiness.events = event.events;
	return epoll_event_fd(t->readiness.epoll, event.data);
}

/* The fd that the walk comes to at turn `i`; FD_NONE: none. */
static __always_inline __s32 ready_fd(struct thread *t, __u32 i)
{
	switch (rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].shape) {
	case IPCT_SHAPE_FD_POLLED:
		return polled_fd(t, i);
	case IPCT_SHAPE_FD_SELECTED:
		return selected_fd(t);
	default:
		return t->readiness.ended ? epolled_fd(t, i) : epoll_asked_fd(t, i);
	}
}

/* The second leg, which such a call has not, is on an object that was asked for or is ready. */
static __always_inline void ready_met(struct thread *t)
{
	struct readiness *r = &t->readiness;
	struct leg *leg = &t->leg[1];

	leg->flags |= IPCT_OP_PEEK | IPCT_OP_READY;
	leg->key = r->ended ? r->events : 0;
	if (r->met++) {
		part_emit(t, leg, 0);
		return;
	}
	t->leg[0] = *leg;
	t->legs = 1;
	if (!r->ended)
		r->left = 0;
}

/* A callback of bpf_loop, whose `arg` points to the thread's state. Ends the loop with 1. */
static long ready_one(__u32 i, void *arg)
{
	struct thread *t = *(struct thread **)arg;
	const volatile struct ipct_row *row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	__s32 fd = ready_fd(t, i);

	if (fd != FD_NONE) {
		t->readiness.left--;
		if (leg_of_fd(t, current_file(fd), 1, fd, IPCT_ROLE_WAIT, row->mask,
			      IPCT_OBJECT_INHERITED) &&
		    (t->leg[1].object || !t->readiness.ended))
			ready_met(t);
	}
	return !t->readiness.left;
}

/* Look at the fds of a call, which has `turns` of them and which has `ended` or begins. */
static __always_inline void ready_walk(struct thread *t, __u32 turns, bool ended)
{
	t->readiness.ended = ended;
	t->readiness.met = t->readiness.first_fd = 0;
	__builtin_memset(t->readiness.set, 0, sizeof(t->readiness.set));
	bpf_loop(turns, ready_one, &t, 0);
}

/* How many turns the walk through the fds that the call was given can take. */
static __always_inline __u32 ready_turns(const struct thread *t, __u32 shape)
{
	if (shape == IPCT_SHAPE_FD_EPOLLED)
		return 1 + EPOLL_TREE_ITEMS;
	if (shape == IPCT_SHAPE_FD_SELECTED)
		return READY_FDS_MAX + READY_FDS_MAX / 64;
	return t->args[1] < READY_FDS_MAX ? t->args[1] : READY_FDS_MAX;
}

/*
 * The calling thread's wait begins. 0: it asks for nothing that is watched, and is no op. Global,
 * for the verifier's sake.
 */
__noinline int ready_begin(void)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct readiness *r;
	__u32 shape;

	if (!t)
		return 0;
	r = &t->readiness;
	shape = rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].shape;
	r->left = -1;
	r->searched = 0;
	if (shape == IPCT_SHAPE_FD_EPOLLED) {
		r->epoll = epoll_of(t->args[0]);
		if (!r->epoll)
			return 0;
	}
	ready_walk(t, ready_turns(t, shape), false);
	if (r->searched)
		epoll_first_set(t, r->epoll, r->met ? t->leg[0].fd : FD_NONE);
	if (r->met && !t->leg[0].object) {
		leg_seen(&t->leg[0]); /* there was no room for it */
		t->legs = 0;
	}
	return t->legs;
}

/* The calling thread's wait has ended. Global, like the one before. */
__noinline int ready_end(__s64 result)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	const volatile struct ipct_row *row;
	__u32 turns;

	if (!t)
		return 0;
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	t->readiness.left = result;
	if (result > 0) {
		turns = row->shape == IPCT_SHAPE_FD_EPOLLED ? result : ready_turns(t, row->shape);
		ready_walk(t, turns, true);
	}
	return 0;
}

#endif
