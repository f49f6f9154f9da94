// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rows of events: what happens a million times a second goes to the writing thread in batches. What
 * many ops or messages have in common is a row of its own, which they name by its number.
 */
#include "collector/store_private.h"

#include "schemas/tables.h"

#include <errno.h>
#include <string.h>

/* For NULL where the value is not known. */
static int64_t known(int64_t value, bool known)
{
	return known ? value : BATCH_NULL;
}

/* Room for the next row of the table, or NULL after the message. */
static int64_t *row_new(struct store *s, enum batch_table table)
{
	int64_t *row = s->failed ? NULL : batches_row(s->batches, table);
	int code;

	if (row || s->failed)
		return row;
	code = batches_error(s->batches);
	store_fail(s, code ? code : SQLITE_NOMEM);
	return NULL;
}

/* The number of the kind, which is stored if it is new. Below 0 after an error. */
static int64_t kind_put(struct store *s, struct kinds *kinds, enum batch_table table,
			const int64_t *kind, size_t words)
{
	bool is_new;
	int64_t number = kinds_number(kinds, kind, &is_new);
	int64_t *row;

	if (!is_new)
		return number;
	row = row_new(s, table);
	if (!row)
		return -EIO;
	row[0] = number;
	memcpy(row + 1, kind, words * sizeof(*kind));
	return number;
}

int store_op(struct store *s, int64_t ts_ns, uint32_t object_id, const struct ipct_op *op)
{
	bool moves = op->role == IPCT_ROLE_SEND || op->role == IPCT_ROLE_RECV;
	bool finished = op->flags & IPCT_OP_FINISHED;
	int64_t bytes = known(op->bytes, moves || op->bytes);
	int64_t requested = known((int64_t)op->requested, moves || op->requested);
	const int64_t kind[OP_KIND_WORDS] = {
		op->head.process,
		op->tid,
		op->syscall,
		op->role,
		object_id,
		known(op->fd, op->fd >= 0),
		requested != BATCH_NULL && requested == bytes ? -1 : requested,
		known(-op->result, finished && op->result < 0),
		known((int64_t)op->key, mechanisms[op->head.mechanism].key && finished &&
						op->result >= 0 && (op_gives(op) || op_takes(op))),
	};
	int64_t number = kind_put(s, s->op_kinds, BATCH_OP_KIND, kind, OP_KIND_WORDS);
	int64_t *row = number > 0 ? row_new(s, BATCH_OP) : NULL;

	if (!row)
		return -EIO;
	row[0] = number;
	row[1] = ts_ns;
	row[2] = (int64_t)op->dur_ns;
	row[3] = (int64_t)op->blocked_ns;
	row[4] = bytes;
	row[5] = finished;
	return 0;
}

int store_sleep(struct store *s, int64_t op_id, int64_t end_ns, const struct ipct_op *op,
		const struct ipct_sleep *sleep, int64_t woken_ns, int64_t ran_ns)
{
	const int64_t kind[SLEEP_KIND_WORDS] = {
		sleep->waker,
		known(sleep->waker_process, sleep->waker_process),
		sleep->slept_cpu,
		sleep->waker_cpu,
		known(sleep->ran_cpu, sleep->ran_cpu != IPCT_CPU_NONE),
	};
	int64_t runnable_ns = (int64_t)sleep->runnable_ns, blocked_ns = (int64_t)op->blocked_ns;
	int64_t number = 0, *row;

	if (sleep->woken_ns)
		number = kind_put(s, s->sleep_kinds, BATCH_SLEEP_KIND, kind, SLEEP_KIND_WORDS);
	row = number >= 0 ? row_new(s, BATCH_SLEEP) : NULL;
	if (!row)
		return -EIO;
	row[0] = op_id;
	row[1] = known((int64_t)sleep->waiting_ns,
		       blocked_ns - runnable_ns != (int64_t)sleep->waiting_ns);
	row[2] = known(runnable_ns, !number || ran_ns - woken_ns != runnable_ns);
	row[3] = known(end_ns - woken_ns, number);
	row[4] = known(ran_ns - woken_ns, number);
	row[5] = known(number, number);
	row[6] = (int64_t)sleep->away_ns;
	return 0;
}

int store_ready(struct store *s, int64_t op_id, uint32_t object_id, int fd, int64_t events)
{
	int64_t *row = row_new(s, BATCH_READY);

	if (!row)
		return -EIO;
	row[0] = op_id;
	row[1] = object_id;
	row[2] = fd;
	row[3] = events;
	return 0;
}

int store_message(struct store *s, uint32_t object_id, const struct message *m,
		  const struct parts *parts)
{
	const int64_t kind[MESSAGE_KIND_WORDS] = {
		object_id,
		m->confidence,
		known(m->send->process, !m->send->op_id),
		known(m->recv->process, !m->recv->op_id),
	};
	int64_t number =
		kind_put(s, s->message_kinds, BATCH_MESSAGE_KIND, kind, MESSAGE_KIND_WORDS);
	int64_t *row = number > 0 ? row_new(s, BATCH_MESSAGE) : NULL;

	if (!row)
		return -EIO;
	row[0] = number;
	row[1] = known(m->recv->op_id, m->recv->op_id);
	row[2] = known(m->recv->op_id - m->send->op_id, m->send->op_id);
	row[3] = m->bytes;
	for (int i = 0; i < PART_IN_RECV; i++)
		row[4 + i] = parts->ns[i];
	row[7] = known(m->recv->op_id - parts->wait_op, parts->wait_op);
	return 0;
}
