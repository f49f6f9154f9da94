/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the time of a message went. Its transit, from the start of the send call to the end of the
 * receive call, is cut at up to three moments:
 *
 *   the data is in   when the receiver is woken while the send call runs; if it was not, when the
 *                    send call ended, or the receive call began or ended if that was earlier
 *   woken, ran       of the receiver's last sleep, in the receive call, in a wait for readiness or
 *                    in any call before it: what lies in the object while its receiver is ready
 *                    and gets no CPU is in the run queue, whatever it was that woke it
 *
 * The parts are never negative, unless the transit is, and always add up to it.
 */
#ifndef IPCT_PARTS_H
#define IPCT_PARTS_H

#include <stdint.h>

enum part {
	PART_IN_SEND,   /* in the send call, before the data is in */
	PART_IN_OBJECT, /* nobody was busy with it */
	PART_IN_RUNQ, /* from the waking of the receiver, or when the data was in, to its running */
	PART_IN_RECV, /* the rest of the receive call */
	PARTS
};

/* Who ended a sleep, and on which CPUs; of no sleep, zeros. */
struct waking {
	uint32_t waker; /* tid; 0: an interrupt */
	uint16_t slept_cpu, waker_cpu, ran_cpu;
};

/* One call, as far as its parts need to be known. Nanoseconds from the start of the recording. */
struct call_times {
	int64_t begin_ns, end_ns;
	int64_t woken_ns, ran_ns; /* of its last sleep, or its thread's before it; 0: none known */
	int64_t wait_op; /* op_id of the wait for readiness that found it ready, if they are of that
			  */
	struct waking waking; /* of woken_ns */
	uint32_t tid;         /* of the call's thread */
};

struct parts {
	int64_t ns[PARTS];
	int64_t wait_op; /* the wait for readiness whose waking it is; 0: another call's, or none */
};

struct parts parts_of(const struct call_times *send, const struct call_times *recv);

/* How the duration of an op divides; what is left was spent asleep for a lock, memory or a disk. */
enum call_part { CALL_PART_RUNNING, CALL_PART_WAITING, CALL_PART_RUNNABLE, CALL_PARTS };

#endif
