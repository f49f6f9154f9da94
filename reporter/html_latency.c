// SPDX-License-Identifier: BSD-2-Clause
/*
 * The latency distributions of the page: the histograms of all edges and calls, merged for each
 * measure and mechanism, as bins that are equally wide on a logarithmic axis and as a percentile
 * curve. The page only draws what stands here.
 */
#include "reporter/bins.h"
#include "reporter/html.h"
#include "reporter/query.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CURVE_PER_DECADE  16
#define CURVE_DECADES_MAX 19

extern const char html_latency_sql[];

struct distribution {
	char *measure;
	char *mechanism; /* as JSON */
	struct hist hist;
};

/* [low, high, count] for each bin from the first to the last one in use. */
static void bins_put(const struct hist *h, FILE *out)
{
	const char *comma = "";
	struct bins bins;

	bins_fill(&bins, h);
	for (unsigned i = bins.first; i <= bins.last; i++) {
		uint64_t low = bins_low(i), high = bins_low(i + 1);

		if (low == high)
			continue;
		fprintf(out, "%s[%llu,%llu,%llu]", comma, (unsigned long long)low,
			(unsigned long long)high, (unsigned long long)bins.count[i]);
		comma = ",";
	}
}

/* The quantile at 1/(1-q) = 10^(i/CURVE_PER_DECADE), for as long as values lie beyond it. */
static void curve_put(const struct hist *h, FILE *out)
{
	for (int i = 0; i <= CURVE_PER_DECADE * CURVE_DECADES_MAX; i++) {
		double beyond = pow(10, -(double)i / CURVE_PER_DECADE);

		if (beyond * (double)h->count < 1)
			break;
		fprintf(out, "%s%llu", i ? "," : "",
			(unsigned long long)hist_quantile(h, 1 - beyond));
	}
}

static void quantile_put(const struct hist *h, FILE *out, const char *name, double q)
{
	fprintf(out, ",\"%s\":%llu", name, (unsigned long long)hist_quantile(h, q));
}

void html_distribution_put(const struct hist *h, FILE *out)
{
	fprintf(out, "\"n\":%llu,\"mean_ns\":%llu,\"max_ns\":%llu", (unsigned long long)h->count,
		(unsigned long long)(h->sum / h->count), (unsigned long long)h->max);
	quantile_put(h, out, "p50_ns", 0.5);
	quantile_put(h, out, "p90_ns", 0.9);
	quantile_put(h, out, "p99_ns", 0.99);
	quantile_put(h, out, "p999_ns", 0.999);
	fputs(",\"bins\":[", out);
	bins_put(h, out);
	fprintf(out, "],\"curve_per_decade\":%d,\"curve\":[", CURVE_PER_DECADE);
	curve_put(h, out);
	fputc(']', out);
}

static void distribution_put(const struct distribution *d, FILE *out)
{
	fprintf(out, "{\"measure\":\"%s\",\"mechanism\":", d->measure);
	html_json_put(out, d->mechanism, strlen(d->mechanism));
	fputc(',', out);
	html_distribution_put(&d->hist, out);
	fputc('}', out);
}

static void distribution_clear(struct distribution *d)
{
	free(d->measure);
	free(d->mechanism);
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

static int distribution_begin(struct distribution *d, const char *measure, const char *mechanism)
{
	d->measure = strdup(measure);
	d->mechanism = strdup(mechanism);
	return d->measure && d->mechanism ? 0 : -ENOMEM;
}

/* Add the histogram in the file's form; one that cannot be read is only counted. */
static int distribution_merge(struct distribution *d, sqlite3_stmt *row, unsigned *unreadable)
{
	struct hist h = {0};
	const void *blob = sqlite3_column_blob(row, 2);
	int err = hist_decode(&h, blob, sqlite3_column_bytes(row, 2));

	if (!err)
		err = hist_merge(&d->hist, &h);
	hist_clear(&h);
	if (!err || err == -ENOMEM)
		return err;
	*unreadable += 1;
	return 0;
}

static int is_other(const struct distribution *d, const char *measure, const char *mechanism)
{
	return d->measure && (strcmp(d->measure, measure) || strcmp(d->mechanism, mechanism));
}

static int distributions_put(sqlite3_stmt *rows, FILE *out, unsigned *unreadable)
{
	struct distribution d = {0};
	int wrote = 0, err = 0, more;

	while (!err && (more = query_next(rows)) > 0) {
		const char *measure = (const char *)sqlite3_column_text(rows, 0);
		const char *mechanism = (const char *)sqlite3_column_text(rows, 1);

		if (!measure || !mechanism) {
			err = -ENOMEM;
			break;
		}
		if (is_other(&d, measure, mechanism))
			wrote |= distribution_end(&d, out, wrote);
		if (!d.measure)
			err = distribution_begin(&d, measure, mechanism);
		if (!err)
			err = distribution_merge(&d, rows, unreadable);
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
	fputc('[', out);
	err = distributions_put(rows, out, unreadable);
	fputc(']', out);
	sqlite3_finalize(rows);
	return err;
}
