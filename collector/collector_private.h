/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the collector share: collector.c (a function for each type of record),
 * collector_op.c (an op's row, sums and times), collector_pair.c (which matcher it goes to),
 * collector_ready.c (waits for readiness), collector_passing.c (fds that are passed),
 * collector_retire.c (objects that are over) and collector_end.c (commits and the end).
 */
#ifndef IPCT_COLLECTOR_PRIVATE_H
#define IPCT_COLLECTOR_PRIVATE_H

#include "collector/aggregate.h"
#include "collector/block.h"
#include "collector/caller.h"
#include "collector/cgroup.h"
#include "collector/collector.h"
#include "collector/decode.h"
#include "collector/label.h"
#include "collector/ledger.h"
#include "collector/memory.h"
#include "collector/passing.h"
#include "collector/store.h"
#include "collector/thread.h"
#include "schemas/tables.h"

struct collector {
	const struct recording *rec;
	struct store *store;
	struct processes processes;
	struct objects objects;
	struct aggregate aggregate;
	struct op_block op_block; /* the last ones, which go on */
	struct message_block message_block;
	struct threads threads;
	struct ledger ledger;
	struct ipct_end end; /* the last record, once it has come */
	bool has_end;
	int64_t ops, messages, committed_ops;
	int64_t last_ns;
	int64_t retired_ns; /* when it was last looked for objects that are over */
	struct labels *labels;
	struct memory memory;
	struct passings *passings;
	struct cgroups cgroups;
	struct callers callers;
};

/* Functions that return int return 0 or -errno. */

/* Nanoseconds since the start of the recording. */
int64_t since_start(struct collector *c, uint64_t monotonic_ns);

/* Which of the object's two directions the op gives to or takes from: the one to that end. */
static inline bool op_direction(const struct instance *in, const struct ipct_op *op)
{
	bool end_one = op->flags & IPCT_OP_END_ONE;

	return in->two_way && end_one != op_gives(op);
}

/* Count the op in the sums of its object and of what the process did there. */
int sum_op(struct object *o, struct process *p, const struct ipct_op *op, int64_t start_ns);

/* Count and store the op, and give its number. */
int put_op(struct collector *c, struct object *o, const struct ipct_op *op,
	   const struct ipct_sleep *sleep, int64_t *op_id);

/* Of an op and the sleep in it, which a damaged capture may have anywhere. */
struct call_times op_times(struct collector *c, const struct ipct_op *op,
			   const struct ipct_sleep *sleep);

/* Find the op its other end, if it moves messages; then what is a part of it. */
int pair_op(struct collector *c, struct instance *in, const struct ipct_op *op, int64_t op_id,
	    const struct call_times *times);
int pair_parts(struct collector *c, const struct ipct_op *op, int64_t op_id,
	       const struct call_times *times);

/* A message whose both ends are known; the argument is the collector. */
void message_take(const struct message *m, void *arg);

/*
 * A wait for readiness has ended: what was ready, and the waking, if it slept, for the receives
 * that follow.
 */
int put_ready(struct collector *c, struct instance *in, const struct ipct_op *op, int64_t op_id,
	      const struct ipct_sleep *sleep, const struct call_times *times);

/*
 * A receive that did not sleep goes on from the waking of the wait that said that there is
 * something to receive, or else from its thread's last waking, which every op that slept is.
 */
int wait_waking(struct collector *c, const struct ipct_op *op, struct call_times *times);

/* Write what has changed since the last time. */
void put_dirty(struct collector *c);

/* No more will come: of the bytes that wait in an instance, and of an object. */
void instance_finish(struct collector *c, struct instance *in);
int object_finish(struct collector *c, struct object *o);

/*
 * Write the objects that are over for the last time and free what was kept of them, so that a
 * recording's memory does not grow with all that ever was. For each record: it looks once a second
 * of the recording, whatever the commits do, so that a replay gives the same file.
 */
int retire(struct collector *c);

/* A side of a fd's passing; and what is known of one, of which the argument is the collector. */
int take_passing(struct collector *c, union record *rec);
void passing_known(const struct passing_side *from, const struct passing_side *to, bool stays,
		   void *arg);

#endif
