// SPDX-License-Identifier: BSD-2-Clause
/*
 * The matcher for byte streams: two queues of spans, ordered by offset, merged from the front.
 */
#include "collector/pair.h"
#include "schemas/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* With losses, a front that waits behind a gap for this many spans waits in vain. */
#define GAP_PATIENCE 64
#define PACKET_BYTES 4096 /* PIPE_BUF: fs/pipe.c splits a write into packets of it */

static struct span *queue_at(struct span_queue *q, size_t i)
{
	return &q->v[(q->first + i) & (q->room - 1)];
}

static int queue_grow(struct span_queue *q)
{
	size_t room = q->room ? q->room * 2 : 8;
	struct span *v = malloc(room * sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < q->count; i++)
		v[i] = *queue_at(q, i);
	free(q->v);
	q->v = v;
	q->first = 0;
	q->room = room;
	return 0;
}

static bool span_before(const struct span *a, const struct span *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	return a->peek && !b->peek; /* what a peek showed was taken later */
}

/* Insert in order; records come nearly in order, so this is an append but for a few places. */
static int queue_insert(struct span_queue *q, const struct span *span)
{
	size_t i;

	if (q->count == q->room && queue_grow(q))
		return -ENOMEM;
	for (i = q->count; i > 0 && span_before(span, queue_at(q, i - 1)); i--)
		*queue_at(q, i) = *queue_at(q, i - 1);
	*queue_at(q, i) = *span;
	q->count++;
	return 0;
}

static void queue_pop(struct span_queue *q)
{
	q->first = (q->first + 1) & (q->room - 1);
	q->count--;
}

/* How much of a packet was dropped is not known of the receives whose records were lost. */
static void pair_emit(const struct stream *s, const struct span *send, const struct span *recv,
		      int64_t bytes, message_fn fn, void *arg)
{
	struct message m = {
		.send = send,
		.recv = recv,
		.bytes = bytes,
		.confidence = max64(send->confidence, recv->confidence),
	};

	if (send->packets && s->lossy)
		m.confidence = max64(m.confidence, CONFIDENCE_INFERRED);
	fn(&m, arg);
}

/* A peek is matched when all that it showed is known to have been sent, and takes nothing. */
static bool peek_match(struct stream *s, const struct span *recv, bool all, message_fn fn,
		       void *arg)
{
	int64_t from = recv->start + s->shift, to = recv->end + s->shift;

	if (!all && s->sent_end < to)
		return false;
	for (size_t i = 0; i < s->sends.count; i++) {
		struct span *send = queue_at(&s->sends, i);
		int64_t bytes = min64(send->end, to) - max64(send->start, from);

		if (bytes > 0)
			pair_emit(s, send, recv, bytes, fn, arg);
	}
	return true;
}

/* A receive of a packet drops what it did not take of it. */
static void packet_end(struct stream *s, struct span *send)
{
	int64_t taken = send->start - send->whole_start;
	int64_t rest = (PACKET_BYTES - taken % PACKET_BYTES) % PACKET_BYTES;

	rest = min64(rest, send->end - send->start);
	send->start += rest;
	s->shift += rest;
}

/*
 * Is a record that comes before these two late, or lost? Of packets, which shift what comes after
 * them, each one counts; of bytes, those of the two must be the same.
 */
static bool front_waits(const struct stream *s, const struct span *send, int64_t from)
{
	if (from < 0) /* there before the first send */
		return false;
	return from != send->start || (send->packets && from != s->taken);
}

/* Match the front of both queues. False: nothing more can be done now. */
static bool front_match(struct stream *s, bool all, message_fn fn, void *arg)
{
	struct span *send = queue_at(&s->sends, 0), *recv = queue_at(&s->recvs, 0);
	bool skip = all || (s->lossy && s->sends.count + s->recvs.count > GAP_PATIENCE);
	int64_t from = recv->start + s->shift, bytes;

	if (recv->peek) {
		if (!peek_match(s, recv, skip, fn, arg))
			return false;
		queue_pop(&s->recvs);
		return true;
	}
	if (!skip && front_waits(s, send, from))
		return false;
	if (from < send->start) { /* taken before anything that we know was sent */
		recv->start = min64(recv->end, (skip ? send->start : 0) - s->shift);
	} else if (send->end <= from) { /* sent, but taken by no one that we know */
		s->taken = send->end;
		queue_pop(&s->sends);
		return true;
	} else {
		send->start = from;
		bytes = min64(send->end - from, recv->end - recv->start);
		pair_emit(s, send, recv, bytes, fn, arg);
		send->start += bytes;
		recv->start += bytes;
		if (send->packets && recv->start == recv->end && !recv->splices)
			packet_end(s, send);
		s->taken = send->start;
		if (send->start == send->end)
			queue_pop(&s->sends);
	}
	if (recv->start == recv->end)
		queue_pop(&s->recvs);
	return true;
}

static void stream_match(struct stream *s, bool all, message_fn fn, void *arg)
{
	while (s->sends.count && s->recvs.count && front_match(s, all, fn, arg))
		;
}

/*
 * A queue that grows without end waits for a record that was lost without a word, or has its other
 * side outside the recording.
 */
static void queue_trim(struct stream *s, struct span_queue *q, message_fn fn, void *arg)
{
	if (!s->limit || q->count <= s->limit)
		return;
	stream_match(s, true, fn, arg);
	if (q->count <= s->limit)
		return;
	queue_pop(q);
	s->lossy = true;
}

void stream_begin(struct stream *s, uint64_t fill_bytes, bool numbered)
{
	s->shift = -(int64_t)fill_bytes;
	s->received_end = numbered ? INT64_MIN : s->shift;
}

int64_t stream_inside(const struct stream *s)
{
	return s->received_end == INT64_MIN ? 0 : max64(s->sent_end - s->received_end, 0);
}

int stream_send(struct stream *s, const struct span *span, message_fn fn, void *arg)
{
	struct span send = *span;

	if (send.end <= send.start)
		return 0;
	send.whole_start = send.start;
	if (queue_insert(&s->sends, &send))
		return -ENOMEM;
	s->sent_end = max64(s->sent_end, span->end);
	if (s->received_end == INT64_MIN)
		s->received_end = span->start;
	stream_match(s, false, fn, arg);
	queue_trim(s, &s->sends, fn, arg);
	return 0;
}

int stream_recv(struct stream *s, const struct span *span, message_fn fn, void *arg)
{
	if (span->end <= span->start)
		return 0;
	if (queue_insert(&s->recvs, span))
		return -ENOMEM;
	stream_match(s, false, fn, arg);
	if (!span->peek) /* after that: what a packet loses shifts it */
		s->received_end = max64(s->received_end, span->end + s->shift);
	queue_trim(s, &s->recvs, fn, arg);
	return 0;
}

void stream_drop(struct stream *s)
{
	s->sends.count = 0;
	s->recvs.count = 0;
	s->shift = 0;
	s->taken = s->received_end = s->sent_end;
}

static void queue_shrink(struct span_queue *q)
{
	if (q->count)
		return;
	free(q->v);
	memset(q, 0, sizeof(*q));
}

void stream_shrink(struct stream *s)
{
	queue_shrink(&s->sends);
	queue_shrink(&s->recvs);
}

void stream_finish(struct stream *s, message_fn fn, void *arg)
{
	stream_match(s, true, fn, arg);
}

void stream_clear(struct stream *s)
{
	free(s->sends.v);
	free(s->recvs.v);
	memset(s, 0, sizeof(*s));
}
