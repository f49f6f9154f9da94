// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads by process and tid. Ops of a few threads come in turn, so a small table by tid spares
 * most of the searches.
 */
#include "collector/thread.h"

#include "collector/array.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int thread_order(const void *x, const void *y)
{
	const struct thread *a = x, *b = y;

	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	return (a->tid > b->tid) - (a->tid < b->tid);
}

static struct thread *thread_new(struct threads *t, const struct thread *key)
{
	struct thread *thread = malloc(sizeof(*thread));

	if (!thread)
		return NULL;
	*thread = *key;
	if (!tsearch(thread, &t->all, thread_order)) {
		free(thread);
		return NULL;
	}
	return thread;
}

/* The thread, made if it is new; it will be written with the next commit. NULL: no memory. */
static struct thread *thread_get(struct threads *t, uint32_t process, uint32_t tid)
{
	struct thread key = {.process = process, .tid = tid}, **found;
	struct thread **recent = &t->recent[tid % IPCT_THREADS_RECENT], *thread = *recent;

	if (!thread || thread_order(thread, &key)) {
		found = tfind(&key, &t->all, thread_order);
		thread = found ? *found : thread_new(t, &key);
	}
	if (!thread)
		return NULL;
	if (!thread->dirty) {
		if (array_grow(&t->dirty, &t->dirty_room, t->dirty_count, sizeof(*t->dirty)))
			return NULL;
		t->dirty[t->dirty_count++] = thread;
		thread->dirty = true;
	}
	return *recent = thread;
}

int thread_op(struct threads *t, const struct ipct_op *op, const struct ipct_sleep *sleep,
	      int64_t start_ns, int64_t end_ns)
{
	struct thread *thread = thread_get(t, op->head.process, op->tid);

	if (!thread)
		return -ENOMEM;
	if (!thread->ops || start_ns < thread->first_ns)
		thread->first_ns = start_ns;
	if (!thread->ops++ || end_ns > thread->last_ns)
		thread->last_ns = end_ns;
	thread->dur_ns += op->dur_ns;
	thread->blocked_ns += op->blocked_ns;
	thread->waiting_ns += sleep->waiting_ns;
	thread->runnable_ns += sleep->runnable_ns;
	if (sleep->waker_process && !thread_get(t, sleep->waker_process, sleep->waker))
		return -ENOMEM;
	return 0;
}

void threads_clear(struct threads *t)
{
	tdestroy(t->all, free);
	free(t->dirty);
	memset(t, 0, sizeof(*t));
}
