// SPDX-License-Identifier: BSD-2-Clause
/*
 * Shared memory in the text report: who made an object, who maps it, with which access and for
 * how long, who touched it first; and what outlived its processes.
 */
#include "text.h"
#include "cells.h"
#include "text_section.h"
#include "units.h"

#include <stdlib.h>

extern const char text_shared_sql[], text_left_sql[];

static const struct column shared_columns[] = {
	{"object", COLUMN_CUT_MIDDLE},
	{"size", COLUMN_RIGHT},
	{"process", COLUMN_CUT_MIDDLE},
	{"part", 0},
	{"access", 0},
	{"mapped", COLUMN_RIGHT},
	{"reads", COLUMN_RIGHT},
	{"writes", COLUMN_RIGHT},
	{"", COLUMN_IF_ANY},
};

static bool is_null(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

/* "made, mmap": made it and mapped it by mmap. */
static void put_part(struct table *table, sqlite3_stmt *rows)
{
	bool creator = sqlite3_column_int(rows, 9);
	char *how = is_null(rows, 11) ? NULL : cell_text(rows, 11);

	if (creator && how)
		table_cellf(table, STYLE_PLAIN, "made, %s", how);
	else
		table_cell(table, how || creator ? STYLE_PLAIN : STYLE_DIM,
			   how       ? how
			   : creator ? "made"
				     : "-");
	free(how);
}

static void put_access(struct table *table, sqlite3_stmt *rows)
{
	if (is_null(rows, 10))
		table_cell(table, STYLE_DIM, "-");
	else
		cell_put_text(table, rows, 10);
}

static void put_held(struct table *table, sqlite3_stmt *rows)
{
	char buf[IPCT_UNIT_LEN];

	if (is_null(rows, 12))
		table_cell(table, STYLE_DIM, "-");
	else
		table_cellf(table, STYLE_PLAIN, "%s%s", sqlite3_column_int(rows, 13) ? "> " : "",
			    unit_ns(buf, sqlite3_column_int64(rows, 12)));
}

/* The object stands in the first of its rows only. */
static bool shared_row(struct table *table, sqlite3_stmt *rows)
{
	bool first = sqlite3_column_int64(rows, 17) == 1;

	if (first) {
		cell_put_objects(table, rows, 0);
		cell_put_bytes(table, rows, 4);
	} else {
		table_cell(table, STYLE_PLAIN, "");
		table_cell(table, STYLE_PLAIN, "");
	}
	cell_put_processes(table, rows, 5);
	put_part(table, rows);
	put_access(table, rows);
	put_held(table, rows);
	cell_put_count(table, rows, 14);
	cell_put_count(table, rows, 15);
	table_cell(table, STYLE_ALERT, first && sqlite3_column_int(rows, 16) ? "left behind" : "");
	return false;
}

int text_shared(sqlite3 *db, const char *family, const char *title, const struct terminal *term)
{
	const struct section shared = {
		.title = title,
		.note = "who maps what; reads, writes: pages by first touch; stores are not seen",
		.sql = text_shared_sql,
		.family = family,
		.view = "mappings",
		SECTION_COLUMNS(shared_columns),
		.groups = true,
		.row = shared_row,
	};

	return section_write(db, &shared, term);
}

static const struct column left_columns[] = {
	{"object", COLUMN_CUT_MIDDLE},
	{"size", COLUMN_RIGHT},
	{"holds", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"made by", COLUMN_CUT_MIDDLE},
	{"made at", COLUMN_RIGHT},
};

static bool left_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_object(table, rows, 0);
	cell_put_bytes(table, rows, 3);
	cell_put_bytes(table, rows, 4);
	if (is_null(rows, 7))
		table_cell(table, STYLE_DIM, "-");
	else
		cell_put_process(table, rows, 5);
	cell_put_ns(table, rows, 8);
	return false;
}

int text_left(sqlite3 *db, const struct terminal *term)
{
	static const struct section left = {
		.title = "LEFT BEHIND",
		.note = "there at the end and held by no process; ipcrm or rm takes it away",
		.sql = text_left_sql,
		.view = "objects",
		SECTION_COLUMNS(left_columns),
		.row = left_row,
	};

	return section_write(db, &left, term);
}
