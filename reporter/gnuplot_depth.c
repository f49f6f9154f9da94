// SPDX-License-Identifier: BSD-2-Clause
/*
 * depth.tsv: how full channels were over time whose senders were held up, from `pressure` and
 * `depth`: a lane for each of those with the longest waits.
 */
#include "reporter/gnuplot.h"
#include "reporter/query.h"
#include "reporter/units.h"

#include <stdlib.h>

#define LANES_MAX      8
#define NAME_COLUMNS   16
#define OBJECT_COLUMNS 28

extern const char gnuplot_depth_sql[];

struct depth_total {
	int lanes;
	int64_t directions; /* shown or not */
};

/* "tar (4711)", from three columns: pid, comm, and how many calls there were. */
static void put_who(FILE *rows, sqlite3_stmt *stmt, int column)
{
	const char *comm = (const char *)sqlite3_column_text(stmt, column + 1);

	if (!comm) {
		fputs(sqlite3_column_int64(stmt, column + 2) ? "several"
		      : sqlite3_column_int(stmt, 19)         ? "not traced"
							     : "nobody",
		      rows);
		return;
	}
	plot_label(rows, comm, NAME_COLUMNS);
	if (sqlite3_column_type(stmt, column) != SQLITE_NULL)
		fprintf(rows, " (%lld)", sqlite3_column_int64(stmt, column));
}

static void put_capacity(FILE *rows, sqlite3_stmt *stmt)
{
	bool messages = sqlite3_column_int(stmt, 12);
	int column = messages ? 11 : 10;
	char buf[IPCT_UNIT_LEN];

	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		fputc('-', rows);
	else if (messages)
		fprintf(rows, "%s messages",
			unit_count_short(buf, sqlite3_column_int64(stmt, column)));
	else
		fputs(unit_bytes(buf, sqlite3_column_int64(stmt, column)), rows);
}

static void depth_row(FILE *rows, sqlite3_stmt *stmt, void *arg)
{
	const char *object = (const char *)sqlite3_column_text(stmt, 9);
	struct depth_total *total = arg;

	if (!object || !*object)
		object = (const char *)sqlite3_column_text(stmt, 8);
	total->lanes = sqlite3_column_int(stmt, 0);
	total->directions = sqlite3_column_int64(stmt, 1);
	fprintf(rows, "%d\t", total->lanes);
	put_who(rows, stmt, 2);
	fputs(" → ", rows);
	put_who(rows, stmt, 5);
	fputc('\t', rows);
	plot_label(rows, object ? object : "?", OBJECT_COLUMNS);
	fputc('\t', rows);
	put_capacity(rows, stmt);
	fprintf(rows, "\t%.4f\t%.4f\t%lld\t%lld\t%.4f\t%.4f\n", sqlite3_column_double(stmt, 13),
		sqlite3_column_double(stmt, 14), sqlite3_column_int64(stmt, 15),
		sqlite3_column_int64(stmt, 16), sqlite3_column_double(stmt, 17),
		sqlite3_column_double(stmt, 18));
}

static void depth_caption(char caption[IPCT_CAPTION_LEN], const struct depth_total *total)
{
	char buf[IPCT_UNIT_LEN];
	int len = snprintf(caption, IPCT_CAPTION_LEN,
			   "n = %s channel%s whose senders had to wait, the longest waits first",
			   unit_count(buf, total->directions), total->directions == 1 ? "" : "s");

	if (total->directions > total->lanes)
		snprintf(caption + len, IPCT_CAPTION_LEN - len, "; %d are shown", total->lanes);
}

int plot_depth(const struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_depth_sql);
	char caption[IPCT_CAPTION_LEN];
	struct depth_total total = {0};
	struct plot_rows rows = {0};
	FILE *file;
	int err;

	query_bind(stmt, ":limit", LANES_MAX);
	err = plot_rows_read(stmt, depth_row, &total, &rows);
	if (!err && !total.lanes) {
		plot_remove(plots, "depth");
	} else if (!err) {
		depth_caption(caption, &total);
		file = plot_open_data(plots, "depth",
				      "How full channels were over time whose senders had to wait.",
				      caption, "", total.lanes,
				      "lane\tends\tobject\tholds\tmean_fill\tfull_share\tstart_ns\t"
				      "end_ns\tfill\tfull");
		err = plot_rows_write(plots, &rows, "depth.tsv", file);
	}
	free(rows.text);
	return err;
}
