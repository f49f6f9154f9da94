/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of text with aligned columns that fits a terminal: columns that may be left out go
 * first when it is narrow, then the widest of those that may be cut are cut.
 */
#ifndef IPCT_TABLE_H
#define IPCT_TABLE_H

#include "terminal.h"

enum {
	COLUMN_RIGHT = 1,      /* numbers */
	COLUMN_CUT_END = 2,    /* may be cut at its end */
	COLUMN_CUT_MIDDLE = 4, /* may be cut in its middle */
	COLUMN_OPTIONAL = 8,   /* left out where there is no room, the first one first */
	COLUMN_TIGHT = 16,     /* one space before it, not two */
	COLUMN_IF_ANY = 32,    /* left out where all of its cells are "-" or empty */
	COLUMN_WIDE = 64,      /* left out on a terminal of less than 100 columns */
};

struct column {
	const char *title;
	unsigned flags;
};

struct table;

/*
 * An empty table with `count` columns, whose row must outlive it. table_free() ends it. NULL if
 * memory is out; every function here takes that NULL, and table_print reports it.
 */
struct table *table_new(const struct column *columns, int count);

/* Add the next cell, row by row. `safe` is copied and must come from escape_text or our own. */
void table_cell(struct table *table, enum style style, const char *safe);

/* The same, in printf's words. */
void table_cellf(struct table *table, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Print titles (if any column has one) and rows, two columns in. 0 or -ENOMEM. */
int table_print(const struct table *table, const struct terminal *term);

void table_free(struct table *table);

#endif
