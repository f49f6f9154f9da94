// SPDX-License-Identifier: BSD-2-Clause
/*
 * Emptying the ring. The probes do not wake us (a wake-up would cost the traced call ten times the
 * record), except when the ring fills faster than our timer. So: empty it, then sleep until the
 * timer or such a wake-up. The wait is edge-triggered: data that merely lie there do not end it,
 * and we do not spin beside a busy program.
 */
#include "collector/drain.h"

#include "collector/resolve.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define IDLE_MS 5

struct drain {
	struct ring_buffer *ring;
	int epoll_fd;
	struct spool *spool;
	pthread_t thread;
	bool stop;
};

static int record_taken(void *arg, void *data, size_t len_bytes)
{
	struct drain *d = arg;
	const struct ipct_head *head = data;
	union { /* the ring itself is mapped for reading only */
		struct ipct_path_op path_op;
		struct ipct_object object;
	} resolved;

	if (head->type == IPCT_EV_PATH_OP) {
		memcpy(&resolved, data, sizeof(resolved.path_op));
		resolve_path_op(&resolved.path_op);
		data = &resolved;
	} else if (head->type == IPCT_EV_OBJECT) {
		memcpy(&resolved, data, sizeof(resolved.object));
		resolve_object(&resolved.object);
		data = &resolved;
	}
	spool_put(d->spool, data, head->len);
	return 0;
}

/*
 * Ahead of all that is traced, where we may: hundreds of runnable processes would leave too little
 * to a nice value, and the ring would overflow. All that this thread ever does is copy, in bursts.
 */
static void run_first(void)
{
	const struct sched_param first = {.sched_priority = 1};

	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &first))
		setpriority(PRIO_PROCESS, 0, -20);
}

static void *drain_run(void *arg)
{
	struct drain *d = arg;
	struct epoll_event event;

	run_first();
	while (!__atomic_load_n(&d->stop, __ATOMIC_ACQUIRE)) {
		ring_buffer__consume(d->ring);
		spool_flush(d->spool);
		epoll_wait(d->epoll_fd, &event, 1, IDLE_MS);
	}
	ring_buffer__consume(d->ring);
	spool_flush(d->spool);
	return NULL;
}

static void drain_free(struct drain *d)
{
	ring_buffer__free(d->ring);
	if (d->epoll_fd >= 0)
		close(d->epoll_fd);
	free(d);
}

struct drain *drain_start(int ring_fd, struct spool *spool)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	struct drain *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return NULL;
	d->spool = spool;
	d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	d->ring = ring_buffer__new(ring_fd, record_taken, d, NULL);
	if (!d->ring || d->epoll_fd < 0 || epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, ring_fd, &event)) {
		err = errno;
		goto fail;
	}
	err = pthread_create(&d->thread, NULL, drain_run, d);
	if (!err)
		return d;
fail:
	drain_free(d);
	errno = err;
	return NULL;
}

void drain_stop(struct drain *d)
{
	if (!d)
		return;
	__atomic_store_n(&d->stop, true, __ATOMIC_RELEASE);
	pthread_join(d->thread, NULL);
	drain_free(d);
}
