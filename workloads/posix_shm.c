// SPDX-License-Identifier: BSD-2-Clause
/*
 * POSIX shared memory: the supervisor makes the object and unlinks it in the end; each peer opens
 * it by its name, maps it, and closes the fd.
 */
#include "workloads/mapping.h"
#include "workloads/ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void memory_destroy(struct peer *supervisor, struct channel *channel)
{
	bells_destroy(supervisor, channel);
	peer_call(supervisor, IPCT_ROLE_CONTROL, shm_unlink(channel->path));
}

static int memory_make(struct peer *supervisor, struct channel *channel)
{
	int err, err_close;
	long fd;

	snprintf(channel->path, sizeof(channel->path), "/ipctrace-workload.%d.%u", getpid(),
		 channel->index);
	fd = peer_call(supervisor, IPCT_ROLE_CREATE,
		       shm_open(channel->path, O_RDWR | O_CREAT | O_EXCL, 0600));
	if (fd < 0)
		return (int)fd;
	err = mapping_prepare(supervisor, channel, (int)fd, true);
	err_close = peer_close_fd(supervisor, (int)fd);
	if (!err)
		err = err_close;
	if (err)
		memory_destroy(supervisor, channel);
	return err;
}

static int memory_open(struct end *end)
{
	long fd = peer_call(end->peer, IPCT_ROLE_OPEN, shm_open(end->channel->path, O_RDWR, 0));
	int err;

	if (fd < 0)
		return (int)fd;
	err = mapping_open(end, (int)fd);
	return err ? err : peer_close_fd(end->peer, (int)fd);
}

static int memory_close(struct end *end)
{
	int err = mapping_close(end);

	if (!err && end_is_last_here(end))
		err = bells_close(end->peer, end->channel);
	return err;
}

const struct mechanism posix_shm_mechanism = {
	.id = IPCT_MECH_POSIX_SHM,
	.name = "posix_shm",
	.variants = ring_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.is_whole = true,
	.is_endless = true,
	.messages = MESSAGES_NONE,
	.make = memory_make,
	.destroy = memory_destroy,
	.abandon = bells_close,
	.open = memory_open,
	.close = memory_close,
};
