// SPDX-License-Identifier: BSD-2-Clause
/*
 * FIFOs: the supervisor makes each in a new folder below $TMPDIR, or /tmp, and removes both in the
 * end; each peer opens its own ends, and waits in open for the other side.
 */
#include "workloads/mechanism.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fifo_make(struct peer *supervisor, struct channel *channel)
{
	const char *tmp = getenv("TMPDIR");
	char folder[PATH_MAX - 16];
	int len = snprintf(folder, sizeof(folder), "%s/ipctrace-workload.XXXXXX",
			   tmp && *tmp ? tmp : "/tmp");
	int err;

	if (len >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	if (!mkdtemp(folder))
		return -errno;
	snprintf(channel->path, sizeof(channel->path), "%s/fifo%u", folder, channel->index);
	peer_op(supervisor, IPCT_ROLE_CREATE);
	err = peer_op_end(supervisor, IPCT_ROLE_CREATE, mkfifo(channel->path, 0600) ? -errno : 0);
	if (err) {
		rmdir(folder);
		channel->path[0] = '\0';
	}
	return err;
}

static void fifo_destroy(struct peer *supervisor, struct channel *channel)
{
	char *slash = strrchr(channel->path, '/');

	if (!slash)
		return;
	unlink(channel->path);
	*slash = '\0';
	rmdir(channel->path);
}

static int fifo_open(struct end *end)
{
	int flags = end->side == SIDE_SEND ? O_WRONLY : O_RDONLY;

	if (end->is_loop && end->side == SIDE_RECV)
		flags |= O_NONBLOCK;
	peer_op(end->peer, IPCT_ROLE_OPEN);
	end->fd = open(end->channel->path, flags | O_CLOEXEC);
	return peer_op_end(end->peer, IPCT_ROLE_OPEN, end->fd < 0 ? -errno : 0);
}

static int fifo_close(struct end *end)
{
	return peer_close_fd(end->peer, end->fd);
}

const struct mechanism fifo_mechanism = {
	.id = IPCT_MECH_FIFO,
	.name = "fifo",
	.variants = pipe_variants,
	.atomic_bytes = PIPE_BUF,
	.make = fifo_make,
	.destroy = fifo_destroy,
	.open = fifo_open,
	.close = fifo_close,
};
