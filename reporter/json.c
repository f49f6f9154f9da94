// SPDX-License-Identifier: BSD-2-Clause
/*
 * One JSON object: what stands out, meta, and the rows of the views that are small in every trace,
 * one row a line. It is written as the rows come, and is valid UTF-8 whatever the file holds: bytes
 * that are none become U+FFFD. Histograms are left out.
 */
#include "outputs.h"
#include "filter.h"
#include "findings.h"
#include "json_put.h"
#include "query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const sections[] = {"ledger",     "processes", "objects", "edges",
				       "latency",    "mappings",  "touches", "passed_fds",
				       "confidence", "pressure",  "depth",   "wakeups",
				       NULL};

static void put_real(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.17g", value);
	else
		fputs("null", out);
}

static void put_value(FILE *out, sqlite3_stmt *rows, int column)
{
	const char *text;

	switch (sqlite3_column_type(rows, column)) {
	case SQLITE_INTEGER:
		fprintf(out, "%lld", sqlite3_column_int64(rows, column));
		break;
	case SQLITE_FLOAT:
		put_real(out, sqlite3_column_double(rows, column));
		break;
	case SQLITE_TEXT:
		text = (const char *)sqlite3_column_text(rows, column);
		json_put_string(out, text ? text : "", (size_t)sqlite3_column_bytes(rows, column));
		break;
	default:
		fputs("null", out);
	}
}

static void put_row(FILE *out, sqlite3_stmt *rows)
{
	int fields = 0;

	fputc('{', out);
	for (int i = 0; i < sqlite3_column_count(rows); i++) {
		const char *name = sqlite3_column_name(rows, i);

		if (query_is_binary(rows, i))
			continue;
		fputs(fields++ ? ", " : "", out);
		json_put_string(out, name ? name : "", name ? strlen(name) : 0);
		fputs(": ", out);
		put_value(out, rows, i);
	}
	fputc('}', out);
}

static int put_meta(sqlite3 *db, FILE *out)
{
	sqlite3_stmt *rows = query_open(db, "SELECT key, value FROM meta ORDER BY key");
	int more, fields = 0;

	fputs("\"meta\": {", out);
	while ((more = query_next(rows)) > 0) {
		const char *key = (const char *)sqlite3_column_text(rows, 0);

		fputs(fields++ ? ",\n" : "\n", out);
		json_put_string(out, key ? key : "", (size_t)sqlite3_column_bytes(rows, 0));
		fputs(": ", out);
		put_value(out, rows, 1);
	}
	fputs("\n}", out);
	sqlite3_finalize(rows);
	return more < 0;
}

static int put_section(sqlite3 *db, const char *view, FILE *out)
{
	sqlite3_stmt *rows = query_open(db, query_view(view));
	int more, count = 0;

	query_bind(rows, ":rows", query_rows(-1));
	fprintf(out, ",\n\"%s\": [", view);
	while ((more = query_next(rows)) > 0) {
		fputs(count++ ? ",\n" : "\n", out);
		put_row(out, rows);
	}
	fputs("\n]", out);
	sqlite3_finalize(rows);
	return more < 0;
}

/* What the rows below are a part of the recording by; the ledger and meta are of all of it. */
static void put_filter(sqlite3 *db, FILE *out)
{
	char *words = filter_words(db);

	if (words) {
		fputs("\"filter\": ", out);
		json_put_string(out, words, strlen(words));
		fputs(",\n", out);
	}
	free(words);
}

/* Meta and views, up to the end of the object that was begun. */
static int put_rest(sqlite3 *db, const char *const *views, FILE *out)
{
	int failed = put_meta(db, out);

	for (; *views && !failed; views++)
		failed = put_section(db, *views, out);
	/* What failed half-way must not parse. */
	if (!failed)
		fputs("\n}\n", out);
	return failed;
}

int json_write(sqlite3 *db, FILE *out)
{
	int failed;

	fputs("{\n", out);
	put_filter(db, out);
	fputs("\"findings\": ", out);
	failed = findings_json_put(db, out);
	fputs(",\n", out);
	return failed || put_rest(db, sections, out);
}

int json_bench_write(sqlite3 *db, const char *const *views, FILE *out)
{
	fputs("{\n", out);
	return put_rest(db, views, out);
}

int bench_json_write(sqlite3 *db, FILE *out)
{
	return json_bench_write(db, query_bench_views, out);
}
