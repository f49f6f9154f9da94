// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/batch.c: every row gets into its table with what was filled in, beside others who use
 * the connection; and what happens when no row can.
 */
#include "collector/batch.h"
#include "schemas/trace_db.h"
#include "tests/unit/rows.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ROWS 100003

static void run(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), 0);
}

static sqlite3 *begin(void)
{
	sqlite3 *db = trace_db_create("t.db");

	assert_non_null(db);
	run(db, "BEGIN");
	return db;
}

static void end(sqlite3 *db)
{
	run(db, "COMMIT");
	assert_int_equal(trace_db_finish(db), 0);
}

static void op_put(struct batches *b, int64_t i)
{
	int64_t *row = batches_row(b, BATCH_OP);

	assert_non_null(row);
	row[0] = i % 7;
	row[1] = 1000 * i;
	row[2] = INT64_MAX;
	row[3] = -1;
	row[4] = i % 2 ? BATCH_NULL : i;
	row[5] = 1;
}

static void ready_put(struct batches *b, int64_t i)
{
	int64_t *row = batches_row(b, BATCH_READY);

	assert_non_null(row);
	row[0] = i;
	row[1] = 2;
	row[2] = 3;
	row[3] = UINT32_MAX;
}

static void test_all_rows(void **state)
{
	sqlite3 *db = begin();
	struct batches *b = batches_new(db, "t.db");

	assert_non_null(b);
	assert_int_equal(batches_drain(b), 0); /* of nothing */
	for (int64_t i = 1; i <= ROWS; i++) {
		op_put(b, i);
		if (i % 100 == 0)
			ready_put(b, i);
		if (i % 1000 == 0)
			assert_int_equal(sqlite3_exec(db,
						      "INSERT INTO exec VALUES (1, 2, '', '', '')",
						      NULL, NULL, NULL),
					 0);
	}
	assert_int_equal(batches_drain(b), 0);
	assert_rows(
		db,
		"SELECT count(*), max(op_id), sum(ts_ns = 1000 * op_id), sum(kind_id = op_id % 7),"
		" min(dur_ns), max(blocked_ns), sum(bytes = op_id), count(bytes) FROM op_row",
		"100003|100003|100003|100003|9223372036854775807|-1|50001|50001\n");
	assert_rows(db, "SELECT count(*), sum(op_id), max(events) FROM ready_object",
		    "1000|50050000|4294967295\n");
	assert_rows(db, "SELECT count(*) FROM exec", "100\n");
	batches_free(b);
	end(db);
}

/* The first failure stays until it is dealt with, and no row comes after it. */
static void test_failure(void **state)
{
	sqlite3 *db = begin();
	struct batches *b = batches_new(db, "t.db");

	op_put(b, 1);
	assert_int_equal(batches_drain(b), 0);
	run(db, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON op_row BEGIN"
		" SELECT RAISE(ABORT, 'no'); END");
	for (int64_t i = 2; i < 4; i++) {
		op_put(b, i);
		assert_int_equal(batches_drain(b), SQLITE_CONSTRAINT_TRIGGER);
		if (i == 2)
			assert_null(batches_row(b, BATCH_OP));
		batches_resume(b);
		assert_int_equal(batches_error(b), 0);
	}
	run(db, "DROP TRIGGER refuse");
	op_put(b, 4);
	assert_int_equal(batches_drain(b), 0);
	assert_rows(db, "SELECT op_id, ts_ns FROM op_row", "1|1000\n2|4000\n");
	batches_free(b);
	end(db);
}

/* What nobody waits for is dropped, and freed. */
static void test_end(void **state)
{
	sqlite3 *db = begin();
	struct batches *b = batches_new(db, "t.db");

	op_put(b, 1);
	batches_free(b);
	batches_free(NULL);
	assert_rows(db, "SELECT count(*) FROM op_row", "0\n");
	end(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_rows),
		TEST(test_failure),
		TEST(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
