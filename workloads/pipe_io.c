// SPDX-License-Identifier: BSD-2-Clause
/*
 * The calls that move bytes through a pipe or FIFO, as variants that any mechanism with pipe fds
 * can name in its row.
 */
#include "workloads/mechanism.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * A pipe has 16 slots unless someone resizes it, and a message takes one slot or more. So in the
 * two pipes before and behind a relay there are never more messages than this.
 */
#define IPCT_SPLICE_IN_FLIGHT 32

static ssize_t plain_send(struct end *end, const void *buf, size_t len_bytes)
{
	ssize_t n = write(end->fd, buf, len_bytes);

	return n < 0 ? -errno : n;
}

static ssize_t plain_recv(struct end *end, void *buf, size_t len_bytes)
{
	ssize_t n = read(end->fd, buf, len_bytes);

	return n < 0 ? -errno : n;
}

/* Three parts, of which the first two are empty for the smallest messages. */
static void vector_split(struct iovec iov[3], const void *buf, size_t len_bytes)
{
	char *at = (char *)buf;
	size_t third = len_bytes / 3;

	iov[0] = (struct iovec){at, third};
	iov[1] = (struct iovec){at + third, third};
	iov[2] = (struct iovec){at + 2 * third, len_bytes - 2 * third};
}

static ssize_t vector_send(struct end *end, const void *buf, size_t len_bytes)
{
	struct iovec iov[3];
	ssize_t n;

	vector_split(iov, buf, len_bytes);
	n = writev(end->fd, iov, 3);
	return n < 0 ? -errno : n;
}

static ssize_t vector_recv(struct end *end, void *buf, size_t len_bytes)
{
	struct iovec iov[3];
	ssize_t n;

	vector_split(iov, buf, len_bytes);
	n = readv(end->fd, iov, 3);
	return n < 0 ? -errno : n;
}

/* The pipe refers to the buffer's own pages until they are read: hence `keeps`. */
static ssize_t splice_send(struct end *end, const void *buf, size_t len_bytes)
{
	struct iovec iov = {(void *)buf, len_bytes};
	ssize_t n = vmsplice(end->fd, &iov, 1, 0);

	return n < 0 ? -errno : n;
}

static ssize_t splice_relay(struct end *in, struct end *out, size_t len_bytes)
{
	ssize_t n = splice(in->fd, NULL, out->fd, NULL, len_bytes, 0);

	return n < 0 ? -errno : n;
}

enum fd_call { GETPIPE_SZ, SETPIPE_SZ, DUP, DUP2, DUP3, DUPFD };

/* One counted call on `fd`. Returns what it returned, or -errno. */
static int fd_call(struct peer *peer, enum fd_call call, int fd, int arg)
{
	enum ipct_role role = call <= SETPIPE_SZ ? IPCT_ROLE_CONTROL : IPCT_ROLE_OPEN;
	int result = -1;

	peer_op(peer, role);
	switch (call) {
	case GETPIPE_SZ:
		result = fcntl(fd, F_GETPIPE_SZ);
		break;
	case SETPIPE_SZ:
		result = fcntl(fd, F_SETPIPE_SZ, arg);
		break;
	case DUP:
		result = dup(fd);
		break;
	case DUP2:
		result = dup2(fd, arg);
		break;
	case DUP3:
		result = dup3(fd, arg, O_CLOEXEC);
		break;
	case DUPFD:
		result = fcntl(fd, F_DUPFD_CLOEXEC, arg);
		break;
	}
	return peer_op_end(peer, role, result < 0 ? -errno : result);
}

/* Go through every call that makes a further fd, and go on with the one that came last. */
static int dup_opened(struct end *end)
{
	struct peer *peer = end->peer;
	int fd = end->fd, a, b;
	int err = fd_call(peer, GETPIPE_SZ, fd, 0);

	if (err >= 0)
		err = fd_call(peer, SETPIPE_SZ, fd, err);
	if (err >= 0)
		err = a = fd_call(peer, DUP, fd, 0);
	if (err >= 0)
		err = b = fd_call(peer, DUPFD, a, 0);
	if (err >= 0)
		err = fd_call(peer, DUP2, fd, a);
	if (err >= 0)
		err = fd_call(peer, DUP3, a, b);
	if (err < 0)
		return err;
	end->first_fd = fd;
	end->fd = b;
	return peer_close_fd(peer, a);
}

static int dup_closing(struct end *end)
{
	int err = peer_close_fd(end->peer, end->fd);

	end->fd = end->first_fd;
	return err;
}

const struct variant pipe_variants[] = {
	{.name = "plain", .doc = "write and read", .send = plain_send, .recv = plain_recv},
	{.name = "vector",
	 .doc = "writev and readv with three parts",
	 .send = vector_send,
	 .recv = vector_recv},
	{.name = "splice",
	 .doc = "vmsplice, a relay that splices into a second object, and read",
	 .keeps = IPCT_SPLICE_IN_FLIGHT,
	 .send = splice_send,
	 .recv = plain_recv,
	 .relay = splice_relay},
	{.name = "dup",
	 .doc = "as plain, through fds made by dup, dup2, dup3 and F_DUPFD_CLOEXEC",
	 .send = plain_send,
	 .recv = plain_recv,
	 .opened = dup_opened,
	 .closing = dup_closing},
	{.name = NULL},
};
