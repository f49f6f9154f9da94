// SPDX-License-Identifier: BSD-2-Clause
/*
 * A peer's ends: opening and closing them by the hooks, and the sends and receives, which are
 * counted and logged here; see harness.h.
 */
#include "workloads/harness.h"
#include "workloads/oplog.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define IPCT_WINDOW_TICK_NS 20000

static const struct options *end_options(const struct end *end)
{
	return end->peer->run->options;
}

void window_enter(struct channel *channel, unsigned count, bool spins)
{
	const struct timespec tick = {.tv_nsec = IPCT_WINDOW_TICK_NS};
	unsigned now;

	if (!channel->window)
		return;
	now = atomic_load(&channel->shared->in_flight);
	for (;;) {
		if (now + count <= channel->window) {
			if (atomic_compare_exchange_weak(&channel->shared->in_flight, &now,
							 now + count))
				return;
		} else {
			if (!spins)
				nanosleep(&tick, NULL);
			now = atomic_load(&channel->shared->in_flight);
		}
	}
}

void window_leave(struct channel *channel, unsigned count)
{
	if (channel->window)
		atomic_fetch_sub(&channel->shared->in_flight, count);
}

/* Log a transfer: where messages are kept whole, each on its own. */
static int end_log(struct end *end, enum ipct_role role, uint64_t n)
{
	uint64_t part = n, size = end_options(end)->size;
	int err = 0;

	if (end_options(end)->mechanism->is_whole && n % size == 0)
		part = size;
	end->peer->shared->tally.parts[role == IPCT_ROLE_SEND] += n / part - 1;
	for (uint64_t done = 0; !err && done < n; done += part)
		err = oplog_add(end->log, part);
	return err;
}

/* After a send or receive: count and log it. Whether it is to be made again. */
static bool end_moved(struct end *end, enum ipct_role role, ssize_t *n)
{
	const struct options *o = end_options(end);
	struct peer *peer = end->peer;

	if (!o->variant->counts_itself)
		peer_op_end(peer, o->mechanism->id, role, *n);
	if (*n == -EINTR || (*n == -EAGAIN && o->wait != WAIT_BLOCK))
		return true;
	if (*n < 0)
		peer_complain(peer, (int)-*n, "cannot %s", role_name(role));
	else if (*n > 0 && end_log(end, role, (uint64_t)*n))
		*n = peer_complain(peer, ENOSPC, "too many partial transfers to note");
	return false;
}

/* With --wait poll: sleep in poll, so that the call itself need not. It is an op on the object. */
static void end_await(struct end *end)
{
	struct peer *peer = end->peer;
	struct pollfd poll_fd = {.fd = end->fd,
				 .events = end->side == SIDE_SEND ? POLLOUT : POLLIN};

	if (!end->is_nonblocking || end_options(end)->wait != WAIT_POLL)
		return;
	peer_call(peer, IPCT_ROLE_WAIT, poll(&poll_fd, 1, -1));
}

static void end_count(struct end *end, enum ipct_role role)
{
	if (!end_options(end)->variant->counts_itself)
		peer_op(end->peer, end_options(end)->mechanism->id, role);
}

ssize_t end_send(struct end *end, const void *buf, size_t len_bytes)
{
	ssize_t n;

	do {
		end_await(end);
		end_count(end, IPCT_ROLE_SEND);
		n = end_options(end)->variant->send(end, buf, len_bytes);
	} while (end_moved(end, IPCT_ROLE_SEND, &n));
	return n;
}

ssize_t end_recv(struct end *end, void *buf, size_t len_bytes)
{
	ssize_t n;

	do {
		end_await(end);
		end_count(end, IPCT_ROLE_RECV);
		end->receives++;
		n = end_options(end)->variant->recv(end, buf, len_bytes);
	} while (end_moved(end, IPCT_ROLE_RECV, &n));
	return n;
}

ssize_t end_relay(struct end *in, struct end *out, size_t len_bytes)
{
	ssize_t n, sent;
	bool again;

	do {
		end_count(in, IPCT_ROLE_RECV);
		end_count(out, IPCT_ROLE_SEND);
		n = sent = end_options(in)->variant->relay(in, out, len_bytes);
		again = end_moved(in, IPCT_ROLE_RECV, &n);
		end_moved(out, IPCT_ROLE_SEND, &sent);
	} while (again);
	return sent < 0 ? sent : n;
}

/* The same peer's end of the other direction, where both are one object. */
static struct end *end_twin(const struct end *end)
{
	struct peer *peer = end->peer;

	for (unsigned i = 0; end->channel->reverse && i < peer->end_count; i++)
		if (peer->ends[i].channel == end->channel->reverse)
			return &peer->ends[i];
	return NULL;
}

static int end_set_nonblocking(struct end *end)
{
	long flags = peer_call(end->peer, IPCT_ROLE_CONTROL, fcntl(end->fd, F_GETFL));

	if (flags < 0)
		return (int)flags;
	end->is_nonblocking = 1;
	return (int)peer_call(end->peer, IPCT_ROLE_CONTROL,
			      fcntl(end->fd, F_SETFL, flags | O_NONBLOCK));
}

int end_open(struct end *end)
{
	const struct options *o = end_options(end);
	struct end *twin = end_twin(end);
	int err = 0;

	if (end->channel->is_reverse)
		end->fd = twin->fd;
	else
		err = o->mechanism->open(end);
	if (!err && o->variant->opened)
		err = o->variant->opened(end);
	/* Who spins does so on both sides; who polls still sends with a call that can block. */
	if (!err && end->fd >= 0 &&
	    (o->wait == WAIT_SPIN || (o->wait == WAIT_POLL && end->side == SIDE_RECV))) {
		err = end_set_nonblocking(end);
		if (twin)
			twin->is_nonblocking = 1;
	}
	if (err)
		return peer_complain(end->peer, -err, "cannot open %s %u", o->mechanism->name,
				     end->channel->index);
	if (twin && twin->is_nonblocking)
		end->is_nonblocking = 1;
	end->is_open = 1;
	return 0;
}

int end_close(struct end *end)
{
	const struct options *o = end_options(end);
	struct end *twin = end_twin(end);
	int err = 0;

	if (!end->is_open)
		return 0;
	end->is_open = 0;
	if (o->variant->closing)
		err = o->variant->closing(end);
	if (!err && twin && twin->is_open)
		err = o->mechanism->half_close ? o->mechanism->half_close(end) : 0;
	else if (!err)
		err = o->mechanism->close(end->channel->is_reverse ? twin : end);
	return err ? peer_complain(end->peer, -err, "cannot close") : 0;
}

bool end_is_last_on_side(struct end *end)
{
	return atomic_fetch_sub(&end->channel->sharers[end->side], 1) <= 1;
}

bool end_is_last_here(struct end *end)
{
	return atomic_fetch_sub(&end->channel->here, 1) <= 1;
}
