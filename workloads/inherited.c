// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fds that the supervisor makes and peers inherit: each process closes those that it has no use
 * for, as a shell does. Peers that are threads share them; the last one closes.
 */
#include "workloads/mechanism.h"

int inherited_open(struct end *end)
{
	end->fd = end->channel->fd[end->side];
	return 0;
}

int inherited_close(struct end *end)
{
	return end_is_last_on_side(end) ? peer_close_fd(end->peer, end->fd) : 0;
}

int inherited_disown(struct peer *peer, struct channel *channel, enum side side)
{
	return channel->fd[side] < 0 ? 0 : peer_close_fd(peer, channel->fd[side]);
}

int inherited_one_open(struct end *end)
{
	end->fd = end->channel->fd[0];
	return 0;
}

int inherited_one_close(struct end *end)
{
	return end_is_last_here(end) ? peer_close_fd(end->peer, end->fd) : 0;
}

int inherited_one_abandon(struct peer *peer, struct channel *channel)
{
	return channel->fd[0] < 0 ? 0 : peer_close_fd(peer, channel->fd[0]);
}
