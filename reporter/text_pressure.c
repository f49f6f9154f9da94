// SPDX-License-Identifier: BSD-2-Clause
/*
 * Back-pressure in the text report: channels whose senders were held up, how full they were, and
 * for how much of the time somebody waited for that. Nothing where no sender was.
 */
#include "text.h"
#include "cells.h"
#include "text_section.h"
#include "units.h"

#include <string.h>

#define CHANNELS 8 /* the longest waits first: the others matter less and less */

extern const char text_pressure_sql[];

static const struct column pressure_columns[] = {
	{"from", COLUMN_CUT_MIDDLE},
	{"", COLUMN_TIGHT},
	{"to", COLUMN_CUT_MIDDLE | COLUMN_TIGHT},
	{"over", COLUMN_CUT_MIDDLE},
	{"holds", COLUMN_RIGHT},
	{"most", COLUMN_RIGHT},
	{"mean", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"full", COLUMN_RIGHT},
	{"empty", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"refused", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"over time", 0},
};

static bool is_null(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

/* The one process, or how it comes that there is no such; `calls`: how many there were. */
static void put_who(struct table *table, sqlite3_stmt *rows, int who, int calls)
{
	if (!is_null(rows, who + 1))
		cell_put_process(table, rows, who);
	else if (sqlite3_column_int64(rows, calls))
		table_cell(table, STYLE_DIM, "(several)");
	else
		table_cell(table, STYLE_DIM,
			   sqlite3_column_int(rows, 19) ? "(outside)" : "(nobody)");
}

static void put_amount(struct table *table, sqlite3_stmt *rows, int column, bool messages)
{
	char buf[IPCT_UNIT_LEN];

	if (is_null(rows, column) || !messages)
		cell_put_bytes(table, rows, column);
	else
		table_cellf(table, STYLE_PLAIN, "%s msg%s",
			    unit_count_short(buf, sqlite3_column_int64(rows, column)),
			    sqlite3_column_int64(rows, column) == 1 ? "" : "s");
}

/* A share that is a number from 0 to 1. */
static void put_fraction(struct table *table, sqlite3_stmt *rows, int column)
{
	char buf[IPCT_UNIT_LEN];

	if (is_null(rows, column))
		table_cell(table, STYLE_DIM, "-");
	else
		table_cell(table, STYLE_PLAIN,
			   unit_share(buf, (int64_t)(sqlite3_column_double(rows, column) * 1e9),
				      1000000000));
}

/* Digits 0 to 8 as a line of blocks. */
static void put_levels(struct table *table, sqlite3_stmt *rows, int column)
{
	static const char *const levels[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	const char *digits = (const char *)sqlite3_column_text(rows, column);
	char line[64] = "";

	for (; digits && *digits >= '0' && *digits <= '8' && strlen(line) + 4 < sizeof(line);
	     digits++)
		strcat(line, levels[*digits - '0']);
	table_cell(table, STYLE_PLAIN, line);
}

static bool pressure_row(struct table *table, sqlite3_stmt *rows)
{
	bool messages = sqlite3_column_int(rows, 9);

	put_who(table, rows, 0, 16);
	table_cell(table, STYLE_DIM, "→");
	put_who(table, rows, 3, 17);
	cell_put_object(table, rows, 6);
	put_amount(table, rows, 10, messages);
	put_amount(table, rows, 11, messages);
	for (int i = 12; i < 15; i++)
		put_fraction(table, rows, i);
	if (sqlite3_column_int64(rows, 15))
		cell_put_count(table, rows, 15);
	else
		table_cell(table, STYLE_DIM, "-");
	put_levels(table, rows, 18);
	return false;
}

static const struct section pressure = {
	.title = "BACK-PRESSURE",
	.note = "full: share of time in which a sender waited for room (█); empty: a receiver",
	.sql = text_pressure_sql,
	.view = "pressure",
	SECTION_COLUMNS(pressure_columns),
	.rows = CHANNELS,
	.row = pressure_row,
};

int text_pressure(sqlite3 *db, const struct terminal *term)
{
	return section_write(db, &pressure, term);
}
