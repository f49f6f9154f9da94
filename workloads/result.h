/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a benchmark wants to know of a run, as a file of lines for a program to read.
 *
 *	size BYTES          of each message, as it was; 0 if it has no content
 *	messages COUNT      that were received, in all
 *	bytes COUNT         that were received, in all
 *	elapsed-ns NS       from before the first send to after the last receive
 *	peer NAME TID       for each peer
 *	rtt HEX             the round trips, as hist_encode (schemas/hist.h) gives them
 *	one-way HEX         from before a send to after its receive by the other one
 *
 * The last two are there where peers take turns. All times are CLOCK_MONOTONIC.
 */
#ifndef IPCT_RESULT_H
#define IPCT_RESULT_H

#include <stdint.h>

struct peer;
struct run;

#define IPCT_RESULT_MESSAGES_MAX (1 << 24)

/* One exchange as one peer saw it. Each writes its own, so that no cache line goes to and fro. */
struct stamp {
	uint64_t begin_ns; /* before its send, or before it waited for what it answers */
	uint64_t end_ns;   /* after its receive */
};

/* Room for the stamps of all peers, if a result is wanted. 0 or -errno. */
int stamps_new(struct run *run);
void stamps_free(struct run *run);

/* By a peer, before it begins: its stamps must not cost a page fault on the way. */
void stamps_touch(struct peer *peer);

/* Write the file. 0, or -errno after a message. */
int result_write(const struct run *run);

#endif
