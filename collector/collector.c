// SPDX-License-Identifier: BSD-2-Clause
/*
 * Each type of record has one function, in the table below; ops go on to the fds (lifetimes), the
 * matchers (pairing) and the sums.
 */
#include "collector/collector_private.h"

#include "collector/lifetime.h"
#include "collector/pressure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Ends of messages that may wait for their other end. */
#define LABELS_MAX (1u << 20)

/* Ops on paths have none. */
static const struct ipct_sleep never_slept;

typedef int (*take_fn)(struct collector *c, union record *r);

static int take_op(struct collector *c, union record *r);
static int take_path_op(struct collector *c, union record *r);
static int take_fork(struct collector *c, union record *r);
static int take_exec(struct collector *c, union record *r);
static int take_exit(struct collector *c, union record *r);
static int take_cpu(struct collector *c, union record *r);
static int take_cgroup(struct collector *c, union record *r);
static int take_object(struct collector *c, union record *r);
static int take_fd_range(struct collector *c, union record *r);
static int take_holder(struct collector *c, union record *r);
static int take_touch(struct collector *c, union record *r);
static int take_calibration(struct collector *c, union record *r);
static int take_end(struct collector *c, union record *r);

static const take_fn take[IPCT_EV_COUNT] = {
	[IPCT_EV_OP] = take_op,           [IPCT_EV_PATH_OP] = take_path_op,
	[IPCT_EV_FORK] = take_fork,       [IPCT_EV_EXEC] = take_exec,
	[IPCT_EV_EXIT] = take_exit,       [IPCT_EV_OBJECT] = take_object,
	[IPCT_EV_END] = take_end,         [IPCT_EV_FD_RANGE] = take_fd_range,
	[IPCT_EV_PASSING] = take_passing, [IPCT_EV_HOLDER] = take_holder,
	[IPCT_EV_TOUCH] = take_touch,     [IPCT_EV_CPU] = take_cpu,
	[IPCT_EV_CGROUP] = take_cgroup,   [IPCT_EV_CALIBRATION] = take_calibration,
};

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

static int take_part(struct collector *c, const struct ipct_op *part)
{
	struct caller *caller = caller_get(&c->callers, part->tid);

	return caller ? caller_part(caller, part) : -ENOMEM;
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
						: pair_parts(c, op, op_id, &times);
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
	p->cgroup = cgroup_path(&c->cgroups, r->fork.cgroup);
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
	p->cgroup = cgroup_path(&c->cgroups, r->exec.cgroup);
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

static int take_cgroup(struct collector *c, union record *r)
{
	return cgroup_put(&c->cgroups, r->cgroup.id, r->cgroup.path);
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
		if (!err)
			err = retire(c);
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
