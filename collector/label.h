/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The matcher for messages that the kernel side labels: both ends' records carry the same label.
 * A queue's label is the message's number among those of its priority or type, a datagram's its
 * number at the receiving socket, a wake-up's the number of the call that woke. Records of the
 * two ends may come in either order; a label whose other end was lost finds no partner and harms
 * no one else's.
 */
#ifndef IPCT_LABEL_H
#define IPCT_LABEL_H

#include "collector/pair.h"

struct label {
	uint64_t number, key;
	uint32_t scope; /* direction of an object; 0: the number alone says it, of a wake-up */
};

/* The scope of messages whose number alone says it, and that have one receiver. */
#define LABEL_SCOPE_MESSAGE (~0u)

struct labels;

/* NULL: no memory. At most `limit` ends wait for their partner: the oldest is forgotten. */
struct labels *labels_new(size_t limit);
void labels_free(struct labels *l);

/*
 * One end of a message. Calls `fn` for each message that is now known. Who sends under a label
 * of scope 0 can have several receivers: a wake-up of several waiters. 0 or -ENOMEM.
 */
int label_send(struct labels *l, const struct label *label, const struct span *span, message_fn fn,
	       void *arg);
int label_recv(struct labels *l, const struct label *label, const struct span *span, message_fn fn,
	       void *arg);

#endif
