// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fds that are passed: which one taken is which one given.
 */
#include "collector/passing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What was passed, by the two fds; -1: not seen. */
struct seen {
	int count;
	struct {
		int from, to;
		bool stays;
	} v[64];
};

static void see(const struct passing_side *from, const struct passing_side *to, bool stays,
		void *arg)
{
	struct seen *seen = arg;

	assert_in_range(seen->count, 0, 63);
	seen->v[seen->count].from = from ? from->fd : -1;
	seen->v[seen->count].to = to ? to->fd : -1;
	seen->v[seen->count++].stays = stays;
}

static struct passing_side side(uint32_t direction, uint64_t file, int fd)
{
	return (struct passing_side){
		.direction = direction, .file = file, .fd = fd, .what = strdup("what")};
}

static void give(struct passings *ps, uint32_t direction, uint64_t file, int fd, struct seen *seen)
{
	struct passing_side s = side(direction, file, fd);

	assert_int_equal(passing_give(ps, &s, see, seen), 0);
}

static void take(struct passings *ps, uint32_t direction, uint64_t file, int fd, bool peek,
		 struct seen *seen)
{
	struct passing_side s = side(direction, file, fd);

	assert_int_equal(passing_take(ps, &s, peek, see, seen), 0);
}

static void assert_passed(const struct seen *seen, int i, int from, int to)
{
	assert_in_range(i, 0, seen->count - 1);
	assert_int_equal(seen->v[i].from, from);
	assert_int_equal(seen->v[i].to, to);
}

/* The record of who takes can come first. */
static void test_either_order(void **state)
{
	struct passings *ps = passings_new();
	struct seen seen = {0};

	give(ps, 1, 100, 5, &seen);
	take(ps, 1, 100, 6, false, &seen);
	take(ps, 1, 100, 8, false, &seen);
	give(ps, 1, 100, 7, &seen);
	assert_int_equal(seen.count, 2);
	assert_passed(&seen, 0, 5, 6);
	assert_passed(&seen, 1, 7, 8);
	passings_finish(ps, see, &seen);
	assert_int_equal(seen.count, 2);
	passings_free(ps);
}

/* The same file several times: first in, first out. Another direction or file is another one. */
static void test_several(void **state)
{
	struct passings *ps = passings_new();
	struct seen seen = {0};

	give(ps, 1, 100, 3, &seen);
	give(ps, 2, 100, 4, &seen);
	give(ps, 1, 200, 5, &seen);
	give(ps, 1, 100, 6, &seen);
	take(ps, 1, 100, 13, false, &seen);
	take(ps, 1, 100, 16, false, &seen);
	take(ps, 1, 200, 15, false, &seen);
	take(ps, 2, 100, 14, false, &seen);
	for (int i = 0; i < 4; i++)
		assert_int_equal(seen.v[i].to - seen.v[i].from, 10);
	assert_int_equal(seen.count, 4);
	passings_free(ps);
}

/* What a peek takes will be taken again; what only a peek has seen had no giver. */
static void test_peek(void **state)
{
	struct passings *ps = passings_new();
	struct seen seen = {0};

	give(ps, 1, 100, 3, &seen);
	take(ps, 1, 100, 4, true, &seen);
	take(ps, 1, 100, 5, false, &seen);
	take(ps, 1, 100, 6, true, &seen);
	assert_int_equal(seen.count, 3);
	assert_passed(&seen, 0, 3, 4);
	assert_true(seen.v[0].stays);
	assert_passed(&seen, 1, 3, 5);
	assert_false(seen.v[1].stays);
	assert_passed(&seen, 2, -1, 6);
	passings_free(ps);
}

/* One side alone comes out at the end, and what is never asked for is freed. */
static void test_alone(void **state)
{
	struct passings *ps = passings_new();
	struct seen seen = {0};

	give(ps, 1, 100, 3, &seen);
	take(ps, 1, 200, 4, false, &seen);
	assert_int_equal(seen.count, 0);
	passings_finish(ps, see, &seen);
	assert_int_equal(seen.count, 2);
	give(ps, 1, 100, 3, &seen);
	passings_free(ps);
	passings_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_either_order),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
