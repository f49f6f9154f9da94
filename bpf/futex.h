/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Futexes in shared memory: who waits, who wakes, who woke whom. The object is a word, known by
 * the memory object that holds it and its offset there, so that it is the same for all processes.
 * Private futexes are left before anything else is looked at.
 *
 * sched_waking runs in the waker's context. If the waker is in a call that wakes a futex and the
 * woken thread in one that waits, the number of the waker's call becomes the label of both. A
 * thread that was queued and not yet asleep is woken without that event; such messages are put
 * together by their order on the word, and marked unsure.
 *
 * A call on two words (FUTEX_WAKE_OP, a requeue) is an op on its first one, and so is the wait of a
 * thread that was moved from one to the other.
 */
#ifndef IPCT_FUTEX_H
#define IPCT_FUTEX_H

#include "memory.h"

#define FUTEX_WAIT            0
#define FUTEX_WAKE            1
#define FUTEX_REQUEUE         3
#define FUTEX_CMP_REQUEUE     4
#define FUTEX_WAKE_OP         5
#define FUTEX_LOCK_PI         6
#define FUTEX_UNLOCK_PI       7
#define FUTEX_TRYLOCK_PI      8
#define FUTEX_WAIT_BITSET     9
#define FUTEX_WAKE_BITSET     10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI  12
#define FUTEX_LOCK_PI2        13
#define FUTEX_PRIVATE_FLAG    128 /* of the newer calls as well: FUTEX2_PRIVATE */
#define FUTEX_CLOCK_REALTIME  256
#define FUTEX_WAITV_MAX       128

struct futex_waitv { /* include/uapi/linux/futex.h */
	__u64 val, uaddr;
	__u32 flags, unused;
};

/* The command that a call amounts to, by its row and arguments. */
static __always_inline __u32 futex_command(const struct thread *t,
					   const volatile struct ipct_row *row)
{
	switch (row->id) {
	case IPCT_SYS_futex_wake:
		return FUTEX_WAKE;
	case IPCT_SYS_futex_wait:
	case IPCT_SYS_futex_waitv:
		return FUTEX_WAIT;
	case IPCT_SYS_futex_requeue:
		return FUTEX_REQUEUE;
	}
	return (__u32)t->args[1] & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
}

/* What a command does to its word; IPCT_ROLE_COUNT: there is no such command. */
static __always_inline __u32 futex_role(__u32 command)
{
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_TRYLOCK_PI:
	case FUTEX_WAIT_REQUEUE_PI:
		return IPCT_ROLE_WAIT;
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
	case FUTEX_WAKE_OP:
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_CMP_REQUEUE_PI:
	case FUTEX_UNLOCK_PI:
		return IPCT_ROLE_WAKE;
	}
	return IPCT_ROLE_COUNT;
}

/* Is the call on one word, and private? From registers, as nothing of the call is kept yet. */
static __always_inline bool futex_private(const volatile struct ipct_row *row,
					  const struct pt_regs *regs)
{
	__u64 flags = row->id == IPCT_SYS_futex ? regs->si : regs->r10;

	return row->shape == IPCT_SHAPE_WORD && flags & FUTEX_PRIVATE_FLAG;
}

static __noinline int futex_describe(struct ipct_object *o, const struct sighting *s)
{
	struct file *file = (struct file *)s->source;

	if (!o)
		return 0;
	object_fill_inode(o, BPF_CORE_READ(file, f_inode));
	o->holder = s->key.ino;
	o->offset = s->key.instance;
	return 0;
}

/* The number of the word at an offset of a memory object. */
__noinline __u32 futex_object(__u64 file, __u32 holder, __u64 offset)
{
	struct sighting s = {.source = file, .key.mechanism = IPCT_MECH_FUTEX};

	s.key.ino = holder;
	s.key.instance = offset;
	return object_find(&s);
}

/* The word at `address`, if it lies in shared memory. */
__noinline int futex_begin(__u64 address, __u32 role)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	__u32 mechanism, holder = 0;
	struct area area;
	struct leg *leg;
	long err;

	if (!t || role >= IPCT_ROLE_COUNT)
		return 0;
	err = area_find(address, &area);
	if (err == -EBUSY) {
		ledger_count(IPCT_MECH_FUTEX, IPCT_COUNT_SEEN);
		ledger_count(IPCT_MECH_FUTEX, IPCT_COUNT_AREAS);
	}
	mechanism = err ? IPCT_MECH_NONE : area_mechanism(&area);
	if (!mechanism)
		return 0;
	leg = &t->leg[0];
	leg_clear(leg);
	leg->mechanism = IPCT_MECH_FUTEX;
	leg->role = role;
	holder = memory_object(area.file, area.file, mechanism, 0);
	if (holder)
		leg->object = futex_object(area.file, holder,
					   address - area.start + area.page * PAGE_SIZE);
	if (!leg_seen(leg))
		return 0;
	t->legs = 1;
	t->wakings = 0;
	return 1;
}

/* The words of a call on several, and the one that was found. */
struct futex_words {
	__u64 address, found;
};

/* A callback of bpf_loop. 1: this word is not private, or there is none. */
static long futex_shared_one(__u32 i, struct futex_words *words)
{
	struct futex_waitv v;

	if (bpf_probe_read_user(&v, sizeof(v), (void *)(words->address + i * sizeof(v))))
		return 1;
	if (v.flags & FUTEX_PRIVATE_FLAG)
		return 0;
	words->found = v.uaddr;
	return 1;
}

/* The first word of several that is not private. */
__noinline __u64 futex_first(__u64 address, __u32 count)
{
	struct futex_words words = {.address = address};

	bpf_loop(count < FUTEX_WAITV_MAX ? count : FUTEX_WAITV_MAX, futex_shared_one, &words, 0);
	return words.found;
}

static __always_inline bool futex_call(struct thread *t, const volatile struct ipct_row *row)
{
	__u64 address = t->args[0];

	if (row->shape == IPCT_SHAPE_WORD_ARRAY)
		address = futex_first(address,
				      row->id == IPCT_SYS_futex_waitv ? (__u32)t->args[1] : 2);
	return address && futex_begin(address, futex_role(futex_command(t, row)));
}

/* `t` wakes a thread that is in a call. */
static __always_inline void futex_wakes(struct thread *t, struct thread *woken)
{
	if (t->leg[0].role != IPCT_ROLE_WAKE)
		return;
	t->wakings++;
	if (woken->legs && woken->leg[0].mechanism == IPCT_MECH_FUTEX &&
	    woken->leg[0].role == IPCT_ROLE_WAIT)
		woken->woken_by = call_number(t);
}

/* Can the call hand over, or take, a wake-up that no event shows? */
static __always_inline bool futex_unslept(const struct thread *t, const struct leg *leg,
					  __s64 result)
{
	__u32 command = futex_command(t, &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)]);

	if (command == FUTEX_WAKE || command == FUTEX_WAKE_BITSET)
		return result > t->wakings;
	return (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) && !t->blocked_ns;
}

static __always_inline void futex_ended(struct thread *t, struct leg *leg, __s64 result)
{
	bool wakes = leg->role == IPCT_ROLE_WAKE;
	__u64 label = wakes ? t->call : t->woken_by;

	leg->bytes = 0;
	if (result < 0)
		return;
	if (label) {
		leg->offset = label;
		leg->flags |= IPCT_OP_LABELLED | IPCT_OP_ANYWHERE | IPCT_OP_PLACED;
	} else if (futex_unslept(t, leg, result)) {
		leg_label(leg, 0);
		leg->flags |= IPCT_OP_UNSURE;
	}
}

#endif
