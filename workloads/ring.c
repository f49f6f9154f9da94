// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rings in shared memory; see ring.h.
 */
#include "workloads/ring.h"
#include "workloads/harness.h"

#include <string.h>

#define IPCT_RING_BYTES      65536 /* of slots, for each sender, where messages are not larger */
#define IPCT_RING_SLOTS_LOG2 6     /* at most */
#define IPCT_CACHE_LINE      64

/* What one sender shares with the receiver; its slots are behind it. */
struct lane {
	struct bell room;                   /* empty slots */
	_Alignas(64) _Atomic uint64_t head; /* filled so far: the sender's */
	_Alignas(64) _Atomic uint64_t tail; /* emptied so far: the receiver's */
	_Alignas(64) unsigned char slots[];
};

const struct variant ring_variants[] = {
	{.name = "futex",
	 .doc = "wait and wake by futex(2), on a word in the memory",
	 .kind = BELL_FUTEX,
	 .counts_itself = true,
	 .send = ring_send,
	 .recv = ring_recv},
	{.name = "posix_sem",
	 .doc = "sem_wait and sem_post, on a semaphore in the memory",
	 .kind = BELL_POSIX_SEM,
	 .counts_itself = true,
	 .uncounted = IPCT_MECH_FUTEX,
	 .send = ring_send,
	 .recv = ring_recv},
	{.name = "sysv_sem",
	 .doc = "semop on a System V semaphore",
	 .kind = BELL_SYSV_SEM,
	 .counts_itself = true,
	 .send = ring_send,
	 .recv = ring_recv},
	{.name = "eventfd",
	 .doc = "write and read on an eventfd",
	 .kind = BELL_EVENTFD,
	 .counts_itself = true,
	 .send = ring_send,
	 .recv = ring_recv},
	{.name = NULL},
};

static size_t round_up(size_t size)
{
	return (size + IPCT_CACHE_LINE - 1) / IPCT_CACHE_LINE * IPCT_CACHE_LINE;
}

static size_t lane_size(size_t slot_bytes, unsigned slots_log2)
{
	return sizeof(struct lane) + (round_up(slot_bytes) << slots_log2);
}

size_t ring_size(const struct channel *channel, size_t slot_bytes, unsigned slots_log2)
{
	return sizeof(struct ring) + channel->users[SIDE_SEND] * lane_size(slot_bytes, slots_log2);
}

unsigned ring_slots_log2(size_t slot_bytes)
{
	unsigned log2 = 1;

	while (log2 < IPCT_RING_SLOTS_LOG2 && round_up(slot_bytes) << (log2 + 1) <= IPCT_RING_BYTES)
		log2++;
	return log2;
}

static struct lane *lane_at(struct ring *ring, unsigned i)
{
	return (struct lane *)((unsigned char *)(ring + 1) + i * ring->lane_bytes);
}

int ring_make(struct peer *supervisor, struct channel *channel, void *memory, size_t slot_bytes,
	      unsigned slots_log2)
{
	unsigned lanes = channel->users[SIDE_SEND];
	struct ring *ring = memory;
	int err;

	ring->lane_count = lanes;
	ring->slots_log2 = slots_log2;
	ring->slot_bytes = round_up(slot_bytes);
	ring->lane_bytes = lane_size(slot_bytes, slots_log2);
	err = bell_make(supervisor, channel, &ring->filled, 0, lanes + 1, 0);
	for (unsigned i = 0; !err && i < lanes; i++)
		err = bell_make(supervisor, channel, &lane_at(ring, i)->room, i + 1, lanes + 1,
				1U << slots_log2);
	return err;
}

unsigned ring_lane(const struct end *end)
{
	return end->channel->users[SIDE_SEND] == 1 ? 0 : end->peer->sender;
}

static unsigned char *lane_slot(const struct ring *ring, struct lane *lane, uint64_t number)
{
	return lane->slots + (number & ((1U << ring->slots_log2) - 1)) * ring->slot_bytes;
}

void *ring_slot(struct ring *ring, unsigned lane)
{
	return lane_slot(ring, lane_at(ring, lane), 0);
}

void *ring_fill_begin(struct end *end, int *err)
{
	struct ring *ring = end->state;
	struct lane *lane = lane_at(ring, ring_lane(end));

	*err = bell_wait(end, &lane->room);
	return *err ? NULL : lane_slot(ring, lane, lane->head);
}

int ring_fill_end(struct end *end)
{
	struct ring *ring = end->state;
	struct lane *lane = lane_at(ring, ring_lane(end));

	atomic_fetch_add(&lane->head, 1);
	return bell_post(end, &ring->filled);
}

/* Senders take turns: look on behind the one whose message was taken last. */
void *ring_take_begin(struct end *end, struct lane **lane, int *err)
{
	struct ring *ring = end->state;

	*err = bell_wait(end, &ring->filled);
	for (unsigned i = 0; !*err && i < ring->lane_count; i++) {
		end->turn = (end->turn + 1) % ring->lane_count;
		*lane = lane_at(ring, end->turn);
		if ((*lane)->head != (*lane)->tail)
			return lane_slot(ring, *lane, (*lane)->tail);
	}
	if (!*err)
		*err = peer_explain(end->peer, EBADMSG, "the bell rang for nothing");
	return NULL;
}

int ring_take_end(struct end *end, struct lane *lane)
{
	atomic_fetch_add(&lane->tail, 1);
	return bell_post(end, &lane->room);
}

ssize_t ring_send(struct end *end, const void *buf, size_t len_bytes)
{
	int err;
	void *slot = ring_fill_begin(end, &err);

	if (!slot)
		return err;
	memcpy(slot, buf, len_bytes);
	err = ring_fill_end(end);
	return err ? err : (ssize_t)len_bytes;
}

ssize_t ring_recv(struct end *end, void *buf, size_t len_bytes)
{
	struct lane *lane = NULL;
	int err;
	void *slot = ring_take_begin(end, &lane, &err);
	size_t size = peer_options(end->peer)->size;

	if (!slot)
		return err;
	memcpy(buf, slot, size < len_bytes ? size : len_bytes);
	err = ring_take_end(end, lane);
	return err ? err : (ssize_t)size;
}

size_t ring_message_size(const struct peer *peer, const struct channel *channel)
{
	size_t size = peer_options(peer)->size;

	return ring_size(channel, size, ring_slots_log2(size));
}

int ring_message_make(struct peer *supervisor, struct channel *channel, void *memory)
{
	size_t size = peer_options(supervisor)->size;

	return ring_make(supervisor, channel, memory, size, ring_slots_log2(size));
}
