// SPDX-License-Identifier: BSD-2-Clause
/*
 * Replacing a file as a whole: the bytes go to a temporary file in the same folder, which takes
 * the name only when all of them are on the disk.
 */
#include "reporter/html.h"
#include "reporter/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_direct(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, len);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* The mode that open() would give a new file; umask() has no way to only ask. */
static mode_t new_file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Fill the open temporary file `temp` and give it the name `path`. Closes `fd`. */
static int temp_finish(int fd, const char *temp, const char *path, mode_t mode, const char *data,
		       size_t len)
{
	int err = write_all(fd, data, len);

	if (!err && (fchmod(fd, mode) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temp, path))
		err = -errno;
	return err;
}

static int replace_whole(const char *path, mode_t mode, const char *data, size_t len)
{
	char *temp;
	int fd, err;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
	} else {
		err = temp_finish(fd, temp, path, mode, data, len);
		if (err)
			unlink(temp);
	}
	free(temp);
	return err;
}

int html_file_replace(const char *path, const char *data, size_t len)
{
	struct stat st;
	char *target;
	int err;

	if (stat(path, &st))
		return replace_whole(path, new_file_mode(), data, len);
	if (!S_ISREG(st.st_mode))
		return write_direct(path, data, len);
	target = realpath(path, NULL);
	if (!target)
		return -errno;
	err = replace_whole(target, st.st_mode & 0777, data, len);
	free(target);
	return err;
}
