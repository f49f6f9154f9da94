// SPDX-License-Identifier: BSD-2-Clause
/*
 * Output files: kept from being overwritten, and given to the user behind sudo.
 */
#include "collector/output.h"

#include "schemas/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uid_t id_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end;
	unsigned long id = text ? strtoul(text, &end, 10) : 0;

	return text && *text && !*end ? (uid_t)id : (uid_t)-1;
}

void output_give(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	uid_t uid = id_of("SUDO_UID");
	gid_t gid = id_of("SUDO_GID");
	char name[4096 + 8];

	if (geteuid() || uid == (uid_t)-1)
		return;
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		if (lchown(name, uid, gid) && !i)
			say_warning("cannot give '%s' to user %u: %s", path, uid, strerror(errno));
	}
}

int output_keep_old(const char *path)
{
	char from[4096 + 16], to[4096 + 16];
	struct stat st;

	if (lstat(path, &st))
		return 0;
	if (S_ISDIR(st.st_mode)) {
		say_error("cannot create trace '%s': Is a directory", path);
		return -EISDIR;
	}
	snprintf(to, sizeof(to), "%s.old", path);
	if (rename(path, to)) {
		say_error("cannot keep the older trace as '%s': %s", to, strerror(errno));
		return -errno;
	}
	snprintf(from, sizeof(from), "%s-wal", path);
	snprintf(to, sizeof(to), "%s.old-wal", path);
	if (rename(from, to))
		unlink(to);
	snprintf(from, sizeof(from), "%s-shm", path);
	unlink(from);
	return 0;
}
