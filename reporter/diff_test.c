// SPDX-License-Identifier: BSD-2-Clause
/*
 * The statistics of `ipctrace diff`. Ratios are tested on logarithms, where a doubling and a
 * halving are the same distance.
 */
#include "diff_test.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define INTERVAL_OUTSIDE 0.05 /* of 95 % intervals */
#define CORRELATION_MAX  0.9  /* beyond it twenty blocks say nothing */
#define DF_NORMAL        1e9  /* degrees of freedom from which on t is normal, nearly */

double diff_normal_tail(double z)
{
	return erfc(fabs(z) / sqrt(2));
}

/*
 * The continued fraction of the incomplete beta function, by Lentz's method (Numerical Recipes,
 * 6.4). Converges in a few dozen steps for x < (a + 1) / (a + b + 2).
 */
static double beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 / fmax(1 - (a + b) * x / (a + 1), tiny), value = d;

	for (int m = 1; m < 1000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double before = value;

		d = 1 / (fabs(1 + even * d) < tiny ? tiny : 1 + even * d);
		c = fabs(1 + even / c) < tiny ? tiny : 1 + even / c;
		value *= c * d;
		d = 1 / (fabs(1 + odd * d) < tiny ? tiny : 1 + odd * d);
		c = fabs(1 + odd / c) < tiny ? tiny : 1 + odd / c;
		value *= c * d;
		if (fabs(value - before) <= 1e-15 * fabs(value))
			break;
	}
	return value;
}

/* The regularised incomplete beta function, 0 <= x <= 1. */
static double beta_share(double a, double b, double x)
{
	double front;

	if (x <= 0 || x >= 1)
		return x > 0;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double diff_student_tail(double t, double df)
{
	if (isinf(t))
		return 0;
	return beta_share(df / 2, 0.5, df / (df + t * t));
}

double diff_student_quantile(double p, double df)
{
	double low = 0, high = 1;

	while (diff_student_tail(high, df) > p && high < 1e12)
		high *= 2;
	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (diff_student_tail(middle, df) > p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

/* A histogram's buckets in use, as two columns. */
struct buckets {
	uint64_t *low;
	double *count;
	size_t used, room;
	int failed;
};

static void bucket_take(uint64_t low_ns, uint64_t high_ns, uint64_t count, void *arg)
{
	struct buckets *b = arg;

	if (b->used == b->room) {
		size_t room = b->room ? 2 * b->room : 256;
		uint64_t *low = reallocarray(b->low, room, sizeof(*low));
		double *counts;

		b->low = low ? low : b->low;
		counts = low ? reallocarray(b->count, room, sizeof(*counts)) : NULL;
		b->count = counts ? counts : b->count;
		b->failed |= !counts;
		if (b->failed)
			return;
		b->room = room;
	}
	b->low[b->used] = low_ns;
	b->count[b->used++] = (double)count;
}

static void buckets_free(struct buckets *b)
{
	free(b->low);
	free(b->count);
}

/* The test for two lists of buckets: their values are merged in order, ties share their ranks. */
static struct diff_ranks ranks_of(const struct buckets *a, const struct buckets *b, double m,
				  double n)
{
	double wins = 0, ties = 0, below = 0, total = m + n, deviation, spread;
	size_t i = 0, j = 0;

	while (i < a->used || j < b->used) {
		uint64_t low = i < a->used ? a->low[i] : UINT64_MAX;
		double of_a = 0, of_b = 0, all;

		if (j < b->used && b->low[j] < low)
			low = b->low[j];
		if (i < a->used && a->low[i] == low)
			of_a = a->count[i++];
		if (j < b->used && b->low[j] == low)
			of_b = b->count[j++];
		all = of_a + of_b;
		wins += of_b * (below + of_a / 2);
		below += of_a;
		ties += all * (all - 1) * (all + 1);
	}
	deviation = fabs(wins - m * n / 2) - 0.5; /* of a discrete number, to a continuous one */
	spread = sqrt(m * n / 12 * (total + 1 - ties / (total * (total - 1))));
	return (struct diff_ranks){
		.superiority = wins / (m * n),
		.p = spread > 0 && deviation > 0 ? diff_normal_tail(deviation / spread) : 1,
	};
}

int diff_rank_sum(const struct hist *a, const struct hist *b, struct diff_ranks *ranks)
{
	struct buckets of_a = {0}, of_b = {0};
	int err = 0;

	hist_each(a, bucket_take, &of_a);
	hist_each(b, bucket_take, &of_b);
	if (of_a.failed || of_b.failed)
		err = -ENOMEM;
	else
		*ranks = ranks_of(&of_a, &of_b, (double)a->count, (double)b->count);
	buckets_free(&of_a);
	buckets_free(&of_b);
	return err;
}

static double mean_of(const double *values, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / (double)count;
}

/* The sum of squared distances from `mean`, or whatever stands for it. */
static double squares_of(const double *values, size_t count, double mean)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (values[i] - mean) * (values[i] - mean);
	return sum;
}

/* The correlation of neighbours, 0 .. CORRELATION_MAX: what is negative is taken for chance. */
static double correlation_of(const double *values, size_t count, double mean, double squares)
{
	double sum = 0;

	for (size_t i = 0; i + 1 < count; i++)
		sum += (values[i] - mean) * (values[i + 1] - mean);
	if (!(squares > 0) || !(sum > 0))
		return 0;
	return fmin(sum / squares, CORRELATION_MAX);
}

/* What a test made of a difference of logarithms with a standard error of `error`. */
static struct diff_ratio ratio_of(double difference, double error, double df, double effect)
{
	double beyond = fabs(difference) - log1p(effect);
	double reach = diff_student_quantile(INTERVAL_OUTSIDE, df) * error;
	struct diff_ratio r = {
		.ratio = exp(difference),
		.low = exp(difference - reach),
		.high = exp(difference + reach),
		.p = 1,
	};

	if (beyond > 0)
		r.p = error > 0 ? diff_student_tail(beyond / error, df) : 0;
	return r;
}

/* The variance of a run's measure, and its degrees of freedom. */
struct spread {
	double variance, df;
};

static struct spread spread_of(struct diff_series s)
{
	double mean = mean_of(s.log, s.count), n = (double)s.count;
	double r = correlation_of(s.log, s.count, mean, squares_of(s.log, s.count, mean));
	double fewer = (1 - r) / (1 + r); /* so many independent blocks, of an AR(1) series */

	return (struct spread){
		.variance = squares_of(s.log, s.count, s.whole) / (n - 1) / (n * fewer),
		.df = fmax((n - 1) * fewer, 1),
	};
}

struct diff_ratio diff_by_blocks(struct diff_series a, struct diff_series b, double effect,
				 double noise)
{
	struct spread of_a = spread_of(a), of_b = spread_of(b);
	double blocks = of_a.variance + of_b.variance, sum = blocks + 2 * noise * noise;
	double df = blocks > 0 ? sum * sum /
					 (of_a.variance * of_a.variance / of_a.df +
					  of_b.variance * of_b.variance / of_b.df)
			       : DF_NORMAL;

	return ratio_of(b.whole - a.whole, sqrt(sum), fmin(df, DF_NORMAL), effect);
}

struct diff_ratio diff_by_runs(struct diff_series a, struct diff_series b, double effect)
{
	double a_mean = mean_of(a.log, a.count), b_mean = mean_of(b.log, b.count);
	double df = (double)(a.count + b.count) - 2;
	double variance =
		(squares_of(a.log, a.count, a_mean) + squares_of(b.log, b.count, b_mean)) / df;
	double error = sqrt(variance * (1 / (double)a.count + 1 / (double)b.count));

	return ratio_of(b_mean - a_mean, error, df, effect);
}

struct diff_ratio diff_by_variance(double a, double a_var, double b, double b_var, double effect)
{
	return ratio_of(log(b) - log(a), sqrt(a_var + b_var), DF_NORMAL, effect);
}

double diff_dispersion(const double *counts, size_t count)
{
	double mean = mean_of(counts, count);
	double squares = squares_of(counts, count, mean);
	double r = correlation_of(counts, count, mean, squares);

	if (!(mean > 0) || count < 2)
		return 1;
	return fmax(squares / ((double)count - 1) / mean * (1 + r) / (1 - r), 1);
}

struct ranked {
	double p;
	size_t index;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *one = a, *other = b;

	if (one->p != other->p)
		return one->p < other->p ? -1 : 1;
	return one->index < other->index ? -1 : one->index > other->index;
}

int diff_adjust(double *p, size_t count)
{
	struct ranked *ranked = calloc(count + 1, sizeof(*ranked));
	double least = 1;
	size_t tested = 0;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!isnan(p[i]))
			ranked[tested++] = (struct ranked){p[i], i};
	qsort(ranked, tested, sizeof(*ranked), by_p);
	for (size_t i = tested; i-- > 0;) {
		least = fmin(least, ranked[i].p * (double)tested / (double)(i + 1));
		p[ranked[i].index] = least;
	}
	free(ranked);
	return 0;
}
