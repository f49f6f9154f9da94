// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing a whole buffer, and to the end.
 */
#include "reporter/write_all.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			len -= n;
		}
	}
	return 0;
}

int stdout_end(int failed)
{
	if (!fflush(stdout) && !ferror(stdout))
		return failed;
	say_error("cannot write to standard output: %s", strerror(errno));
	return 1;
}
