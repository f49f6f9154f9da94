// SPDX-License-Identifier: BSD-2-Clause
/*
 * What changed: each measure of each item is tested by the method that its numbers allow, and all
 * tests are corrected together for being many.
 */
#include "diff.h"
#include "schemas/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 20
#define BLOCKS_MIN 6
#define SAME_SPAN  1.1 /* runs that last so many times as long, at most, last as long */
#define SAME_COUNT 1.01
#define RANKS_MIN  8 /* values of a side, from which on the normal law holds */

const char *const diff_measure_names[] = {"p50",   "p99",  "mean", "count",
					  "bytes", "size", "rate", "errors"};
const char *const diff_method_names[] = {"too few", "blocks", "runs", "ranks", "events"};

/* Values that a block or run must have for its p50, p99 or mean to say something. */
static const size_t values_min[DIFF_TIMES] = {10, 100, 10};

/*
 * How much more than medians other measures differ between runs of the same, roughly:
 * docs/measuring.md.
 */
static const double noise_of[DIFF_TIMES] = {1, 4, 2};

/* One number for each run or block of a side, at most. */
struct series {
	double log[BLOCKS_MAX > DIFF_RUNS_MAX ? BLOCKS_MAX : DIFF_RUNS_MAX];
	size_t count;
};

static double log_of(double value)
{
	return log(fmax(value, 1)); /* a duration of 0 ns is one of less than 1 */
}

static void series_put(struct series *s, double value)
{
	s->log[s->count++] = log_of(value);
}

static double hist_mean(const struct hist *h)
{
	return h->count ? (double)h->sum / (double)h->count : NAN;
}

static double hist_time(const struct hist *h, enum diff_measure measure)
{
	if (!h->count)
		return NAN;
	if (measure == DIFF_MEAN)
		return hist_mean(h);
	return (double)hist_quantile(h, measure == DIFF_P50 ? 0.5 : 0.99);
}

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return one < other ? -1 : one > other;
}

/* A measure of sorted values. */
static double block_time(const double *sorted, size_t count, enum diff_measure measure)
{
	double sum = 0;

	if (measure != DIFF_MEAN)
		return sorted[(size_t)ceil((double)count * (measure == DIFF_P50 ? 0.5 : 0.99)) - 1];
	for (size_t i = 0; i < count; i++)
		sum += sorted[i];
	return sum / (double)count;
}

/* How many blocks the values can be cut into, or 0. */
static size_t blocks_of(size_t values, size_t least)
{
	size_t blocks = values / least < BLOCKS_MAX ? values / least : BLOCKS_MAX;

	return blocks < BLOCKS_MIN ? 0 : blocks;
}

/*
 * The series of all times from the blocks of one run. The values are sorted block by block, each
 * number of blocks over again: smaller blocks lie within larger ones only by chance. 0 or 1.
 */
static int blocks_cut(struct series series[DIFF_TIMES], const struct diff_sample *s)
{
	double *values = calloc(s->used + 1, sizeof(*values));

	if (!values)
		return 1;
	for (int m = 0; m < DIFF_TIMES; m++) {
		size_t blocks = blocks_of(s->used, values_min[m]);

		series[m].count = 0;
		if (!blocks)
			continue;
		memcpy(values, s->values, s->used * sizeof(*values));
		for (size_t i = 0; i < blocks; i++) {
			size_t from = s->used * i / blocks, to = s->used * (i + 1) / blocks;

			qsort(&values[from], to - from, sizeof(*values), by_value);
			series_put(&series[m], block_time(&values[from], to - from, m));
		}
	}
	free(values);
	return 0;
}

/* The series of a measure, from the runs of a side. */
static void runs_put(struct series *series, const struct diff *diff, const struct diff_item *item,
		     int side, enum diff_measure measure)
{
	series->count = 0;
	for (int run = 0; run < diff->input.run_count; run++) {
		const struct diff_sums *sums = &item->samples[run].sums;

		if (diff->input.runs[run].side != side)
			continue;
		if (measure < DIFF_TIMES && sums->hist.count >= values_min[measure])
			series_put(series, hist_time(&sums->hist, measure));
		else if (measure == DIFF_COUNT && sums->count)
			series_put(series, (double)sums->count);
		else if (measure == DIFF_BYTES && sums->bytes)
			series_put(series, (double)sums->bytes);
	}
}

static struct diff_series view(const struct series *s, double whole)
{
	return (struct diff_series){s->log, s->count, log_of(whole)};
}

static void by_runs(struct diff_change *c, const struct series *a, const struct series *b,
		    double effect)
{
	if (!a->count || !b->count || a->count + b->count < 3)
		return;
	c->ratio = diff_by_runs(view(a, c->a), view(b, c->b), effect);
	c->method = DIFF_RUNS;
}

/* What a change of the shown values is, before any test. */
static void change_begin(struct diff_change *c, double a, double b)
{
	*c = (struct diff_change){
		.a = a,
		.b = b,
		.ratio = {b / a, NAN, NAN, NAN},
		.q = NAN,
	};
	if (!(a > 0) || !(b > 0))
		c->ratio.ratio = NAN;
}

/* The only runs of the sides, A's first. */
static void only_samples(const struct diff *diff, const struct diff_item *item,
			 const struct diff_sample *samples[2])
{
	for (int run = 0; run < diff->input.run_count; run++)
		samples[diff->input.runs[run].side] = &item->samples[run];
}

/* p50, p99 and mean of one run each. 0 or 1. */
static int times_by_blocks(const struct diff *diff, struct diff_item *item)
{
	const struct diff_sample *samples[2] = {item->samples, item->samples};
	struct series series[2][DIFF_TIMES];

	only_samples(diff, item, samples);
	if (blocks_cut(series[0], samples[0]) || blocks_cut(series[1], samples[1]))
		return 1;
	for (int m = 0; m < DIFF_TIMES; m++) {
		struct diff_change *c = &item->changes[m];

		if (!series[0][m].count || !series[1][m].count)
			continue;
		c->ratio = diff_by_blocks(view(&series[0][m], c->a), view(&series[1][m], c->b),
					  diff->effect, noise_of[m] * diff->run_noise);
		c->method = DIFF_BLOCKS;
	}
	return 0;
}

/* Few values: are those of one side larger than those of the other? */
static int times_by_ranks(const struct diff *diff, struct diff_item *item)
{
	struct diff_change *c = &item->changes[DIFF_P50];
	struct diff_ranks ranks;
	struct diff_ratio runs;

	if (!item->sums[0].hist.count || !item->sums[1].hist.count)
		return 0;
	if (diff_rank_sum(&item->sums[0].hist, &item->sums[1].hist, &ranks))
		return 1;
	item->superiority = ranks.superiority;
	if (c->method != DIFF_UNTESTED || isnan(c->ratio.ratio) ||
	    item->sums[0].hist.count < RANKS_MIN || item->sums[1].hist.count < RANKS_MIN)
		return 0;
	/* Beyond what values of one run do, and beyond what runs do. */
	runs = diff_by_variance(c->a, diff->run_noise * diff->run_noise, c->b,
				diff->run_noise * diff->run_noise, diff->effect);
	c->ratio.p = fmax(ranks.p, runs.p);
	c->method = DIFF_RANKS;
	return 0;
}

static int times_judge(const struct diff *diff, struct diff_item *item)
{
	struct series a, b;

	for (int m = 0; m < DIFF_TIMES; m++)
		change_begin(&item->changes[m], hist_time(&item->sums[0].hist, m),
			     hist_time(&item->sums[1].hist, m));
	if (diff->runs[0] + diff->runs[1] == 2) {
		if (times_by_blocks(diff, item))
			return 1;
		return times_by_ranks(diff, item);
	}
	for (int m = 0; m < DIFF_TIMES; m++) {
		runs_put(&a, diff, item, 0, m);
		runs_put(&b, diff, item, 1, m);
		by_runs(&item->changes[m], &a, &b, diff->effect);
	}
	return times_by_ranks(diff, item);
}

/* The time in which a run had any of an item's events; NAN: not known. */
static double span_of(const struct diff_sample *s)
{
	double span = (double)s->sums.last_ns - (double)s->sums.first_ns;

	return s->sums.first_ns >= 0 && span > 0 ? span : NAN;
}

/*
 * Whether the runs were as long and not as much: then a count is a rate times the same time, and
 * varies as the rate does. If not, it is the work that was asked for.
 */
static bool is_timed(const struct diff_sample *const s[2])
{
	double spans = span_of(s[1]) / span_of(s[0]);
	double counts = (double)s[1]->sums.count / (double)s[0]->sums.count;

	return fabs(log(spans)) < log(SAME_SPAN) && fabs(log(counts)) > log(SAME_COUNT);
}

/* How much more the events of a run vary than independent ones; sampling hides some of it. */
static double dispersion(const struct diff *diff, const struct diff_sample *s)
{
	return 1 + (diff_dispersion(s->bins, DIFF_BINS) - 1) * (double)diff->sampled;
}

/*
 * The variance of the logarithm of the mean size: how a stream is cut into messages is chance as
 * well. 0 where there are no bytes.
 */
static double size_variance(const struct diff_sample *s)
{
	size_t blocks = blocks_of(s->used, values_min[DIFF_MEAN]);
	double sum = 0, squares = 0;

	for (size_t i = 0; i < s->used; i++)
		sum += s->bytes[i];
	for (size_t block = 0; block < blocks && sum > 0; block++) {
		size_t from = s->used * block / blocks, to = s->used * (block + 1) / blocks;
		double of_block = 0, off;

		for (size_t i = from; i < to; i++)
			of_block += s->bytes[i];
		off = of_block / (double)(to - from) / (sum / (double)s->used) - 1;
		squares += off * off;
	}
	return blocks ? squares / (double)(blocks - 1) / (double)blocks : 0;
}

/* The variance of the logarithm of a count of events, if each has a variance of `each`. */
static double count_variance(const struct diff_sample *s, double each)
{
	return each / fmax((double)s->sums.count, 1) + size_variance(s);
}

/* The same of their bytes. */
static double bytes_variance(const struct diff *diff, const struct diff_sample *s, double each)
{
	double sum = (double)s->sums.bytes;
	double squares = s->bytes_squared * (double)diff->sampled;

	return each * fmax(squares / (sum * sum), 1 / fmax((double)s->used, 1));
}

static void by_events(struct diff_change *c, double a_var, double b_var, double effect)
{
	if (isnan(c->ratio.ratio))
		return;
	c->ratio = diff_by_variance(c->a, a_var, c->b, b_var, effect);
	c->method = DIFF_EVENTS;
}

/* Messages a second, over the time in which there were any; NAN: not known. */
static double rate_of(const struct diff_sample *s)
{
	return (double)s->sums.count / (span_of(s) / 1e9);
}

static double mean_rate(const struct diff *diff, const struct diff_item *item, int side)
{
	double sum = 0;
	int runs = 0;

	if (item->level == DIFF_CALL)
		return NAN;
	for (int run = 0; run < diff->input.run_count; run++)
		if (diff->input.runs[run].side == side && !isnan(rate_of(&item->samples[run]))) {
			sum += rate_of(&item->samples[run]);
			runs++;
		}
	return runs ? sum / runs : NAN;
}

static void sizes_put(struct series *s, const struct diff *diff, const struct diff_item *item,
		      int side)
{
	s->count = 0;
	for (int run = 0; run < diff->input.run_count; run++) {
		const struct diff_sums *sums = &item->samples[run].sums;

		if (diff->input.runs[run].side == side && sums->bytes && sums->count)
			s->log[s->count++] = log((double)sums->bytes / (double)sums->count);
	}
}

static void rates_put(struct series *s, const struct diff *diff, const struct diff_item *item,
		      int side)
{
	s->count = 0;
	for (int run = 0; run < diff->input.run_count; run++)
		if (diff->input.runs[run].side == side && rate_of(&item->samples[run]) > 0)
			s->log[s->count++] = log(rate_of(&item->samples[run]));
}

static void counts_by_runs(const struct diff *diff, struct diff_item *item)
{
	struct series a, b;

	for (int m = DIFF_COUNT; m <= DIFF_RATE; m++) {
		if (isnan(item->changes[m].ratio.ratio))
			continue;
		if (m == DIFF_RATE) {
			rates_put(&a, diff, item, 0);
			rates_put(&b, diff, item, 1);
		} else if (m == DIFF_SIZE) {
			sizes_put(&a, diff, item, 0);
			sizes_put(&b, diff, item, 1);
		} else {
			runs_put(&a, diff, item, 0, m);
			runs_put(&b, diff, item, 1, m);
		}
		by_runs(&item->changes[m], &a, &b, diff->effect);
	}
}

static void counts_by_events(const struct diff *diff, struct diff_item *item)
{
	const struct diff_sample *s[2] = {item->samples, item->samples};
	double count[2], bytes[2], size[2];

	only_samples(diff, item, s);
	for (int side = 0; side < 2; side++) {
		double each = is_timed(s) ? dispersion(diff, s[side]) : 1;

		count[side] = count_variance(s[side], each);
		bytes[side] = bytes_variance(diff, s[side], each);
		size[side] = size_variance(s[side]);
		/* What moves no bytes is a waking or a wait: how many there are is a matter of
		 * time. */
		if (!s[side]->sums.bytes)
			count[side] += diff->run_noise * diff->run_noise;
	}
	by_events(&item->changes[DIFF_COUNT], count[0], count[1], diff->effect);
	by_events(&item->changes[DIFF_BYTES], bytes[0], bytes[1], diff->effect);
	if (blocks_of(s[0]->used, values_min[DIFF_MEAN]) &&
	    blocks_of(s[1]->used, values_min[DIFF_MEAN]))
		by_events(&item->changes[DIFF_SIZE], size[0], size[1], diff->effect);
}

/* Errors are few, and one more is one more: half of one is added to each side. */
static void errors_judge(const struct diff *diff, struct diff_item *item)
{
	struct diff_change *c = &item->changes[DIFF_ERRORS];
	double a = c->a * diff->runs[0] + 0.5, b = c->b * diff->runs[1] + 0.5;

	if (c->a + c->b == 0)
		return;
	c->ratio =
		diff_by_variance(a / diff->runs[0], 1 / a, b / diff->runs[1], 1 / b, diff->effect);
	c->method = DIFF_EVENTS;
}

static double mean_size(const struct diff_sums *sums)
{
	return sums->bytes && sums->count ? (double)sums->bytes / (double)sums->count : NAN;
}

/* A case has as many messages as its warm-up chose: how fast they went is what counts. */
static void case_counts_judge(const struct diff *diff, struct diff_item *item)
{
	for (int m = DIFF_TIMES; m < DIFF_MEASURES; m++)
		change_begin(&item->changes[m], NAN, NAN);
	change_begin(&item->changes[DIFF_RATE], mean_rate(diff, item, 0), mean_rate(diff, item, 1));
	if (diff->runs[0] + diff->runs[1] > 2)
		counts_by_runs(diff, item);
}

static void counts_judge(const struct diff *diff, struct diff_item *item)
{
	const struct diff_sums *a = &item->sums[0], *b = &item->sums[1];
	double runs[2] = {diff->runs[0], diff->runs[1]};

	change_begin(&item->changes[DIFF_COUNT], (double)a->count / runs[0],
		     (double)b->count / runs[1]);
	change_begin(&item->changes[DIFF_BYTES], (double)a->bytes / runs[0],
		     (double)b->bytes / runs[1]);
	change_begin(&item->changes[DIFF_SIZE], mean_size(a), mean_size(b));
	change_begin(&item->changes[DIFF_RATE], mean_rate(diff, item, 0), mean_rate(diff, item, 1));
	change_begin(&item->changes[DIFF_ERRORS], (double)a->errors / runs[0],
		     (double)b->errors / runs[1]);
	if (diff->runs[0] + diff->runs[1] > 2)
		counts_by_runs(diff, item);
	else
		counts_by_events(diff, item);
	errors_judge(diff, item);
}

/*
 * Whether more of a measure is worse (1), better (-1), or nobody can say (0). Who receives or waits
 * for long may just have nothing to do, and more messages or bytes are more of what was asked for;
 * in a bench they come as fast as they can.
 */
static int more_is_worse(const struct diff_item *item, enum diff_measure measure)
{
	if (measure == DIFF_RATE)
		return item->level == DIFF_CASE ? -1 : 0;
	if (measure == DIFF_ERRORS)
		return 1;
	return measure < DIFF_TIMES && (!item->role || (strcmp(item->role, "recv") != 0 &&
							strcmp(item->role, "wait") != 0));
}

/* The q-values of all tests. 0 or 1. */
static int adjust(struct diff *diff)
{
	double *p = calloc(diff->item_count * DIFF_MEASURES + 1, sizeof(*p));
	size_t count = 0;

	if (!p)
		return 1;
	for (size_t i = 0; i < diff->item_count; i++)
		for (int m = 0; m < DIFF_MEASURES; m++)
			p[count++] = diff->items[i].changes[m].ratio.p;
	for (size_t i = 0; i < count; i++)
		diff->comparisons += !isnan(p[i]);
	if (diff_adjust(p, count)) {
		free(p);
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		struct diff_item *item = &diff->items[i / DIFF_MEASURES];
		enum diff_measure m = i % DIFF_MEASURES;
		struct diff_change *c = &item->changes[m];

		c->q = p[i];
		c->significant = p[i] < DIFF_SIGNIFICANCE;
		if (!isnan(c->ratio.ratio))
			c->worse = more_is_worse(item, m) *
				   ((c->ratio.ratio > 1) - (c->ratio.ratio < 1));
	}
	free(p);
	return 0;
}

/* An item of one side is new or gone, and nothing is tested. */
static int item_judge(const struct diff *diff, struct diff_item *item)
{
	int failed;

	if (item->on[0] && item->on[1]) {
		failed = times_judge(diff, item);
		if (item->level == DIFF_CASE)
			case_counts_judge(diff, item);
		else
			counts_judge(diff, item);
		return failed;
	}
	for (int m = 0; m < DIFF_MEASURES; m++)
		change_begin(&item->changes[m], NAN, NAN);
	for (int m = 0; m < DIFF_TIMES; m++)
		change_begin(&item->changes[m], hist_time(&item->sums[0].hist, m),
			     hist_time(&item->sums[1].hist, m));
	return 0;
}

int diff_judge(struct diff *diff)
{
	int failed = 0;

	for (size_t i = 0; i < diff->item_count && !failed; i++)
		failed = item_judge(diff, &diff->items[i]);
	if (!failed)
		failed = adjust(diff);
	if (failed)
		say_error("cannot compare the recordings: out of memory");
	return failed;
}

bool diff_item_changed(const struct diff_item *item)
{
	for (int m = 0; m < DIFF_MEASURES; m++)
		if (item->changes[m].significant)
			return true;
	return false;
}

const char *diff_item_cause(const struct diff_item *item, double *share)
{
	static const char *const parts[][DIFF_PARTS] = {
		{"in the send call", "in the object", "in the run queue", "in the receive call"},
		{"running", "waiting", "ready without a CPU", ""},
	};
	const struct diff_sums *a = &item->sums[0], *b = &item->sums[1];
	double change = hist_mean(&b->hist) - hist_mean(&a->hist);

	if (!a->has_parts || !b->has_parts || !a->hist.count || !b->hist.count || change == 0)
		return NULL;
	for (int i = 0; i < DIFF_PARTS; i++) {
		double of = (double)b->part_ns[i] / (double)b->hist.count -
			    (double)a->part_ns[i] / (double)a->hist.count;

		*share = of / change;
		if (*share >= 0.5)
			return parts[item->level == DIFF_CALL][i];
	}
	return NULL;
}
