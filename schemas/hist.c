// SPDX-License-Identifier: BSD-2-Clause
/*
 * The histogram: values in, percentiles and the file's bytes out, and back from those.
 *
 * Buckets are numbered through: bucket / IPCT_HIST_SUB is the octave, the rest the place in it.
 * Decoding takes bytes from a file that anyone may have written, so it checks that every number
 * fits the others; what it lets through keeps the invariants that hist_add keeps.
 */
#include "hist.h"

#include <errno.h>
#include <float.h>
#include <stdlib.h>

#define HIST_VERSION   1
#define HIST_BUCKETS   (IPCT_HIST_SUB * (IPCT_HIST_OCTAVES + 1))
#define SUB_BITS       7
#define VARINT_MAX_LEN 10 /* 64 bits, 7 a byte */

_Static_assert(IPCT_HIST_SUB == 1 << SUB_BITS, "an octave is split by its top bits");

static unsigned bucket_of(uint64_t value)
{
	if (value < IPCT_HIST_SUB)
		return value;
	unsigned shift = 63 - SUB_BITS - __builtin_clzll(value);

	return IPCT_HIST_SUB * shift + (value >> shift);
}

/* log2 of the number of values that share the bucket. */
static unsigned bucket_shift(unsigned bucket)
{
	unsigned octave = bucket / IPCT_HIST_SUB;

	return octave ? octave - 1 : 0;
}

static uint64_t bucket_low(unsigned bucket)
{
	unsigned shift = bucket_shift(bucket);

	return (uint64_t)(bucket - IPCT_HIST_SUB * shift) << shift;
}

/* The largest value in the bucket. */
static uint64_t bucket_last(unsigned bucket)
{
	return bucket_low(bucket) + ((UINT64_C(1) << bucket_shift(bucket)) - 1);
}

static uint64_t bucket_count(const struct hist *h, unsigned bucket)
{
	const uint64_t *octave = h->octave[bucket / IPCT_HIST_SUB];

	return octave ? octave[bucket % IPCT_HIST_SUB] : 0;
}

/* The next bucket in use from `bucket` on, or HIST_BUCKETS. */
static unsigned bucket_next(const struct hist *h, unsigned bucket)
{
	while (bucket < HIST_BUCKETS && !bucket_count(h, bucket))
		bucket += h->octave[bucket / IPCT_HIST_SUB]
				  ? 1
				  : IPCT_HIST_SUB - bucket % IPCT_HIST_SUB;
	return bucket;
}

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static int octave_need(struct hist *h, unsigned octave)
{
	if (!h->octave[octave])
		h->octave[octave] = calloc(IPCT_HIST_SUB, sizeof(*h->octave[octave]));
	return h->octave[octave] ? 0 : -ENOMEM;
}

int hist_add(struct hist *h, uint64_t value_ns)
{
	unsigned bucket = bucket_of(value_ns);
	int err = octave_need(h, bucket / IPCT_HIST_SUB);

	if (err)
		return err;
	h->octave[bucket / IPCT_HIST_SUB][bucket % IPCT_HIST_SUB]++;
	h->count++;
	h->sum = add_saturated(h->sum, value_ns);
	if (value_ns > h->max)
		h->max = value_ns;
	return 0;
}

int hist_merge(struct hist *to, const struct hist *from)
{
	uint64_t count;

	if (__builtin_add_overflow(to->count, from->count, &count))
		return -EOVERFLOW;
	/* All memory first: an octave without counts does no harm, half a merge would. */
	for (unsigned i = 0; i <= IPCT_HIST_OCTAVES; i++)
		if (from->octave[i] && octave_need(to, i))
			return -ENOMEM;

	for (unsigned i = 0; i <= IPCT_HIST_OCTAVES; i++)
		for (unsigned j = 0; from->octave[i] && j < IPCT_HIST_SUB; j++)
			to->octave[i][j] += from->octave[i][j];
	to->count = count;
	to->sum = add_saturated(to->sum, from->sum);
	if (from->max > to->max)
		to->max = from->max;
	return 0;
}

/* How many of the smallest values make up the share `q`: 1 .. count. */
static uint64_t rank_of(uint64_t count, double q)
{
	double exact = q * (double)count;
	uint64_t rank;

	if (!(exact > 1))
		return 1;
	if (exact >= (double)count)
		return count;
	/* Round up, but not because 0.07 * 100 is a little more than 7 in a double. */
	rank = (uint64_t)exact;
	rank += exact - (double)rank > exact * 4 * DBL_EPSILON;
	return rank < count ? rank : count;
}

uint64_t hist_quantile(const struct hist *h, double q)
{
	uint64_t rank, below = 0, middle;
	unsigned bucket;

	if (!h->count)
		return 0;
	rank = rank_of(h->count, q);
	if (rank == h->count)
		return h->max;
	bucket = bucket_next(h, 0);
	while ((below += bucket_count(h, bucket)) < rank)
		bucket = bucket_next(h, bucket + 1);
	middle = bucket_low(bucket) + (bucket_last(bucket) - bucket_low(bucket)) / 2;
	return middle < h->max ? middle : h->max;
}

void hist_each(const struct hist *h,
	       void (*fn)(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg), void *arg)
{
	for (unsigned i = bucket_next(h, 0); i < HIST_BUCKETS; i = bucket_next(h, i + 1))
		fn(bucket_low(i), add_saturated(bucket_last(i), 1), bucket_count(h, i), arg);
}

static unsigned char *varint_put(unsigned char *out, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		*out++ = (unsigned char)(n | 0x80);
	*out++ = (unsigned char)n;
	return out;
}

long hist_encode(const struct hist *h, unsigned char **out)
{
	unsigned used = 0, before = 0;
	unsigned char *at;

	for (unsigned i = bucket_next(h, 0); i < HIST_BUCKETS; i = bucket_next(h, i + 1))
		used++;
	/* A distance needs two bytes at most, being less than 2^14. */
	*out = at = malloc(1 + 3 * VARINT_MAX_LEN + used * (2 + VARINT_MAX_LEN));
	if (!at)
		return -ENOMEM;

	*at++ = HIST_VERSION;
	at = varint_put(at, h->count);
	at = varint_put(at, h->sum);
	at = varint_put(at, h->max);
	for (unsigned i = bucket_next(h, 0); i < HIST_BUCKETS; i = bucket_next(h, i + 1)) {
		at = varint_put(at, i - before);
		at = varint_put(at, bucket_count(h, i));
		before = i;
	}
	return at - *out;
}

/* What is left of the bytes to decode. */
struct reader {
	const unsigned char *at, *end;
};

/* One number in its shortest form; -EINVAL if it is cut, longer or above 64 bits. */
static int varint_get(struct reader *r, uint64_t *out)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64 && r->at < r->end; shift += 7) {
		unsigned char byte = *r->at++;

		if (shift == 63 && byte > 1)
			return -EINVAL;
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		*out = n;
		return shift && !byte ? -EINVAL : 0;
	}
	return -EINVAL;
}

/* What the buckets say about the totals that stand before them. */
struct totals {
	uint64_t count;
	unsigned __int128 sum_min, sum_max; /* cannot overflow: fewer than 2^64 values */
	unsigned bucket;                    /* the last one read */
};

static int bucket_get(struct hist *h, struct reader *r, struct totals *t)
{
	uint64_t distance, count;
	int err;

	if (varint_get(r, &distance) || varint_get(r, &count))
		return -EINVAL;
	if (!count || __builtin_add_overflow(t->count, count, &t->count))
		return -EINVAL;
	if (distance >= HIST_BUCKETS - t->bucket || (!distance && t->count != count))
		return -EINVAL;
	t->bucket += distance;
	t->sum_min += (unsigned __int128)bucket_low(t->bucket) * count;
	t->sum_max += (unsigned __int128)bucket_last(t->bucket) * count;
	err = octave_need(h, t->bucket / IPCT_HIST_SUB);
	if (!err)
		h->octave[t->bucket / IPCT_HIST_SUB][t->bucket % IPCT_HIST_SUB] = count;
	return err;
}

static int totals_check(const struct hist *h, const struct totals *t)
{
	if (h->count != t->count)
		return -EINVAL;
	if (!h->count)
		return h->sum || h->max ? -EINVAL : 0;
	if (bucket_of(h->max) != t->bucket)
		return -EINVAL;
	/* A sum at UINT64_MAX may stand for more. */
	if (h->sum > t->sum_max || (h->sum < t->sum_min && h->sum != UINT64_MAX))
		return -EINVAL;
	return 0;
}

int hist_decode(struct hist *h, const void *data, size_t len)
{
	struct reader r = {data, len ? (const unsigned char *)data + len : data};
	struct totals t = {0};
	int err = -EINVAL;

	if (r.at == r.end || *r.at++ != HIST_VERSION)
		goto out;
	if (varint_get(&r, &h->count) || varint_get(&r, &h->sum) || varint_get(&r, &h->max))
		goto out;
	for (err = 0; !err && r.at < r.end;)
		err = bucket_get(h, &r, &t);
	if (!err)
		err = totals_check(h, &t);
out:
	if (err)
		hist_clear(h);
	return err;
}

void hist_clear(struct hist *h)
{
	for (unsigned i = 0; i <= IPCT_HIST_OCTAVES; i++)
		free(h->octave[i]);
	*h = (struct hist){0};
}
