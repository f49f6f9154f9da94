/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A histogram in coarser steps, for charts: bin 0 holds the value 0, and from there on eight bins
 * of equal width on a logarithmic axis hold each power of two. Their borders are borders of the
 * histogram's own buckets.
 */
#ifndef IPCT_BINS_H
#define IPCT_BINS_H

#include "schemas/hist.h"

#define IPCT_BINS_PER_OCTAVE 8
#define IPCT_BINS            (1 + 64 * IPCT_BINS_PER_OCTAVE)

struct bins {
	uint64_t count[IPCT_BINS];
	unsigned first, last; /* the outermost ones in use; both 0 if none is */
};

/* The values of `h`, all of them. */
void bins_fill(struct bins *bins, const struct hist *h);

/* The least value in bin `bin`; the bin is empty by nature if the next one's is the same. */
uint64_t bins_low(unsigned bin);

#endif
