// SPDX-License-Identifier: BSD-2-Clause
/*
 * From ops to levels and waits.
 */
#include "collector/pressure.h"

#include "schemas/tables.h"

#include <errno.h>
#include <poll.h>

#define PIPE_BUF_BYTES 4096 /* what fits is written at once or not at all: pipe(7) */

bool pressure_kept(unsigned mechanism)
{
	const struct mechanism *m = &mechanisms[mechanism];

	return m->discipline == IPCT_DISCIPLINE_STREAM ||
	       (m->discipline == IPCT_DISCIPLINE_LABEL && m->moves_bytes);
}

static struct depth *depth_get(struct object *o, unsigned direction)
{
	if (!o->depth[direction])
		o->depth[direction] = depth_new();
	return o->depth[direction];
}

int pressure_found(struct instance *in, const struct ipct_object *a, int64_t ns)
{
	const uint64_t bytes[] = {a->fill, a->fill_one};
	const uint32_t messages[] = {a->fill_messages, a->fill_messages_one};
	struct depth *d;

	if (mechanisms[a->head.mechanism].discipline != IPCT_DISCIPLINE_LABEL)
		return 0; /* its stream says it */
	for (unsigned way = 0; way < 2; way++) {
		if (!bytes[way] && !messages[way])
			continue;
		d = depth_get(in->object, way);
		if (!d || depth_level(d, ns, (int64_t)bytes[way], messages[way]))
			return -ENOMEM;
		d->fill_bytes = (int64_t)bytes[way];
		d->fill_messages = messages[way];
	}
	return 0;
}

/* The size of the socket's own buffer comes with some ops: see bpf/socket.h. */
static void buffer_seen(struct depth *d, const struct ipct_op *op)
{
	int64_t *size = op->role == IPCT_ROLE_SEND ? &d->send_buffer : &d->receive_buffer;

	if (op->head.mechanism != IPCT_MECH_TCP && op->head.mechanism != IPCT_MECH_UNIX_STREAM)
		return;
	if (op->key <= INT32_MAX && (int64_t)op->key > *size)
		*size = (int64_t)op->key;
}

int64_t pressure_capacity(const struct object *o, const struct depth *d)
{
	switch (o->mechanism) {
	case IPCT_MECH_UNIX_STREAM:
		return d->send_buffer ?: o->capacity;
	case IPCT_MECH_TCP:
		return d->send_buffer && d->receive_buffer ? d->send_buffer + d->receive_buffer
							   : -1;
	}
	return o->capacity;
}

/* Where the kernel counts as we do, what it says holds at every moment. */
static void limits_set(const struct object *o, struct depth *d)
{
	switch (o->mechanism) {
	case IPCT_MECH_POSIX_MQ:
	case IPCT_MECH_SYSV_MQ:
		if (o->capacity_messages > 0)
			d->limit_messages = o->capacity_messages;
		/* fallthrough */
	case IPCT_MECH_PIPE:
	case IPCT_MECH_FIFO:
		if (o->capacity > 0)
			d->limit_bytes = o->capacity;
	}
}

/*
 * What is inside while a send waits. One that is larger than what goes in at once has put a part
 * in; the ops that have ended do not say so.
 */
static int64_t inside_bytes(const struct object *o, const struct depth *d, const struct ipct_op *op)
{
	int64_t capacity = pressure_capacity(o, d);

	if (mechanisms[o->mechanism].discipline != IPCT_DISCIPLINE_STREAM ||
	    op->requested <= PIPE_BUF_BYTES || capacity <= d->bytes ||
	    !mechanisms[o->mechanism].moves_bytes)
		return 0;
	return (int64_t)op->requested < capacity - d->bytes ? d->bytes + (int64_t)op->requested
							    : capacity;
}

/* A call on two objects waits for one of them: for the one whose other side woke it. */
static bool wait_is_here(const struct depth *d, const struct ipct_op *op,
			 const struct ipct_sleep *sleep)
{
	if (!(op->flags & (IPCT_OP_FIRST | IPCT_OP_SECOND)))
		return true;
	return sleep->waker && sleep->waker == (op->role == IPCT_ROLE_SEND ? d->taker : d->giver);
}

/* A receive that finds nothing. Of System V queues, nothing of the type that it wants. */
static bool finds_empty(const struct object *o, const struct ipct_op *op)
{
	return op->role == IPCT_ROLE_RECV && o->mechanism != IPCT_MECH_SYSV_MQ &&
	       mechanisms[o->mechanism].discipline == IPCT_DISCIPLINE_LABEL;
}

/* When the call's last sleep began, if it was woken and waited for nothing else before. */
static int64_t wait_begin_ns(const struct ipct_sleep *sleep, const struct call_times *times)
{
	if ((int64_t)sleep->waiting_ns < times->woken_ns - times->begin_ns)
		return times->woken_ns - (int64_t)sleep->waiting_ns;
	return times->begin_ns;
}

static int op_waited(const struct object *o, struct depth *d, const struct ipct_op *op,
		     const struct ipct_sleep *sleep, const struct call_times *times)
{
	int64_t from = wait_begin_ns(sleep, times);

	if (!times->woken_ns || !sleep->waiting_ns || !wait_is_here(d, op, sleep))
		return 0;
	if (op->role == IPCT_ROLE_SEND)
		return depth_waited(d, DEPTH_FULL, from, times->woken_ns, inside_bytes(o, d, op));
	if (finds_empty(o, op) && depth_was_empty(d, from))
		return -ENOMEM;
	return depth_waited(d, DEPTH_EMPTY, from, times->woken_ns, 0);
}

static int op_refused(const struct object *o, struct depth *d, const struct ipct_op *op,
		      int64_t begin_ns)
{
	bool nothing = op->result == -ENOMSG && o->mechanism == IPCT_MECH_SYSV_MQ;

	if (!(op->flags & IPCT_OP_FINISHED) || (op->result != -EAGAIN && !nothing))
		return 0;
	depth_refused(d, op->role == IPCT_ROLE_SEND ? DEPTH_FULL : DEPTH_EMPTY);
	return finds_empty(o, op) ? depth_was_empty(d, begin_ns) : 0;
}

int pressure_op(struct instance *in, unsigned direction, const struct ipct_op *op,
		const struct ipct_sleep *sleep, const struct call_times *times)
{
	struct object *o = in->object;
	bool sends = op->role == IPCT_ROLE_SEND;
	struct depth *d;
	int err;

	if (!pressure_kept(o->mechanism) || !in->number)
		return 0;
	if (!sends && op->role != IPCT_ROLE_RECV)
		return 0;
	/* of datagrams that went to no one it is not known whose queue was full */
	if (sends && o->mailbox && !(op->flags & IPCT_OP_ELSEWHERE))
		return 0;
	d = depth_get(o, direction);
	if (!d)
		return -ENOMEM;
	buffer_seen(d, op);
	limits_set(o, d);
	err = op_waited(o, d, op, sleep, times);
	if (!err && !sleep->waiting_ns) /* after a wait it would be the end of a time limit */
		err = op_refused(o, d, op, times->begin_ns);
	depth_op(d, sends, op->head.process, op->tid, times->begin_ns, times->end_ns);
	return err;
}

int pressure_ready(struct instance *in, bool end_one, uint32_t events,
		   const struct ipct_sleep *sleep, const struct call_times *times)
{
	bool receives = events & (POLLIN | POLLPRI | POLLRDNORM | POLLRDHUP | POLLHUP);
	struct object *o = in->object;
	struct depth *d;

	if (!pressure_kept(o->mechanism) || !in->number || !times->woken_ns || !sleep->waiting_ns)
		return 0;
	if (!receives && (o->mailbox || !(events & (POLLOUT | POLLWRNORM))))
		return 0;
	d = depth_get(o, in->two_way && end_one == receives);
	if (d && !receives && !d->sends)
		return 0; /* it waited to be connected */
	if (!d)
		return -ENOMEM;
	return depth_waited(d, receives ? DEPTH_EMPTY : DEPTH_FULL, wait_begin_ns(sleep, times),
			    times->woken_ns, 0);
}

int pressure_stream(struct instance *in, unsigned direction, int64_t ns)
{
	const struct stream *s = &in->stream[direction];
	struct depth *d = in->object->depth[direction];
	int64_t inside = stream_inside(s);

	if (!d)
		return 0;
	if (!mechanisms[in->object->mechanism].moves_bytes) /* the count of an eventfd */
		return depth_level(d, ns, 0, inside);
	return depth_level(d, ns, inside, inside > 0 ? (int64_t)s->sends.count : 0);
}

int pressure_sent(struct object *o, unsigned direction, const struct span *send)
{
	struct depth *d = depth_get(o, direction);

	return d ? depth_put(d, send->times.end_ns, send->end - send->start) : -ENOMEM;
}

int pressure_received(struct object *o, unsigned direction, const struct ipct_op *op, int64_t ns)
{
	struct depth *d = o->depth[direction];
	int64_t bytes;

	if (!d || !d->fill_messages || op->flags & IPCT_OP_PEEK || op->result < 0)
		return 0;
	bytes = op->bytes < d->fill_bytes && d->fill_messages > 1 ? op->bytes : d->fill_bytes;
	d->fill_messages--;
	d->fill_bytes -= bytes;
	return depth_take(d, ns, bytes);
}

int pressure_taken(const struct message *m)
{
	struct object *o = m->send->owner;
	struct depth *d = o->depth[m->send->direction];

	if (!d || m->recv->peek || mechanisms[o->mechanism].discipline != IPCT_DISCIPLINE_LABEL)
		return 0;
	return depth_take(d, m->recv->times.end_ns, m->send->end - m->send->start);
}

void pressure_closed(struct object *o, int64_t ns)
{
	for (int way = 0; way < 2 && !o->lasting; way++)
		if (o->depth[way])
			depth_level(o->depth[way], ns, 0, 0);
}

int pressure_finish(struct object *o, int64_t ns)
{
	int err = 0;

	for (int way = 0; way < 2 && !err; way++) {
		struct depth *d = o->depth[way];

		if (d)
			err = depth_level(d, ns, d->bytes, d->messages);
	}
	return err;
}
