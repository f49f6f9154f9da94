// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads by tid: a hash table with open addressing, at most half full. None is taken out before
 * the end, as tids are used again.
 */
#include "collector/caller.h"

#include "collector/array.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_FIRST 64

/* Where the thread is, or would be. */
static size_t place_of(const struct callers *cs, uint32_t tid)
{
	size_t i = (tid * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (cs->room - 1);

	while (cs->slot[i] && cs->slot[i]->tid != tid)
		i = (i + 1) & (cs->room - 1);
	return i;
}

struct caller *caller_find(const struct callers *cs, uint32_t tid)
{
	return cs->room ? cs->slot[place_of(cs, tid)] : NULL;
}

static int table_grow(struct callers *cs)
{
	size_t room = cs->room ? 2 * cs->room : ROOM_FIRST;
	struct callers larger = {.slot = calloc(room, sizeof(*larger.slot)), .room = room};

	if (!larger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < cs->room; i++)
		if (cs->slot[i])
			larger.slot[place_of(&larger, cs->slot[i]->tid)] = cs->slot[i];
	free(cs->slot);
	cs->slot = larger.slot;
	cs->room = room;
	return 0;
}

struct caller *caller_get(struct callers *cs, uint32_t tid)
{
	struct caller *caller = caller_find(cs, tid);

	if (caller)
		return caller;
	if (2 * (cs->count + 1) > cs->room && table_grow(cs))
		return NULL;
	caller = calloc(1, sizeof(*caller));
	if (!caller)
		return NULL;
	caller->tid = tid;
	cs->slot[place_of(cs, tid)] = caller;
	cs->count++;
	return caller;
}

int caller_part(struct caller *caller, const struct ipct_op *part)
{
	if (caller->count && caller->parts[0].start_ns != part->start_ns)
		caller->count = 0; /* the op of those was lost */
	if (array_grow(&caller->parts, &caller->room, caller->count, sizeof(*caller->parts)))
		return -ENOMEM;
	caller->parts[caller->count++] = *part;
	return 0;
}

int wait_add(struct wait *wait, uint32_t object, bool end_one)
{
	if (array_grow(&wait->ready, &wait->room, wait->count, sizeof(*wait->ready)))
		return -ENOMEM;
	wait->ready[wait->count++] = (struct ready_end){.object = object, .end_one = end_one};
	return 0;
}

bool wait_found(const struct wait *wait, uint32_t object, bool end_one)
{
	for (size_t i = 0; i < wait->count; i++)
		if (wait->ready[i].object == object && wait->ready[i].end_one == end_one)
			return true;
	return false;
}

void callers_clear(struct callers *cs)
{
	for (size_t i = 0; i < cs->room; i++) {
		if (!cs->slot[i])
			continue;
		free(cs->slot[i]->parts);
		free(cs->slot[i]->wait.ready);
		free(cs->slot[i]);
	}
	free(cs->slot);
	*cs = (struct callers){0};
}
