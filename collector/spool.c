// SPDX-License-Identifier: BSD-2-Clause
/*
 * The spool: a list of chunks. The writer fills a chunk of its own without a lock and takes the
 * lock only to hand it over.
 */
#include "collector/spool.h"

#include "collector/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define CHUNK_BYTES      (1 << 20)
#define CHUNKS_IN_MEMORY 48

struct chunk {
	struct chunk *next;
	char *data; /* NULL: in the file at `offset` */
	off_t offset;
	size_t len;
	int64_t put_ns; /* CLOCK_MONOTONIC, when it was handed over */
};

struct spool {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct chunk *first, *last;
	int in_memory;
	bool ended;
	uint64_t backlog_bytes;
	__u64 lost[IPCT_MECH_COUNT];

	struct chunk *filling; /* the writer's own */
	bool last_chunk;       /* the writer's own: it has the record of the end */

	struct chunk *reading; /* the reader's own */
	char *from_file;

	char *folder;
	int fd; /* -1 until there is need for it */
	off_t file_bytes;
};

struct spool *spool_new(const char *folder)
{
	struct spool *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (!s)
		return NULL;
	s->fd = -1;
	s->folder = strdup(folder);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->filled, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

static void chunk_free(struct chunk *c)
{
	if (c)
		free(c->data);
	free(c);
}

static struct chunk *chunk_new(void)
{
	struct chunk *c = calloc(1, sizeof(*c));

	if (c && !(c->data = malloc(CHUNK_BYTES))) {
		free(c);
		c = NULL;
	}
	return c;
}

/* An op on a path that may be of anything has no mechanism and counts as seen only later. */
static void record_drop(struct spool *s, const struct ipct_head *head)
{
	const struct ipct_op *record = (const void *)head;
	bool op = head->type == IPCT_EV_PATH_OP ||
		  (head->type == IPCT_EV_OP && !(record->flags & IPCT_OP_PART));
	unsigned m = op ? head->mechanism : 0;

	if (m < IPCT_MECH_COUNT)
		s->lost[m]++;
}

static void chunk_drop(struct spool *s, const struct chunk *c)
{
	const struct ipct_head *head;

	for (size_t at = 0; at < c->len; at += head->len) {
		head = (const void *)(c->data + at);
		record_drop(s, head);
	}
}

static int file_open(struct spool *s)
{
	if (s->fd < 0)
		s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0) /* not every file system has O_TMPFILE */
		s->fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return s->fd < 0 ? -errno : 0;
}

/* Move the chunk's bytes to the file; false if it cannot grow. */
static bool chunk_to_file(struct spool *s, struct chunk *c)
{
	size_t done = 0;

	if (file_open(s))
		return false;
	while (done < c->len) {
		ssize_t n = pwrite(s->fd, c->data + done, c->len - done, s->file_bytes + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += n;
	}
	c->offset = s->file_bytes;
	s->file_bytes += c->len;
	free(c->data);
	c->data = NULL;
	return true;
}

static void chunk_hand_over(struct spool *s, struct chunk *c)
{
	bool room;

	c->put_ns = now_ns(CLOCK_MONOTONIC);
	pthread_mutex_lock(&s->lock);
	room = s->in_memory < CHUNKS_IN_MEMORY || s->last_chunk;
	pthread_mutex_unlock(&s->lock);
	if (!room && !chunk_to_file(s, c)) {
		pthread_mutex_lock(&s->lock);
		chunk_drop(s, c);
		pthread_mutex_unlock(&s->lock);
		chunk_free(c);
		return;
	}
	pthread_mutex_lock(&s->lock);
	s->in_memory += c->data != NULL;
	s->backlog_bytes += c->len;
	if (s->last)
		s->last->next = c;
	else
		s->first = c;
	s->last = c;
	pthread_cond_signal(&s->filled);
	pthread_mutex_unlock(&s->lock);
}

void spool_flush(struct spool *s)
{
	struct chunk *c = s->filling;

	if (!c || !c->len)
		return;
	s->filling = NULL;
	chunk_hand_over(s, c);
}

void spool_put(struct spool *s, const void *record, size_t len)
{
	if (s->filling && s->filling->len + len > CHUNK_BYTES)
		spool_flush(s);
	if (!s->filling)
		s->filling = chunk_new();
	if (!s->filling) {
		pthread_mutex_lock(&s->lock);
		record_drop(s, record);
		pthread_mutex_unlock(&s->lock);
		return;
	}
	memcpy(s->filling->data + s->filling->len, record, len);
	s->filling->len += len;
}

void spool_end(struct spool *s)
{
	s->last_chunk = true;
	spool_flush(s);
	pthread_mutex_lock(&s->lock);
	s->ended = true;
	pthread_cond_signal(&s->filled);
	pthread_mutex_unlock(&s->lock);
}

static struct chunk *chunk_wait(struct spool *s, int timeout_ms)
{
	struct timespec until;
	struct chunk *c;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)timeout_ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while (!s->first && !s->ended)
		if (pthread_cond_timedwait(&s->filled, &s->lock, &until))
			break;
	c = s->first;
	if (!c)
		return NULL;
	s->first = c->next;
	if (!s->first)
		s->last = NULL;
	s->in_memory -= c->data != NULL;
	s->backlog_bytes -= c->len;
	return c;
}

/* Bring the chunk back from the file and give its blocks back to the disk. */
static int chunk_from_file(struct spool *s, struct chunk *c)
{
	size_t done = 0;

	if (!s->from_file && !(s->from_file = malloc(CHUNK_BYTES)))
		return -ENOMEM;
	while (done < c->len) {
		ssize_t n = pread(s->fd, s->from_file + done, c->len - done, c->offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += n;
	}
	fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, c->offset, c->len);
	return 0;
}

int spool_get(struct spool *s, int timeout_ms, const void **data, size_t *len)
{
	bool ended;
	int err;

	chunk_free(s->reading);
	pthread_mutex_lock(&s->lock);
	s->reading = chunk_wait(s, timeout_ms);
	ended = s->ended;
	pthread_mutex_unlock(&s->lock);
	if (!s->reading)
		return ended ? -ENODATA : 0;
	if (!s->reading->data && (err = chunk_from_file(s, s->reading)))
		return err;
	*data = s->reading->data ? s->reading->data : s->from_file;
	*len = s->reading->len;
	return 1;
}

int64_t spool_lag_ns(const struct spool *s)
{
	return s->reading ? now_ns(CLOCK_MONOTONIC) - s->reading->put_ns : 0;
}

void spool_lost(struct spool *s, __u64 lost[IPCT_MECH_COUNT])
{
	pthread_mutex_lock(&s->lock);
	memcpy(lost, s->lost, sizeof(s->lost));
	pthread_mutex_unlock(&s->lock);
}

uint64_t spool_backlog(struct spool *s)
{
	uint64_t bytes;

	pthread_mutex_lock(&s->lock);
	bytes = s->backlog_bytes;
	pthread_mutex_unlock(&s->lock);
	return bytes;
}

void spool_free(struct spool *s)
{
	struct chunk *next;

	if (!s)
		return;
	for (struct chunk *c = s->first; c; c = next) {
		next = c->next;
		chunk_free(c);
	}
	chunk_free(s->filling);
	chunk_free(s->reading);
	free(s->from_file);
	free(s->folder);
	if (s->fd >= 0)
		close(s->fd);
	pthread_cond_destroy(&s->filled);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
