/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is remembered of a thread between its ops: parts that came before their op, its last waking,
 * and what its last wait for readiness found. Threads that have had none of these have no entry.
 */
#ifndef IPCT_CALLER_H
#define IPCT_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "collector/parts.h"
#include "schemas/event.h"

/* An object that a wait for readiness found ready, and which of its ends. */
struct ready_end {
	uint32_t object; /* its number */
	bool end_one;
};

/* A thread's last wait for readiness, if it slept and something was ready. */
struct wait {
	int64_t op_id, woken_ns, ran_ns;
	struct waking waking;
	uint32_t process;
	struct ready_end *ready;
	size_t count, room; /* of `ready`; 0: there was no such wait */
};

struct caller {
	uint32_t tid, process;
	int64_t woken_ns, ran_ns; /* of its last sleep in an op of `process` */
	struct waking waking;     /* of the same */
	struct ipct_op *parts;    /* of an op that has yet to come */
	size_t count, room;       /* of `parts` */
	struct wait wait;
};

/* Zeroed is empty. */
struct callers {
	struct caller **slot; /* a hash table, `room` a power of two; NULL: empty */
	size_t count, room;
};

/* The thread's entry, or NULL. Every op asks. */
struct caller *caller_find(const struct callers *cs, uint32_t tid);

/* The same, made if it is new. NULL: no memory. */
struct caller *caller_get(struct callers *cs, uint32_t tid);

/*
 * Keep a part of a call whose op has yet to come: a call has at most 1024 (UIO_MAXIOV,
 * READY_FDS_MAX). 0 or -ENOMEM.
 */
int caller_part(struct caller *caller, const struct ipct_op *part);

/* Keep that the wait found this end ready. 0 or -ENOMEM. */
int wait_add(struct wait *wait, uint32_t object, bool end_one);

/* Has it found that end of the object ready? */
bool wait_found(const struct wait *wait, uint32_t object, bool end_one);

void callers_clear(struct callers *cs);

#endif
