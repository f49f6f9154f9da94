// SPDX-License-Identifier: BSD-2-Clause
/*
 * The latency distributions of the page: what the histograms of edges and calls add up to for each
 * measure and mechanism, for the objects and for the edges on which most time was spent. The page
 * only draws what stands here.
 */
#include "reporter/html.h"
#include "reporter/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 40
#define EDGES_MAX   60

extern const char html_latency_sql[];

/* What the rows with the same description add up to. */
struct distribution {
	char *description; /* members of a JSON object */
	struct hist hist;
};

/* The columns of html_latency.sql. */
enum { DESCRIPTION, HISTOGRAM, IS_FIRST };

static void distribution_put(const struct distribution *d, FILE *out)
{
	size_t len = strlen(d->description);

	/* The description is an object, which goes on. */
	html_json_put(out, d->description, len ? len - 1 : 0);
	fputc(',', out);
	html_distribution_put(&d->hist, out);
	fputc('}', out);
}

static void distribution_clear(struct distribution *d)
{
	free(d->description);
	hist_clear(&d->hist);
	memset(d, 0, sizeof(*d));
}

/* Write what was merged so far, if there is any, and begin anew. Returns 1 if it wrote. */
static int distribution_end(struct distribution *d, FILE *out, int others)
{
	int wrote = d->hist.count > 0;

	if (wrote && others)
		fputs(",\n", out);
	if (wrote)
		distribution_put(d, out);
	distribution_clear(d);
	return wrote;
}

/*
 * Add the histogram in the file's form; one that cannot be read is only counted, where it comes
 * for the first time.
 */
static int distribution_merge(struct distribution *d, sqlite3_stmt *row, unsigned *unreadable)
{
	struct hist h = {0};
	const void *blob = sqlite3_column_blob(row, HISTOGRAM);
	int err = hist_decode(&h, blob, sqlite3_column_bytes(row, HISTOGRAM));

	if (!err)
		err = hist_merge(&d->hist, &h);
	hist_clear(&h);
	if (!err || err == -ENOMEM)
		return err;
	*unreadable += sqlite3_column_int(row, IS_FIRST);
	return 0;
}

static int distributions_put(sqlite3_stmt *rows, FILE *out, unsigned *unreadable)
{
	struct distribution d = {0};
	int wrote = 0, err = 0, more;

	while (!err && (more = query_next(rows)) > 0) {
		const char *description = (const char *)sqlite3_column_text(rows, DESCRIPTION);

		if (description && d.description && strcmp(d.description, description))
			wrote |= distribution_end(&d, out, wrote);
		if (description && !d.description)
			d.description = strdup(description);
		err = d.description ? distribution_merge(&d, rows, unreadable) : -ENOMEM;
	}
	if (!err && !more)
		distribution_end(&d, out, wrote);
	distribution_clear(&d);
	return err ? err : more < 0;
}

int html_latency_put(sqlite3 *db, FILE *out, unsigned *unreadable)
{
	sqlite3_stmt *rows = query_open(db, html_latency_sql);
	int err;

	query_bind(rows, ":cut", IPCT_HTML_CHARS_MAX);
	query_bind(rows, ":nodes", OBJECTS_MAX);
	query_bind(rows, ":links", EDGES_MAX);
	fputc('[', out);
	err = distributions_put(rows, out, unreadable);
	fputc(']', out);
	sqlite3_finalize(rows);
	return err;
}
