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
	[IPCT_EV_OP] = sizeof(struct ipct_op), /* or a slept one */
	[IPCT_EV_PATH_OP] = sizeof(struct ipct_path_op),
	[IPCT_EV_FORK] = sizeof(struct ipct_fork),
	[IPCT_EV_EXEC] = sizeof(struct ipct_exec),
	[IPCT_EV_EXIT] = sizeof(struct ipct_exit),
	[IPCT_EV_CPU] = sizeof(struct ipct_cpu),
	[IPCT_EV_CGROUP] = sizeof(struct ipct_cgroup),
	[IPCT_EV_OBJECT] = sizeof(struct ipct_object),
	[IPCT_EV_FD_RANGE] = sizeof(struct ipct_fd_range),
	[IPCT_EV_PASSING] = sizeof(struct ipct_passing),
	[IPCT_EV_HOLDER] = sizeof(struct ipct_holder),
	[IPCT_EV_TOUCH] = sizeof(struct ipct_touch),
	[IPCT_EV_CALIBRATION] = sizeof(struct ipct_calibration),
	[IPCT_EV_END] = sizeof(struct ipct_end),
};

/* Numbers are dense in a recording: larger ones than these are damage. */
#define PROCESSES_MAX (1u << 22)

/*
 * Far more than there can be, and little enough that what the collector computes with them stays
 * in its range: bytes through an object, bytes of a call, calls, and (36 years) up-time.
 */
#define OFFSET_MAX (1ll << 56)
#define RESULT_MAX (1ll << 40)
#define COUNT_MAX  (1ull << 56)
#define TIME_MAX   (1ull << 60)

static bool op_ok(struct ipct_op *op)
{
	if (op->requested > INT64_MAX) /* a program may ask for anything */
		op->requested = INT64_MAX;
	return op->syscall < IPCT_SYS_COUNT && op->role < IPCT_ROLE_COUNT &&
	       op->head.mechanism < IPCT_MECH_COUNT && op->object <= IPCT_OBJECTS_MAX &&
	       op->offset <= OFFSET_MAX && op->start_ns <= TIME_MAX && op->dur_ns <= TIME_MAX &&
	       op->blocked_ns <= TIME_MAX && op->result >= INT32_MIN && op->bytes >= 0 &&
	       op->bytes <= RESULT_MAX;
}

static bool sleep_ok(const struct ipct_sleep *s)
{
	return s->waiting_ns <= TIME_MAX && s->runnable_ns <= TIME_MAX && s->woken_ns <= TIME_MAX &&
	       s->ran_ns <= TIME_MAX && s->away_ns <= TIME_MAX && s->waker <= INT32_MAX &&
	       s->waker_process <= PROCESSES_MAX;
}

static bool path_ok(struct ipct_path *path)
{
	if (path->len > sizeof(path->text))
		return false;
	return !path->len || !path->text[path->len - 1];
}

static bool address_ok(const struct ipct_address *address)
{
	return address->len <= sizeof(address->data);
}

static bool counts_ok(const struct ipct_end *end)
{
	for (int m = 0; m < IPCT_MECH_COUNT; m++) {
		if (end->spool_lost[m] > COUNT_MAX)
			return false;
		for (int n = 0; n < IPCT_COUNT_COUNT; n++)
			if (end->counts[m][n] > COUNT_MAX)
				return false;
	}
	return true;
}

static bool calibration_ok(const struct ipct_calibration *c)
{
	const __u64 *numbers[] = {&c->untraced_ns,   &c->traced_ns,    &c->ratio,
				  &c->ratio_min,     &c->ratio_max,    &c->cpu_ratio,
				  &c->cpu_ratio_min, &c->cpu_ratio_max};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (*numbers[i] > TIME_MAX)
			return false;
	return c->rounds <= INT32_MAX;
}

static bool record_ok(union record *r)
{
	switch (r->head.type) {
	case IPCT_EV_OP:
		return (r->op.head.mechanism || r->op.flags & IPCT_OP_RANGE) && op_ok(&r->op) &&
		       sleep_ok(&r->slept.sleep);
	case IPCT_EV_PATH_OP:
		r->path_op.text[sizeof(r->path_op.text) - 1] = 0;
		return op_ok(&r->path_op.op) && path_ok(&r->path_op.base);
	case IPCT_EV_FORK:
		r->fork.comm[IPCT_COMM_LEN - 1] = 0;
		return r->head.process && r->fork.parent <= PROCESSES_MAX &&
		       r->fork.parent != r->head.process;
	case IPCT_EV_EXEC:
		r->exec.comm[IPCT_COMM_LEN - 1] = 0;
		return r->head.process && r->exec.args_len <= IPCT_ARGS_LEN &&
		       path_ok(&r->exec.exe);
	case IPCT_EV_EXIT:
		return r->head.process && r->exit.cpu_ns <= TIME_MAX;
	case IPCT_EV_CPU:
		return r->head.process && r->cpu.cpu_ns <= TIME_MAX;
	case IPCT_EV_CGROUP:
		r->cgroup.path[sizeof(r->cgroup.path) - 1] = 0;
		return true;
	case IPCT_EV_OBJECT:
		r->object.text[IPCT_NAME_LEN - 1] = 0;
		r->object.comm[IPCT_COMM_LEN - 1] = 0;
		return r->object.object && r->object.object <= IPCT_OBJECTS_MAX &&
		       r->head.mechanism && r->head.mechanism < IPCT_MECH_COUNT &&
		       r->object.fill <= OFFSET_MAX && r->object.fill_one <= OFFSET_MAX &&
		       r->object.holder <= IPCT_OBJECTS_MAX && address_ok(&r->object.local) &&
		       address_ok(&r->object.remote) && path_ok(&r->object.name);
	case IPCT_EV_TOUCH:
		return r->head.process && r->touch.object && r->touch.object <= IPCT_OBJECTS_MAX &&
		       r->touch.reads <= COUNT_MAX && r->touch.writes <= COUNT_MAX;
	case IPCT_EV_PASSING:
		r->passing.text[IPCT_NAME_LEN - 1] = 0;
		return r->head.process && r->passing.carrier <= IPCT_OBJECTS_MAX &&
		       r->passing.object <= IPCT_OBJECTS_MAX && r->head.mechanism &&
		       r->head.mechanism < IPCT_MECH_COUNT &&
		       r->passing.mechanism < IPCT_MECH_COUNT &&
		       !r->passing.object == !r->passing.mechanism && path_ok(&r->passing.path);
	case IPCT_EV_CALIBRATION:
		return calibration_ok(&r->calibration);
	case IPCT_EV_END:
		return r->end.ended <= IPCT_ENDED_NO_EXEC && counts_ok(&r->end);
	case IPCT_EV_HOLDER:
		r->holder.comm[IPCT_COMM_LEN - 1] = 0;
		return r->holder.object <= IPCT_OBJECTS_MAX;
	}
	return true;
}

static bool len_ok(const struct ipct_head *head)
{
	return head->len == sizes[head->type] ||
	       (head->type == IPCT_EV_OP && head->len == sizeof(struct ipct_slept_op));
}

long decode_next(const void *data, size_t len, union record *out)
{
	struct ipct_head head;

	if (len < sizeof(head))
		return 0;
	memcpy(&head, data, sizeof(head));
	if (!head.type || head.type >= IPCT_EV_COUNT || !len_ok(&head) ||
	    head.process > PROCESSES_MAX)
		return -EINVAL;
	if (len < head.len)
		return 0;
	memcpy(out, data, head.len);
	if (head.type == IPCT_EV_OP && head.len == sizeof(struct ipct_op))
		memset(&out->slept.sleep, 0, sizeof(out->slept.sleep));
	return record_ok(out) ? head.len : -EINVAL;
}
