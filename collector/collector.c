// SPDX-License-Identifier: BSD-2-Clause
/*
 * From records to rows. Each type of record has one function, in the table below; ops go on to
 * the fds (lifetimes), the streams (pairing) and the sums.
 */
#include "collector/collector.h"

#include "collector/array.h"
#include "collector/decode.h"
#include "collector/label.h"
#include "collector/ledger.h"
#include "collector/lifetime.h"
#include "collector/memory.h"
#include "collector/outside.h"
#include "collector/passing.h"
#include "collector/pressure.h"
#include "collector/resolve.h"
#include "collector/store.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Ends of messages that may wait for their other end. */
#define LABELS_MAX (1u << 20)

/* Ops on paths have none. */
static const struct ipct_sleep never_slept;

/* An eventfd's count from here on has no place in its stream: bpf/eventfd.h. */
#define COUNT_UNITS_MAX (1ull << 40)

struct collector {
	const struct recording *rec;
	struct store *store;
	struct processes processes;
	struct objects objects;
	struct aggregate aggregate;
	struct ledger ledger;
	struct ipct_end end; /* the last record, once it has come */
	bool has_end;
	int64_t ops, messages, committed_ops;
	int64_t last_ns;
	struct labels *labels;
	struct memory memory;
	struct passings *passings;
	void *callers; /* tsearch: threads that had calls of several messages, or that waited */
	struct {
		uint32_t tid;
		struct caller *caller; /* NULL: it has none */
	} last_caller;
};

typedef int (*take_fn)(struct collector *c, union record *r);

static int take_op(struct collector *c, union record *r);
static int take_path_op(struct collector *c, union record *r);
static int take_fork(struct collector *c, union record *r);
static int take_exec(struct collector *c, union record *r);
static int take_exit(struct collector *c, union record *r);
static int take_cpu(struct collector *c, union record *r);
static int take_object(struct collector *c, union record *r);
static int take_fd_range(struct collector *c, union record *r);
static int take_passing(struct collector *c, union record *r);
static int take_holder(struct collector *c, union record *r);
static int take_touch(struct collector *c, union record *r);
static int take_calibration(struct collector *c, union record *r);
static int take_end(struct collector *c, union record *r);

static const take_fn take[IPCT_EV_COUNT] = {
	[IPCT_EV_OP] = take_op,
	[IPCT_EV_PATH_OP] = take_path_op,
	[IPCT_EV_FORK] = take_fork,
	[IPCT_EV_EXEC] = take_exec,
	[IPCT_EV_EXIT] = take_exit,
	[IPCT_EV_OBJECT] = take_object,
	[IPCT_EV_END] = take_end,
	[IPCT_EV_FD_RANGE] = take_fd_range,
	[IPCT_EV_PASSING] = take_passing,
	[IPCT_EV_HOLDER] = take_holder,
	[IPCT_EV_TOUCH] = take_touch,
	[IPCT_EV_CPU] = take_cpu,
	[IPCT_EV_CALIBRATION] = take_calibration,
};

/* Nanoseconds since the start of the recording. */
static int64_t since_start(struct collector *c, uint64_t monotonic_ns)
{
	int64_t ns;

	/* a damaged capture may say anything */
	if (__builtin_sub_overflow((int64_t)monotonic_ns, c->rec->start_monotonic_ns, &ns) ||
	    ns < 0)
		ns = 0;
	if (ns > c->last_ns)
		c->last_ns = ns;
	return ns;
}

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
}

static void message_take(const struct message *m, void *arg)
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

/* Which of the object's two directions the op gives to or takes from: the one to that end. */
static bool op_direction(const struct instance *in, const struct ipct_op *op)
{
	bool end_one = op->flags & IPCT_OP_END_ONE;

	return in->two_way && end_one != op_gives(op);
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

static int pair_op(struct collector *c, struct instance *in, const struct ipct_op *op,
		   int64_t op_id, const struct call_times *times)
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

static int sum_op(struct object *o, struct process *p, const struct ipct_op *op, int64_t start_ns)
{
	struct user *u = object_user(o, p);

	if (!u)
		return -ENOMEM;
	o->dirty = true;
	if (u->first_ns == UNKNOWN_NS)
		u->first_ns = start_ns;
	u->last_ns = start_ns + op->dur_ns;
	o->ends_used |= 1u << !!(op->flags & IPCT_OP_END_ONE);
	if (op_gives(op)) {
		o->sends++, u->sends += op->bytes > 0;
		o->sent_bytes += op->bytes, u->sent_bytes += op->bytes;
	} else if (op_takes(op)) {
		o->recvs++, u->recvs += op->bytes > 0;
		o->received_bytes += op->bytes, u->received_bytes += op->bytes;
	}
	return 0;
}

static int put_op(struct collector *c, struct object *o, const struct ipct_op *op,
		  const struct ipct_sleep *sleep, int64_t *op_id)
{
	struct process *p = process_get(&c->processes, op->head.process);
	int64_t ns = since_start(c, op->start_ns);

	if (!p || sum_op(o, p, op, ns) || call_count(&c->aggregate, op, sleep))
		return -ENOMEM;
	since_start(c, op->start_ns + op->dur_ns);
	*op_id = ++c->ops;
	ledger_stored(&c->ledger, op->head.mechanism);
	store_op(c->store, ns, o->id, op);
	if (sleep->waiting_ns | sleep->runnable_ns | sleep->away_ns)
		store_sleep(c->store, *op_id, ns + (int64_t)op->dur_ns, op, sleep,
			    since_start(c, sleep->woken_ns), since_start(c, sleep->ran_ns));
	return 0;
}

/* Of an op and the sleep in it, which a damaged capture may have anywhere. */
static struct call_times op_times(struct collector *c, const struct ipct_op *op,
				  const struct ipct_sleep *sleep)
{
	struct call_times t = {
		.begin_ns = since_start(c, op->start_ns),
		.end_ns = since_start(c, op->start_ns + op->dur_ns),
	};

	if (sleep->woken_ns >= op->start_ns && sleep->woken_ns <= op->start_ns + op->dur_ns) {
		t.woken_ns = since_start(c, sleep->woken_ns);
		t.ran_ns = since_start(c, sleep->ran_ns);
	}
	return t;
}

/* An object that a wait for readiness found ready, and which of its ends. */
struct ready_end {
	uint32_t object; /* its number */
	bool end_one;
};

/* A thread's last wait for readiness, if it slept and something was ready. */
struct wait {
	int64_t op_id, woken_ns, ran_ns;
	uint32_t process;
	struct ready_end *ready;
	size_t count, room; /* of `ready`; 0: there was no such wait */
};

/* A thread that has had parts, which come before the op that they are a part of, or has slept. */
struct caller {
	uint32_t tid, process;
	int64_t woken_ns, ran_ns; /* of its last sleep in an op of `process` */
	struct ipct_op *parts;
	size_t count, room;
	struct wait wait;
};

static int caller_order(const void *x, const void *y)
{
	const struct caller *a = x, *b = y;

	return (a->tid > b->tid) - (a->tid < b->tid);
}

static void caller_free(void *caller)
{
	free(((struct caller *)caller)->parts);
	free(((struct caller *)caller)->wait.ready);
	free(caller);
}

/* NULL: the thread has none. Every op asks, and ops of a thread come in a row. */
static struct caller *caller_find(struct collector *c, uint32_t tid)
{
	struct caller key = {.tid = tid}, **found;

	if (c->last_caller.tid != tid) {
		found = tfind(&key, &c->callers, caller_order);
		c->last_caller.caller = found ? *found : NULL;
		c->last_caller.tid = tid;
	}
	return c->last_caller.caller;
}

/* The thread's entry, made if it is new. NULL: no memory. */
static struct caller *caller_get(struct collector *c, uint32_t tid)
{
	struct caller *caller = caller_find(c, tid);

	if (caller)
		return caller;
	caller = calloc(1, sizeof(*caller));
	if (!caller)
		return NULL;
	caller->tid = tid;
	if (!tsearch(caller, &c->callers, caller_order)) {
		free(caller);
		return NULL;
	}
	c->last_caller.caller = caller;
	return caller;
}

/* A part of a call whose op has yet to come. A call has at most 1024: UIO_MAXIOV, READY_FDS_MAX. */
static int take_part(struct collector *c, const struct ipct_op *op)
{
	struct caller *caller = caller_get(c, op->tid);

	if (!caller)
		return -ENOMEM;
	if (caller->count && caller->parts[0].start_ns != op->start_ns)
		caller->count = 0; /* the op of those was lost */
	if (array_grow(&caller->parts, &caller->room, caller->count, sizeof(*caller->parts)))
		return -ENOMEM;
	caller->parts[caller->count++] = *op;
	return 0;
}

/* The op has come that the thread's parts are messages of. */
static int put_parts(struct collector *c, const struct ipct_op *op, int64_t op_id,
		     const struct call_times *times)
{
	struct caller *caller = caller_find(c, op->tid);
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

/* One object was ready: of `op`, which ended `wait`, or of a part of it. */
static int put_ready_one(struct collector *c, struct instance *in, const struct ipct_op *op,
			 struct wait *wait, int64_t op_id, const struct ipct_sleep *sleep,
			 const struct call_times *times)
{
	bool end_one = op->flags & IPCT_OP_END_ONE;

	store_ready(c->store, op_id, in->object->id, op->fd, (uint32_t)op->key);
	if (pressure_ready(in, end_one, (uint32_t)op->key, sleep, times))
		return -ENOMEM;
	if (!wait)
		return 0;
	if (array_grow(&wait->ready, &wait->room, wait->count, sizeof(*wait->ready)))
		return -ENOMEM;
	wait->ready[wait->count++] = (struct ready_end){
		.object = op->object,
		.end_one = end_one,
	};
	return 0;
}

/* Another object than that of the op was ready: the process uses it as well, and has its fd. */
static int put_ready_part(struct collector *c, const struct ipct_op *op, struct ipct_op *part,
			  struct wait *wait, int64_t op_id, const struct ipct_sleep *sleep,
			  const struct call_times *times)
{
	struct process *p = process_get(&c->processes, op->head.process);
	int64_t start_ns = since_start(c, op->start_ns);
	struct instance *in =
		instance_get(&c->objects, part->object, part->head.mechanism, start_ns);
	int err;

	if (!p || !in)
		return -ENOMEM;
	part->dur_ns = op->dur_ns;
	part->flags |= op->flags & IPCT_OP_FINISHED;
	err = sum_op(in->object, p, part, start_ns);
	if (!err)
		err = lifetime_op(&c->objects, p, in, part,
				  since_start(c, op->start_ns + op->dur_ns));
	return err ? err : put_ready_one(c, in, part, wait, op_id, sleep, times);
}

/*
 * A wait for readiness has ended: what was ready, and the waking, if it slept, for the receives
 * that follow.
 */
static int put_ready(struct collector *c, struct instance *in, const struct ipct_op *op,
		     int64_t op_id, const struct ipct_sleep *sleep, const struct call_times *times)
{
	bool waking = op->key && times->woken_ns;
	struct caller *caller = waking ? caller_get(c, op->tid) : caller_find(c, op->tid);
	struct wait *wait = NULL;
	int err = 0;

	if (waking && !caller)
		return -ENOMEM;
	if (caller)
		caller->wait.count = 0;
	if (waking) {
		wait = &caller->wait;
		wait->op_id = op_id;
		wait->woken_ns = times->woken_ns;
		wait->ran_ns = times->ran_ns;
		wait->process = op->head.process;
	}
	if (op->key)
		err = put_ready_one(c, in, op, wait, op_id, sleep, times);
	for (size_t i = 0; caller && i < caller->count && !err; i++)
		if (caller->parts[i].start_ns == op->start_ns)
			err = put_ready_part(c, op, &caller->parts[i], wait, op_id, sleep, times);
	if (caller)
		caller->count = 0;
	return err;
}

/* Has the thread's last wait for readiness found that end of the object ready? */
static bool wait_found(const struct wait *wait, const struct ipct_op *op)
{
	for (size_t i = 0; i < wait->count; i++)
		if (wait->ready[i].object == op->object &&
		    wait->ready[i].end_one == !!(op->flags & IPCT_OP_END_ONE))
			return true;
	return false;
}

/*
 * A receive that did not sleep goes on from the waking of the wait that said that there is
 * something to receive, or else from its thread's last waking, which every op that slept is.
 */
static int wait_waking(struct collector *c, const struct ipct_op *op, struct call_times *times)
{
	struct caller *caller;

	if (times->woken_ns) {
		caller = caller_get(c, op->tid);
		if (!caller)
			return -ENOMEM;
		caller->woken_ns = times->woken_ns;
		caller->ran_ns = times->ran_ns;
		caller->process = op->head.process;
		return 0;
	}
	caller = op_takes(op) ? caller_find(c, op->tid) : NULL;
	if (!caller)
		return 0;
	if (caller->process == op->head.process) {
		times->woken_ns = caller->woken_ns;
		times->ran_ns = caller->ran_ns;
	}
	if (caller->wait.process == op->head.process && wait_found(&caller->wait, op)) {
		times->woken_ns = caller->wait.woken_ns;
		times->ran_ns = caller->wait.ran_ns;
		times->wait_op = caller->wait.op_id;
	}
	return 0;
}

/*
 * The kernel side could not tell what the process has mapped in the op's range. False: nothing
 * that is shared, and so the call is no op.
 */
static bool range_resolve(struct collector *c, const struct process *p, struct ipct_op *op)
{
	struct instance *in = memory_in_range(&c->memory, p, op);

	if (!in)
		return op->head.mechanism; /* it will fail */
	op->object = in->number;
	if (!op->head.mechanism) {
		op->head.mechanism = in->object->mechanism;
		ledger_seen(&c->ledger, op->head.mechanism);
	}
	return true;
}

static int take_op(struct collector *c, union record *r)
{
	struct ipct_op *op = &r->op;
	const struct ipct_sleep *sleep = &r->slept.sleep;
	int64_t op_id, start_ns = since_start(c, op->start_ns);
	struct process *p = process_get(&c->processes, op->head.process);
	struct call_times times = op_times(c, op, sleep);
	struct instance *in;
	int err;

	if (!p)
		return -ENOMEM;
	if (op->flags & IPCT_OP_RANGE && !range_resolve(c, p, op))
		return 0;
	in = instance_get(&c->objects, op->object, op->head.mechanism, start_ns);
	if (!in)
		return -ENOMEM;
	/* the object's own mechanism counts, also in a damaged capture */
	op->head.mechanism = in->object->mechanism;
	if (op->flags & IPCT_OP_PART)
		return take_part(c, op);
	if (op->flags & IPCT_OP_OUTSIDE)
		in->object->outside = true;
	err = put_op(c, in->object, op, sleep, &op_id);
	if (!err)
		err = wait_waking(c, op, &times);
	if (!err)
		err = pressure_op(in, op_direction(in, op), op, sleep, &times);
	if (!err)
		err = pair_op(c, in, op, op_id, &times);
	if (!err)
		err = op->flags & IPCT_OP_READY ? put_ready(c, in, op, op_id, sleep, &times)
						: put_parts(c, op, op_id, &times);
	if (!err && mechanisms[op->head.mechanism].discipline == IPCT_DISCIPLINE_NONE)
		err = memory_op(&c->memory, p, in, op, start_ns,
				since_start(c, op->start_ns + op->dur_ns));
	return err ? err
		   : lifetime_op(&c->objects, p, in, op, since_start(c, op->start_ns + op->dur_ns));
}

static int take_path_op(struct collector *c, union record *r)
{
	struct ipct_path_op *p = &r->path_op;
	struct object *o;
	int64_t op_id;

	if (!p->op.head.mechanism) { /* the call alone does not say what lies there */
		if (!S_ISFIFO(p->mode))
			return 0;
		p->op.head.mechanism = IPCT_MECH_FIFO;
		ledger_seen(&c->ledger, IPCT_MECH_FIFO);
	}
	o = object_at_path(&c->objects, p, since_start(c, p->op.start_ns + p->op.dur_ns));
	if (!o || object_renamed(o, p))
		return -ENOMEM;
	if (p->op.role == IPCT_ROLE_OPEN)
		o->broken_opens++;
	lifetime_removed(o, &p->op, since_start(c, p->op.start_ns + p->op.dur_ns));
	return put_op(c, o, &p->op, &never_slept, &op_id);
}

static int take_fork(struct collector *c, union record *r)
{
	struct process *p = process_get(&c->processes, r->head.process);

	struct process *parent = r->fork.parent ? process_get(&c->processes, r->fork.parent) : NULL;
	int64_t ns = since_start(c, r->fork.time_ns);
	int err;

	if (!p || (r->fork.parent && !parent))
		return -ENOMEM;
	err = lifetime_fork(&c->processes, &c->objects, p, &r->fork, ns);
	if (!err && parent)
		err = memory_fork(&c->memory, p, parent, r->fork.flags & IPCT_FORK_SHARES_MEMORY,
				  ns);
	return err;
}

static int take_exec(struct collector *c, union record *r)
{
	struct process *p = process_get(&c->processes, r->head.process);
	int64_t ns = since_start(c, r->exec.time_ns);

	if (!p || process_exec(p, &r->exec))
		return -ENOMEM;
	lifetime_exec(&c->objects, p, ns);
	store_exec(c->store, p, ns);
	return memory_leave(&c->memory, p, false, ns);
}

static int take_exit(struct collector *c, union record *r)
{
	struct process *p = process_get(&c->processes, r->head.process);

	if (!p)
		return -ENOMEM;
	p->exit_ns = since_start(c, r->exit.time_ns);
	p->status = r->exit.status;
	process_cpu(p, r->exit.cpu_ns);
	lifetime_exit(&c->objects, p, p->exit_ns);
	return memory_leave(&c->memory, p, true, p->exit_ns);
}

static int take_cpu(struct collector *c, union record *r)
{
	struct process *p = process_get(&c->processes, r->head.process);

	if (!p)
		return -ENOMEM;
	process_cpu(p, r->cpu.cpu_ns);
	return 0;
}

static int take_object(struct collector *c, union record *r)
{
	return instance_announce(&c->objects, &c->processes, &r->object,
				 since_start(c, r->object.time_ns));
}

static int take_fd_range(struct collector *c, union record *r)
{
	struct process *p = process_get(&c->processes, r->head.process);

	if (!p)
		return -ENOMEM;
	lifetime_range(&c->objects, p, &r->fd_range, since_start(c, r->fd_range.time_ns));
	return 0;
}

static void passing_known(const struct passing_side *from, const struct passing_side *to,
			  bool stays, void *arg)
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

static int take_passing(struct collector *c, union record *rec)
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

static int take_holder(struct collector *c, union record *r)
{
	return objects_hold(&c->objects, &c->processes, &r->holder);
}

static int take_touch(struct collector *c, union record *r)
{
	struct process *p = process_get(&c->processes, r->head.process);
	struct object *o = instance_object(&c->objects, r->touch.object);

	/* an announcement that was lost leaves nothing to count for */
	return p && o ? memory_touch(&c->memory, p, o, &r->touch) : 0;
}

static void put_ratio(struct collector *c, const char *key, uint64_t thousandths)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03llu", (unsigned long long)thousandths / 1000,
		 (unsigned long long)thousandths % 1000);
	if (thousandths)
		store_meta_text(c->store, key, text);
}

static int take_calibration(struct collector *c, union record *record)
{
	const struct ipct_calibration *r = &record->calibration;

	store_meta_int(c->store, "calibrate_rounds", r->rounds);
	store_meta_int(c->store, "calibrate_untraced_ns", (int64_t)r->untraced_ns);
	store_meta_int(c->store, "calibrate_traced_ns", (int64_t)r->traced_ns);
	put_ratio(c, "calibrate_ratio", r->ratio);
	put_ratio(c, "calibrate_ratio_min", r->ratio_min);
	put_ratio(c, "calibrate_ratio_max", r->ratio_max);
	put_ratio(c, "calibrate_cpu_ratio", r->cpu_ratio);
	put_ratio(c, "calibrate_cpu_ratio_min", r->cpu_ratio_min);
	put_ratio(c, "calibrate_cpu_ratio_max", r->cpu_ratio_max);
	return 0;
}

static int take_end(struct collector *c, union record *r)
{
	c->end = r->end;
	c->has_end = true;
	since_start(c, r->end.time_ns);
	collector_counts(c, r->end.counts, r->end.spool_lost);
	return 0;
}

static int put_start(struct collector *c)
{
	const struct recording *rec = c->rec;
	struct {
		const char *key, *text;
	} texts[] = {
		{"version", rec->version},
		{"command", rec->command},
		{"cwd", rec->cwd},
		{"host", rec->host},
		{"kernel", rec->kernel},
		{"arch", rec->arch},
		{"user", rec->user},
		{"probe_measured", rec->probe_measured},
		{"probe_unmeasured", rec->probe_unmeasured},
		{"not_traceable", rec->not_traceable},
		{"not_traceable_why", rec->not_traceable_why},
	};
	struct {
		const char *key;
		int64_t value;
	} numbers[] = {
		{"cpus", rec->cpus},
		{"start_realtime_ns", rec->start_realtime_ns},
		{"start_monotonic_ns", rec->start_monotonic_ns},
		{"ring_bytes", rec->ring_bytes},
	};
	struct {
		const char *key;
		int64_t value;
	} known[] = {
		{"probe_call_ns", rec->probe_call_ns},
		{"probe_other_call_ns", rec->probe_other_call_ns},
	};
	char list[512];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].text)
			store_meta_text(c->store, texts[i].key, texts[i].text);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		store_meta_int(c->store, numbers[i].key, numbers[i].value);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].value > 0)
			store_meta_int(c->store, known[i].key, known[i].value);
	mechanisms_list(rec->mechanism_mask, ",", list, sizeof(list));
	store_meta_text(c->store, "mechanisms", list);
	return store_commit(c->store);
}

struct collector *collector_new(const char *path, const struct recording *rec)
{
	struct collector *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->rec = rec;
	processes_init(&c->processes);
	c->labels = labels_new(LABELS_MAX);
	c->passings = passings_new();
	c->store = c->labels && c->passings ? store_open(path) : NULL;
	c->memory = (struct memory){.store = c->store,
				    .objects = &c->objects,
				    .aggregate = &c->aggregate};
	if (c->store && !put_start(c))
		return c;
	store_close(c->store);
	labels_free(c->labels);
	passings_free(c->passings);
	processes_clear(&c->processes);
	free(c);
	return NULL;
}

/* A capture is hostile input: how far its numbers may lie apart is bounded in decode.c. */
long collector_feed(struct collector *c, const void *data, size_t len)
{
	union record r;
	size_t at = 0;

	while (at < len) {
		long n = decode_next((const char *)data + at, len - at, &r);
		int err;

		if (n < 0)
			return n;
		if (!n)
			break;
		at += n;
		if (collector_failed(c) && r.head.type == IPCT_EV_OP)
			continue; /* the ledger counts it: seen and not stored */
		err = take[r.head.type](c, &r);
		if (err)
			return err;
	}
	return (long)at;
}

void collector_counts(struct collector *c, __u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT],
		      const __u64 spool_lost[IPCT_MECH_COUNT])
{
	ledger_counts(&c->ledger, counts, spool_lost);
}

bool collector_failed(const struct collector *c)
{
	const char *why;

	return store_failed(c->store, &why);
}

bool collector_complete(const struct collector *c)
{
	return c->has_end;
}

void collector_each_alive(const struct collector *c, void (*fn)(uint32_t pid, void *arg), void *arg)
{
	for (size_t i = 0; i < c->processes.count; i++) {
		const struct process *p = c->processes.all[i];

		if (p->traced && p->pid && p->exit_ns == UNKNOWN_NS)
			fn(p->pid, arg);
	}
}

/* What is new of how full the object was. */
static void put_depth(struct collector *c, const struct object *o)
{
	for (int way = 0; way < 2; way++) {
		struct depth *d = o->depth[way];

		if (!d || !d->dirty)
			continue;
		store_pressure(c->store, o, way, d);
		store_depth(c->store, o, way, d);
		d->changed = d->count;
		d->rewrite = d->dirty = false;
	}
}

static void put_dirty(struct collector *c)
{
	for (size_t i = 0; i < c->processes.count; i++)
		if (c->processes.all[i]->dirty) {
			store_process(c->store, c->processes.all[i]);
			c->processes.all[i]->dirty = false;
		}
	for (size_t i = 0; i < c->objects.count; i++)
		if (c->objects.all[i]->dirty) {
			store_object(c->store, c->objects.all[i]);
			put_depth(c, c->objects.all[i]);
			c->objects.all[i]->dirty = false;
		}
	for (size_t i = 0; i < c->aggregate.dirty_count; i++) {
		store_edge(c->store, c->aggregate.dirty[i]);
		c->aggregate.dirty[i]->dirty = false;
	}
	c->aggregate.dirty_count = 0;
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		for (int role = 0; role < IPCT_ROLE_COUNT; role++)
			for (int call = 0; call < IPCT_SYS_COUNT; call++) {
				struct call_stat *s = c->aggregate.calls[m][role][call];

				if (!s || !s->dirty)
					continue;
				store_call(c->store, m, role, call, s);
				s->dirty = false;
			}
}

void collector_commit(struct collector *c)
{
	put_dirty(c);
	store_meta_int(c->store, "duration_ns", c->last_ns);
	ledger_write(&c->ledger, c->store, c->rec->mechanism_mask, LEDGER_RUNNING);
	if (!store_commit(c->store))
		ledger_committed(&c->ledger);
	c->committed_ops = c->ops;
}

int64_t collector_uncommitted(const struct collector *c)
{
	return c->ops - c->committed_ops;
}

void collector_nice(struct collector *c, int nice)
{
	store_nice(c->store, nice);
}

static int finish_streams(struct collector *c)
{
	int err = 0;

	for (size_t i = 0; i < c->objects.room; i++) {
		struct instance *in = c->objects.by_number[i];

		if (!in || !in->object)
			continue;
		for (int i = 0; i < 2; i++)
			stream_finish(&in->stream[i], message_take, c);
		in->object->outside |= lifetime_outside(in);
		in->object->dirty = true;
	}
	passings_finish(c->passings, passing_known, c);
	memory_finish(&c->memory, c->last_ns);
	for (size_t i = 0; i < c->objects.count && !err; i++) {
		struct object *o = c->objects.all[i];

		o->left_behind = o->lasting && o->creator && !o->removed && o->open_fds <= 0;
		o->dirty |= o->left_behind;
		err = pressure_finish(o, o->closed_ns == UNKNOWN_NS ? c->last_ns : o->closed_ns);
		if (err)
			break;
		err = outside_edges(&c->aggregate, &c->processes, o,
				    ledger_lossy(&c->ledger, o->mechanism));
	}
	return err;
}

/* What `meta` says of the end. */
static const char *const ended_names[] = {
	[IPCT_ENDED_PROGRAM] = "program",
	[IPCT_ENDED_SIGNAL] = "signal",
	[IPCT_ENDED_DURATION] = "duration",
	[IPCT_ENDED_NO_EXEC] = "no_exec",
};

/* CPU time of all processes that were traced; -1: of none it is known. */
static int64_t cpu_all_ns(const struct collector *c)
{
	int64_t sum_ns = UNKNOWN_NS;

	for (size_t i = 0; i < c->processes.count; i++) {
		const struct process *p = c->processes.all[i];

		if (!p->traced || p->cpu_ns == UNKNOWN_NS)
			continue;
		if (sum_ns == UNKNOWN_NS)
			sum_ns = 0;
		/* a damaged capture may say anything */
		if (__builtin_add_overflow(sum_ns, p->cpu_ns, &sum_ns))
			return INT64_MAX;
	}
	return sum_ns;
}

/* What the probes added to the calls that are stored, and what all is a share of. */
static void put_cost(struct collector *c)
{
	int64_t cpu_ns = cpu_all_ns(c), probe_ns;

	if (cpu_ns >= 0)
		store_meta_int(c->store, "cpu_ns", cpu_ns);
	if (c->rec->probe_call_ns > 0 &&
	    !__builtin_mul_overflow(c->rec->probe_call_ns, c->ledger.stored_all, &probe_ns))
		store_meta_int(c->store, "probe_ns", probe_ns);
}

static void put_end(struct collector *c)
{
	const char *why, *ended = c->has_end ? ended_names[c->end.ended] : "cut";
	bool failed = store_failed(c->store, &why);

	if (failed)
		store_rescue(c->store); /* if that fails, the rest leaves only sums */
	else
		put_dirty(c);
	if (c->has_end && c->end.status >= 0)
		store_meta_int(c->store, "exit_status", c->end.status);
	if (c->ledger.counts[IPCT_MECH_NONE][IPCT_COUNT_RINGS])
		store_meta_int(c->store, "io_uring_setups",
			       (int64_t)c->ledger.counts[IPCT_MECH_NONE][IPCT_COUNT_RINGS]);
	if (c->memory.left_over)
		store_meta_int(c->store, "sharers_without_edges", c->memory.left_over);
	store_meta_int(c->store, "duration_ns", c->last_ns);
	store_meta_text(c->store, "ended", failed ? why : ended);
	c->ledger.store_reason = failed ? why : NULL;
	ledger_write(&c->ledger, c->store, c->rec->mechanism_mask,
		     c->has_end ? LEDGER_FINAL : LEDGER_RUNNING);
	if (c->has_end)
		put_cost(c);
	if (!failed && c->has_end)
		store_meta_text(c->store, "complete", "1");
}

static void sums_take(struct collector *c, struct collector_sums *sums)
{
	sums->ops = c->ledger.stored_all;
	sums->lost = c->ledger.lost_all;
	sums->messages = c->messages;
	sums->processes = 0;
	for (size_t i = 0; i < c->processes.count; i++)
		sums->processes += c->processes.all[i]->traced;
	sums->objects = c->objects.count;
	sums->bytes = 0;
	for (size_t i = 0; i < c->objects.count; i++)
		sums->bytes += c->objects.all[i]->paired_bytes;
}

int collector_finish(struct collector *c, struct collector_sums *sums)
{
	bool failed = collector_failed(c);
	const char *why;
	int err;

	if (!failed && finish_streams(c))
		say_error("out of memory: edges to the outside are missing");
	put_end(c);
	if (!failed && store_commit(c->store)) /* full only now: what that cost must be said */
		put_end(c);
	sums_take(c, sums);
	err = c->ledger.store_reason || store_failed(c->store, &why) ? -EIO : 0;
	if (store_close(c->store))
		err = -EIO;
	processes_clear(&c->processes);
	objects_clear(&c->objects);
	aggregate_clear(&c->aggregate);
	labels_free(c->labels);
	passings_free(c->passings);
	tdestroy(c->callers, caller_free);
	free(c);
	return err;
}

void recording_clear(struct recording *rec)
{
	free(rec->command);
	free(rec->cwd);
	free(rec->host);
	free(rec->kernel);
	free(rec->arch);
	free(rec->user);
	free(rec->version);
	free(rec->probe_measured);
	free(rec->probe_unmeasured);
	free(rec->not_traceable);
	free(rec->not_traceable_why);
	memset(rec, 0, sizeof(*rec));
}
