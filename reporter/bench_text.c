// SPDX-License-Identifier: BSD-2-Clause
/*
 * The text report of a bench: what was measured where, what is best for what, then the figures,
 * where the time went, and what each mechanism is. Every number is a row of bench_views.sql.
 */
#include "cells.h"
#include "escape.h"
#include "fact.h"
#include "outputs.h"
#include "query.h"
#include "text.h"
#include "text_section.h"
#include "units.h"
#include "schemas/say.h"

#include <stdlib.h>
#include <string.h>

#define SIZES_MAX 16 /* columns of a table; all are in --csv results */

extern const char bench_matrix_sql[], bench_skipped_sql[];

/* ---- Words ---- */

static const char *text_of(sqlite3_stmt *rows, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows, column);

	return text ? text : "";
}

static bool is(sqlite3_stmt *rows, int column, const char *word)
{
	return !strcmp(text_of(rows, column), word);
}

static bool is_null(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

/* What a value measures, as its view says in the column `measure`. */
static void put_value(struct table *table, sqlite3_stmt *rows, int measure, int column)
{
	char buf[IPCT_UNIT_LEN];
	sqlite3_int64 value = sqlite3_column_int64(rows, column);

	if (is_null(rows, column))
		table_cell(table, STYLE_DIM, "-");
	else if (is(rows, measure, "rtt_p50_ns"))
		table_cell(table, STYLE_PLAIN, unit_ns(buf, value));
	else
		table_cellf(table, STYLE_PLAIN, "%s/s", unit_count_short(buf, value));
}

/* "×1.23" */
static void put_ratio(struct table *table, sqlite3_stmt *rows, int column)
{
	if (is_null(rows, column))
		table_cell(table, STYLE_DIM, "-");
	else
		table_cellf(table, STYLE_PLAIN, "×%.2f", sqlite3_column_double(rows, column));
}

/* Beyond the spread, or within it and so perhaps noise; with a single round nobody knows. */
static void put_clear(struct table *table, sqlite3_stmt *rows, int column)
{
	bool clear = sqlite3_column_int(rows, column);

	table_cell(table, clear ? STYLE_PLAIN : STYLE_DIM,
		   is_null(rows, column) ? "1 round"
		   : clear               ? "clear"
					 : "noise?");
}

static void put_size(struct table *table, sqlite3_stmt *rows, int column)
{
	if (sqlite3_column_int64(rows, column))
		cell_put_bytes(table, rows, column);
	else
		table_cell(table, STYLE_DIM, "-");
}

/* ---- The head ---- */

static void head_line(sqlite3 *db, const struct terminal *term, const char *label, const char *key,
		      const char *before)
{
	char *text = fact(db, key);

	if (text && *text)
		text_line(term, STYLE_PLAIN, label, "%s%s", before, text);
	free(text);
}

static void machine_line(sqlite3 *db, const struct terminal *term)
{
	char *host = fact(db, "host"), *kernel = fact(db, "kernel"), *arch = fact(db, "arch");
	char *model = fact(db, "cpu_model");
	int64_t cpus = 0;

	fact_number(db, "cpus", &cpus);
	text_line(term, STYLE_PLAIN, "machine", "%s, Linux %s, %s; %s, %lld CPUs",
		  host ? host : "?", kernel ? kernel : "?", arch ? arch : "?",
		  model && *model ? model : "CPU unknown", (long long)cpus);
	free(host);
	free(kernel);
	free(arch);
	free(model);
}

static void when_line(sqlite3 *db, const struct terminal *term)
{
	char when[IPCT_UNIT_LEN], took[IPCT_UNIT_LEN];
	int64_t start = 0, duration = 0;

	fact_number(db, "started_realtime_ns", &start);
	if (fact_number(db, "duration_ns", &duration))
		text_line(term, STYLE_PLAIN, "when", "%s, in %s", unit_utc(when, start),
			  unit_ns(took, duration));
	else
		text_line(term, STYLE_PLAIN, "when", "%s", unit_utc(when, start));
}

static void how_line(sqlite3 *db, const struct terminal *term)
{
	int64_t rounds = 0, traced = 0;
	char buf[IPCT_UNIT_LEN];
	sqlite3_int64 cases = section_number(db, "SELECT count(*) FROM bench_case");
	sqlite3_int64 ran = section_number(db, "SELECT count(DISTINCT case_id) FROM run");

	fact_number(db, "rounds", &rounds);
	fact_number(db, "traced_rounds", &traced);
	text_line(term, STYLE_PLAIN, "cases", "%lld of %lld ran, in %lld rounds%s%s",
		  (long long)ran, (long long)cases, (long long)rounds, traced ? ", traced in " : "",
		  traced ? unit_count(buf, traced) : "");
}

/* Others' work on the machine is the usual reason for figures that are none. */
static void load_line(sqlite3 *db, const struct terminal *term)
{
	int64_t before = -1, after = -1, cpus = 1;
	bool busy;

	fact_number(db, "cpus", &cpus);
	if (!fact_number(db, "load_before", &before) || before < 0)
		return;
	fact_number(db, "load_after", &after);
	busy = before >= 50 * cpus;
	text_line(term, busy ? STYLE_ALERT : STYLE_PLAIN, "load",
		  busy ? "%.2f before: the machine had other work, which is in all figures"
		       : "%.2f before",
		  (double)before / 100);
}

static int head_write(sqlite3 *db, const struct terminal *term)
{
	int64_t complete = 0;

	terminal_put(term, STYLE_BOLD, "ipctrace bench");
	fputc('\n', term->out);
	head_line(db, term, "command", "command", "");
	machine_line(db, term);
	when_line(db, term);
	how_line(db, term);
	load_line(db, term);
	head_line(db, term, "untraced", "untraced_why", "no traced rounds: ");
	if (!fact_number(db, "complete", &complete) || !complete)
		text_line(term, STYLE_ALERT, "cut off",
			  "the bench was stopped before its end: what is here was measured until "
			  "then");
	return 0;
}

/* ---- Sections of one view each ---- */

static const struct column best_columns[] = {
	{"pattern", 0},       {"cpus", 0},           {"wait", 0}, {"size", COLUMN_RIGHT},
	{"best", 0},          {"", COLUMN_RIGHT},    {"next", 0}, {"", COLUMN_RIGHT},
	{"by", COLUMN_RIGHT}, {"", COLUMN_OPTIONAL},
};

static bool best_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 3; i++)
		cell_put_text(table, rows, i);
	put_size(table, rows, 3);
	cell_put_text(table, rows, 5);
	put_value(table, rows, 4, 6);
	if (is_null(rows, 7))
		table_cell(table, STYLE_DIM, "-");
	else
		cell_put_text(table, rows, 7);
	put_value(table, rows, 4, 8);
	put_ratio(table, rows, 9);
	if (is_null(rows, 7))
		table_cell(table, STYLE_DIM, "");
	else
		put_clear(table, rows, 10);
	return false;
}

static const struct column crossover_columns[] = {
	{"pattern", 0},         {"cpus", 0},   {"wait", 0}, {"up to", COLUMN_RIGHT}, {"better", 0},
	{"from", COLUMN_RIGHT}, {"better", 0},
};

static bool crossover_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 3; i++)
		cell_put_text(table, rows, i);
	cell_put_bytes(table, rows, 3);
	cell_put_text(table, rows, 4);
	cell_put_bytes(table, rows, 5);
	cell_put_text(table, rows, 6);
	return false;
}

static const struct column crossing_columns[] = {
	{"mechanism", 0},       {"pattern", 0},          {"size", COLUMN_RIGHT},
	{"same", COLUMN_RIGHT}, {"cross", COLUMN_RIGHT}, {"takes", COLUMN_RIGHT},
	{"", COLUMN_OPTIONAL},
};

static bool crossing_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_text(table, rows, 0);
	cell_put_text(table, rows, 1);
	put_size(table, rows, 2);
	put_value(table, rows, 3, 4);
	put_value(table, rows, 3, 5);
	put_ratio(table, rows, 6);
	put_clear(table, rows, 7);
	return false;
}

static const struct column probes_columns[] = {
	{"mechanism", 0},
	{"pattern", 0},
	{"cpus", 0},
	{"size", COLUMN_RIGHT},
	{"untraced", COLUMN_RIGHT},
	{"traced", COLUMN_RIGHT},
	{"takes", COLUMN_RIGHT},
	{"", COLUMN_OPTIONAL},
};

static bool probes_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 3; i++)
		cell_put_text(table, rows, i);
	put_size(table, rows, 3);
	put_value(table, rows, 4, 5);
	put_value(table, rows, 4, 6);
	put_ratio(table, rows, 7);
	put_clear(table, rows, 8);
	return false;
}

static const struct column parts_columns[] = {
	{"mechanism", 0},       {"pattern", 0},           {"cpus", 0},
	{"size", COLUMN_RIGHT}, {"through", 0},           {"mean", COLUMN_RIGHT},
	{"send", COLUMN_RIGHT}, {"object", COLUMN_RIGHT}, {"runq", COLUMN_RIGHT},
	{"recv", COLUMN_RIGHT},
};

static bool parts_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 3; i++)
		cell_put_text(table, rows, i);
	put_size(table, rows, 3);
	cell_put_text(table, rows, 4);
	cell_put_ns(table, rows, 5);
	for (int i = 7; i < 11; i++)
		cell_put_share(table, rows, i, 6);
	return false;
}

static const struct column fact_columns[] = {
	{"mechanism", 0}, {"ways", 0},    {"reach", 0},
	{"found by", 0},  {"carries", 0}, {"boundaries", COLUMN_CUT_END},
};

static bool fact_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 6; i++)
		cell_put_text(table, rows, i);
	return false;
}

static const struct column handling_columns[] = {
	{"mechanism", 0},         {"order", COLUMN_CUT_END}, {"held in", COLUMN_CUT_END},
	{"copies", COLUMN_RIGHT}, {"to be removed", 0},
};

static bool handling_row(struct table *table, sqlite3_stmt *rows)
{
	for (int i = 0; i < 3; i++)
		cell_put_text(table, rows, i);
	cell_put_count(table, rows, 3);
	if (is_null(rows, 4))
		table_cell(table, STYLE_DIM, "nothing");
	else
		cell_put_text(table, rows, 4);
	return false;
}

static const struct column limit_columns[] = {
	{"mechanism", 0}, {"limit", COLUMN_CUT_END}, {"value", COLUMN_RIGHT}, {"", COLUMN_TIGHT},
	{"set by", 0},
};

static bool limit_row(struct table *table, sqlite3_stmt *rows)
{
	cell_put_text(table, rows, 0);
	cell_put_text(table, rows, 1);
	if (is_null(rows, 3))
		table_cell(table, STYLE_DIM, "not here");
	else
		cell_put_text(table, rows, 3);
	table_cell(table, STYLE_PLAIN, text_of(rows, 2));
	if (is_null(rows, 4))
		table_cell(table, STYLE_DIM, "fixed");
	else
		cell_put_text(table, rows, 4);
	return false;
}

static const struct column skipped_columns[] = {
	{"mechanism", 0},
	{"cases", COLUMN_RIGHT},
	{"why", 0},
};

static bool skipped_row(struct table *table, sqlite3_stmt *rows)
{
	bool failed = is(rows, 5, "failed");
	char *why = cell_text(rows, 6);

	cell_put_text(table, rows, 0);
	cell_put_count(table, rows, 7);
	table_cellf(table, failed ? STYLE_ALERT : STYLE_PLAIN, "%s%s", failed ? "failed: " : "",
		    why ? why : "");
	free(why);
	return false;
}

static const struct section best_section = {
	.title = "BEST FOR EACH SIZE",
	.note = "of what carries bytes; round trip or messages; clear: its worst round beats all "
		"of the next",
	.sql = "SELECT pattern, cpus, wait, size, measure, mechanism, value, next, next_value, "
	       "ratio,"
	       " clear, count(*) OVER () FROM best ORDER BY pattern, cpus, wait, size LIMIT :rows",
	.view = "best",
	.rows = 60,
	SECTION_COLUMNS(best_columns),
	.row = best_row,
};

/* Of the best: the others' crossings matter to nobody before he has chosen two. */
static const struct section crossover_section = {
	.title = "CROSSOVERS",
	.note = "where the better of two changes with the size, beyond the spread of both; among "
		"the best",
	.sql = "SELECT pattern, cpus, wait, size_below, below, size_above, above, count(*) OVER ()"
	       " FROM crossovers c WHERE EXISTS (SELECT 1 FROM best b WHERE b.pattern = c.pattern"
	       " AND b.cpus = c.cpus AND b.wait = c.wait AND b.mechanism = c.below)"
	       " AND EXISTS (SELECT 1 FROM best b WHERE b.pattern = c.pattern AND b.cpus = c.cpus"
	       " AND b.wait = c.wait AND b.mechanism = c.above)"
	       " ORDER BY pattern, cpus, wait, size_below, below, above LIMIT :rows",
	.view = "crossovers",
	.none = "None among the best: the better one stays it, or the difference is within the "
		"spread.",
	SECTION_COLUMNS(crossover_columns),
	.row = crossover_row,
};

static const struct section later_sections[] = {
	{
		.title = "CROSSING CORES",
		.note = "the same traffic between two cores, and on one; ×: so many times as long",
		.sql = "SELECT mechanism, pattern, size, measure, same, \"cross\", ratio, clear,"
		       " count(*) OVER () FROM crossing ORDER BY pattern, mechanism, size"
		       " LIMIT :rows",
		.view = "crossing",
		.rows = 200,
		SECTION_COLUMNS(crossing_columns),
		.row = crossing_row,
	},
	{
		.title = "COST OF THE PROBES",
		.note = "the same case untraced and recorded; ×: so many times as long",
		.sql = "SELECT mechanism, pattern, cpus, size,"
		       " CASE WHEN untraced_rtt_ns IS NULL THEN 'messages_per_s' ELSE 'rtt_p50_ns'"
		       " END, coalesce(untraced_rtt_ns, untraced_per_s),"
		       " coalesce(traced_rtt_ns, traced_per_s), ratio, clear, count(*) OVER ()"
		       " FROM probes ORDER BY pattern, cpus, mechanism, size LIMIT :rows",
		.view = "probes",
		.rows = 400,
		SECTION_COLUMNS(probes_columns),
		.row = probes_row,
	},
	{
		.title = "WHERE THE TIME WENT",
		.note = "of a message's transit, from the traced rounds; through: what it or its "
			"wake-up took",
		.sql = "SELECT mechanism, pattern, cpus, size, through,"
		       " transit_ns / nullif(messages, 0), transit_ns, in_send_ns, in_object_ns,"
		       " in_runq_ns, in_recv_ns, count(*) OVER () FROM parts"
		       " ORDER BY pattern, cpus, mechanism, size, through LIMIT :rows",
		.view = "parts",
		.rows = 400,
		SECTION_COLUMNS(parts_columns),
		.row = parts_row,
	},
	{
		.title = "WHAT EACH MECHANISM IS",
		.note = "ways: directions; any: whoever has it may send and receive",
		.sql = "SELECT mechanism, directions, reach, address, carries, boundaries,"
		       " count(*) OVER () FROM facts LIMIT :rows",
		.view = "facts",
		.rows = 64,
		SECTION_COLUMNS(fact_columns),
		.row = fact_row,
	},
	{
		.title = "WHAT IT DOES WITH MESSAGES",
		.note = "copies: by the kernel, with plain calls",
		.sql = "SELECT mechanism, ordering, holder, copies, cleanup, count(*) OVER ()"
		       " FROM facts LIMIT :rows",
		.view = "facts",
		.rows = 64,
		SECTION_COLUMNS(handling_columns),
		.row = handling_row,
	},
	{
		.title = "LIMITS ON THIS MACHINE",
		.note = "and what sets them",
		/* The kernel has large numbers for no limit. */
		.sql = "SELECT mechanism, what, iif(length(value) > 18 AND value NOT GLOB "
		       "'*[^0-9]*',"
		       " NULL, unit), iif(length(value) > 18 AND value NOT GLOB '*[^0-9]*',"
		       " 'no limit', value), set_by, count(*) OVER () FROM limits LIMIT :rows",
		.view = "limits",
		.rows = 100,
		SECTION_COLUMNS(limit_columns),
		.row = limit_row,
	},
	{
		.title = "NOT MEASURED",
		.note = "",
		.sql = bench_skipped_sql,
		.view = "skipped",
		.rows = 40,
		SECTION_COLUMNS(skipped_columns),
		.row = skipped_row,
	},
};

/* ---- Tables of mechanisms by size ---- */

/* The columns of a table of one measure. */
struct grid {
	const char *pattern, *cpus, *wait;
	sqlite3_int64 sizes[SIZES_MAX];
	int size_count;
	struct column columns[SIZES_MAX + 2];
	char titles[SIZES_MAX][IPCT_UNIT_LEN];
};

static int grid_sizes(sqlite3 *db, struct grid *grid)
{
	sqlite3_stmt *rows = query_open(
		db, "SELECT DISTINCT size FROM results r JOIN mechanism m ON m.name = r.mechanism"
		    " WHERE m.carries = 'bytes' AND pattern = :pattern AND cpus = :cpus"
		    " AND wait = :wait AND size > 0 ORDER BY size");
	int more;

	query_bind_text(rows, ":pattern", grid->pattern);
	query_bind_text(rows, ":cpus", grid->cpus);
	query_bind_text(rows, ":wait", grid->wait);
	while ((more = query_next(rows)) > 0 && grid->size_count < SIZES_MAX)
		grid->sizes[grid->size_count++] = sqlite3_column_int64(rows, 0);
	sqlite3_finalize(rows);
	grid->columns[0] = (struct column){"mechanism", 0};
	grid->columns[1] = (struct column){"event", COLUMN_RIGHT | COLUMN_IF_ANY};
	for (int i = 0; i < grid->size_count; i++)
		grid->columns[2 + i] =
			(struct column){unit_bytes(grid->titles[i], grid->sizes[i]), COLUMN_RIGHT};
	return more < 0;
}

/* A kind of cell, from the columns of bench_matrix.sql. */
typedef void (*cell_put)(struct table *table, sqlite3_stmt *rows);

/* With its spread: half the way from the best to the worst round, as a share of the median. */
static void put_spread(struct table *table, sqlite3_stmt *rows, int column, const char *text)
{
	double median = sqlite3_column_double(rows, column);
	double spread = (sqlite3_column_double(rows, column + 2) -
			 sqlite3_column_double(rows, column + 1)) /
			2 / (median > 0 ? median : 1);

	table_cellf(table, STYLE_PLAIN, "%s ±%.0f%%", text, spread * 100);
}

static void put_rtt(struct table *table, sqlite3_stmt *rows)
{
	char buf[IPCT_UNIT_LEN];

	put_spread(table, rows, 2, unit_ns(buf, sqlite3_column_int64(rows, 2)));
}

static void put_p99(struct table *table, sqlite3_stmt *rows)
{
	cell_put_ns(table, rows, 5);
}

static void put_messages(struct table *table, sqlite3_stmt *rows)
{
	char buf[IPCT_UNIT_LEN];

	put_spread(table, rows, 6, unit_count_short(buf, sqlite3_column_int64(rows, 6)));
}

static void put_bytes(struct table *table, sqlite3_stmt *rows)
{
	char buf[IPCT_UNIT_LEN];

	if (is_null(rows, 9))
		table_cell(table, STYLE_DIM, "-");
	else
		table_cell(table, STYLE_PLAIN,
			   unit_rate(buf, sqlite3_column_int64(rows, 9), 1000000000));
}

/* Fill the cells from `*at` up to that of `place`, which are empty. */
static void grid_skip(const struct grid *grid, struct table *table, int *at, int until)
{
	for (; *at < until && *at <= grid->size_count; ++*at)
		table_cell(table, STYLE_DIM, "-");
}

/* Its column among those behind the mechanism; -1 if the table has no room for it. */
static int grid_place(const struct grid *grid, sqlite3_int64 size)
{
	if (size < 0)
		return 0;
	for (int i = 0; i < grid->size_count; i++)
		if (grid->sizes[i] == size)
			return 1 + i;
	return -1;
}

static int grid_fill(sqlite3 *db, const struct grid *grid, struct table *table, cell_put put)
{
	sqlite3_stmt *rows = query_open(db, bench_matrix_sql);
	char last[64] = "";
	int more, at = grid->size_count + 1;

	query_bind_text(rows, ":pattern", grid->pattern);
	query_bind_text(rows, ":cpus", grid->cpus);
	query_bind_text(rows, ":wait", grid->wait);
	while ((more = query_next(rows)) > 0) {
		int place = grid_place(grid, sqlite3_column_int64(rows, 1));

		if (strncmp(last, text_of(rows, 0), sizeof(last) - 1)) {
			grid_skip(grid, table, &at, grid->size_count + 1);
			snprintf(last, sizeof(last), "%s", text_of(rows, 0));
			cell_put_text(table, rows, 0);
			at = 0;
		}
		if (place < at)
			continue;
		grid_skip(grid, table, &at, place);
		put(table, rows);
		at++;
	}
	grid_skip(grid, table, &at, grid->size_count + 1);
	sqlite3_finalize(rows);
	return more < 0;
}

static int grid_write(sqlite3 *db, struct grid *grid, const char *what, const char *note,
		      cell_put put, const struct terminal *term)
{
	struct table *table = table_new(grid->columns, grid->size_count + 2);
	char title[128];
	int failed = grid_fill(db, grid, table, put);

	snprintf(title, sizeof(title), "%s, %s, %s, %s", what, grid->pattern,
		 !strcmp(grid->cpus, "same") ? "one core" : "two cores",
		 !strcmp(grid->wait, "spin") ? "spinning" : "blocking");
	if (!failed) {
		text_heading(term, title, note);
		failed = table_print(table, term) ? 1 : 0;
		if (failed)
			say_error("cannot write the report: out of memory");
	}
	table_free(table);
	return failed;
}

#define SPREAD_NOTE "median of the rounds; ±: half the way from the best to the worst"

static int grids_of(sqlite3 *db, const char *pattern, const char *cpus, const char *wait,
		    bool turns, const struct terminal *term)
{
	struct grid grid = {.pattern = pattern, .cpus = cpus, .wait = wait};

	if (grid_sizes(db, &grid))
		return 1;
	if (turns)
		return grid_write(db, &grid, "ROUND TRIP", SPREAD_NOTE, put_rtt, term) ||
		       grid_write(db, &grid, "ROUND TRIP, 99 OF 100",
				  "take at most so long: median of the rounds", put_p99, term);
	return grid_write(db, &grid, "MESSAGES A SECOND", SPREAD_NOTE, put_messages, term) ||
	       grid_write(db, &grid, "BYTES A SECOND", "from the first send to the last receive",
			  put_bytes, term);
}

static int grids_write(sqlite3 *db, const struct terminal *term)
{
	sqlite3_stmt *rows = query_open(
		db, "SELECT pattern, cpus, wait, max(rtt_p50_ns) IS NOT NULL FROM results"
		    " WHERE NOT traced GROUP BY pattern, cpus, wait ORDER BY 4 DESC, 1, 2, 3");
	int more, failed = 0;

	while (!failed && (more = query_next(rows)) > 0) {
		char *words[3] = {strdup(text_of(rows, 0)), strdup(text_of(rows, 1)),
				  strdup(text_of(rows, 2))};

		if (words[0] && words[1] && words[2])
			failed = grids_of(db, words[0], words[1], words[2],
					  sqlite3_column_int(rows, 3), term);
		for (int i = 0; i < 3; i++)
			free(words[i]);
	}
	sqlite3_finalize(rows);
	return failed || more < 0;
}

int bench_text_write(sqlite3 *db, FILE *out)
{
	struct terminal term = terminal_of(out);
	int failed = head_write(db, &term) || section_write(db, &best_section, &term) ||
		     section_write(db, &crossover_section, &term) || grids_write(db, &term);

	for (size_t i = 0; i < sizeof(later_sections) / sizeof(later_sections[0]) && !failed; i++)
		failed = section_write(db, &later_sections[i], &term);
	return failed;
}
