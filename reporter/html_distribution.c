// SPDX-License-Identifier: BSD-2-Clause
/*
 * One distribution as the page gets it: percentiles, and the counts of bins that are equally wide
 * on a logarithmic axis. The borders of the bins are the same for all distributions and stand in
 * the data once.
 */
#include "reporter/html.h"

#define BINS_PER_OCTAVE 8
#define BINS            (1 + 64 * BINS_PER_OCTAVE) /* bin 0 holds the value 0 */

/* 2^(k/8) in steps of 1/128: the bins' borders are borders of the histogram's own buckets. */
static const uint64_t borders[BINS_PER_OCTAVE] = {128, 140, 152, 166, 181, 197, 215, 235};

static unsigned bin_of(uint64_t value)
{
	unsigned octave, k = BINS_PER_OCTAVE - 1;
	uint64_t step;

	if (!value)
		return 0;
	octave = 63 - __builtin_clzll(value);
	step = octave >= 7 ? value >> (octave - 7) : value << (7 - octave);
	while (borders[k] > step)
		k--;
	return 1 + octave * BINS_PER_OCTAVE + k;
}

/* The least value in bin `bin`; the bin is empty by nature if the next one's is the same. */
static uint64_t bin_low(unsigned bin)
{
	unsigned octave;
	uint64_t border;

	if (!bin)
		return 0;
	octave = (bin - 1) / BINS_PER_OCTAVE;
	border = borders[(bin - 1) % BINS_PER_OCTAVE];
	if (octave > 63)
		return UINT64_MAX;
	if (octave >= 7)
		return border << (octave - 7);
	return (border + (1u << (7 - octave)) - 1) >> (7 - octave);
}

static void bin_add(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg)
{
	uint64_t *bins = arg;

	bins[bin_of(low_ns)] += count;
}

/* For each bin in use its distance from the one before, from bin 0 for the first, and its count. */
static void bins_put(const struct hist *h, FILE *out)
{
	uint64_t bins[BINS] = {0};
	unsigned before = 0;
	const char *comma = "";

	hist_each(h, bin_add, bins);
	for (unsigned i = 0; i < BINS; i++) {
		if (!bins[i])
			continue;
		fprintf(out, "%s%u,%llu", comma, i - before, (unsigned long long)bins[i]);
		before = i;
		comma = ",";
	}
}

static void quantile_put(const struct hist *h, FILE *out, const char *name, double q)
{
	fprintf(out, ",\"%s\":%llu", name, (unsigned long long)hist_quantile(h, q));
}

void html_borders_put(FILE *out)
{
	for (unsigned i = 0; i <= BINS; i++)
		fprintf(out, "%s%llu", i ? "," : "[", (unsigned long long)bin_low(i));
	fputc(']', out);
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
	fputc(']', out);
}
