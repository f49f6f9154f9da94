/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of several classes (priorities of a POSIX queue, types of a System V queue) overtake
 * each other. The receiver says which classes it takes and which of them first, and checks that
 * it got what the rules say: within a class the oldest, and no message while a better one was
 * there already.
 */
#ifndef IPCT_ORDER_H
#define IPCT_ORDER_H

#include "workloads/harness.h"

#define IPCT_CLASSES_MAX 8

struct order {
	struct peer *peer;
	const struct channel *channel;
	unsigned classes;
	unsigned sender_first, sender_last; /* whom the receiver hears */
	uint64_t receives;
	uint64_t sent[IPCT_SENDERS_MAX]; /* that were surely there when the receive began */
	uint64_t next[IPCT_SENDERS_MAX][IPCT_CLASSES_MAX]; /* the oldest not received */
};

/* The class of message `seq`, from 0 on. */
unsigned order_class(const struct content *content, uint64_t seq, unsigned classes);

void order_open(struct order *order, struct end *end, unsigned sender_first, unsigned sender_last);

/* Before a receive on `end`: decide what it asks for (end->pick). */
void order_pick(struct order *order, struct end *end);

/* After it. 0, or -EBADMSG and an explanation in `why`. */
int order_check(struct order *order, const struct end *end, unsigned sender, uint64_t seq,
		char *why, size_t why_size);

#endif
