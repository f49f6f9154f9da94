/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content of messages: a function of seed, sender and number, so that a receiver can compare
 * every byte. From 16 bytes on a message starts with a header in clear, for people with a
 * debugger and for better complaints; shorter ones only have a first byte that names the sender.
 */
#ifndef IPCT_CONTENT_H
#define IPCT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPCT_SENDERS_MAX  128 /* the first byte must tell them apart, and have room for more */
#define IPCT_HEADER_BYTES 16

struct content {
	uint64_t seed;
	size_t size; /* of each message, bytes, not 0 */
	unsigned senders;
	bool header_only; /* from IPCT_HEADER_BYTES on nothing behind the header is made or looked
			     at */
};

/* Write message number `seq` of `sender` to `buf`. */
void content_fill(const struct content *content, unsigned sender, uint64_t seq, void *buf);

/* Who sent the message in `buf`; `senders` or more if it cannot be one of ours. */
unsigned content_sender(const struct content *content, const void *buf);

/* The number of the message in `buf`, of IPCT_HEADER_BYTES or more, as it says itself. */
uint64_t content_seq(const void *buf);

/*
 * Compare the message in `buf` with what message `seq` of `sender` must be; `scratch` has room
 * for one more message. 0, or -EBADMSG and an explanation in `why`.
 */
int content_check(const struct content *content, unsigned sender, uint64_t seq, const void *buf,
		  void *scratch, char *why, size_t why_size);

#endif
