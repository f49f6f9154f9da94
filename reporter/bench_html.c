// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace report --html` of a bench: its page, with the JSON in it that --json prints, but for
 * the single rounds.
 */
#include "reporter/html.h"
#include "reporter/outputs.h"

#include <errno.h>
#include <stdlib.h>

extern const char bench_page[];

static const char *const views[] = {"results", "best",  "crossovers", "crossing", "probes",
				    "parts",   "facts", "limits",     "skipped",  NULL};

static int data_put(void *arg, FILE *out)
{
	sqlite3 *db = arg;
	char *json = NULL;
	size_t len = 0;
	FILE *text = open_memstream(&json, &len);
	int err = text ? json_bench_write(db, views, text) : -errno;

	if (text && fclose(text) && !err)
		err = -errno;
	if (!err) {
		fputs("{\"mechanisms\":", out);
		html_mechanisms_put(out);
		fputs(",\n", out);
		html_json_put(out, json + 1, len - 1); /* the rest of the object */
	}
	free(json);
	return err;
}

int bench_html_write(sqlite3 *db, const char *path)
{
	struct html_data data = {data_put, db};

	return html_page_write(bench_page, &data, path);
}
