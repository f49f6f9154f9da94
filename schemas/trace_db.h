/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening and checking a trace file, or a bench file. The collector creates one, every other
 * command opens one; nobody else calls sqlite3_open. The tables and views are trace.sql and
 * views.sql.
 *
 * A connection to read with is for one thread at a time, one that writes for any.
 */
#ifndef IPCT_TRACE_DB_H
#define IPCT_TRACE_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#define IPCT_APPLICATION_ID 0x69706374 /* "ipct" */
#define IPCT_FORMAT_VERSION 3          /* user_version; format_*.sql read those before */

#define IPCT_BENCH_APPLICATION_ID 0x69706362 /* "ipcb" */
#define IPCT_BENCH_FORMAT_VERSION 1

/*
 * Create the trace file `path` with its tables, views and name tables; `path` must not exist.
 * WAL mode, so that others may read while it grows, and a kill loses nothing that was committed.
 * Returns the connection, which the caller closes with trace_db_finish(), or NULL after an error
 * message; then no file is left.
 */
sqlite3 *trace_db_create(const char *path);

/*
 * Close what trace_db_create gave: everything moves from the WAL into the file, which needs no
 * file beside it from then on (unless someone is reading just now: then SQLite does it when the
 * last one ends). Returns 0 or -EIO after an error message. NULL is fine.
 */
int trace_db_finish(sqlite3 *db);

/*
 * Open the trace file `path` for reading, as hostile input: defensive, schema not trusted, the
 * public views are this program's own and not the file's. Refuses files that are not traces, are
 * damaged, or are newer than this program. Does not write beside a file whose recording is over.
 * Returns the connection, inside a read transaction, so that all queries see the same moment of a
 * recording that is still running; the caller closes it with sqlite3_close(). NULL after an error
 * message.
 *
 * Damage deep inside shows only when a query gets there. sqlite3_errmsg() may then hold text from
 * the file, so print sqlite3_errstr() instead.
 */
sqlite3 *trace_db_open(const char *path);

/*
 * The same for the file of `ipctrace bench`: bench.sql and bench_views.sql. trace_db_finish() ends
 * what bench_db_create gave. Is the file at `path` such a one? False too if it cannot be read.
 */
sqlite3 *bench_db_create(const char *path);
sqlite3 *bench_db_open(const char *path);
bool bench_db_is(const char *path);

/* The text of meta's row `key`, for the caller to free(); NULL if there is none. */
char *trace_db_meta(sqlite3 *db, const char *key);

#endif
