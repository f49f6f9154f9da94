// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the collector keeps goes to the file: what has changed at each commit, and at the end what
 * only then can be said.
 */
#include "collector/collector_private.h"

#include "collector/lifetime.h"
#include "collector/outside.h"
#include "collector/pressure.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>

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

void put_dirty(struct collector *c)
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
	for (size_t i = 0; i < c->threads.dirty_count; i++) {
		store_thread(c->store, c->threads.dirty[i]);
		c->threads.dirty[i]->dirty = false;
	}
	c->threads.dirty_count = 0;
	if (c->op_block.count)
		store_op_block(c->store, &c->op_block);
	if (c->message_block.count)
		store_message_block(c->store, &c->message_block);
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

void instance_finish(struct collector *c, struct instance *in)
{
	for (int way = 0; way < 2; way++)
		stream_finish(&in->stream[way], message_take, c);
	in->object->outside |= lifetime_outside(in);
	in->object->dirty = true;
}

int object_finish(struct collector *c, struct object *o)
{
	int err = pressure_finish(o, o->closed_ns == UNKNOWN_NS ? c->last_ns : o->closed_ns);

	o->left_behind = o->lasting && o->creator && !o->removed && o->open_fds <= 0;
	o->dirty |= o->left_behind;
	return err ? err
		   : outside_edges(&c->aggregate, &c->processes, o,
				   ledger_lossy(&c->ledger, o->mechanism));
}

static int finish_all(struct collector *c)
{
	int err = 0;

	for (size_t i = 0; i < c->objects.room; i++)
		if (c->objects.by_number[i] && c->objects.by_number[i]->object)
			instance_finish(c, c->objects.by_number[i]);
	passings_finish(c->passings, passing_known, c);
	memory_finish(&c->memory, c->last_ns);
	for (size_t i = 0; i < c->objects.count && !err; i++)
		if (!c->objects.all[i]->retired)
			err = object_finish(c, c->objects.all[i]);
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

	if (!failed && finish_all(c))
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
	threads_clear(&c->threads);
	labels_free(c->labels);
	passings_free(c->passings);
	cgroups_clear(&c->cgroups);
	callers_clear(&c->callers);
	free(c);
	return err;
}
