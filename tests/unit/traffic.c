// SPDX-License-Identifier: BSD-2-Clause
/*
 * Everybody reads the pipe that has its own number. In each round everybody writes to one other,
 * the next one, the seventh or the 31st after it, and after a pause of up to a millisecond
 * everybody reads. One read in five slept.
 */
#include "traffic.h"

#include "collector/capture.h"
#include "tests/unit/records.h"

#include <errno.h>
#include <stdio.h>

#define STARTER     1 /* its process number; the others follow */
#define READ_FD     3
#define WRITE_FD    4
#define TID(number) (1000 + (number))

static const unsigned distances[] = {1, 7, 31};

struct traffic {
	struct records records;
	unsigned processes;
	FILE *out;
};

/* What was made so far goes to the file. */
static int flush(struct traffic *t)
{
	struct records *r = &t->records;

	if (r->len && fwrite(r->data, r->len, 1, t->out) != 1)
		return -EIO;
	r->len = 0;
	return 0;
}

static int begin(struct traffic *t)
{
	struct records *r = &t->records;

	records_fork(r, STARTER, 0, TID(STARTER), "starter");
	records_exec(r, STARTER, TID(STARTER), "/usr/bin/starter", "starter\0");
	for (unsigned i = 1; i <= t->processes; i++) {
		records_pipe(r, STARTER, i, READ_FD, WRITE_FD, 0);
		records_fork(r, STARTER + i, STARTER, TID(STARTER + i), "worker");
	}
	return flush(t);
}

static unsigned receiver_of(const struct traffic *t, unsigned sender, uint64_t round)
{
	unsigned distance = distances[round % (sizeof(distances) / sizeof(distances[0]))];

	return (sender - 1 + distance) % t->processes + 1;
}

/* Sizes from 1 to 4000 bytes, which a pipe takes whole. */
static unsigned size_of(unsigned sender, uint64_t round)
{
	return 1 + (sender * 7919 + round * 104729) % 4000;
}

/* Of another length in each round, for no two to have the same longest transit. */
static uint64_t pause_of(uint64_t round)
{
	return round * round * 7919 % 1000003;
}

static int round_make(struct traffic *t, uint64_t round)
{
	struct records *r = &t->records;

	for (unsigned i = 1; i <= t->processes; i++)
		records_write(r, STARTER + i, receiver_of(t, i, round), WRITE_FD,
			      size_of(i, round));
	r->now_ns += pause_of(round);
	for (unsigned i = 1; i <= t->processes; i++) {
		unsigned to = receiver_of(t, i, round);

		records_read(r, STARTER + to, to, READ_FD, r->sent[to] - r->received[to]);
		if ((i + round) % 5 == 0)
			records_slept(r, 700 + 10 * (round % 100), 90, TID(STARTER + i),
				      STARTER + i);
	}
	return flush(t);
}

static int finish(struct traffic *t)
{
	struct records *r = &t->records;

	for (unsigned i = 0; i <= t->processes; i++)
		records_exit(r, STARTER + i, TID(STARTER + i), 0);
	r->end.ended = IPCT_ENDED_PROGRAM;
	records_end(r);
	return flush(t);
}

int traffic_capture(const char *path, uint64_t ops, unsigned processes)
{
	struct traffic t = {.processes = processes};
	struct recording rec;
	int err;

	if (processes < 3 || processes > TRAFFIC_PROCESSES_MAX)
		return -EINVAL;
	records_recording(&rec);
	t.out = capture_create(path, &rec);
	recording_clear(&rec);
	if (!t.out)
		return -EIO;
	records_begin(&t.records);
	err = begin(&t);
	for (uint64_t round = 0; !err && round * 2 * processes < ops; round++)
		err = round_make(&t, round);
	if (!err)
		err = finish(&t);
	records_clear(&t.records);
	return fclose(t.out) ? -EIO : err;
}
