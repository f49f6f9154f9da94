// SPDX-License-Identifier: BSD-2-Clause
/*
 * The data files that are rows of a view: flow.tsv from `edges` and calls.tsv from `latency`; and
 * the line about losses that every plot carries, from `ledger`.
 */
#include "reporter/gnuplot.h"
#include "reporter/query.h"
#include "reporter/units.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IPCT_FLOW_MAX  40 /* processes in the matrix: more cannot be labelled */
#define IPCT_CALLS_MAX 24 /* kinds of calls with bars */
#define LABEL_COLUMNS  18

struct rows {
	char *text;
	size_t len;
};

extern const char gnuplot_flow_sql[], gnuplot_calls_sql[], gnuplot_losses_sql[];

static const char *text(sqlite3_stmt *stmt, int column)
{
	const char *value = (const char *)sqlite3_column_text(stmt, column);

	return value ? value : "?";
}

/* "lost: 12 of 24,690 calls (ring_full 10, spool_full 2)", in text that fits a data file. */
int plot_losses(struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_losses_sql);
	char reasons[IPCT_CAPTION_LEN / 2] = "", buf[2][IPCT_UNIT_LEN];
	int64_t seen = 0, lost = 0;
	int more, entries = 0, named = 0;
	FILE *list;

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
		snprintf(plots->losses, sizeof(plots->losses), "lost: %s of %s calls seen%s",
			 unit_count(buf[0], lost), unit_count(buf[1], seen), reasons);
	else
		strcpy(plots->losses, "lost: unknown, the recording was cut before its balance");
	sqlite3_finalize(stmt);
	return more;
}

/* "comm (pid)", with a star where the process was not traced. */
static void put_process(FILE *file, sqlite3_stmt *stmt, int column)
{
	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		fputs("not traced", file);
	else
		plot_label(file, text(stmt, column), LABEL_COLUMNS);
	if (sqlite3_column_type(stmt, column + 1) != SQLITE_NULL)
		fprintf(file, " (%lld)", sqlite3_column_int64(stmt, column + 1));
	if (!sqlite3_column_int(stmt, column + 2))
		fputc('*', file);
}

struct flow_total {
	int cells;
	int64_t processes;
	int64_t bytes, messages; /* of all pairs */
	int64_t shown_bytes;
	int untraced;
};

static void flow_row(FILE *rows, sqlite3_stmt *stmt, void *arg)
{
	struct flow_total *total = arg;
	int64_t bytes = sqlite3_column_int64(stmt, 3), messages = sqlite3_column_int64(stmt, 4);

	total->bytes += bytes;
	total->messages += messages;
	total->processes = sqlite3_column_int64(stmt, 11);
	if (!sqlite3_column_int(stmt, 0))
		return;
	total->cells++;
	total->shown_bytes += bytes;
	total->untraced |= !sqlite3_column_int(stmt, 7) || !sqlite3_column_int(stmt, 10);
	fprintf(rows, "%d\t%d\t%lld\t%lld\t", sqlite3_column_int(stmt, 1),
		sqlite3_column_int(stmt, 2), (long long)bytes, (long long)messages);
	put_process(rows, stmt, 5);
	fputc('\t', rows);
	put_process(rows, stmt, 8);
	fputc('\n', rows);
}

static void flow_caption(char caption[IPCT_CAPTION_LEN], const struct flow_total *total)
{
	char buf[2][IPCT_UNIT_LEN];
	int len = snprintf(caption, IPCT_CAPTION_LEN, "n = %s message%s, %s",
			   unit_count(buf[0], total->messages), total->messages == 1 ? "" : "s",
			   unit_bytes(buf[1], total->bytes));

	if (total->processes > IPCT_FLOW_MAX)
		len += snprintf(caption + len, IPCT_CAPTION_LEN - len,
				"; the top %d of %s processes by bytes, %s of all bytes",
				IPCT_FLOW_MAX, unit_count(buf[0], total->processes),
				unit_share(buf[1], total->shown_bytes, total->bytes));
	if (total->untraced)
		snprintf(caption + len, IPCT_CAPTION_LEN - len, "; * not traced");
}

/*
 * Read the rows of `stmt` through `put` into memory, where they wait for the caption that stands
 * above them in the file. The caller frees *rows. Ends the statement. 0 or -errno.
 */
static int rows_read(sqlite3_stmt *stmt, void (*put)(FILE *rows, sqlite3_stmt *stmt, void *total),
		     void *total, struct rows *rows)
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

static int rows_write(const struct plots *plots, const struct rows *rows, const char *name,
		      FILE *file)
{
	if (!file)
		return -EIO;
	fwrite(rows->text, 1, rows->len, file);
	return plot_close(plots, name, file, 0);
}

int plot_flow(const struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_flow_sql);
	char caption[IPCT_CAPTION_LEN];
	struct flow_total total = {0};
	struct rows rows = {0};
	FILE *file;
	int err;

	query_bind(stmt, ":limit", IPCT_FLOW_MAX);
	err = rows_read(stmt, flow_row, &total, &rows);
	if (!err) {
		flow_caption(caption, &total);
		file = plot_open_data(plots, "flow", "Bytes from each process to each other.",
				      caption, total.cells,
				      "row\tcolumn\tbytes\tmessages\tsender\treceiver");
		err = rows_write(plots, &rows, "flow.tsv", file);
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
			 "; the top %d of %s kinds by their total time", total->shown,
			 unit_count(buf, total->kinds));
}

int plot_calls(const struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_calls_sql);
	char caption[IPCT_CAPTION_LEN];
	struct calls_total total = {0};
	struct rows rows = {0};
	FILE *file;
	int err;

	query_bind(stmt, ":limit", IPCT_CALLS_MAX);
	err = rows_read(stmt, calls_row, &total, &rows);
	if (!err) {
		calls_caption(caption, &total);
		file = plot_open_data(plots, "calls", "Duration of calls, waiting included.",
				      caption, total.shown,
				      "number\tcall\tcalls\tp50_ns\tp90_ns\tp99_ns");
		err = rows_write(plots, &rows, "calls.tsv", file);
	}
	free(rows.text);
	return err;
}
