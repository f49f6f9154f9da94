// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is compared: edges between groups of processes, kinds of calls, and the mechanisms that have
 * several edges. Each is a class of rows that match.
 */
#include "diff.h"
#include "diff_match.h"
#include "schemas/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EDGE_LEVELS 3

const char *const diff_level_names[] = {"mechanism", "edge", "call", "case"};

static uint32_t group_of(const struct diff_input *input, size_t process)
{
	return process == SIZE_MAX ? UINT32_MAX : input->processes[process].group;
}

/* An edge is known by its groups and its object's name; without digits; by its groups alone. */
static int edge_keys(char **keys, const struct diff_input *input, const struct diff_row *e)
{
	uint32_t sender = group_of(input, e->sender), receiver = group_of(input, e->receiver);
	char *name = diff_object_name(e->mechanism, e->object);
	char *plain = name ? diff_without_digits(name) : NULL;
	int failed = !plain ||
		     asprintf(&keys[0], "%u %u %s %s\n%s", sender, receiver, e->kind, e->mechanism,
			      name) < 0 ||
		     asprintf(&keys[1], "%u %u %s %s\n%s", sender, receiver, e->kind, e->mechanism,
			      plain) < 0 ||
		     asprintf(&keys[2], "%u %u %s %s", sender, receiver, e->kind, e->mechanism) < 0;

	free(plain);
	free(name);
	return failed;
}

static int call_keys(char **keys, const struct diff_input *input, const struct diff_row *c)
{
	return asprintf(&keys[0], "%s\n%s\n%s", c->mechanism, c->role, c->syscall) < 0;
}

static int case_keys(char **keys, const struct diff_input *input, const struct diff_row *c)
{
	return asprintf(&keys[0], "%s\n%s\n%s\n%lld", c->mechanism, c->role, c->syscall,
			(long long)c->size) < 0;
}

/* The object of an item whose edges were matched by the key of this level. */
static char *object_name(const char *key, int level)
{
	const char *name = strchr(key, '\n');

	return strdup(level < 2 && name ? name + 1 : "");
}

/* Add a row to its item, whose first one says what it is. 0 or 1. */
static int item_add(struct diff *diff, struct diff_item *item, enum diff_level level,
		    const struct diff_row *row, const struct diff_match *thing)
{
	int side = thing->side;

	if (!item->mechanism) {
		item->level = level;
		item->mechanism = row->mechanism;
		item->kind = row->kind;
		item->role = row->role;
		item->syscall = row->syscall;
		item->size = row->size;
		item->sender =
			level == DIFF_EDGE ? group_of(&diff->input, row->sender) : UINT32_MAX;
		item->receiver =
			level == DIFF_EDGE ? group_of(&diff->input, row->receiver) : UINT32_MAX;
		item->object = object_name(thing->key[thing->level], thing->level);
		if (!item->object)
			return 1;
	}
	item->on[side] = true;
	item->objects[side]++;
	return diff_sums_add(&item->sums[side], &row->sums) ||
	       diff_sums_add(&item->samples[row->run].sums, &row->sums);
}

/* Room for `more` items without rows. 0 or 1. */
static int items_grow(struct diff *diff, size_t more)
{
	struct diff_item *items =
		reallocarray(diff->items, diff->item_count + more + 1, sizeof(*items));

	if (!items)
		return 1;
	diff->items = items;
	for (; more; more--) {
		struct diff_item *item = &items[diff->item_count++];

		*item = (struct diff_item){.above = UINT32_MAX, .superiority = NAN};
		item->samples = calloc((size_t)diff->input.run_count, sizeof(*item->samples));
		if (!item->samples)
			return 1;
		for (int side = 0; side < 2; side++)
			item->sums[side].first_ns = item->sums[side].last_ns = -1;
		for (int run = 0; run < diff->input.run_count; run++)
			item->samples[run].sums.first_ns = item->samples[run].sums.last_ns = -1;
	}
	return 0;
}

/* Match rows by their keys and make an item of each class. 0 or 1. */
static int items_of(struct diff *diff, struct diff_rows *all, enum diff_level of, int levels,
		    int (*keys_make)(char **, const struct diff_input *, const struct diff_row *))
{
	struct diff_match *things = calloc(all->used + 1, sizeof(*things));
	char *(*keys)[EDGE_LEVELS] = calloc(all->used + 1, sizeof(*keys));
	size_t first = diff->item_count;
	long classes = -1;
	int failed = !things || !keys;

	for (size_t i = 0; i < all->used && !failed; i++) {
		failed = keys_make(keys[i], &diff->input, &all->rows[i]);
		things[i].side = diff->input.runs[all->rows[i].run].side;
		memcpy(things[i].key, keys[i], sizeof(keys[i]));
	}
	if (!failed)
		classes = diff_match(things, all->used, levels);
	failed = classes < 0 || items_grow(diff, (size_t)classes);
	for (size_t i = 0; i < all->used && !failed; i++) {
		all->rows[i].item = (uint32_t)first + things[i].class;
		failed = item_add(diff, &diff->items[all->rows[i].item], of, &all->rows[i],
				  &things[i]);
	}
	for (size_t i = 0; keys && i < all->used; i++)
		for (int j = 0; j < EDGE_LEVELS; j++)
			free(keys[i][j]);
	free(keys);
	free(things);
	return failed;
}

/* Add up an edge's item in that of its mechanism. 0 or 1. */
static int mechanism_add(struct diff *diff, struct diff_item *to, const struct diff_item *edge)
{
	int failed = 0;

	to->level = DIFF_MECHANISM;
	to->mechanism = edge->mechanism;
	to->kind = edge->kind;
	to->sender = to->receiver = UINT32_MAX;
	to->object = to->object ? to->object : strdup("");
	for (int side = 0; side < 2; side++) {
		to->on[side] |= edge->on[side];
		to->objects[side] += edge->objects[side];
		failed |= diff_sums_add(&to->sums[side], &edge->sums[side]);
	}
	for (int run = 0; run < diff->input.run_count; run++)
		failed |= diff_sums_add(&to->samples[run].sums, &edge->samples[run].sums);
	return failed || !to->object;
}

/* The first edge of the same mechanism and kind; `count` edges are in front. */
static size_t first_alike(const struct diff *diff, size_t edge)
{
	size_t i = 0;

	while (strcmp(diff->items[i].mechanism, diff->items[edge].mechanism) ||
	       strcmp(diff->items[i].kind, diff->items[edge].kind))
		i++;
	return i;
}

/* Mechanisms that have one edge are that edge. Edges are the first `count` items. 0 or 1. */
static int mechanisms_make(struct diff *diff, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t first = first_alike(diff, i);

		if (first == i)
			continue;
		if (diff->items[first].above == UINT32_MAX) {
			if (items_grow(diff, 1))
				return 1;
			diff->items[first].above = (uint32_t)diff->item_count - 1;
			if (mechanism_add(diff, &diff->items[diff->item_count - 1],
					  &diff->items[first]))
				return 1;
		}
		diff->items[i].above = diff->items[first].above;
		if (mechanism_add(diff, &diff->items[diff->items[i].above], &diff->items[i]))
			return 1;
	}
	return 0;
}

int diff_items_make(struct diff *diff)
{
	int failed = items_of(diff, &diff->input.edges, DIFF_EDGE, EDGE_LEVELS, edge_keys);

	if (!failed)
		failed = mechanisms_make(diff, diff->item_count);
	if (!failed)
		failed = items_of(diff, &diff->input.calls, DIFF_CALL, 1, call_keys);
	if (!failed)
		failed = items_of(diff, &diff->input.cases, DIFF_CASE, 1, case_keys);
	if (failed)
		say_error("cannot compare the recordings: out of memory");
	return failed;
}

static void item_free(struct diff_item *item, int runs)
{
	for (int i = 0; item->samples && i < runs; i++) {
		hist_clear(&item->samples[i].sums.hist);
		free(item->samples[i].values);
		free(item->samples[i].bytes);
	}
	free(item->samples);
	free(item->object);
	hist_clear(&item->sums[0].hist);
	hist_clear(&item->sums[1].hist);
}

void diff_free(struct diff *diff)
{
	for (size_t i = 0; i < diff->item_count; i++)
		item_free(&diff->items[i], diff->input.run_count);
	free(diff->items);
	for (size_t i = 0; i < diff->group_count; i++)
		free(diff->groups[i].label);
	free(diff->groups);
	diff_input_free(&diff->input);
	*diff = (struct diff){0};
}
