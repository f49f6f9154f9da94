// SPDX-License-Identifier: BSD-2-Clause
/*
 * eventfds: the supervisor makes them, peers inherit them. A message is an addition to the counter,
 * of --size, which has no bytes; each call moves 8.
 */
#include "workloads/harness.h"

#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTFD_PLAIN, EVENTFD_SEMAPHORE };

static int eventfd_make(struct peer *supervisor, struct channel *channel)
{
	bool one = peer_options(supervisor)->variant->kind == EVENTFD_SEMAPHORE;
	long fd = peer_call(supervisor, IPCT_ROLE_CREATE,
			    eventfd(0, EFD_CLOEXEC | (one ? EFD_SEMAPHORE : 0)));

	channel->fd[0] = (int)fd;
	return fd < 0 ? (int)fd : 0;
}

static ssize_t eventfd_send(struct end *end, const void *buf, size_t counts)
{
	uint64_t value = counts;
	long n = peer_call(end->peer, IPCT_ROLE_SEND, write(end->fd, &value, sizeof(value)));

	return n < 0 ? n : (ssize_t)counts;
}

static ssize_t eventfd_recv(struct end *end, void *buf, size_t counts)
{
	uint64_t value;
	long n = peer_call(end->peer, IPCT_ROLE_RECV, read(end->fd, &value, sizeof(value)));

	return n < 0 ? n : (ssize_t)value;
}

static const struct variant eventfd_variants[] = {
	{.name = "plain",
	 .doc = "write adds --size (1), read takes all that was added",
	 .kind = EVENTFD_PLAIN,
	 .is_bare = true,
	 .counts_itself = true,
	 .send = eventfd_send,
	 .recv = eventfd_recv},
	{.name = "semaphore",
	 .doc = "EFD_SEMAPHORE: read takes 1",
	 .kind = EVENTFD_SEMAPHORE,
	 .is_bare = true,
	 .counts_itself = true,
	 .send = eventfd_send,
	 .recv = eventfd_recv},
	{.name = NULL},
};

const struct mechanism eventfd_mechanism = {
	.id = IPCT_MECH_EVENTFD,
	.name = "eventfd",
	.variants = eventfd_variants,
	.waits = IPCT_WAITS_ALL,
	.atomic_bytes = SIZE_MAX,
	.size = 1,
	.is_endless = true,
	.make = eventfd_make,
	.abandon = inherited_one_abandon,
	.open = inherited_one_open,
	.close = inherited_one_close,
};
