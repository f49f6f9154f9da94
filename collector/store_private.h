/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the store share: store.c (its life, meta, ledger), store_events.c (a row or
 * more for each event), store_things.c (processes, objects, what they did to each other) and
 * store_sums.c. The statements stand in a table in store.c, in the order of enum statement.
 */
#ifndef IPCT_STORE_PRIVATE_H
#define IPCT_STORE_PRIVATE_H

#include "collector/batch.h"
#include "collector/kinds.h"
#include "collector/store.h"

/* Columns of the tables of kinds after the number. */
#define OP_KIND_WORDS      9
#define SLEEP_KIND_WORDS   5
#define MESSAGE_KIND_WORDS 4

enum statement {
	META,
	MAPPING,
	TOUCH,
	PASSING,
	EXEC,
	PROCESS,
	PROCESS_CGROUP,
	OBJECT,
	OBJECT_SIZE,
	EDGE,
	EDGE_PART,
	OP_BLOCK,
	MESSAGE_BLOCK,
	THREAD,
	EDGE_WAKEUP,
	PRESSURE,
	DEPTH_CLEAR,
	DEPTH,
	CALL,
	CALL_PART,
	LEDGER_CLEAR,
	LEDGER,
	STATEMENTS
};

struct store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *st[STATEMENTS];
	struct batches *batches;
	struct kinds *op_kinds, *sleep_kinds, *message_kinds;
	int reserve_fd;     /* -1: given back, or never had */
	const char *failed; /* reason for the ledger, NULL while all is well */
};

/* Say the failure, once, and take no more. -EIO. */
int store_fail(struct store *s, int code);

/* Does it take no more, or has the writing thread failed? */
bool store_stopped(struct store *s);

/* Run the statement whose parameters are bound. 0 or -EIO. */
int store_step(struct store *s, enum statement which);

static inline void bind_text(sqlite3_stmt *st, int i, const char *text)
{
	if (text)
		sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, i);
}

/* NULL for the value that means "not known". */
static inline void bind_known(sqlite3_stmt *st, int i, int64_t value, bool known)
{
	if (known)
		sqlite3_bind_int64(st, i, value);
	else
		sqlite3_bind_null(st, i);
}

#endif
