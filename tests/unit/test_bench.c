// SPDX-License-Identifier: BSD-2-Clause
/*
 * What of a bench needs no run: its matrix and the order of rounds, the time left, reading results,
 * and the views of its file on rows that are known.
 */
#include "collector/bench_matrix.h"
#include "collector/bench_result.h"
#include "schemas/tables.h"

#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

extern const char bench_sql[], bench_views_sql[];

static struct bench_matrix matrix_of(unsigned mechanisms, unsigned waits, unsigned cpus)
{
	struct bench_axes axes = {.mechanisms = mechanisms,
				  .patterns = 1,
				  .waits = waits,
				  .cpus = cpus,
				  .sizes = {64, 4096},
				  .size_count = 2};
	struct bench_matrix matrix;

	assert_int_equal(bench_matrix_fill(&matrix, &axes), 0);
	return matrix;
}

/* Every combination once, ids in order; without bytes there is no size; spinning on one core is
 * not. */
static void test_matrix(void **state)
{
	struct bench_matrix matrix = matrix_of(1u << IPCT_MECH_PIPE | 1u << IPCT_MECH_SIGNAL, 3, 3);
	int skipped = 0, sizeless = 0;

	assert_int_equal(matrix.count, 2 * 2 * 2 + 2 * 2);
	for (int i = 0; i < matrix.count; i++) {
		const struct bench_case *c = &matrix.cases[i];

		assert_int_equal(c->id, i + 1);
		sizeless += c->size == IPCT_BENCH_NO_SIZE;
		assert_int_equal(c->size == IPCT_BENCH_NO_SIZE, c->mechanism == IPCT_MECH_SIGNAL);
		skipped += c->status == BENCH_SKIPPED;
		assert_int_equal(c->status == BENCH_SKIPPED,
				 c->wait == BENCH_SPIN && c->cpus == BENCH_SAME);
		assert_int_equal(*c->reason != 0, c->status == BENCH_SKIPPED);
	}
	assert_int_equal(sizeless, 4);
	assert_int_equal(skipped, 3);
	bench_matrix_clear(&matrix);
}

/* A round meets each case that runs once, in order; a traced one only those that block. */
static void test_order(void **state)
{
	struct bench_matrix matrix = matrix_of(1u << IPCT_MECH_PIPE, 3, 3);
	int runs = 0, last = -1;

	matrix.cases[0].status = BENCH_FAILED;
	for (int i = bench_matrix_next(&matrix, 0, false); i >= 0;
	     i = bench_matrix_next(&matrix, i + 1, false)) {
		assert_true(i > last);
		assert_true(matrix.cases[i].status == BENCH_WAITING);
		last = i;
		runs++;
	}
	assert_int_equal(runs, 8 - 1 - 2);
	assert_int_equal(bench_matrix_runs(&matrix, false), runs);
	assert_int_equal(bench_matrix_runs(&matrix, true), 3);
	bench_matrix_clear(&matrix);
}

static void test_left(void **state)
{
	struct bench_matrix matrix = matrix_of(1u << IPCT_MECH_PIPE, 1, 3);
	struct bench_left left = {.rounds = 2, .from = 1};

	assert_int_equal(matrix.count, 4);
	assert_int_equal(bench_left_ns(&matrix, &left), 0); /* nothing is known yet */
	matrix.cases[0].took_ns = 100;
	matrix.cases[1].took_ns = 300;
	/* The two others as long as the mean of these, 200: a round is 800. */
	assert_int_equal(bench_left_ns(&matrix, &left), 700 + 2 * 800);
	left.traced_rounds = 1;
	left.load_ns = 1000;
	left.per_load = 3;
	assert_int_equal(bench_left_ns(&matrix, &left), 700 + 2 * 800 + 800 + 2 * 1000);
	left = (struct bench_left){.from = 4};
	assert_int_equal(bench_left_ns(&matrix, &left), 0);
	bench_matrix_clear(&matrix);
}

static void test_messages(void **state)
{
	assert_int_equal(bench_messages(1000000, 1000, 1), 1000);
	assert_int_equal(bench_messages(1000000, 100000, 100), 1000);
	assert_int_equal(bench_messages(1000, 1000000, 1), 20);
	assert_int_equal(bench_messages(1000000000, 1, 1), 20000);
	assert_int_equal(bench_messages(1000000000, 0, 1), 20000);
	assert_int_equal(bench_warm_up_messages(64), 1000);
	assert_int_equal(bench_warm_up_messages(IPCT_BENCH_NO_SIZE), 1000);
	assert_int_equal(bench_warm_up_messages(1 << 16), 64);
	assert_int_equal(bench_warm_up_messages(64 << 20), 20);
}

static void file_put(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void test_result(void **state)
{
	struct bench_result result;

	/* One value of 5 ns, as hist_encode gives it. */
	file_put("result.txt", "size 64\nmessages 2\nbytes 128\nelapsed-ns 9\npeer ping 12\n"
			       "peer pong 13\nrtt 010105050501\nlater 1\n");
	assert_int_equal(bench_result_read("result.txt", &result), 0);
	assert_int_equal(result.size, 64);
	assert_int_equal(result.messages, 2);
	assert_int_equal(result.bytes, 128);
	assert_int_equal(result.elapsed_ns, 9);
	assert_string_equal(result.peers, ",12,13,");
	assert_int_equal(result.rtt.count, 1);
	assert_int_equal(result.rtt.max, 5);
	assert_int_equal(result.one_way.count, 0);
	bench_result_clear(&result);
	unlink("result.txt");
}

static void test_result_bad(void **state)
{
	static const char *const bad[] = {
		"",
		"size\n",
		"size 64\nmessages 2\nbytes 128\n",
		"size 64\nmessages 2\nbytes 128\nelapsed-ns 9\nrtt 01zz\n",
		"size 64\nmessages 2\nbytes 128\nelapsed-ns 9\nrtt 0101\n",
		"size 64\nmessages 2\nbytes 128\nelapsed-ns 9",
	};
	struct bench_result result;

	assert_int_equal(bench_result_read("none.txt", &result), -ENOENT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		file_put("result.txt", bad[i]);
		assert_int_equal(bench_result_read("result.txt", &result), -EINVAL);
	}
	unlink("result.txt");
}

static void test_reason(void **state)
{
	char why[32];

	file_put("why.txt", "ipctrace-workload: supervisor 0: too large\nTry\n");
	bench_reason_read("why.txt", why, sizeof(why));
	assert_string_equal(why, "too large");
	file_put("why.txt", "");
	bench_reason_read("why.txt", why, sizeof(why));
	assert_string_equal(why, "it ended without a result");
	bench_reason_read("none.txt", why, sizeof(why));
	assert_string_equal(why, "it ended without a result");
	unlink("why.txt");
}

static sqlite3 *file_of(const char *rows)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), 0);
	assert_int_equal(sqlite3_exec(db, bench_sql, NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_exec(db, bench_views_sql, NULL, NULL, NULL), 0);
	assert_int_equal(
		sqlite3_exec(db,
			     "INSERT INTO mechanism VALUES"
			     "(1, 'a', 'A', 'f', 'one', 'any', '', 'bytes', '', '', '', 1, ''),"
			     "(2, 'b', 'B', 'f', 'one', 'any', '', 'bytes', '', '', '', 1, '')",
			     NULL, NULL, NULL),
		0);
	if (sqlite3_exec(db, rows, NULL, NULL, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	return db;
}

/* The only row of `sql`, with "|" between its columns; rows with a blank. */
static void same(sqlite3 *db, const char *sql, const char *expected)
{
	char text[1024] = "";
	sqlite3_stmt *rows;

	if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	while (sqlite3_step(rows) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(rows); i++) {
			const char *cell = (const char *)sqlite3_column_text(rows, i);
			size_t len = strlen(text);

			snprintf(text + len, sizeof(text) - len, "%s%s",
				 i     ? "|"
				 : len ? " "
				       : "",
				 cell ? cell : "");
		}
	}
	sqlite3_finalize(rows);
	assert_string_equal(text, expected);
}

/* Round trips of mechanism 1 and 2 at sizes 64, 128 and 256; three rounds around each value. */
#define CASE(id, mechanism)                                                                        \
	"INSERT INTO bench_case VALUES (" #id ", " #mechanism                                      \
	", 'pingpong', 'block', 'same', 64, 10, 'ran', NULL);"
#define ROUND(id, round, size, rtt)                                                                \
	"INSERT INTO run VALUES (" #id ", 0, " #round ", 0, " #size ", 10, 640, 1000, " #rtt       \
	", 0, 0, 0, 0, 0, 0, 0, NULL, NULL);"
#define ROUNDS(id, mechanism, size, low, middle, high)                                             \
	CASE(id, mechanism)                                                                        \
	ROUND(id, 1, size, high) ROUND(id, 2, size, low) ROUND(id, 3, size, middle)

static void test_medians(void **state)
{
	sqlite3 *db = file_of(ROUNDS(1, 1, 64, 90, 100, 130) CASE(2, 2) ROUND(2, 1, 64, 10)
				      ROUND(2, 2, 64, 30));

	same(db,
	     "SELECT rtt_p50_ns, rtt_p50_min_ns, rtt_p50_max_ns, rounds, size FROM results"
	     " ORDER BY case_id",
	     "100.0|90|130|3|64 20.0|10|30|2|64");
	same(db, "SELECT messages_per_s, bytes_per_s FROM results WHERE case_id = 1",
	     "10000000.0|640000000.0");
	same(db, "SELECT mechanism, next, round(ratio, 2), clear FROM best", "b|a|5.0|1");
	sqlite3_close(db);
}

/* a is better at 64, neither is clearly at 128, b is at 256: they cross between 64 and 256. */
static void test_crossovers(void **state)
{
	sqlite3 *db = file_of(
		ROUNDS(1, 1, 64, 90, 100, 110) ROUNDS(2, 2, 64, 190, 200, 210)
			ROUNDS(3, 1, 128, 190, 200, 220) ROUNDS(4, 2, 128, 200, 210, 230)
				ROUNDS(5, 1, 256, 390, 400, 410) ROUNDS(6, 2, 256, 290, 300, 310));

	same(db, "SELECT below, above, size_below, size_above FROM crossovers", "a|b|64|256");
	same(db, "SELECT size, mechanism, clear FROM best ORDER BY size", "64|a|1 128|a|0 256|b|1");
	sqlite3_close(db);
}

/* Within the spread there is no crossover, whatever the medians say. */
static void test_noise(void **state)
{
	sqlite3 *db =
		file_of(ROUNDS(1, 1, 64, 50, 100, 250) ROUNDS(2, 2, 64, 90, 200, 210)
				ROUNDS(3, 1, 128, 200, 400, 410) ROUNDS(4, 2, 128, 290, 300, 310));

	same(db, "SELECT count(*) FROM crossovers", "0");
	sqlite3_close(db);
}

/* Every mechanism says what it is, and its limits are of one that there is. */
static void test_facts(void **state)
{
	for (int i = 1; i < IPCT_MECH_COUNT; i++) {
		const struct mechanism *m = &mechanisms[i];

		assert_non_null(m->directions);
		assert_true(!strcmp(m->directions, "one") || !strcmp(m->directions, "two") ||
			    !strcmp(m->directions, "any"));
		assert_true(!strcmp(m->reach, "related") || !strcmp(m->reach, "any"));
		/* What carries bytes is copied so many times, and nothing else is. */
		assert_int_equal(!strcmp(m->carries, "bytes"), m->copies != NULL);
		assert_true(*m->address && *m->boundaries && *m->order && *m->holder);
	}
	for (const struct mechanism_limit *l = mechanism_limits; l->what; l++) {
		assert_in_range(l->mechanism, 1, IPCT_MECH_COUNT - 1);
		assert_non_null(l->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),     cmocka_unit_test(test_order),
		cmocka_unit_test(test_left),       cmocka_unit_test(test_messages),
		cmocka_unit_test(test_result),     cmocka_unit_test(test_result_bad),
		cmocka_unit_test(test_reason),     cmocka_unit_test(test_medians),
		cmocka_unit_test(test_crossovers), cmocka_unit_test(test_noise),
		cmocka_unit_test(test_facts),
	};
	char folder[] = "/tmp/ipctrace-test-bench.XXXXXX";
	int failed;

	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return rmdir(folder) || failed;
}
