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
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define IDLE_MS 5

struct drain {
	struct ring_buffer *ring;
	int epoll_fd;
	int stop_fd; /* an event: there is no more to come */
	int ring_fd;
	int err; /* -errno of mapping the ring, once `mapped` is posted */
	sem_t mapped, emptied;
	bool stopped;
	struct spool *spool;
	struct cgroups cgroups; /* that have been looked up */
	pthread_t thread;
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
	} else if (head->type == IPCT_EV_FORK) {
		resolve_cgroup(&d->cgroups, ((const struct ipct_fork *)data)->cgroup, d->spool);
	} else if (head->type == IPCT_EV_EXEC) {
		resolve_cgroup(&d->cgroups, ((const struct ipct_exec *)data)->cgroup, d->spool);
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

static int fd_watch(const struct drain *d, int fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = fd};

	return epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static void drain_loop(struct drain *d)
{
	struct epoll_event event = {.data.fd = -1};

	run_first();
	while (event.data.fd != d->stop_fd) {
		ring_buffer__consume(d->ring);
		spool_flush(d->spool);
		epoll_wait(d->epoll_fd, &event, 1, IDLE_MS);
	}
	ring_buffer__consume(d->ring);
	spool_flush(d->spool);
}

/*
 * The ring is mapped page by page, and so it is unmapped: some milliseconds each, in which others
 * do not wait for this thread.
 */
static void *drain_run(void *arg)
{
	struct drain *d = arg;

	d->ring = ring_buffer__new(d->ring_fd, record_taken, d, NULL);
	d->err = d->ring ? fd_watch(d, d->ring_fd) : -errno;
	sem_post(&d->mapped);
	if (!d->err)
		drain_loop(d);
	sem_post(&d->emptied);
	ring_buffer__free(d->ring);
	return NULL;
}

static void drain_clear(struct drain *d)
{
	cgroups_clear(&d->cgroups);
	if (d->epoll_fd >= 0)
		close(d->epoll_fd);
	if (d->stop_fd >= 0)
		close(d->stop_fd);
	free(d);
}

struct drain *drain_start(int ring_fd, struct spool *spool)
{
	struct drain *d = calloc(1, sizeof(*d));
	int err = 0;

	if (!d)
		return NULL;
	d->spool = spool;
	d->ring_fd = ring_fd;
	d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	d->stop_fd = eventfd(0, EFD_CLOEXEC);
	sem_init(&d->mapped, 0, 0);
	sem_init(&d->emptied, 0, 0);
	if (d->epoll_fd < 0 || d->stop_fd < 0)
		err = -errno;
	if (!err)
		err = fd_watch(d, d->stop_fd);
	if (!err)
		err = -pthread_create(&d->thread, NULL, drain_run, d);
	if (!err)
		return d;
	drain_clear(d);
	errno = -err;
	return NULL;
}

static void post_wait(sem_t *sem)
{
	while (sem_wait(sem) && errno == EINTR)
		;
}

int drain_wait(struct drain *d)
{
	post_wait(&d->mapped);
	return d->err;
}

void drain_stop(struct drain *d)
{
	if (!d || d->stopped)
		return;
	d->stopped = true;
	eventfd_write(d->stop_fd, 1);
	post_wait(&d->emptied);
}

void drain_free(struct drain *d)
{
	if (!d)
		return;
	drain_stop(d);
	pthread_join(d->thread, NULL);
	drain_clear(d);
}
