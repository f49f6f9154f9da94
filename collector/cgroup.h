/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cgroups (of version 2) that the processes of a recording are in, by id. An id is that of no
 * other cgroup, also not later.
 */
#ifndef IPCT_CGROUP_H
#define IPCT_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed is empty. */
struct cgroups {
	void *by_id; /* tsearch */
};

/* Has the id been put, with a path or without one? */
bool cgroup_known(const struct cgroups *cs, uint64_t id);

/* Its path, which belongs to `cs`. NULL: not known. */
const char *cgroup_path(const struct cgroups *cs, uint64_t id);

/* Remember what the id stands for; an empty path stands for one that nobody knows. 0 or -ENOMEM. */
int cgroup_put(struct cgroups *cs, uint64_t id, const char *path);

void cgroups_clear(struct cgroups *cs);

#endif
