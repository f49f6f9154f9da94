// SPDX-License-Identifier: BSD-2-Clause
/*
 * The words of --filter: what each key takes, what is refused and what is said then; and times.
 */
#include "reporter/duration.h"
#include "reporter/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns; /* -1: no time */
	} rows[] = {
		{"1.5s", 1500000000}, {"0s", 0},      {"20ms", 20000000},  {"300us", 300000},
		{"300µs", 300000},    {"7ns", 7},     {"2 ms", 2000000},   {"1e3ns", 1000},
		{"0.4ns", 0},         {"", -1},       {"5", -1},           {"s", -1},
		{"-1s", -1},          {"+1s", -1},    {" 1s", -1},         {"1m", -1},
		{"1s ", -1},          {"1ss", -1},    {"1e30s", -1},       {"nans", -1},
		{"infs", -1},         {"0x10ns", 16}, {"1577880000s", -1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ns = -1;

		assert_int_equal(duration_parse(rows[i].text, &ns), rows[i].ns < 0 ? -EINVAL : 0);
		assert_int_equal(ns, rows[i].ns);
	}
}

static void terms(void **state)
{
	static const char *const words[] = {"mechanism=pipe", "process=a,b=c", "object=/run/*",
					    "mechanism=shm", "process=#7"};
	static const struct {
		const char *key, *value;
	} want[] = {
		{"mechanism", "pipe"},     {"process", "a,b=c"},       {"object", "/run/*"},
		{"mechanism", "sysv_shm"}, {"mechanism", "posix_shm"}, {"mechanism", "memfd"},
		{"process", "#7"},
	};
	struct filter filter = {0};
	char why[IPCT_FILTER_WHY_LEN];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(filter_add(&filter, words[i], why), 0);
		assert_string_equal(why, "");
	}
	assert_int_equal(filter.count, sizeof(want) / sizeof(want[0]));
	for (int i = 0; i < filter.count; i++) {
		assert_string_equal(filter.terms[i].key, want[i].key);
		assert_string_equal(filter.terms[i].value, want[i].value);
	}
	assert_string_equal(filter.words, "mechanism=pipe process=a,b=c object=/run/* "
					  "mechanism=shm process=#7");
	assert_int_equal(filter.given, 0);
	filter_clear(&filter);
	assert_int_equal(filter.count, 0);
	assert_null(filter.words);
}

static void times(void **state)
{
	struct filter filter = {0};
	char why[IPCT_FILTER_WHY_LEN];

	assert_int_equal(filter_add(&filter, "to=2s", why), 0);
	assert_int_equal(filter_add(&filter, "from=1500ms", why), 0);
	assert_int_equal(filter_add(&filter, "latency=10us", why), 0);
	assert_int_equal(filter.from_ns, 1500000000);
	assert_int_equal(filter.to_ns, 2000000000);
	assert_int_equal(filter.least_ns, 10000);
	assert_int_not_equal(filter.given, 0);
	assert_int_equal(filter_add(&filter, "latency=10us", why), -EINVAL);
	assert_string_equal(why, "one latency= at a time");
	filter_clear(&filter);
}

/* Nothing that is refused leaves a trace, and what is said fits. */
static void refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "'' is no filter: KEY=VALUE, such as mechanism=pipe"},
		{"pipe", "'pipe' is no filter"},
		{"object=", "'object=' is no filter"},
		{"=x", "no filter ''; they are mechanism=, process="},
		{"mech=pipe", "no filter 'mech'"},
		{"mechanisms=pipe", "no filter 'mechanisms'"},
		{"mechanism=pipe,x", "no mechanism 'x'; they are pipe, fifo, posix_mq"},
		{"from=tomorrow", "'tomorrow' is no time: a number and s, ms, us or ns"},
	};
	struct filter filter = {0};
	char why[IPCT_FILTER_WHY_LEN], much[1000];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(filter_add(&filter, rows[i].text, why), -EINVAL);
		assert_memory_equal(why, rows[i].why, strlen(rows[i].why));
	}
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	assert_int_equal(filter_add(&filter, much, why), -EINVAL);
	much[500] = '=';
	assert_int_equal(filter_add(&filter, much, why), -EINVAL);
	memcpy(much, "latency=", strlen("latency="));
	assert_int_equal(filter_add(&filter, much, why), -EINVAL);
	memcpy(much, "mechanism=", strlen("mechanism="));
	assert_int_equal(filter_add(&filter, much, why), -EINVAL);
	assert_int_equal(filter.count, 0);
	assert_null(filter.words);
	filter_clear(&filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(terms),
		cmocka_unit_test(times),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
