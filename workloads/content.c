// SPDX-License-Identifier: BSD-2-Clause
/*
 * The content of messages; see content.h.
 */
#include "workloads/content.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct header {
	uint32_t sender;
	uint32_t size;
	uint64_t seq;
};

_Static_assert(sizeof(struct header) == IPCT_HEADER_BYTES, "header");

/* splitmix64: one step, and the number that it gives. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void fill_random(void *buf, size_t len_bytes, uint64_t *state)
{
	unsigned char *at = buf;

	for (size_t done = 0; done < len_bytes; done += sizeof(uint64_t)) {
		uint64_t word = next_random(state);
		size_t part = len_bytes - done;

		memcpy(at + done, &word, part < sizeof(word) ? part : sizeof(word));
	}
}

void content_fill(const struct content *content, unsigned sender, uint64_t seq, void *buf)
{
	struct header head = {sender, (uint32_t)content->size, seq};
	unsigned char *at = buf;
	uint64_t state = content->seed;

	state = next_random(&state) ^ sender;
	state = next_random(&state) ^ seq;
	if (content->size >= sizeof(head)) {
		memcpy(at, &head, sizeof(head));
		if (content->header_only)
			return;
		fill_random(at + sizeof(head), content->size - sizeof(head), &state);
		return;
	}
	fill_random(at, content->size, &state);
	at[0] = (unsigned char)(sender + content->senders * (at[0] % (256 / content->senders)));
}

unsigned content_sender(const struct content *content, const void *buf)
{
	struct header head;

	if (content->size < sizeof(head))
		return *(const unsigned char *)buf % content->senders;
	memcpy(&head, buf, sizeof(head));
	return head.sender;
}

uint64_t content_seq(const void *buf)
{
	struct header head;

	memcpy(&head, buf, sizeof(head));
	return head.seq;
}

/* Say in words what is wrong; `at` is the first byte that differs. */
static void explain(const struct content *content, unsigned sender, uint64_t seq, const void *buf,
		    size_t at, char *why, size_t why_size)
{
	struct header head;

	memcpy(&head, buf, content->size < sizeof(head) ? content->size : sizeof(head));
	if (content->size >= sizeof(head) && at < sizeof(head))
		snprintf(why, why_size,
			 "expected message %" PRIu64 " of sender %u, got one that says: message "
			 "%" PRIu64 " of sender %" PRIu32 ", %" PRIu32 " bytes",
			 seq, sender, head.seq, head.sender, head.size);
	else
		snprintf(why, why_size,
			 "message %" PRIu64 " of sender %u is not what was sent, from byte %zu on",
			 seq, sender, at);
}

int content_check(const struct content *content, unsigned sender, uint64_t seq, const void *buf,
		  void *scratch, char *why, size_t why_size)
{
	const unsigned char *got = buf, *want = scratch;
	bool header_only = content->header_only && content->size >= IPCT_HEADER_BYTES;
	size_t at = 0;

	content_fill(content, sender, seq, scratch);
	if (!memcmp(got, want, header_only ? IPCT_HEADER_BYTES : content->size))
		return 0;
	while (got[at] == want[at])
		at++;
	explain(content, sender, seq, buf, at, why, why_size);
	return -EBADMSG;
}
