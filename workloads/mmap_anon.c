// SPDX-License-Identifier: BSD-2-Clause
/*
 * Shared anonymous memory: the supervisor maps it and peers inherit the mapping. A tracer also
 * sees the memory that the harness itself shares, so the truth has that, too (truth.c).
 *
 * And futexes in such memory, as a mechanism of their own: a mailbox of one message for each
 * sender, so that they sleep as often as can be, and every call on the futexes is counted. A
 * message of that mechanism is a sleeper that was woken.
 */
#include "workloads/harness.h"
#include "workloads/mapping.h"
#include "workloads/ring.h"

static int memory_make(struct peer *supervisor, struct channel *channel)
{
	int err = anon_make(supervisor, channel, ring_message_size(supervisor, channel));

	if (!err)
		err = ring_message_make(supervisor, channel, channel->memory);
	if (err)
		bells_destroy(supervisor, channel);
	return err;
}

static int mailbox_make(struct peer *supervisor, struct channel *channel)
{
	size_t size = peer_options(supervisor)->size;
	int err = anon_make(supervisor, channel, ring_size(channel, size, 0));

	return err ? err : ring_make(supervisor, channel, channel->memory, size, 0);
}

static int memory_open(struct end *end)
{
	end->state = end->channel->memory;
	return 0;
}

static int memory_abandon(struct peer *peer, struct channel *channel)
{
	int err = bells_close(peer, channel);

	return err ? err : anon_unmap(peer, channel);
}

static int memory_close(struct end *end)
{
	return end_is_last_here(end) ? memory_abandon(end->peer, end->channel) : 0;
}

static const struct variant futex_variants[] = {
	{.name = "plain",
	 .doc = "FUTEX_WAIT and FUTEX_WAKE in shared anonymous memory",
	 .kind = BELL_FUTEX,
	 .counts_itself = true,
	 .send = ring_send,
	 .recv = ring_recv},
	{.name = NULL},
};

const struct mechanism mmap_anon_mechanism = {
	.id = IPCT_MECH_MMAP_ANON,
	.name = "mmap_anon",
	.variants = ring_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.is_whole = true,
	.is_endless = true,
	.messages = MESSAGES_NONE,
	.make = memory_make,
	.destroy = bells_destroy,
	.abandon = memory_abandon,
	.open = memory_open,
	.close = memory_close,
};

const struct mechanism futex_mechanism = {
	.id = IPCT_MECH_FUTEX,
	.name = "futex",
	.variants = futex_variants,
	.waits = IPCT_WAITS_BLOCK,
	.size = 8,
	.size_is = "a futex carries nothing; each wake-up announces 8 bytes in shared memory",
	.is_whole = true,
	.is_endless = true,
	.messages = MESSAGES_COUNTED,
	.make = mailbox_make,
	.destroy = bells_destroy,
	.abandon = memory_abandon,
	.open = memory_open,
	.close = memory_close,
};
