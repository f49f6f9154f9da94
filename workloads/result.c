// SPDX-License-Identifier: BSD-2-Clause
/*
 * The result of a run; see result.h. Histograms are made here, after the run, from what the peers
 * noted, so that making them takes no part in what they measure.
 */
#include "workloads/result.h"
#include "schemas/hist.h"
#include "workloads/harness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static size_t stamps_size(const struct run *run)
{
	return run->options->messages * sizeof(struct stamp);
}

int stamps_new(struct run *run)
{
	if (!run->options->result_path)
		return 0;
	for (unsigned i = 0; i < run->peer_count; i++) {
		void *memory = mmap(NULL, stamps_size(run), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (memory == MAP_FAILED)
			return -errno;
		run->peers[i].stamps = memory;
		run->own.ops[IPCT_MECH_MMAP_ANON][IPCT_ROLE_MAP].count++;
		run->own.ops[IPCT_MECH_MMAP_ANON][IPCT_ROLE_UNMAP].count++;
	}
	return 0;
}

void stamps_free(struct run *run)
{
	for (unsigned i = 0; i < run->peer_count; i++)
		if (run->peers[i].stamps)
			munmap(run->peers[i].stamps, stamps_size(run));
}

void stamps_touch(struct peer *peer)
{
	if (peer->stamps)
		memset(peer->stamps, 0, stamps_size(peer->run));
}

/* The peer of that name, if it takes turns with another. */
static const struct peer *peer_find(const struct run *run, const char *name)
{
	for (unsigned i = 0; i < run->peer_count; i++)
		if (!strcmp(run->peers[i].name, name))
			return &run->peers[i];
	return NULL;
}

/* The histogram of end - begin of each exchange, as a line. */
static int spans_write(FILE *out, const char *key, const struct stamp *begin,
		       const struct stamp *end, uint64_t count)
{
	struct hist hist = {0};
	unsigned char *bytes = NULL;
	long len = 0;
	int err = 0;

	for (uint64_t i = 0; !err && i < count; i++)
		err = hist_add(&hist, end[i].end_ns > begin[i].begin_ns
					      ? end[i].end_ns - begin[i].begin_ns
					      : 0);
	if (!err)
		len = hist_encode(&hist, &bytes);
	if (!err && len > 0) {
		fprintf(out, "%s ", key);
		for (long i = 0; i < len; i++)
			fprintf(out, "%02x", bytes[i]);
		fputc('\n', out);
		free(bytes);
	}
	hist_clear(&hist);
	return err ? err : len < 0 ? (int)len : 0;
}

static int turns_write(const struct run *run, FILE *out)
{
	const struct peer *first = peer_find(run, "ping"), *other = peer_find(run, "pong");
	uint64_t count = run->options->messages;
	int err;

	if (!first)
		first = peer_find(run, "self");
	if (!first)
		return 0;
	err = spans_write(out, "rtt", first->stamps, first->stamps, count);
	if (!err && other)
		err = spans_write(out, "one-way", first->stamps, other->stamps, count);
	return err;
}

/* From the first exchange's or message's beginning to the last one's end. */
static uint64_t elapsed_ns(const struct run *run)
{
	uint64_t begin = UINT64_MAX, end = 0, last = run->options->messages - 1;

	for (unsigned i = 0; i < run->peer_count; i++) {
		const struct peer *peer = &run->peers[i];

		if (peer->shared->first_send_ns && peer->shared->first_send_ns < begin)
			begin = peer->shared->first_send_ns;
		if (peer->stamps[0].begin_ns && peer->stamps[0].begin_ns < begin)
			begin = peer->stamps[0].begin_ns;
		if (peer->shared->last_recv_ns > end)
			end = peer->shared->last_recv_ns;
		if (peer->stamps[last].end_ns > end)
			end = peer->stamps[last].end_ns;
	}
	return end > begin ? end - begin : 0;
}

/* Messages that all senders sent, and so all receivers checked. */
static uint64_t messages_count(const struct run *run)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < run->peer_count; i++)
		count += run->peers[i].shared->sent;
	return count;
}

int result_write(const struct run *run)
{
	const struct options *o = run->options;
	struct peer *supervisor = (struct peer *)&run->supervisor;
	size_t size = o->variant->is_bare ? 0 : o->size;
	uint64_t messages = messages_count(run);
	FILE *out = fopen(o->result_path, "we");
	int err;

	if (!out)
		return peer_complain(supervisor, errno, "cannot open '%s'", o->result_path);
	fprintf(out, "size %zu\nmessages %" PRIu64 "\nbytes %" PRIu64 "\nelapsed-ns %" PRIu64 "\n",
		size, messages, messages * size, elapsed_ns(run));
	for (unsigned i = 0; i < run->peer_count; i++)
		fprintf(out, "peer %s %d\n", run->peers[i].name, run->peers[i].shared->tid);
	err = turns_write(run, out);
	if (ferror(out))
		err = -EIO;
	if (fclose(out) && !err)
		err = -errno;
	return err ? peer_complain(supervisor, -err, "cannot write '%s'", o->result_path) : 0;
}
