/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The matrix of a bench: which cases there are, in which order they run, and how long that takes.
 */
#ifndef IPCT_BENCH_MATRIX_H
#define IPCT_BENCH_MATRIX_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/event.h"

#define IPCT_BENCH_SIZES_MAX 32
#define IPCT_BENCH_NO_SIZE   (-1) /* of mechanisms that carry no bytes */

/* The words of the axes; masks are of 1 << index. NULL ends them. */
extern const char *const bench_patterns[], *const bench_waits[], *const bench_cpus[];

enum { BENCH_SAME, BENCH_CROSS };
enum { BENCH_BLOCK, BENCH_SPIN };

struct bench_axes {
	unsigned mechanisms, patterns, waits, cpus; /* masks */
	int64_t sizes[IPCT_BENCH_SIZES_MAX];        /* bytes */
	int size_count;
};

enum bench_status { BENCH_WAITING, BENCH_RAN, BENCH_SKIPPED, BENCH_FAILED };

struct bench_case {
	int id; /* from 1 */
	enum ipct_mechanism mechanism;
	int pattern, wait, cpus; /* index of its word */
	int64_t size;            /* bytes, or IPCT_BENCH_NO_SIZE */
	uint64_t messages;       /* of each sender; 0: not known yet */
	enum bench_status status;
	char reason[256]; /* why it was skipped, or failed */
	int64_t took_ns;  /* by its last run, from start to end; 0: none yet */
};

struct bench_matrix {
	struct bench_case *cases;
	int count;
};

/*
 * All cases of the axes: mechanisms outermost, so that what is alike runs together. Those that make
 * no sense are skipped with a reason. 0 or -ENOMEM; bench_matrix_clear() ends it.
 */
int bench_matrix_fill(struct bench_matrix *matrix, const struct bench_axes *axes);
void bench_matrix_clear(struct bench_matrix *matrix);

/* The next case from `from` on that still runs, or -1. Of `traced` rounds only those that block. */
int bench_matrix_next(const struct bench_matrix *matrix, int from, bool traced);

/* How many run in a round. */
int bench_matrix_runs(const struct bench_matrix *matrix, bool traced);

/* What is still to be done. */
struct bench_left {
	int rounds;                /* untraced, after the current one */
	int traced_rounds;         /* after the current one */
	int from;                  /* the first case of the current round that has not run */
	bool traced;               /* is the current round */
	int64_t load_ns, per_load; /* what it takes to attach the probes, and for how many cases */
};

/* How long that will take, in nanoseconds: each case as long as its last run, or as the mean. */
int64_t bench_left_ns(const struct bench_matrix *matrix, const struct bench_left *left);

/*
 * So many messages take `target_ns` when `count` took `took_ns`: not so few that there are no
 * percentiles, and not so many that a recording of them is large.
 */
uint64_t bench_messages(int64_t target_ns, int64_t took_ns, uint64_t count);

/* How many messages of `size` bytes (or IPCT_BENCH_NO_SIZE) a first run sends, which tells that. */
uint64_t bench_warm_up_messages(int64_t size);

#endif
