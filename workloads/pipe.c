// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pipes: the supervisor makes them, peers inherit them.
 */
#include "workloads/mechanism.h"

#include <fcntl.h>
#include <unistd.h>

static int pipe_make(struct peer *supervisor, struct channel *channel)
{
	return (int)peer_call(supervisor, IPCT_ROLE_CREATE, pipe2(channel->fd, O_CLOEXEC));
}

const struct mechanism pipe_mechanism = {
	.id = IPCT_MECH_PIPE,
	.name = "pipe",
	.variants = pipe_variants,
	.waits = IPCT_WAITS_ALL,
	.atomic_bytes = PIPE_BUF,
	.make = pipe_make,
	.disown = inherited_disown,
	.open = inherited_open,
	.close = inherited_close,
};
