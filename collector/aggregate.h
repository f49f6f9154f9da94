/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What reports ask first, kept up to date while storing, so that they need not read every event:
 * edges with their transit, and the durations of calls.
 */
#ifndef IPCT_AGGREGATE_H
#define IPCT_AGGREGATE_H

#include "collector/object.h"
#include "collector/parts.h"
#include "schemas/hist.h"

/* Receivers that a send call woke: [1] of those that then ran on another CPU than the sender's. */
struct edge_wakeups {
	struct {
		int64_t moved; /* that ran on another CPU than they had gone to sleep on */
		struct hist transit, runq;
	} by_crossing[2];
	int64_t last_ns; /* of the last one that was counted */
};

struct edge {
	struct object *object;
	struct process *sender, *receiver;
	int64_t messages, bytes;
	int64_t by_confidence[3], bytes_by_confidence[3]; /* enum confidence */
	int64_t first_ns, last_ns;
	bool untraced; /* no transit: one end is outside (ops are counted), or memory is shared */
	struct hist transit, part[PARTS];
	struct edge_wakeups *wakeups; /* NULL: none so far */
	struct edge *next;            /* of the same object */
	bool dirty;
};

struct call_stat {
	int64_t count, errors, bytes, blocked_ns;
	int64_t timeouts; /* waits for readiness that ended with nothing ready */
	struct hist dur, part[CALL_PARTS];
	bool dirty;
};

struct aggregate {
	void *edges; /* tsearch */
	struct edge **dirty;
	size_t dirty_count, dirty_room;
	struct call_stat *calls[IPCT_MECH_COUNT][IPCT_ROLE_COUNT][IPCT_SYS_COUNT];
};

/* The edge, made if it is new. NULL: no memory. It will be written with the next commit. */
struct edge *edge_get(struct aggregate *a, struct object *o, struct process *sender,
		      struct process *receiver);

/* Count a message on its edge, and what is in `parts` of its transit. 0 or -ENOMEM. */
int edge_message(struct edge *e, const struct message *m, const struct parts *parts);

/* Count an op. 0 or -ENOMEM. */
int call_count(struct aggregate *a, const struct ipct_op *op, const struct ipct_sleep *sleep);

/* Free the object's edges, which have all been written. */
void edges_retire(struct aggregate *a, struct object *o);

void aggregate_clear(struct aggregate *a);

#endif
