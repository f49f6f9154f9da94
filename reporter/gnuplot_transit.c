// SPDX-License-Identifier: BSD-2-Clause
/*
 * The data files about transit times, all from the histograms in the `edges` view merged by
 * mechanism: cdf.tsv, percentiles.tsv and histogram.tsv. Each has a block of lines for each
 * mechanism, with two blank lines between, which gnuplot calls an index.
 */
#include "reporter/gnuplot.h"
#include "reporter/query.h"
#include "reporter/units.h"
#include "schemas/hist.h"
#include "schemas/say.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BINS_A_DECADE     10
#define BINS              (BINS_A_DECADE * 20) /* 2^64 ns is less than 10^20 */
#define MECHANISM_COLUMNS 24
#define SERIES_MAX        8 /* curves that one picture can tell apart */
#define LEFT_OUT_MAX      8 /* others that are named */

extern const char gnuplot_transit_sql[];

struct series {
	char *mechanism;
	struct hist hist; /* not empty */
};

struct transit {
	struct series *series;
	int count;
	int64_t exact, inferred, ambiguous; /* messages */
	int shown;                          /* the first of `series`; the others have fewer */
};

/* Where a bucket's lines go, and what came before it. */
struct writer {
	FILE *file;
	const struct series *series;
	uint64_t before;
	uint64_t bins[BINS];
};

static struct series *series_of(struct transit *transit, const char *mechanism)
{
	struct series *last = transit->count ? &transit->series[transit->count - 1] : NULL;
	struct series *grown;

	if (last && !strcmp(last->mechanism, mechanism))
		return last;
	grown = realloc(transit->series, (transit->count + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	transit->series = grown;
	last = &grown[transit->count];
	memset(last, 0, sizeof(*last));
	last->mechanism = strdup(mechanism);
	if (!last->mechanism)
		return NULL;
	transit->count++;
	return last;
}

/* An empty histogram would be a curve without a point. */
static int add_row(struct transit *transit, sqlite3_stmt *stmt)
{
	const char *mechanism = (const char *)sqlite3_column_text(stmt, 0);
	const void *blob = sqlite3_column_blob(stmt, 1);
	struct series *series;
	struct hist hist = {0};
	int err = hist_decode(&hist, blob, sqlite3_column_bytes(stmt, 1));

	if (!err && hist.count) {
		series = series_of(transit, mechanism ? mechanism : "?");
		err = series ? hist_merge(&series->hist, &hist) : -ENOMEM;
	}
	hist_clear(&hist);
	transit->exact += sqlite3_column_int64(stmt, 2);
	transit->inferred += sqlite3_column_int64(stmt, 3);
	transit->ambiguous += sqlite3_column_int64(stmt, 4);
	return err;
}

static int transit_read(struct transit *transit, const struct plots *plots)
{
	sqlite3_stmt *stmt = query_open(plots->db, gnuplot_transit_sql);
	int more = 0, err = 0;

	while (!err && (more = query_next(stmt)) > 0)
		err = add_row(transit, stmt);
	sqlite3_finalize(stmt);
	if (err)
		say_error("cannot read the trace's transit times: %s",
			  err == -EINVAL ? "a histogram is damaged" : strerror(-err));
	return err ? err : more;
}

static int by_messages(const void *a, const void *b)
{
	const struct series *one = a, *other = b;

	if (one->hist.count != other->hist.count)
		return one->hist.count < other->hist.count ? 1 : -1;
	return strcmp(one->mechanism, other->mechanism);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct series *)a)->mechanism, ((const struct series *)b)->mechanism);
}

/* Those with the most messages come first, in the order of their names. */
static void transit_choose(struct transit *transit)
{
	if (!transit->count)
		return;
	qsort(transit->series, (size_t)transit->count, sizeof(*transit->series), by_messages);
	transit->shown = transit->count < SERIES_MAX ? transit->count : SERIES_MAX;
	qsort(transit->series, (size_t)transit->shown, sizeof(*transit->series), by_name);
}

static void transit_free(struct transit *transit)
{
	for (int i = 0; i < transit->count; i++) {
		hist_clear(&transit->series[i].hist);
		free(transit->series[i].mechanism);
	}
	free(transit->series);
}

/* The largest value that the bucket can have held. */
static uint64_t bucket_last(const struct series *series, uint64_t high_ns)
{
	return high_ns - 1 < series->hist.max ? high_ns - 1 : series->hist.max;
}

static uint64_t bucket_middle(const struct series *series, uint64_t low_ns, uint64_t high_ns)
{
	uint64_t middle = low_ns + (high_ns - 1 - low_ns) / 2;

	return middle < series->hist.max ? middle : series->hist.max;
}

static void put_start(const struct writer *w)
{
	fprintf(w->file, "%llu\t", (unsigned long long)w->series->hist.count);
	plot_label(w->file, w->series->mechanism, MECHANISM_COLUMNS);
}

static void cdf_bucket(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg)
{
	struct writer *w = arg;

	if (!w->before) {
		put_start(w);
		fprintf(w->file, "\t%llu\t0\n", (unsigned long long)low_ns);
	}
	w->before += count;
	put_start(w);
	fprintf(w->file, "\t%llu\t%.9g\n", (unsigned long long)bucket_last(w->series, high_ns),
		(double)w->before / (double)w->series->hist.count);
}

static void cdf_put(struct writer *w)
{
	hist_each(&w->series->hist, cdf_bucket, w);
}

static void percentile_line(const struct writer *w, double tail, double quantile, uint64_t ns)
{
	put_start(w);
	fprintf(w->file, "\t%.9g\t%.9g\t%llu\n", tail, quantile, (unsigned long long)ns);
}

/* From the share that is faster on, the percentiles are in this bucket. */
static void percentile_bucket(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg)
{
	struct writer *w = arg;
	double n = (double)w->series->hist.count;

	percentile_line(w, n / (n - (double)w->before), (double)w->before / n,
			bucket_middle(w->series, low_ns, high_ns));
	w->before += count;
}

/* The slowest message is the last 1/n, there the axis ends. */
static void percentiles_put(struct writer *w)
{
	double n = (double)w->series->hist.count;

	hist_each(&w->series->hist, percentile_bucket, w);
	percentile_line(w, n, 1 - 1 / n, w->series->hist.max);
}

static void histogram_bucket(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg)
{
	struct writer *w = arg;
	uint64_t middle = bucket_middle(w->series, low_ns, high_ns);
	int bin = middle ? (int)floor(log10((double)middle) * BINS_A_DECADE) : 0;

	w->bins[bin < BINS ? bin : BINS - 1] += count;
}

/* All bins from the one before the first to the one after the last, so that outlines close. */
static void histogram_put(struct writer *w)
{
	int first = 0, last = BINS - 1;

	memset(w->bins, 0, sizeof(w->bins));
	hist_each(&w->series->hist, histogram_bucket, w);
	while (first < BINS - 1 && !w->bins[first])
		first++;
	while (last > first && !w->bins[last])
		last--;
	for (int i = first - 1; i <= last + 1; i++) {
		uint64_t count = i < first || i > last ? 0 : w->bins[i];

		put_start(w);
		fprintf(w->file, "\t%.6g\t%.6g\t%llu\t%.9g\n", pow(10, (double)i / BINS_A_DECADE),
			pow(10, (double)(i + 1) / BINS_A_DECADE), (unsigned long long)count,
			(double)count / (double)w->series->hist.count);
	}
}

static const struct transit_plot {
	const char *plot, *name, *what, *columns;
	void (*put)(struct writer *w);
} transit_plots[] = {
	{"cdf", "cdf.tsv",
	 "Transit time of messages, cumulative: `share` of them took at most transit_ns.",
	 "n\tmechanism\ttransit_ns\tshare", cdf_put},
	{"percentiles", "percentiles.tsv",
	 "Transit time of messages by percentile: from `quantile` on; `tail` is 1/(1-quantile).",
	 "n\tmechanism\ttail\tquantile\ttransit_ns", percentiles_put},
	{"histogram", "histogram.tsv",
	 "Transit time of messages: `count` of them from low_ns up to but not including high_ns.",
	 "n\tmechanism\tlow_ns\thigh_ns\tcount\tshare", histogram_put},
};

static int write_plot(const struct plots *plots, const struct transit *transit,
		      const struct transit_plot *plot, const char *caption, const char *left_out)
{
	FILE *file = plot_open_data(plots, plot->plot, plot->what, caption, left_out,
				    transit->shown, plot->columns);

	if (!file)
		return -EIO;
	for (int i = 0; i < transit->shown; i++) {
		struct writer w = {.file = file, .series = &transit->series[i]};

		if (i)
			fputs("\n\n", file);
		plot->put(&w);
	}
	return plot_close(plots, plot->name, file, 0);
}

static void transit_caption(char caption[IPCT_CAPTION_LEN], const struct transit *transit)
{
	char buf[4][IPCT_UNIT_LEN];
	uint64_t n = 0;

	for (int i = 0; i < transit->count; i++)
		n += transit->series[i].hist.count;
	snprintf(caption, IPCT_CAPTION_LEN,
		 "n = %s message%s with a known transit; pairing: %s exact, %s inferred, "
		 "%s ambiguous",
		 unit_count(buf[0], (int64_t)n), n == 1 ? "" : "s",
		 unit_count(buf[1], transit->exact), unit_count(buf[2], transit->inferred),
		 unit_count(buf[3], transit->ambiguous));
}

/* "not shown, with fewer messages: udp 101, signal 7": as many as a line has room for. */
static void transit_left_out(char left_out[IPCT_CAPTION_LEN], const struct transit *transit)
{
	FILE *out = fmemopen(left_out, IPCT_CAPTION_LEN - 1, "w");
	char buf[IPCT_UNIT_LEN];

	*left_out = 0;
	for (int i = transit->shown; out && i < transit->count; i++) {
		if (i - transit->shown >= LEFT_OUT_MAX) {
			fprintf(out, " and %d more", transit->count - i);
			break;
		}
		fputs(i == transit->shown ? "not shown, with fewer messages: " : ", ", out);
		plot_label(out, transit->series[i].mechanism, MECHANISM_COLUMNS);
		fprintf(out, " %s", unit_count(buf, (int64_t)transit->series[i].hist.count));
	}
	if (out)
		fclose(out);
}

int plot_transit(const struct plots *plots)
{
	struct transit transit = {0};
	char caption[IPCT_CAPTION_LEN], left_out[IPCT_CAPTION_LEN] = "";
	int err = transit_read(&transit, plots);

	if (err)
		goto out;
	transit_choose(&transit);
	transit_caption(caption, &transit);
	transit_left_out(left_out, &transit);
	for (size_t i = 0; i < sizeof(transit_plots) / sizeof(transit_plots[0]) && !err; i++)
		err = write_plot(plots, &transit, &transit_plots[i], caption, left_out);
out:
	transit_free(&transit);
	return err;
}
