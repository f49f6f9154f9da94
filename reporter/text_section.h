/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A section of the text report: a heading and a table, whose rows are those of one query.
 */
#ifndef IPCT_TEXT_SECTION_H
#define IPCT_TEXT_SECTION_H

#include "table.h"

#include <sqlite3.h>
#include <stdbool.h>

struct section {
	const char *title, *note;
	/*
	 * The query: at most `:rows` rows. Its last column is how many there would be without that
	 * limit, if count_sql does not give that number.
	 */
	const char *sql, *count_sql;
	const char *family, *kind; /* bound to :family and :kind; NULL: the query has none */
	const char *view;          /* has all rows */
	const char *none;          /* what to say instead of an empty table; NULL: nothing */
	const struct column *columns;
	int column_count;
	int rows; /* the most that are shown; 0: IPCT_TEXT_ROWS */
	/* With :grouped the query puts like rows together; done where there are too many. */
	bool groups;
	bool timed; /* bound to :timed */
	/* Adds the row that `rows` stands on; true if it needs `remark` below the table. */
	bool (*row)(struct table *table, sqlite3_stmt *rows);
	const char *remark;
};

#define SECTION_COLUMNS(of) .columns = (of), .column_count = sizeof(of) / sizeof((of)[0])

/* Print it. 0, or 1 after an error message. */
int section_write(sqlite3 *db, const struct section *section, const struct terminal *term);

/* The number that a query of one row and column gives; -1 after an error message. */
sqlite3_int64 section_number(sqlite3 *db, const char *sql);

#endif
