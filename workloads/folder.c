// SPDX-License-Identifier: BSD-2-Clause
/*
 * Folders for what has a name in the file system: a new one for each, so that no name is taken.
 */
#include "workloads/mechanism.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int folder_make(struct channel *channel, const char *name)
{
	const char *tmp = getenv("TMPDIR");
	char folder[PATH_MAX - 32];
	int len = snprintf(folder, sizeof(folder), "%s/ipctrace-workload.XXXXXX",
			   tmp && *tmp ? tmp : "/tmp");

	if (len >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	if (!mkdtemp(folder))
		return -errno;
	snprintf(channel->path, sizeof(channel->path), "%s/%.16s%u", folder, name, channel->index);
	return 0;
}

void folder_remove(struct channel *channel)
{
	char *slash = strrchr(channel->path, '/');

	if (!slash)
		return;
	unlink(channel->path);
	*slash = '\0';
	rmdir(channel->path);
	channel->path[0] = '\0';
}
