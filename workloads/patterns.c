// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who sends what to whom: a table of patterns, each with a plan of its channels and peers, and the
 * few bodies that peers have. The default of every receive is the rest of the message, so that
 * each takes exactly one message where sends are atomic.
 */
#include "workloads/harness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void pingpong_plan(struct run *run);
static void stream_plan(struct run *run);
static void fanin_plan(struct run *run);
static void fanout_plan(struct run *run);
static void self_plan(struct run *run);
static void hang_plan(struct run *run);

const struct pattern patterns[] = {
	{.name = "pingpong",
	 .doc = "two peers, an object for each direction, in lock step",
	 .plan = pingpong_plan},
	{.name = "stream", .doc = "one sender, one receiver, one object", .plan = stream_plan},
	{.name = "fanin",
	 .doc = "--threads senders share one object to one receiver",
	 .plan = fanin_plan,
	 .needs_atomic = true},
	{.name = "fanout",
	 .doc = "one sender, --threads receivers with an object each, in turn",
	 .plan = fanout_plan},
	{.name = "self",
	 .doc = "one thread sends each message to itself and takes it out again",
	 .plan = self_plan,
	 .needs_atomic = true,
	 .is_loop = true},
	{.name = "hang",
	 .doc = "a receive of nothing, killed after --messages milliseconds",
	 .plan = hang_plan,
	 .hangs = true},
	{.name = NULL},
};

/* The sending half of a peer: buffers in turn, as the variant may need the old ones of each end. */
struct outbox {
	struct peer *peer;
	unsigned char *buffers;
	size_t stride_bytes;
	unsigned buffer_count;
};

static int outbox_open(struct outbox *out, struct peer *peer)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	out->peer = peer;
	out->buffer_count = (peer->run->options->variant->keeps + 1) * peer->end_count;
	out->stride_bytes = (peer->run->content.size + page - 1) / page * page;
	out->buffers = mmap(NULL, out->stride_bytes * out->buffer_count, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (out->buffers != MAP_FAILED)
		return 0;
	out->buffers = NULL;
	return peer_complain(peer, ENOMEM, "no memory for messages");
}

/*
 * Pages that a pipe still refers to after vmsplice outlive the mapping, with their content; a
 * heap would write to them as soon as they are freed.
 */
static void outbox_close(struct outbox *out)
{
	if (out->buffers)
		munmap(out->buffers, out->stride_bytes * out->buffer_count);
}

/* Send message `seq` whole, in as many calls as it takes. */
static int outbox_send(struct outbox *out, struct end *end, uint64_t seq)
{
	const struct content *content = &end->peer->run->content;
	unsigned char *buf = out->buffers + seq % out->buffer_count * out->stride_bytes;
	size_t sent = 0;

	content_fill(content, end->peer->sender, seq, buf);
	while (sent < content->size) {
		ssize_t n = end_send(end, buf + sent, content->size - sent);

		if (n < 0)
			return (int)n;
		sent += (size_t)n;
	}
	return 0;
}

/* The receiving half: a buffer with what came of the next messages, and what must come. */
struct inbox {
	struct peer *peer;
	unsigned sender_first, sender_last; /* whom it hears */
	unsigned char *buf, *scratch;
	size_t have;
	uint64_t taken;
	uint64_t next[IPCT_SENDERS_MAX];
};

static int inbox_open(struct inbox *in, struct peer *peer, unsigned sender_first,
		      unsigned sender_last)
{
	const struct options *o = peer->run->options;

	*in = (struct inbox){peer, sender_first, sender_last, .have = 0};
	in->buf = malloc(o->size + o->receive_size);
	in->scratch = malloc(o->size);
	for (unsigned i = 0; i < IPCT_SENDERS_MAX; i++)
		in->next[i] = peer->first;
	if (!in->buf || !in->scratch)
		return peer_complain(peer, ENOMEM, "no memory for messages");
	return 0;
}

static void inbox_close(struct inbox *in)
{
	free(in->scratch);
	free(in->buf);
}

/* Check one message: it must be the next one of its sender. */
static int inbox_check(struct inbox *in, const unsigned char *message)
{
	const struct content *content = &in->peer->run->content;
	unsigned sender = content_sender(content, message);
	char why[160];
	int err;

	if (sender < in->sender_first || sender > in->sender_last)
		return peer_complain(in->peer, EBADMSG, "got a message that says sender %u",
				     sender);
	err = content_check(content, sender, in->next[sender], message, in->scratch, why,
			    sizeof(why));
	if (err)
		return peer_complain(in->peer, EBADMSG, "%s", why);
	in->next[sender] += in->peer->stride;
	in->taken++;
	return 0;
}

/* One receive, and a check of all messages that it completes. 1, 0 at the end, or -errno. */
static int inbox_take(struct inbox *in, struct end *end)
{
	const struct options *o = in->peer->run->options;
	size_t ask = o->receive_size ? o->receive_size : o->size - in->have, used = 0;
	ssize_t n = end_recv(end, in->buf + in->have, ask);

	if (n <= 0)
		return (int)n;
	in->have += (size_t)n;
	for (; in->have - used >= o->size; used += o->size) {
		int err = inbox_check(in, in->buf + used);

		if (err)
			return err;
	}
	in->have -= used;
	memmove(in->buf, in->buf + used, in->have);
	return 1;
}

/* Receive until `count` messages were taken in all. */
static int inbox_await(struct inbox *in, struct end *end, uint64_t count)
{
	while (in->taken < count) {
		int got = inbox_take(in, end);

		if (got < 0)
			return got;
		if (!got)
			return peer_complain(in->peer, EPIPE,
					     "the stream ends before message %" PRIu64, count);
	}
	return 0;
}

/* Receive until the end of the file; every message must have come by then. */
static int inbox_drain(struct inbox *in, struct end *end)
{
	uint64_t messages = in->peer->run->options->messages;
	int got;

	do
		got = inbox_take(in, end);
	while (got > 0);
	if (got < 0)
		return got;
	if (in->have)
		return peer_complain(in->peer, EBADMSG, "the stream ends within a message");
	for (unsigned i = in->sender_first; i <= in->sender_last; i++) {
		if (in->next[i] < messages)
			return peer_complain(in->peer, EBADMSG,
					     "message %" PRIu64 " of sender %u never came",
					     in->next[i], i);
	}
	return 0;
}

/* Messages 0, 1, 2 ... to one end after the other. */
static int send_work(struct peer *peer)
{
	struct outbox out;
	int err = outbox_open(&out, peer);

	for (uint64_t i = 0; !err && i < peer->run->options->messages; i++)
		err = outbox_send(&out, &peer->ends[i % peer->end_count], i);
	outbox_close(&out);
	return err;
}

static int receive_work(struct peer *peer)
{
	struct inbox in;
	int err = inbox_open(&in, peer, 0, peer->run->content.senders - 1);

	if (!err)
		err = inbox_drain(&in, &peer->ends[0]);
	inbox_close(&in);
	return err;
}

int relay_work(struct peer *peer)
{
	ssize_t n;

	do
		n = end_relay(&peer->ends[0], &peer->ends[1], peer->run->options->size);
	while (n > 0);
	return (int)n;
}

/* One message out, one message in. */
static int exchange(struct outbox *out, struct end *to, struct inbox *in, struct end *from,
		    uint64_t seq, bool speaks_first)
{
	int err = 0;

	if (speaks_first)
		err = outbox_send(out, to, seq);
	if (!err)
		err = inbox_await(in, from, seq + 1);
	if (!err && !speaks_first)
		err = outbox_send(out, to, seq);
	return err;
}

/* Exchange all messages with the one who sends as `other`; who spoke first hangs up first. */
static int talk(struct end *to, struct end *from, unsigned other, bool speaks_first)
{
	struct peer *peer = to->peer;
	struct outbox out;
	struct inbox in;
	int err = outbox_open(&out, peer);
	int err_in = inbox_open(&in, peer, other, other);

	if (!err)
		err = err_in;
	for (uint64_t i = 0; !err && i < peer->run->options->messages; i++)
		err = exchange(&out, to, &in, from, i, speaks_first);
	if (!err && speaks_first)
		err = end_close(to);
	if (!err)
		err = inbox_drain(&in, from);
	inbox_close(&in);
	outbox_close(&out);
	return err;
}

static int ping_work(struct peer *peer)
{
	return talk(&peer->ends[0], &peer->ends[1], 1, true);
}

static int pong_work(struct peer *peer)
{
	return talk(&peer->ends[1], &peer->ends[0], 0, false);
}

static int self_work(struct peer *peer)
{
	return talk(&peer->ends[1], &peer->ends[0], 0, true);
}

/* Hold the end open and say nothing. */
static int silent_work(struct peer *peer)
{
	pause();
	return peer_complain(peer, EINTR, "woken up, but it should be killed");
}

static void pingpong_plan(struct run *run)
{
	struct link there = run_link(run), back = run_link(run);
	struct peer *ping = run_peer(run, "ping", ping_work);
	struct peer *pong = run_peer(run, "pong", pong_work);

	peer_end(ping, there.in, SIDE_SEND);
	peer_end(ping, back.out, SIDE_RECV);
	peer_end(pong, there.out, SIDE_RECV);
	peer_end(pong, back.in, SIDE_SEND);
	pong->sender = 1;
	run->content.senders = 2;
}

static void senders_plan(struct run *run, unsigned senders)
{
	struct link link = run_link(run);

	peer_end(run_peer(run, "receiver", receive_work), link.out, SIDE_RECV);
	for (unsigned i = 0; i < senders; i++) {
		struct peer *peer = run_peer(run, "sender", send_work);

		peer->sender = i;
		peer_end(peer, link.in, SIDE_SEND);
	}
	run->content.senders = senders;
}

static void stream_plan(struct run *run)
{
	senders_plan(run, 1);
}

static void fanin_plan(struct run *run)
{
	senders_plan(run, run->options->threads);
}

static void fanout_plan(struct run *run)
{
	struct peer *sender = run_peer(run, "sender", send_work);

	for (unsigned i = 0; i < run->options->threads; i++) {
		struct peer *peer = run_peer(run, "receiver", receive_work);
		struct link link = run_link(run);

		peer_end(sender, link.in, SIDE_SEND);
		peer_end(peer, link.out, SIDE_RECV);
		peer->first = i;
		peer->stride = run->options->threads;
	}
}

static void self_plan(struct run *run)
{
	struct link link = run_link(run);
	struct peer *peer = run_peer(run, "self", self_work);

	peer_end(peer, link.out, SIDE_RECV);
	peer_end(peer, link.in, SIDE_SEND);
	for (unsigned i = 0; i < peer->end_count; i++)
		peer->ends[i].is_loop = 1;
}

static void hang_plan(struct run *run)
{
	struct link link = run_link(run);

	peer_end(run_peer(run, "receiver", receive_work), link.out, SIDE_RECV);
	peer_end(run_peer(run, "silent", silent_work), link.in, SIDE_SEND);
}
