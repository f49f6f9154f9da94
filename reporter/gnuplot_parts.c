// SPDX-License-Identifier: BSD-2-Clause
/*
 * parts.tsv: where the transit of messages went, from `edges`: a bar for each mechanism, where
 * there are several, and for each of the edges with the largest sums.
 */
#include "reporter/gnuplot.h"
#include "reporter/query.h"
#include "reporter/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MECHANISMS_MAX 8
#define EDGES_MAX      12
#define NAME_COLUMNS   16
#define OBJECT_COLUMNS 28
#define PARTS          4

extern const char text_edges_sql[], text_parts_sql[];

struct parts_total {
	int shown, mechanisms;
	int64_t bars; /* of edges, shown or not */
	int64_t messages, wakes;
};

/* The transit and its parts, which stand in five columns from `sum` on. */
static void put_numbers(FILE *rows, sqlite3_stmt *stmt, int messages, int sum)
{
	fprintf(rows, "\t%lld", sqlite3_column_int64(stmt, messages));
	for (int i = 0; i <= PARTS; i++)
		fprintf(rows, "\t%lld", sqlite3_column_int64(stmt, sum + i));
	fputc('\n', rows);
}

static void put_name(FILE *rows, sqlite3_stmt *stmt, int column, int width)
{
	const char *name = (const char *)sqlite3_column_text(stmt, column);

	plot_label(rows, name ? name : "?", width);
}

/* "tar (4711)", or "tar ×3" where the fourth column says that there are more. */
static void put_process(FILE *rows, sqlite3_stmt *stmt, int column)
{
	put_name(rows, stmt, column + 1, NAME_COLUMNS);
	if (sqlite3_column_int64(stmt, column + 3) > 1)
		fprintf(rows, " ×%lld", sqlite3_column_int64(stmt, column + 3));
	else if (sqlite3_column_type(stmt, column) != SQLITE_NULL)
		fprintf(rows, " (%lld)", sqlite3_column_int64(stmt, column));
}

static void mechanism_row(FILE *rows, sqlite3_stmt *stmt, void *arg)
{
	const char *kind = (const char *)sqlite3_column_text(stmt, 1);
	struct parts_total *total = arg;

	*(strcmp(kind ? kind : "", "sync") ? &total->messages : &total->wakes) +=
		sqlite3_column_int64(stmt, 2);
	total->mechanisms++;
	if (total->mechanisms > MECHANISMS_MAX)
		return;
	fprintf(rows, "%d\tmechanism\t", ++total->shown);
	put_name(rows, stmt, 0, NAME_COLUMNS);
	put_numbers(rows, stmt, 2, 5);
}

static void edge_row(FILE *rows, sqlite3_stmt *stmt, void *arg)
{
	struct parts_total *total = arg;
	sqlite3_int64 objects = sqlite3_column_int64(stmt, 11);

	total->bars = sqlite3_column_int64(stmt, sqlite3_column_count(stmt) - 1);
	fprintf(rows, "%d\tedge\t", ++total->shown);
	put_process(rows, stmt, 0);
	fputs(" -> ", rows);
	put_process(rows, stmt, 4);
	fputs(", ", rows);
	if (objects > 1) {
		put_name(rows, stmt, 8, NAME_COLUMNS);
		fprintf(rows, " ×%lld", objects);
	} else {
		put_name(rows, stmt, sqlite3_column_bytes(stmt, 9) ? 9 : 8, OBJECT_COLUMNS);
	}
	put_numbers(rows, stmt, 12, 20);
}

/* "n = 12 messages, 3 wake-ups with a known transit; the largest sums first" */
static void parts_caption(char caption[IPCT_CAPTION_LEN], const struct parts_total *total)
{
	char buf[IPCT_UNIT_LEN];
	int len = snprintf(caption, IPCT_CAPTION_LEN, "n = %s message%s",
			   unit_count(buf, total->messages), total->messages == 1 ? "" : "s");

	if (total->wakes)
		len += snprintf(caption + len, IPCT_CAPTION_LEN - len, ", %s wake-up%s",
				unit_count(buf, total->wakes), total->wakes == 1 ? "" : "s");
	len += snprintf(caption + len, IPCT_CAPTION_LEN - len, " with a known transit; %s",
			query_sort() ? "by " : "the largest sums first");
	if (query_sort())
		len += snprintf(caption + len, IPCT_CAPTION_LEN - len, "%s", query_sort());
	if (total->bars > query_rows_at_most(EDGES_MAX))
		snprintf(caption + len, IPCT_CAPTION_LEN - len, ", %d of %s bars of edges",
			 query_rows_at_most(EDGES_MAX), unit_count(buf, total->bars));
}

/* A mechanism alone would say what its edges say. */
static int mechanisms_read(const struct plots *plots, struct parts_total *total,
			   struct plot_rows *rows)
{
	sqlite3_stmt *stmt = query_open(plots->db, text_parts_sql);
	int err;

	query_bind(stmt, ":rows", -1);
	err = plot_rows_read(stmt, mechanism_row, total, rows);
	if (!err && total->mechanisms == 1)
		total->shown = rows->len = 0;
	return err;
}

static int edges_read(const struct plots *plots, struct parts_total *total, struct plot_rows *rows)
{
	sqlite3_stmt *stmt = query_open(plots->db, text_edges_sql);

	query_bind(stmt, ":timed", 1);
	query_bind(stmt, ":grouped", 1);
	query_bind(stmt, ":rows", query_rows_at_most(EDGES_MAX));
	return plot_rows_read(stmt, edge_row, total, rows);
}

int plot_parts(const struct plots *plots)
{
	char caption[IPCT_CAPTION_LEN];
	struct plot_rows mechanisms = {0}, edges = {0};
	struct parts_total total = {0};
	FILE *file;
	int err = mechanisms_read(plots, &total, &mechanisms);

	if (!err)
		err = edges_read(plots, &total, &edges);
	if (!err && !total.shown) {
		plot_remove(plots, "parts");
	} else if (!err) {
		parts_caption(caption, &total);
		file = plot_open_data(plots, "parts",
				      "Sums of the transit of messages and of its parts.", caption,
				      "", total.shown,
				      "number\tlevel\tname\tmessages\ttransit_ns\tin_send_ns\t"
				      "in_object_ns\tin_runq_ns\tin_recv_ns");
		if (file)
			fwrite(mechanisms.text, 1, mechanisms.len, file);
		err = plot_rows_write(plots, &edges, "parts.tsv", file);
	}
	free(mechanisms.text);
	free(edges.text);
	return err;
}
