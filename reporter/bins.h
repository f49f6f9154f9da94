/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A histogram in coarser steps, for charts: bin 0 holds the value 0, and from there on eight bins
 * of equal width on a logarithmic axis hold each power of two. Their borders are borders of the
 * histogram's own buckets.
 */
#ifndef IPCT_BINS_H
#define IPCT_BINS_H

#include "schemas/hist.h"

#include <stdio.h>

#define IPCT_BINS_PER_OCTAVE 8
#define IPCT_BINS            (1 + 64 * IPCT_BINS_PER_OCTAVE)

/*
 * Write the bins of `h` that are in use, each as its distance from the one before, from bin 0 for
 * the first, and its count, with commas between all.
 */
void bins_put(const struct hist *h, FILE *out);

/* The least value in bin `bin`; the bin is empty by nature if the next one's is the same. */
uint64_t bins_low(unsigned bin);

#endif
