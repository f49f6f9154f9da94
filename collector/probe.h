/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The probes' life in the kernel: loaded, attached, stopped, freed. Everything that touches
 * libbpf but the ring's emptying (drain.h) is behind this.
 */
#ifndef IPCT_PROBE_H
#define IPCT_PROBE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/types.h>
#include "schemas/event.h"

struct probe;

/*
 * Load the programs with a ring of `ring_bytes` (a power of two of pages) for the mechanisms of
 * the mask. NULL, with errno set, after a message that names the one thing that is missing.
 */
struct probe *probe_new(size_t ring_bytes, unsigned mechanism_mask);

/* What this kernel cannot do of what was asked for. */
struct probe_lacks {
	unsigned mechanisms; /* that cannot be traced at all, 1 << enum ipct_mechanism */
	char why[1024];      /* a line for each thing; empty: nothing is lacking */
};

const struct probe_lacks *probe_lacks(const struct probe *p);

/* Attach; the recording begins when process `root` calls exec. 0, or -errno after a message. */
int probe_attach(struct probe *p, pid_t root);

/*
 * Trace the calls of this process's first thread, which must be the only one, as if it were the
 * program, so that what that costs can be measured (cost.h): after probe_attach and before the
 * program is let go. probe_self_drop drops the records so far. probe_self_forget ends it, and the
 * probes are as if it had not been. 0 or -errno.
 */
int probe_self_trace(struct probe *p);
void probe_self_drop(struct probe *p);
int probe_self_forget(struct probe *p);

/* The ring buffer's map, for drain_new. */
int probe_ring_fd(const struct probe *p);

/* The ledger's counters so far, summed over the CPUs. 0 or -errno. */
int probe_counts(const struct probe *p, __u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT]);

/* Call `fn` for all first touches that were counted. 0 or -errno. */
int probe_touches(const struct probe *p, void (*fn)(const struct ipct_touch *t, void *arg),
		  void *arg);

/*
 * Stop: when it returns, no program runs any more, and the records of the calls that never
 * returned are in the ring. 0, or -errno after a message.
 */
int probe_stop(struct probe *p);

/* When it was told to stop, on CLOCK_MONOTONIC: nothing later was recorded. */
uint64_t probe_stopped_ns(const struct probe *p);

/* Detach and unload; NULL is allowed. */
void probe_free(struct probe *p);

/* Try to load and attach the one program `name` (part.h). 0 or -errno; no message. */
int probe_try(const char *name);

/*
 * Say why recording cannot start on this machine, if the cause can be told: one message and a
 * hint. `error` is what loading gave, -errno.
 */
void probe_explain(int error);

#endif
