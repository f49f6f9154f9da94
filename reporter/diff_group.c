// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which processes of one recording are those of the other: by program, place in the tree and role,
 * never by pid. Equal ones are one group: twenty workers are compared with eighteen.
 */
#include "diff.h"
#include "diff_match.h"
#include "schemas/say.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS 5

static const uint64_t sends = UINT64_C(0x5555555555555555);

/* Keys, from the most exact one. 0 or 1. */
static int keys_make(char *keys[LEVELS], const struct diff_process *p)
{
	char *plain = diff_without_digits(p->program);
	unsigned long long does = p->does;
	int failed = !plain || asprintf(&keys[0], "%s\n%s\n%llx", p->program, p->path, does) < 0 ||
		     asprintf(&keys[1], "%s\n%s", p->program, p->path) < 0 ||
		     asprintf(&keys[2], "%s\n%llx", p->program, does) < 0 ||
		     asprintf(&keys[3], "%s", p->program) < 0 ||
		     asprintf(&keys[4], "%s\n%llx", plain, does) < 0;

	free(plain);
	return failed;
}

static const char *role_of(const struct diff_group *g)
{
	if (!g->does)
		return "idle";
	if (!(g->does & ~sends))
		return "sender";
	return g->does & sends ? "both" : "receiver";
}

static int by_program(const void *a, const void *b)
{
	const struct diff_group *one = *(struct diff_group *const *)a;
	const struct diff_group *other = *(struct diff_group *const *)b;
	int order = strcmp(one->program, other->program);

	if (!order)
		order = strcmp(role_of(one), role_of(other));
	return order ? order : one < other ? -1 : one > other;
}

/* Groups of one program are told apart by their role, and those of one role by a number. */
static int labels_make(struct diff_group **sorted, size_t count)
{
	size_t program, role;

	for (size_t i = 0; i < count; i += program) {
		for (program = 1; i + program < count; program++)
			if (strcmp(sorted[i + program]->program, sorted[i]->program))
				break;
		for (size_t j = i; j < i + program; j += role) {
			for (role = 1; j + role < i + program; role++)
				if (strcmp(role_of(sorted[j + role]), role_of(sorted[j])))
					break;
			for (size_t k = 0; k < role; k++) {
				struct diff_group *g = sorted[j + k];
				int made;

				if (program == 1)
					made = asprintf(&g->label, "%s", g->program);
				else if (role == 1)
					made = asprintf(&g->label, "%s (%s)", g->program,
							role_of(g));
				else
					made = asprintf(&g->label, "%s (%s %zu)", g->program,
							role_of(g), k + 1);
				if (made < 0)
					return 1;
			}
		}
	}
	return 0;
}

static int groups_name(struct diff *diff)
{
	struct diff_group **sorted = calloc(diff->group_count + 1, sizeof(struct diff_group *));
	int failed = !sorted;

	for (size_t i = 0; !failed && i < diff->group_count; i++)
		sorted[i] = &diff->groups[i];
	if (!failed) {
		qsort(sorted, diff->group_count, sizeof(struct diff_group *), by_program);
		failed = labels_make(sorted, diff->group_count);
	}
	free(sorted);
	return failed;
}

/* The groups, from the classes that the processes got. */
static int groups_fill(struct diff *diff, const struct diff_match *things, long classes)
{
	diff->groups = calloc((size_t)classes + 1, sizeof(*diff->groups));
	if (!diff->groups)
		return 1;
	diff->group_count = (size_t)classes;
	for (size_t i = 0; i < diff->input.process_count; i++) {
		struct diff_process *p = &diff->input.processes[i];
		struct diff_group *g = &diff->groups[things[i].class];

		p->group = things[i].class;
		if (!g->program) {
			g->program = p->program;
			g->path = p->path;
		}
		g->does |= p->does;
		g->processes[diff->input.runs[p->run].side]++;
	}
	return groups_name(diff);
}

int diff_groups_make(struct diff *diff)
{
	size_t count = diff->input.process_count;
	struct diff_match *things = calloc(count + 1, sizeof(*things));
	char *(*keys)[LEVELS] = calloc(count + 1, sizeof(*keys));
	long classes = -1;
	int failed = !things || !keys;

	for (size_t i = 0; i < count && !failed; i++) {
		const struct diff_process *p = &diff->input.processes[i];

		failed = keys_make(keys[i], p);
		things[i].side = diff->input.runs[p->run].side;
		memcpy(things[i].key, keys[i], sizeof(keys[i]));
	}
	if (!failed)
		classes = diff_match(things, count, LEVELS);
	failed = classes < 0 || groups_fill(diff, things, classes);
	if (failed)
		say_error("cannot compare the recordings: out of memory");
	for (size_t i = 0; keys && i < count; i++)
		for (int j = 0; j < LEVELS; j++)
			free(keys[i][j]);
	free(keys);
	free(things);
	return failed;
}
