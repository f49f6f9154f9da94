/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies in each block of rows of the two large tables: a zone map. A reader that wants the
 * calls around a moment, the slowest message or the messages of some calls reads the few blocks
 * that can have them. An index would cost each row; this costs a block of thousands as much as one
 * row.
 */
#ifndef IPCT_BLOCK_H
#define IPCT_BLOCK_H

#include "collector/pair.h"

#define IPCT_BLOCK_ROWS 4096

/* The smallest and the largest of a column. */
struct range {
	int64_t min, max;
};

/* Ops with consecutive op_ids; count 0: none yet. */
struct op_block {
	int64_t first, count;
	struct range start_ns, end_ns;
};

/* Messages with consecutive message_ids; a range with max 0 is of none. */
struct message_block {
	int64_t first, count;
	struct range send, recv; /* op_ids; `recv` includes the waits for readiness */
	int64_t transit_max_ns;
};

/* Take a row in, which begins a new block if this one is full. */
void op_block_add(struct op_block *b, int64_t op_id, int64_t start_ns, int64_t end_ns);
void message_block_add(struct message_block *b, int64_t message_id, const struct message *m,
		       const struct parts *parts);

#endif
