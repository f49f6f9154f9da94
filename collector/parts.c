// SPDX-License-Identifier: BSD-2-Clause
/*
 * The cuts of a transit.
 */
#include "collector/parts.h"

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The receiver slept, and was woken at `woken` after the send call had begun. */
static struct parts parts_woken(const struct call_times *send, const struct call_times *recv)
{
	int64_t in = min(send->end_ns, recv->woken_ns);
	int64_t ran = min(max(recv->ran_ns, recv->woken_ns), recv->end_ns);
	/* after a wait for readiness the receiver may do other things first */
	int64_t took = recv->wait_op ? min(max(ran, recv->begin_ns), recv->end_ns) : ran;

	return (struct parts){
		.ns = {in - send->begin_ns, recv->woken_ns - in + took - ran, ran - recv->woken_ns,
		       recv->end_ns - took},
		.wait_op = recv->wait_op,
	};
}

struct parts parts_of(const struct call_times *send, const struct call_times *recv)
{
	int64_t in = min(send->end_ns, recv->end_ns), took;

	if (recv->end_ns <= send->begin_ns)
		return (struct parts){.ns = {[PART_IN_RECV] = recv->end_ns - send->begin_ns}};
	if (recv->woken_ns >= send->begin_ns && recv->woken_ns <= recv->end_ns && recv->woken_ns)
		return parts_woken(send, recv);
	/* who finds it at once finds it there */
	if (recv->begin_ns > send->begin_ns && !recv->woken_ns)
		in = min(in, recv->begin_ns);
	took = max(in, recv->begin_ns);
	return (struct parts){
		.ns = {in - send->begin_ns, took - in, 0, recv->end_ns - took},
	};
}
