// SPDX-License-Identifier: BSD-2-Clause
/*
 * The text report: a summary that fits a terminal and answers first what matters most. Every
 * section reads one query of aggregated rows, so that the size of the recording does not matter.
 */
#include "text.h"
#include "cells.h"
#include "filter.h"
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

extern const char text_confidence_sql[], text_objects_sql[], text_latency_sql[],
	text_unfinished_sql[], text_unread_sql[];

static const struct column object_columns[] = {
	{"object", COLUMN_CUT_MIDDLE},
	{"from", COLUMN_RIGHT},
	{"", COLUMN_TIGHT},
	{"to", COLUMN_TIGHT},
	{"capacity", COLUMN_RIGHT},
	{"messages", COLUMN_RIGHT},
	{"bytes", COLUMN_RIGHT},
	{"made at", COLUMN_RIGHT},
	{"lived", COLUMN_RIGHT},
	{"exact", COLUMN_RIGHT | COLUMN_IF_ANY},
};

/* How many ends: where no edge counts them, calls show that there was one at least. */
static void put_ends(struct table *table, sqlite3_stmt *rows, int ends, int calls)
{
	if (!sqlite3_column_int64(rows, ends) && sqlite3_column_int64(rows, calls))
		table_cell(table, STYLE_PLAIN, "1+");
	else
		cell_put_count(table, rows, ends);
}

static bool is_null(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

/* What there is of it after the last call: `end` is how such objects end, see mechanisms.def. */
static const char *remains(bool left, const char *end)
{
	return left ? "left behind" : !strcmp(end, "removed") ? "not removed" : "left open";
}

/* `end`: the column that says how such objects end; then when one was made, ended, was left. */
static void put_lifetime(struct table *table, sqlite3_stmt *rows, int created, int closed, int left,
			 int end)
{
	char buf[IPCT_UNIT_LEN];
	sqlite3_int64 from = sqlite3_column_int64(rows, created);
	sqlite3_int64 to = sqlite3_column_int64(rows, closed);
	const char *how = (const char *)sqlite3_column_text(rows, end);
	bool before = is_null(rows, created);

	/* A part of a process: it is neither made nor ended by itself. */
	if (!how) {
		table_cell(table, STYLE_DIM, "-");
		table_cell(table, STYLE_DIM, "-");
		return;
	}
	if (before)
		table_cell(table, STYLE_DIM, "before");
	else
		cell_put_ns(table, rows, created);
	if (sqlite3_column_int(rows, left) || is_null(rows, closed))
		table_cell(table, sqlite3_column_int(rows, left) ? STYLE_ALERT : STYLE_DIM,
			   remains(sqlite3_column_int(rows, left), how));
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
	put_lifetime(table, rows, 11, 12, 13, 14);
	cell_put_share(table, rows, 15, 16);
	return false;
}

static const struct column confidence_columns[] = {
	{"mechanism", 0},
	{"messages", COLUMN_RIGHT},
	{"exact", COLUMN_RIGHT},
	{"inferred", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"ambiguous", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"bytes", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"exact", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"inferred", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"ambiguous", COLUMN_RIGHT | COLUMN_IF_ANY},
};

static bool confidence_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_text(table, rows, 0);
	cell_put_count(table, rows, 1);
	for (int i = 2; i < 5; i++)
		cell_put_share(table, rows, i, 1);
	cell_put_bytes(table, rows, 5);
	for (int i = 6; i < 9; i++)
		cell_put_share(table, rows, i, 5);
	return false;
}

static const struct column latency_columns[] = {
	{"mechanism", 0},
	{"call", COLUMN_CUT_END},
	{"count", COLUMN_RIGHT},
	{"errors", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"timeouts", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"bytes", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"p50", COLUMN_RIGHT},
	{"p90", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"p99", COLUMN_RIGHT},
	{"max", COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"total", COLUMN_RIGHT},
	{"blocked", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"waiting", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"runq", COLUMN_RIGHT | COLUMN_IF_ANY},
};

static bool latency_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 2; i++)
		cell_put_text(table, rows, i);
	cell_put_count(table, rows, 2);
	cell_put_count(table, rows, 3);
	cell_put_count(table, rows, 13);
	cell_put_bytes(table, rows, 4);
	for (int i = 5; i < 10; i++)
		cell_put_ns(table, rows, i);
	for (int i = 10; i < 13; i++)
		cell_put_share(table, rows, i, 9);
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
	const char *end = (const char *)sqlite3_column_text(rows, 8);
	bool removed = end && !strcmp(end, "removed");

	cell_put_object(table, rows, 0);
	for (int i = 3; i < 6; i++)
		cell_put_bytes(table, rows, i);
	if (sqlite3_column_int(rows, 7) || is_null(rows, 6))
		table_cell(table, STYLE_PLAIN,
			   remains(sqlite3_column_int(rows, 7), end ? end : ""));
	else
		table_cell(table, STYLE_PLAIN,
			   removed ? "removed with it" : "dropped by the last close");
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
		.count_sql = "SELECT count(*) FROM whole_objects"
			     " WHERE object_id IN (SELECT object_id FROM objects)"
			     " AND sent_bytes > received_bytes AND NOT outside"
			     " AND ipct_keeps(mechanism)",
		.view = "objects",
		SECTION_COLUMNS(unread_columns),
		.row = unread_row,
	},
	{
		.title = "PAIRING",
		.note = "how sure it is who received what; inferred: others may have had a hand in "
			"it",
		.sql = text_confidence_sql,
		.view = "confidence",
		SECTION_COLUMNS(confidence_columns),
		.row = confidence_row,
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
		.note = "where the total went; waiting: for another to act; runq: for a CPU",
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

/* As many of the note's parts, which "; " divides, as there is room for. */
static size_t note_len(const char *note, int columns)
{
	size_t fits = 0;

	for (const char *end = note; *end;) {
		char *part;
		bool room;

		end += strcspn(end, ";");
		part = strndup(note, (size_t)(end - note));
		room = part && escape_columns(part) <= columns;
		free(part);
		if (!room)
			break;
		fits = (size_t)(end - note);
		end += *end == ';';
	}
	return fits;
}

void text_heading(const struct terminal *term, const char *title, const char *note)
{
	size_t len = note_len(note, term->columns - escape_columns(title) - 2);
	char *fits = strndup(note, len);

	fputc('\n', term->out);
	terminal_put(term, STYLE_BOLD, title);
	fputs(len ? "  " : "", term->out);
	terminal_put(term, STYLE_DIM, fits ? fits : "");
	fputc('\n', term->out);
	free(fits);
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

#define LIST_SHORT 64 /* bytes of a list that reads well within a sentence */

/* There is nothing that a table could show: say what that may mean. */
static void empty_write(sqlite3 *db, const struct terminal *term)
{
	char *complete = trace_db_meta(db, "complete"), *watched = trace_db_meta(db, "mechanisms");
	char *safe = escape_text(watched ? watched : "", watched ? strlen(watched) : 0);
	char *filter = filter_words(db);
	bool listed = safe && *safe && strlen(safe) < LIST_SHORT; /* else the head has it */

	if (filter) {
		text_heading(term, "NOTHING MATCHES THE FILTER", "");
		goto out;
	}
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
	free(filter);
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
		failed = text_findings(db, &term) || text_edges(db, &term) ||
			 text_parts(db, &term) || text_pressure(db, &term) || text_left(db, &term);
	for (size_t i = 0; i < SECTION_COUNT && !failed && (calls || objects); i++)
		failed = section_write(db, &sections[i], &term);
	return failed || text_processes(db, &term) || text_ledger(db, &term);
}
