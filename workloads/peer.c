// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a peer does from start to end, in its own process or thread, and the counted calls that
 * patterns and mechanisms make; see harness.h and supervise.h.
 */
#include "workloads/harness.h"
#include "workloads/oplog.h"
#include "workloads/supervise.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IPCT_TICK_MAX_NS 10000000

int peer_complain(const struct peer *peer, int err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "ipctrace-workload: %s %u: %s%s%s\n", peer->name, peer->number, text,
		err && err != EBADMSG ? ": " : "", err && err != EBADMSG ? strerror(err) : "");
	return -err;
}

void peer_op(struct peer *peer, enum ipct_role role)
{
	tally_begin(&peer->shared->tally, peer->run->options->mechanism->id, role);
}

int peer_op_end(struct peer *peer, enum ipct_role role, int result)
{
	tally_end(&peer->shared->tally, peer->run->options->mechanism->id, role, 0);
	return result;
}

int peer_close_fd(struct peer *peer, int fd)
{
	peer_op(peer, IPCT_ROLE_CLOSE);
	return peer_op_end(peer, IPCT_ROLE_CLOSE, close(fd) ? -errno : 0);
}

/* After a send or receive: count and log it. Whether it is to be made again. */
static bool end_moved(struct end *end, enum ipct_role role, ssize_t *n)
{
	struct run *run = end->peer->run;

	tally_end(&end->peer->shared->tally, run->options->mechanism->id, role, *n);
	if (*n == -EINTR)
		return true;
	if (*n < 0)
		peer_complain(end->peer, (int)-*n, "cannot %s", role_name(role));
	else if (*n > 0 && oplog_add(end->log, (uint64_t)*n))
		*n = peer_complain(end->peer, ENOSPC, "too many partial transfers to note");
	return false;
}

ssize_t end_send(struct end *end, const void *buf, size_t len_bytes)
{
	ssize_t n;

	do {
		peer_op(end->peer, IPCT_ROLE_SEND);
		n = end->peer->run->options->variant->send(end, buf, len_bytes);
	} while (end_moved(end, IPCT_ROLE_SEND, &n));
	return n;
}

ssize_t end_recv(struct end *end, void *buf, size_t len_bytes)
{
	ssize_t n;

	do {
		peer_op(end->peer, IPCT_ROLE_RECV);
		n = end->peer->run->options->variant->recv(end, buf, len_bytes);
	} while (end_moved(end, IPCT_ROLE_RECV, &n));
	return n;
}

ssize_t end_relay(struct end *in, struct end *out, size_t len_bytes)
{
	ssize_t n, sent;
	bool again;

	do {
		peer_op(in->peer, IPCT_ROLE_RECV);
		peer_op(out->peer, IPCT_ROLE_SEND);
		n = sent = in->peer->run->options->variant->relay(in, out, len_bytes);
		again = end_moved(in, IPCT_ROLE_RECV, &n);
		end_moved(out, IPCT_ROLE_SEND, &sent);
	} while (again);
	return sent < 0 ? sent : n;
}

static int end_open(struct end *end)
{
	const struct options *o = end->peer->run->options;
	int err = o->mechanism->open(end);

	if (!err && o->variant->opened)
		err = o->variant->opened(end);
	if (err)
		return peer_complain(end->peer, -err, "cannot open %s %u", o->mechanism->name,
				     end->channel->index);
	end->is_open = 1;
	return 0;
}

int end_close(struct end *end)
{
	const struct options *o = end->peer->run->options;
	int err = 0;

	if (!end->is_open)
		return 0;
	end->is_open = 0;
	if (o->variant->closing)
		err = o->variant->closing(end);
	if (!err)
		err = o->mechanism->close(end);
	return err ? peer_complain(end->peer, -err, "cannot close") : 0;
}

/*
 * Wait until all peers have opened their ends: otherwise the first sender on a FIFO could be
 * through before the second opens it, and the receiver would see an end of file too many. It
 * polls, since everything that wakes could be a mechanism that is traced.
 */
static void wait_for_all(struct run *run)
{
	struct timespec tick = {.tv_nsec = 50000};

	atomic_fetch_add(run->arrived, 1);
	while (atomic_load(run->arrived) < run->peer_count) {
		nanosleep(&tick, NULL);
		if (tick.tv_nsec < IPCT_TICK_MAX_NS)
			tick.tv_nsec *= 2;
	}
}

static int peer_work(struct peer *peer)
{
	int err = 0;

	for (unsigned i = 0; !err && i < peer->end_count; i++)
		err = end_open(&peer->ends[i]);
	if (err)
		return err;
	wait_for_all(peer->run);
	peer->shared->tid = gettid();
	err = peer->work(peer);
	for (unsigned i = 0; !err && i < peer->end_count; i++)
		err = end_close(&peer->ends[i]);
	return err;
}

static unsigned users_among(const struct peer *peers, unsigned count, const struct channel *channel,
			    enum side side)
{
	unsigned users = 0;

	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < peers[i].end_count; k++)
			users += peers[i].ends[k].channel == channel &&
				 peers[i].ends[k].side == side;
	return users;
}

int peers_adopt(struct run *run, struct peer *peers, unsigned count)
{
	const struct mechanism *mechanism = run->options->mechanism;

	for (unsigned i = 0; i < run->channel_count; i++) {
		for (int side = SIDE_RECV; side <= SIDE_SEND; side++) {
			struct channel *channel = &run->channels[i];
			unsigned users = users_among(peers, count, channel, side);
			int err = 0;

			channel->sharers[side] = users;
			if (!users && mechanism->disown)
				err = mechanism->disown(peers, channel, side);
			if (err)
				return peer_complain(peers, -err, "cannot give up an end");
		}
	}
	return 0;
}

/* The others would wait for a peer that failed: end the whole process. */
static void *peer_thread(void *peer)
{
	if (peer_work(peer))
		_exit(1);
	return NULL;
}

int peers_work(struct run *run, struct peer *peers, unsigned count)
{
	pthread_t threads[count];
	int err = peers_adopt(run, peers, count);

	if (err || count == 1)
		return err ? err : peer_work(peers);
	for (unsigned i = 0; i < count; i++) {
		err = pthread_create(&threads[i], NULL, peer_thread, &peers[i]);
		if (err)
			return peer_complain(&peers[i], err, "cannot start a thread");
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
