// SPDX-License-Identifier: BSD-2-Clause
/*
 * The loops that measure what the probes add to a call. A round is so short that most are not
 * disturbed by anything, and the median round stands for all.
 */
#include "collector/cost.h"

#include "collector/probe.h"
#include "schemas/event.h"
#include "schemas/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Calls of a round: their records, of 112 bytes each in the ring, fit into the smallest one. */
#define CALLS  32
#define ROUNDS 101 /* 5 ms for both loops, untraced and traced */

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

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* A round of calls that are recorded. Returns its time, or -errno. */
static int64_t round_recorded(const struct cost_loops *l)
{
	char data[BYTES_MAX] = {1}; /* for an eventfd, the number 1 */
	int64_t begin_ns = now_ns();

	for (int i = 0; i < CALLS / 2; i++)
		if (write(l->fd[1], data, l->channel->bytes) < 0 ||
		    read(l->fd[0], data, l->channel->bytes) < 0)
			return -errno;
	return now_ns() - begin_ns;
}

/* A round of calls that no mechanism has anything to do with. */
static int64_t round_other(const struct cost_loops *l)
{
	int64_t begin_ns = now_ns();

	for (int i = 0; i < CALLS; i++)
		getppid();
	return now_ns() - begin_ns;
}

static int order(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/*
 * The median time of a round, or -errno. If the calls are recorded, by `p`, their records are
 * dropped after each round. The first round finds nothing in the caches and is left out.
 */
static int64_t rounds_run(int64_t (*run)(const struct cost_loops *l), const struct cost_loops *l,
			  struct probe *p)
{
	int64_t ns[ROUNDS];

	for (int i = -1; i < ROUNDS; i++) {
		int64_t got = run(l);

		if (got < 0)
			return got;
		if (i >= 0)
			ns[i] = got;
		if (p)
			probe_self_drop(p);
	}
	qsort(ns, ROUNDS, sizeof(*ns), order);
	return ns[ROUNDS / 2];
}

static int rounds_all(struct cost_loops *l, struct probe *p)
{
	l->call_ns = l->channel ? rounds_run(round_recorded, l, p) : 0;
	l->other_call_ns = rounds_run(round_other, l, p);
	return l->call_ns < 0 ? (int)l->call_ns : 0;
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

int cost_begin(struct cost_loops *l, unsigned mechanism_mask)
{
	int err;

	memset(l, 0, sizeof(*l));
	l->channel = channel_choose(mechanism_mask);
	if (l->channel && l->channel->open(l->fd))
		return -errno;
	err = rounds_all(l, NULL);
	if (err)
		channel_close(l);
	return err;
}

/* What was added to a call, by the times of a round of them. Nothing can be added but time. */
static int64_t added_ns(int64_t before_ns, int64_t after_ns)
{
	return after_ns > before_ns ? (after_ns - before_ns + CALLS / 2) / CALLS : 0;
}

int cost_end(struct cost_loops *l, struct probe *p, struct cost *cost)
{
	struct cost_loops before = *l;
	int err = p ? probe_self_trace(p) : -ENODATA, end;

	if (!err) {
		err = rounds_all(l, p);
		end = probe_self_forget(p);
		err = err ? err : end;
	}
	channel_close(l);
	if (err)
		return err;
	cost->measured = l->channel ? mechanisms[l->channel->mechanism].name : NULL;
	cost->call_ns = added_ns(before.call_ns, l->call_ns);
	cost->other_call_ns = added_ns(before.other_call_ns, l->other_call_ns);
	return 0;
}
