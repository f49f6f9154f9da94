// SPDX-License-Identifier: BSD-2-Clause
#include "reporter/bins.h"

/* 2^(k/8) in steps of 1/128. */
static const uint64_t borders[IPCT_BINS_PER_OCTAVE] = {128, 140, 152, 166, 181, 197, 215, 235};

static unsigned bin_of(uint64_t value)
{
	unsigned octave, k = IPCT_BINS_PER_OCTAVE - 1;
	uint64_t step;

	if (!value)
		return 0;
	octave = 63 - __builtin_clzll(value);
	step = octave >= 7 ? value >> (octave - 7) : value << (7 - octave);
	while (borders[k] > step)
		k--;
	return 1 + octave * IPCT_BINS_PER_OCTAVE + k;
}

uint64_t bins_low(unsigned bin)
{
	unsigned octave;
	uint64_t border;

	if (!bin)
		return 0;
	octave = (bin - 1) / IPCT_BINS_PER_OCTAVE;
	border = borders[(bin - 1) % IPCT_BINS_PER_OCTAVE];
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

void bins_put(const struct hist *h, FILE *out)
{
	uint64_t bins[IPCT_BINS] = {0};
	unsigned before = 0;
	const char *comma = "";

	hist_each(h, bin_add, bins);
	for (unsigned i = 0; i < IPCT_BINS; i++) {
		if (!bins[i])
			continue;
		fprintf(out, "%s%u,%llu", comma, i - before, (unsigned long long)bins[i]);
		before = i;
		comma = ",";
	}
}
