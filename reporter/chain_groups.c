// SPDX-License-Identifier: BSD-2-Clause
/*
 * Groups of alike nodes. They are sorted by what must be the same within a group, which is tried
 * from the finest to the coarsest.
 */
#include "chain_groups.h"
#include "chain_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What may differ within a group. */
enum level {
	LEVEL_NONE,
	LEVEL_OBJECT,  /* the object, and which thread of a process; the mechanism may not */
	LEVEL_PROCESS, /* also the process, but not its name */
	LEVELS
};

/* A level will do if at most one part in so many of the time is left out. */
#define REST 50

struct member {
	uint32_t node;
	unsigned kind;
	uint32_t thread, object, outside, call;
	int64_t process_id;
	const char *comm;
	char mechanism[24];
};

static void member_fill(struct member *m, const struct chain_file *file,
			const struct chain_tree *tree, uint32_t index, enum level level)
{
	const struct chain_node *node = &tree->nodes[index];
	const struct chain_who *who = &file->who[node->thread];
	bool fine = level == LEVEL_NONE, named = node->kind == CHAIN_FOLLOWED;

	memset(m, 0, sizeof(*m));
	m->node = index;
	m->kind = node->kind;
	m->call = node->in_call ? node->call + 1u : 0;
	m->thread = fine && named ? node->thread : 0;
	m->object = fine ? node->object : 0;
	m->outside = fine ? node->waker_tid : 0;
	m->process_id = named && level < LEVEL_PROCESS ? who->process_id : 0;
	m->comm = named && who->comm ? who->comm : "";
	if (!fine && node->in_call)
		strncpy(m->mechanism, chain_mechanism(file, node->object),
			sizeof(m->mechanism) - 1);
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* 0: they are of one group */
static int by_likeness(const struct member *a, const struct member *b)
{
	int order = compare(a->kind, b->kind);

	order = order ?: compare(a->call, b->call);
	order = order ?: compare(a->object, b->object);
	order = order ?: compare(a->process_id, b->process_id);
	order = order ?: compare(a->thread, b->thread);
	order = order ?: compare(a->outside, b->outside);
	order = order ?: strcmp(a->comm, b->comm);
	return order ?: strcmp(a->mechanism, b->mechanism);
}

static int by_likeness_and_age(const void *a, const void *b)
{
	const struct member *one = a, *other = b;

	return by_likeness(one, other) ?: compare(one->node, other->node);
}

static int by_time(const void *a, const void *b)
{
	const struct chain_group *one = a, *other = b;

	return compare(other->time_ns, one->time_ns) ?: compare(one->nodes[0], other->nodes[0]);
}

static int by_number(const void *a, const void *b)
{
	return compare(*(const int64_t *)a, *(const int64_t *)b);
}

static size_t distinct(int64_t *numbers, size_t count)
{
	size_t found = 0;

	qsort(numbers, count, sizeof(*numbers), by_number);
	for (size_t i = 0; i < count; i++)
		found += !i || numbers[i] != numbers[i - 1];
	return found;
}

/* Count the different ones in a group; `numbers` has room for one of each node. */
static void group_count(struct chain_group *group, const struct chain_file *file,
			const struct chain_tree *tree, int64_t *numbers)
{
	for (size_t i = 0; i < group->count; i++)
		numbers[i] = tree->nodes[group->nodes[i]].object;
	group->objects = distinct(numbers, group->count);
	for (size_t i = 0; i < group->count; i++)
		numbers[i] = tree->nodes[group->nodes[i]].thread;
	group->threads = distinct(numbers, group->count);
	for (size_t i = 0; i < group->count; i++)
		numbers[i] = file->who[tree->nodes[group->nodes[i]].thread].process_id;
	group->processes = distinct(numbers, group->count);
}

/* Divide sorted members into groups. */
static void groups_fill(struct chain_groups *out, const struct chain_tree *tree,
			const struct member *members, size_t count)
{
	struct chain_group *group = NULL;

	out->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct chain_node *node = &tree->nodes[members[i].node];

		out->nodes[i] = members[i].node;
		if (!i || by_likeness(&members[i - 1], &members[i])) {
			group = &out->groups[out->count++];
			*group = (struct chain_group){.nodes = &out->nodes[i]};
		}
		group->count++;
		group->time_ns += node->time_ns;
		group->times += node->count;
	}
	if (out->count)
		qsort(out->groups, out->count, sizeof(*out->groups), by_time);
}

size_t chain_groups_shown(const struct chain_groups *groups, const struct chain_limit *limit)
{
	size_t count = 0;

	while (count < groups->count && count < limit->top &&
	       groups->groups[count].time_ns >= limit->small_ns)
		count++;
	return count + 1 == groups->count ? groups->count : count;
}

/* Do those that are shown have most of the time? */
static bool is_enough(const struct chain_groups *groups, const struct chain_limit *limit)
{
	size_t shown = chain_groups_shown(groups, limit);
	int64_t all_ns = 0, rest_ns = 0;

	for (size_t i = 0; i < groups->count; i++) {
		all_ns += groups->groups[i].time_ns;
		rest_ns += i < shown ? 0 : groups->groups[i].time_ns;
	}
	return rest_ns <= all_ns / REST;
}

/* How many nodes lie below those of the group; their indices are added where there is room. */
static size_t below_list(const struct chain_tree *tree, const struct chain_group *above,
			 uint32_t *nodes)
{
	size_t count = 0;

	for (size_t i = 0; i < above->count; i++) {
		uint32_t node = tree->nodes[above->nodes[i]].child;

		for (; node != CHAIN_NONE; node = tree->nodes[node].brother) {
			if (nodes)
				nodes[count] = node;
			count++;
		}
	}
	return count;
}

int chain_groups_make(struct chain_groups *below, const struct chain_file *file,
		      const struct chain_tree *tree, const struct chain_group *above,
		      const struct chain_limit *limit)
{
	size_t count = below_list(tree, above, NULL);
	struct member *members = calloc(count + 1, sizeof(*members));
	int64_t *numbers = calloc(count + 1, sizeof(*numbers));
	int err = -ENOMEM;

	*below = (struct chain_groups){
		.nodes = calloc(count + 1, sizeof(*below->nodes)),
		.groups = calloc(count + 1, sizeof(*below->groups)),
	};
	if (!members || !numbers || !below->nodes || !below->groups)
		goto out;
	for (int level = LEVEL_NONE; level < LEVELS; level++) {
		below_list(tree, above, below->nodes);
		for (size_t i = 0; i < count; i++)
			member_fill(&members[i], file, tree, below->nodes[i], level);
		qsort(members, count, sizeof(*members), by_likeness_and_age);
		groups_fill(below, tree, members, count);
		if (is_enough(below, limit))
			break;
	}
	for (size_t i = 0; i < below->count; i++)
		group_count(&below->groups[i], file, tree, numbers);
	err = 0;
out:
	free(numbers);
	free(members);
	return err;
}

void chain_groups_free(struct chain_groups *groups)
{
	free(groups->groups);
	free(groups->nodes);
}
