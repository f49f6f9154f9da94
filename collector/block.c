// SPDX-License-Identifier: BSD-2-Clause
/*
 * Blocks of ops and of messages, one row after the other.
 */
#include "collector/block.h"

static void range_add(struct range *r, int64_t value, bool first)
{
	if (first || value < r->min)
		r->min = value;
	if (first || value > r->max)
		r->max = value;
}

void op_block_add(struct op_block *b, int64_t op_id, int64_t start_ns, int64_t end_ns)
{
	if (!b->count || b->count == IPCT_BLOCK_ROWS)
		*b = (struct op_block){.first = op_id};
	range_add(&b->start_ns, start_ns, !b->count);
	range_add(&b->end_ns, end_ns, !b->count);
	b->count++;
}

/* op_ids begin at 1; 0 is none. */
static void range_add_op(struct range *r, int64_t op_id)
{
	if (op_id)
		range_add(r, op_id, !r->max);
}

void message_block_add(struct message_block *b, int64_t message_id, const struct message *m,
		       const struct parts *parts)
{
	int64_t transit_ns = m->recv->times.end_ns - m->send->times.begin_ns;

	if (!b->count || b->count == IPCT_BLOCK_ROWS)
		*b = (struct message_block){.first = message_id};
	range_add_op(&b->send, m->send->op_id);
	range_add_op(&b->recv, m->recv->op_id);
	range_add_op(&b->recv, parts->wait_op);
	if (transit_ns > b->transit_max_ns)
		b->transit_max_ns = transit_ns;
	b->count++;
}
