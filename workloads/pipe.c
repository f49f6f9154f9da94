// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pipes: the supervisor makes them, each peer inherits all and closes the ends that it has no use
 * for, as a shell does. Peers that are threads share the fds; the last one on a side closes it.
 */
#include "workloads/mechanism.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int pipe_make(struct peer *supervisor, struct channel *channel)
{
	peer_op(supervisor, IPCT_ROLE_CREATE);
	return peer_op_end(supervisor, IPCT_ROLE_CREATE,
			   pipe2(channel->fd, O_CLOEXEC) ? -errno : 0);
}

static int pipe_disown(struct peer *peer, struct channel *channel, enum side side)
{
	return peer_close_fd(peer, channel->fd[side]);
}

static int pipe_open(struct end *end)
{
	end->fd = end->channel->fd[end->side];
	return 0;
}

static int pipe_close(struct end *end)
{
	if (atomic_fetch_sub(&end->channel->sharers[end->side], 1) > 1)
		return 0;
	return peer_close_fd(end->peer, end->fd);
}

const struct mechanism pipe_mechanism = {
	.id = IPCT_MECH_PIPE,
	.name = "pipe",
	.variants = pipe_variants,
	.atomic_bytes = PIPE_BUF,
	.make = pipe_make,
	.disown = pipe_disown,
	.open = pipe_open,
	.close = pipe_close,
};
