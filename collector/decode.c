// SPDX-License-Identifier: BSD-2-Clause
/*
 * Checking a record: its length is that of its type, its enums are in range, its texts end.
 */
#include "collector/decode.h"

#include <errno.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

static const unsigned short sizes[IPCT_EV_COUNT] = {
	[IPCT_EV_OP] = sizeof(struct ipct_op),
	[IPCT_EV_PATH_OP] = sizeof(struct ipct_path_op),
	[IPCT_EV_FORK] = sizeof(struct ipct_fork),
	[IPCT_EV_EXEC] = sizeof(struct ipct_exec),
	[IPCT_EV_EXIT] = sizeof(struct ipct_exit),
	[IPCT_EV_OBJECT] = sizeof(struct ipct_object),
	[IPCT_EV_FD_RANGE] = sizeof(struct ipct_fd_range),
	[IPCT_EV_HOLDER] = sizeof(struct ipct_holder),
	[IPCT_EV_END] = sizeof(struct ipct_end),
};

/* Numbers are dense in a recording: larger ones than these are damage. */
#define PROCESSES_MAX (1u << 22)

static bool op_ok(struct ipct_op *op)
{
	if (op->requested > INT64_MAX) /* a program may ask for anything */
		op->requested = INT64_MAX;
	return op->syscall < IPCT_SYS_COUNT && op->role < IPCT_ROLE_COUNT &&
	       op->head.mechanism < IPCT_MECH_COUNT && op->object <= IPCT_OBJECTS_MAX &&
	       op->offset <= INT64_MAX / 2 && op->start_ns <= INT64_MAX / 2 &&
	       op->dur_ns <= INT64_MAX / 2 && op->blocked_ns <= INT64_MAX / 2 &&
	       op->result <= INT64_MAX / 2 && op->result >= INT32_MIN;
}

static bool path_ok(struct ipct_path *path)
{
	if (path->len > sizeof(path->text))
		return false;
	return !path->len || !path->text[path->len - 1];
}

static bool record_ok(union record *r)
{
	switch (r->head.type) {
	case IPCT_EV_OP:
		return r->op.object && r->op.head.mechanism && op_ok(&r->op);
	case IPCT_EV_PATH_OP:
		r->path_op.text[sizeof(r->path_op.text) - 1] = 0;
		return op_ok(&r->path_op.op) && path_ok(&r->path_op.base);
	case IPCT_EV_FORK:
		r->fork.comm[IPCT_COMM_LEN - 1] = 0;
		return r->head.process && r->fork.parent <= PROCESSES_MAX;
	case IPCT_EV_EXEC:
		r->exec.comm[IPCT_COMM_LEN - 1] = 0;
		return r->head.process && r->exec.args_len <= IPCT_ARGS_LEN &&
		       path_ok(&r->exec.exe);
	case IPCT_EV_EXIT:
		return r->head.process;
	case IPCT_EV_OBJECT:
		return r->object.object && r->object.object <= IPCT_OBJECTS_MAX &&
		       r->head.mechanism && r->head.mechanism < IPCT_MECH_COUNT &&
		       r->object.fill <= INT64_MAX / 2 && path_ok(&r->object.name);
	case IPCT_EV_END:
		return r->end.ended <= IPCT_ENDED_NO_EXEC;
	case IPCT_EV_HOLDER:
		r->holder.comm[IPCT_COMM_LEN - 1] = 0;
		return true;
	}
	return true;
}

long decode_next(const void *data, size_t len, union record *out)
{
	struct ipct_head head;

	if (len < sizeof(head))
		return 0;
	memcpy(&head, data, sizeof(head));
	if (!head.type || head.type >= IPCT_EV_COUNT || head.len != sizes[head.type] ||
	    head.process > PROCESSES_MAX)
		return -EINVAL;
	if (len < head.len)
		return 0;
	memcpy(out, data, head.len);
	return record_ok(out) ? head.len : -EINVAL;
}
