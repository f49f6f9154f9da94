// SPDX-License-Identifier: BSD-2-Clause
/*
 * POSIX message queues: the supervisor makes them under names of their own and unlinks them in the
 * end; each peer opens the one that it uses.
 */
#include "workloads/harness.h"

#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

#define IPCT_MQ_MESSAGES 10 /* in a queue; less where fs.mqueue.msg_max is less */

/*
 * The limit holds for everybody here. The kernel lets root pass it, which would make the same
 * command line do different things.
 */
static int queue_check(struct peer *supervisor)
{
	uint64_t max = sysctl_number("/proc/sys/fs/mqueue/msgsize_max", UINT64_MAX);
	size_t size = peer_options(supervisor)->size;

	if (size <= max)
		return 0;
	return peer_explain(supervisor, EMSGSIZE,
			    "messages of %zu bytes are over the limit of %ju; sysctl "
			    "fs.mqueue.msgsize_max (/proc/sys/fs/mqueue/msgsize_max) sets it",
			    size, (uintmax_t)max);
}

static int queue_make(struct peer *supervisor, struct channel *channel)
{
	uint64_t most = sysctl_number("/proc/sys/fs/mqueue/msg_max", IPCT_MQ_MESSAGES);
	struct mq_attr attr = {
		.mq_maxmsg = (long)(most < IPCT_MQ_MESSAGES ? most : IPCT_MQ_MESSAGES),
		.mq_msgsize = (long)peer_options(supervisor)->size,
	};
	long queue;

	snprintf(channel->path, sizeof(channel->path), "/ipctrace-workload.%d.%u", getpid(),
		 channel->index);
	queue = peer_call(supervisor, IPCT_ROLE_CREATE,
			  mq_open(channel->path, O_RDWR | O_CREAT | O_EXCL, 0600, &attr));
	if (queue == -EMFILE)
		return peer_explain(supervisor, EMFILE,
				    "%ld messages of %ld bytes are more than the limit of a user's "
				    "queues (RLIMIT_MSGQUEUE, ulimit -q) allows",
				    attr.mq_maxmsg, attr.mq_msgsize);
	if (queue == -ENOSPC)
		return peer_explain(supervisor, ENOSPC,
				    "there are as many queues as sysctl fs.mqueue.queues_max "
				    "allows");
	return queue < 0 ? (int)queue : peer_close_fd(supervisor, (int)queue);
}

static void queue_destroy(struct peer *supervisor, struct channel *channel)
{
	peer_call(supervisor, IPCT_ROLE_CONTROL, mq_unlink(channel->path));
}

static int queue_open(struct end *end)
{
	int flags = end->side == SIDE_SEND ? O_WRONLY : O_RDONLY;

	end->fd = (int)peer_call(end->peer, IPCT_ROLE_OPEN,
				 mq_open(end->channel->path, flags | O_CLOEXEC));
	return end->fd < 0 ? end->fd : 0;
}

static int queue_close(struct end *end)
{
	return peer_close_fd(end->peer, end->fd);
}

static ssize_t queue_send(struct end *end, const void *buf, size_t len_bytes)
{
	return mq_send(end->fd, buf, len_bytes, end->class) ? -errno : (ssize_t)len_bytes;
}

static ssize_t queue_receive(struct end *end, void *buf, size_t len_bytes)
{
	ssize_t n = mq_receive(end->fd, buf, len_bytes, &end->class);

	return n < 0 ? -errno : n;
}

static const struct variant queue_variants[] = {
	{.name = "plain",
	 .doc = "mq_send and mq_receive, one priority",
	 .send = queue_send,
	 .recv = queue_receive},
	{.name = "priorities",
	 .doc = "with seven priorities, all mixed up",
	 .classes = 7,
	 .send = queue_send,
	 .recv = queue_receive},
	{.name = NULL},
};

const struct mechanism posix_mq_mechanism = {
	.id = IPCT_MECH_POSIX_MQ,
	.name = "posix_mq",
	.variants = queue_variants,
	.waits = IPCT_WAITS_ALL,
	.is_whole = true,
	.is_endless = true,
	.check = queue_check,
	.make = queue_make,
	.destroy = queue_destroy,
	.open = queue_open,
	.close = queue_close,
};
