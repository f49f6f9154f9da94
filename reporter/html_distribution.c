// SPDX-License-Identifier: BSD-2-Clause
/*
 * One distribution as the page gets it: percentiles, and the counts of bins that are equally wide
 * on a logarithmic axis. The borders of the bins are the same for all distributions and stand in
 * the data once.
 */
#include "reporter/bins.h"
#include "reporter/html.h"

static void quantile_put(const struct hist *h, FILE *out, const char *name, double q)
{
	fprintf(out, ",\"%s\":%llu", name, (unsigned long long)hist_quantile(h, q));
}

void html_borders_put(FILE *out)
{
	for (unsigned i = 0; i <= IPCT_BINS; i++)
		fprintf(out, "%s%llu", i ? "," : "[", (unsigned long long)bins_low(i));
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
