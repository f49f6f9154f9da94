// SPDX-License-Identifier: BSD-2-Clause
/*
 * The walk. A wait's time is given to its waker from the beginning of the wait to its end, and no
 * further, so that the waits of one walk lie within each other like calls on a stack. They can
 * then be taken in the order of time, and every instant gets exactly one piece.
 *
 * Two things end a descent that a damaged or foreign file could make endless: a thread that waits
 * already is not entered again, and there is a greatest depth.
 */
#include "chain_walk.h"
#include "schemas/number.h"

#include <stdlib.h>

/* A thread, and the time of it that is asked for. */
struct frame {
	uint32_t thread;
	int64_t from_ns, to_ns;
};

struct walk {
	const struct chain *chain;
	const struct chain_sink *sink;
	struct frame stack[CHAIN_DEPTH];
	int depth;
	int err;
};

/* Time that is to be laid out. */
struct stretch {
	int64_t from_ns, to_ns;
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* By thread and end; of two with the same times, which the legs of one call are, any order. */
static int by_end(const void *a, const void *b)
{
	const struct chain_op *one = a, *other = b;
	int order = compare(one->thread, other->thread);

	order = order ?: compare(one->end_ns, other->end_ns);
	order = order ?: compare(one->start_ns, other->start_ns);
	order = order ?: compare(one->object, other->object);
	return order ?: compare(one->woken_ns, other->woken_ns);
}

/* The times of an op within its call, and the call behind `after_ns`, where the last one ended. */
static void op_settle(struct chain_op *op, int64_t after_ns)
{
	op->end_ns = clamp(op->end_ns, after_ns, CHAIN_TIME_MAX);
	op->start_ns = clamp(op->start_ns, after_ns, op->end_ns);
	op->waiting_ns = clamp(op->waiting_ns, 0, op->end_ns - op->start_ns);
	op->runnable_ns = clamp(op->runnable_ns, 0, CHAIN_TIME_MAX);
	op->locked_ns = clamp(op->locked_ns, 0, CHAIN_TIME_MAX);
	op->away_ns = clamp(op->away_ns, 0, op->start_ns - after_ns);
	if (op->woken_ns < op->start_ns || op->woken_ns > op->end_ns) {
		/* no known end: it may have waited from the beginning on */
		op->woken_ns = op->ran_ns = op->start_ns + op->waiting_ns;
		op->waker = CHAIN_NONE;
		op->kind = CHAIN_UNKNOWN;
	}
	op->waiting_ns = min64(op->waiting_ns, op->woken_ns - op->start_ns);
	op->ran_ns = clamp(op->ran_ns, op->woken_ns, op->end_ns);
	op->acted_ns = clamp(op->acted_ns, op->woken_ns - op->waiting_ns, op->woken_ns);
}

void chain_prepare(struct chain *chain)
{
	int64_t after_ns = 0;

	for (size_t i = 0; i < chain->thread_count; i++) {
		struct chain_thread *thread = &chain->threads[i];

		thread->first = thread->count = 0;
		thread->start_ns = clamp(thread->start_ns, 0, CHAIN_TIME_MAX);
		thread->first_ns = clamp(thread->first_ns, thread->start_ns, CHAIN_TIME_MAX);
		thread->last_ns = clamp(thread->last_ns, thread->first_ns, CHAIN_TIME_MAX);
	}
	if (chain->op_count)
		qsort(chain->ops, chain->op_count, sizeof(*chain->ops), by_end);
	for (size_t i = 0; i < chain->op_count; i++) {
		struct chain_op *op = &chain->ops[i];
		struct chain_thread *thread = &chain->threads[op->thread];

		if (!thread->count++) {
			thread->first = i;
			after_ns = thread->start_ns;
		}
		op_settle(op, after_ns);
		after_ns = op->end_ns;
	}
}

/* As much of [from_ns, to_ns) as the walk is in. */
static struct stretch within(const struct walk *w, int64_t from_ns, int64_t to_ns)
{
	const struct frame *top = &w->stack[w->depth - 1];

	return (struct stretch){
		.from_ns = from_ns > top->from_ns ? from_ns : top->from_ns,
		.to_ns = min64(to_ns, top->to_ns),
	};
}

static void put(struct walk *w, enum chain_kind kind, const struct chain_op *op, int64_t from_ns,
		int64_t to_ns)
{
	struct stretch part = within(w, from_ns, to_ns);
	struct chain_piece piece = {
		.kind = kind,
		.from_ns = part.from_ns,
		.to_ns = part.to_ns,
		.thread = w->stack[w->depth - 1].thread,
		.op = op,
	};

	if (piece.from_ns < piece.to_ns && !w->err)
		w->err = w->sink->piece(w->sink->arg, &piece);
}

/* Can the time be given to that thread? It may be waiting for this one, by what the file says. */
static bool can_enter(const struct walk *w, uint32_t thread)
{
	if (w->depth == CHAIN_DEPTH)
		return false;
	for (int i = 0; i < w->depth; i++)
		if (w->stack[i].thread == thread)
			return false;
	return true;
}

static void thread_walk(struct walk *w, uint32_t thread, int64_t from_ns, int64_t to_ns);

static void enter(struct walk *w, const struct chain_op *op, uint32_t thread, int64_t from_ns,
		  int64_t to_ns)
{
	struct stretch part = within(w, from_ns, to_ns);

	if (part.from_ns >= part.to_ns || w->err)
		return;
	w->err = w->sink->enter(w->sink->arg, op, thread);
	if (w->err)
		return;
	thread_walk(w, thread, part.from_ns, part.to_ns);
	w->sink->leave(w->sink->arg);
}

static void wait_walk(struct walk *w, const struct chain_op *op)
{
	int64_t sleep_ns = op->woken_ns - op->waiting_ns;

	if (op->waker == CHAIN_NONE) {
		put(w, op->kind, op, sleep_ns, op->woken_ns);
		return;
	}
	if (can_enter(w, op->waker))
		enter(w, op, op->waker, sleep_ns, op->acted_ns);
	else
		put(w, CHAIN_CIRCLE, op, sleep_ns, op->acted_ns);
	put(w, CHAIN_ON_WAY, op, op->acted_ns, op->woken_ns);
}

/* Take up to *amount_ns from the end of the stretch. */
static void stretch_take(struct stretch *s, int64_t *amount_ns)
{
	int64_t taken = min64(*amount_ns, s->to_ns - s->from_ns);

	*amount_ns -= taken;
	s->to_ns -= taken;
}

/*
 * A stretch of a call in which it ran, but for what is left of its other times: where in the call
 * those were is not recorded.
 */
static void busy_walk(struct walk *w, const struct chain_op *op, struct stretch s,
		      int64_t *locked_ns, int64_t *runq_ns)
{
	int64_t end_ns = s.to_ns, runq_at_ns;

	stretch_take(&s, runq_ns);
	runq_at_ns = s.to_ns;
	stretch_take(&s, locked_ns);
	put(w, CHAIN_RAN, op, s.from_ns, s.to_ns);
	put(w, CHAIN_LOCKED, op, s.to_ns, runq_at_ns);
	put(w, CHAIN_RUNQ, op, runq_at_ns, end_ns);
}

/* One call: busy, asleep until it is woken, ready until it runs, busy. */
static void op_walk(struct walk *w, const struct chain_op *op)
{
	int64_t locked_ns = op->locked_ns;
	int64_t runq_ns = op->runnable_ns - min64(op->runnable_ns, op->ran_ns - op->woken_ns);

	busy_walk(w, op, (struct stretch){op->start_ns, op->woken_ns - op->waiting_ns}, &locked_ns,
		  &runq_ns);
	wait_walk(w, op);
	put(w, CHAIN_RUNQ, op, op->woken_ns, op->ran_ns);
	busy_walk(w, op, (struct stretch){op->ran_ns, op->end_ns}, &locked_ns, &runq_ns);
}

/*
 * Between two ops that slept, of which the thread was off the CPU for `away_ns`. That was after all
 * other calls in between: each of them would be an op that has it else.
 */
static void gap_walk(struct walk *w, const struct chain_thread *thread, int64_t start_ns,
		     int64_t end_ns, int64_t away_ns)
{
	int64_t away_at_ns = end_ns - away_ns;
	/* a thread that is younger than its process began at some time before its first call */
	int64_t seen_ns = thread->main ? start_ns : clamp(thread->first_ns, start_ns, away_at_ns);

	put(w, CHAIN_UNSEEN, NULL, start_ns, seen_ns);
	put(w, CHAIN_RAN, NULL, seen_ns, away_at_ns);
	put(w, CHAIN_AWAY, NULL, away_at_ns, end_ns);
}

/* Behind the last op that slept: up to the last one of all the thread ran. */
static void tail_walk(struct walk *w, const struct chain_thread *thread, int64_t start_ns)
{
	int64_t last_ns = clamp(thread->last_ns, start_ns, CHAIN_TIME_MAX);

	gap_walk(w, thread, start_ns, last_ns, 0);
	put(w, CHAIN_UNSEEN, NULL, last_ns, INT64_MAX);
}

/* Before its process was there, the time is that of the one which started it. */
static void birth_walk(struct walk *w, const struct chain_thread *thread)
{
	if (thread->parent != CHAIN_NONE && can_enter(w, thread->parent))
		enter(w, NULL, thread->parent, INT64_MIN, thread->start_ns);
	else
		put(w, CHAIN_UNBORN, NULL, INT64_MIN, thread->start_ns);
}

/* The first op of the thread that ends after `ns`: an index from 0 to its count. */
static size_t op_after(const struct chain *chain, const struct chain_thread *thread, int64_t ns)
{
	size_t low = 0, high = thread->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chain->ops[thread->first + middle].end_ns > ns)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void thread_walk(struct walk *w, uint32_t thread, int64_t from_ns, int64_t to_ns)
{
	const struct chain_thread *t = &w->chain->threads[thread];
	size_t i = op_after(w->chain, t, from_ns);
	int64_t after_ns = i ? w->chain->ops[t->first + i - 1].end_ns : t->start_ns;

	w->stack[w->depth++] = (struct frame){thread, from_ns, to_ns};
	birth_walk(w, t);
	for (; i < t->count && after_ns < to_ns && !w->err; i++) {
		const struct chain_op *op = &w->chain->ops[t->first + i];

		gap_walk(w, t, after_ns, op->start_ns, op->away_ns);
		op_walk(w, op);
		after_ns = op->end_ns;
	}
	if (i == t->count)
		tail_walk(w, t, after_ns);
	w->depth--;
}

int chain_walk(const struct chain *chain, uint32_t thread, int64_t from_ns, int64_t to_ns,
	       const struct chain_sink *sink)
{
	struct walk walk = {.chain = chain, .sink = sink};

	if (from_ns < to_ns)
		thread_walk(&walk, thread, from_ns, to_ns);
	return walk.err;
}
