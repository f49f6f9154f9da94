/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sums of a walk: pieces that came about in the same way, through the same waits of the same
 * threads, are one node.
 */
#ifndef IPCT_CHAIN_TREE_H
#define IPCT_CHAIN_TREE_H

#include "chain_walk.h"

/* The kind of a node whose time is that of another thread, and lies in the nodes below it. */
#define CHAIN_FOLLOWED CHAIN_KINDS

struct chain_node {
	unsigned kind;           /* enum chain_kind or CHAIN_FOLLOWED */
	uint32_t thread;         /* whose time it is: that of the waker, if followed */
	uint32_t object;         /* that was waited on */
	uint16_t call;           /* that waited */
	bool in_call;            /* object and call are known */
	uint32_t waker_tid;      /* of CHAIN_OUTSIDE */
	uint32_t parent;         /* index, below the node's own */
	uint32_t child, brother; /* indices: first below it, next of the same parent; CHAIN_NONE */
	int64_t time_ns;         /* with all below it */
	int64_t count;           /* pieces; of a wait that is followed, how often */
};

/* Node 0 is the span of the thread that was asked for. */
struct chain_tree {
	struct chain_node *nodes;
	uint32_t count, room;
	uint32_t *slots; /* a hash table of them, by what makes them differ */
	uint32_t slot_count;
	uint32_t at; /* while it is made: the node that the walk is in */
};

/* Make it from a walk. 0 or -ENOMEM; chain_tree_free() in either case. */
int chain_tree_make(struct chain_tree *tree, const struct chain *chain, uint32_t thread,
		    int64_t from_ns, int64_t to_ns);

void chain_tree_free(struct chain_tree *tree);

#endif
