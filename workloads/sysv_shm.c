// SPDX-License-Identifier: BSD-2-Clause
/*
 * System V shared memory: the supervisor makes the segment under a free key and removes it in the
 * end; each peer looks up the key and attaches it.
 */
#include "workloads/ring.h"
#include "workloads/sysv.h"

#include <sys/ipc.h>
#include <sys/shm.h>

static int segment_get(key_t key, int flags, size_t size)
{
	return shmget(key, size, flags);
}

static int segment_attach(struct peer *peer, int id, void **memory)
{
	long at = peer_call(peer, IPCT_ROLE_MAP, shmat(id, NULL, 0));

	*memory = at < 0 ? NULL : (void *)at;
	return at < 0 ? (int)at : 0;
}

static int segment_detach(struct peer *peer, const void *memory)
{
	return (int)peer_call(peer, IPCT_ROLE_UNMAP, shmdt(memory));
}

static void segment_destroy(struct peer *supervisor, struct channel *channel)
{
	bells_destroy(supervisor, channel);
	peer_call(supervisor, IPCT_ROLE_CONTROL, shmctl(channel->id, IPC_RMID, NULL));
}

static int segment_make(struct peer *supervisor, struct channel *channel)
{
	size_t size = ring_message_size(supervisor, channel);
	void *memory;
	int err, err_detach;

	channel->id = sysv_create(supervisor, IPCT_MECH_SYSV_SHM, channel->index, segment_get, size,
				  &channel->key);
	if (channel->id == -EINVAL)
		return peer_explain(supervisor, EINVAL,
				    "%zu bytes are over the limit that sysctl kernel.shmmax "
				    "(/proc/sys/kernel/shmmax) sets",
				    size);
	if (channel->id == -ENOSPC)
		return peer_explain(supervisor, ENOSPC,
				    "there is as much shared memory as sysctl kernel.shmmni or "
				    "kernel.shmall allows");
	if (channel->id < 0)
		return channel->id;
	err = segment_attach(supervisor, channel->id, &memory);
	if (!err) {
		err = ring_message_make(supervisor, channel, memory);
		err_detach = segment_detach(supervisor, memory);
		err = err ? err : err_detach;
	}
	if (err)
		segment_destroy(supervisor, channel);
	return err;
}

static int segment_open(struct end *end)
{
	long id = peer_call(end->peer, IPCT_ROLE_OPEN, shmget(end->channel->key, 0, 0));

	return id < 0 ? (int)id : segment_attach(end->peer, (int)id, &end->state);
}

static int segment_close(struct end *end)
{
	int err = segment_detach(end->peer, end->state);

	if (!err && end_is_last_here(end))
		err = bells_close(end->peer, end->channel);
	return err;
}

const struct mechanism sysv_shm_mechanism = {
	.id = IPCT_MECH_SYSV_SHM,
	.name = "sysv_shm",
	.variants = ring_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.is_whole = true,
	.is_endless = true,
	.messages = MESSAGES_NONE,
	.make = segment_make,
	.destroy = segment_destroy,
	.abandon = bells_close,
	.open = segment_open,
	.close = segment_close,
};
