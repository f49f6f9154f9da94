// SPDX-License-Identifier: BSD-2-Clause
/*
 * The cuts of a transit: known cases, and that the parts add up whatever the times are.
 */
#include "collector/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* The send call runs from 100 to 200 in all cases. */
static const struct call_times send = {.begin_ns = 100, .end_ns = 200};

static const struct {
	const char *what;
	struct call_times recv;
	int64_t ns[PARTS];
} cases[] = {
	{"received later", {300, 350, 0, 0, 0, {}, 0}, {100, 100, 0, 50}},
	{"received while the sender is still in its call",
	 {150, 180, 0, 0, 0, {}, 0},
	 {50, 0, 0, 30}},
	{"spinning since before the send, never asleep", {50, 180, 0, 0, 0, {}, 0}, {80, 0, 0, 0}},
	{"the same, until after it", {50, 230, 0, 0, 0, {}, 0}, {100, 0, 0, 30}},
	{"woken in the send call", {10, 400, 160, 250, 0, {}, 0}, {60, 0, 90, 150}},
	{"woken as it begins", {10, 400, 100, 100, 0, {}, 0}, {0, 0, 0, 300}},
	{"woken after it", {10, 400, 290, 300, 0, {}, 0}, {100, 90, 10, 100}},
	{"ran only at its end", {10, 400, 160, 400, 0, {}, 0}, {60, 0, 240, 0}},
	{"woken before the send began, and took it then",
	 {10, 150, 90, 95, 0, {}, 0},
	 {50, 0, 0, 0}},
	{"the same, later", {10, 250, 90, 95, 0, {}, 0}, {100, 0, 0, 50}},
	{"a wait for readiness, then the receive at once",
	 {260, 300, 160, 250, 7, {}, 0},
	 {60, 10, 90, 40}},
	{"a wait for readiness, then others first",
	 {900, 950, 160, 250, 7, {}, 0},
	 {60, 650, 90, 50}},
	{"a wait that was over before the send", {300, 350, 50, 60, 7, {}, 0}, {100, 100, 0, 50}},
	{"woken by another before the send, and no CPU until after it",
	 {300, 350, 50, 280, 0, {}, 0},
	 {100, 20, 80, 50}},
	{"the same, while it is sent", {170, 350, 50, 165, 0, {}, 0}, {70, 0, 0, 180}},
	{"woken by another while it lies there", {300, 350, 220, 290, 0, {}, 0}, {100, 30, 70, 50}},
	{"the same, in the receive call itself", {40, 350, 50, 280, 0, {}, 0}, {100, 0, 80, 70}},
};

static void test_cases(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct parts p = parts_of(&send, &cases[i].recv);

		for (int part = 0; part < PARTS; part++)
			if (p.ns[part] != cases[i].ns[part])
				fail_msg("%s: part %d is %lld and not %lld", cases[i].what, part,
					 (long long)p.ns[part], (long long)cases[i].ns[part]);
	}
}

static void test_wait_op(void **state)
{
	assert_int_equal(parts_of(&send, &cases[11].recv).wait_op, 7);
	assert_int_equal(parts_of(&send, &cases[12].recv).wait_op, 0);
	assert_int_equal(parts_of(&send, &cases[4].recv).wait_op, 0);
}

/* One call is both ends. */
static void test_same_call(void **state)
{
	struct parts p = parts_of(&send, &send);

	assert_int_equal(p.ns[PART_IN_SEND], 100);
	assert_int_equal(p.ns[PART_IN_OBJECT] + p.ns[PART_IN_RUNQ] + p.ns[PART_IN_RECV], 0);
}

/* All times from a small range, so that every order of them comes up. */
static void test_always_adds_up(void **state)
{
	srandom(4);
	for (int i = 0; i < 300000; i++) {
		struct call_times s, r;
		int64_t sum = 0;
		struct parts p;

		s = (struct call_times){.begin_ns = random() % 9};
		s.end_ns = s.begin_ns + random() % 9;
		r = (struct call_times){.begin_ns = random() % 12, .wait_op = random() % 2};
		r.end_ns = r.begin_ns + random() % 9;
		r.woken_ns = random() % 16;
		r.ran_ns = random() % 20;
		p = parts_of(&s, &r);
		for (int part = 0; part < PARTS; part++) {
			sum += p.ns[part];
			if (p.ns[part] < 0 && r.end_ns > s.begin_ns)
				fail_msg("round %d: part %d is %lld", i, part,
					 (long long)p.ns[part]);
		}
		assert_int_equal(sum, r.end_ns - s.begin_ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_wait_op),
		cmocka_unit_test(test_same_call),
		cmocka_unit_test(test_always_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
