// SPDX-License-Identifier: BSD-2-Clause
/*
 * An op's row, its share in the sums, and its times on the clock of the recording.
 */
#include "collector/collector_private.h"

#include <errno.h>

int64_t since_start(struct collector *c, uint64_t monotonic_ns)
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

int sum_op(struct object *o, struct process *p, const struct ipct_op *op, int64_t start_ns)
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

int put_op(struct collector *c, struct object *o, const struct ipct_op *op,
	   const struct ipct_sleep *sleep, int64_t *op_id)
{
	struct process *p = process_get(&c->processes, op->head.process);
	int64_t ns = since_start(c, op->start_ns);
	int64_t end_ns = since_start(c, op->start_ns + op->dur_ns);

	if (!p || sum_op(o, p, op, ns) || call_count(&c->aggregate, op, sleep) ||
	    thread_op(&c->threads, op, sleep, ns, end_ns))
		return -ENOMEM;
	*op_id = ++c->ops;
	ledger_stored(&c->ledger, op->head.mechanism);
	store_op(c->store, ns, o->id, op);
	op_block_add(&c->op_block, *op_id, ns, end_ns);
	if (c->op_block.count == IPCT_BLOCK_ROWS)
		store_op_block(c->store, &c->op_block);
	if (sleep->waiting_ns | sleep->runnable_ns | sleep->away_ns)
		store_sleep(c->store, *op_id, ns + (int64_t)op->dur_ns, op, sleep,
			    since_start(c, sleep->woken_ns), since_start(c, sleep->ran_ns));
	return 0;
}

struct call_times op_times(struct collector *c, const struct ipct_op *op,
			   const struct ipct_sleep *sleep)
{
	struct call_times t = {
		.begin_ns = since_start(c, op->start_ns),
		.end_ns = since_start(c, op->start_ns + op->dur_ns),
		.tid = op->tid,
	};

	if (sleep->woken_ns >= op->start_ns && sleep->woken_ns <= op->start_ns + op->dur_ns) {
		t.woken_ns = since_start(c, sleep->woken_ns);
		t.ran_ns = since_start(c, sleep->ran_ns);
		t.waking = (struct waking){
			.waker = sleep->waker,
			.slept_cpu = sleep->slept_cpu,
			.waker_cpu = sleep->waker_cpu,
			.ran_cpu = sleep->ran_cpu,
		};
	}
	return t;
}
