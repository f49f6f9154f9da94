// SPDX-License-Identifier: BSD-2-Clause
/*
 * The loops that measure what the probes add to a call. A round is so short that most are not
 * disturbed by anything, and the quickest one counts. What slows a CPU down as a whole, such as
 * work on its sibling, lasts longer, so there are several blocks of rounds with naps between.
 */
#include "collector/cost.h"

#include "collector/clock.h"
#include "collector/probe.h"
#include "schemas/event.h"
#include "schemas/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Calls of a round: their records, of 112 bytes each in the ring, fit into the smallest one. */
#define CALLS  32
#define ROUNDS 25
#define BLOCKS 4 /* with all naps 12 ms, untraced and traced */
#define NAP_NS 1000000

#define BYTES_MAX 64

static int pipe_open(int fd[2])
{
	return pipe2(fd, O_CLOEXEC);
}

static int eventfd_open(int fd[2])
{
	fd[0] = fd[1] = eventfd(0, EFD_CLOEXEC);
	return fd[0] < 0 ? -1 : 0;
}

static int unix_open(int fd[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd);
}

/* What can be written and read in one thread within a microsecond; the first that is selected. */
static const struct channel {
	int mechanism;
	int (*open)(int fd[2]);
	size_t bytes; /* of a call */
} channels[] = {
	{IPCT_MECH_PIPE, pipe_open, BYTES_MAX},
	{IPCT_MECH_EVENTFD, eventfd_open, sizeof(uint64_t)},
	{IPCT_MECH_UNIX_STREAM, unix_open, BYTES_MAX},
};

/* The loops, with the shortest time of a round of each. */
struct cost_loops {
	const struct channel *channel; /* of the calls that are recorded; NULL: none is */
	int fd[2];                     /* read from the first what was written to the second */
	int64_t call_ns, other_call_ns;
};

/* A round of calls that are recorded. Returns its time, or -errno. */
static int64_t round_recorded(const struct cost_loops *l)
{
	char data[BYTES_MAX] = {1}; /* for an eventfd, the number 1 */
	int64_t begin_ns = now_ns(CLOCK_MONOTONIC);

	for (int i = 0; i < CALLS / 2; i++)
		if (write(l->fd[1], data, l->channel->bytes) < 0 ||
		    read(l->fd[0], data, l->channel->bytes) < 0)
			return -errno;
	return now_ns(CLOCK_MONOTONIC) - begin_ns;
}

/* A round of calls that no mechanism has anything to do with. */
static int64_t round_other(const struct cost_loops *l)
{
	int64_t begin_ns = now_ns(CLOCK_MONOTONIC);

	for (int i = 0; i < CALLS; i++)
		getppid();
	return now_ns(CLOCK_MONOTONIC) - begin_ns;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Rounds of both loops, whose records, if `p` makes any, are dropped. 0 or -errno. */
static int block_run(struct cost_loops *l, struct probe *p)
{
	for (int i = 0; i < ROUNDS; i++) {
		int64_t recorded_ns = l->channel ? round_recorded(l) : 0;

		if (recorded_ns < 0)
			return (int)recorded_ns;
		l->call_ns = smaller(l->call_ns, recorded_ns);
		l->other_call_ns = smaller(l->other_call_ns, round_other(l));
		if (p)
			probe_self_drop(p);
	}
	return 0;
}

static int blocks_run(struct cost_loops *l, struct probe *p)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	int err = 0;

	l->call_ns = l->other_call_ns = INT64_MAX;
	for (int i = 0; i < BLOCKS && !err; i++) {
		if (i)
			nanosleep(&nap, NULL);
		err = block_run(l, p);
	}
	return err;
}

static const struct channel *channel_choose(unsigned mechanism_mask)
{
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
		if (mechanism_mask & 1u << channels[i].mechanism)
			return &channels[i];
	return NULL;
}

static void channel_close(struct cost_loops *l)
{
	if (!l->channel)
		return;
	close(l->fd[0]);
	if (l->fd[1] != l->fd[0])
		close(l->fd[1]);
}

/* Time the loops before the probes are attached. 0, or -errno with nothing left open. */
static int loops_begin(struct cost_loops *l, unsigned mechanism_mask)
{
	int err;

	l->channel = channel_choose(mechanism_mask);
	if (l->channel && l->channel->open(l->fd))
		return -errno;
	err = blocks_run(l, NULL);
	if (err)
		channel_close(l);
	return err;
}

/* What was added to a call, by the times of a round of them. Nothing can be added but time. */
static int64_t added_ns(int64_t before_ns, int64_t after_ns)
{
	return after_ns > before_ns ? (after_ns - before_ns + CALLS / 2) / CALLS : 0;
}

/* Time them again, when nothing but this process is traced. 0 or -errno. */
static int loops_end(struct cost_loops *l, struct probe *p, struct cost *cost)
{
	struct cost_loops before = *l;
	int err = probe_self_trace(p), end;

	if (err)
		return err;
	err = blocks_run(l, p);
	end = probe_self_forget(p);
	if (err || end)
		return err ? err : end;
	if (l->channel) {
		cost->measured = mechanisms[l->channel->mechanism].name;
		cost->call_ns = added_ns(before.call_ns, l->call_ns);
	}
	cost->other_call_ns = added_ns(before.other_call_ns, l->other_call_ns);
	return 0;
}

int cost_attach(struct probe *p, pid_t root, unsigned mechanism_mask, struct cost *cost)
{
	struct cost_loops loops;
	int err;

	memset(cost, 0, sizeof(*cost));
	cost->error = loops_begin(&loops, mechanism_mask);
	err = probe_attach(p, root);
	if (cost->error)
		return err;
	if (!err)
		cost->error = loops_end(&loops, p, cost);
	channel_close(&loops);
	return err;
}
