// SPDX-License-Identifier: BSD-2-Clause
/*
 * Shared mappings of a file: the supervisor makes it in a new folder and removes both in the end;
 * each peer opens and maps it. Only the mappings are calls of the mechanism.
 */
#include "workloads/mapping.h"
#include "workloads/ring.h"

#include <fcntl.h>
#include <unistd.h>

static void file_destroy(struct peer *supervisor, struct channel *channel)
{
	bells_destroy(supervisor, channel);
	folder_remove(channel);
}

static int file_make(struct peer *supervisor, struct channel *channel)
{
	int err = folder_make(channel, "mapped"), fd;

	if (err)
		return err;
	fd = open(channel->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : mapping_prepare(supervisor, channel, fd, false);
	if (fd >= 0)
		close(fd);
	if (err)
		file_destroy(supervisor, channel);
	return err;
}

static int file_open(struct end *end)
{
	int fd = open(end->channel->path, O_RDWR | O_CLOEXEC);
	int err = fd < 0 ? -errno : mapping_open(end, fd);

	if (fd >= 0)
		close(fd);
	return err;
}

static int file_close(struct end *end)
{
	int err = mapping_close(end);

	if (!err && end_is_last_here(end))
		err = bells_close(end->peer, end->channel);
	return err;
}

const struct mechanism mmap_file_mechanism = {
	.id = IPCT_MECH_MMAP_FILE,
	.name = "mmap_file",
	.variants = ring_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.is_whole = true,
	.is_endless = true,
	.messages = MESSAGES_NONE,
	.make = file_make,
	.destroy = file_destroy,
	.abandon = bells_close,
	.open = file_open,
	.close = file_close,
};
