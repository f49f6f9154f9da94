/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run over the rows of a query, with its errors said once:
 *
 *	sqlite3_stmt *rows = query_open(db, sql);
 *	while ((more = query_next(rows)) > 0)
 *		... sqlite3_column_*(rows, ...) ...
 *	sqlite3_finalize(rows);
 */
#ifndef IPCT_QUERY_H
#define IPCT_QUERY_H

#include <sqlite3.h>

/*
 * Prepare `sql`, which is one statement. The caller ends it with sqlite3_finalize(). NULL after
 * an error message.
 */
sqlite3_stmt *query_open(sqlite3 *db, const char *sql);

/*
 * What --sort and --top ask for, for all queries that follow: :sort is bound to `sort`, one of
 * query_sorts, which outlives them, or NULL: each table's own order. Rows: negative: each table's
 * own number; 0: all.
 */
void query_choose(const char *sort, int rows);

/* The keys of --sort, NULL behind the last; which was chosen, or NULL. */
extern const char *const query_sorts[];
const char *query_sort(void);

/* How many rows a table that has `rows` by itself is to show: -1 is all. */
int query_rows(int rows);

/* The same where there is room for no more. */
int query_rows_at_most(int rows);

/* Say that the last call on `db` failed; returns 1. */
int query_failed(sqlite3 *db);

/* Bind the parameter `name` (":rows"); a statement of NULL or without it is left as it is. */
void query_bind(sqlite3_stmt *rows, const char *name, sqlite3_int64 value);

/* The same with a text, which must outlive the statement. */
void query_bind_text(sqlite3_stmt *rows, const char *name, const char *text);

/* The next row: 1; 0 after the last one; -1 after an error message, and for NULL. */
int query_next(sqlite3_stmt *rows);

/* The names of the public views, NULL behind the last. */
extern const char *const query_views[];       /* of a trace */
extern const char *const query_bench_views[]; /* of a bench */

/* The query for all rows of a public view in a fixed order, or NULL if there is no such view. */
const char *query_view(const char *name);

/*
 * Whether the column holds a histogram or another binary value: the outputs for other programs
 * leave such columns out.
 */
int query_is_binary(sqlite3_stmt *rows, int column);

#endif
