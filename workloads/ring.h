/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages through shared memory: for each sender a ring of slots that it fills and the receiver
 * empties, and bells by which they wait for each other.
 */
#ifndef IPCT_RING_H
#define IPCT_RING_H

#include "workloads/bell.h"

struct lane;

/* At the start of the shared memory, which begins at a page. */
struct ring {
	struct bell filled; /* slots of all senders */
	unsigned lane_count, slots_log2;
	size_t slot_bytes, lane_bytes;
};

/* Bytes of memory that the channel needs for slots of `slot_bytes`, at most 2^slots_log2 each. */
size_t ring_size(const struct channel *channel, size_t slot_bytes, unsigned slots_log2);

/* The slots that are right for messages of this size, as a power of two. */
unsigned ring_slots_log2(size_t slot_bytes);

/* In new memory: an empty ring, and its bells. */
int ring_make(struct peer *supervisor, struct channel *channel, void *memory, size_t slot_bytes,
	      unsigned slots_log2);

/*
 * Wait for an empty slot, and give it away filled; wait for a filled one, and give it back empty.
 * end->state is the ring. The slot, or NULL and *err.
 */
void *ring_fill_begin(struct end *end, int *err);
int ring_fill_end(struct end *end);
void *ring_take_begin(struct end *end, struct lane **lane, int *err);
int ring_take_end(struct end *end, struct lane *lane);

/* The first slot of a sender. */
void *ring_slot(struct ring *ring, unsigned lane);

/* The lane of a sender's end. */
unsigned ring_lane(const struct end *end);

/* Hooks of variants: messages are copied in and out. */
ssize_t ring_send(struct end *end, const void *buf, size_t len_bytes);
ssize_t ring_recv(struct end *end, void *buf, size_t len_bytes);

/* One for each kind of bell. */
extern const struct variant ring_variants[];

/* For mechanisms of which objects are nothing but a ring of messages. */
size_t ring_message_size(const struct peer *peer, const struct channel *channel);
int ring_message_make(struct peer *supervisor, struct channel *channel, void *memory);

#endif
