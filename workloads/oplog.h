/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lengths of the sends, or of the receives, that one peer made on one channel, in order. The
 * bytes of a channel are numbered as they go in, so two logs say which send and which receive
 * have bytes in common: those are the messages. Equal lengths in a row take one entry. A log
 * lives in memory shared with the supervisor, never in the traced channels.
 */
#ifndef IPCT_OPLOG_H
#define IPCT_OPLOG_H

#include <stdint.h>

struct oplog_entry {
	uint64_t len; /* bytes, not 0 */
	uint64_t repeat;
};

struct oplog {
	uint64_t used, max; /* entries */
	struct oplog_entry entry[];
};

/*
 * A log in shared memory for up to `max` entries, of which only the used ones cost memory.
 * NULL and errno if there is no room. Ends with oplog_free.
 */
struct oplog *oplog_new(uint64_t max);
void oplog_free(struct oplog *log);

/* Append an op of `len` bytes. 0, or -ENOSPC if the log is full. */
int oplog_add(struct oplog *log, uint64_t len);

/*
 * Append to `into` what `from` holds, where every op must be of `len` bytes: the order among
 * several senders is not known, and only then does it not matter. 0, -EILSEQ or -ENOSPC.
 */
int oplog_merge(struct oplog *into, const struct oplog *from, uint64_t len);

/* Pairs of a send and a receive with bytes in common, and those bytes; added to the two sums. */
void oplog_pairs(const struct oplog *sent, const struct oplog *received, uint64_t *count,
		 uint64_t *bytes);

#endif
