// SPDX-License-Identifier: BSD-2-Clause
/*
 * The histogram: values in, percentiles and the file's bytes out, and back from those.
 *
 * Buckets are numbered through: bucket / IPCT_HIST_SUB is the octave, the rest the place in it.
 * Most histograms are of edges that live shortly, with a few values each: these are a sorted list
 * of the buckets in use. One that fills its list becomes a table of octaves.
 * Decoding takes bytes from a file that anyone may have written, so it checks that every number
 * fits the others; what it lets through keeps the invariants that hist_add keeps.
 */
#include "hist.h"

#include <errno.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HIST_VERSION   1
#define HIST_BUCKETS   (IPCT_HIST_SUB * (IPCT_HIST_OCTAVES + 1))
#define SUB_BITS       7
#define VARINT_MAX_LEN 10  /* 64 bits, 7 a byte */
#define LIST_MIN       3   /* what malloc gives in any case */
#define LIST_MAX       512 /* as many bytes as four octaves */

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

/* A bucket in use, on a walk from small to large; zeroed is before the first one. */
struct cursor {
	unsigned bucket;
	uint64_t count;
	unsigned next; /* place in the list, or bucket, to go on from */
};

static bool list_next(const struct hist *h, struct cursor *c)
{
	if (c->next >= h->used)
		return false;
	c->bucket = h->list[c->next].number;
	c->count = h->list[c->next].count;
	c->next++;
	return true;
}

static bool cursor_next(const struct hist *h, struct cursor *c)
{
	if (!h->octave)
		return list_next(h, c);
	while (c->next < HIST_BUCKETS) {
		const uint64_t *octave = h->octave[c->next / IPCT_HIST_SUB];

		c->bucket = c->next;
		c->count = octave ? octave[c->next % IPCT_HIST_SUB] : 0;
		c->next += octave ? 1 : IPCT_HIST_SUB;
		if (c->count)
			return true;
	}
	return false;
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

static void octaves_free(uint64_t **octave)
{
	for (unsigned i = 0; octave && i <= IPCT_HIST_OCTAVES; i++)
		free(octave[i]);
	free(octave);
}

/* From a list to octaves. 0, or -ENOMEM, when nothing has changed. */
static int octaves_begin(struct hist *h)
{
	struct hist many = {.octave = calloc(IPCT_HIST_OCTAVES + 1, sizeof(*h->octave))};
	int err = many.octave ? 0 : -ENOMEM;

	for (unsigned i = 0; i < h->used && !err; i++) {
		unsigned bucket = h->list[i].number;

		err = octave_need(&many, bucket / IPCT_HIST_SUB);
		if (!err)
			many.octave[bucket / IPCT_HIST_SUB][bucket % IPCT_HIST_SUB] =
				h->list[i].count;
	}
	if (err) {
		octaves_free(many.octave);
		return err;
	}
	free(h->list);
	h->list = NULL;
	h->used = h->room = 0;
	h->octave = many.octave;
	return 0;
}

static int list_grow(struct hist *h, unsigned room)
{
	struct hist_bucket *list;

	if (room <= h->room)
		return 0;
	list = realloc(h->list, room * sizeof(*list));
	if (!list)
		return -ENOMEM;
	h->list = list;
	h->room = room;
	return 0;
}

/* The place in the list of the first bucket that is not before `bucket`. */
static unsigned list_place(const struct hist *h, unsigned bucket)
{
	unsigned low = 0, high = h->used;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (h->list[mid].number < bucket)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* 0, -ENOMEM, or -ENOSPC if it is too much for a list. */
static int list_add(struct hist *h, unsigned bucket, uint64_t count)
{
	unsigned at = list_place(h, bucket);
	bool there = at < h->used && h->list[at].number == bucket;

	if (count > UINT32_MAX - (there ? h->list[at].count : 0))
		return -ENOSPC;
	if (there) {
		h->list[at].count += count;
		return 0;
	}
	if (h->used == LIST_MAX)
		return -ENOSPC;
	if (h->used == h->room && list_grow(h, h->room ? 2 * h->room : LIST_MIN))
		return -ENOMEM;
	memmove(&h->list[at + 1], &h->list[at], (h->used - at) * sizeof(*h->list));
	h->list[at] = (struct hist_bucket){.number = bucket, .count = count};
	h->used++;
	return 0;
}

/* 0, or -ENOMEM, when nothing has changed. */
static int bucket_add(struct hist *h, unsigned bucket, uint64_t count)
{
	int err = h->octave ? -ENOSPC : list_add(h, bucket, count);

	if (err != -ENOSPC)
		return err;
	err = h->octave ? 0 : octaves_begin(h);
	if (!err)
		err = octave_need(h, bucket / IPCT_HIST_SUB);
	if (!err)
		h->octave[bucket / IPCT_HIST_SUB][bucket % IPCT_HIST_SUB] += count;
	return err;
}

int hist_add(struct hist *h, uint64_t value_ns)
{
	int err = bucket_add(h, bucket_of(value_ns), 1);

	if (err)
		return err;
	h->count++;
	h->sum = add_saturated(h->sum, value_ns);
	if (value_ns > h->max)
		h->max = value_ns;
	return 0;
}

/* Memory for all of `from` in `to`: without counts it does no harm, half a merge would. */
static int merge_room(struct hist *to, const struct hist *from)
{
	int err = 0;

	if (!to->octave && !from->octave && to->used + from->used <= LIST_MAX &&
	    to->count + from->count <= UINT32_MAX)
		return list_grow(to, to->used + from->used);
	if (!to->octave)
		err = octaves_begin(to);
	for (struct cursor c = {0}; !err && cursor_next(from, &c);)
		err = octave_need(to, c.bucket / IPCT_HIST_SUB);
	return err;
}

int hist_merge(struct hist *to, const struct hist *from)
{
	uint64_t count;

	if (__builtin_add_overflow(to->count, from->count, &count))
		return -EOVERFLOW;
	if (merge_room(to, from))
		return -ENOMEM;
	for (struct cursor c = {0}; cursor_next(from, &c);)
		bucket_add(to, c.bucket, c.count);
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
	struct cursor c = {0};

	if (!h->count)
		return 0;
	rank = rank_of(h->count, q);
	if (rank == h->count)
		return h->max;
	while (cursor_next(h, &c) && (below += c.count) < rank)
		;
	middle = bucket_low(c.bucket) + (bucket_last(c.bucket) - bucket_low(c.bucket)) / 2;
	return middle < h->max ? middle : h->max;
}

void hist_each(const struct hist *h,
	       void (*fn)(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg), void *arg)
{
	for (struct cursor c = {0}; cursor_next(h, &c);)
		fn(bucket_low(c.bucket), add_saturated(bucket_last(c.bucket), 1), c.count, arg);
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

	for (struct cursor c = {0}; cursor_next(h, &c);)
		used++;
	/* A distance needs two bytes at most, being less than 2^14. */
	*out = at = malloc(1 + 3 * VARINT_MAX_LEN + used * (2 + VARINT_MAX_LEN));
	if (!at)
		return -ENOMEM;

	*at++ = HIST_VERSION;
	at = varint_put(at, h->count);
	at = varint_put(at, h->sum);
	at = varint_put(at, h->max);
	for (struct cursor c = {0}; cursor_next(h, &c);) {
		at = varint_put(at, c.bucket - before);
		at = varint_put(at, c.count);
		before = c.bucket;
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

	if (varint_get(r, &distance) || varint_get(r, &count))
		return -EINVAL;
	if (!count || __builtin_add_overflow(t->count, count, &t->count))
		return -EINVAL;
	if (distance >= HIST_BUCKETS - t->bucket || (!distance && t->count != count))
		return -EINVAL;
	t->bucket += distance;
	t->sum_min += (unsigned __int128)bucket_low(t->bucket) * count;
	t->sum_max += (unsigned __int128)bucket_last(t->bucket) * count;
	return bucket_add(h, t->bucket, count);
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
	free(h->list);
	octaves_free(h->octave);
	*h = (struct hist){0};
}
