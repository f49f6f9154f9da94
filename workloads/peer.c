// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a peer does from start to end, in its own process or thread, and what hooks need from it
 * to count and to explain; see harness.h, mechanism.h and supervise.h.
 */
#include "workloads/harness.h"
#include "workloads/supervise.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IPCT_TICK_MAX_NS 10000000

int peer_complain(struct peer *peer, int err, const char *fmt, ...)
{
	const char *why = err && err != EBADMSG ? strerror(err) : "";
	char text[256];
	va_list ap;

	if (*peer->why)
		why = peer->why;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "ipctrace-workload: %s %u: %s%s%s\n", peer->name, peer->number, text,
		*why ? ": " : "", why);
	peer->why[0] = '\0';
	return -err;
}

int peer_explain(struct peer *peer, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(peer->why, sizeof(peer->why), fmt, ap);
	va_end(ap);
	return -err;
}

const struct options *peer_options(const struct peer *peer)
{
	return peer->run->options;
}

enum ipct_mechanism peer_mechanism(const struct peer *peer)
{
	return peer->run->options->mechanism->id;
}

void peer_op(struct peer *peer, enum ipct_mechanism mechanism, enum ipct_role role)
{
	tally_begin(&peer->shared->tally, mechanism, role);
}

void peer_op_end(struct peer *peer, enum ipct_mechanism mechanism, enum ipct_role role,
		 int64_t bytes)
{
	tally_end(&peer->shared->tally, mechanism, role, bytes);
}

void peer_message(struct peer *peer, enum ipct_mechanism mechanism, uint64_t count, uint64_t bytes)
{
	peer->shared->tally.messages[mechanism].count += count;
	peer->shared->tally.messages[mechanism].bytes += bytes;
}

int peer_close_fd(struct peer *peer, int fd)
{
	return (int)peer_call(peer, IPCT_ROLE_CLOSE, close(fd));
}

uint64_t sysctl_number(const char *path, uint64_t otherwise)
{
	FILE *file = fopen(path, "re");
	uint64_t number;

	if (!file)
		return otherwise;
	if (fscanf(file, "%" SCNu64, &number) != 1)
		number = otherwise;
	fclose(file);
	return number;
}

/*
 * Wait at a gate for all peers. It polls, since everything that wakes could be a mechanism that
 * is traced.
 */
static void gate_pass(struct run *run, struct gate *gate)
{
	struct timespec tick = {.tv_nsec = 50000};

	atomic_fetch_add(&gate->arrived, 1);
	while (atomic_load(&gate->arrived) < run->peer_count) {
		nanosleep(&tick, NULL);
		if (tick.tv_nsec < IPCT_TICK_MAX_NS)
			tick.tv_nsec *= 2;
	}
}

/*
 * No one begins before all have opened their ends: otherwise the first sender on a FIFO could be
 * through before the second opens it, and the receiver would see an end of file too many. Where
 * there is no end of file, no one closes while others still need the object.
 */
static int peer_work(struct peer *peer)
{
	int err = pin_peer(peer);

	if (err)
		return peer_complain(peer, -err, "cannot choose a CPU");
	for (unsigned i = 0; !err && i < peer->end_count; i++)
		err = end_open(&peer->ends[i]);
	if (err)
		return err;
	gate_pass(peer->run, peer->run->opened);
	peer->shared->tid = gettid();
	err = peer->work(peer);
	if (!err && peer->run->options->mechanism->is_endless)
		gate_pass(peer->run, peer->run->done);
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

/* Give up what the peers of this process do not use of a channel. */
static int channel_disown(struct peer *peer, struct channel *channel)
{
	const struct mechanism *mechanism = peer->run->options->mechanism;
	int err = 0;

	for (int side = SIDE_RECV; !err && mechanism->disown && side <= SIDE_SEND; side++)
		if (!channel->sharers[side])
			err = mechanism->disown(peer, channel, side);
	if (!err && mechanism->abandon && !channel->here)
		err = mechanism->abandon(peer, channel);
	return err;
}

int peers_adopt(struct run *run, struct peer *peers, unsigned count)
{
	for (unsigned i = 0; i < run->channel_count; i++) {
		struct channel *channel = &run->channels[i];
		int err;

		for (int side = SIDE_RECV; side <= SIDE_SEND; side++)
			channel->sharers[side] = users_among(peers, count, channel, side);
		channel->here = channel->sharers[SIDE_RECV] + channel->sharers[SIDE_SEND];
		if (channel->is_reverse)
			continue;
		err = channel_disown(peers, channel);
		if (err)
			return peer_complain(peers, -err, "cannot give up an end");
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
