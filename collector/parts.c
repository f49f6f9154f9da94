// SPDX-License-Identifier: BSD-2-Clause
/*
 * The cuts of a transit.
 */
#include "collector/parts.h"
#include "schemas/number.h"

/* When the data was in the object: no later than this. */
static int64_t in_ns(const struct call_times *send, const struct call_times *recv)
{
	int64_t in = min64(send->end_ns, recv->end_ns);

	if (recv->woken_ns >= send->begin_ns && recv->woken_ns <= recv->end_ns)
		return min64(in, recv->woken_ns);
	/* who finds it at once finds it there */
	if (recv->begin_ns > send->begin_ns && recv->woken_ns < recv->begin_ns)
		return min64(in, recv->begin_ns);
	return in;
}

struct parts parts_of(const struct call_times *send, const struct call_times *recv)
{
	int64_t in, ready, ran, took;

	if (recv->end_ns <= send->begin_ns)
		return (struct parts){.ns = {[PART_IN_RECV] = recv->end_ns - send->begin_ns}};
	in = in_ns(send, recv);
	ready = ran = in;
	if (recv->woken_ns && recv->woken_ns <= recv->end_ns && recv->ran_ns > in) {
		ready = max64(in, recv->woken_ns);
		ran = min64(max64(recv->ran_ns, ready), recv->end_ns);
	}
	/* it may do other things before it comes to this message */
	took = max64(ran, recv->begin_ns);
	return (struct parts){
		.ns = {in - send->begin_ns, took - in - (ran - ready), ran - ready,
		       recv->end_ns - took},
		.wait_op = ran > in ? recv->wait_op : 0,
	};
}
