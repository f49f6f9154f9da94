// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/depth.c: the level over time against a sum by hand, bins that merge, the union of waits
 * against a model that marks each nanosecond, and what is remembered of what the file lacks.
 */
#include "collector/depth.h"

#include "rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH (1ll << DEPTH_WIDTH_SHIFT)

static int depth_begin(void **state)
{
	*state = depth_new();
	return *state ? 0 : -1;
}

static int depth_end(void **state)
{
	depth_free(*state);
	return 0;
}

static void level(struct depth *d, int64_t ns, int64_t bytes, int64_t messages)
{
	assert_int_equal(depth_level(d, ns, bytes, messages), 0);
}

static void waited(struct depth *d, enum depth_side side, int64_t from_ns, int64_t to_ns)
{
	assert_int_equal(depth_waited(d, side, from_ns, to_ns, 0), 0);
}

static int64_t width(const struct depth *d)
{
	return 1ll << d->shift;
}

static int64_t bins_waited(const struct depth *d, enum depth_side side)
{
	int64_t sum = 0;

	for (size_t i = 0; i < d->count; i++)
		sum += d->bins[i].waited_ns[side];
	return sum;
}

static double bins_bytes(const struct depth *d)
{
	double sum = 0;

	for (size_t i = 0; i < d->count; i++)
		sum += d->bins[i].byte_ns;
	return sum;
}

static void test_nothing(void **state)
{
	struct depth *d = *state;
	double bytes, messages;

	level(d, 5, 0, 0);
	level(d, 7000 * WIDTH, 0, 0);
	assert_int_equal(d->count, 0);
	depth_means(d, &bytes, &messages);
	assert_true(bytes == 0 && messages == 0);
}

/* The mean of a bin is over all of it; what begins before it is known is in no bin. */
static void test_mean(void **state)
{
	struct depth *d = *state;

	level(d, 10 * WIDTH, 600, 3);
	level(d, 10 * WIDTH + WIDTH / 2, 200, 1);
	level(d, 12 * WIDTH, 0, 0);
	assert_int_equal(d->count, 2);
	assert_int_equal(d->base, 10);
	assert_int_equal(depth_bin_bytes(d, &d->bins[0]), 400);
	assert_true(depth_bin_messages(d, &d->bins[0]) == 2);
	assert_int_equal(depth_bin_bytes(d, &d->bins[1]), 200);
	assert_int_equal(d->bins[0].max_bytes, 600);
	assert_int_equal(d->bins[0].max_messages, 3);
	assert_int_equal(d->bins[1].max_bytes, 200);
	assert_int_equal(d->max_bytes, 600);
}

/* From the first op to the last one, or to the end of what is still inside. */
static void test_means(void **state)
{
	struct depth *d = *state;
	double bytes, messages;

	depth_op(d, true, 1, 11, 1000, 2000);
	level(d, 2000, 100, 1);
	depth_op(d, false, 2, 12, 2500, 3000);
	level(d, 3000, 50, 1);
	level(d, 6000, 50, 1);
	depth_means(d, &bytes, &messages);
	assert_int_equal(d->last_ns, 6000);
	assert_true(bytes > 49.999 && bytes < 50.001); /* (1000 * 100 + 3000 * 50) / 5000 */
	assert_true(messages > .7999 && messages < .8001);
	assert_int_equal(d->sends, 1);
	assert_int_equal(d->recvs, 1);
	assert_int_equal(d->giver, 11);
	depth_op(d, false, 2, 13, 2500, 3000);
	assert_int_equal(d->receiver, 2);
	depth_op(d, false, 3, 14, 2500, 3000);
	depth_op(d, false, 2, 13, 2500, 3000);
	assert_true(d->receiver == DEPTH_SEVERAL && d->sender == 1 && d->taker == 13);
}

/* A level that lasted no time was there all the same. */
static void test_short_maximum(void **state)
{
	struct depth *d = *state;

	level(d, 100, 4000, 1);
	level(d, 100, 0, 0);
	assert_int_equal(d->max_bytes, 4000);
	assert_int_equal(d->bins[0].max_bytes, 4000);
	assert_true(depth_bin_used(&d->bins[0]));
}

/* Records come nearly in order: what is late counts from when it comes. */
static void test_out_of_order(void **state)
{
	struct depth *d = *state;

	level(d, 2000, 10, 1);
	level(d, 1000, 20, 2);
	level(d, 3000, 0, 0);
	assert_true(bins_bytes(d) == 20 * 1000);
	level(d, 4000, -5, -1);
	assert_int_equal(d->bytes, 0);
}

static void test_limit(void **state)
{
	struct depth *d = *state;

	d->limit_messages = 2;
	for (int i = 1; i <= 3; i++)
		assert_int_equal(depth_put(d, 1000 * i, 10), 0);
	assert_int_equal(depth_take(d, 4000, 10), 0);
	assert_int_equal(d->max_messages, 2);
	assert_int_equal(d->max_bytes, 30);
	assert_int_equal(d->messages, 2);
	level(d, 5000, 0, 0);
	assert_true(d->bins[0].message_ns == 1000 * (1 + 2 + 2 + 2));
}

/* Each doubling keeps the sums, and bins begin at multiples of their width. */
static void test_widen(void **state)
{
	struct depth *d = *state;
	double sum = 0;

	for (int64_t i = 1; i <= 5000; i++) {
		int64_t ns = i * WIDTH / 3;

		level(d, ns, i % 7, i % 3);
		sum += (double)(i % 7) * (double)((i + 1) * WIDTH / 3 - ns);
		waited(d, DEPTH_EMPTY, ns - 100, ns);
	}
	level(d, 5001 * WIDTH / 3, 0, 0);
	assert_in_range(d->count, DEPTH_BINS / 2, DEPTH_BINS);
	assert_true(bins_bytes(d) == sum);
	assert_int_equal(bins_waited(d, DEPTH_EMPTY), 500000);
	assert_int_equal(d->waited_ns[DEPTH_EMPTY], 500000);
	assert_true(d->rewrite);
	assert_true((d->base << d->shift) <= WIDTH / 3);
	assert_true(((d->base + (int64_t)d->count) << d->shift) >= 5001 * WIDTH / 3);
	for (size_t i = 0; i < d->count; i++)
		assert_int_equal(d->bins[i].max_bytes, 6);
}

/* Something that began long before all that was known. */
static void test_earlier(void **state)
{
	struct depth *d = *state;

	level(d, 1000 * WIDTH, 8, 1);
	level(d, 1001 * WIDTH, 0, 0);
	waited(d, DEPTH_EMPTY, WIDTH / 2, 1000 * WIDTH);
	assert_in_range(d->count, 1, DEPTH_BINS);
	assert_int_equal(d->base, 0);
	assert_int_equal(bins_waited(d, DEPTH_EMPTY), 1000 * WIDTH - WIDTH / 2);
	assert_true(bins_bytes(d) == 8.0 * WIDTH);
	assert_int_equal(d->bins[1].waited_ns[DEPTH_EMPTY], width(d));
}

/* Several threads that wait at the same time. */
static void test_union(void **state)
{
	struct depth *d = *state;

	waited(d, DEPTH_FULL, 100, 200);
	waited(d, DEPTH_FULL, 150, 250);
	assert_int_equal(d->waited_ns[DEPTH_FULL], 150);
	waited(d, DEPTH_FULL, 300, 400);
	waited(d, DEPTH_FULL, 350, 360);
	assert_int_equal(d->waited_ns[DEPTH_FULL], 250);
	waited(d, DEPTH_FULL, 50, 500); /* all of the others lie in it */
	assert_int_equal(d->waited_ns[DEPTH_FULL], 450);
	assert_int_equal(d->waits[DEPTH_FULL]->count, 1);
	waited(d, DEPTH_FULL, 500, 600);
	waited(d, DEPTH_FULL, 700, 700);
	assert_int_equal(d->waited_ns[DEPTH_FULL], 550);
	assert_int_equal(d->waits[DEPTH_FULL]->count, 1);
	assert_null(d->waits[DEPTH_EMPTY]);
	assert_int_equal(bins_waited(d, DEPTH_FULL), 550);
}

/* One that waits all the time, beside one that waits more often than can be remembered. */
static void test_union_forgotten(void **state)
{
	struct depth *d = *state;

	for (int64_t i = 0; i < 1000; i++)
		waited(d, DEPTH_EMPTY, i * WIDTH, i * WIDTH + WIDTH / 4);
	assert_int_equal(d->waited_ns[DEPTH_EMPTY], 1000 * WIDTH / 4);
	waited(d, DEPTH_EMPTY, 0, 1000 * WIDTH);
	assert_int_equal(d->waited_ns[DEPTH_EMPTY], 1000 * WIDTH);
	assert_int_equal(bins_waited(d, DEPTH_EMPTY), 1000 * WIDTH);
}

#define MODEL_NS (1 << 16)

/* Waits that end nearly in order, of which few are apart: the union is exact. */
static void test_union_random(void **state)
{
	struct depth *d = *state;
	char *marked = calloc(1, MODEL_NS);
	uint64_t seed = 1;
	int64_t sum = 0, end = 1000;

	assert_non_null(marked);
	while (end < MODEL_NS - 100) {
		int64_t to = end - (int64_t)(random_next(&seed) % 50);
		int64_t from = to - (int64_t)(random_next(&seed) % 200);

		waited(d, DEPTH_FULL, from, to);
		memset(marked + from, 1, (size_t)(to - from));
		end += (int64_t)(random_next(&seed) % 100);
	}
	for (int i = 0; i < MODEL_NS; i++)
		sum += marked[i];
	assert_int_equal(d->waited_ns[DEPTH_FULL], sum);
	free(marked);
}

/* A large send has a part inside that no op says; small ones in between add nothing to that. */
static void test_held(void **state)
{
	struct depth *d = *state;

	level(d, 0, 100, 1);
	level(d, WIDTH, 0, 0);
	assert_int_equal(depth_waited(d, DEPTH_FULL, WIDTH / 2, 2 * WIDTH, 1000), 0);
	assert_int_equal(depth_bin_bytes(d, &d->bins[0]), 500);
	assert_int_equal(depth_bin_bytes(d, &d->bins[1]), 1000);
	assert_int_equal(d->max_bytes, 1000);
	assert_int_equal(d->bins[1].max_bytes, 1000);
}

/* The kernel drops datagrams: when a receive finds nothing, what was thought to be inside is gone.
 */
static void test_was_empty(void **state)
{
	struct depth *d = *state;

	for (int i = 0; i < 5; i++)
		assert_int_equal(depth_put(d, 100 + i, 10), 0);
	assert_int_equal(depth_take(d, 200, 10), 0);
	assert_int_equal(d->messages, 4);
	assert_int_equal(depth_put(d, 400, 7), 0); /* this woke the one that slept from 300 on */
	assert_int_equal(depth_was_empty(d, 300), 0);
	assert_int_equal(d->messages, 1);
	assert_int_equal(d->bytes, 7);
	assert_int_equal(depth_take(d, 500, 7), 0);
	assert_int_equal(d->messages, 0);
	/* one that slept while another one received says nothing */
	assert_int_equal(depth_put(d, 600, 7), 0);
	assert_int_equal(depth_put(d, 610, 7), 0);
	assert_int_equal(depth_take(d, 700, 7), 0);
	assert_int_equal(depth_was_empty(d, 550), 0);
	assert_int_equal(d->messages, 1);
	/* nor does one that began before all that was sent had ended */
	assert_int_equal(depth_put(d, 800, 7), 0);
	assert_int_equal(depth_was_empty(d, 900), 0);
	assert_int_equal(d->messages, 2);
}

/* Only what has changed has to be written again. */
static void test_changed(void **state)
{
	struct depth *d = *state;

	level(d, 0, 1, 1);
	level(d, 10 * WIDTH - 1, 2, 1);
	d->changed = d->count;
	d->rewrite = d->dirty = false;
	level(d, 12 * WIDTH, 0, 0);
	assert_true(d->dirty && !d->rewrite);
	assert_int_equal(d->changed, 9);
	d->changed = d->count;
	waited(d, DEPTH_EMPTY, 3 * WIDTH, 4 * WIDTH);
	assert_int_equal(d->changed, 3);
	depth_refused(d, DEPTH_FULL);
	assert_int_equal(d->refusals[DEPTH_FULL], 1);
}

/* What a damaged capture can say. */
static void test_extremes(void **state)
{
	struct depth *d = *state;

	assert_int_equal(depth_put(d, 0, 1ll << 40), 0);
	level(d, 1ll << 61, INT64_MAX, INT64_MAX);
	assert_int_equal(depth_put(d, 1ll << 61, 1ll << 40), 0);
	waited(d, DEPTH_FULL, 0, 1ll << 61);
	waited(d, DEPTH_EMPTY, 1, 2);
	assert_in_range(d->count, 1, DEPTH_BINS);
	assert_int_equal(d->waited_ns[DEPTH_FULL], 1ll << 61);
	for (size_t i = 0; i < d->count; i++)
		assert_true(depth_bin_bytes(d, &d->bins[i]) >= 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, depth_begin, depth_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing),         TEST(test_mean),         TEST(test_means),
		TEST(test_short_maximum),   TEST(test_out_of_order), TEST(test_limit),
		TEST(test_widen),           TEST(test_earlier),      TEST(test_union),
		TEST(test_union_forgotten), TEST(test_union_random), TEST(test_held),
		TEST(test_was_empty),       TEST(test_changed),      TEST(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
