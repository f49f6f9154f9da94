// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sums and histograms by edge and by call.
 */
#include "collector/aggregate.h"

#include "collector/array.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int edge_order(const void *x, const void *y)
{
	const struct edge *a = x, *b = y;
	int by = compare(a->object->id, b->object->id);

	if (!by)
		by = compare(a->sender->id, b->sender->id);
	return by ? by : compare(a->receiver->id, b->receiver->id);
}

static bool edge_mark(struct aggregate *a, struct edge *e)
{
	if (e->dirty)
		return true;
	if (array_grow(&a->dirty, &a->dirty_room, a->dirty_count, sizeof(*a->dirty)))
		return false;
	a->dirty[a->dirty_count++] = e;
	e->dirty = true;
	return true;
}

static struct edge *edge_new(struct aggregate *a, const struct edge *key)
{
	struct edge *e = malloc(sizeof(*e));

	if (!e)
		return NULL;
	*e = *key;
	e->first_ns = e->last_ns = UNKNOWN_NS;
	if (!tsearch(e, &a->edges, edge_order)) {
		free(e);
		return NULL;
	}
	e->next = e->object->edges;
	e->object->edges = e;
	return e;
}

struct edge *edge_get(struct aggregate *a, struct object *o, struct process *sender,
		      struct process *receiver)
{
	struct edge key = {.object = o, .sender = sender, .receiver = receiver};
	struct edge *e = o->last_edge;
	struct edge **found;

	if (!e || e->sender != sender || e->receiver != receiver) {
		found = tfind(&key, &a->edges, edge_order);
		e = found ? *found : edge_new(a, &key);
	}
	if (!e || !edge_mark(a, e))
		return NULL;
	o->last_edge = e;
	return e;
}

/* Was the receiver asleep, and woken by the thread that sent, while it did? */
static bool message_woke(const struct message *m)
{
	const struct call_times *send = &m->send->times, *recv = &m->recv->times;

	return recv->woken_ns && send->tid && recv->waking.waker == send->tid &&
	       recv->woken_ns >= send->begin_ns && recv->woken_ns <= send->end_ns &&
	       recv->waking.ran_cpu != IPCT_CPU_NONE;
}

/* What one send put in can be received by several calls after the one waking. */
static int edge_wakeup(struct edge *e, const struct message *m, int64_t transit_ns, int64_t runq_ns)
{
	const struct waking *w = &m->recv->times.waking;
	int crossed = w->ran_cpu != w->waker_cpu;

	if (!e->wakeups && !(e->wakeups = calloc(1, sizeof(*e->wakeups))))
		return -ENOMEM;
	if (e->wakeups->last_ns == m->recv->times.woken_ns)
		return 0;
	e->wakeups->last_ns = m->recv->times.woken_ns;
	e->wakeups->by_crossing[crossed].moved += w->ran_cpu != w->slept_cpu;
	return hist_add(&e->wakeups->by_crossing[crossed].transit, transit_ns)
		       ?: hist_add(&e->wakeups->by_crossing[crossed].runq, runq_ns);
}

int edge_message(struct edge *e, const struct message *m, const struct parts *parts)
{
	int64_t sent_ns = m->send->times.begin_ns, received_ns = m->recv->times.end_ns;
	int64_t transit_ns = received_ns > sent_ns ? received_ns - sent_ns : 0;

	e->messages++;
	e->bytes += m->bytes;
	e->by_confidence[m->confidence]++;
	e->bytes_by_confidence[m->confidence] += m->bytes;
	for (int i = 0; i < PARTS; i++)
		if (hist_add(&e->part[i], parts->ns[i] > 0 ? parts->ns[i] : 0))
			return -ENOMEM;
	if (e->first_ns == UNKNOWN_NS || sent_ns < e->first_ns)
		e->first_ns = sent_ns;
	if (received_ns > e->last_ns)
		e->last_ns = received_ns;
	if (message_woke(m) && edge_wakeup(e, m, transit_ns, parts->ns[PART_IN_RUNQ]))
		return -ENOMEM;
	return hist_add(&e->transit, transit_ns);
}

int call_count(struct aggregate *a, const struct ipct_op *op, const struct ipct_sleep *sleep)
{
	uint64_t parts[CALL_PARTS] = {
		[CALL_PART_RUNNING] = op->blocked_ns < op->dur_ns ? op->dur_ns - op->blocked_ns : 0,
		[CALL_PART_WAITING] = sleep->waiting_ns,
		[CALL_PART_RUNNABLE] = sleep->runnable_ns,
	};
	struct call_stat **slot = &a->calls[op->head.mechanism][op->role][op->syscall];
	struct call_stat *c = *slot;

	if (!c && !(c = *slot = calloc(1, sizeof(*c))))
		return -ENOMEM;
	c->dirty = true;
	c->count++;
	c->blocked_ns += op->blocked_ns;
	if (!(op->flags & IPCT_OP_FINISHED))
		return 0;
	if (op->result < 0)
		c->errors++;
	else
		c->bytes += op->bytes;
	c->timeouts += op->flags & IPCT_OP_READY && !op->result;
	for (int i = 0; i < CALL_PARTS; i++)
		if (hist_add(&c->part[i], parts[i]))
			return -ENOMEM;
	return hist_add(&c->dur, op->dur_ns);
}

static void call_free(struct call_stat *c)
{
	hist_clear(&c->dur);
	for (int i = 0; i < CALL_PARTS; i++)
		hist_clear(&c->part[i]);
	free(c);
}

static void wakeups_free(struct edge_wakeups *wakeups)
{
	for (int i = 0; wakeups && i < 2; i++) {
		hist_clear(&wakeups->by_crossing[i].transit);
		hist_clear(&wakeups->by_crossing[i].runq);
	}
	free(wakeups);
}

static void edge_free(void *edge)
{
	struct edge *e = edge;

	wakeups_free(e->wakeups);
	hist_clear(&e->transit);
	for (int i = 0; i < PARTS; i++)
		hist_clear(&e->part[i]);
	free(e);
}

void edges_retire(struct aggregate *a, struct object *o)
{
	struct edge *e, *next;

	for (e = o->edges; e; e = next) {
		next = e->next;
		tdelete(e, &a->edges, edge_order);
		edge_free(e);
	}
	o->edges = o->last_edge = NULL;
}

void aggregate_clear(struct aggregate *a)
{
	struct call_stat **calls = &a->calls[0][0][0];

	tdestroy(a->edges, edge_free);
	free(a->dirty);
	for (size_t i = 0; i < sizeof(a->calls) / sizeof(*calls); i++)
		if (calls[i])
			call_free(calls[i]);
	memset(a, 0, sizeof(*a));
}
