// SPDX-License-Identifier: BSD-2-Clause
/*
 * From ops to messages: which matcher an op goes to, as the discipline of its mechanism says, with
 * which span, and what becomes of the messages that come out.
 */
#include "collector/collector_private.h"

#include "collector/pressure.h"

#include <errno.h>

/* An eventfd's count from here on has no place in its stream: bpf/eventfd.h. */
#define COUNT_UNITS_MAX (1ull << 40)

/* Messages in a mailbox that have no other end yet, or that have found it. */
static void lone_count(struct object *o, struct process *p, bool gives, int messages, int64_t bytes)
{
	struct user *u = p ? object_user(o, p) : NULL;

	if (!u)
		return;
	*(gives ? &u->lone_sends : &u->lone_recvs) += messages;
	*(gives ? &u->lone_sent_bytes : &u->lone_received_bytes) += bytes;
}

static void message_put(struct collector *c, struct object *o, struct process *from,
			struct process *to, const struct message *m)
{
	struct edge *e = from && to ? edge_get(&c->aggregate, o, from, to) : NULL;
	struct parts parts = parts_of(&m->send->times, &m->recv->times);

	c->messages++;
	o->messages++;
	o->paired_bytes += m->bytes;
	if (o->mailbox) {
		lone_count(m->send->owner ? m->send->owner : o, from, true, -1, -m->bytes);
		lone_count(o, to, false, -1, -m->bytes);
	}
	if (e)
		edge_message(e, m, &parts);
	store_message(c->store, o->id, m, &parts);
	message_block_add(&c->message_block, c->messages, m, &parts);
	if (c->message_block.count == IPCT_BLOCK_ROWS)
		store_message_block(c->store, &c->message_block);
}

void message_take(const struct message *m, void *arg)
{
	struct collector *c = arg;
	struct object *o = m->recv->owner;
	struct process *from = process_get(&c->processes, m->send->process);
	struct process *to = process_get(&c->processes, m->recv->process);
	struct message bare = *m;

	if (!mechanisms[o->mechanism].moves_bytes)
		bare.bytes = 0;
	pressure_taken(m);
	message_put(c, o, from, to, &bare);
}

/* What the op moved of its stream. */
static int64_t op_units(const struct ipct_op *op)
{
	if (mechanisms[op->head.mechanism].moves_bytes)
		return op->bytes;
	return op->bytes > 0 && op->key < COUNT_UNITS_MAX ? (int64_t)op->key : 0;
}

/* Where the op's bytes lie in its stream, and how sure that is. */
static struct span op_span(const struct instance *in, const struct ipct_op *op, int64_t op_id,
			   const struct call_times *times)
{
	struct span s = {
		.start = op->offset,
		.end = op->offset + op_units(op),
		.op_id = op_id,
		.times = *times,
		.process = op->head.process,
		.peek = op->flags & IPCT_OP_PEEK,
		.packets = op->flags & IPCT_OP_PACKET,
		.splices = op->syscall == IPCT_SYS_splice || op->syscall == IPCT_SYS_vmsplice,
		.direction = op_direction(in, op),
		.owner = in->object,
	};

	if (op->flags & IPCT_OP_PLACED && !(op->flags & IPCT_OP_UNSURE))
		s.confidence = CONFIDENCE_EXACT;
	else if (op->flags & IPCT_OP_OVERLAPPED)
		s.confidence = CONFIDENCE_AMBIGUOUS;
	else if (in->inherited || op->flags & IPCT_OP_UNSURE)
		s.confidence = CONFIDENCE_INFERRED;
	return s;
}

static int pair_stream(struct collector *c, struct instance *in, const struct ipct_op *op,
		       int64_t op_id, const struct call_times *times)
{
	struct span span = op_span(in, op, op_id, times);
	struct stream *stream = &in->stream[span.direction];
	int err;

	if (op->bytes <= 0)
		return 0;
	if (op->flags & (IPCT_OP_AFTER_GAP | IPCT_OP_UNPAIRED))
		stream->lossy = true;
	if (op->flags & IPCT_OP_UNPAIRED ||
	    (op->flags & IPCT_OP_IN_PIECES && !(op->flags & IPCT_OP_PART)))
		return 0;
	err = op_gives(op) ? stream_send(stream, &span, message_take, c)
			   : stream_recv(stream, &span, message_take, c);
	return err ?: pressure_stream(in, span.direction, times->end_ns);
}

/* Is the op one of a call that has a part for each of its messages? */
static bool op_has_parts(const struct ipct_op *op)
{
	const struct ipct_row *row = &syscall_rows[op->syscall].row;

	return !(op->flags & IPCT_OP_PART) &&
	       (row->flags & IPCT_ROW_MMSG || row->shape == IPCT_SHAPE_FD_PAIR);
}

/* A label says all; the span is only as long as the message. */
static int pair_label(struct collector *c, struct instance *in, const struct ipct_op *op,
		      int64_t op_id, const struct call_times *times)
{
	struct span span = op_span(in, op, op_id, times);
	struct label label = {.number = op->offset, .key = op->key};

	/* from or to someone who is not traced */
	if (!(op->flags & (IPCT_OP_LABELLED | IPCT_OP_PEEK)) && in->object->mailbox &&
	    op->result >= 0 && !op_has_parts(op))
		lone_count(in->object, process_get(&c->processes, op->head.process), op_gives(op),
			   1, op->bytes);
	if (!(op->flags & IPCT_OP_LABELLED))
		return op_gives(op) || op_has_parts(op)
			       ? 0
			       : pressure_received(in->object, span.direction, op, times->end_ns);
	if (op->flags & IPCT_OP_ANYWHERE) {
		label.key = 0; /* a wake-up can be for another semaphore than the first one's */
		if (mechanisms[op->head.mechanism].moves_bytes)
			label.scope = LABEL_SCOPE_MESSAGE;
	} else {
		label.scope = op->object + span.direction;
	}
	span.start = 0;
	span.end = op->bytes;
	if (in->object->mailbox)
		lone_count(in->object, process_get(&c->processes, op->head.process), op_gives(op),
			   1, op->bytes);
	if (op_gives(op) && pressure_kept(op->head.mechanism) &&
	    pressure_sent(in->object, span.direction, &span))
		return -ENOMEM;
	if (op_gives(op))
		return label_send(c->labels, &label, &span, message_take, c);
	return label_recv(c->labels, &label, &span, message_take, c);
}

/* The call alone moved the bytes, from or to the process that the object is a part of. */
static int pair_direct(struct collector *c, struct instance *in, const struct ipct_op *op,
		       int64_t op_id, const struct call_times *times)
{
	struct process *self = process_get(&c->processes, op->head.process);
	struct process *other = in->object->of;
	struct span caller = {.op_id = op_id, .process = op->head.process, .times = *times};
	struct span called = {.times = *times};
	struct message m = {.bytes = op->bytes};

	if (op->bytes <= 0)
		return 0;
	if (!other)
		other = process_outside(&c->processes, 0, "");
	if (!self || !other)
		return -ENOMEM;
	called.process = other->id;
	m.send = op_gives(op) ? &caller : &called;
	m.recv = op_gives(op) ? &called : &caller;
	message_put(c, in->object, op_gives(op) ? self : other, op_gives(op) ? other : self, &m);
	return 0;
}

int pair_op(struct collector *c, struct instance *in, const struct ipct_op *op, int64_t op_id,
	    const struct call_times *times)
{
	if (!(op->flags & IPCT_OP_FINISHED) || (!op_gives(op) && !op_takes(op)))
		return 0;
	switch (mechanisms[op->head.mechanism].discipline) {
	case IPCT_DISCIPLINE_STREAM:
		return pair_stream(c, in, op, op_id, times);
	case IPCT_DISCIPLINE_LABEL:
		return pair_label(c, in, op, op_id, times);
	case IPCT_DISCIPLINE_DIRECT:
		return pair_direct(c, in, op, op_id, times);
	default:
		return 0;
	}
}

int pair_parts(struct collector *c, const struct ipct_op *op, int64_t op_id,
	       const struct call_times *times)
{
	struct caller *caller = caller_find(&c->callers, op->tid);
	const struct ipct_row *row = &syscall_rows[op->syscall].row;
	size_t kept = 0;
	int64_t put = 0;
	int err = 0;

	if (!caller || !caller->count)
		return 0;
	if (caller->parts[0].start_ns != op->start_ns) {
		caller->count = 0; /* the op of those was lost */
		return 0;
	}
	for (size_t i = 0; i < caller->count && !err; i++) {
		struct ipct_op *part = &caller->parts[i];
		struct instance *in = instance_get(&c->objects, part->object, part->head.mechanism,
						   times->begin_ns);

		if (!in)
			return -ENOMEM;
		if (row->shape == IPCT_SHAPE_FD_PAIR && part->role != op->role) {
			/* of the other side of a splice */
			caller->parts[kept++] = *part;
			continue;
		}
		/* the last one can have failed after it was taken */
		if (row->flags & IPCT_ROW_MMSG && put++ >= op->result)
			break;
		part->dur_ns = op->dur_ns;
		part->flags |= op->flags & (IPCT_OP_FINISHED | IPCT_OP_OVERLAPPED);
		err = pair_op(c, in, part, op_id, times);
	}
	caller->count = kept;
	return err;
}
