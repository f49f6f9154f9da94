/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The statistics of `ipctrace diff`: pure functions over histograms and series of numbers. What
 * they assume, and why these were chosen, stands in docs/design.md.
 */
#ifndef IPCT_DIFF_TEST_H
#define IPCT_DIFF_TEST_H

#include "schemas/hist.h"

#include <stddef.h>

/* The probability that a normal variable is at least `z` standard deviations off, either way. */
double diff_normal_tail(double z);

/* The same of Student's t with `df` degrees of freedom, which need not be whole. */
double diff_student_tail(double t, double df);

/* The t that is exceeded, either way, with the probability `p`. */
double diff_student_quantile(double p, double df);

/* The rank-sum test of Mann and Whitney. */
struct diff_ranks {
	double superiority; /* probability that a value of B is above one of A; ties count half */
	double p;           /* that this comes of chance, if all values are independent */
};

/*
 * Compare two histograms, values of one bucket being equal. 0, or -ENOMEM; both must hold values.
 */
int diff_rank_sum(const struct hist *a, const struct hist *b, struct diff_ranks *ranks);

/* Natural logarithms of one measure, one for each block of a run in the order of time, or run. */
struct diff_series {
	const double *log;
	size_t count;
	double whole; /* of blocks: the logarithm of the measure of all of the run */
};

/* How much larger B is than A. */
struct diff_ratio {
	double ratio;     /* B to A */
	double low, high; /* where it is with 95 %; NAN: not known */
	double p;         /* that such a ratio comes of chance; NAN: not tested */
};

/*
 * From blocks of one run each: Welch's t-test of the measures of the whole runs, with the variance
 * of the blocks around them (sectioning), raised by the correlation of neighbouring blocks. The
 * null hypothesis is that the true ratio is within `effect` (0.05: 5 %) of 1. Each side must have
 * two blocks. Blocks of one run cannot show how runs differ: `noise` is the standard deviation of
 * the logarithm that is taken for it.
 */
struct diff_ratio diff_by_blocks(struct diff_series a, struct diff_series b, double effect,
				 double noise);

/*
 * From independent runs: Student's t-test, one variance for both sides, so that one side may have
 * a single run. `ratio` is that of the geometric means. Together they must have three.
 */
struct diff_ratio diff_by_runs(struct diff_series a, struct diff_series b, double effect);

/* From two values whose logarithms have the variances `a_var` and `b_var`, by the normal law. */
struct diff_ratio diff_by_variance(double a, double a_var, double b, double b_var, double effect);

/*
 * How much more a count varies than one of independent events (1; never less): from the counts of
 * successive stretches of time, with the correlation of neighbours.
 */
double diff_dispersion(const double *counts, size_t count);

/*
 * Turn p-values into q-values by Benjamini and Hochberg: taking all with q < 0.01 for true makes at
 * most 1 % of these false. NANs stay and do not count. 0 or -ENOMEM.
 */
int diff_adjust(double *p, size_t count);

#endif
