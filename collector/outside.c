// SPDX-License-Identifier: BSD-2-Clause
/*
 * Edges whose other end is outside the recording.
 */
#include "collector/outside.h"

#include "schemas/tables.h"

#include <errno.h>

/*
 * What went to or came from the outside: an end that no traced process has. Only sums are known,
 * so the edge counts the ops of the traced side.
 */
static int outside_edge(struct aggregate *a, struct processes *ps, struct object *o, struct user *u,
			bool sends)
{
	struct process *other = sends ? o->outside_reader : o->outside_writer;
	struct edge *e;

	if (!other && o->peer_pid)
		other = process_by_pid(ps, o->peer_pid, o->peer_comm);

	if (!other)
		other = process_outside(ps, 0, "");
	if (!other)
		return -ENOMEM;
	e = edge_get(a, o, sends ? u->process : other, sends ? other : u->process);
	if (!e)
		return -ENOMEM;
	e->untraced = true;
	e->messages = sends ? u->sends : u->recvs;
	e->bytes = sends ? u->sent_bytes : u->received_bytes;
	e->first_ns = u->first_ns;
	e->last_ns = u->last_ns;
	return 0;
}

int outside_edges(struct aggregate *a, struct processes *ps, struct object *o)
{
	int err = 0;

	/* a pair that was made here and has no address is in the hands of those it was made for */
	bool one_end =
		o->two_way && o->ends_used != 3 && (o->inherited || o->address[0] || o->address[1]);

	o->outside |= one_end;
	if (!o->outside || mechanisms[o->mechanism].discipline == IPCT_DISCIPLINE_NONE)
		return 0;
	for (size_t i = 0; i < o->user_count && !err; i++) {
		struct user *u = &o->users[i];

		if (u->sent_bytes && (one_end || !o->received_bytes))
			err = outside_edge(a, ps, o, u, true);
		if (u->received_bytes && (one_end || !o->sent_bytes) && !err)
			err = outside_edge(a, ps, o, u, false);
	}
	return err;
}
