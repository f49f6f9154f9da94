/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes of a chain's sums as a reader wants them: what is alike together where it is too much to
 * show one by one. A server with ten thousand connections waits on ten thousand objects for one
 * client, which is one line; so is a build in which each of a thousand compilers waits for its
 * own assembler.
 */
#ifndef IPCT_CHAIN_GROUPS_H
#define IPCT_CHAIN_GROUPS_H

#include "chain_read.h"
#include "chain_tree.h"

/* Nodes that are shown as one. */
struct chain_group {
	const uint32_t *nodes;
	size_t count;
	int64_t time_ns, times;
	size_t threads, processes, objects; /* how many different ones */
};

struct chain_groups {
	struct chain_group *groups; /* most time first */
	size_t count;
	uint32_t *nodes;
};

/* Which groups are shown: so many, the largest ones, and none with less time. */
struct chain_limit {
	size_t top;
	int64_t small_ns;
};

/*
 * All that lies below the nodes `above`, in groups: as fine as they can be if those that are shown
 * are to have most of the time. 0 or -ENOMEM; chain_groups_free() in either case.
 */
int chain_groups_make(struct chain_groups *below, const struct chain_file *file,
		      const struct chain_tree *tree, const struct chain_group *above,
		      const struct chain_limit *limit);

/* How many of them are to be shown: all but one is all, as the rest takes a line as well. */
size_t chain_groups_shown(const struct chain_groups *groups, const struct chain_limit *limit);

void chain_groups_free(struct chain_groups *groups);

#endif
