// SPDX-License-Identifier: BSD-2-Clause
/*
 * Two lists of sides that wait for their other side, each in a hash table by carrier and file.
 */
#include "collector/passing.h"

#include <errno.h>
#include <stdlib.h>

#define BUCKETS     1024
#define WAITING_MAX 65536 /* fds given that wait, and taken ones: more find no other side */

struct waiting {
	struct waiting *next; /* the younger one in its bucket */
	struct passing_side side;
};

struct table {
	struct waiting *bucket[BUCKETS];
	size_t count;
};

struct passings {
	struct table given, taken;
};

struct passings *passings_new(void)
{
	return calloc(1, sizeof(struct passings));
}

static void waiting_free(struct waiting *w)
{
	free(w->side.what);
	free(w);
}

static void table_clear(struct table *t)
{
	for (int i = 0; i < BUCKETS; i++)
		for (struct waiting *w = t->bucket[i], *next; w; w = next) {
			next = w->next;
			waiting_free(w);
		}
}

void passings_free(struct passings *ps)
{
	if (!ps)
		return;
	table_clear(&ps->given);
	table_clear(&ps->taken);
	free(ps);
}

static struct waiting **table_bucket(struct table *t, const struct passing_side *side)
{
	uint64_t h = side->file * 0x9e3779b97f4a7c15u + side->direction * 0xc2b2ae3d27d4eb4fu;

	return &t->bucket[(h >> 32) % BUCKETS];
}

/* Where the oldest one of the same carrier and file hangs; it is NULL if there is none. */
static struct waiting **table_find(struct table *t, const struct passing_side *side)
{
	struct waiting **at = table_bucket(t, side);

	while (*at && ((*at)->side.file != side->file || (*at)->side.direction != side->direction))
		at = &(*at)->next;
	return at;
}

static void table_remove(struct table *t, struct waiting **at)
{
	struct waiting *w = *at;

	*at = w->next;
	t->count--;
	waiting_free(w);
}

/* False: no memory, and the side is as it was. */
static bool table_add(struct table *t, const struct passing_side *side)
{
	struct waiting **at = table_bucket(t, side), *w;

	w = malloc(sizeof(*w));
	if (!w)
		return false;
	*w = (struct waiting){.side = *side};
	while (*at)
		at = &(*at)->next;
	*at = w;
	t->count++;
	return true;
}

static int side_wait(struct table *t, const struct passing_side *side)
{
	if (t->count < WAITING_MAX && table_add(t, side))
		return 0;
	free(side->what);
	return t->count < WAITING_MAX ? -ENOMEM : 0;
}

int passing_give(struct passings *ps, const struct passing_side *side, passing_fn fn, void *arg)
{
	struct waiting **to = table_find(&ps->taken, side);

	if (!*to)
		return side_wait(&ps->given, side);
	fn(side, &(*to)->side, false, arg);
	table_remove(&ps->taken, to);
	free(side->what);
	return 0;
}

int passing_take(struct passings *ps, const struct passing_side *side, bool peek, passing_fn fn,
		 void *arg)
{
	struct waiting **from = table_find(&ps->given, side);

	if (!*from && !peek)
		return side_wait(&ps->taken, side);
	fn(*from ? &(*from)->side : NULL, side, peek, arg);
	if (*from && !peek)
		table_remove(&ps->given, from);
	free(side->what);
	return 0;
}

void passings_finish(struct passings *ps, passing_fn fn, void *arg)
{
	for (int i = 0; i < BUCKETS; i++) {
		while (ps->given.bucket[i]) {
			fn(&ps->given.bucket[i]->side, NULL, true, arg);
			table_remove(&ps->given, &ps->given.bucket[i]);
		}
		while (ps->taken.bucket[i]) {
			fn(NULL, &ps->taken.bucket[i]->side, false, arg);
			table_remove(&ps->taken, &ps->taken.bucket[i]);
		}
	}
}
