// SPDX-License-Identifier: BSD-2-Clause
/*
 * Taking and checking messages; see inbox.h.
 */
#include "workloads/inbox.h"
#include "workloads/order.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static const struct options *inbox_options(const struct inbox *in)
{
	return in->end->peer->run->options;
}

/* What a receive asks for at most: receives into `buf` begin where less than a message is. */
static size_t inbox_ask(const struct options *o)
{
	return o->receive_size ? o->receive_size
			       : o->size * (o->variant->batch ? o->variant->batch : 1);
}

int inbox_open(struct inbox *in, struct end *end, unsigned sender_first, unsigned sender_last)
{
	struct peer *peer = end->peer;
	const struct options *o = peer->run->options;
	bool bare = o->variant->is_bare;

	*in = (struct inbox){end, sender_first, sender_last, .have = 0};
	in->expected = peer->first < o->messages
			       ? (o->messages - peer->first + peer->stride - 1) / peer->stride
			       : 0;
	in->expected *= sender_last - sender_first + 1;
	in->room = bare ? 1 : o->size + inbox_ask(o);
	in->buf = malloc(in->room);
	in->scratch = malloc(bare ? 1 : o->size);
	in->order = o->variant->classes ? malloc(sizeof(*in->order)) : NULL;
	for (unsigned i = 0; i < IPCT_SENDERS_MAX; i++)
		in->next[i] = peer->first;
	if (peer->run->log_fd >= 0)
		in->log = open_memstream(&in->log_text, &in->log_len);
	if (!in->buf || !in->scratch || (o->variant->classes && !in->order) ||
	    (peer->run->log_fd >= 0 && !in->log))
		return peer_complain(peer, ENOMEM, "no memory for messages");
	if (in->order)
		order_open(in->order, end, sender_first, sender_last);
	return 0;
}

void inbox_close(struct inbox *in)
{
	if (in->log && !fclose(in->log) && in->log_len &&
	    write(in->end->peer->run->log_fd, in->log_text, in->log_len) != (ssize_t)in->log_len)
		peer_complain(in->end->peer, errno, "cannot write the log");
	free(in->log_text);
	free(in->order);
	free(in->scratch);
	free(in->buf);
}

/*
 * Who received what from whom, and in which of its receives it was complete. Without content the
 * sender is known only if there is just one.
 */
static void inbox_log(struct inbox *in, unsigned sender_number, uint64_t seq)
{
	struct peer *peer = in->end->peer;
	const struct options *o = inbox_options(in);
	const struct peer *sender = NULL;

	if (!in->log)
		return;
	if (!o->variant->is_bare || in->sender_first == in->sender_last)
		sender = run_sender(peer->run, in->end->channel, sender_number);
	fprintf(in->log, "%d %" PRIu64 " %d %" PRIu64 " %zu\n", peer->shared->tid,
		in->end->receives - 1, sender ? sender->shared->tid : 0, seq, o->size);
}

/* Check one message: it must be the next one of its sender, or the next by the rules of order. */
static int inbox_check(struct inbox *in, const unsigned char *message)
{
	struct peer *peer = in->end->peer;
	const struct content *content = &peer->run->content;
	unsigned sender = content_sender(content, message);
	uint64_t seq;
	char why[200];
	int err;

	if (sender < in->sender_first || sender > in->sender_last)
		return peer_complain(peer, EBADMSG, "got a message that says sender %u", sender);
	seq = in->order ? content_seq(message) : in->next[sender];
	err = content_check(content, sender, seq, message, in->scratch, why, sizeof(why));
	if (!err && in->order)
		err = order_check(in->order, in->end, sender, seq, why, sizeof(why));
	if (err)
		return peer_complain(peer, EBADMSG, "%s", why);
	in->next[sender] += peer->stride;
	in->taken++;
	inbox_log(in, sender, seq);
	return 0;
}

/* A message without content: only its number counts. */
static void inbox_tick(struct inbox *in)
{
	unsigned sender = in->sender_first;

	inbox_log(in, sender, in->next[sender]);
	in->next[sender] += in->end->peer->stride;
	in->taken++;
}

/* One receive, and a check of all messages that it completes. 1, 0 at the end, or -errno. */
static int inbox_take(struct inbox *in)
{
	const struct options *o = inbox_options(in);
	bool bare = o->variant->is_bare;
	size_t ask = o->receive_size ? o->receive_size : inbox_ask(o) - in->have, used = 0;
	uint64_t before = in->taken;
	ssize_t n;

	if (in->order)
		order_pick(in->order, in->end);
	n = end_recv(in->end, bare ? NULL : in->buf + in->have, ask);
	if (n <= 0)
		return (int)n;
	in->last_ns = monotonic_ns();
	in->have += (size_t)n;
	for (; in->have - used >= o->size; used += o->size) {
		int err = 0;

		if (bare)
			inbox_tick(in);
		else
			err = inbox_check(in, in->buf + used);
		if (err)
			return err;
	}
	in->have -= used;
	if (!bare)
		memmove(in->buf, in->buf + used, in->have);
	window_leave(in->end->channel, (unsigned)(in->taken - before));
	if (o->mechanism->is_whole && in->have)
		return peer_complain(in->end->peer, EBADMSG,
				     "got %zu bytes, which is no whole number of messages",
				     used + in->have);
	return 1;
}

int inbox_await(struct inbox *in, uint64_t count)
{
	while (in->taken < count) {
		int got = inbox_take(in);

		if (got < 0)
			return got;
		if (!got)
			return peer_complain(in->end->peer, EPIPE,
					     "the stream ends before message %" PRIu64, count);
	}
	return 0;
}

/* Nothing is missing, and nothing came twice. */
static int inbox_complete(struct inbox *in)
{
	struct peer *peer = in->end->peer;

	if (in->have)
		return peer_complain(peer, EBADMSG, "the stream ends within a message");
	for (unsigned i = in->sender_first; i <= in->sender_last; i++) {
		if (in->next[i] < inbox_options(in)->messages &&
		    !(inbox_options(in)->variant->is_bare && in->taken == in->expected))
			return peer_complain(peer, EBADMSG,
					     "message %" PRIu64 " of sender %u never came",
					     in->next[i], i);
	}
	if (in->taken != in->expected)
		return peer_complain(peer, EBADMSG, "%" PRIu64 " messages instead of %" PRIu64,
				     in->taken, in->expected);
	return 0;
}

int inbox_drain(struct inbox *in)
{
	bool endless = inbox_options(in)->mechanism->is_endless;
	int got = 1;

	while (got > 0 && !(endless && in->taken >= in->expected))
		got = inbox_take(in);
	return got < 0 ? got : inbox_complete(in);
}
