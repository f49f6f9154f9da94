/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared mappings of messages, on the mechanism under test unless another is named.
 */
#ifndef IPCT_MAPPING_H
#define IPCT_MAPPING_H

#include "workloads/mechanism.h"

/*
 * The supervisor's part for an object that is mapped by fd: give it its size, map it, make the
 * ring in it, and unmap it. `sizing` is the call that sizes it, and whether a tracer counts it.
 */
int mapping_prepare(struct peer *supervisor, struct channel *channel, int fd, bool counted);

/* A peer's: map fd to end->state, and unmap it. */
int mapping_open(struct end *end, int fd);
int mapping_close(struct end *end);

/*
 * Anonymous memory of `size` bytes for the channel, counted on mmap_anon: made by the supervisor,
 * inherited by all, and unmapped by the last end or whoever has no use for it.
 */
int anon_make(struct peer *supervisor, struct channel *channel, size_t size);
int anon_unmap(struct peer *peer, struct channel *channel);

#endif
