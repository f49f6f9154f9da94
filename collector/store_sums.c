// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rows of sums, which replace those of the last commit: edges, calls, threads, how full objects
 * are, and what lies in the blocks of the large tables.
 */
#include "collector/store_private.h"

#include "collector/pressure.h"
#include "schemas/tables.h"

#include <errno.h>
#include <stdlib.h>

static int bind_hist(struct store *s, sqlite3_stmt *st, int i, const struct hist *h)
{
	unsigned char *blob;
	long len = hist_encode(h, &blob);

	if (len < 0)
		return (int)len;
	sqlite3_bind_blob64(st, i, blob, len, free);
	return 0;
}

static void bind_quantiles(sqlite3_stmt *st, int first, const struct hist *h)
{
	static const double q[] = {.5, .9, .99, 1};

	for (int i = 0; i < 4; i++)
		bind_known(st, first + i, i < 3 ? hist_quantile(h, q[i]) : h->max, h->count > 0);
}

/* Columns from `first` on: sum, percentiles and maximum. */
static void bind_sums(sqlite3_stmt *st, int first, const struct hist *h)
{
	sqlite3_bind_int64(st, first, h->sum);
	bind_quantiles(st, first + 1, h);
}

/* The parts that a histogram each is kept of; `key` says of what. */
static int parts_put(struct store *s, enum statement which, const int64_t key[3],
		     const struct hist *part, int count)
{
	sqlite3_stmt *st = s->st[which];
	int err = 0;

	for (int i = 0; i < count && !err; i++) {
		if (!part[i].count)
			continue;
		for (int k = 0; k < 3; k++)
			sqlite3_bind_int64(st, 1 + k, key[k]);
		sqlite3_bind_int(st, 4, i);
		bind_sums(st, 5, &part[i]);
		err = store_step(s, which);
	}
	return err;
}

static int wakeups_put(struct store *s, const int64_t key[3], const struct edge_wakeups *wakeups)
{
	sqlite3_stmt *st = s->st[EDGE_WAKEUP];
	int err = 0;

	for (int i = 0; wakeups && i < 2 && !err; i++) {
		if (!wakeups->by_crossing[i].transit.count)
			continue;
		for (int k = 0; k < 3; k++)
			sqlite3_bind_int64(st, 1 + k, key[k]);
		sqlite3_bind_int(st, 4, i);
		sqlite3_bind_int64(st, 5, wakeups->by_crossing[i].transit.count);
		sqlite3_bind_int64(st, 6, wakeups->by_crossing[i].moved);
		bind_sums(st, 7, &wakeups->by_crossing[i].transit);
		bind_sums(st, 12, &wakeups->by_crossing[i].runq);
		err = store_step(s, EDGE_WAKEUP);
	}
	return err;
}

int store_edge(struct store *s, const struct edge *e)
{
	const int64_t key[3] = {e->object->id, e->sender->id, e->receiver->id};
	sqlite3_stmt *st = s->st[EDGE];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, e->object->id);
	sqlite3_bind_int64(st, 2, e->sender->id);
	sqlite3_bind_int64(st, 3, e->receiver->id);
	bind_text(st, 4, mechanisms[e->object->mechanism].kind);
	sqlite3_bind_int64(st, 5, e->messages);
	sqlite3_bind_int64(st, 6, e->bytes);
	for (int i = 0; i < 3; i++)
		sqlite3_bind_int64(st, 7 + i, e->by_confidence[i]);
	bind_known(st, 10, e->transit.sum, !e->untraced);
	bind_quantiles(st, 11, &e->transit);
	bind_known(st, 15, e->first_ns, e->first_ns != UNKNOWN_NS);
	bind_known(st, 16, e->last_ns, e->last_ns != UNKNOWN_NS);
	if (e->untraced)
		sqlite3_bind_null(st, 17);
	else if (bind_hist(s, st, 17, &e->transit))
		return store_fail(s, SQLITE_NOMEM);
	sqlite3_bind_int64(st, 18, e->bytes_by_confidence[CONFIDENCE_EXACT]);
	sqlite3_bind_int64(st, 19, e->bytes_by_confidence[CONFIDENCE_INFERRED]);
	return store_step(s, EDGE)
		       ?: parts_put(s, EDGE_PART, key, e->part, PARTS)
		       ?: wakeups_put(s, key, e->wakeups);
}

int store_op_block(struct store *s, const struct op_block *b)
{
	sqlite3_stmt *st = s->st[OP_BLOCK];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, b->first);
	sqlite3_bind_int64(st, 2, b->first + b->count - 1);
	sqlite3_bind_int64(st, 3, b->start_ns.min);
	sqlite3_bind_int64(st, 4, b->start_ns.max);
	sqlite3_bind_int64(st, 5, b->end_ns.min);
	sqlite3_bind_int64(st, 6, b->end_ns.max);
	return store_step(s, OP_BLOCK);
}

int store_message_block(struct store *s, const struct message_block *b)
{
	sqlite3_stmt *st = s->st[MESSAGE_BLOCK];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, b->first);
	sqlite3_bind_int64(st, 2, b->first + b->count - 1);
	bind_known(st, 3, b->send.min, b->send.max);
	bind_known(st, 4, b->send.max, b->send.max);
	bind_known(st, 5, b->recv.min, b->recv.max);
	bind_known(st, 6, b->recv.max, b->recv.max);
	sqlite3_bind_int64(st, 7, b->transit_max_ns);
	return store_step(s, MESSAGE_BLOCK);
}

int store_thread(struct store *s, const struct thread *t)
{
	sqlite3_stmt *st = s->st[THREAD];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, t->process);
	sqlite3_bind_int64(st, 2, t->tid);
	sqlite3_bind_int64(st, 3, t->ops);
	bind_known(st, 4, t->first_ns, t->ops);
	bind_known(st, 5, t->last_ns, t->ops);
	sqlite3_bind_int64(st, 6, (int64_t)t->dur_ns);
	sqlite3_bind_int64(st, 7, (int64_t)t->blocked_ns);
	sqlite3_bind_int64(st, 8, (int64_t)t->waiting_ns);
	sqlite3_bind_int64(st, 9, (int64_t)t->runnable_ns);
	return store_step(s, THREAD);
}

int store_pressure(struct store *s, const struct object *o, int direction, const struct depth *d)
{
	int64_t capacity = pressure_capacity(o, d);
	double bytes, messages;
	sqlite3_stmt *st = s->st[PRESSURE];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int(st, 2, direction);
	bind_known(st, 3, capacity, capacity >= 0);
	bind_known(st, 4, o->capacity_messages, o->capacity_messages);
	sqlite3_bind_int64(st, 5, d->max_bytes);
	sqlite3_bind_int64(st, 6, d->max_messages);
	sqlite3_bind_int64(st, 7, d->waited_ns[DEPTH_FULL]);
	sqlite3_bind_int64(st, 8, d->waited_ns[DEPTH_EMPTY]);
	sqlite3_bind_int64(st, 9, d->refusals[DEPTH_FULL]);
	sqlite3_bind_int64(st, 10, d->refusals[DEPTH_EMPTY]);
	bind_known(st, 11, d->first_ns, d->first_ns >= 0);
	bind_known(st, 12, d->last_ns, d->last_ns >= 0);
	depth_means(d, &bytes, &messages);
	sqlite3_bind_double(st, 13, bytes);
	sqlite3_bind_double(st, 14, messages);
	sqlite3_bind_int64(st, 15, d->sends);
	sqlite3_bind_int64(st, 16, d->recvs);
	bind_known(st, 17, d->sender, d->sender && d->sender != DEPTH_SEVERAL);
	bind_known(st, 18, d->receiver, d->receiver && d->receiver != DEPTH_SEVERAL);
	return store_step(s, PRESSURE);
}

static int depth_bin(struct store *s, const struct object *o, int direction, const struct depth *d,
		     size_t i)
{
	const struct depth_bin *bin = &d->bins[i];
	sqlite3_stmt *st = s->st[DEPTH];

	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int(st, 2, direction);
	sqlite3_bind_int64(st, 3, (d->base + (int64_t)i) << d->shift);
	sqlite3_bind_int64(st, 4, (int64_t)1 << d->shift);
	sqlite3_bind_int64(st, 5, depth_bin_bytes(d, bin));
	sqlite3_bind_double(st, 6, depth_bin_messages(d, bin));
	sqlite3_bind_int64(st, 7, bin->max_bytes);
	sqlite3_bind_int64(st, 8, bin->max_messages);
	sqlite3_bind_int64(st, 9, bin->waited_ns[DEPTH_FULL]);
	sqlite3_bind_int64(st, 10, bin->waited_ns[DEPTH_EMPTY]);
	return store_step(s, DEPTH);
}

int store_depth(struct store *s, const struct object *o, int direction, const struct depth *d)
{
	sqlite3_stmt *st = s->st[DEPTH_CLEAR];
	int err = 0;

	if (store_stopped(s))
		return -EIO;
	if (d->rewrite) {
		sqlite3_bind_int64(st, 1, o->id);
		sqlite3_bind_int(st, 2, direction);
		err = store_step(s, DEPTH_CLEAR);
	}
	for (size_t i = d->changed; i < d->count && !err; i++)
		if (depth_bin_used(&d->bins[i]))
			err = depth_bin(s, o, direction, d, i);
	return err;
}

int store_call(struct store *s, unsigned mechanism, unsigned role, unsigned syscall,
	       const struct call_stat *c)
{
	const int64_t key[3] = {mechanism, role, syscall};
	sqlite3_stmt *st = s->st[CALL];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, mechanism);
	sqlite3_bind_int64(st, 2, role);
	sqlite3_bind_int64(st, 3, syscall);
	sqlite3_bind_int64(st, 4, c->count);
	sqlite3_bind_int64(st, 5, c->errors);
	sqlite3_bind_int64(st, 6, c->bytes);
	sqlite3_bind_int64(st, 7, c->dur.sum);
	bind_quantiles(st, 8, &c->dur);
	sqlite3_bind_int64(st, 12, c->blocked_ns);
	if (bind_hist(s, st, 13, &c->dur))
		return store_fail(s, SQLITE_NOMEM);
	sqlite3_bind_int64(st, 14, c->timeouts);
	return store_step(s, CALL) ?: parts_put(s, CALL_PART, key, c->part, CALL_PARTS);
}
