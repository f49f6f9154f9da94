// SPDX-License-Identifier: BSD-2-Clause
/*
 * schemas/hist.c: percentiles against exact ones, the limits of the value range, merging, and the
 * file's bytes forth and back, also when somebody else wrote them.
 */
#include "schemas/hist.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VALUES 20011

/* splitmix64: the same numbers everywhere. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t draw_uniform(uint64_t *state)
{
	return random_next(state) % 1000000;
}

static uint64_t draw_small(uint64_t *state)
{
	return random_next(state) % 300;
}

/* As many values in each octave as in any other. */
static uint64_t draw_log_uniform(uint64_t *state)
{
	unsigned shift = random_next(state) % 64;

	return random_next(state) >> shift;
}

/* Two narrow humps far apart, as of calls that block and calls that do not. */
static uint64_t draw_two_humps(uint64_t *state)
{
	uint64_t base = random_next(state) % 10 ? 400 : 50000000;

	return base + random_next(state) % (base / 8);
}

static uint64_t draw_constant(uint64_t *state)
{
	return 1234567;
}

/* A long tail: the product of uniform shares. */
static uint64_t draw_tail(uint64_t *state)
{
	uint64_t value = 1000;

	while (random_next(state) % 3)
		value += value * (random_next(state) % 1000) / 1000;
	return value;
}

static uint64_t (*const draws[])(uint64_t *) = {draw_uniform,   draw_small,    draw_log_uniform,
						draw_two_humps, draw_constant, draw_tail};
#define DRAWS (sizeof(draws) / sizeof(draws[0]))

static int value_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void hist_fill(struct hist *h, uint64_t (*draw)(uint64_t *), uint64_t seed, uint64_t *values)
{
	for (size_t i = 0; i < VALUES; i++) {
		values[i] = draw(&seed);
		assert_int_equal(hist_add(h, values[i]), 0);
	}
	qsort(values, VALUES, sizeof(*values), value_compare);
}

static void test_percentiles(void **state)
{
	/* In thousandths, so that the exact rank needs no floating point. */
	static const unsigned shares[] = {0, 1, 10, 250, 500, 900, 990, 999, 1000};
	static uint64_t values[VALUES];

	for (size_t d = 0; d < DRAWS; d++) {
		struct hist h = {0};

		hist_fill(&h, draws[d], 42 + d, values);
		for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
			size_t rank = (shares[i] * (size_t)VALUES + 999) / 1000;
			uint64_t exact = values[rank ? rank - 1 : 0];
			uint64_t got = hist_quantile(&h, shares[i] / 1000.0);
			uint64_t off = got > exact ? got - exact : exact - got;

			if (off > exact / 256 + (exact > 255))
				fail_msg("draw %zu, share %u: %lu instead of %lu", d, shares[i],
					 got, exact);
		}
		assert_int_equal(h.max, values[VALUES - 1]);
		assert_int_equal(hist_quantile(&h, 1), h.max);
		hist_clear(&h);
	}
}

/* The rank is rounded up, but not by the error of the product: 7 % of 100 values are 7. */
static void test_rank(void **state)
{
	struct hist h = {0};

	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(hist_add(&h, i), 0);
	for (unsigned percent = 1; percent <= 100; percent++)
		assert_int_equal(hist_quantile(&h, percent / 100.0), percent);
	assert_int_equal(hist_quantile(&h, 0.071), 8);
	assert_int_equal(hist_quantile(&h, -1), 1);
	assert_int_equal(hist_quantile(&h, 2), 100);
	assert_int_equal(hist_quantile(&h, __builtin_nan("")), 1);
	hist_clear(&h);
}

struct seen {
	uint64_t count, buckets, high;
};

static void bucket_seen(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg)
{
	struct seen *seen = arg;

	assert_true(low_ns < high_ns);
	assert_true(low_ns >= seen->high);
	assert_true(count > 0);
	/* Wider than one value only where half of it is at most 0.4 %. */
	assert_true(high_ns - low_ns == 1 || high_ns - low_ns <= low_ns / 128);
	seen->high = high_ns;
	seen->count += count;
	seen->buckets++;
}

static struct seen hist_seen(const struct hist *h)
{
	struct seen seen = {0};

	hist_each(h, bucket_seen, &seen);
	assert_int_equal(seen.count, h->count);
	return seen;
}

static void test_limits(void **state)
{
	static const uint64_t limits[] = {
		0, 1, 127, 128, 255, 256, 257, 258, UINT64_C(1) << 63, UINT64_MAX};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct hist h = {0};

		assert_int_equal(hist_add(&h, limits[i]), 0);
		assert_int_equal(hist_quantile(&h, 0.5), limits[i]);
		assert_int_equal(h.max, limits[i]);
		assert_int_equal(h.sum, limits[i]);
		assert_int_equal(hist_seen(&h).buckets, 1);
		hist_clear(&h);
		assert_int_equal(h.count, 0);
	}
}

static void test_all_limits_at_once(void **state)
{
	struct hist h = {0};

	for (unsigned shift = 0; shift < 64; shift++) {
		assert_int_equal(hist_add(&h, UINT64_C(1) << shift), 0);
		assert_int_equal(hist_add(&h, (UINT64_C(1) << shift) - 1), 0);
	}
	assert_int_equal(hist_add(&h, UINT64_MAX), 0);
	assert_int_equal(h.count, 129);
	assert_int_equal(h.max, UINT64_MAX);
	assert_int_equal(h.sum, UINT64_MAX); /* saturated */
	/* 0, 1 twice, 2, 3, 4, 7, ...: one bucket each, but for the 1. */
	assert_int_equal(hist_seen(&h).buckets, 128);
	assert_int_equal(hist_seen(&h).high, UINT64_MAX);
	hist_clear(&h);
}

static void test_empty(void **state)
{
	struct hist h = {0}, back = {0};
	unsigned char *bytes;
	long len;

	assert_int_equal(hist_quantile(&h, 0.5), 0);
	assert_int_equal(hist_seen(&h).buckets, 0);
	len = hist_encode(&h, &bytes);
	assert_int_equal(len, 4);
	assert_memory_equal(bytes, "\1\0\0\0", 4);
	assert_int_equal(hist_decode(&back, bytes, len), 0);
	assert_int_equal(back.count, 0);
	assert_int_equal(hist_merge(&h, &back), 0);
	assert_int_equal(h.count, 0);
	free(bytes);
	hist_clear(&h);
	hist_clear(&back);
}

/* Equal as far as anyone can see: what the file would hold. */
static void assert_hist_equal(const struct hist *a, const struct hist *b)
{
	unsigned char *x, *y;
	long x_len = hist_encode(a, &x), y_len = hist_encode(b, &y);

	assert_int_equal(x_len, y_len);
	assert_memory_equal(x, y, x_len);
	free(x);
	free(y);
}

static void test_merge(void **state)
{
	static uint64_t values[VALUES];
	struct hist a = {0}, b = {0}, both = {0};

	hist_fill(&a, draw_two_humps, 3, values);
	hist_fill(&both, draw_two_humps, 3, values);
	hist_fill(&b, draw_log_uniform, 5, values);
	hist_fill(&both, draw_log_uniform, 5, values);

	assert_int_equal(hist_merge(&a, &b), 0);
	assert_int_equal(a.count, 2 * VALUES);
	assert_hist_equal(&a, &both);
	/* From a histogram to itself. */
	assert_int_equal(hist_merge(&a, &a), 0);
	assert_int_equal(hist_merge(&both, &b), 0);
	assert_int_equal(both.count, 3 * VALUES);
	assert_int_equal(hist_seen(&a).count, 4 * VALUES);
	hist_clear(&a);
	hist_clear(&b);
	hist_clear(&both);
}

/* A histogram of few buckets is kept as a list, and becomes octaves when that fills. */
static void test_few_and_many(void **state)
{
	for (unsigned buckets = 1; buckets < 600; buckets += 1 + buckets / 20) {
		struct hist up = {0}, down = {0}, merged = {0};
		uint64_t low;

		for (unsigned i = 0; i < buckets; i++) {
			struct hist one = {0};

			low = (128 + UINT64_C(37) * i % 128) << (i / 128);
			assert_int_equal(hist_add(&up, low), 0);
			assert_int_equal(hist_add(&up, low), 0);
			assert_int_equal(hist_add(&one, low), 0);
			assert_int_equal(hist_merge(&merged, &one), 0);
			hist_clear(&one);
		}
		for (unsigned i = buckets; i-- > 0;) {
			low = (128 + UINT64_C(37) * i % 128) << (i / 128);
			assert_int_equal(hist_add(&down, low), 0);
		}
		assert_hist_equal(&down, &merged);
		assert_int_equal(hist_merge(&merged, &down), 0);
		assert_hist_equal(&up, &merged);
		assert_int_equal(hist_seen(&up).buckets, buckets);
		assert_int_equal(hist_seen(&up).count, 2 * buckets);
		assert_int_equal(hist_merge(&down, &down), 0);
		assert_hist_equal(&up, &down);
		hist_clear(&up);
		hist_clear(&down);
		hist_clear(&merged);
	}
}

/* A bucket of a list holds 32 bits. */
static void test_count_beyond_list(void **state)
{
	/* 2^32 - 1 values of 0 */
	static const unsigned char many[] = "\1\xff\xff\xff\xff\x0f\0\0\0\xff\xff\xff\xff\x0f";
	struct hist added = {0}, merged = {0}, one = {0};

	assert_int_equal(hist_decode(&added, many, sizeof(many) - 1), 0);
	assert_int_equal(hist_decode(&merged, many, sizeof(many) - 1), 0);
	assert_int_equal(added.count, UINT32_MAX);
	assert_int_equal(hist_add(&added, 0), 0);
	assert_int_equal(hist_add(&one, 0), 0);
	assert_int_equal(hist_merge(&merged, &one), 0);
	assert_int_equal(hist_seen(&added).count, UINT64_C(1) << 32);
	assert_hist_equal(&added, &merged);
	hist_clear(&added);
	hist_clear(&merged);
	hist_clear(&one);
}

static void test_merge_overflow(void **state)
{
	/* UINT64_MAX values of 0 */
	static const unsigned char many[] = "\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0\0\0\xff\xff"
					    "\xff\xff\xff\xff\xff\xff\xff\1";
	struct hist h = {0}, one = {0};

	assert_int_equal(hist_decode(&h, many, sizeof(many) - 1), 0);
	assert_int_equal(h.count, UINT64_MAX);
	assert_int_equal(hist_quantile(&h, 0.5), 0);
	assert_int_equal(hist_quantile(&h, 1), 0);
	assert_int_equal(hist_add(&one, 9), 0);
	assert_int_equal(hist_merge(&h, &one), -EOVERFLOW);
	assert_int_equal(hist_merge(&one, &h), -EOVERFLOW);
	assert_int_equal(h.max, 0);
	assert_int_equal(one.count, 1);
	hist_clear(&h);
	hist_clear(&one);
}

static void test_round_trip(void **state)
{
	static uint64_t values[VALUES];

	for (size_t d = 0; d < DRAWS; d++) {
		struct hist h = {0}, back = {0};
		unsigned char *bytes;
		long len;

		hist_fill(&h, draws[d], 7 + d, values);
		len = hist_encode(&h, &bytes);
		assert_true(len > 0);
		assert_int_equal(hist_decode(&back, bytes, len), 0);
		assert_int_equal(back.count, h.count);
		assert_int_equal(back.sum, h.sum);
		assert_int_equal(back.max, h.max);
		assert_hist_equal(&back, &h);
		for (double q = 0; q <= 1; q += 1 / 64.0)
			assert_int_equal(hist_quantile(&back, q), hist_quantile(&h, q));
		free(bytes);
		hist_clear(&h);
		hist_clear(&back);
	}
}

/*
 * Decode a copy that ends where its memory ends, so that a sanitizer sees a read behind it. What
 * is let through must be a histogram, and encode to the same bytes.
 */
static int decode_hostile(const unsigned char *bytes, size_t len)
{
	unsigned char *copy = malloc(len ? len : 1), *again;
	struct hist h = {0};
	int err;

	memcpy(copy, bytes, len);
	err = hist_decode(&h, len ? copy : NULL, len);
	if (!err) {
		hist_seen(&h);
		assert_true(hist_quantile(&h, 0.5) <= h.max);
		assert_int_equal(hist_encode(&h, &again), len);
		assert_memory_equal(again, copy, len);
		free(again);
	} else {
		assert_int_equal(err, -EINVAL);
		assert_null(h.octave);
		assert_null(h.list);
		assert_int_equal(h.count, 0);
	}
	hist_clear(&h);
	free(copy);
	return err;
}

static void test_truncated(void **state)
{
	static uint64_t values[VALUES];
	struct hist h = {0};
	unsigned char *bytes;
	long len;

	hist_fill(&h, draw_log_uniform, 11, values);
	len = hist_encode(&h, &bytes);
	for (long cut = 0; cut < len; cut++)
		assert_int_equal(decode_hostile(bytes, cut), -EINVAL);
	assert_int_equal(decode_hostile(bytes, len), 0);
	free(bytes);
	hist_clear(&h);
}

static void test_flipped(void **state)
{
	uint64_t seed = 13;
	unsigned char *bytes;
	struct hist h = {0};
	unsigned refused = 0;
	long len;

	for (unsigned i = 0; i < 211; i++)
		assert_int_equal(hist_add(&h, draw_tail(&seed)), 0);
	len = hist_encode(&h, &bytes);
	for (long bit = 0; bit < len * 8; bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		refused += decode_hostile(bytes, len) != 0;
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	/* A flip in the low bits of the sum or the maximum can be as good as the truth. */
	assert_true(refused > len * 8 * 8 / 10);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned char *noise = malloc(len);

		memcpy(noise, bytes, len);
		for (unsigned n = 1 + random_next(&seed) % 8; n; n--)
			noise[random_next(&seed) % len] = random_next(&seed);
		decode_hostile(noise, 1 + random_next(&seed) % len);
		free(noise);
	}
	free(bytes);
	hist_clear(&h);
}

#define FULL_64 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1" /* UINT64_MAX */

static const struct forged {
	const char *what, *bytes;
	size_t len;
	int err;
} forged[] = {
#define FORGED(what, bytes, err)                                                                   \
	{                                                                                          \
		what, bytes, sizeof(bytes) - 1, err                                                \
	}
	FORGED("one value of 5, as it should be", "\1\1\5\5\5\1", 0),
	FORGED("the largest value", "\1\1" FULL_64 FULL_64 "\xff\x39\1", 0),
	FORGED("nothing", "", -EINVAL),
	FORGED("version 0", "\0\1\5\5\5\1", -EINVAL),
	FORGED("version 2", "\2\1\5\5\5\1", -EINVAL),
	FORGED("bytes behind the end", "\1\1\5\5\5\1\0", -EINVAL),
	FORGED("more than 64 bits", "\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\2\5\5\5\1", -EINVAL),
	FORGED("a number without end",
	       "\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", -EINVAL),
	FORGED("a number longer than needed", "\1\x81\0\5\5\5\1", -EINVAL),
	FORGED("a bucket behind the last", "\1\1" FULL_64 FULL_64 "\x80\x3a\1", -EINVAL),
	FORGED("a distance of 2^64 - 1", "\1\2\12\5\5\1" FULL_64 "\1", -EINVAL),
	FORGED("the same bucket twice", "\1\2\12\5\5\1\0\1", -EINVAL),
	FORGED("a bucket before the last one, by wrapping", "\1\2\11\5\5\1\xff\xff\xff\xff\x0f\1",
	       -EINVAL),
	FORGED("a bucket without values", "\1\1\5\5\4\0\1\1", -EINVAL),
	FORGED("a count that is too large", "\1\2\5\5\5\1", -EINVAL),
	FORGED("a count that is too small", "\1\1\12\5\5\2", -EINVAL),
	FORGED("counts that overflow", "\1\1\6\6\5" FULL_64 "\1\2", -EINVAL),
	FORGED("a sum that is too large", "\1\1\6\5\5\1", -EINVAL),
	FORGED("a sum that is too small", "\1\1\4\5\5\1", -EINVAL),
	FORGED("a maximum in no bucket", "\1\1\5\6\5\1", -EINVAL),
	FORGED("a maximum without values", "\1\0\0\1", -EINVAL),
	FORGED("a sum without values", "\1\0\1\0", -EINVAL),
	FORGED("buckets without values", "\1\0\0\0\0\0", -EINVAL),
	FORGED("huge count and a sum that fits it", "\1" FULL_64 FULL_64 "\5\5" FULL_64, 0),
	FORGED("huge count and a sum that does not", "\1" FULL_64 "\5\5\5" FULL_64, -EINVAL),
};

static void test_forged(void **state)
{
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		const struct forged *f = &forged[i];

		if (decode_hostile((const unsigned char *)f->bytes, f->len) != f->err)
			fail_msg("%s: not %d", f->what, f->err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_all_limits_at_once),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_overflow),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_few_and_many),
		cmocka_unit_test(test_count_beyond_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
