/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kinds of files that this program writes and reads, as trace_db.c and trace_check.c know them.
 */
#ifndef IPCT_DB_KIND_H
#define IPCT_DB_KIND_H

#include <sqlite3.h>

struct db_kind {
	const char *what; /* as messages call such a file */
	int application_id, version;
	const char *tables_sql, *views_sql;
	/* Fill the name tables of a new file; an SQLite result code. NULL: there are none. */
	int (*names_put)(sqlite3 *db);
	/* Read files before `version`: list their tables, add what they lack. NULL: none came
	 * before. */
	const char *(*tables_of)(int version);
	int (*older_read)(sqlite3 *db, int version);
	const char *writers; /* the commands that write one, for a hint */
	const char *make;    /* how to make one: a format with the path */
};

extern const struct db_kind trace_kind, bench_kind;

#endif
