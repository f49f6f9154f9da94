// SPDX-License-Identifier: BSD-2-Clause
/*
 * The calls that move messages through sockets; see socket.h.
 */
#include "workloads/fd_io.h"
#include "workloads/harness.h"
#include "workloads/socket.h"

#include <string.h>

static ssize_t result(ssize_t n)
{
	return n < 0 ? -errno : n;
}

ssize_t socket_send(struct end *end, const void *buf, size_t len_bytes)
{
	return result(send(end->fd, buf, len_bytes, 0));
}

ssize_t socket_recv(struct end *end, void *buf, size_t len_bytes)
{
	return result(recv(end->fd, buf, len_bytes, 0));
}

ssize_t socket_sendto(struct end *end, const void *buf, size_t len_bytes)
{
	const struct channel *channel = end->channel;

	return result(sendto(end->fd, buf, len_bytes, 0, (const void *)&channel->address,
			     channel->address_len));
}

ssize_t socket_recvfrom(struct end *end, void *buf, size_t len_bytes)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);

	return result(recvfrom(end->fd, buf, len_bytes, 0, (struct sockaddr *)&from, &from_len));
}

ssize_t socket_sendmsg(struct end *end, const void *buf, size_t len_bytes)
{
	struct iovec iov[3];
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 3};

	iov_split(iov, buf, len_bytes);
	return result(sendmsg(end->fd, &msg, 0));
}

ssize_t socket_recvmsg(struct end *end, void *buf, size_t len_bytes)
{
	struct iovec iov[3];
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 3};

	iov_split(iov, buf, len_bytes);
	return result(recvmsg(end->fd, &msg, 0));
}

/* Spread `buf` over as many messages as it has; the last can be shorter. Returns their number. */
static unsigned mmsg_split(struct mmsghdr *messages, struct iovec *iov, const void *buf,
			   size_t len_bytes, size_t size)
{
	unsigned count = 0;

	memset(messages, 0, IPCT_MMSG_BATCH * sizeof(*messages));
	for (size_t at = 0; at < len_bytes && count < IPCT_MMSG_BATCH; at += size, count++) {
		iov[count].iov_base = (char *)buf + at;
		iov[count].iov_len = len_bytes - at < size ? len_bytes - at : size;
		messages[count].msg_hdr.msg_iov = &iov[count];
		messages[count].msg_hdr.msg_iovlen = 1;
	}
	return count;
}

/* Bytes that went; a message in the middle that did not go whole would tear a stream apart. */
ssize_t socket_sendmmsg(struct end *end, const void *buf, size_t len_bytes)
{
	struct mmsghdr messages[IPCT_MMSG_BATCH];
	struct iovec iov[IPCT_MMSG_BATCH];
	unsigned count = mmsg_split(messages, iov, buf, len_bytes, peer_options(end->peer)->size);
	int sent = sendmmsg(end->fd, messages, count, 0);
	ssize_t bytes = 0;

	for (int i = 0; i < sent; i++) {
		if (i + 1 < sent && messages[i].msg_len < iov[i].iov_len)
			return -EIO;
		bytes += messages[i].msg_len;
	}
	return sent < 0 ? -errno : bytes;
}

/* Waits for the first message only. What came is moved together. */
ssize_t socket_recvmmsg(struct end *end, void *buf, size_t len_bytes)
{
	size_t size = peer_options(end->peer)->size, bytes = 0;
	struct mmsghdr messages[IPCT_MMSG_BATCH];
	struct iovec iov[IPCT_MMSG_BATCH];
	unsigned count = mmsg_split(messages, iov, buf, len_bytes, size);
	int received = recvmmsg(end->fd, messages, count, MSG_WAITFORONE, NULL);

	for (int i = 0; i < received; i++) {
		memmove((char *)buf + bytes, (char *)buf + (size_t)i * size, messages[i].msg_len);
		bytes += messages[i].msg_len;
	}
	return received < 0 ? -errno : (ssize_t)bytes;
}
