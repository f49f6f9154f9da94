// SPDX-License-Identifier: BSD-2-Clause
/*
 * read, write, readv and writev; see fd_io.h.
 */
#include "workloads/fd_io.h"

#include <unistd.h>

ssize_t fd_write(struct end *end, const void *buf, size_t len_bytes)
{
	ssize_t n = write(end->fd, buf, len_bytes);

	return n < 0 ? -errno : n;
}

ssize_t fd_read(struct end *end, void *buf, size_t len_bytes)
{
	ssize_t n = read(end->fd, buf, len_bytes);

	return n < 0 ? -errno : n;
}

void iov_split(struct iovec iov[3], const void *buf, size_t len_bytes)
{
	char *at = (char *)buf;
	size_t third = len_bytes / 3;

	iov[0] = (struct iovec){at, third};
	iov[1] = (struct iovec){at + third, third};
	iov[2] = (struct iovec){at + 2 * third, len_bytes - 2 * third};
}

ssize_t fd_writev(struct end *end, const void *buf, size_t len_bytes)
{
	struct iovec iov[3];
	ssize_t n;

	iov_split(iov, buf, len_bytes);
	n = writev(end->fd, iov, 3);
	return n < 0 ? -errno : n;
}

ssize_t fd_readv(struct end *end, void *buf, size_t len_bytes)
{
	struct iovec iov[3];
	ssize_t n;

	iov_split(iov, buf, len_bytes);
	n = readv(end->fd, iov, 3);
	return n < 0 ? -errno : n;
}
