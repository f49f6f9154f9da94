/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The threads of a recording: those that made an op, and those that woke one that did. Sums of
 * their calls, kept up to date while storing.
 */
#ifndef IPCT_THREAD_H
#define IPCT_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "schemas/event.h"

#define IPCT_THREADS_RECENT 256

struct thread {
	uint32_t process, tid; /* process_id in the file */
	int64_t ops;           /* 0: it only woke others */
	int64_t first_ns, last_ns;
	uint64_t dur_ns, blocked_ns, waiting_ns, runnable_ns;
	bool dirty;
};

/* Zeroed is empty. */
struct threads {
	void *all; /* tsearch */
	struct thread *recent[IPCT_THREADS_RECENT];
	struct thread **dirty;
	size_t dirty_count, dirty_room;
};

/* Count an op, which lasted from start_ns to end_ns, and the waker of its sleep. 0 or -ENOMEM. */
int thread_op(struct threads *t, const struct ipct_op *op, const struct ipct_sleep *sleep,
	      int64_t start_ns, int64_t end_ns);

void threads_clear(struct threads *t);

#endif
