/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables that get rows with every event, written by a thread of their own. The caller fills
 * rows of integers; full batches go to the thread, which puts each into its table with a single
 * INSERT ... SELECT. So tracking and pairing run on one CPU and SQLite on another.
 *
 * The connection must be serialized (trace_db_create gives such a one): others may use it as well.
 */
#ifndef IPCT_BATCH_H
#define IPCT_BATCH_H

#include <sqlite3.h>
#include <stdint.h>

#define BATCH_NULL INT64_MIN /* stands for NULL in a row */

enum batch_table {
	BATCH_OP,
	BATCH_OP_KIND,
	BATCH_SLEEP,
	BATCH_SLEEP_KIND,
	BATCH_READY,
	BATCH_MESSAGE,
	BATCH_MESSAGE_KIND,
	BATCH_TABLES
};

struct batches;

/* Prepare the statements and start the thread. NULL after a message that names `path`. */
struct batches *batches_new(sqlite3 *db, const char *path);

/*
 * The next row of the table, for the caller to fill with all its columns before the next call.
 * Waits while much is under way. NULL: no memory, or batches_error() says what.
 */
int64_t *batches_row(struct batches *b, enum batch_table table);

/* Wait until all rows are in their tables. 0, or as batches_error(). */
int batches_drain(struct batches *b);

/* Give the thread this nice value, if that is allowed. */
void batches_nice(struct batches *b, int nice);

/* SQLite's code of the first insert that failed, after which nothing is written; 0: none has. */
int batches_error(const struct batches *b);

/* Write again, after a failure was dealt with: what was under way then is gone. */
void batches_resume(struct batches *b);

/* End the thread; rows that batches_drain has not waited for are dropped. NULL is allowed. */
void batches_free(struct batches *b);

#endif
