/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records into a trace file, and the file's rows as text: for tests that say what they expect as
 * the lines that sqlite3 would print.
 */
#ifndef IPCT_TESTS_ROWS_H
#define IPCT_TESTS_ROWS_H

#include <sqlite3.h>
#include "collector/collector.h"
#include "tests/unit/records.h"

/* Make a folder of its own for a test, and go there; leaving removes it. cmocka fixtures. */
int folder_enter(void **state);
int folder_leave(void **state);

/*
 * Feed all the records into a new trace file `path` and finish it: 0, or what collector_finish or
 * collector_feed said. The records are cleared. `sums` may be NULL.
 */
int rows_make(const char *path, struct records *r, struct collector_sums *sums);

/* The same into "t.db", opened for reading. It must go well. */
sqlite3 *rows_of(struct records *r);

/*
 * The rows of the query: columns joined by |, NULL as -, a line each. The caller frees it.
 */
char *rows_text(sqlite3 *db, const char *sql);

/* Fail, at the caller's line, unless these are the rows. */
#define assert_rows(db, sql, expected) rows_check(db, sql, expected, __FILE__, __LINE__)
void rows_check(sqlite3 *db, const char *sql, const char *expected, const char *file, int line);

/* What must hold in every trace file: seen = stored + lost, and as many rows as 'stored' says. */
#define assert_balanced(db) rows_check_balance(db, __FILE__, __LINE__)
void rows_check_balance(sqlite3 *db, const char *file, int line);

/* Catch stderr; what was said since then, valid until the next time. */
void said_begin(void);
const char *said_end(void);

/* Uniform and the same on every machine. */
uint64_t random_next(uint64_t *state);

#endif
