/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queue between the thread that empties the ring and the one that stores: chunks of whole
 * records, in memory up to a bound and beyond it in an unlinked file, so that a slow disk costs
 * no event until that file cannot grow. One writer thread, one reader thread.
 */
#ifndef IPCT_SPOOL_H
#define IPCT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "schemas/event.h"

struct spool;

/* `folder` is where the file goes if there is need for one. NULL, with errno set. */
struct spool *spool_new(const char *folder);

/*
 * Append one record. If there is no room at all it is dropped: the op is counted for its
 * mechanism, other records under mechanism 0.
 */
void spool_put(struct spool *s, const void *record, size_t len);

/* Hand what has been put so far to the reader; the writer calls it when it goes to sleep. */
void spool_flush(struct spool *s);

/* No more records will come. What was put since the last flush has room in any case. */
void spool_end(struct spool *s);

/*
 * Wait up to `timeout_ms` for the next chunk. 1 and the chunk (valid until the next call), 0 if
 * none came in time, -ENODATA after the last one, or another -errno.
 */
int spool_get(struct spool *s, int timeout_ms, const void **data, size_t *len);

/* How long the chunk that spool_get gave last had waited; for the reader. 0: there is none. */
int64_t spool_lag_ns(const struct spool *s);

/* Records dropped so far, for each mechanism. */
void spool_lost(struct spool *s, __u64 lost[IPCT_MECH_COUNT]);

/* Bytes put and not yet taken. */
uint64_t spool_backlog(struct spool *s);

void spool_free(struct spool *s);

#endif
