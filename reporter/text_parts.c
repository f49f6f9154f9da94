// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the time of messages went, in the text report: the mean transit and the shares of its four
 * parts, by mechanism where there are several, and for the edges with the most of it. Recordings
 * of older versions have no parts, and then no such section.
 */
#include "text.h"
#include "cells.h"
#include "query.h"
#include "text_section.h"
#include "units.h"

#include <string.h>

extern const char text_edges_sql[], text_parts_sql[];

#define PARTS     TERMINAL_SHADES
#define BAR_WIDTH 12
#define EDGES     8 /* a page has room for no more, and the first ones are what matters */
#define LEGEND    "█ in send calls ▓ in objects ▒ run queue ░ in receive calls"

/* How many of `width` characters each part takes: rounded, so that they fill all of it. */
static void bar_divide(int widths[PARTS], const int64_t parts[PARTS], int width)
{
	double whole = 0, before = 0;
	int filled = 0;

	for (int i = 0; i < PARTS; i++)
		whole += parts[i] > 0 ? (double)parts[i] : 0;
	for (int i = 0; i < PARTS; i++) {
		before += parts[i] > 0 ? (double)parts[i] : 0;
		widths[i] = whole > 0 ? (int)(before / whole * width + 0.5) - filled : 0;
		filled += widths[i];
	}
}

static void put_bar(struct table *table, const int64_t parts[PARTS])
{
	char bar[BAR_WIDTH * sizeof("█")] = "";
	int widths[PARTS];

	bar_divide(widths, parts, BAR_WIDTH);
	for (int i = 0; i < PARTS; i++)
		while (widths[i]-- > 0)
			strcat(bar, terminal_shade(i));
	table_cell(table, STYLE_PLAIN, bar);
}

/* The mean of the sum in column `sum`, the shares in it of the four columns after, and their bar.
 */
static void put_parts(struct table *table, sqlite3_stmt *rows, int messages, int sum)
{
	sqlite3_int64 count = sqlite3_column_int64(rows, messages);
	char buf[IPCT_UNIT_LEN] = "-", shares[PARTS][IPCT_UNIT_LEN];
	int64_t parts[PARTS];

	if (count > 0)
		unit_ns(buf, sqlite3_column_int64(rows, sum) / count);
	table_cell(table, STYLE_PLAIN, buf);
	for (int i = 0; i < PARTS; i++)
		parts[i] = sqlite3_column_int64(rows, sum + 1 + i);
	unit_shares(shares, parts, PARTS);
	for (int i = 0; i < PARTS; i++)
		table_cell(table, STYLE_PLAIN, shares[i]);
	put_bar(table, parts);
}

#define PART_COLUMNS                                                                               \
	{"mean", COLUMN_RIGHT}, {"send", COLUMN_RIGHT}, {"object", COLUMN_RIGHT},                  \
		{"runq", COLUMN_RIGHT}, {"recv", COLUMN_RIGHT}, {"", COLUMN_WIDE},

static const struct column mechanism_columns[] = {{"mechanism", 0},
						  {"msgs", COLUMN_RIGHT},
						  {"p50", COLUMN_RIGHT},
						  {"p99", COLUMN_RIGHT},
						  PART_COLUMNS};

static bool mechanism_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_text(table, rows, 0);
	cell_put_count(table, rows, 2);
	cell_put_ns(table, rows, 3);
	cell_put_ns(table, rows, 4);
	put_parts(table, rows, 2, 5);
	return false;
}

static const struct section mechanisms = {
	.title = "WHERE THE TIME WENT",
	.note = LEGEND,
	.sql = text_parts_sql,
	.view = "edges",
	SECTION_COLUMNS(mechanism_columns),
	.row = mechanism_row,
};

static const struct column edge_columns[] = {{"from", COLUMN_CUT_MIDDLE},
					     {"", COLUMN_TIGHT},
					     {"to", COLUMN_CUT_MIDDLE | COLUMN_TIGHT},
					     {"over", COLUMN_CUT_MIDDLE},
					     PART_COLUMNS};

static bool edge_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_processes(table, rows, 0);
	table_cell(table, STYLE_DIM, "→");
	cell_put_processes(table, rows, 4);
	cell_put_objects(table, rows, 8);
	put_parts(table, rows, 12, 20);
	return false;
}

static const struct section edges = {
	.title = "WHERE THE TIME WENT",
	.note = LEGEND,
	.sql = text_edges_sql,
	.timed = true,
	.view = "edges",
	SECTION_COLUMNS(edge_columns),
	.rows = EDGES,
	.groups = true,
	.row = edge_row,
};

int text_parts(sqlite3 *db, const struct terminal *term)
{
	sqlite3_int64 kinds = section_number(db, "SELECT count(DISTINCT mechanism || kind)"
						 " FROM edges WHERE in_send_sum_ns IS NOT NULL");
	struct section by_edge = edges;
	int failed = kinds < 0;

	if (!failed && kinds > 1) {
		failed = section_write(db, &mechanisms, term);
		by_edge.title = "WHERE THE TIME WENT, BY EDGE";
		by_edge.note = "the largest sums of transits first";
	}
	return failed || section_write(db, &by_edge, term);
}

/* The messages of a mechanism whose transit is known in parts; added up over the mechanisms. */
struct sums {
	int64_t messages, transit_ns, parts[PARTS];
};

static void sums_add(struct sums *sums, sqlite3_stmt *rows)
{
	sums->messages += sqlite3_column_int64(rows, 2);
	sums->transit_ns += sqlite3_column_int64(rows, 5);
	for (int i = 0; i < PARTS; i++)
		sums->parts[i] += sqlite3_column_int64(rows, 6 + i);
}

static void sums_print(const struct sums *sums, const struct terminal *term)
{
	char mean[IPCT_UNIT_LEN], shares[PARTS][IPCT_UNIT_LEN];

	unit_shares(shares, sums->parts, PARTS);
	text_line(term, STYLE_PLAIN, "transit",
		  "mean %s: send %s, object %s, run queue %s, receive %s",
		  unit_ns(mean, sums->transit_ns / sums->messages), shares[0], shares[1], shares[2],
		  shares[3]);
}

/* That of data; where there is none, of wake-ups. */
int text_parts_line(sqlite3 *db, const struct terminal *term)
{
	sqlite3_stmt *rows = query_open(db, text_parts_sql);
	struct sums data = {0}, wakes = {0};
	int more;

	query_bind(rows, ":rows", -1);
	while ((more = query_next(rows)) > 0) {
		const char *kind = (const char *)sqlite3_column_text(rows, 1);

		sums_add(kind && !strcmp(kind, "data") ? &data : &wakes, rows);
	}
	sqlite3_finalize(rows);
	if (more < 0)
		return 1;
	if (data.messages > 0)
		sums_print(&data, term);
	else if (wakes.messages > 0)
		sums_print(&wakes, term);
	return 0;
}
