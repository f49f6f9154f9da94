/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge of a trace or bench file's content; for trace_db.c alone.
 */
#ifndef IPCT_TRACE_CHECK_H
#define IPCT_TRACE_CHECK_H

#include <sqlite3.h>
#include "schemas/db_kind.h"

#define IPCT_EXPLAINED -1 /* beside SQLite's result codes: the error message is out */

/*
 * Make the fresh read-only connection `db` safe, begin a read transaction and check that the file
 * is one of that kind that this program can read; the public views are in place then. `path` is for
 * messages. Costs the same for any size of file. Returns 0, an SQLite result code (SQLITE_NOTADB:
 * not of that kind, SQLITE_SCHEMA or SQLITE_ERROR: other tables) or IPCT_EXPLAINED.
 */
int trace_check(sqlite3 *db, const char *path, const struct db_kind *kind);

#endif
