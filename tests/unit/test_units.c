// SPDX-License-Identifier: BSD-2-Clause
/*
 * Numbers as a person reads them: the text for values at and around each change of unit.
 */
#include "reporter/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct row {
	int64_t value;
	const char *text;
};

#define CHECK(rows, unit)                                                                          \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) {                            \
		char buf[IPCT_UNIT_LEN];                                                           \
		assert_string_equal(unit(buf, (rows)[i].value), (rows)[i].text);                   \
	}

static void durations(void **state)
{
	static const struct row rows[] = {
		{0, "0 ns"},
		{1, "1 ns"},
		{999, "999 ns"},
		{1000, "1.00 µs"},
		{1234, "1.23 µs"},
		{9994, "9.99 µs"},
		{9995, "10.0 µs"},
		{99949, "99.9 µs"},
		{99950, "100 µs"},
		{999499, "999 µs"},
		{999500, "1.00 ms"},
		{45600000, "45.6 ms"},
		{999499999, "999 ms"},
		{999500000, "1.00 s"},
		{12000000000, "12.0 s"},
		{999499999999, "999 s"},
		{999500000000, "1,000 s"},
		{1234567000000000, "1,234,567 s"},
		{-5, "-5 ns"},
		{-1500000, "-1.50 ms"},
		{INT64_MAX, "9,223,372,037 s"},
		{INT64_MIN, "-9,223,372,037 s"},
	};

	CHECK(rows, unit_ns);
}

static void sizes(void **state)
{
	static const struct row rows[] = {
		{0, "0 B"},
		{1, "1 B"},
		{1023, "1023 B"},
		{1024, "1.00 KiB"},
		{1536, "1.50 KiB"},
		{65536, "64.0 KiB"},
		{1047552, "1023 KiB"},
		{1048064, "1.00 MiB"},
		{1048576, "1.00 MiB"},
		{126425088, "121 MiB"},
		{1LL << 30, "1.00 GiB"},
		{1LL << 40, "1.00 TiB"},
		{-2048, "-2.00 KiB"},
		{INT64_MAX, "8.00 EiB"},
		{INT64_MIN, "-8.00 EiB"},
	};

	CHECK(rows, unit_bytes);
}

static void counts(void **state)
{
	static const struct row all[] = {
		{0, "0"},
		{999, "999"},
		{1000, "1,000"},
		{12345678, "12,345,678"},
		{-1234, "-1,234"},
		{INT64_MAX, "9,223,372,036,854,775,807"},
		{INT64_MIN, "-9,223,372,036,854,775,808"},
	};
	static const struct row cut[] = {
		{999999, "999,999"},    {1000000, "1.00 M"},   {12345678, "12.3 M"},
		{999499999, "999 M"},   {999500000, "1.00 G"}, {-1000000, "-1.00 M"},
		{INT64_MIN, "-9.22 E"},
	};

	CHECK(all, unit_count);
	CHECK(cut, unit_count_short);
}

static void rates(void **state)
{
	char buf[IPCT_UNIT_LEN];

	assert_string_equal(unit_rate(buf, 1 << 20, 1000000000), "1.00 MiB/s");
	assert_string_equal(unit_rate(buf, 1 << 20, 500000000), "2.00 MiB/s");
	assert_string_equal(unit_rate(buf, 0, 1), "0 B/s");
	assert_string_equal(unit_rate(buf, 100, 0), "-");
	assert_string_equal(unit_rate(buf, 100, -1), "-");
	assert_string_equal(unit_rate(buf, -100, 1), "-");
	assert_true(strlen(unit_rate(buf, INT64_MAX, 1)) < IPCT_UNIT_LEN);
}

/* A share is only 0 % or 100 % where that is exactly so. */
static void shares(void **state)
{
	char buf[IPCT_UNIT_LEN];

	assert_string_equal(unit_share(buf, 0, 7), "0%");
	assert_string_equal(unit_share(buf, 7, 7), "100%");
	assert_string_equal(unit_share(buf, 999999, 1000000), "99%");
	assert_string_equal(unit_share(buf, 1, 1000000), "<1%");
	assert_string_equal(unit_share(buf, 1, 2), "50%");
	assert_string_equal(unit_share(buf, 8, 7), "100%");
	assert_string_equal(unit_share(buf, -1, 7), "0%");
	assert_string_equal(unit_share(buf, 0, 0), "-");
	assert_string_equal(unit_share(buf, 1, -1), "-");
}

/* Times are in UTC wherever the report is made. */
/* Parts of a whole add up to 100, with one for what is too small. */
static void shares_together(void **state)
{
	static const struct {
		int64_t parts[4];
		const char *text;
	} rows[] = {
		{{0, 0, 0, 0}, "- - - -"},
		{{1, 0, 0, 0}, "100% 0% 0% 0%"},
		{{1, 1, 1, 0}, "34% 33% 33% 0%"},
		{{200, 900, 300, 124}, "13% 59% 20% 8%"},
		{{1, 1000, 0, 0}, "<1% 99% 0% 0%"},
		{{1, 1, 1, 1000}, "<1% <1% <1% 99%"},
		{{50, 49, 1, 0}, "50% 49% 1% 0%"},
		{{-5, 1, 1, 0}, "0% 50% 50% 0%"},
		{{INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}, "25% 25% 25% 25%"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char bufs[4][IPCT_UNIT_LEN], text[4 * IPCT_UNIT_LEN];

		unit_shares(bufs, rows[i].parts, 4);
		snprintf(text, sizeof(text), "%s %s %s %s", bufs[0], bufs[1], bufs[2], bufs[3]);
		assert_string_equal(text, rows[i].text);
	}
}

static void times(void **state)
{
	char buf[IPCT_UNIT_LEN];

	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	assert_string_equal(unit_utc(buf, 0), "1970-01-01 00:00:00 UTC");
	assert_string_equal(unit_utc(buf, 1767225599999999999), "2025-12-31 23:59:59 UTC");
	assert_string_equal(unit_utc(buf, INT64_MAX), "2262-04-11 23:47:16 UTC");
	assert_string_equal(unit_utc(buf, INT64_MIN), "1677-09-21 00:12:44 UTC");
}

static void statuses(void **state)
{
	static const struct row rows[] = {
		{0, "0"},          {3 << 8, "3"},          {13, "SIGPIPE"},
		{9, "SIGKILL"},    {11 | 0x80, "SIGSEGV"}, /* with a core */
		{40, "signal 40"}, {0x137f, "?"},          /* stopped, which is no end */
		{-1, "?"},
	};

	CHECK(rows, unit_status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations), cmocka_unit_test(sizes),
		cmocka_unit_test(counts),    cmocka_unit_test(rates),
		cmocka_unit_test(shares),    cmocka_unit_test(times),
		cmocka_unit_test(statuses),  cmocka_unit_test(shares_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
