// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who sends what to whom: a table of patterns, each with a plan of its channels and peers, and the
 * few bodies that peers have. The default of every receive is the rest of the message, so that
 * each takes exactly one message where sends are atomic.
 */
#include "schemas/hist.h"
#include "workloads/inbox.h"
#include "workloads/outbox.h"
#include "workloads/result.h"

#include <unistd.h>

static void pingpong_plan(struct run *run);
static void duplex_plan(struct run *run);
static void stream_plan(struct run *run);
static void fanin_plan(struct run *run);
static void fanout_plan(struct run *run);
static void self_plan(struct run *run);
static void hang_plan(struct run *run);

const struct pattern patterns[] = {
	{.name = "pingpong",
	 .doc = "two peers, an object for each direction, in lock step",
	 .plan = pingpong_plan},
	{.name = "duplex",
	 .doc = "as pingpong, with both directions on one object",
	 .plan = duplex_plan,
	 .needs_two_way = true},
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

/* So many messages in one call: only where they go to one end, and have room. */
static unsigned batch_size(const struct peer *peer, uint64_t left)
{
	uint64_t batch = peer->run->options->variant->batch;
	unsigned window = peer->ends[0].channel->window;

	if (!batch || peer->end_count > 1)
		batch = 1;
	if (window && batch > window)
		batch = window;
	return (unsigned)(batch < left ? batch : left);
}

/* Messages 0, 1, 2 ... to one end after the other. */
static int send_work(struct peer *peer)
{
	uint64_t messages = peer->run->options->messages, seq = 0;
	struct outbox out;
	int err = outbox_open(&out, peer);

	while (!err && seq < messages) {
		unsigned count = batch_size(peer, messages - seq);

		outbox_fill(&out, seq, count);
		if (!seq)
			peer->shared->first_send_ns = monotonic_ns();
		err = outbox_send(&out, &peer->ends[seq % peer->end_count], seq, count);
		seq += count;
	}
	outbox_close(&out);
	return err;
}

static int receive_work(struct peer *peer)
{
	struct inbox in;
	int err = inbox_open(&in, &peer->ends[0], 0, peer->run->content.senders - 1);

	if (!err)
		err = inbox_drain(&in);
	peer->shared->last_recv_ns = in.last_ns;
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

/* One message out, one message in: the answer to it, or what it is the answer to. */
static int exchange(struct outbox *out, struct end *to, struct inbox *in, uint64_t seq,
		    bool speaks_first)
{
	int err = 0;

	if (speaks_first)
		err = outbox_send(out, to, seq, 1);
	if (!err)
		err = inbox_await(in, seq + 1);
	if (!err && !speaks_first)
		err = outbox_send(out, to, seq, 1);
	return err;
}

static void round_trips_note(struct round_trips *note, const struct hist *hist)
{
	*note = (struct round_trips){hist->count, hist_quantile(hist, 0.5),
				     hist_quantile(hist, 0.9), hist_quantile(hist, 0.99),
				     hist->max};
}

/* All exchanges. Who speaks first takes the time of each, without making and checking messages. */
static int converse(struct outbox *out, struct end *to, struct inbox *in, bool speaks_first)
{
	struct peer *peer = to->peer;
	struct hist hist = {0};
	int err = 0;

	stamps_touch(peer);
	for (uint64_t i = 0; !err && i < peer->run->options->messages; i++) {
		uint64_t begin_ns;

		outbox_fill(out, i, 1);
		begin_ns = monotonic_ns();
		err = exchange(out, to, in, i, speaks_first);
		if (peer->stamps)
			peer->stamps[i] = (struct stamp){begin_ns, in->last_ns};
		if (!err && speaks_first && hist_add(&hist, in->last_ns - begin_ns))
			err = peer_complain(peer, ENOMEM, "no memory for a histogram");
	}
	if (speaks_first)
		round_trips_note(&peer->shared->round_trips, &hist);
	hist_clear(&hist);
	return err;
}

/* Exchange all messages with the one who sends as `other`; who spoke first hangs up first. */
static int talk(struct end *to, struct end *from, unsigned other, bool speaks_first)
{
	struct peer *peer = to->peer;
	struct outbox out;
	struct inbox in;
	int err = outbox_open(&out, peer);
	int err_in = inbox_open(&in, from, other, other);

	if (!err)
		err = err_in;
	if (!err)
		err = converse(&out, to, &in, speaks_first);
	if (!err && speaks_first && !peer->run->options->mechanism->is_endless)
		err = end_close(to);
	if (!err)
		err = inbox_drain(&in);
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

static void exchange_plan(struct run *run, struct link there, struct link back)
{
	struct peer *ping = run_peer(run, "ping", ping_work);
	struct peer *pong = run_peer(run, "pong", pong_work);

	peer_end(ping, there.in, SIDE_SEND);
	peer_end(ping, back.out, SIDE_RECV);
	peer_end(pong, there.out, SIDE_RECV);
	peer_end(pong, back.in, SIDE_SEND);
	pong->sender = 1;
	run->content.senders = 2;
}

static void pingpong_plan(struct run *run)
{
	struct link there = run_link(run), back = run_link(run);

	exchange_plan(run, there, back);
}

static void duplex_plan(struct run *run)
{
	struct link there = run_link(run), back;

	back.in = back.out = run_reverse(run, there.in);
	exchange_plan(run, there, back);
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
