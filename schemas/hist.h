/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A histogram of durations in nanoseconds: exact below 256 ns, from there on 128 buckets for
 * each power of two, so that a percentile is off by at most 0.4 % (half a bucket). Kept small
 * in memory (a list of the buckets in use, or if these are many, the octaves in use) and in the
 * trace file (hist_encode).
 */
#ifndef IPCT_HIST_H
#define IPCT_HIST_H

#include <stddef.h>
#include <stdint.h>

#define IPCT_HIST_SUB     128
#define IPCT_HIST_OCTAVES 57 /* 2^7 .. 2^63, besides 0..127 */

struct hist_bucket {
	uint16_t number;
	uint32_t count;
};

struct hist {
	uint64_t count;
	uint64_t sum; /* stays at UINT64_MAX once it is there */
	uint64_t max;
	struct hist_bucket *list; /* sorted by number; while there are few */
	uint64_t **octave;        /* else: each NULL, or IPCT_HIST_SUB counts */
	uint16_t used, room;      /* of `list` */
};

/* A zeroed struct hist is empty and ready. 0 or -ENOMEM. */
int hist_add(struct hist *h, uint64_t value_ns);

/*
 * Add all of `from` to `to`. 0, -ENOMEM, or -EOVERFLOW if there are more than UINT64_MAX values
 * together (which only a forged file can bring about); `to` is as before then.
 */
int hist_merge(struct hist *to, const struct hist *from);

/*
 * The smallest value that at least the share `q` (0..1) of the values does not exceed, as the
 * middle of its bucket and never above the maximum; the maximum itself is exact. 0 if the
 * histogram is empty.
 */
uint64_t hist_quantile(const struct hist *h, double q);

/*
 * Call `fn` for each bucket in use, from small to large: values from `low_ns` up to but not
 * including `high_ns`, `count` of them. The topmost bucket alone includes its `high_ns`, which
 * is UINT64_MAX.
 */
void hist_each(const struct hist *h,
	       void (*fn)(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg), void *arg);

/*
 * The histogram as bytes for the file: a version byte (1), then LEB128 numbers: count, sum, max,
 * and for each bucket in use the distance from the one before (from bucket 0 for the first) and
 * its count. Bucket i < 128 holds the value i; from there on bucket 128 * k + s holds the 2^(k-1)
 * values from (128 + s) * 2^(k-1). Caller frees *out. Returns the length, or -ENOMEM.
 */
long hist_encode(const struct hist *h, unsigned char **out);

/*
 * Read what hist_encode wrote into the empty `h`. 0, -EINVAL for anything else (also where count,
 * sum or max contradict the buckets), or -ENOMEM. After an error `h` is empty.
 */
int hist_decode(struct hist *h, const void *data, size_t len);

/* Free what `h` holds; it is empty afterwards. */
void hist_clear(struct hist *h);

#endif
