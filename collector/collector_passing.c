// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fds that one process passes to another: from records to sides, and what follows when both sides
 * are known.
 */
#include "collector/collector_private.h"

#include "collector/lifetime.h"
#include "collector/outside.h"
#include "collector/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void passing_known(const struct passing_side *from, const struct passing_side *to, bool stays,
		   void *arg)
{
	struct collector *c = arg;
	uint32_t number = from ? from->object : to->object;
	struct instance *in = number ? c->objects.by_number[number] : NULL;

	store_passing(c->store, from, to, in ? in->object->id : 0);
	if (from && to && !stays)
		lifetime_arrived(&c->objects, number, to->time_ns);
	if (!to && in && (from->carrier->outside || outside_end(from->carrier))) {
		in->object->outside = true; /* whoever took it is not traced */
		in->object->dirty = true;
	}
}

/* What the passed fd is if it is no object of the recording. NULL: no memory. */
static char *passing_what(const struct ipct_passing *r)
{
	char path[IPCT_PATH_LEN + 8];

	path_join(&r->path, "", path, sizeof(path));
	return strdup(*path ? path : r->text);
}

int take_passing(struct collector *c, union record *rec)
{
	struct ipct_passing *r = &rec->passing;
	bool gives = r->flags & IPCT_PASSING_GIVES, end_one = r->flags & IPCT_PASSING_END_ONE;
	struct process *p = process_get(&c->processes, r->head.process);
	int64_t ns = since_start(c, r->time_ns);
	struct instance *carrier = instance_get(&c->objects, r->carrier, r->head.mechanism, ns);
	struct instance *in =
		r->object ? instance_get(&c->objects, r->object, r->mechanism, ns) : NULL;
	struct passing_side side = {
		.file = r->file,
		.direction = r->carrier,
		.object = r->object,
		.time_ns = ns,
		.process = p,
		.fd = r->fd,
	};

	if (!p || !carrier || (r->object && (!in || !object_user(in->object, p))))
		return -ENOMEM;
	side.carrier = carrier->object;
	side.direction += carrier->two_way && end_one != gives;
	if (!r->object && !(side.what = passing_what(r)))
		return -ENOMEM;
	if (gives) {
		lifetime_given(&c->objects, r->object);
		return passing_give(c->passings, &side, passing_known, c);
	}
	if (lifetime_taken(&c->objects, p, r->fd, r->object, r->flags & IPCT_PASSING_CLOEXEC, ns)) {
		free(side.what);
		return -ENOMEM;
	}
	return passing_take(c->passings, &side, r->flags & IPCT_PASSING_PEEK, passing_known, c);
}
