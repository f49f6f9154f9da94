// SPDX-License-Identifier: BSD-2-Clause
/*
 * The calls that move bytes through a pipe or FIFO, as variants that any mechanism with pipe fds
 * can name in its row.
 */
#include "workloads/fd_io.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * A pipe has 16 slots unless someone resizes it, and a message takes one slot or more. So in the
 * two pipes before and behind a relay there are never more messages than this.
 */
#define IPCT_SPLICE_IN_FLIGHT 32

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

static int fd_call_make(enum fd_call call, int fd, int arg)
{
	switch (call) {
	case GETPIPE_SZ:
		return fcntl(fd, F_GETPIPE_SZ);
	case SETPIPE_SZ:
		return fcntl(fd, F_SETPIPE_SZ, arg);
	case DUP:
		return dup(fd);
	case DUP2:
		return dup2(fd, arg);
	case DUP3:
		return dup3(fd, arg, O_CLOEXEC);
	case DUPFD:
		return fcntl(fd, F_DUPFD_CLOEXEC, arg);
	}
	return -1;
}

/* One counted call on `fd`. Returns what it returned, or -errno. */
static int fd_call(struct peer *peer, enum fd_call call, int fd, int arg)
{
	enum ipct_role role = call <= SETPIPE_SZ ? IPCT_ROLE_CONTROL : IPCT_ROLE_OPEN;

	return (int)peer_call(peer, role, fd_call_make(call, fd, arg));
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
	{.name = "plain", .doc = "write and read", .send = fd_write, .recv = fd_read},
	{.name = "vector",
	 .doc = "writev and readv with three parts",
	 .send = fd_writev,
	 .recv = fd_readv},
	{.name = "splice",
	 .doc = "vmsplice, a relay that splices into a second object, and read",
	 .keeps = IPCT_SPLICE_IN_FLIGHT,
	 .send = splice_send,
	 .recv = fd_read,
	 .relay = splice_relay},
	{.name = "dup",
	 .doc = "as plain, by fds made with dup, dup2, dup3, F_DUPFD_CLOEXEC",
	 .send = fd_write,
	 .recv = fd_read,
	 .opened = dup_opened,
	 .closing = dup_closing},
	{.name = NULL},
};
