// SPDX-License-Identifier: BSD-2-Clause
/*
 * Emptying the ring. The probes do not wake us (a wake-up would cost the traced call ten times the
 * record), except when the ring fills faster than our timer; so: sleep a little whenever it is
 * found empty.
 */
#include "collector/drain.h"

#include "collector/resolve.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define IDLE_MS 5

struct drain {
	struct ring_buffer *ring;
	struct spool *spool;
	pthread_t thread;
	bool stop;
};

static int record_taken(void *arg, void *data, size_t len_bytes)
{
	struct drain *d = arg;
	const struct ipct_head *head = data;
	struct ipct_path_op resolved; /* the ring itself is mapped for reading only */

	if (head->type == IPCT_EV_PATH_OP) {
		memcpy(&resolved, data, sizeof(resolved));
		resolve_path_op(&resolved);
		data = &resolved;
	}
	spool_put(d->spool, data, head->len);
	return 0;
}

static void *drain_run(void *arg)
{
	struct drain *d = arg;
	struct epoll_event event;

	/* Ahead of what is traced, where we may. */
	setpriority(PRIO_PROCESS, 0, -10);
	while (!__atomic_load_n(&d->stop, __ATOMIC_ACQUIRE)) {
		if (ring_buffer__consume(d->ring) > 0)
			continue;
		spool_flush(d->spool);
		epoll_wait(ring_buffer__epoll_fd(d->ring), &event, 1, IDLE_MS);
	}
	ring_buffer__consume(d->ring);
	spool_flush(d->spool);
	return NULL;
}

struct drain *drain_start(int ring_fd, struct spool *spool)
{
	struct drain *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return NULL;
	d->spool = spool;
	d->ring = ring_buffer__new(ring_fd, record_taken, d, NULL);
	if (!d->ring) {
		free(d);
		return NULL;
	}
	err = pthread_create(&d->thread, NULL, drain_run, d);
	if (err) {
		ring_buffer__free(d->ring);
		free(d);
		errno = err;
		return NULL;
	}
	return d;
}

void drain_stop(struct drain *d)
{
	if (!d)
		return;
	__atomic_store_n(&d->stop, true, __ATOMIC_RELEASE);
	pthread_join(d->thread, NULL);
	ring_buffer__free(d->ring);
	free(d);
}
