// SPDX-License-Identifier: BSD-2-Clause
/*
 * The run as a whole: its memory, the channels and peers that a pattern's plan puts into it, and
 * what the supervisor does from start to end; see harness.h. What peers find out reaches the
 * supervisor through shared memory, so that there is no object which the pattern does not name.
 */
#include "workloads/harness.h"
#include "workloads/oplog.h"
#include "workloads/result.h"
#include "workloads/supervise.h"

#include <errno.h>
#include <fcntl.h>
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

/* What all processes share: a part for each peer and channel, and the gates. */
struct run_shared {
	struct gate opened, done;
	struct channel_shared *channels; /* behind the peers */
	struct peer_shared peers[];      /* the first is the supervisor's */
};

static size_t shared_size(const struct options *o)
{
	return sizeof(struct run_shared) + (things_max(o) + 1) * sizeof(struct peer_shared) +
	       things_max(o) * sizeof(struct channel_shared);
}

static struct run_shared *run_shared(const struct run *run)
{
	return (struct run_shared *)((char *)run->supervisor.shared -
				     offsetof(struct run_shared, peers));
}

/*
 * Where every op moves one message there is one entry: where messages are kept whole, and on pipes
 * with sends that are not torn apart. Otherwise lengths vary by timing.
 */
static uint64_t log_max(const struct options *o)
{
	const struct mechanism *m = o->mechanism;
	size_t step = o->receive_size && o->receive_size < 4096 ? o->receive_size : 4096;
	uint64_t per_message = 8 * (o->size / step + 2);
	uint64_t messages = o->messages * o->threads;

	if (m->is_whole ||
	    (!m->is_endless && !m->is_two_way && !o->receive_size && o->size <= m->atomic_bytes))
		return IPCT_LOG_SMALL;
	return messages > IPCT_LOG_MAX / per_message ? IPCT_LOG_MAX
						     : messages * per_message + IPCT_LOG_SMALL;
}

/* Memory that the harness shares is a mapping that a tracer sees, and unmapped at the end. */
static void own_mapping(struct run *run)
{
	run->own.ops[IPCT_MECH_MMAP_ANON][IPCT_ROLE_MAP].count++;
	run->own.ops[IPCT_MECH_MMAP_ANON][IPCT_ROLE_UNMAP].count++;
}

static int logs_new(struct run *run)
{
	for (unsigned i = 0; i < run->peer_count; i++) {
		struct peer *peer = &run->peers[i];

		for (unsigned k = 0; k < peer->end_count; k++) {
			peer->ends[k].log = oplog_new(log_max(run->options));
			if (!peer->ends[k].log)
				return -errno;
			own_mapping(run);
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
	struct run_shared *shared = shared_new(shared_size(o));
	struct end *ends = calloc((size_t)things_max(o) * ends_max(o), sizeof(*ends));

	if (!run || !shared || !ends)
		goto out;
	run->options = o;
	run->channels = calloc(things_max(o), sizeof(*run->channels));
	run->peers = calloc(things_max(o), sizeof(*run->peers));
	if (!run->channels || !run->peers)
		goto out;
	run->log_fd = -1;
	run->opened = &shared->opened;
	run->done = &shared->done;
	shared->channels = (struct channel_shared *)&shared->peers[things_max(o) + 1];
	peer_init(run, &run->supervisor, &shared->peers[0]);
	for (unsigned i = 0; i < things_max(o); i++) {
		peer_init(run, &run->peers[i], &shared->peers[i + 1]);
		run->peers[i].ends = ends + i * ends_max(o);
	}
	own_mapping(run);
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
	run->content = (struct content){options->seed, options->size, 1, options->header_only};
	options->pattern->plan(run);
	for (unsigned i = 0; i < run->channel_count; i++)
		if (options->mechanism->window)
			run->channels[i].window =
				options->mechanism->window(options, &run->channels[i]);
	err = logs_new(run);
	if (!err)
		err = stamps_new(run);
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
	stamps_free(run);
	munmap(run_shared(run), shared_size(run->options));
	free(run->peers[0].ends);
	free(run->peers);
	free(run->channels);
	free(run);
}

static struct channel *channel_add(struct run *run)
{
	struct channel *channel = &run->channels[run->channel_count];

	channel->shared = &run_shared(run)->channels[run->channel_count];
	channel->index = run->channel_count++;
	channel->fd[0] = channel->fd[1] = channel->id = channel->bell_id = -1;
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

struct channel *run_reverse(struct run *run, struct channel *channel)
{
	struct channel *reverse = channel_add(run);

	reverse->reverse = channel;
	reverse->is_reverse = true;
	channel->reverse = reverse;
	return reverse;
}

const struct peer *run_sender(const struct run *run, const struct channel *channel, unsigned sender)
{
	for (unsigned i = 0; i < run->peer_count; i++) {
		const struct peer *peer = &run->peers[i];

		for (unsigned k = 0; k < peer->end_count; k++)
			if (peer->ends[k].channel == channel && peer->ends[k].side == SIDE_SEND &&
			    (channel->users[SIDE_SEND] == 1 || peer->sender == sender))
				return peer;
	}
	return NULL;
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

/* All channels, up to the first that fails; *made are to be destroyed. */
static int channels_make(struct run *run, unsigned *made)
{
	const struct mechanism *mechanism = run->options->mechanism;

	for (*made = 0; *made < run->channel_count; ++*made) {
		struct channel *channel = &run->channels[*made];
		int err = channel->is_reverse ? 0 : mechanism->make(&run->supervisor, channel);

		if (err)
			return peer_complain(&run->supervisor, -err, "cannot make %s %u",
					     mechanism->name, *made);
	}
	return 0;
}

static int run_prepare(struct run *run)
{
	const struct options *o = run->options;
	int err = pin_choose(run);

	if (!err && o->mechanism->check)
		err = o->mechanism->check(&run->supervisor);
	if (err && *run->supervisor.why)
		peer_complain(&run->supervisor, -err, "%s", o->mechanism->name);
	if (err || !o->log_path)
		return err;
	run->log_fd = open(o->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (run->log_fd < 0)
		return peer_complain(&run->supervisor, errno, "cannot open '%s'", o->log_path);
	return 0;
}

int run_execute(struct run *run)
{
	const struct mechanism *mechanism = run->options->mechanism;
	unsigned made;
	int err = run_prepare(run);

	if (err)
		return 1;
	err = channels_make(run, &made) ? 1 : supervise(run);
	while (made--)
		if (mechanism->destroy && !run->channels[made].is_reverse)
			mechanism->destroy(&run->supervisor, &run->channels[made]);
	return err;
}
