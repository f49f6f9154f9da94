/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Eventfds: a stream of counts. A write adds its number to the counter, a read takes all of it, or
 * one of a semaphore. So offsets are of counts, and a read has a message from each write of which
 * it took something.
 *
 * The kernel itself can add to a counter (asynchronous I/O, io_uring, KVM), and so can processes
 * that are not traced. It shows in the counter, which is looked at whenever nobody else moves it.
 */
#ifndef IPCT_EVENTFD_H
#define IPCT_EVENTFD_H

#include "anon.h"

#define EVENTFD_VECTORS 8            /* of a writev; more are not read */
#define EVENTFD_UNITS   (1ull << 40) /* a count from here on has no place in the stream */
#define EVENTFD_STREAM  (1ull << 55) /* and nor has what comes after so many */

static __noinline int eventfd_describe(struct ipct_object *o, const struct sighting *s)
{
	struct eventfd_ctx *ctx = (struct eventfd_ctx *)s->key.instance;
	struct object_state *state;
	__u64 count = BPF_CORE_READ(ctx, count);
	__u32 number;

	if (!o)
		return 0;
	number = o->object;
	state = bpf_map_lookup_elem(&object_states, &number);
	if (state && count < EVENTFD_UNITS)
		o->fill = state->fill = count;
	else if (state)
		state->outside = 1;
	return 0;
}

/*
 * Number of the eventfd. Identifiers and addresses are used again, but then a call has made the new
 * one: `made`. Global, as object_first_sight is, for the verifier's sake.
 */
__noinline __u32 eventfd_number(__u64 address, __u32 made)
{
	struct sighting s = {.key.mechanism = IPCT_MECH_EVENTFD, .fresh = made};

	s.flags = made ? 0 : IPCT_OBJECT_INHERITED;
	s.key.instance = address;
	s.key.ino = (__u32)BPF_CORE_READ((struct eventfd_ctx *)address, id);
	return object_find(&s);
}

static __always_inline bool eventfd_resolve(struct thread *t, struct file *file, struct leg *leg,
					    __u32 flags)
{
	__u8 call = rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].id;
	bool made = !flags && (call == IPCT_SYS_eventfd || call == IPCT_SYS_eventfd2);

	leg->mechanism = IPCT_MECH_EVENTFD;
	leg->object = eventfd_number((__u64)BPF_CORE_READ(file, private_data), made);
	return true;
}

/* The sum of the numbers that the current call has written or read; ~0: not to be had. */
__noinline __u64 eventfd_value(__u64 buffer, __u64 vectors)
{
	__u64 value = 0, sum = 0;
	struct user_iovec v;

	if (!vectors)
		return bpf_probe_read_user(&value, sizeof(value), (void *)buffer) ? ~0ull : value;
	for (__u32 i = 0; i < EVENTFD_VECTORS && i < vectors; i++) {
		if (bpf_probe_read_user(&v, sizeof(v), (void *)(buffer + i * sizeof(v))) ||
		    v.len < sizeof(value) ||
		    bpf_probe_read_user(&value, sizeof(value), (void *)v.base))
			return ~0ull;
		sum = value < EVENTFD_UNITS ? sum + value : EVENTFD_UNITS;
	}
	return sum;
}

/* The key of an op on an eventfd is how much it added or took. */
static __noinline void eventfd_ended(struct thread *t, struct leg *leg, __s64 result)
{
	const volatile struct ipct_row *row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	__u64 vectors = row->flags & IPCT_ROW_IOV ? (__u64)result / sizeof(__u64) : 0;
	__u32 number = leg->object;
	struct object_state *state;

	if (result <= 0 || (!leg_gives(leg) && !leg_takes(leg)))
		return;
	leg->key = eventfd_value(t->args[1], vectors);
	state = bpf_map_lookup_elem(&object_states, &number);
	if (!state)
		return;
	if (state->send.passed >= EVENTFD_STREAM || state->recv.passed >= EVENTFD_STREAM)
		leg->key = EVENTFD_UNITS;
	if (leg->key >= EVENTFD_UNITS)
		state->outside = 1;
}

/* How much of its stream the leg has moved. */
static __always_inline __s64 eventfd_units(const struct leg *leg)
{
	return leg->bytes > 0 && leg->key < EVENTFD_UNITS ? leg->key : 0;
}

/* Others have added to the counter, or taken from it: so much of the stream is not ours. */
static __always_inline void eventfd_skip(struct object_state *state, __s64 more)
{
	if (state->send.passed >= EVENTFD_STREAM || state->recv.passed >= EVENTFD_STREAM)
		return;
	if (more > 0 && more < (__s64)EVENTFD_UNITS) {
		__sync_fetch_and_add(&state->send.passed, more);
		__sync_fetch_and_add(&state->send.gaps, 1);
	} else if (more < 0 && more > -(__s64)EVENTFD_UNITS) {
		__sync_fetch_and_add(&state->recv.passed, -more);
		__sync_fetch_and_add(&state->recv.gaps, 1);
	}
}

/* The counter behind the leg's fd; NULL: someone has put another file there by now. */
static __always_inline struct eventfd_ctx *eventfd_of(const struct leg *leg)
{
	struct object_key key = {.mechanism = IPCT_MECH_EVENTFD};
	struct file *file = current_file(leg->fd);
	struct eventfd_ctx *ctx;
	__u32 *number;

	if (!file || anon_kind(file, BPF_CORE_READ(file, f_inode)) != ANON_EVENTFD)
		return NULL;
	ctx = BPF_CORE_READ(file, private_data);
	key.instance = (__u64)ctx;
	key.ino = (__u32)BPF_CORE_READ(ctx, id);
	number = bpf_map_lookup_elem(&objects, &key);
	return number && *number == leg->object ? ctx : NULL;
}

/* If nobody but this leg moves the counter: is it what the traced calls have made it? */
__noinline int eventfd_check(struct leg *leg)
{
	__u64 sends, recvs, count, sum;
	struct object_state *state;
	struct eventfd_ctx *ctx;
	__u32 number;

	if (!leg)
		return 0;
	number = leg->object;
	ctx = eventfd_of(leg);
	state = bpf_map_lookup_elem(&object_states, &number);
	if (!state || !ctx)
		return 0;
	sends = *(volatile __u64 *)&state->send.window;
	recvs = *(volatile __u64 *)&state->recv.window;
	if ((sends & WINDOW_INSIDE) + (recvs & WINDOW_INSIDE) == leg->in_window) {
		sum = state->fill + state->send.passed - state->recv.passed;
		count = BPF_CORE_READ(ctx, count);
		if (sends == *(volatile __u64 *)&state->send.window &&
		    recvs == *(volatile __u64 *)&state->recv.window && count != sum) {
			state->outside = 1;
			eventfd_skip(state, count - sum);
		}
	}
	if (state->outside)
		leg->flags |= IPCT_OP_OUTSIDE | IPCT_OP_UNSURE;
	return 0;
}

#endif
