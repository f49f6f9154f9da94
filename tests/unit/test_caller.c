// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/caller.c: threads are found again among many, with their parts and waits.
 */
#include "collector/caller.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define THREADS 5003

static uint32_t tid_of(uint32_t i)
{
	return i * 64 + 7; /* as far apart as a table is wide at first */
}

static void test_many(void **state)
{
	struct callers cs = {0};

	assert_null(caller_find(&cs, 1));
	for (uint32_t i = 0; i < THREADS; i++) {
		struct caller *caller;

		assert_null(caller_find(&cs, tid_of(i)));
		caller = caller_get(&cs, tid_of(i));
		assert_non_null(caller);
		assert_int_equal(caller->tid, tid_of(i));
		caller->woken_ns = i;
		assert_ptr_equal(caller_get(&cs, tid_of(i)), caller);
	}
	assert_int_equal(cs.count, THREADS);
	for (uint32_t i = 0; i < THREADS; i++)
		assert_int_equal(caller_find(&cs, tid_of(i))->woken_ns, i);
	assert_null(caller_find(&cs, tid_of(THREADS)));
	callers_clear(&cs);
	assert_null(caller_find(&cs, tid_of(0)));
}

/* Parts of one call lie side by side; those of a call whose op was lost go. */
static void test_parts(void **state)
{
	struct callers cs = {0};
	struct caller *caller = caller_get(&cs, 11);
	struct ipct_op part = {.start_ns = 100};

	for (int i = 0; i < 3; i++)
		assert_int_equal(caller_part(caller, &part), 0);
	assert_int_equal(caller->count, 3);
	part.start_ns = 200;
	assert_int_equal(caller_part(caller, &part), 0);
	assert_int_equal(caller->count, 1);
	assert_int_equal(caller->parts[0].start_ns, 200);
	callers_clear(&cs);
}

static void test_waits(void **state)
{
	struct callers cs = {0};
	struct wait *wait = &caller_get(&cs, 11)->wait;

	assert_false(wait_found(wait, 3, false));
	assert_int_equal(wait_add(wait, 3, true), 0);
	assert_int_equal(wait_add(wait, 5, false), 0);
	assert_true(wait_found(wait, 3, true));
	assert_false(wait_found(wait, 3, false));
	assert_true(wait_found(wait, 5, false));
	callers_clear(&cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
