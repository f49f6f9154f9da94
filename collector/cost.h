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
#include <sys/types.h>

struct probe;

struct cost {
	int error;             /* -errno: it could not be measured; 0 */
	const char *measured;  /* mechanism of the recorded calls; NULL: none is quick enough */
	int64_t call_ns;       /* added to a call that is recorded; 0: not known */
	int64_t other_call_ns; /* added to one that is not; 0: not known */
};

/*
 * probe_attach, and what the probes add to a call: for the time of the loops this process, which
 * must have but one thread, is traced itself. The probes know nothing of it afterwards. Returns as
 * probe_attach.
 */
int cost_attach(struct probe *p, pid_t root, unsigned mechanism_mask, struct cost *cost);

#endif
