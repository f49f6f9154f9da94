// SPDX-License-Identifier: BSD-2-Clause
/*
 * The text report: a summary that fits a terminal and answers first what matters most. Every
 * section reads one query of aggregated rows, so that the size of the recording does not matter.
 */
#include "text.h"
#include "cells.h"
#include "outputs.h"
#include "text_section.h"
#include "units.h"
#include "escape.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_WIDTH 12

extern const char text_objects_sql[], text_latency_sql[], text_unfinished_sql[], text_unread_sql[];

static const struct column object_columns[] = {
	{"object", COLUMN_CUT_MIDDLE}, {"from", COLUMN_RIGHT},      {"", COLUMN_TIGHT},
	{"to", COLUMN_TIGHT},          {"capacity", COLUMN_RIGHT},  {"messages", COLUMN_RIGHT},
	{"bytes", COLUMN_RIGHT},       {"opened at", COLUMN_RIGHT}, {"lived", COLUMN_RIGHT},
};

/* How many ends: where no edge counts them, calls show that there was one at least. */
static void put_ends(struct table *table, sqlite3_stmt *rows, int ends, int calls)
{
	if (!sqlite3_column_int64(rows, ends) && sqlite3_column_int64(rows, calls))
		table_cell(table, STYLE_PLAIN, "1+");
	else
		cell_put_count(table, rows, ends);
}

static void put_lifetime(struct table *table, sqlite3_stmt *rows, int created, int closed, int left)
{
	char buf[IPCT_UNIT_LEN];
	sqlite3_int64 from = sqlite3_column_int64(rows, created);
	sqlite3_int64 to = sqlite3_column_int64(rows, closed);
	bool before = sqlite3_column_type(rows, created) == SQLITE_NULL;

	if (before)
		table_cell(table, STYLE_DIM, "before");
	else
		cell_put_ns(table, rows, created);
	if (sqlite3_column_int(rows, left))
		table_cell(table, STYLE_ALERT, "left behind");
	else if (sqlite3_column_type(rows, closed) == SQLITE_NULL)
		table_cell(table, STYLE_DIM, "left open");
	else
		table_cellf(table, STYLE_PLAIN, before ? "> %s" : "%s",
			    unit_ns(buf, to > from ? to - from : 0));
}

static bool object_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_objects(table, rows, 0);
	put_ends(table, rows, 4, 6);
	table_cell(table, STYLE_DIM, "→");
	put_ends(table, rows, 5, 7);
	cell_put_bytes(table, rows, 8);
	cell_put_count(table, rows, 9);
	cell_put_bytes(table, rows, 10);
	put_lifetime(table, rows, 11, 12, 13);
	return false;
}

static const struct column latency_columns[] = {
	{"mechanism", 0},          {"call", COLUMN_CUT_END},
	{"role", COLUMN_OPTIONAL}, {"count", COLUMN_RIGHT},
	{"errors", COLUMN_RIGHT},  {"bytes", COLUMN_RIGHT},
	{"p50", COLUMN_RIGHT},     {"p90", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"p99", COLUMN_RIGHT},     {"max", COLUMN_RIGHT},
	{"total", COLUMN_RIGHT},   {"blocked", COLUMN_RIGHT},
};

static bool latency_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 3; i++)
		cell_put_text(table, rows, i);
	cell_put_count(table, rows, 3);
	cell_put_count(table, rows, 4);
	if (sqlite3_column_int64(rows, 5))
		cell_put_bytes(table, rows, 5);
	else
		table_cell(table, STYLE_DIM, "-");
	for (int i = 6; i < 11; i++)
		cell_put_ns(table, rows, i);
	cell_put_share(table, rows, 11, 10);
	return false;
}

static const struct column unfinished_columns[] = {
	{"who", COLUMN_CUT_MIDDLE},
	{"thread", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"call", 0},
	{"over", COLUMN_CUT_MIDDLE},
	{"asked for", COLUMN_RIGHT},
	{"since", COLUMN_RIGHT},
	{"for", COLUMN_RIGHT},
};

static bool unfinished_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_process(table, rows, 0);
	table_cellf(table, STYLE_PLAIN, "%lld", sqlite3_column_int64(rows, 3));
	cell_put_text(table, rows, 4);
	cell_put_object(table, rows, 5);
	cell_put_bytes(table, rows, 8);
	cell_put_ns(table, rows, 9);
	cell_put_ns(table, rows, 10);
	return false;
}

static const struct column unread_columns[] = {
	{"object", COLUMN_CUT_MIDDLE}, {"unread", COLUMN_RIGHT}, {"sent", COLUMN_RIGHT},
	{"received", COLUMN_RIGHT},    {"and then", 0},
};

static bool unread_row(struct table *table, sqlite3_stmt *rows)
{
	bool open = sqlite3_column_type(rows, 6) == SQLITE_NULL;
	bool left = sqlite3_column_int(rows, 7);

	cell_put_object(table, rows, 0);
	for (int i = 3; i < 6; i++)
		cell_put_bytes(table, rows, i);
	table_cell(table, STYLE_PLAIN,
		   left   ? "left behind"
		   : open ? "left open"
			  : "dropped by the last close");
	return false;
}

static const struct section sections[] = {
	{
		.title = "STILL BLOCKED AT THE END",
		.note = "calls that never returned",
		.sql = text_unfinished_sql,
		.count_sql = "SELECT count(*) FROM ops WHERE finished = 0",
		.view = "ops",
		SECTION_COLUMNS(unfinished_columns),
		.row = unfinished_row,
	},
	{
		.title = "STILL ON THE WAY",
		.note = "bytes that were sent and that no one received",
		.sql = text_unread_sql,
		.count_sql = "SELECT count(*) FROM objects"
			     " WHERE sent_bytes > received_bytes AND NOT outside"
			     " AND ipct_keeps(mechanism)",
		.view = "objects",
		SECTION_COLUMNS(unread_columns),
		.row = unread_row,
	},
	{
		.title = "OBJECTS",
		.note = "what data and wake-ups passed through",
		.sql = text_objects_sql,
		.groups = true,
		.view = "objects",
		SECTION_COLUMNS(object_columns),
		.row = object_row,
	},
	{
		.title = "CALLS",
		.note = "where the time went; blocked: share of it off CPU",
		.sql = text_latency_sql,
		.count_sql = "SELECT count(*) FROM latency",
		.view = "latency",
		SECTION_COLUMNS(latency_columns),
		.row = latency_row,
	},
};
#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))

void text_line(const struct terminal *term, enum style style, const char *label, const char *fmt,
	       ...)
{
	char *text = NULL, *cut;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	cut = text ? escape_cut(text, term->columns - (label ? LABEL_WIDTH : 0), ESCAPE_CUT_END)
		   : NULL;
	if (label) {
		char before[LABEL_WIDTH + 1];

		snprintf(before, sizeof(before), "  %-9s ", label);
		terminal_put(term, STYLE_DIM, before);
	}
	terminal_put(term, style, cut ? cut : "");
	fputc('\n', term->out);
	free(cut);
	free(text);
}

void text_heading(const struct terminal *term, const char *title, const char *note)
{
	fputc('\n', term->out);
	terminal_put(term, STYLE_BOLD, title);
	fputs(*note ? "  " : "", term->out);
	terminal_put(term, STYLE_DIM, note);
	fputc('\n', term->out);
}

void text_more(const struct terminal *term, sqlite3_int64 shown, sqlite3_int64 all,
	       const char *view)
{
	char line[128], count[IPCT_UNIT_LEN];

	if (all <= shown)
		return;
	snprintf(line, sizeof(line), "  … and %s more: ipctrace report --csv %s has all\n",
		 unit_count(count, all - shown), view);
	terminal_put(term, STYLE_DIM, line);
}

/* There is nothing that a table could show: say what that may mean. */
static void empty_write(sqlite3 *db, const struct terminal *term)
{
	char *complete = trace_db_meta(db, "complete"), *watched = trace_db_meta(db, "mechanisms");
	char *safe = escape_text(watched ? watched : "", watched ? strlen(watched) : 0);
	bool listed = safe && *safe;

	if (!complete || strcmp(complete, "1")) {
		text_heading(term, "NOTHING STORED", "");
		fputs("  No call was stored yet, or none before the recording was cut off.\n",
		      term->out);
		goto out;
	}
	text_heading(term, "NO IPC WAS RECORDED", "");
	fprintf(term->out,
		"  The program and its children made no call on any object that was watched%s%s.\n"
		"  Only what the recording started is followed: work that a service does for the\n"
		"  program shows when the service itself is recorded.\n",
		listed ? ": " : "", listed ? safe : "");
out:
	free(safe);
	free(watched);
	free(complete);
}

int text_write(sqlite3 *db, FILE *out)
{
	struct terminal term = terminal_of(out);
	sqlite3_int64 calls = section_number(db, "SELECT count(*) FROM latency");
	sqlite3_int64 objects = section_number(db, "SELECT count(*) FROM objects");
	int failed = calls < 0 || objects < 0 || text_summary(db, &term);

	if (!failed && !calls && !objects)
		empty_write(db, &term);
	if (!failed && (calls || objects))
		failed = text_edges(db, &term) || text_left(db, &term);
	for (size_t i = 0; i < SECTION_COUNT && !failed && (calls || objects); i++)
		failed = section_write(db, &sections[i], &term);
	return failed || text_processes(db, &term) || text_ledger(db, &term);
}
