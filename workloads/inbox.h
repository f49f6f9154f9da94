/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receiving half of a peer: what comes through an end is put together to messages, and each
 * is compared with what must come. Where messages have no content, they are counted.
 */
#ifndef IPCT_INBOX_H
#define IPCT_INBOX_H

#include <stdio.h>

#include "workloads/harness.h"

struct order;

struct inbox {
	struct end *end;
	unsigned sender_first, sender_last; /* whom it hears */
	unsigned char *buf, *scratch;
	size_t have, room;
	uint64_t taken, expected; /* messages */
	uint64_t last_ns; /* when the last receive that took something returned, CLOCK_MONOTONIC */
	struct order *order; /* where messages overtake each other */
	uint64_t next[IPCT_SENDERS_MAX];
	FILE *log; /* NULL: none is wanted */
	char *log_text;
	size_t log_len;
};

/* 0, or -errno after a message; close it in either case, which writes the log. */
int inbox_open(struct inbox *in, struct end *end, unsigned sender_first, unsigned sender_last);
void inbox_close(struct inbox *in);

/* Receive until `count` messages were taken in all. 0, or -errno after a message. */
int inbox_await(struct inbox *in, uint64_t count);

/* Receive to the end; every message must have come by then. 0, or -errno after a message. */
int inbox_drain(struct inbox *in);

uint64_t monotonic_ns(void);

#endif
