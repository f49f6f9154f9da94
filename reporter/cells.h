/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cells of a table from the columns of a query's row. NULL is "-" wherever a value may be missing.
 */
#ifndef IPCT_CELLS_H
#define IPCT_CELLS_H

#include "table.h"

#include <sqlite3.h>

/* The column's text made safe for a terminal; "?" for NULL and "". Caller frees; NULL: no memory */
char *cell_text(sqlite3_stmt *rows, int column);

/* A text column as it is. */
void cell_put_text(struct table *table, sqlite3_stmt *rows, int column);

/*
 * A process, from three columns: pid, comm, traced. "tar[4711]"; one that is not traced stands
 * in brackets: "(tar[4711])", or "(outside)" where nobody could say which it is.
 */
void cell_put_process(struct table *table, sqlite3_stmt *rows, int column);

/* That text alone. Caller frees; NULL: no memory. */
char *cell_process(sqlite3_stmt *rows, int column);

/* Or several processes of one name, with their number in a fourth column: "tar ×20". */
void cell_put_processes(struct table *table, sqlite3_stmt *rows, int column);

/*
 * An object, from three columns: mechanism, name, object_id. "pipe:[4711]", "fifo /run/queue";
 * "pipe #3" where it has no name; "signal" where the name is only that of the mechanism.
 */
void cell_put_object(struct table *table, sqlite3_stmt *rows, int column);

/* That text alone. Caller frees; NULL: no memory. */
char *cell_object(sqlite3_stmt *rows, int column);

/* Or several objects of one mechanism, with their number in a fourth column: "pipe ×20". */
void cell_put_objects(struct table *table, sqlite3_stmt *rows, int column);

/* A duration, a size, a count. */
void cell_put_ns(struct table *table, sqlite3_stmt *rows, int column);
void cell_put_bytes(struct table *table, sqlite3_stmt *rows, int column);
void cell_put_count(struct table *table, sqlite3_stmt *rows, int column);

/* One column's share of another. */
void cell_put_share(struct table *table, sqlite3_stmt *rows, int part, int whole);

#endif
