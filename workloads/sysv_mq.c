// SPDX-License-Identifier: BSD-2-Clause
/*
 * System V message queues: the supervisor makes them under free keys and removes them in the end;
 * each peer looks up the key of the one that it uses.
 */
#include "workloads/harness.h"
#include "workloads/sysv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

/* What msgsnd and msgrcv want in memory. */
struct envelope {
	long type;
	char text[];
};

static int queue_check(struct peer *supervisor)
{
	uint64_t most = sysctl_number("/proc/sys/kernel/msgmax", UINT64_MAX);
	uint64_t room = sysctl_number("/proc/sys/kernel/msgmnb", UINT64_MAX);
	size_t size = peer_options(supervisor)->size;

	if (size > most)
		return peer_explain(supervisor, EMSGSIZE,
				    "messages of %zu bytes are over the limit of %ju; sysctl "
				    "kernel.msgmax (/proc/sys/kernel/msgmax) sets it",
				    size, (uintmax_t)most);
	if (size > room)
		return peer_explain(supervisor, EMSGSIZE,
				    "messages of %zu bytes do not fit into a queue of %ju; sysctl "
				    "kernel.msgmnb (/proc/sys/kernel/msgmnb) sets its size",
				    size, (uintmax_t)room);
	return 0;
}

static int queue_get(key_t key, int flags, size_t size)
{
	return msgget(key, flags);
}

static int queue_make(struct peer *supervisor, struct channel *channel)
{
	channel->id = sysv_create(supervisor, IPCT_MECH_SYSV_MQ, channel->index, queue_get, 0,
				  &channel->key);
	if (channel->id == -ENOSPC)
		return peer_explain(supervisor, ENOSPC,
				    "there are as many queues as sysctl kernel.msgmni "
				    "(/proc/sys/kernel/msgmni) allows");
	return channel->id < 0 ? channel->id : 0;
}

static void queue_destroy(struct peer *supervisor, struct channel *channel)
{
	peer_call(supervisor, IPCT_ROLE_CONTROL, msgctl(channel->id, IPC_RMID, NULL));
}

static int queue_open(struct end *end)
{
	long id = peer_call(end->peer, IPCT_ROLE_OPEN, msgget(end->channel->key, 0));

	if (id < 0)
		return (int)id;
	end->state = malloc(sizeof(struct envelope) + peer_options(end->peer)->size);
	return end->state ? 0 : -ENOMEM;
}

static int queue_close(struct end *end)
{
	free(end->state);
	return 0;
}

static ssize_t queue_send(struct end *end, const void *buf, size_t len_bytes)
{
	struct envelope *envelope = end->state;

	envelope->type = end->class + 1;
	memcpy(envelope->text, buf, len_bytes);
	return msgsnd(end->channel->id, envelope, len_bytes,
		      peer_options(end->peer)->wait == WAIT_SPIN ? IPC_NOWAIT : 0)
		       ? -errno
		       : (ssize_t)len_bytes;
}

/* The type that msgrcv takes for what the receiver wants: 0 any, n only n, -n the lowest to n. */
static long queue_type(const struct end *end)
{
	const struct pick *pick = &end->pick;

	if (pick->by == PICK_OLDEST)
		return 0;
	return pick->low == pick->high ? (long)pick->low + 1 : -(long)pick->high - 1;
}

static ssize_t queue_receive(struct end *end, void *buf, size_t len_bytes)
{
	const struct options *o = peer_options(end->peer);
	struct envelope *envelope = end->state;
	size_t ask = len_bytes < o->size ? len_bytes : o->size;
	ssize_t n =
		msgrcv(end->channel->id, envelope, ask, o->variant->classes ? queue_type(end) : 0,
		       o->wait == WAIT_SPIN ? IPC_NOWAIT : 0);

	if (n < 0)
		return errno == ENOMSG ? -EAGAIN : -errno;
	end->class = (unsigned)envelope->type - 1;
	memcpy(buf, envelope->text, (size_t)n);
	return n;
}

static const struct variant queue_variants[] = {
	{.name = "plain",
	 .doc = "msgsnd and msgrcv, one type",
	 .send = queue_send,
	 .recv = queue_receive},
	{.name = "types",
	 .doc = "with seven types; msgrcv asks for any, for one, for the lowest",
	 .classes = 7,
	 .picks = true,
	 .send = queue_send,
	 .recv = queue_receive},
	{.name = NULL},
};

const struct mechanism sysv_mq_mechanism = {
	.id = IPCT_MECH_SYSV_MQ,
	.name = "sysv_mq",
	.variants = queue_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.is_whole = true,
	.is_endless = true,
	.check = queue_check,
	.make = queue_make,
	.destroy = queue_destroy,
	.open = queue_open,
	.close = queue_close,
};
