// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/kinds.c: the same kind has the same number, others have others, and what was forgotten
 * gets a new one.
 */
#include "collector/kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_same_and_other(void **state)
{
	struct kinds *k = kinds_new(3);
	bool is_new;

	for (int64_t i = 0; i < 1000; i++) {
		const int64_t kind[] = {i % 10, i / 10, -1};

		assert_int_equal(kinds_number(k, kind, &is_new), i + 1);
		assert_true(is_new);
		assert_int_equal(kinds_number(k, kind, &is_new), i + 1);
		assert_false(is_new);
	}
	for (int64_t i = 0; i < 1000; i++) {
		const int64_t kind[] = {i % 10, i / 10, -1};

		assert_int_equal(kinds_number(k, kind, &is_new), i + 1);
		assert_false(is_new);
	}
	kinds_free(k);
}

/* More than is remembered: numbers are given once, and name one kind. */
static void test_forgotten(void **state)
{
	enum { KINDS = 1000003 };
	struct kinds *k = kinds_new(1);
	int64_t last = 0, again = 0;
	bool is_new;

	for (int round = 0; round < 2; round++)
		for (int64_t i = 0; i < KINDS; i++) {
			int64_t number = kinds_number(k, &i, &is_new);

			if (is_new)
				assert_int_equal(number, ++last);
			else
				again++;
			assert_int_equal(kinds_number(k, &i, &is_new), number);
			assert_false(is_new);
		}
	assert_true(last > KINDS);
	assert_int_equal(last + again, 2 * KINDS);
	kinds_free(k);
}

/* A few that are met in turn are remembered, whatever comes between. */
static void test_in_turn(void **state)
{
	struct kinds *k = kinds_new(2);
	bool is_new;

	for (int64_t i = 0; i < 100003; i++) {
		const int64_t often[] = {1, i % 3}, once[] = {2, i};

		kinds_number(k, often, &is_new);
		assert_int_equal(is_new, i < 3);
		kinds_number(k, once, &is_new);
		assert_true(is_new);
	}
	kinds_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_and_other),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
