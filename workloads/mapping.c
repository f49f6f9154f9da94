// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mapping and unmapping shared memory; see mapping.h.
 */
#include "workloads/mapping.h"
#include "workloads/ring.h"

#include <sys/mman.h>
#include <unistd.h>

static int mapping_map(struct peer *peer, const struct channel *channel, int fd, void **memory)
{
	long at = peer_call(peer, IPCT_ROLE_MAP,
			    mmap(NULL, ring_message_size(peer, channel), PROT_READ | PROT_WRITE,
				 MAP_SHARED, fd, 0));

	*memory = at < 0 ? NULL : (void *)at;
	return at < 0 ? (int)at : 0;
}

static int mapping_unmap(struct peer *peer, const struct channel *channel, void *memory)
{
	return (int)peer_call(peer, IPCT_ROLE_UNMAP,
			      munmap(memory, ring_message_size(peer, channel)));
}

int mapping_prepare(struct peer *supervisor, struct channel *channel, int fd, bool counted)
{
	off_t size = (off_t)ring_message_size(supervisor, channel);
	void *memory;
	int err, err_unmap;

	if (counted)
		err = (int)peer_call(supervisor, IPCT_ROLE_CONTROL, ftruncate(fd, size));
	else
		err = ftruncate(fd, size) ? -errno : 0;
	if (!err)
		err = mapping_map(supervisor, channel, fd, &memory);
	if (err)
		return err;
	err = ring_message_make(supervisor, channel, memory);
	err_unmap = mapping_unmap(supervisor, channel, memory);
	return err ? err : err_unmap;
}

int mapping_open(struct end *end, int fd)
{
	return mapping_map(end->peer, end->channel, fd, &end->state);
}

int mapping_close(struct end *end)
{
	return mapping_unmap(end->peer, end->channel, end->state);
}

int anon_make(struct peer *supervisor, struct channel *channel, size_t size)
{
	long at = peer_call_on(supervisor, IPCT_MECH_MMAP_ANON, IPCT_ROLE_MAP,
			       mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				    -1, 0));

	if (at < 0)
		return (int)at;
	channel->memory = (void *)at;
	channel->memory_bytes = size;
	return 0;
}

int anon_unmap(struct peer *peer, struct channel *channel)
{
	return (int)peer_call_on(peer, IPCT_MECH_MMAP_ANON, IPCT_ROLE_UNMAP,
				 munmap(channel->memory, channel->memory_bytes));
}
