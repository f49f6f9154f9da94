// SPDX-License-Identifier: BSD-2-Clause
/*
 * Edges whose other end is outside the recording.
 */
#include "collector/outside.h"

#include "schemas/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What passed between a process and the outside. */
struct lone {
	int64_t messages, bytes;
};

/*
 * The address of the outside end; NULL: not known. A server is known by its port. Of a client the
 * host says more, as each of its connections has a port of its own.
 */
static char *outside_address(const struct object *o, bool sends)
{
	bool client = o->two_way ? o->ends_used == 2 : !sends;
	const char *text = o->two_way ? o->address[o->ends_used == 1] : o->address[!sends];
	char *copy;

	if (!text || !strrchr(text, ':') || strchr(text, '/') || *text == '@')
		return NULL;
	copy = strdup(text);
	if (copy && client && o->two_way)
		*strrchr(copy, ':') = 0;
	return copy;
}

static struct process *outside_process(struct processes *ps, const struct object *o, bool sends)
{
	struct process *known = sends ? o->outside_reader : o->outside_writer;
	char *address;

	if (known)
		return known;
	if (o->peer_pid)
		return process_by_pid(ps, o->peer_pid, o->peer_comm);
	address = outside_address(o, sends);
	known = address ? process_at(ps, address) : process_outside(ps, 0, "");
	free(address);
	return known;
}

/* What went to or came from the outside: an end that no traced process has. Only sums are known. */
static int outside_edge(struct aggregate *a, struct processes *ps, struct object *o, struct user *u,
			bool sends, struct lone lone)
{
	struct process *other = outside_process(ps, o, sends);
	struct edge *e;

	if (!other)
		return -ENOMEM;
	e = edge_get(a, o, sends ? u->process : other, sends ? other : u->process);
	if (!e)
		return -ENOMEM;
	e->untraced = true;
	e->messages = lone.messages;
	e->bytes = lone.bytes;
	e->first_ns = u->first_ns;
	e->last_ns = u->last_ns;
	return 0;
}

bool outside_end(const struct object *o)
{
	/* a pair that was made here and has no address is in the hands of those it was made for */
	return o->two_way && o->ends_used != 3 && (o->sent_bytes || o->received_bytes) &&
	       (o->inherited || o->address[0] || o->address[1]);
}

/*
 * Anyone may send to it, so what was taken and not sent by a traced process came from the outside.
 * What was sent and not taken may lie there still, unless none of those that take is traced.
 */
static int mailbox_edges(struct aggregate *a, struct processes *ps, struct object *o, bool lossy)
{
	int err = 0;

	for (size_t i = 0; i < o->user_count && !err; i++) {
		struct user *u = &o->users[i];
		struct lone sent = {u->lone_sends, u->lone_sent_bytes};
		struct lone received = {u->lone_recvs, u->lone_received_bytes};

		if (sent.messages > 0 && o->outside && !o->recvs)
			err = outside_edge(a, ps, o, u, true, sent);
		if (received.messages > 0 && !lossy && !err)
			err = outside_edge(a, ps, o, u, false, received);
	}
	return err;
}

int outside_edges(struct aggregate *a, struct processes *ps, struct object *o, bool lossy)
{
	bool one_end = outside_end(o);
	int err = 0;

	if (o->mailbox)
		return mailbox_edges(a, ps, o, lossy);
	o->outside |= one_end;
	if (!o->outside || mechanisms[o->mechanism].discipline == IPCT_DISCIPLINE_NONE)
		return 0;
	for (size_t i = 0; i < o->user_count && !err; i++) {
		struct user *u = &o->users[i];
		struct lone sent = {u->sends, u->sent_bytes};
		struct lone received = {u->recvs, u->received_bytes};

		if (u->sent_bytes && (one_end || !o->received_bytes))
			err = outside_edge(a, ps, o, u, true, sent);
		if (u->received_bytes && (one_end || !o->sent_bytes) && !err)
			err = outside_edge(a, ps, o, u, false, received);
	}
	return err;
}
