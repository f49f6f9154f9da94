// SPDX-License-Identifier: BSD-2-Clause
/*
 * Objects that are over. One is when its last fd is closed and all who have used it have exited:
 * the record of an exit comes after all of the process's calls, so nothing can come any more. (A
 * close alone does not say so: a call that was in it can still return.) Should a record come all
 * the same, as in a damaged capture, its number stands for a new object that nothing is known of.
 */
#include "collector/collector_private.h"

#define RETIRE_NS 1000000000ll /* between two looks, and for how long an object has been over */

static bool process_gone(const struct collector *c, const struct process *p)
{
	return p->traced && p->exit_ns != UNKNOWN_NS && p->exit_ns < c->last_ns - RETIRE_NS;
}

static bool object_over(const struct collector *c, const struct object *o)
{
	if (o->retired || o->closed_ns == UNKNOWN_NS || o->closed_ns >= c->last_ns - RETIRE_NS ||
	    o->open_fds > 0 || o->lasting || o->mailbox || o->of)
		return false;
	for (size_t i = 0; i < o->user_count; i++)
		if (!process_gone(c, o->users[i].process))
			return false;
	return true;
}

/* Write the objects that are over, and free what was kept of them. */
static int objects_end(struct collector *c)
{
	int err = 0;

	for (size_t i = 0; i < c->objects.count && !err; i++)
		if (object_over(c, c->objects.all[i]))
			err = object_finish(c, c->objects.all[i]);
	if (err)
		return err;
	put_dirty(c);
	for (size_t i = 0; i < c->objects.count; i++) {
		struct object *o = c->objects.all[i];

		if (!object_over(c, o))
			continue;
		edges_retire(&c->aggregate, o);
		object_retire(o);
	}
	return 0;
}

int retire(struct collector *c)
{
	bool any = false;

	if (c->last_ns < c->retired_ns + RETIRE_NS)
		return 0;
	c->retired_ns = c->last_ns;
	for (size_t i = 0; i < c->objects.room; i++) {
		struct instance *in = c->objects.by_number[i];

		if (!in || !in->object || !object_over(c, in->object))
			continue;
		instance_finish(c, in);
		instance_retire(&c->objects, i);
		any = true;
	}
	return any ? objects_end(c) : 0;
}
