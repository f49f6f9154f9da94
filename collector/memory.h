/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared memory in the file: what calls, forks, execs and exits do to mappings (mapping.h), and
 * from those to rows, lifetimes, edges and sizes.
 */
#ifndef IPCT_MEMORY_TRACK_H
#define IPCT_MEMORY_TRACK_H

#include "collector/aggregate.h"
#include "collector/store.h"

struct memory {
	struct store *store;
	struct objects *objects;
	struct aggregate *aggregate;
	int64_t mappings;  /* rows so far */
	int64_t left_over; /* processes of an object that were too many for edges */
};

/*
 * The instance that an op on a range is on: what the process has mapped there. NULL: nothing that
 * is shared.
 */
struct instance *memory_in_range(const struct memory *m, const struct process *p,
				 const struct ipct_op *op);

/* An op on shared memory has been stored. 0 or -errno. */
int memory_op(struct memory *m, struct process *p, struct instance *in, const struct ipct_op *op,
	      int64_t start_ns, int64_t end_ns);

int memory_fork(struct memory *m, struct process *p, struct process *parent, bool shares,
		int64_t ns);

/* `p` has a new program, or (`exits`) has ended. */
int memory_leave(struct memory *m, struct process *p, bool exits, int64_t ns);

/* First touches, as counted over the whole recording. */
int memory_touch(struct memory *m, struct process *p, struct object *o, const struct ipct_touch *t);

/* The recording has ended. */
void memory_finish(struct memory *m, int64_t ns);

#endif
