// SPDX-License-Identifier: BSD-2-Clause
/*
 * Logs of op lengths, and the messages that follow from two of them; see oplog.h.
 */
#include "workloads/oplog.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

static size_t oplog_size(uint64_t max)
{
	return sizeof(struct oplog) + max * sizeof(struct oplog_entry);
}

struct oplog *oplog_new(uint64_t max)
{
	struct oplog *log = mmap(NULL, oplog_size(max), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (log == MAP_FAILED)
		return NULL;
	log->max = max;
	return log;
}

void oplog_free(struct oplog *log)
{
	if (log)
		munmap(log, oplog_size(log->max));
}

static int oplog_append(struct oplog *log, uint64_t len, uint64_t repeat)
{
	if (log->used && log->entry[log->used - 1].len == len) {
		log->entry[log->used - 1].repeat += repeat;
		return 0;
	}
	if (log->used == log->max)
		return -ENOSPC;
	log->entry[log->used++] = (struct oplog_entry){len, repeat};
	return 0;
}

int oplog_add(struct oplog *log, uint64_t len)
{
	return oplog_append(log, len, 1);
}

int oplog_merge(struct oplog *into, const struct oplog *from, uint64_t len)
{
	for (uint64_t i = 0; i < from->used; i++) {
		int err = from->entry[i].len == len ? 0 : -EILSEQ;

		if (!err)
			err = oplog_append(into, len, from->entry[i].repeat);
		if (err)
			return err;
	}
	return 0;
}

/* A place in a log: `left` bytes of the current op are still to be matched. */
struct cursor {
	const struct oplog *log;
	uint64_t next, repeats, left;
};

/* Step to the next op if the current one is used up. Returns 0 at the end of the log. */
static int cursor_ready(struct cursor *c)
{
	if (c->left)
		return 1;
	if (!c->repeats) {
		if (c->next == c->log->used)
			return 0;
		c->repeats = c->log->entry[c->next++].repeat;
	}
	c->repeats--;
	c->left = c->log->entry[c->next - 1].len;
	return 1;
}

void oplog_pairs(const struct oplog *sent, const struct oplog *received, uint64_t *count,
		 uint64_t *bytes)
{
	struct cursor s = {.log = sent}, r = {.log = received};

	while (cursor_ready(&s) && cursor_ready(&r)) {
		uint64_t common = s.left < r.left ? s.left : r.left;

		s.left -= common;
		r.left -= common;
		*bytes += common;
		++*count;
	}
}
