// SPDX-License-Identifier: BSD-2-Clause
/*
 * The run as a whole: its memory, the channels and peers that a pattern's plan puts into it, and
 * what the supervisor does from start to end; see harness.h. What peers find out reaches the
 * supervisor through shared memory, so that there is no object which the pattern does not name.
 */
#include "workloads/harness.h"
#include "workloads/oplog.h"
#include "workloads/supervise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define IPCT_LOG_MAX   (1 << 24) /* entries; a log is address space until it is used */
#define IPCT_LOG_SMALL 1024

/* The most ends that a peer of any pattern has is one for each of the others. */
static unsigned ends_max(const struct options *o)
{
	return o->threads > 2 ? o->threads : 2;
}

/* Two peers or channels for each thread, the other one doubled by a relay, and some. */
static unsigned things_max(const struct options *o)
{
	return 2 * o->threads + 4;
}

static void *shared_new(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static size_t shared_size(const struct options *o)
{
	return (things_max(o) + 1) * sizeof(struct peer_shared) + sizeof(_Atomic unsigned);
}

/* Where every op moves one message there is one entry; otherwise lengths vary by timing. */
static uint64_t log_max(const struct options *o)
{
	size_t step = o->receive_size && o->receive_size < 4096 ? o->receive_size : 4096;
	uint64_t per_message = 8 * (o->size / step + 2);
	uint64_t messages = o->messages * o->threads;

	if (o->size <= o->mechanism->atomic_bytes && !o->receive_size)
		return IPCT_LOG_SMALL;
	return messages > IPCT_LOG_MAX / per_message ? IPCT_LOG_MAX
						     : messages * per_message + IPCT_LOG_SMALL;
}

static int logs_new(struct run *run)
{
	for (unsigned i = 0; i < run->peer_count; i++) {
		struct peer *peer = &run->peers[i];

		for (unsigned k = 0; k < peer->end_count; k++) {
			peer->ends[k].log = oplog_new(log_max(run->options));
			if (!peer->ends[k].log)
				return -errno;
		}
	}
	return 0;
}

static void peer_init(struct run *run, struct peer *peer, struct peer_shared *shared)
{
	*peer = (struct peer){.run = run, .name = "supervisor", .stride = 1, .shared = shared};
}

/* All memory but the logs. */
static struct run *run_alloc(const struct options *o)
{
	struct run *run = calloc(1, sizeof(*run));
	struct peer_shared *shared = shared_new(shared_size(o));
	struct end *ends = calloc((size_t)things_max(o) * ends_max(o), sizeof(*ends));

	if (!run || !shared || !ends)
		goto out;
	run->options = o;
	run->channels = calloc(things_max(o), sizeof(*run->channels));
	run->peers = calloc(things_max(o), sizeof(*run->peers));
	if (!run->channels || !run->peers)
		goto out;
	run->arrived = (_Atomic unsigned *)(shared + things_max(o) + 1);
	peer_init(run, &run->supervisor, shared);
	for (unsigned i = 0; i < things_max(o); i++) {
		peer_init(run, &run->peers[i], &shared[i + 1]);
		run->peers[i].ends = ends + i * ends_max(o);
	}
	return run;
out:
	if (shared)
		munmap(shared, shared_size(o));
	if (run) {
		free(run->channels);
		free(run->peers);
	}
	free(ends);
	free(run);
	errno = ENOMEM;
	return NULL;
}

struct run *run_new(const struct options *options)
{
	struct run *run = run_alloc(options);
	int err;

	if (!run)
		return NULL;
	run->content = (struct content){options->seed, options->size, 1};
	options->pattern->plan(run);
	err = logs_new(run);
	if (!err)
		return run;
	run_free(run);
	errno = -err;
	return NULL;
}

void run_free(struct run *run)
{
	if (!run)
		return;
	for (unsigned i = 0; i < run->peer_count; i++)
		for (unsigned k = 0; k < run->peers[i].end_count; k++)
			oplog_free(run->peers[i].ends[k].log);
	munmap(run->supervisor.shared, shared_size(run->options));
	free(run->peers[0].ends);
	free(run->peers);
	free(run->channels);
	free(run);
}

static struct channel *channel_add(struct run *run)
{
	struct channel *channel = &run->channels[run->channel_count];

	channel->index = run->channel_count++;
	channel->fd[0] = channel->fd[1] = -1;
	return channel;
}

struct link run_link(struct run *run)
{
	struct link link;
	struct peer *relay;

	link.in = link.out = channel_add(run);
	if (run->options->variant->relay) {
		link.out = channel_add(run);
		relay = run_peer(run, "relay", relay_work);
		peer_end(relay, link.in, SIDE_RECV);
		peer_end(relay, link.out, SIDE_SEND);
	}
	return link;
}

struct peer *run_peer(struct run *run, const char *name, int (*work)(struct peer *peer))
{
	struct peer *peer = &run->peers[run->peer_count];

	for (unsigned i = 0; i < run->peer_count; i++)
		peer->number += !strcmp(run->peers[i].name, name);
	run->peer_count++;
	peer->name = name;
	peer->work = work;
	return peer;
}

void peer_end(struct peer *peer, struct channel *channel, enum side side)
{
	struct end *end = &peer->ends[peer->end_count++];

	*end = (struct end){.peer = peer, .channel = channel, .side = side, .fd = -1};
	channel->users[side]++;
}

int run_execute(struct run *run)
{
	const struct mechanism *mechanism = run->options->mechanism;
	unsigned made = 0;
	int err = 0;

	while (!err && made < run->channel_count) {
		err = mechanism->make(&run->supervisor, &run->channels[made]);
		if (err)
			peer_complain(&run->supervisor, -err, "cannot make %s %u", mechanism->name,
				      made);
		else
			made++;
	}
	err = err ? 1 : supervise(run);
	while (mechanism->destroy && made)
		mechanism->destroy(&run->supervisor, &run->channels[--made]);
	return err;
}
