/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path of an event after the ring: decode, track, pair, store. The same for a live recording
 * and a replayed capture; all that it knows comes from the records and from struct recording.
 */
#ifndef IPCT_COLLECTOR_H
#define IPCT_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "schemas/event.h"

/* What is known before the first record; goes into `meta`, and to the head of a capture. */
struct recording {
	int64_t start_monotonic_ns, start_realtime_ns;
	int64_t ring_bytes;
	unsigned mechanism_mask;
	unsigned cpus;
	char *command, *cwd, *host, *kernel, *arch, *user, *version;
	/* What the probes add to a call that is recorded, and to one that is not; 0: not known. */
	int64_t probe_call_ns, probe_other_call_ns;
	char *probe_measured;    /* mechanism of the calls that probe_call_ns was measured on */
	char *probe_unmeasured;  /* why neither is known; NULL */
	char *not_traceable;     /* mechanisms that were asked for in vain, comma separated; NULL */
	char *not_traceable_why; /* a line for each thing that this kernel cannot do; NULL */
};

/* A commit after so many ops bounds the write-ahead log. */
#define COLLECTOR_COMMIT_OPS 100000

struct collector;

/* Create the trace file. `rec` must live as long as the collector. NULL after an error message. */
struct collector *collector_new(const char *path, const struct recording *rec);

/*
 * Take the whole records in `data`. Returns the bytes taken (a last partial record is left), or
 * -EINVAL where the data are damaged: what came before is kept. A store that fails is no error
 * here: records are then counted as lost.
 */
long collector_feed(struct collector *c, const void *data, size_t len);

/* The kernel side's counters as of now, for the ledger of a recording that is still going on. */
void collector_counts(struct collector *c, __u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT],
		      const __u64 spool_lost[IPCT_MECH_COUNT]);

/* Make everything so far visible to readers. */
void collector_commit(struct collector *c);

/* Ops since the last commit. */
int64_t collector_uncommitted(const struct collector *c);

/* Give the thread that writes the file this nice value, if that is allowed. */
void collector_nice(struct collector *c, int nice);

/* Has storing failed (and been said)? */
bool collector_failed(const struct collector *c);

/* Has the record of the end come? */
bool collector_complete(const struct collector *c);

/* Call `fn` with the pid of each traced process whose end was not seen. */
void collector_each_alive(const struct collector *c, void (*fn)(uint32_t pid, void *arg),
			  void *arg);

/* Sums for the summary after a recording. */
struct collector_sums {
	int64_t ops, messages, bytes, lost;
	int processes, objects, edges;
};

/*
 * The last records have come: close what is open, balance the ledger, finish the file. Without a
 * record of the end (a capture that was cut) the file says so. The collector is freed. 0, or -EIO
 * if the file is not complete (said).
 */
int collector_finish(struct collector *c, struct collector_sums *sums);

void recording_clear(struct recording *rec);

#endif
