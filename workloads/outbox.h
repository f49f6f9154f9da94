/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sending half of a peer: messages are made here and go out through an end.
 */
#ifndef IPCT_OUTBOX_H
#define IPCT_OUTBOX_H

#include "workloads/harness.h"

/* Buffers in turn, as the variant may need the old ones of each end. */
struct outbox {
	struct peer *peer;
	unsigned char *buffers;
	size_t stride_bytes;
	unsigned buffer_count;
};

/* 0, or -errno after a message; close it in either case. */
int outbox_open(struct outbox *out, struct peer *peer);
void outbox_close(struct outbox *out);

/* Make `count` messages from number `seq` on ready to be sent at once. */
void outbox_fill(struct outbox *out, uint64_t seq, unsigned count);

/* Send them whole, in as many calls as it takes. 0, or -errno after a message. */
int outbox_send(struct outbox *out, struct end *end, uint64_t seq, unsigned count);

#endif
