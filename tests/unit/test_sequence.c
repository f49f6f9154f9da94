// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sequence numbers that wrap.
 */
#include <linux/types.h>
#include "schemas/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_extend(void **state)
{
	assert_int_equal(sequence_extend(0x100000000, 0), 0x100000000);
	assert_int_equal(sequence_extend(0x100000000, 7), 0x100000007);
	/* over the wrap, and back */
	assert_int_equal(sequence_extend(0x1fffffff0, 5), 0x200000005);
	assert_int_equal(sequence_extend(0x200000005, 0xfffffff0), 0x1fffffff0);
	assert_int_equal(sequence_extend(0x17fffffff, 0xfffffffe), 0x1fffffffe);
}

static void test_wraps(void **state)
{
	uint64_t last = sequence_begin(0, 0xfffff000), start = last;

	for (int i = 0; i < 100000; i++) {
		uint64_t next = sequence_extend(last, (uint32_t)(start + (i + 1) * 1000003ull));

		assert_int_equal(next - last, 1000003);
		last = next;
	}
}

static void test_begin(void **state)
{
	assert_int_equal(sequence_begin(0, 0), 0x100000000);
	assert_int_equal(sequence_begin(0, 0xffffffff), 0x1ffffffff);
	/* a later stream of the object lies above all of the one before */
	assert_int_equal(sequence_begin(0x1ffffffff, 3), 0x200000003);
	assert_true(sequence_begin(0x30000000f, 0) > 0x30000000f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extend),
		cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
