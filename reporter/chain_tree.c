// SPDX-License-Identifier: BSD-2-Clause
/*
 * The sums of a walk. A node comes after its parent in the array, so that one pass from the last
 * to the first adds all of them up.
 */
#include "chain_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 256 /* a power of two, as all sizes of the table are */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static uint32_t slot_of(const struct chain_tree *tree, const struct chain_node *node)
{
	uint64_t hash = mix(node->parent, (uint64_t)node->kind << 32 | node->thread);

	hash = mix(hash, (uint64_t)node->object << 32 | node->waker_tid);
	hash = mix(hash, (uint64_t)node->call << 1 | node->in_call);
	return (uint32_t)hash & (tree->slot_count - 1);
}

static bool is_same(const struct chain_node *a, const struct chain_node *b)
{
	return a->parent == b->parent && a->kind == b->kind && a->thread == b->thread &&
	       a->object == b->object && a->call == b->call && a->in_call == b->in_call &&
	       a->waker_tid == b->waker_tid;
}

/* The slot of such a node, or the empty one where it belongs. */
static uint32_t *slot_find(const struct chain_tree *tree, const struct chain_node *node)
{
	uint32_t i = slot_of(tree, node);

	while (tree->slots[i] != CHAIN_NONE && !is_same(&tree->nodes[tree->slots[i]], node))
		i = (i + 1) & (tree->slot_count - 1);
	return &tree->slots[i];
}

/* Room for one more node, and a table that is half empty at least. */
static int tree_grow(struct chain_tree *tree)
{
	uint32_t room = tree->room ? 2 * tree->room : SLOTS_MIN / 2;
	struct chain_node *nodes;
	uint32_t *slots;

	if (tree->count < tree->room)
		return 0;
	if (room > CHAIN_NONE / 4)
		return -ENOMEM;
	nodes = reallocarray(tree->nodes, room, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	tree->nodes = nodes;
	slots = reallocarray(tree->slots, room, 2 * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	tree->slots = slots;
	tree->room = room;
	tree->slot_count = 2 * room;
	memset(slots, 0xff, tree->slot_count * sizeof(*slots)); /* CHAIN_NONE */
	for (uint32_t i = 0; i < tree->count; i++)
		*slot_find(tree, &nodes[i]) = i;
	return 0;
}

/* The index of such a node, which is made if need be, or CHAIN_NONE. */
static uint32_t node_get(struct chain_tree *tree, struct chain_node *like)
{
	uint32_t *slot, index;

	if (tree_grow(tree))
		return CHAIN_NONE;
	slot = slot_find(tree, like);
	if (*slot != CHAIN_NONE)
		return *slot;
	index = *slot = tree->count++;
	like->child = like->brother = CHAIN_NONE;
	if (like->parent != CHAIN_NONE) {
		like->brother = tree->nodes[like->parent].child;
		tree->nodes[like->parent].child = index;
	}
	tree->nodes[index] = *like;
	return index;
}

static struct chain_node node_like(const struct chain_tree *tree, unsigned kind, uint32_t thread,
				   const struct chain_op *op)
{
	return (struct chain_node){
		.kind = kind,
		.thread = thread,
		.object = op ? op->object : 0,
		.call = op ? op->call : 0,
		.in_call = op,
		.waker_tid = op && kind == CHAIN_OUTSIDE ? op->waker_tid : 0,
		.parent = tree->at,
	};
}

static int take_enter(void *arg, const struct chain_op *op, uint32_t thread)
{
	struct chain_tree *tree = arg;
	struct chain_node like = node_like(tree, CHAIN_FOLLOWED, thread, op);
	uint32_t node = node_get(tree, &like);

	if (node == CHAIN_NONE)
		return -ENOMEM;
	tree->nodes[node].count++;
	tree->at = node;
	return 0;
}

static void take_leave(void *arg)
{
	struct chain_tree *tree = arg;

	tree->at = tree->nodes[tree->at].parent;
}

/* Does it matter in which call that was? */
static bool has_call(enum chain_kind kind)
{
	return kind != CHAIN_RAN && kind != CHAIN_RUNQ;
}

static int take_piece(void *arg, const struct chain_piece *piece)
{
	struct chain_tree *tree = arg;
	struct chain_node like = node_like(tree, piece->kind, piece->thread,
					   has_call(piece->kind) ? piece->op : NULL);
	uint32_t node = node_get(tree, &like);

	if (node == CHAIN_NONE)
		return -ENOMEM;
	tree->nodes[node].count++;
	tree->nodes[node].time_ns += piece->to_ns - piece->from_ns;
	return 0;
}

int chain_tree_make(struct chain_tree *tree, const struct chain *chain, uint32_t thread,
		    int64_t from_ns, int64_t to_ns)
{
	struct chain_sink sink = {
		.enter = take_enter,
		.leave = take_leave,
		.piece = take_piece,
		.arg = tree,
	};
	int err;

	*tree = (struct chain_tree){.at = CHAIN_NONE};
	err = take_enter(tree, NULL, thread) ?: chain_walk(chain, thread, from_ns, to_ns, &sink);
	for (uint32_t i = tree->count; !err && i-- > 1;)
		tree->nodes[tree->nodes[i].parent].time_ns += tree->nodes[i].time_ns;
	return err;
}

void chain_tree_free(struct chain_tree *tree)
{
	free(tree->nodes);
	free(tree->slots);
}
