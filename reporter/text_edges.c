// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who talks to whom, in the text report: an overview of all pairs of processes, and for each
 * family of mechanisms what passed over it. Data has bytes, synchronisation has wake-ups.
 */
#include "text.h"
#include "cells.h"
#include "query.h"
#include "text_section.h"
#include "units.h"

#include <stdlib.h>
#include <string.h>

extern const char text_edges_sql[], text_pairs_sql[], text_passed_sql[];

#define OUTSIDE "In brackets: outside the recording; calls are counted there, not timed."

/* Whether the process in the four columns from `column` on is outside the recording. */
static bool is_outside(sqlite3_stmt *rows, int column)
{
	return !sqlite3_column_int(rows, column + 2);
}

static const struct column pair_columns[] = {
	{"from", COLUMN_CUT_MIDDLE},
	{"", COLUMN_TIGHT},
	{"to", COLUMN_CUT_MIDDLE | COLUMN_TIGHT},
	{"bytes", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"back", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"wakes", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"over", COLUMN_CUT_END},
};

/* A number whose absence is no news. */
static void put_some(struct table *table, sqlite3_stmt *rows, int column,
		     void (*put)(struct table *table, sqlite3_stmt *rows, int column))
{
	if (sqlite3_column_int64(rows, column))
		put(table, rows, column);
	else
		table_cell(table, STYLE_DIM, "-");
}

static bool pair_row(struct table *table, sqlite3_stmt *rows)
{
	bool there = sqlite3_column_int(rows, 11), here = sqlite3_column_int(rows, 12);
	char *over = cell_text(rows, 13), *shares = cell_text(rows, 14);

	cell_put_processes(table, rows, 0);
	table_cell(table, STYLE_DIM, there && here ? "⇄" : there || here ? "→" : "↔");
	cell_put_processes(table, rows, 4);
	put_some(table, rows, 8, cell_put_bytes);
	put_some(table, rows, 9, cell_put_bytes);
	put_some(table, rows, 10, cell_put_count);
	if (sqlite3_column_type(rows, 14) == SQLITE_NULL)
		table_cell(table, STYLE_PLAIN, over);
	else if (sqlite3_column_type(rows, 13) == SQLITE_NULL)
		table_cellf(table, STYLE_PLAIN, "shares %s", shares ? shares : "");
	else
		table_cellf(table, STYLE_PLAIN, "%s; shares %s", over ? over : "",
			    shares ? shares : "");
	free(over);
	free(shares);
	return is_outside(rows, 0) || is_outside(rows, 4);
}

static const struct section pairs = {
	.title = "WHO TALKS TO WHOM",
	.note = "the first is the one that sends more; wakes: both ways",
	.sql = text_pairs_sql,
	.view = "edges",
	SECTION_COLUMNS(pair_columns),
	.groups = true,
	.row = pair_row,
	.remark = OUTSIDE,
};

static const struct column data_columns[] = {
	{"from", COLUMN_CUT_MIDDLE},
	{"", COLUMN_TIGHT},
	{"to", COLUMN_CUT_MIDDLE | COLUMN_TIGHT},
	{"over", COLUMN_CUT_MIDDLE},
	{"msgs", COLUMN_RIGHT},
	{"bytes", COLUMN_RIGHT},
	{"rate", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"p50", COLUMN_RIGHT},
	{"p99", COLUMN_RIGHT},
	{"max", COLUMN_RIGHT},
	{"exact", COLUMN_RIGHT | COLUMN_WIDE},
};

static void put_ends(struct table *table, sqlite3_stmt *rows)
{
	cell_put_processes(table, rows, 0);
	table_cell(table, STYLE_DIM, "→");
	cell_put_processes(table, rows, 4);
	cell_put_objects(table, rows, 8);
}

/* Transit and pairing. */
static void put_times(struct table *table, sqlite3_stmt *rows)
{
	cell_put_ns(table, rows, 15);
	cell_put_ns(table, rows, 16);
	cell_put_ns(table, rows, 17);
	cell_put_share(table, rows, 18, 19);
}

static bool data_row(struct table *table, sqlite3_stmt *rows)
{
	char buf[IPCT_UNIT_LEN];

	put_ends(table, rows);
	cell_put_count(table, rows, 12);
	cell_put_bytes(table, rows, 13);
	table_cell(table, STYLE_PLAIN,
		   unit_rate(buf, sqlite3_column_int64(rows, 13), sqlite3_column_int64(rows, 14)));
	put_times(table, rows);
	return is_outside(rows, 0) || is_outside(rows, 4);
}

static const struct column sync_columns[] = {
	{"waker", COLUMN_CUT_MIDDLE},
	{"", COLUMN_TIGHT},
	{"woken", COLUMN_CUT_MIDDLE | COLUMN_TIGHT},
	{"by", COLUMN_CUT_MIDDLE},
	{"wakes", COLUMN_RIGHT},
	{"p50", COLUMN_RIGHT},
	{"p99", COLUMN_RIGHT},
	{"max", COLUMN_RIGHT},
	{"exact", COLUMN_RIGHT | COLUMN_WIDE},
};

static bool sync_row(struct table *table, sqlite3_stmt *rows)
{
	put_ends(table, rows);
	cell_put_count(table, rows, 12);
	put_times(table, rows);
	return is_outside(rows, 0) || is_outside(rows, 4);
}

#define SENDS "who sends to whom; time from send to receive; exact: sure pairings"
#define WAKES "who wakes whom; time from the waking call to the end of the wait"

/* The families in the order of their sections; `other` is what is not in mechanisms.def. */
static const struct {
	const char *family, *title, *data_note;
} families[] = {
	{"pipe", "PIPES", SENDS},
	{"queue", "MESSAGE QUEUES", SENDS},
	{"socket", "SOCKETS", SENDS},
	{"pty", "TERMINALS", SENDS},
	{"process_vm", "MEMORY OF OTHER PROCESSES",
	 "copied from whose into whose; time of the call"},
	{"sync", "SYNCHRONISATION", SENDS},
	{"shm", "SHARED MEMORY", SENDS},
	{"mmap", "SHARED MAPPINGS", SENDS},
	{"other", "OTHER MECHANISMS", SENDS},
};

static int data_write(sqlite3 *db, size_t family, const struct terminal *term)
{
	const struct section data = {
		.title = families[family].title,
		.note = families[family].data_note,
		.sql = text_edges_sql,
		.family = families[family].family,
		.kind = "data",
		.view = "edges",
		SECTION_COLUMNS(data_columns),
		.groups = true,
		.row = data_row,
		.remark = OUTSIDE,
	};

	return section_write(db, &data, term);
}

static int sync_write(sqlite3 *db, size_t family, const struct terminal *term)
{
	const struct section sync = {
		.title = families[family].title,
		.note = WAKES,
		.sql = text_edges_sql,
		.family = families[family].family,
		.kind = "sync",
		.view = "edges",
		SECTION_COLUMNS(sync_columns),
		.groups = true,
		.row = sync_row,
		.remark = OUTSIDE,
	};

	return section_write(db, &sync, term);
}

static const struct column passed_columns[] = {
	{"from", COLUMN_CUT_MIDDLE},
	{"", COLUMN_TIGHT},
	{"to", COLUMN_CUT_MIDDLE | COLUMN_TIGHT},
	{"passed", COLUMN_CUT_MIDDLE},
	{"over", COLUMN_CUT_MIDDLE},
	{"times", COLUMN_RIGHT},
	{"first at", COLUMN_RIGHT},
	{"took", COLUMN_RIGHT},
};

static void put_passed(struct table *table, sqlite3_stmt *rows)
{
	char buf[IPCT_UNIT_LEN];

	if (sqlite3_column_int64(rows, 12) > 1)
		table_cellf(table, STYLE_PLAIN, "%s different",
			    unit_count(buf, sqlite3_column_int64(rows, 12)));
	else if (sqlite3_column_type(rows, 10) == SQLITE_NULL)
		cell_put_text(table, rows, 11);
	else
		cell_put_object(table, rows, 8);
}

static bool passed_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_processes(table, rows, 0);
	table_cell(table, STYLE_DIM, "→");
	cell_put_processes(table, rows, 4);
	put_passed(table, rows);
	cell_put_objects(table, rows, 13);
	cell_put_count(table, rows, 17);
	cell_put_ns(table, rows, 18);
	cell_put_ns(table, rows, 19);
	return is_outside(rows, 0) || is_outside(rows, 4);
}

static const struct section passed = {
	.title = "PASSED FDS",
	.note = "which object went from whom to whom, over which socket",
	.sql = text_passed_sql,
	.view = "passed_fds",
	SECTION_COLUMNS(passed_columns),
	.groups = true,
	.row = passed_row,
	.remark = "In brackets: outside the recording.",
};

int text_edges(sqlite3 *db, const struct terminal *term)
{
	sqlite3_int64 all = section_number(db, "SELECT count(*) FROM edges");
	sqlite3_int64 tables =
		section_number(db,
			       "SELECT count(DISTINCT ipct_family(mechanism) || kind) FROM edges");
	int rows = query_rows(IPCT_TEXT_ROWS), failed = all < 0 || tables < 0;

	if (failed)
		return 1;
	if (!all) {
		text_heading(term, "WHO TALKS TO WHOM", "");
		fputs("  Nothing passed from one process to another.\n", term->out);
	}
	/* One short table says it all already. */
	if (tables > 1 || (rows >= 0 && all > rows))
		failed = section_write(db, &pairs, term);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) && !failed; i++) {
		failed = data_write(db, i, term) || sync_write(db, i, term) ||
			 text_shared(db, families[i].family, families[i].title, term);
		if (!failed && !strcmp(families[i].family, "socket"))
			failed = section_write(db, &passed, term);
	}
	return failed;
}
