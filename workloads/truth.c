// SPDX-License-Identifier: BSD-2-Clause
/*
 * The truth of a run, added up and printed; see truth.h.
 */
#include "workloads/truth.h"
#include "workloads/harness.h"
#include "workloads/oplog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct messages {
	uint64_t count, bytes;
	uint64_t single_writer_objects, single_writer_count;
};

/* All logs of one side of a channel in `log`. */
static int side_collect(const struct run *run, const struct channel *channel, enum side side,
			struct oplog *log)
{
	int err = 0;

	for (unsigned i = 0; !err && i < run->peer_count; i++) {
		const struct peer *peer = &run->peers[i];

		for (unsigned k = 0; !err && k < peer->end_count; k++)
			if (peer->ends[k].channel == channel && peer->ends[k].side == side)
				err = oplog_merge(log, peer->ends[k].log, run->options->size);
	}
	return err;
}

/* The log of the only peer on a side. */
static const struct oplog *side_log(const struct run *run, const struct channel *channel,
				    enum side side)
{
	for (unsigned i = 0; i < run->peer_count; i++)
		for (unsigned k = 0; k < run->peers[i].end_count; k++)
			if (run->peers[i].ends[k].channel == channel &&
			    run->peers[i].ends[k].side == side)
				return run->peers[i].ends[k].log;
	return NULL;
}

static int channel_messages(const struct run *run, const struct channel *channel,
			    struct messages *sum)
{
	const struct oplog *received = side_log(run, channel, SIDE_RECV);
	uint64_t before = sum->count;
	struct oplog *all;
	int err;

	if (channel->users[SIDE_SEND] == 1) {
		oplog_pairs(side_log(run, channel, SIDE_SEND), received, &sum->count, &sum->bytes);
		sum->single_writer_objects++;
		sum->single_writer_count += sum->count - before;
		return 0;
	}
	/* One entry is enough, as all lengths are the same; no one shares it. */
	all = calloc(1, sizeof(*all) + sizeof(all->entry[0]));
	if (!all)
		return -ENOMEM;
	all->max = 1;
	err = side_collect(run, channel, SIDE_SEND, all);
	if (!err)
		oplog_pairs(all, received, &sum->count, &sum->bytes);
	free(all);
	return err;
}

static void ops_print(const struct tally *tally, FILE *out)
{
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		for (int r = 0; r < IPCT_ROLE_COUNT; r++)
			if (tally->ops[m][r].count)
				fprintf(out, "%s %s %" PRIu64 " %" PRIu64 "\n", mechanism_name(m),
					role_name(r), tally->ops[m][r].count,
					tally->ops[m][r].bytes);
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		for (int r = 0; r < IPCT_ROLE_COUNT; r++)
			if (tally->ops[m][r].unfinished)
				fprintf(out, "# unfinished-%s %" PRIu64 "\n", role_name(r),
					tally->ops[m][r].unfinished);
	for (int side = SIDE_RECV; side <= SIDE_SEND; side++)
		if (tally->parts[side])
			fprintf(out, "# parts-%s %" PRIu64 "\n",
				side == SIDE_SEND ? "send" : "recv", tally->parts[side]);
}

/* The mechanism under test from the logs, unless it counts; others as they were counted. */
static void messages_print(const struct run *run, const struct tally *tally,
			   const struct messages *messages, FILE *out)
{
	const struct mechanism *mechanism = run->options->mechanism;

	if (mechanism->messages == MESSAGES_LOGGED)
		fprintf(out, "%s message %" PRIu64 " %" PRIu64 "\n", mechanism->name,
			messages->count, messages->bytes);
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		if (tally->messages[m].count ||
		    (m == (int)mechanism->id && mechanism->messages == MESSAGES_COUNTED))
			fprintf(out, "%s message %" PRIu64 " %" PRIu64 "\n", mechanism_name(m),
				tally->messages[m].count, tally->messages[m].bytes);
}

static void options_print(const struct run *run, FILE *out)
{
	static const char *const waits[] = {"block", "poll", "spin"};
	const struct options *o = run->options;

	fprintf(out, "# variant %s\n# message-size %zu\n# wait %s\n", o->variant->name,
		o->variant->is_bare && o->mechanism->size_is ? 0 : o->size, waits[o->wait]);
	if (o->variant->uncounted && o->wait != WAIT_SPIN)
		fprintf(out, "# uncounted %s\n", mechanism_name(o->variant->uncounted));
	if (o->pin == PIN_NONE)
		fprintf(out, "# pin none\n");
	else if (o->pin == PIN_SAME)
		fprintf(out, "# pin same %d\n", run->cpus[0]);
	else
		fprintf(out, "# pin cross %d %d\n", run->cpus[0], run->cpus[1]);
}

static void facts_print(const struct run *run, const struct messages *messages, FILE *out)
{
	unsigned objects = 0;

	options_print(run, out);
	for (unsigned i = 0; i < run->channel_count; i++)
		objects += !run->channels[i].is_reverse;
	fprintf(out, "# objects %u\n# passed %" PRIu64 " %" PRIu64 "\n", objects, messages->count,
		messages->bytes);
	if (run->options->mechanism->messages == MESSAGES_LOGGED)
		fprintf(out,
			"# single-writer-objects %" PRIu64 "\n# single-writer-messages %" PRIu64
			"\n",
			messages->single_writer_objects, messages->single_writer_count);
	for (unsigned i = 0; i < run->peer_count; i++)
		fprintf(out, "# peer-%s-%u %d\n", run->peers[i].name, run->peers[i].number,
			run->peers[i].shared->tid);
	for (unsigned i = 0; i < run->peer_count; i++) {
		const struct round_trips *trips = &run->peers[i].shared->round_trips;

		if (trips->count)
			fprintf(out,
				"# round-trips %" PRIu64 "\n# rtt-p50-ns %" PRIu64
				"\n# rtt-p90-ns %" PRIu64 "\n# rtt-p99-ns %" PRIu64
				"\n# rtt-max-ns %" PRIu64 "\n",
				trips->count, trips->p50_ns, trips->p90_ns, trips->p99_ns,
				trips->max_ns);
	}
}

static int write_all(int fd, const char *text, size_t len_bytes)
{
	while (len_bytes) {
		ssize_t n = write(fd, text, len_bytes);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len_bytes -= (size_t)n;
		}
	}
	return 0;
}

int truth_write(const struct run *run, int fd)
{
	struct messages messages = {0};
	struct tally sum = run->supervisor.shared->tally;
	size_t size;
	char *text = NULL;
	FILE *out;
	int err = 0;

	for (unsigned i = 0; i < run->peer_count; i++)
		tally_add(&sum, &run->peers[i].shared->tally);
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		if (m == (int)run->options->mechanism->id || tally_has(&sum, m))
			tally_add_mechanism(&sum, &run->own, m);
	for (unsigned i = 0; !err && i < run->channel_count; i++)
		err = channel_messages(run, &run->channels[i], &messages);
	if (err)
		return err;
	if (run->options->variant->is_bare)
		messages.bytes = 0; /* lengths are counts */
	out = open_memstream(&text, &size);
	if (!out)
		return -errno;
	ops_print(&sum, out);
	messages_print(run, &sum, &messages, out);
	facts_print(run, &messages, out);
	err = fclose(out) ? -errno : write_all(fd, text, size);
	free(text);
	return err;
}
