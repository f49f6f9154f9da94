// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/calibration.c: medians and ratios of rounds.
 */
#include "collector/calibration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void round_add(struct calibration *c, int64_t untraced_ns, int64_t traced_ns)
{
	c->untraced[c->untraced_count++] = (struct run_times){untraced_ns, untraced_ns / 2};
	c->traced[c->traced_count++] = (struct run_times){traced_ns, traced_ns};
}

static struct calibration *calibration_new(int rounds)
{
	struct calibration *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->rounds = rounds;
	return c;
}

static void test_odd(void **state)
{
	struct calibration *c = calibration_new(3);
	struct ipct_calibration sum;

	round_add(c, 1000, 1500);
	assert_false(calibration_complete(c));
	round_add(c, 4000, 4400);
	round_add(c, 2000, 4000);
	assert_true(calibration_complete(c));
	calibration_sum(c, &sum);
	assert_int_equal(sum.head.type, IPCT_EV_CALIBRATION);
	assert_int_equal(sum.head.len, sizeof(sum));
	assert_int_equal(sum.rounds, 3);
	assert_int_equal(sum.untraced_ns, 2000);
	assert_int_equal(sum.traced_ns, 4000);
	/* of the rounds: 1.5, 1.1 and 2 */
	assert_int_equal(sum.ratio, 1500);
	assert_int_equal(sum.ratio_min, 1100);
	assert_int_equal(sum.ratio_max, 2000);
	assert_int_equal(sum.cpu_ratio, 3000);
	assert_int_equal(sum.cpu_ratio_min, 2200);
	assert_int_equal(sum.cpu_ratio_max, 4000);
	free(c);
}

static void test_even(void **state)
{
	struct calibration *c = calibration_new(2);
	struct ipct_calibration sum;

	round_add(c, 1000, 3000);
	round_add(c, 2000, 2000);
	calibration_sum(c, &sum);
	assert_int_equal(sum.untraced_ns, 1500);
	assert_int_equal(sum.traced_ns, 2500);
	assert_int_equal(sum.ratio, 2000);
	assert_int_equal(sum.ratio_min, 1000);
	assert_int_equal(sum.ratio_max, 3000);
	free(c);
}

static void test_one(void **state)
{
	struct calibration *c = calibration_new(1);
	struct ipct_calibration sum;

	round_add(c, 3, 7);
	calibration_sum(c, &sum);
	assert_int_equal(sum.ratio, 2333);
	assert_int_equal(sum.ratio_min, 2333);
	assert_int_equal(sum.ratio_max, 2333);
	free(c);
}

/* A program that used no time that can be told. */
static void test_none(void **state)
{
	struct calibration *c = calibration_new(1);
	struct ipct_calibration sum;

	round_add(c, 0, 1000);
	calibration_sum(c, &sum);
	assert_int_equal(sum.traced_ns, 1000);
	assert_int_equal(sum.ratio, 0);
	assert_int_equal(sum.cpu_ratio, 0);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_even),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
