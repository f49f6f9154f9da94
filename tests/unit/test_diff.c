// SPDX-License-Identifier: BSD-2-Clause
/*
 * The statistics and the matching of `ipctrace diff`. Tails and quantiles of Student's t were got
 * from its density by Simpson's rule with 200,000 steps, and agree with printed tables; what rests
 * on them was worked out from the textbook formulas in another language.
 */
#include "reporter/diff_match.h"
#include "reporter/diff_test.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(of) (sizeof(of) / sizeof((of)[0]))

static void near(double value, double expected)
{
	double off = fabs(value - expected);

	if (!(off <= 1e-9 * fabs(expected) + 1e-15))
		fail_msg("%.17g is not %.17g", value, expected);
}

static void tails(void **state)
{
	near(diff_normal_tail(0), 1);
	near(diff_normal_tail(1.96), 0.04999579029644087);
	near(diff_normal_tail(-6.5), 8.03200116771825e-11);
	near(diff_student_tail(0, 3), 1);
	near(diff_student_tail(2, 5), 0.10193947882985865);
	near(diff_student_tail(-2.5, 3.7), 0.0718220229118272);
	near(diff_student_tail(1, 1), 0.5);
	near(diff_student_tail(4, 200.5), 8.90587555042032e-05);
	near(diff_student_tail(12, 38), 1.7051240002845195e-14);
	near(diff_student_tail(INFINITY, 5), 0);
	/* with many degrees of freedom t is normal */
	assert_true(fabs(diff_student_tail(1.96, 1e9) - diff_normal_tail(1.96)) < 1e-7);
}

static void quantiles(void **state)
{
	near(diff_student_quantile(0.05, 5), 2.570581835636304);
	near(diff_student_quantile(0.05, 38), 2.0243941639119707);
	near(diff_student_quantile(0.01, 2.5), 7.163728138948776);
	near(diff_student_quantile(0.05, 1), 12.7062047361747);
	near(diff_student_quantile(1, 5), 0);
}

static struct hist hist_of(const uint64_t *values, size_t count)
{
	struct hist h = {0};

	for (size_t i = 0; i < count; i++)
		assert_int_equal(hist_add(&h, values[i]), 0);
	return h;
}

static void ranks(void **state)
{
	static const uint64_t a[] = {1, 2, 2, 3, 4, 5, 5, 6, 9, 10};
	static const uint64_t b[] = {3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 12};
	struct hist of_a = hist_of(a, COUNT(a)), of_b = hist_of(b, COUNT(b));
	struct diff_ranks r;

	assert_int_equal(diff_rank_sum(&of_a, &of_b, &r), 0);
	near(r.superiority, 89.5 / 120);
	near(r.p, 0.054675290931209417);
	assert_int_equal(diff_rank_sum(&of_b, &of_a, &r), 0);
	near(r.superiority, 1 - 89.5 / 120);
	near(r.p, 0.054675290931209417);
	assert_int_equal(diff_rank_sum(&of_a, &of_a, &r), 0);
	near(r.superiority, 0.5);
	near(r.p, 1);
	hist_clear(&of_a);
	hist_clear(&of_b);
}

static void ranks_of_equal_values(void **state)
{
	static const uint64_t a[] = {7, 7, 7}, b[] = {7, 7};
	struct hist of_a = hist_of(a, COUNT(a)), of_b = hist_of(b, COUNT(b));
	struct diff_ranks r;

	assert_int_equal(diff_rank_sum(&of_a, &of_b, &r), 0);
	near(r.superiority, 0.5);
	near(r.p, 1);
	hist_clear(&of_a);
	hist_clear(&of_b);
}

/* A hundred million values that only a histogram can hold. */
static void ranks_of_many(void **state)
{
	struct hist of_a = {0}, of_b = {0};
	struct diff_ranks r;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(hist_add(&of_a, 1000 + (uint64_t)i), 0);
		assert_int_equal(hist_add(&of_b, 2000 + (uint64_t)i), 0);
	}
	for (int i = 0; i < 20; i++) {
		struct hist twice_a = {0}, twice_b = {0};

		assert_int_equal(hist_merge(&twice_a, &of_a), 0);
		assert_int_equal(hist_merge(&of_a, &twice_a), 0);
		assert_int_equal(hist_merge(&twice_b, &of_b), 0);
		assert_int_equal(hist_merge(&of_b, &twice_b), 0);
		hist_clear(&twice_a);
		hist_clear(&twice_b);
	}
	assert_int_equal(diff_rank_sum(&of_a, &of_b, &r), 0);
	near(r.superiority, 1);
	near(r.p, 0);
	hist_clear(&of_a);
	hist_clear(&of_b);
}

#define SERIES(of, whole) ((struct diff_series){of, COUNT(of), whole})

static void blocks(void **state)
{
	static const double a[] = {1, 1.2, 0.9, 1.1, 1.0, 1.3, 0.8, 1.1};
	static const double b[] = {1.6, 1.4, 1.7, 1.3, 1.5, 1.8, 1.4, 1.6};
	struct diff_ratio r = diff_by_blocks(SERIES(a, 1.05), SERIES(b, 1.5375), 0, 0);

	near(r.ratio, 1.62824052614551);
	near(r.low, 1.3648881747304007);
	near(r.high, 1.9424061692865633);
	near(r.p, 3.723809878253004e-05);
	/* ... more than 20 %: a larger claim, and less sure */
	near(diff_by_blocks(SERIES(a, 1.05), SERIES(b, 1.5375), 0.2, 0).p, 0.0023357764180764627);
	/* ... if runs differ by 20 % */
	assert_true(diff_by_blocks(SERIES(a, 1.05), SERIES(b, 1.5375), 0.05, 0.2).p > 0.05);
	/* ... more than 70 %: no */
	near(diff_by_blocks(SERIES(a, 1.05), SERIES(b, 1.5375), 0.7, 0).p, 1);
}

/* Blocks that drift are fewer than they seem: what would be a change is none. */
static void blocks_that_drift(void **state)
{
	static const double a[] = {1, 1.2, 0.9, 1.1, 1.0, 1.3, 0.8, 1.1};
	static const double b[] = {1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7};

	near(diff_by_blocks(SERIES(a, 1.05), SERIES(b, 1.35), 0, 0).p, 0.2566675073362847);
}

static void blocks_without_spread(void **state)
{
	static const double a[] = {1, 1, 1}, b[] = {2, 2, 2};
	struct diff_ratio r = diff_by_blocks(SERIES(a, 1), SERIES(b, 2), 0.05, 0);

	near(r.ratio, exp(1));
	near(r.low, exp(1));
	near(r.p, 0);
	near(diff_by_blocks(SERIES(a, 1), SERIES(a, 1), 0.05, 0).p, 1);
}

static void runs(void **state)
{
	static const double a[] = {2.0, 2.1, 1.9, 2.05}, b[] = {2.5, 2.7, 2.55, 2.6, 2.45};
	struct diff_ratio r = diff_by_runs(SERIES(a, 0), SERIES(b, 0), 0);

	near(r.ratio, 1.7289252972275473);
	near(r.low, 1.4948504707469434);
	near(r.high, 1.9996533043868492);
	near(r.p, 4.588944016661184e-05);
	near(diff_by_runs(SERIES(a, 0), SERIES(b, 0), 0.05).p, 8.377033038357782e-05);
	/* one run of one side */
	r = diff_by_runs(SERIES(a, 0), ((struct diff_series){b, 1, 0}), 0.05);
	assert_true(r.p > 0.001 && r.p < 0.05);
}

static void counts(void **state)
{
	struct diff_ratio r = diff_by_variance(100, 1.0 / 100, 150, 1.0 / 150, 0);

	near(r.ratio, 1.5);
	assert_true(fabs(r.p - diff_normal_tail(log(1.5) / sqrt(1.0 / 60))) < 1e-6);
	near(diff_by_variance(100, 0.01, 104, 0.01, 0.05).p, 1);
}

static void dispersions(void **state)
{
	static const double bursts[] = {10, 12, 8, 11, 30, 28, 9, 10};
	static const double even[] = {10, 10, 10, 10}, none[] = {0, 0, 0};

	near(diff_dispersion(bursts, COUNT(bursts)), 9.454335742299437);
	near(diff_dispersion(even, COUNT(even)), 1);
	near(diff_dispersion(none, COUNT(none)), 1);
}

static void adjusting(void **state)
{
	double p[] = {0.01, NAN, 0.04, 0.03, 0.005, 0.5, NAN};

	assert_int_equal(diff_adjust(p, COUNT(p)), 0);
	near(p[0], 0.025);
	near(p[2], 0.05);
	near(p[3], 0.05);
	near(p[4], 0.025);
	near(p[5], 0.5);
	assert_true(isnan(p[1]) && isnan(p[6]));
	assert_int_equal(diff_adjust(NULL, 0), 0);
}

static void matching(void **state)
{
	/* exact, then coarser; what is on one side only is not mixed with the other */
	struct diff_match things[] = {
		{{"w/send", "w"}, 0, 0, 0},  {{"w/send", "w"}, 0, 0, 0},
		{{"w/recv", "w"}, 0, 0, 0},  {{"gone", "gone"}, 0, 0, 0},
		{{"gone", "gone"}, 0, 0, 0}, {{"w/send", "w"}, 1, 0, 0},
		{{"w/both", "w"}, 1, 0, 0},  {{"new", "new"}, 1, 0, 0},
	};

	assert_int_equal(diff_match(things, COUNT(things), 2), 4);
	assert_int_equal(things[0].class, things[1].class);
	assert_int_equal(things[0].class, things[5].class);
	assert_int_equal(things[5].level, 0);
	assert_int_equal(things[2].class, things[6].class);
	assert_int_equal(things[6].level, 1);
	assert_int_not_equal(things[2].class, things[0].class);
	assert_int_equal(things[3].class, things[4].class);
	assert_int_not_equal(things[3].class, things[7].class);
	assert_int_equal(diff_match(things, 0, 2), 0);
}

static void object_names(void **state)
{
	static const struct {
		const char *mechanism, *name, *lasting;
	} rows[] = {
		{"pipe", "pipe:[4711]", ""},
		{"fifo", "/run/queue", "/run/queue"},
		{"unix_stream", "unix_stream:[99]", ""},
		{"unix_stream", "@bus", "@bus"},
		{"memfd", "memfd:ring", "memfd:ring"},
		{"sysv_mq", "key 0x00001234", "key 0x00001234"},
		{"sysv_mq", "id 5", ""},
		{"signal", "sh[4711]", "sh"},
		{"futex", "mmap_anon:[4711]+0x40", "mmap_anon:+0x40"},
		{"tcp", "127.0.0.1:43210 → 127.0.0.1:6379", "127.0.0.1:6379"},
		{"tcp", "[::1]:43210 → [::1]:40001", "[::1]"},
		{"udp", "127.0.0.1:53", "127.0.0.1:53"},
		{"udp", "0.0.0.0:50001", "0.0.0.0"},
		{"fifo", "/tmp/x:40000", "/tmp/x:40000"},
		{"pipe", "", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *name = diff_object_name(rows[i].mechanism, rows[i].name);

		assert_string_equal(name, rows[i].lasting);
		free(name);
	}
}

static void program_names(void **state)
{
	char *name = diff_program("gzip", "/usr/bin/gzip");

	assert_string_equal(name, "gzip");
	free(name);
	/* a script's comm is its own, its file the interpreter's */
	name = diff_program("build.py", "/usr/bin/python3.11");
	assert_string_equal(name, "build.py");
	free(name);
	name = diff_program("sched-messaging", "/usr/bin/perf");
	assert_string_equal(name, "sched-messaging");
	free(name);
	name = diff_program("a-very-long-nam", "/opt/a-very-long-name-indeed");
	assert_string_equal(name, "a-very-long-name-indeed");
	free(name);
	name = diff_program(NULL, NULL);
	assert_string_equal(name, "?");
	free(name);
	name = diff_without_digits("/tmp/job-123/4.sock");
	assert_string_equal(name, "/tmp/job-#/#.sock");
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tails),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(ranks),
		cmocka_unit_test(ranks_of_equal_values),
		cmocka_unit_test(ranks_of_many),
		cmocka_unit_test(blocks),
		cmocka_unit_test(blocks_that_drift),
		cmocka_unit_test(blocks_without_spread),
		cmocka_unit_test(runs),
		cmocka_unit_test(counts),
		cmocka_unit_test(dispersions),
		cmocka_unit_test(adjusting),
		cmocka_unit_test(matching),
		cmocka_unit_test(object_names),
		cmocka_unit_test(program_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
