/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the probes add to a call on this machine: short loops of quick calls, timed before the
 * probes are attached and again when they are.
 *
 * The loops find everything in the caches, and their calls are on the quickest of what is
 * selected, so a call of a real program costs this or more.
 */
#ifndef IPCT_COST_H
#define IPCT_COST_H

#include <stdint.h>

struct probe;

struct cost {
	const char *measured;  /* mechanism of the recorded calls; NULL: none is quick enough */
	int64_t call_ns;       /* added to a call that is recorded */
	int64_t other_call_ns; /* added to one that is not; both 0: less than can be told */
};

/* The loops' untraced times, until cost_end. */
struct cost_loops {
	const struct channel *channel;  /* of the calls that will be recorded; NULL: none will */
	int fd[2];                      /* read from the first what was written to the second */
	int64_t call_ns, other_call_ns; /* of a round */
};

/* Time the loops before the probes are attached. 0, or -errno with nothing left open. */
int cost_begin(struct cost_loops *l, unsigned mechanism_mask);

/*
 * Time them again when the probes are attached and nothing is traced yet; the probes then know
 * nothing of them. By the first thread of the process, as only one. Without probes (NULL) it only
 * ends `l`. 0 or -errno.
 */
int cost_end(struct cost_loops *l, struct probe *p, struct cost *cost);

#endif
