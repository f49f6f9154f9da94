// SPDX-License-Identifier: BSD-2-Clause
/*
 * The cases of a bench and their order; see bench_matrix.h. Pure: nothing is run here.
 *
 * Rounds go over all cases one after the other, so that what changes on the machine meanwhile
 * (heat, a neighbour, the clock of the CPU) meets all of them and not the one that ran just then.
 */
#include "collector/bench_matrix.h"

#include "schemas/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#define MESSAGES_MIN 20
#define MESSAGES_MAX 20000 /* enough for percentiles, and not too many to be recorded */

/* To warm up: up to so many messages, of up to so many bytes together. */
#define WARM_UP_MESSAGES 1000
#define WARM_UP_BYTES    (4 << 20)

const char *const bench_patterns[] = {"pingpong", "duplex", "stream", "fanin", "fanout", NULL};
const char *const bench_waits[] = {"block", "spin", NULL};
const char *const bench_cpus[] = {"same", "cross", NULL};

static bool carries_bytes(enum ipct_mechanism mechanism)
{
	return !strcmp(mechanisms[mechanism].carries, "bytes");
}

/* Cases that would run, and say nothing. */
static void case_judge(struct bench_case *c)
{
	if (c->wait != BENCH_SPIN || c->cpus != BENCH_SAME)
		return;
	c->status = BENCH_SKIPPED;
	snprintf(c->reason, sizeof(c->reason),
		 "on one core, who spins keeps the other from running");
}

static void case_add(struct bench_matrix *matrix, struct bench_case c)
{
	c.id = matrix->count + 1;
	case_judge(&c);
	matrix->cases[matrix->count++] = c;
}

static int bits(unsigned mask)
{
	return __builtin_popcount(mask);
}

static void mechanism_add(struct bench_matrix *matrix, const struct bench_axes *axes,
			  struct bench_case c)
{
	int sizes = carries_bytes(c.mechanism) ? axes->size_count : 1;

	for (c.pattern = 0; bench_patterns[c.pattern]; c.pattern++)
		for (c.cpus = 0; bench_cpus[c.cpus]; c.cpus++)
			for (c.wait = 0; bench_waits[c.wait]; c.wait++)
				for (int i = 0; i < sizes; i++) {
					if (!(axes->patterns & 1u << c.pattern) ||
					    !(axes->cpus & 1u << c.cpus) ||
					    !(axes->waits & 1u << c.wait))
						continue;
					c.size = carries_bytes(c.mechanism) ? axes->sizes[i]
									    : IPCT_BENCH_NO_SIZE;
					case_add(matrix, c);
				}
}

int bench_matrix_fill(struct bench_matrix *matrix, const struct bench_axes *axes)
{
	size_t most = (size_t)IPCT_MECH_COUNT * bits(axes->patterns) * bits(axes->waits) *
		      bits(axes->cpus) * (axes->size_count ? axes->size_count : 1);

	matrix->count = 0;
	matrix->cases = calloc(most ? most : 1, sizeof(*matrix->cases));
	if (!matrix->cases)
		return -ENOMEM;
	for (int m = 1; m < IPCT_MECH_COUNT; m++)
		if (axes->mechanisms & 1u << m)
			mechanism_add(matrix, axes,
				      (struct bench_case){.mechanism = (enum ipct_mechanism)m});
	return 0;
}

void bench_matrix_clear(struct bench_matrix *matrix)
{
	free(matrix->cases);
	matrix->cases = NULL;
	matrix->count = 0;
}

static bool case_runs(const struct bench_case *c, bool traced)
{
	/* Who spins leaves a record for each try, and there is nothing to decompose. */
	return (c->status == BENCH_WAITING || c->status == BENCH_RAN) &&
	       !(traced && c->wait == BENCH_SPIN);
}

int bench_matrix_next(const struct bench_matrix *matrix, int from, bool traced)
{
	for (; from < matrix->count; from++)
		if (case_runs(&matrix->cases[from], traced))
			return from;
	return -1;
}

int bench_matrix_runs(const struct bench_matrix *matrix, bool traced)
{
	int runs = 0;

	for (int i = 0; i < matrix->count; i++)
		runs += case_runs(&matrix->cases[i], traced);
	return runs;
}

/* What a case takes that has not run yet: as long as those that have. */
static int64_t took_mean_ns(const struct bench_matrix *matrix)
{
	int64_t sum = 0, count = 0;

	for (int i = 0; i < matrix->count; i++) {
		sum += matrix->cases[i].took_ns;
		count += matrix->cases[i].took_ns > 0;
	}
	return count ? sum / count : 0;
}

/* The cases of a round from `from` on. */
static int64_t round_ns(const struct bench_matrix *matrix, int from, bool traced,
			const struct bench_left *left)
{
	int64_t mean = took_mean_ns(matrix), sum = 0, runs = 0;

	for (int i = from; i < matrix->count; i++)
		if (case_runs(&matrix->cases[i], traced)) {
			sum += matrix->cases[i].took_ns ? matrix->cases[i].took_ns : mean;
			runs++;
		}
	if (traced && left->per_load)
		sum += (runs + left->per_load - 1) / left->per_load * left->load_ns;
	return sum;
}

int64_t bench_left_ns(const struct bench_matrix *matrix, const struct bench_left *left)
{
	return round_ns(matrix, left->from, left->traced, left) +
	       left->rounds * round_ns(matrix, 0, false, left) +
	       left->traced_rounds * round_ns(matrix, 0, true, left);
}

uint64_t bench_messages(int64_t target_ns, int64_t took_ns, uint64_t count)
{
	double messages = took_ns > 0 ? (double)target_ns / (double)took_ns * (double)count
				      : (double)MESSAGES_MAX;

	if (messages < MESSAGES_MIN)
		return MESSAGES_MIN;
	return messages < MESSAGES_MAX ? (uint64_t)messages : MESSAGES_MAX;
}

uint64_t bench_warm_up_messages(int64_t size)
{
	int64_t fit = size > 0 ? WARM_UP_BYTES / size : WARM_UP_MESSAGES;

	return (uint64_t)(fit < MESSAGES_MIN       ? MESSAGES_MIN
			  : fit < WARM_UP_MESSAGES ? fit
						   : WARM_UP_MESSAGES);
}
