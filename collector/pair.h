/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pairing: which receive took what which send put in. One matcher for each discipline of
 * mechanisms.def: this one for streams, label.h for messages that the kernel side labels.
 *
 * A byte stream is a ledger of offsets: bytes sent at [a,b) are the bytes received at [a,b). The
 * kernel side numbers the bytes of each direction as calls end, so the matcher depends neither on
 * the order of records nor on none being lost: a lost record is a gap, and only the bytes in it
 * stay without a partner.
 */
#ifndef IPCT_PAIR_H
#define IPCT_PAIR_H

#include "collector/parts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum confidence { CONFIDENCE_EXACT, CONFIDENCE_INFERRED, CONFIDENCE_AMBIGUOUS };

/* Bytes [start,end) that one op moved. */
struct span {
	int64_t start, end;
	int64_t whole_start; /* of a send before parts of it were taken; set by stream_send */
	int64_t op_id;       /* 0: the process made no call, another one acted on it */
	struct call_times times;
	uint32_t process;   /* process_id in the file */
	uint8_t confidence; /* enum confidence */
	bool peek;          /* a receive that took nothing out */
	bool packets;       /* a send to an O_DIRECT pipe: a receive ends a packet */
	bool splices;       /* a receive of pages, which leaves the rest of a packet */
	bool direction;     /* the caller's own, as the next */
	void *owner;        /* the object */
};

struct span_queue {
	struct span *v;
	size_t first, count, room;
};

/* One direction of bytes; zeroed is empty. */
struct stream {
	struct span_queue sends, recvs;
	int64_t shift;        /* add to a receive's offset to have the send's */
	int64_t sent_end;     /* largest send offset so far */
	int64_t taken;        /* send offset up to which all is paired, or without partner */
	int64_t received_end; /* largest send offset that receives came to; INT64_MIN: not known */
	bool lossy;           /* records were lost: do not wait for gaps to fill */
	size_t limit;         /* spans that may wait in a queue: more find no partner */
};

struct message {
	const struct span *send, *recv;
	int64_t bytes;
	enum confidence confidence;
};

typedef void (*message_fn)(const struct message *m, void *arg);

/*
 * What is inside, of zeros: `fill_bytes` that no send put in. `numbered`: offsets are the kernel's
 * own and begin anywhere.
 */
void stream_begin(struct stream *s, uint64_t fill_bytes, bool numbered);

/* Bytes that were sent and not yet received, as far as is known. */
int64_t stream_inside(const struct stream *s);

/*
 * Add a send or receive and call `fn` for each message that is now known. 0, or -ENOMEM, when the
 * span is not added.
 */
int stream_send(struct stream *s, const struct span *span, message_fn fn, void *arg);
int stream_recv(struct stream *s, const struct span *span, message_fn fn, void *arg);

/*
 * All ends were closed, and what was inside is gone. The kernel side has moved the numbers of
 * receives on to those of sends.
 */
void stream_drop(struct stream *s);

/* Free the memory of queues that are empty. */
void stream_shrink(struct stream *s);

/* No more will come: match what gaps still hold up. */
void stream_finish(struct stream *s, message_fn fn, void *arg);

void stream_clear(struct stream *s);

#endif
