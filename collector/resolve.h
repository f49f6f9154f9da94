/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only the living system can tell, asked while it can: the answers go into the records, so
 * that everything after the spool is the same for a live recording and a replayed capture.
 */
#ifndef IPCT_RESOLVE_H
#define IPCT_RESOLVE_H

#include <sys/types.h>
#include "collector/cgroup.h"
#include "collector/spool.h"

/*
 * The path that `path` of a record stands for, with `text` as given relative to it, into `out` of
 * `size` bytes; always ends with a NUL.
 */
void path_join(const struct ipct_path *base, const char *text, char *out, size_t size);

/* Fill in the name of the process at the other end of an object, if its pid is known. */
void resolve_object(struct ipct_object *o);

/* Look up what lies at the record's path and fill in its mode, device and inode number. */
void resolve_path_op(struct ipct_path_op *p);

/*
 * Unless `known` has the cgroup `id`, look up its path, put a record of both into `spool` and
 * remember the id. It must be met while the cgroup is there.
 */
void resolve_cgroup(struct cgroups *known, uint64_t id, struct spool *spool);

/*
 * Put a record into `spool` for every other process that holds an end of a pipe or FIFO that is
 * the standard input, output or error of this process: the ends that are not traced.
 */
void resolve_holders(struct spool *spool);

#endif
