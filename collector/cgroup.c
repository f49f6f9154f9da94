// SPDX-License-Identifier: BSD-2-Clause
/*
 * A tree of ids and paths.
 */
#include "collector/cgroup.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct cgroup {
	uint64_t id;
	char path[];
};

static int cgroup_order(const void *x, const void *y)
{
	const struct cgroup *a = x, *b = y;

	return (a->id > b->id) - (a->id < b->id);
}

static const struct cgroup *cgroup_find(const struct cgroups *cs, uint64_t id)
{
	struct cgroup key = {.id = id};
	struct cgroup **found = tfind(&key, &cs->by_id, cgroup_order);

	return found ? *found : NULL;
}

bool cgroup_known(const struct cgroups *cs, uint64_t id)
{
	return cgroup_find(cs, id);
}

const char *cgroup_path(const struct cgroups *cs, uint64_t id)
{
	const struct cgroup *c = cgroup_find(cs, id);

	return c && *c->path ? c->path : NULL;
}

int cgroup_put(struct cgroups *cs, uint64_t id, const char *path)
{
	struct cgroup *c;

	if (cgroup_known(cs, id))
		return 0;
	c = malloc(sizeof(*c) + strlen(path) + 1);
	if (!c)
		return -ENOMEM;
	c->id = id;
	strcpy(c->path, path);
	if (!tsearch(c, &cs->by_id, cgroup_order)) {
		free(c);
		return -ENOMEM;
	}
	return 0;
}

void cgroups_clear(struct cgroups *cs)
{
	tdestroy(cs->by_id, free);
	cs->by_id = NULL;
}
