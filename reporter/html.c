// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace report --html`: the page that reporter/web/ became at build time, with the trace's
 * data as one block of packed JSON in it. The page is put together in memory and replaces the file
 * at once, so that an error leaves an older report as it was.
 */
#include "reporter/findings.h"
#include "reporter/html.h"
#include "reporter/outputs.h"
#include "reporter/query.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The most rows of a list that a page shows; its captions say what is left out. */
#define ROWS_MAX          500
#define ROWS_MAX_PRESSURE 100

/* Where the data goes in the page; web/build.mjs sees to it that it stands there once. */
#define DATA_MARK "@DATA@"

extern const char html_page[], html_meta_sql[], html_totals_sql[], html_ledger_sql[],
	html_flow_sql[], html_edges_sql[], html_objects_sql[], html_calls_sql[],
	html_processes_sql[], html_mappings_sql[], html_passed_sql[], html_left_sql[],
	html_parts_sql[], html_confidence_sql[], html_pressure_sql[], html_timeline_sql[],
	html_sankey_sql[];

/* One member of the data: what a query gives, each row of it one JSON object. */
static const struct part {
	const char *name;
	const char *sql;
	int is_list;
	int nodes_max, links_max, single_max;
	int rows_max; /* 0: ROWS_MAX */
} parts[] = {
	{.name = "meta", .sql = html_meta_sql},
	{.name = "totals", .sql = html_totals_sql},
	{.name = "ledger", .sql = html_ledger_sql, .is_list = 1},
	{"flow", html_flow_sql, 0, .nodes_max = 1000, .links_max = 5000, .single_max = 200},
	{"sankey", html_sankey_sql, 0, .nodes_max = 12},
	{.name = "parts", .sql = html_parts_sql, .is_list = 1, .links_max = 100},
	{"timeline", html_timeline_sql, 0, .nodes_max = 40, .links_max = 2500},
	{.name = "pressure",
	 .sql = html_pressure_sql,
	 .is_list = 1,
	 .links_max = 40,
	 .rows_max = ROWS_MAX_PRESSURE},
	{.name = "edges", .sql = html_edges_sql, .is_list = 1},
	{.name = "confidence", .sql = html_confidence_sql, .is_list = 1},
	{.name = "objects", .sql = html_objects_sql, .is_list = 1},
	{.name = "calls", .sql = html_calls_sql, .is_list = 1},
	{.name = "processes", .sql = html_processes_sql, .is_list = 1},
	{.name = "mappings", .sql = html_mappings_sql, .is_list = 1},
	{.name = "passed", .sql = html_passed_sql, .is_list = 1},
	{.name = "left", .sql = html_left_sql, .is_list = 1},
};

void html_mechanisms_put(FILE *out)
{
	for (int i = 1; i < IPCT_MECH_COUNT; i++) {
		const struct mechanism *m = &mechanisms[i];

		fprintf(out,
			"%s{\"name\":\"%s\",\"title\":\"%s\",\"family\":\"%s\",\"kind\":\"%s\"}",
			i > 1 ? ",\n" : "[", m->name, m->title, m->family, m->kind);
	}
	fputs("]", out);
}

/* The one row of a part, as it is. */
static int part_value_put(sqlite3_stmt *rows, FILE *out)
{
	int more = query_next(rows);
	const char *json = more > 0 ? (const char *)sqlite3_column_text(rows, 0) : NULL;

	if (json)
		html_json_put(out, json, sqlite3_column_bytes(rows, 0));
	return json ? 0 : more < 0 ? 1 : -ENOMEM;
}

/* The rows of a list, which have the same members: their names stand there once. */
static int part_list_put(sqlite3_stmt *rows, FILE *out)
{
	const char *comma = "";
	int more;

	fputs("{\"columns\":", out);
	while ((more = query_next(rows)) > 0) {
		const char *json = (const char *)sqlite3_column_text(rows, 0);
		int len = sqlite3_column_bytes(rows, 0);

		if (!json)
			return -ENOMEM;
		if (!*comma) {
			html_members_put(out, json, len, HTML_NAME);
			fputs(",\"rows\":[", out);
		}
		fputs(comma, out);
		html_members_put(out, json, len, HTML_VALUE);
		comma = ",\n";
	}
	fputs(*comma ? "]}" : "[],\"rows\":[]}", out);
	return more < 0;
}

static int part_put(sqlite3 *db, const struct part *part, FILE *out)
{
	sqlite3_stmt *rows = query_open(db, part->sql);
	int err;

	query_bind(rows, ":cut", IPCT_HTML_CHARS_MAX);
	query_bind(rows, ":rows", query_rows_at_most(part->rows_max ? part->rows_max : ROWS_MAX));
	query_bind(rows, ":nodes", part->nodes_max);
	query_bind(rows, ":links", part->links_max);
	query_bind(rows, ":single", part->single_max);
	fprintf(out, "\"%s\":", part->name);
	err = part->is_list ? part_list_put(rows, out) : part_value_put(rows, out);
	fputs(",\n", out);
	sqlite3_finalize(rows);
	return err;
}

/* What stands out; returns as data_put. */
static int findings_put(sqlite3 *db, FILE *out)
{
	char *json = NULL;
	size_t len = 0;
	FILE *made = open_memstream(&json, &len);
	int err = made ? findings_json_put(db, made) : -errno;

	if (made && fclose(made) && !err)
		err = -errno;
	fputs("\"findings\":", out);
	if (!err)
		html_json_put(out, json, len);
	fputs(",\n", out);
	free(json);
	return err;
}

/* The data block. 0, -ENOMEM, or 1 after an error message. */
static int data_put(void *arg, FILE *out)
{
	sqlite3 *db = arg;
	unsigned unreadable = 0;
	int err = 0;

	fputs("{\"mechanisms\":", out);
	html_mechanisms_put(out);
	fputs(",\n", out);
	for (size_t i = 0; !err && i < sizeof(parts) / sizeof(parts[0]); i++)
		err = part_put(db, &parts[i], out);
	if (!err)
		err = findings_put(db, out);
	fputs("\"picked\":", out);
	if (!err)
		err = html_picked_put(db, out);
	fputs(",\n\"borders\":", out);
	html_borders_put(out);
	fputs(",\n\"latency\":", out);
	if (!err)
		err = html_latency_put(db, out, &unreadable);
	fputs(",\n\"heat\":", out);
	if (!err)
		err = html_heat_put(db, out);
	fprintf(out, ",\n\"unreadable_histograms\":%u}", unreadable);
	return err;
}

/* The data block as it stands in the page; returns as data_put. */
static int block_put(const struct html_data *data, FILE *out)
{
	char *json = NULL;
	size_t len = 0;
	FILE *made = open_memstream(&json, &len);
	int err = made ? data->put(data->arg, made) : -errno;

	if (made && fclose(made) && !err)
		err = -errno;
	if (!err)
		err = html_packed_put(out, json, len);
	free(json);
	return err;
}

/* The whole page; returns as data_put. */
static int page_put(const struct html_data *data, const char *page, FILE *out)
{
	const char *mark = strstr(page, DATA_MARK);
	int err;

	fwrite(page, 1, mark - page, out);
	err = block_put(data, out);
	fputs(mark + strlen(DATA_MARK), out);
	return err;
}

/* The page in memory, `*len` bytes that the caller frees; returns as data_put. */
static int page_make(const struct html_data *data, const char *page, char **made, size_t *len)
{
	FILE *out = open_memstream(made, len);
	int err;

	if (!out)
		return -errno;
	err = page_put(data, page, out);
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

int html_page_write(const char *page, const struct html_data *data, const char *path)
{
	char *made = NULL;
	size_t len = 0;
	int err = page_make(data, page, &made, &len);

	if (!err)
		err = html_file_replace(path, made, len);
	if (err < 0)
		say_error("cannot write report '%s': %s", path, strerror(-err));
	free(made);
	return err ? 1 : 0;
}

int html_write(sqlite3 *db, const char *path)
{
	struct html_data data = {data_put, db};

	return html_page_write(html_page, &data, path);
}
