// SPDX-License-Identifier: BSD-2-Clause
/*
 * The data files that need single messages: sizes.tsv, percentiles of the transit for each
 * mechanism and class of sizes, and heat.tsv, how many messages took how long when. There can be
 * millions of messages: they are read once, for both, and counted as they come.
 */
#include "reporter/gnuplot.h"
#include "reporter/heat.h"
#include "reporter/query.h"
#include "reporter/units.h"
#include "schemas/hist.h"
#include "schemas/say.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES           63 /* powers of two */
#define MECHANISM_COLUMNS 24
#define SERIES_MAX        8 /* that one picture can tell apart */

extern const char heat_messages_sql[];

/* Messages of sizes from a power of two up to but not including the next. */
struct class
{
	struct hist transit;
	double bytes; /* of all of them */
};

struct series {
	char *mechanism;
	int64_t messages;
	struct class classes[CLASSES];
};

struct counts {
	struct series *series;
	int count, last; /* `last`: the series of the message before */
	struct heat_span span;
	struct heat heat;
};

static struct series *series_of(struct counts *counts, const char *mechanism)
{
	struct series *grown;

	for (int i = 0; i < counts->count; i++) {
		int at = (counts->last + i) % counts->count;

		if (!strcmp(counts->series[at].mechanism, mechanism)) {
			counts->last = at;
			return &counts->series[at];
		}
	}
	grown = realloc(counts->series, (size_t)(counts->count + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	counts->series = grown;
	grown += counts->count;
	memset(grown, 0, sizeof(*grown));
	grown->mechanism = strdup(mechanism);
	counts->last = counts->count;
	if (grown->mechanism)
		counts->count++;
	return grown->mechanism ? grown : NULL;
}

/* What has no bytes, such as a wake-up, has no size. */
static int size_add(struct counts *counts, const char *mechanism, int64_t bytes, int64_t transit)
{
	struct series *series = bytes > 0 ? series_of(counts, mechanism) : NULL;
	struct class *class;

	if (!series)
		return bytes > 0 ? -ENOMEM : 0;
	class = &series->classes[63 - __builtin_clzll((uint64_t)bytes)];
	class->bytes += (double)bytes;
	series->messages++;
	/* An ambiguous pairing can have received before it sent. */
	return hist_add(&class->transit, transit > 0 ? (uint64_t)transit : 0);
}

static int counts_read(const struct plots *plots, struct counts *counts)
{
	sqlite3_stmt *stmt = query_open(plots->db, heat_messages_sql);
	int more = 0, err = heat_span_read(plots->db, &counts->span);

	query_bind(stmt, ":every", 1);
	while (!err && (more = query_next(stmt)) > 0) {
		const char *mechanism = (const char *)sqlite3_column_text(stmt, 0);
		int64_t transit = sqlite3_column_int64(stmt, 3);

		heat_add(&counts->heat, &counts->span, sqlite3_column_int64(stmt, 2), transit);
		err = size_add(counts, mechanism ? mechanism : "?", sqlite3_column_int64(stmt, 1),
			       transit);
	}
	sqlite3_finalize(stmt);
	if (err == -ENOMEM)
		say_error("cannot read the trace's messages: out of memory");
	return err ? err : more < 0 ? -EIO : 0;
}

static void counts_free(struct counts *counts)
{
	for (int i = 0; counts && i < counts->count; i++) {
		for (int k = 0; k < CLASSES; k++)
			hist_clear(&counts->series[i].classes[k].transit);
		free(counts->series[i].mechanism);
	}
	if (counts)
		free(counts->series);
	free(counts);
}

/* Those with the most messages first, and of the shown ones by name, as in the other plots. */
static int by_messages(const void *a, const void *b)
{
	const struct series *one = a, *other = b;

	if (one->messages != other->messages)
		return one->messages < other->messages ? 1 : -1;
	return strcmp(one->mechanism, other->mechanism);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct series *)a)->mechanism, ((const struct series *)b)->mechanism);
}

static int series_choose(struct counts *counts)
{
	int shown = counts->count < SERIES_MAX ? counts->count : SERIES_MAX;

	if (shown) {
		qsort(counts->series, (size_t)counts->count, sizeof(*counts->series), by_messages);
		qsort(counts->series, (size_t)shown, sizeof(*counts->series), by_name);
	}
	return shown;
}

static void series_put(FILE *file, const struct series *series)
{
	for (int k = 0; k < CLASSES; k++) {
		const struct class *class = &series->classes[k];
		const struct hist *h = &class->transit;

		if (!h->count)
			continue;
		fprintf(file, "%lld\t", (long long)series->messages);
		plot_label(file, series->mechanism, MECHANISM_COLUMNS);
		fprintf(file, "\t%llu\t%.6g\t%llu", 1ull << k, class->bytes / (double)h->count,
			(unsigned long long)h->count);
		fprintf(file, "\t%llu\t%llu\t%llu\t%llu\n",
			(unsigned long long)hist_quantile(h, 0.5),
			(unsigned long long)hist_quantile(h, 0.9),
			(unsigned long long)hist_quantile(h, 0.99), (unsigned long long)h->max);
	}
}

static int sizes_write(const struct plots *plots, struct counts *counts)
{
	int shown = series_choose(counts);
	char caption[IPCT_CAPTION_LEN], left_out[128] = "", buf[IPCT_UNIT_LEN];
	char note[IPCT_CAPTION_LEN];
	int64_t messages = 0;
	FILE *file;

	for (int i = 0; i < counts->count; i++)
		messages += counts->series[i].messages;
	snprintf(caption, sizeof(caption), "n = %s message%s with bytes and a known transit",
		 unit_count(buf, messages), messages == 1 ? "" : "s");
	if (shown < counts->count)
		snprintf(left_out, sizeof(left_out),
			 "; not shown: %d mechanism%s with fewer messages", counts->count - shown,
			 counts->count - shown == 1 ? "" : "s");
	snprintf(note, sizeof(note),
		 "bold: p50, thin: p90, dashed: p99, for each power of two at its mean size%s",
		 left_out);
	file = plot_open_data(plots, "sizes", "Percentiles of the transit by size of the message.",
			      caption, shown ? note : "", shown,
			      "n\tmechanism\tfrom_bytes\tmean_bytes\tmessages\tp50_ns\tp90_ns\t"
			      "p99_ns\tmax_ns");
	if (!file)
		return -EIO;
	for (int i = 0; i < shown; i++) {
		fputs(i ? "\n\n" : "", file);
		series_put(file, &counts->series[i]);
	}
	return plot_close(plots, "sizes.tsv", file, 0);
}

/* Returns how many cells there are. */
static int cells_put(FILE *file, const struct counts *counts)
{
	double from = (double)counts->span.first_ns, width = heat_column_ns(&counts->span);
	int cells = 0;

	for (int t = 0; t < IPCT_HEAT_COLUMNS; t++)
		for (int k = 0; k < IPCT_HEAT_ROWS; k++) {
			if (!counts->heat.cells[t][k])
				continue;
			cells++;
			if (!file)
				continue;
			fprintf(file, "%.0f\t%.0f\t%.6g\t%.6g\t%lld\n", from + t * width,
				from + (t + 1) * width, pow(10, (double)k / IPCT_HEAT_ROWS_DECADE),
				pow(10, (double)(k + 1) / IPCT_HEAT_ROWS_DECADE),
				(long long)counts->heat.cells[t][k]);
		}
	return cells;
}

static int heat_write(const struct plots *plots, const struct counts *counts)
{
	char caption[IPCT_CAPTION_LEN], buf[2][IPCT_UNIT_LEN];
	FILE *file;

	snprintf(caption, sizeof(caption),
		 "n = %s message%s and wake-ups with a known transit, by when they were sent; a "
		 "column is %s",
		 unit_count(buf[0], counts->heat.messages), counts->heat.messages == 1 ? "" : "s",
		 unit_ns(buf[1], (int64_t)heat_column_ns(&counts->span)));
	file = plot_open_data(plots, "heat",
			      "Messages by when they were sent and how long they took.", caption,
			      "", cells_put(NULL, counts),
			      "from_ns\tto_ns\tlow_transit_ns\thigh_transit_ns\tmessages");
	if (!file)
		return -EIO;
	cells_put(file, counts);
	return plot_close(plots, "heat.tsv", file, 0);
}

int plot_messages(const struct plots *plots)
{
	struct counts *counts = calloc(1, sizeof(*counts));
	int err = counts ? counts_read(plots, counts) : -ENOMEM;

	if (!err)
		err = sizes_write(plots, counts);
	if (!err)
		err = heat_write(plots, counts);
	counts_free(counts);
	return err;
}
