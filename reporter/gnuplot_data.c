// SPDX-License-Identifier: BSD-2-Clause
/*
 * The data files that are rows of a query: mechanisms.tsv; flow.tsv, wakes.tsv and shared.tsv from
 * `edges` and `mappings`, calls.tsv from `latency`; and the line about losses that every plot
 * carries, from `ledger`.
 */
#include "reporter/gnuplot.h"
#include "reporter/filter.h"
#include "reporter/query.h"
#include "reporter/units.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IPCT_FLOW_MAX  40 /* processes in the matrix: more cannot be labelled */
#define IPCT_CALLS_MAX 24 /* kinds of calls with bars */
#define LABEL_COLUMNS  18
#define OBJECT_COLUMNS 34
#define FILTER_COLUMNS 50 /* of a caption */

extern const char gnuplot_mechanisms_sql[], gnuplot_flow_sql[], gnuplot_shared_sql[],
	gnuplot_calls_sql[], gnuplot_losses_sql[];

static const char *text(sqlite3_stmt *stmt, int column)
{
	const char *value = (const char *)sqlite3_column_text(stmt, column);

	return value ? value : "?";
}

/* "lost"; with a filter, "only mechanism=pipe; lost in the whole recording". */
static void put_lead(sqlite3 *db, char *text, size_t size)
{
	char *words = filter_words(db);
	FILE *out = fmemopen(text, size - 1, "w");

	if (out && words) {
		fputs("only ", out);
		plot_label(out, words, FILTER_COLUMNS);
		fputs("; lost in the whole recording", out);
	} else if (out) {
		fputs("lost", out);
	}
	if (out)
		fclose(out);
	free(words);
}

/* "lost: 12 of 24,690 calls (ring_full 10, spool_full 2)", in text that fits a data file. */
int plot_losses(struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_losses_sql);
	char lead[IPCT_CAPTION_LEN / 4] = "", reasons[IPCT_CAPTION_LEN / 2] = "";
	char buf[2][IPCT_UNIT_LEN];
	int64_t seen = 0, lost = 0;
	int more, entries = 0, named = 0;
	FILE *list;

	put_lead(plots->db, lead, sizeof(lead));
	/* Four reasons of at most 18 columns always fit. */
	list = fmemopen(reasons, sizeof(reasons) - 1, "w");
	while ((more = query_next(stmt)) > 0) {
		int64_t here = sqlite3_column_int64(stmt, 2);

		entries++;
		seen += sqlite3_column_int64(stmt, 1);
		lost += here;
		if (!list || here <= 0 || named >= 4)
			continue;
		fputs(named++ ? ", " : " (", list);
		plot_label(list, text(stmt, 0), LABEL_COLUMNS);
		fprintf(list, " %s", unit_count(buf[0], here));
	}
	if (list && named)
		fputs(named < 4 ? ")" : ", ...)", list);
	if (list)
		fclose(list);
	if (entries)
		snprintf(plots->losses, sizeof(plots->losses), "%s: %s of %s calls seen%s", lead,
			 unit_count(buf[0], lost), unit_count(buf[1], seen), reasons);
	else
		snprintf(plots->losses, sizeof(plots->losses),
			 "%s: unknown, the recording was cut before its balance", lead);
	sqlite3_finalize(stmt);
	return more;
}

/* "comm (pid)", with a star where the process was not traced. */
static void put_process(FILE *file, sqlite3_stmt *stmt, int column, int columns)
{
	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		fputs("not traced", file);
	else
		plot_label(file, text(stmt, column), columns);
	if (sqlite3_column_type(stmt, column + 1) != SQLITE_NULL)
		fprintf(file, " (%lld)", sqlite3_column_int64(stmt, column + 1));
	if (!sqlite3_column_int(stmt, column + 2))
		fputc('*', file);
}

/* Who with whom: a matrix for each kind of edge. */
static const struct matrix {
	const char *plot, *kind, *sql, *what, *columns;
	const char *one, *many; /* what it counts */
	const char *by;         /* what makes a process one of the top */
	int row_columns;        /* that a row's name takes at most */
} matrices[] = {
	{"flow", "data", gnuplot_flow_sql, "Bytes from each process to each other.",
	 "row\tcolumn\tbytes\tmessages\tsender\treceiver", "message", "messages", "bytes",
	 LABEL_COLUMNS},
	{"wakes", "sync", gnuplot_flow_sql, "Wake-ups of each process by each other.",
	 "row\tcolumn\twakes\tmessages\twaker\twoken", "wake-up", "wake-ups", "wake-ups",
	 LABEL_COLUMNS},
	{"shared", "shared", gnuplot_shared_sql, "Bytes of each object that each process maps.",
	 "row\tcolumn\tbytes\tmappings\tobject\tprocess", "mapping", "mappings", "mappings",
	 OBJECT_COLUMNS},
};

struct matrix_total {
	const struct matrix *matrix;
	int cells;
	int64_t processes, objects;
	int64_t values, messages; /* of all pairs */
	int64_t shown_values, shown_messages;
	int untraced;
};

static void matrix_row(FILE *rows, sqlite3_stmt *stmt, void *arg)
{
	struct matrix_total *total = arg;
	int64_t value = sqlite3_column_int64(stmt, 3), messages = sqlite3_column_int64(stmt, 4);

	total->values += value;
	total->messages += messages;
	total->processes = sqlite3_column_int64(stmt, 11);
	total->objects = sqlite3_column_int64(stmt, 12);
	if (!sqlite3_column_int(stmt, 0))
		return;
	total->cells++;
	total->shown_values += value;
	total->shown_messages += messages;
	total->untraced |= !sqlite3_column_int(stmt, 7) || !sqlite3_column_int(stmt, 10);
	fprintf(rows, "%d\t%d\t%lld\t%lld\t", sqlite3_column_int(stmt, 1),
		sqlite3_column_int(stmt, 2), (long long)value, (long long)messages);
	put_process(rows, stmt, 5, total->matrix->row_columns);
	fputc('\t', rows);
	put_process(rows, stmt, 8, LABEL_COLUMNS);
	fputc('\n', rows);
}

/* "n = 12 messages, 1.20 KiB", "n = 3 mappings of 2 objects by 3 processes". */
static int matrix_count(char caption[IPCT_CAPTION_LEN], const struct matrix_total *total)
{
	const struct matrix *m = total->matrix;
	char buf[3][IPCT_UNIT_LEN];
	int len = snprintf(caption, IPCT_CAPTION_LEN, "n = %s %s",
			   unit_count(buf[0], total->messages),
			   total->messages == 1 ? m->one : m->many);

	if (!strcmp(m->kind, "data"))
		len += snprintf(caption + len, IPCT_CAPTION_LEN - len, ", %s",
				unit_bytes(buf[0], total->values));
	if (total->objects)
		len += snprintf(caption + len, IPCT_CAPTION_LEN - len, " of %s object%s",
				unit_count(buf[1], total->objects), total->objects == 1 ? "" : "s");
	return len;
}

static void matrix_caption(char caption[IPCT_CAPTION_LEN], const struct matrix_total *total)
{
	bool data = !strcmp(total->matrix->kind, "data");
	int limit = query_rows_at_most(IPCT_FLOW_MAX);
	int64_t all = data ? total->values : total->messages;
	int64_t shown = data ? total->shown_values : total->shown_messages;
	char buf[2][IPCT_UNIT_LEN];
	int len = matrix_count(caption, total);

	if (total->processes > limit)
		len += snprintf(caption + len, IPCT_CAPTION_LEN - len,
				"; the top %d of %s processes by %s, %s of all %s", limit,
				unit_count(buf[0], total->processes), total->matrix->by,
				unit_share(buf[1], shown, all), total->matrix->by);
	if (total->untraced)
		snprintf(caption + len, IPCT_CAPTION_LEN - len, "; * not traced");
}

int plot_rows_read(sqlite3_stmt *stmt, void (*put)(FILE *rows, sqlite3_stmt *stmt, void *total),
		   void *total, struct plot_rows *rows)
{
	FILE *memory = open_memstream(&rows->text, &rows->len);
	int more = -1, err = 0;

	while (memory && (more = query_next(stmt)) > 0)
		put(memory, stmt, total);
	sqlite3_finalize(stmt);
	if (!memory || fclose(memory)) {
		err = -errno;
		say_error("cannot keep the rows of a plot: %s", strerror(errno));
	}
	return err ? err : more < 0 ? -EIO : 0;
}

int plot_rows_write(const struct plots *plots, const struct plot_rows *rows, const char *name,
		    FILE *file)
{
	if (!file)
		return -EIO;
	fwrite(rows->text, 1, rows->len, file);
	return plot_close(plots, name, file, 0);
}

static int plot_matrix(const struct plots *plots, const struct matrix *matrix)
{
	sqlite3_stmt *stmt = query_open(plots->db, matrix->sql);
	char caption[IPCT_CAPTION_LEN], name[64];
	struct matrix_total total = {.matrix = matrix};
	struct plot_rows rows = {0};
	FILE *file;
	int err;

	query_bind(stmt, ":limit", query_rows_at_most(IPCT_FLOW_MAX));
	query_bind_text(stmt, ":kind", matrix->kind);
	err = plot_rows_read(stmt, matrix_row, &total, &rows);
	/* Of what passes no bytes there may be nothing; then there is nothing to see either. */
	if (!err && !total.cells && matrix != matrices) {
		plot_remove(plots, matrix->plot);
	} else if (!err) {
		matrix_caption(caption, &total);
		snprintf(name, sizeof(name), "%s.tsv", matrix->plot);
		file = plot_open_data(plots, matrix->plot, matrix->what, caption, "", total.cells,
				      matrix->columns);
		err = plot_rows_write(plots, &rows, name, file);
	}
	free(rows.text);
	return err;
}

int plot_matrices(const struct plots *plots)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(matrices) / sizeof(matrices[0]) && !err; i++)
		err = plot_matrix(plots, &matrices[i]);
	return err;
}

struct mechanisms_total {
	int shown;
	int64_t messages, wakes, mappings;
};

/* What the number of a row counts, by kind. */
static int64_t *mechanisms_sum(struct mechanisms_total *total, const char *kind)
{
	return !strcmp(kind, "data")     ? &total->messages
	       : !strcmp(kind, "shared") ? &total->mappings
					 : &total->wakes;
}

static void mechanisms_row(FILE *rows, sqlite3_stmt *stmt, void *arg)
{
	struct mechanisms_total *total = arg;
	const char *kind = text(stmt, 1);

	*mechanisms_sum(total, kind) += sqlite3_column_int64(stmt, 2);
	fprintf(rows, "%d\t", ++total->shown);
	plot_label(rows, text(stmt, 0), LABEL_COLUMNS);
	fprintf(rows, "\t%s", kind);
	for (int column = 2; column < 6; column++)
		fprintf(rows, "\t%lld", (long long)sqlite3_column_int64(stmt, column));
	fputc('\n', rows);
}

/* "n = 12 messages, 3 wake-ups": what there is. */
static void mechanisms_caption(char caption[IPCT_CAPTION_LEN], const struct mechanisms_total *total)
{
	const struct {
		int64_t n;
		const char *one;
	} parts[] = {{total->messages, "message"},
		     {total->wakes, "wake-up"},
		     {total->mappings, "mapping"}};
	char buf[IPCT_UNIT_LEN];
	int len = snprintf(caption, IPCT_CAPTION_LEN, "n = "), named = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].n)
			len += snprintf(caption + len, IPCT_CAPTION_LEN - len, "%s%s %s%s",
					named++ ? ", " : "", unit_count(buf, parts[i].n),
					parts[i].one, parts[i].n == 1 ? "" : "s");
	if (!named)
		snprintf(caption + len, IPCT_CAPTION_LEN - len, "0 messages");
}

int plot_mechanisms(const struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_mechanisms_sql);
	char caption[IPCT_CAPTION_LEN];
	struct mechanisms_total total = {0};
	struct plot_rows rows = {0};
	FILE *file;
	int err = plot_rows_read(stmt, mechanisms_row, &total, &rows);

	if (!err) {
		mechanisms_caption(caption, &total);
		file = plot_open_data(plots, "mechanisms", "How much each mechanism was used.",
				      caption, "", total.shown,
				      "number\tmechanism\tkind\tuses\tbytes\tobjects\tprocesses");
		err = plot_rows_write(plots, &rows, "mechanisms.tsv", file);
	}
	free(rows.text);
	return err;
}

struct calls_total {
	int shown;
	int64_t kinds, calls; /* of all, shown or not */
};

static void calls_row(FILE *rows, sqlite3_stmt *stmt, void *arg)
{
	struct calls_total *total = arg;

	total->kinds = sqlite3_column_int64(stmt, 7);
	total->calls = sqlite3_column_int64(stmt, 8);
	fprintf(rows, "%d\t", ++total->shown);
	plot_label(rows, text(stmt, 0), LABEL_COLUMNS);
	fputc(' ', rows);
	plot_label(rows, text(stmt, 1), LABEL_COLUMNS);
	if (sqlite3_column_type(stmt, 2) != SQLITE_NULL) {
		fputs(" (", rows);
		plot_label(rows, text(stmt, 2), LABEL_COLUMNS);
		fputc(')', rows);
	}
	for (int column = 3; column < 7; column++)
		fprintf(rows, "\t%lld", sqlite3_column_int64(stmt, column));
	fputc('\n', rows);
}

static void calls_caption(char caption[IPCT_CAPTION_LEN], const struct calls_total *total)
{
	char buf[IPCT_UNIT_LEN];
	int len = snprintf(caption, IPCT_CAPTION_LEN, "n = %s call%s",
			   unit_count(buf, total->calls), total->calls == 1 ? "" : "s");

	if (total->kinds > total->shown)
		snprintf(caption + len, IPCT_CAPTION_LEN - len,
			 "; the top %d of %s kinds by their %s", total->shown,
			 unit_count(buf, total->kinds), query_sort() ? query_sort() : "total time");
}

int plot_calls(const struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_calls_sql);
	char caption[IPCT_CAPTION_LEN];
	struct calls_total total = {0};
	struct plot_rows rows = {0};
	FILE *file;
	int err;

	query_bind(stmt, ":limit", query_rows_at_most(IPCT_CALLS_MAX));
	err = plot_rows_read(stmt, calls_row, &total, &rows);
	if (!err) {
		calls_caption(caption, &total);
		file = plot_open_data(plots, "calls", "Duration of calls, waiting included.",
				      caption, "", total.shown,
				      "number\tcall\tcalls\tp50_ns\tp90_ns\tp99_ns");
		err = plot_rows_write(plots, &rows, "calls.tsv", file);
	}
	free(rows.text);
	return err;
}
