// SPDX-License-Identifier: BSD-2-Clause
/*
 * The walk of a critical chain: who gets which time, and that the pieces are always the span,
 * whatever the arrays hold.
 */
#include "reporter/chain_tree.h"
#include "reporter/chain_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000ll

/* What a walk told: one letter for each thread, a word for each kind. */
struct told {
	char text[2048];
	size_t len;
	int64_t at_ns; /* end of the piece before */
	int64_t sum_ns;
	int depth, deepest;
	bool gapless;
};

static const char *const words[CHAIN_KINDS] = {
	[CHAIN_RAN] = "ran",         [CHAIN_RUNQ] = "ready",      [CHAIN_LOCKED] = "locked",
	[CHAIN_AWAY] = "away",       [CHAIN_UNSEEN] = "unseen",   [CHAIN_UNBORN] = "unborn",
	[CHAIN_ON_WAY] = "way",      [CHAIN_TIMEOUT] = "timeout", [CHAIN_KERNEL] = "kernel",
	[CHAIN_OUTSIDE] = "outside", [CHAIN_NEVER] = "never",     [CHAIN_UNKNOWN] = "unknown",
	[CHAIN_CIRCLE] = "circle",
};

static void tell(struct told *told, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	told->len += (size_t)vsnprintf(told->text + told->len, sizeof(told->text) - told->len, fmt,
				       args);
	va_end(args);
	assert_true(told->len < sizeof(told->text));
}

static int take_enter(void *arg, const struct chain_op *op, uint32_t thread)
{
	struct told *told = arg;

	if (++told->depth > told->deepest)
		told->deepest = told->depth;
	if (op)
		tell(told, " %u/%u(", op->call, op->object);
	else
		tell(told, " fork(");
	return 0;
}

static void take_leave(void *arg)
{
	struct told *told = arg;

	told->depth--;
	tell(told, " )");
}

static int take_piece(void *arg, const struct chain_piece *piece)
{
	struct told *told = arg;

	told->gapless &= piece->from_ns == told->at_ns && piece->to_ns > piece->from_ns;
	told->at_ns = piece->to_ns;
	told->sum_ns += piece->to_ns - piece->from_ns;
	tell(told, " %c:%s=%lld", 'A' + (int)piece->thread, words[piece->kind],
	     (long long)((piece->to_ns - piece->from_ns) / MS));
	return 0;
}

/*
 * Walk thread 0 from `from` to `to` milliseconds, and see that the pieces are those. Running in
 * a call and outside of it are two.
 */
static void check(struct chain *chain, int64_t from, int64_t to, const char *expected)
{
	struct told told = {.at_ns = from * MS, .gapless = true};
	struct chain_sink sink = {take_enter, take_leave, take_piece, &told};

	chain_prepare(chain);
	assert_int_equal(chain_walk(chain, 0, from * MS, to * MS, &sink), 0);
	assert_string_equal(told.text, expected);
	assert_true(told.gapless);
	assert_int_equal(told.sum_ns, (to - from) * MS);
	assert_int_equal(told.depth, 0);
}

/* A call from `start` to `end` that waited until `woken`, in milliseconds, for `waker`. */
#define WAITED(of, start, end, waited, until, by)                                                  \
	{                                                                                          \
		.thread = (of), .start_ns = (start)*MS, .end_ns = (end)*MS,                        \
		.waiting_ns = (waited)*MS, .woken_ns = (until)*MS, .ran_ns = (until)*MS,           \
		.acted_ns = CHAIN_TIME_MAX, .waker = (by), .kind = CHAIN_UNKNOWN,                  \
		.call = 10 * ((of) + 1), .object = (of) + 1                                        \
	}

#define THREAD(from, to)                                                                           \
	{                                                                                          \
		.start_ns = (from)*MS, .first_ns = (from)*MS, .last_ns = (to)*MS,                  \
		.parent = CHAIN_NONE, .main = true                                                 \
	}

#define CHAIN(ops, threads)                                                                        \
	{                                                                                          \
		(ops), sizeof(ops) / sizeof((ops)[0]), (threads),                                  \
			sizeof(threads) / sizeof((threads)[0])                                     \
	}

static void a_thread_that_never_slept(void **state)
{
	struct chain_thread threads[] = {THREAD(0, 60)};
	struct chain chain = {NULL, 0, threads, 1};

	/* what it did after its last call is not known */
	check(&chain, 0, 100, " A:ran=60 A:unseen=40");
	check(&chain, 10, 20, " A:ran=10");
	check(&chain, 70, 80, " A:unseen=10");
}

static void one_wait(void **state)
{
	struct chain_op ops[] = {WAITED(0, 10, 50, 35, 48, 1)};
	struct chain_thread threads[] = {THREAD(0, 100), THREAD(0, 100)};
	struct chain chain = CHAIN(ops, threads);

	check(&chain, 0, 100, " A:ran=10 A:ran=3 10/1( B:ran=35 ) A:ran=2 A:ran=50");
	/* only a part of the wait is asked for */
	check(&chain, 20, 30, " 10/1( B:ran=10 )");
}

static void parts_of_a_call(void **state)
{
	struct chain_op ops[] = {
		{
			.start_ns = 10 * MS,
			.end_ns = 60 * MS,
			.waiting_ns = 20 * MS,
			.woken_ns = 45 * MS,
			.ran_ns = 48 * MS,
			.acted_ns = 43 * MS,
			.runnable_ns = 8 * MS, /* 3 after it was woken */
			.locked_ns = 4 * MS,
			.away_ns = 6 * MS,
			.waker = 1,
			.call = 1,
			.object = 2,
		},
	};
	struct chain_thread threads[] = {THREAD(0, 60), THREAD(0, 60)};
	struct chain chain = CHAIN(ops, threads);

	check(&chain, 0, 60,
	      " A:ran=4 A:away=6 A:ran=6 A:locked=4 A:ready=5 1/2( B:ran=18 ) A:way=2 A:ready=3"
	      " A:ran=12");
}

static void waits_within_waits(void **state)
{
	struct chain_op ops[] = {
		WAITED(0, 10, 90, 70, 85, 1), /* from 15 on */
		WAITED(1, 20, 80, 50, 75, 2), /* from 25 on */
		WAITED(2, 0, 40, 40, 40, CHAIN_NONE),
		WAITED(1, 2, 18, 10, 17, 2), /* ends in A's wait, began before it */
	};
	struct chain_thread threads[] = {THREAD(0, 100), THREAD(0, 100), THREAD(0, 100)};
	struct chain chain = CHAIN(ops, threads);

	ops[2].kind = CHAIN_TIMEOUT;
	check(&chain, 0, 100,
	      " A:ran=10 A:ran=5 10/1( 20/2( C:timeout=2 ) B:ran=1 B:ran=2 B:ran=5 20/2( "
	      "C:timeout=15"
	      " C:ran=35 ) B:ran=5 B:ran=5 ) A:ran=5 A:ran=10");
}

static void ping_pong(void **state)
{
	struct chain_op ops[20];
	struct chain_thread threads[] = {THREAD(0, 100), THREAD(0, 100)};
	struct chain chain = CHAIN(ops, threads);

	/* each works for 5 ms, the other one waits */
	for (int i = 0; i < 20; i++)
		ops[i] = (struct chain_op)WAITED((uint32_t)i % 2, 5 * i, 5 * i + 5, 5, 5 * i + 5,
						 (uint32_t)(i + 1) % 2);
	check(&chain, 0, 20, " 10/1( B:ran=5 ) A:ran=5 10/1( B:ran=5 ) A:ran=5");
	check(&chain, 82, 100, " 10/1( B:ran=3 ) A:ran=5 10/1( B:ran=5 ) A:ran=5");
}

static void wakers_that_cannot_be_followed(void **state)
{
	static const enum chain_kind kinds[] = {CHAIN_TIMEOUT, CHAIN_KERNEL, CHAIN_OUTSIDE,
						CHAIN_NEVER, CHAIN_UNKNOWN};
	struct chain_op ops[] = {WAITED(0, 10, 20, 10, 20, CHAIN_NONE)};
	struct chain_thread threads[] = {THREAD(0, 30)};
	struct chain chain = CHAIN(ops, threads);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char expected[64];

		ops[0].kind = kinds[i];
		snprintf(expected, sizeof(expected), " A:ran=10 A:%s=10 A:ran=10", words[kinds[i]]);
		check(&chain, 0, 30, expected);
	}
	/* a sleep whose end is not known, or lies elsewhere, has an unknown waker */
	ops[0].kind = CHAIN_TIMEOUT;
	ops[0].woken_ns = -1;
	check(&chain, 0, 30, " A:ran=10 A:unknown=10 A:ran=10");
}

static void circles(void **state)
{
	struct chain_op ops[] = {
		WAITED(0, 0, 100, 100, 100, 1),
		WAITED(1, 0, 100, 100, 100, 2),
		WAITED(2, 0, 100, 50, 100, 0),
	};
	struct chain_thread threads[] = {THREAD(0, 100), THREAD(0, 100), THREAD(0, 100)};
	struct chain chain = CHAIN(ops, threads);

	check(&chain, 0, 100, " 10/1( 20/2( C:ran=50 C:circle=50 ) )");
	ops[0].waker = 0;
	check(&chain, 0, 100, " A:circle=100");
}

/* As deep as it goes, each thread waits for the next one. */
static void depth_is_limited(void **state)
{
	enum { COUNT = 3 * CHAIN_DEPTH };
	struct chain_op ops[COUNT];
	struct chain_thread threads[COUNT];
	struct chain chain = CHAIN(ops, threads);
	struct told told = {.gapless = true};
	struct chain_sink sink = {take_enter, take_leave, take_piece, &told};

	for (uint32_t i = 0; i < COUNT; i++) {
		ops[i] = (struct chain_op)WAITED(i, 0, 10, 10, 10, (i + 1) % COUNT);
		threads[i] = (struct chain_thread)THREAD(0, 10);
	}
	chain_prepare(&chain);
	assert_int_equal(chain_walk(&chain, 0, 0, 10 * MS, &sink), 0);
	assert_int_equal(told.deepest, CHAIN_DEPTH - 1);
	assert_int_equal(told.sum_ns, 10 * MS);
}

static void births(void **state)
{
	struct chain_op ops[] = {WAITED(0, 10, 50, 40, 50, 1)};
	struct chain_thread threads[] = {THREAD(0, 60), THREAD(30, 60), THREAD(0, 60)};
	struct chain chain = CHAIN(ops, threads);

	check(&chain, 0, 60, " A:ran=10 10/1( B:unborn=20 B:ran=20 ) A:ran=10");
	threads[1].parent = 2;
	check(&chain, 0, 60, " A:ran=10 10/1( fork( C:ran=20 ) B:ran=20 ) A:ran=10");
	/* who started it waits for it already */
	threads[1].parent = 0;
	check(&chain, 0, 60, " A:ran=10 10/1( B:unborn=20 B:ran=20 ) A:ran=10");
	/* of a thread that is no main thread only the process's birth is known */
	threads[1] = (struct chain_thread){.first_ns = 25 * MS,
					   .last_ns = 40 * MS,
					   .parent = CHAIN_NONE};
	check(&chain, 0, 60, " A:ran=10 10/1( B:unseen=15 B:ran=15 B:unseen=10 ) A:ran=10");
}

/* Each has sent, and sleeps before the kernel has delivered that: nobody waits in a circle. */
static void late_deliveries(void **state)
{
	struct chain_op ops[] = {WAITED(0, 10, 60, 50, 60, 1), WAITED(1, 0, 30, 30, 30, 0)};
	struct chain_thread threads[] = {THREAD(0, 80), THREAD(0, 80)};
	struct chain chain = CHAIN(ops, threads);

	ops[0].acted_ns = 40 * MS;
	ops[1].acted_ns = 10 * MS;
	check(&chain, 0, 80, " A:ran=10 10/1( B:way=20 B:ran=10 ) A:way=20 A:ran=20");
}

/* Both legs of a splice have the same sleep, which counts once. */
static void calls_on_two_objects(void **state)
{
	struct chain_op ops[] = {WAITED(0, 10, 20, 10, 20, 1), WAITED(0, 10, 20, 10, 20, 1)};
	struct chain_thread threads[] = {THREAD(0, 30), THREAD(0, 30)};
	struct chain chain = CHAIN(ops, threads);

	ops[1].object = 7;
	check(&chain, 0, 30, " A:ran=10 10/1( B:ran=10 ) A:ran=10");
}

static void sums(void **state)
{
	struct chain_op ops[40];
	struct chain_thread threads[] = {THREAD(0, 400), THREAD(0, 400), THREAD(0, 400)};
	struct chain chain = CHAIN(ops, threads);
	struct chain_tree tree;
	uint32_t node;

	/* forty waits of 5 ms in turns for B and C */
	for (int i = 0; i < 40; i++)
		ops[i] = (struct chain_op)WAITED(0, 10 * i, 10 * i + 5, 5, 10 * i + 5,
						 1 + (uint32_t)i % 2);
	chain_prepare(&chain);
	assert_int_equal(chain_tree_make(&tree, &chain, 0, 0, 400 * MS), 0);
	assert_int_equal(tree.nodes[0].time_ns, 400 * MS);
	assert_int_equal(tree.count, 6); /* A, it ran, B and C, each of which ran */
	for (node = tree.nodes[0].child; node != CHAIN_NONE; node = tree.nodes[node].brother) {
		const struct chain_node *n = &tree.nodes[node];

		assert_int_equal(n->time_ns, n->kind == CHAIN_RAN ? 200 * MS : 100 * MS);
		if (n->kind == CHAIN_FOLLOWED)
			assert_int_equal(n->count, 20);
	}
	chain_tree_free(&tree);
}

static int give_up(void *arg, const struct chain_piece *piece)
{
	return --*(int *)arg ? 0 : -EIO;
}

static int enter_nothing(void *arg, const struct chain_op *op, uint32_t thread)
{
	return 0;
}

static void leave_nothing(void *arg)
{
}

static void an_error_ends_the_walk(void **state)
{
	struct chain_op ops[] = {WAITED(0, 10, 50, 35, 48, 1)};
	struct chain_thread threads[] = {THREAD(0, 100), THREAD(0, 100)};
	struct chain chain = CHAIN(ops, threads);
	int pieces = 2;
	struct chain_sink sink = {enter_nothing, leave_nothing, give_up, &pieces};

	chain_prepare(&chain);
	assert_int_equal(chain_walk(&chain, 0, 0, 100 * MS, &sink), -EIO);
	assert_int_equal(pieces, 0);
}

/* xorshift64: the same numbers in each run. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A number that is small, or anything. */
static int64_t random_time(uint64_t *state)
{
	uint64_t r = random_next(state);

	switch (r % 16) {
	case 0:
		return (int64_t)random_next(state);
	case 1:
		return INT64_MAX;
	case 2:
		return INT64_MIN;
	case 3:
		return -1;
	default:
		return (int64_t)(r >> 8) % 1000;
	}
}

#define MANY 40

static void random_fill(struct chain *chain, uint64_t *state)
{
	chain->thread_count = 1 + random_next(state) % 8;
	chain->op_count = random_next(state) % MANY;
	for (size_t i = 0; i < chain->thread_count; i++)
		chain->threads[i] = (struct chain_thread){
			.start_ns = random_time(state),
			.first_ns = random_time(state),
			.last_ns = random_time(state),
			.parent = random_next(state) % 2
					  ? CHAIN_NONE
					  : (uint32_t)(random_next(state) % chain->thread_count),
			.main = random_next(state) % 2,
		};
	for (size_t i = 0; i < chain->op_count; i++)
		chain->ops[i] = (struct chain_op){
			.start_ns = random_time(state),
			.end_ns = random_time(state),
			.waiting_ns = random_time(state),
			.runnable_ns = random_time(state),
			.locked_ns = random_time(state),
			.away_ns = random_time(state),
			.woken_ns = random_time(state),
			.ran_ns = random_time(state),
			.acted_ns = random_time(state),
			.thread = (uint32_t)(random_next(state) % chain->thread_count),
			.waker = random_next(state) % 4
					 ? (uint32_t)(random_next(state) % chain->thread_count)
					 : CHAIN_NONE,
			.kind = CHAIN_TIMEOUT + random_next(state) % 5,
			.call = random_next(state) % 3,
			.object = random_next(state) % 3,
		};
}

/* The pieces without words, of which there may be many. */
static int sum_piece(void *arg, const struct chain_piece *piece)
{
	struct told *told = arg;

	told->gapless &= piece->from_ns == told->at_ns && piece->to_ns > piece->from_ns;
	told->at_ns = piece->to_ns;
	return 0;
}

static void any_numbers_give_the_span(void **state)
{
	uint64_t random = 88172645463325252;

	for (int round = 0; round < 5000; round++) {
		struct chain_op ops[MANY];
		struct chain_thread threads[8];
		struct chain chain = {ops, 0, threads, 0};
		struct told told = {.gapless = true};
		struct chain_sink sink = {enter_nothing, leave_nothing, sum_piece, &told};
		struct chain_tree tree;
		int64_t from_ns = (int64_t)(random_next(&random) % 500);
		int64_t to_ns = round % 10 ? from_ns + 1 + (int64_t)(random_next(&random) % 1000)
					   : CHAIN_TIME_MAX;
		uint32_t thread;

		random_fill(&chain, &random);
		thread = (uint32_t)(random_next(&random) % chain.thread_count);
		chain_prepare(&chain);
		told.at_ns = from_ns;
		assert_int_equal(chain_walk(&chain, thread, from_ns, to_ns, &sink), 0);
		assert_true(told.gapless);
		assert_int_equal(told.at_ns, to_ns);
		assert_int_equal(chain_tree_make(&tree, &chain, thread, from_ns, to_ns), 0);
		assert_int_equal(tree.nodes[0].time_ns, to_ns - from_ns);
		chain_tree_free(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_that_never_slept),
		cmocka_unit_test(one_wait),
		cmocka_unit_test(parts_of_a_call),
		cmocka_unit_test(waits_within_waits),
		cmocka_unit_test(ping_pong),
		cmocka_unit_test(wakers_that_cannot_be_followed),
		cmocka_unit_test(circles),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(births),
		cmocka_unit_test(late_deliveries),
		cmocka_unit_test(calls_on_two_objects),
		cmocka_unit_test(sums),
		cmocka_unit_test(an_error_ends_the_walk),
		cmocka_unit_test(any_numbers_give_the_span),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
