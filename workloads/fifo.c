// SPDX-License-Identifier: BSD-2-Clause
/*
 * FIFOs: the supervisor makes each in a new folder, and removes both in the end; each peer opens
 * its own ends, and waits in open for the other side.
 */
#include "workloads/mechanism.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int fifo_make(struct peer *supervisor, struct channel *channel)
{
	int err = folder_make(channel, "fifo");

	if (err)
		return err;
	err = (int)peer_call(supervisor, IPCT_ROLE_CREATE, mkfifo(channel->path, 0600));
	if (err)
		folder_remove(channel);
	return err;
}

static void fifo_destroy(struct peer *supervisor, struct channel *channel)
{
	folder_remove(channel);
}

static int fifo_open(struct end *end)
{
	int flags = end->side == SIDE_SEND ? O_WRONLY : O_RDONLY;

	if (end->is_loop && end->side == SIDE_RECV)
		flags |= O_NONBLOCK;
	end->fd = (int)peer_call(end->peer, IPCT_ROLE_OPEN,
				 open(end->channel->path, flags | O_CLOEXEC));
	return end->fd < 0 ? end->fd : 0;
}

static int fifo_close(struct end *end)
{
	return peer_close_fd(end->peer, end->fd);
}

const struct mechanism fifo_mechanism = {
	.id = IPCT_MECH_FIFO,
	.name = "fifo",
	.variants = pipe_variants,
	.waits = IPCT_WAITS_ALL,
	.atomic_bytes = PIPE_BUF,
	.make = fifo_make,
	.destroy = fifo_destroy,
	.open = fifo_open,
	.close = fifo_close,
};
