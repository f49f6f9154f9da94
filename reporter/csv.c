// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rows of one public view as RFC 4180 CSV. Values are what the file holds, byte for byte:
 * NULL is an empty field, an empty text is "", and nothing is done about texts that a
 * spreadsheet would take for a formula. Histograms are left out.
 */
#include "outputs.h"
#include "query.h"
#include "schemas/say.h"

#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

struct csv {
	FILE *out;
	sqlite3_stmt *rows;
	int *columns; /* those that are written */
	int count;
};

static int needs_quotes(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '"' || text[i] == ',' || text[i] == '\n' || text[i] == '\r')
			return 1;
	return !len;
}

static void put_text(FILE *out, const char *text, size_t len)
{
	if (!needs_quotes(text, len)) {
		fwrite(text, 1, len, out);
		return;
	}
	fputc('"', out);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			fputc('"', out);
		fputc(text[i], out);
	}
	fputc('"', out);
}

static void put_value(FILE *out, sqlite3_stmt *rows, int column)
{
	const char *text;

	switch (sqlite3_column_type(rows, column)) {
	case SQLITE_NULL:
	case SQLITE_BLOB: /* a file that is not as we write it */
		break;
	default:
		text = (const char *)sqlite3_column_text(rows, column);
		if (text)
			put_text(out, text, (size_t)sqlite3_column_bytes(rows, column));
	}
}

static int columns_choose(struct csv *csv)
{
	int count = sqlite3_column_count(csv->rows);

	csv->columns = calloc((size_t)count + 1, sizeof(*csv->columns));
	for (int i = 0; i < count && csv->columns; i++)
		if (!query_is_binary(csv->rows, i))
			csv->columns[csv->count++] = i;
	return csv->columns ? 0 : 1;
}

static void put_titles(const struct csv *csv)
{
	for (int i = 0; i < csv->count; i++)
		fprintf(csv->out, "%s%s", i ? "," : "",
			sqlite3_column_name(csv->rows, csv->columns[i]));
	fputs("\r\n", csv->out);
}

static void put_row(const struct csv *csv)
{
	for (int i = 0; i < csv->count; i++) {
		if (i)
			fputc(',', csv->out);
		put_value(csv->out, csv->rows, csv->columns[i]);
	}
	fputs("\r\n", csv->out);
}

int csv_write(sqlite3 *db, const char *view, FILE *out)
{
	struct csv csv = {.out = out, .rows = query_open(db, query_view(view))};
	int more = -1, locking;

	if (!csv.rows)
		return 1;
	query_bind(csv.rows, ":rows", query_rows(-1));
	if (columns_choose(&csv)) {
		say_error("cannot write CSV: out of memory");
		goto out;
	}
	/* No lock for each of a hundred million fields. */
	locking = __fsetlocking(out, FSETLOCKING_BYCALLER);
	put_titles(&csv);
	while ((more = query_next(csv.rows)) > 0)
		put_row(&csv);
	__fsetlocking(out, locking);
out:
	free(csv.columns);
	sqlite3_finalize(csv.rows);
	return more < 0;
}
