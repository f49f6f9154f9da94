// SPDX-License-Identifier: BSD-2-Clause
/*
 * Edges between the users of an object.
 */
#include "collector/share.h"

#include <errno.h>

/* Something can pass from `from` to `to` now. */
static int share_edge(struct aggregate *a, struct object *o, struct user *from, struct user *to,
		      int64_t ns)
{
	struct edge *e = edge_get(a, o, from->process, to->process);

	if (!e)
		return -ENOMEM;
	e->untraced = true;
	if (e->first_ns == UNKNOWN_NS)
		e->first_ns = ns;
	if (ns > e->last_ns)
		e->last_ns = ns;
	return 0;
}

int share_begin(struct aggregate *a, struct object *o, struct process *p, unsigned how, int64_t ns)
{
	struct user *u = object_user(o, p);
	bool first_write;
	int err = 0;

	if (!u)
		return -ENOMEM;
	o->dirty = true;
	if (how & SHARE_STAYS)
		u->maps++;
	first_write = how & SHARE_WRITES && u->writes_ns == UNKNOWN_NS;
	if (first_write)
		u->writes_ns = ns;
	if (!u->shares && o->sharers >= SHARERS_MAX)
		return 1;
	o->sharers += !u->shares;
	u->shares = true;
	for (size_t i = 0; i < o->user_count && !err; i++) {
		struct user *v = &o->users[i];

		if (v == u || !v->shares)
			continue;
		if (how & SHARE_READS && v->writes_ns != UNKNOWN_NS)
			err = share_edge(a, o, v, u, ns);
		if (first_write && v->maps && !err)
			err = share_edge(a, o, u, v, ns);
	}
	return err;
}

/* The user looks no more, or not beyond the end of the recording. */
static void share_looked(struct aggregate *a, struct object *o, struct user *u, int64_t ns)
{
	for (size_t i = 0; i < o->user_count; i++) {
		struct user *v = &o->users[i];

		if (v != u && v->shares && v->writes_ns != UNKNOWN_NS)
			share_edge(a, o, v, u, ns);
	}
}

void share_end(struct aggregate *a, struct object *o, struct process *p, int64_t ns)
{
	struct user *u = object_user(o, p);

	if (u && u->maps && !--u->maps && u->shares)
		share_looked(a, o, u, ns);
}

void share_finish(struct aggregate *a, struct object *o, int64_t ns)
{
	for (size_t i = 0; i < o->user_count; i++)
		if (o->users[i].maps && o->users[i].shares)
			share_looked(a, o, &o->users[i], ns);
}
