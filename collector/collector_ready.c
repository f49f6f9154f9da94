// SPDX-License-Identifier: BSD-2-Clause
/*
 * Waits for readiness: what ended them, and the receives that go on from their waking.
 */
#include "collector/collector_private.h"

#include "collector/lifetime.h"
#include "collector/pressure.h"

#include <errno.h>

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
	return wait_add(wait, op->object, end_one);
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

int put_ready(struct collector *c, struct instance *in, const struct ipct_op *op, int64_t op_id,
	      const struct ipct_sleep *sleep, const struct call_times *times)
{
	bool waking = op->key && times->woken_ns;
	struct caller *caller =
		waking ? caller_get(&c->callers, op->tid) : caller_find(&c->callers, op->tid);
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
		wait->waking = times->waking;
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

int wait_waking(struct collector *c, const struct ipct_op *op, struct call_times *times)
{
	struct caller *caller;

	if (times->woken_ns) {
		caller = caller_get(&c->callers, op->tid);
		if (!caller)
			return -ENOMEM;
		caller->woken_ns = times->woken_ns;
		caller->ran_ns = times->ran_ns;
		caller->waking = times->waking;
		caller->process = op->head.process;
		return 0;
	}
	caller = op_takes(op) ? caller_find(&c->callers, op->tid) : NULL;
	if (!caller)
		return 0;
	if (caller->process == op->head.process) {
		times->woken_ns = caller->woken_ns;
		times->ran_ns = caller->ran_ns;
		times->waking = caller->waking;
	}
	if (caller->wait.process == op->head.process &&
	    wait_found(&caller->wait, op->object, op->flags & IPCT_OP_END_ONE)) {
		times->woken_ns = caller->wait.woken_ns;
		times->ran_ns = caller->wait.ran_ns;
		times->waking = caller->wait.waking;
		times->wait_op = caller->wait.op_id;
	}
	return 0;
}
