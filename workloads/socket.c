// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sockets as channels; see socket.h. There are three ways to one:
 * - a socketpair, which the supervisor makes and peers inherit;
 * - a connection: the supervisor listens, the receiver accepts, the sender connects. Senders that
 *   share an object inherit it, so then the supervisor connects;
 * - datagrams to a name: the supervisor binds the receiver's socket, each sender has its own. For
 *   both directions on one pair of sockets the supervisor makes the two.
 */
#include "workloads/socket.h"
#include "workloads/harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static int socket_type(const struct peer *peer)
{
	switch (peer_mechanism(peer)) {
	case IPCT_MECH_UNIX_STREAM:
	case IPCT_MECH_TCP:
		return SOCK_STREAM;
	case IPCT_MECH_UNIX_SEQPACKET:
		return SOCK_SEQPACKET;
	default:
		return SOCK_DGRAM;
	}
}

static enum socket_kind socket_kind(const struct peer *peer)
{
	return (enum socket_kind)peer_options(peer)->variant->kind;
}

static int socket_family(const struct peer *peer)
{
	switch (socket_kind(peer)) {
	case SOCKET_V4:
	case SOCKET_V4_SENDTO:
		return AF_INET;
	case SOCKET_V6:
		return AF_INET6;
	default:
		return AF_UNIX;
	}
}

/*
 * A datagram on a UNIX socket must fit into the sender's buffer, with 32 bytes to spare
 * (unix_dgram_sendmsg). Ask for a larger one where the default is too small.
 */
static int socket_make_room(struct peer *peer, int fd)
{
	int size = (int)peer_options(peer)->size, room, ask = size + 64;
	socklen_t len = sizeof(room);

	if (socket_type(peer) == SOCK_STREAM || socket_family(peer) != AF_UNIX)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &len))
		return -errno;
	if (room >= ask)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &ask, sizeof(ask)) ||
	    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &len))
		return -errno;
	if (room >= ask)
		return 0;
	return peer_explain(peer, EMSGSIZE,
			    "messages of %d bytes do not fit into the socket's buffer of %d; "
			    "sysctl net.core.wmem_max (/proc/sys/net/core/wmem_max) limits it",
			    size, room);
}

static int socket_new(struct peer *peer)
{
	const int one = 1;
	long fd = peer_call(peer, IPCT_ROLE_CREATE,
			    socket(socket_family(peer), socket_type(peer) | SOCK_CLOEXEC, 0));
	int err;

	if (fd < 0)
		return (int)fd;
	if (peer_mechanism(peer) == IPCT_MECH_TCP &&
	    setsockopt((int)fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		return -errno;
	err = socket_make_room(peer, (int)fd);
	return err ? err : (int)fd;
}

/* A new name to bind to: port 0 is any. */
static int socket_name(struct peer *peer, struct channel *channel, struct sockaddr_storage *name,
		       socklen_t *len)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)name;
	struct sockaddr_in *in = (struct sockaddr_in *)name;
	struct sockaddr_un *un = (struct sockaddr_un *)name;
	int err;

	memset(name, 0, sizeof(*name));
	name->ss_family = (sa_family_t)socket_family(peer);
	switch (socket_kind(peer)) {
	case SOCKET_NAMED:
		err = folder_make(channel, "socket");
		if (err)
			return err;
		*len = sizeof(*un);
		if (strlen(channel->path) >= sizeof(un->sun_path)) {
			folder_remove(channel);
			return peer_explain(peer, ENAMETOOLONG,
					    "TMPDIR is too long for the name of a socket");
		}
		memcpy(un->sun_path, channel->path, strlen(channel->path));
		return 0;
	case SOCKET_ABSTRACT:
		err = snprintf(un->sun_path + 1, sizeof(un->sun_path) - 1,
			       "ipctrace-workload.%d.%u", getpid(), channel->index);
		*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)err);
		return 0;
	case SOCKET_V6:
		in6->sin6_addr = in6addr_loopback;
		*len = sizeof(*in6);
		return 0;
	default:
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		*len = sizeof(*in);
		return 0;
	}
}

/* A bound socket; its name goes to `name`. Returns the fd or -errno. */
static int socket_bound(struct peer *peer, struct channel *channel, struct sockaddr_storage *name,
			socklen_t *len)
{
	int fd = socket_new(peer), err;

	if (fd < 0)
		return fd;
	err = socket_name(peer, channel, name, len);
	if (!err)
		err = (int)peer_call(peer, IPCT_ROLE_CONTROL,
				     bind(fd, (const struct sockaddr *)name, *len));
	if (!err && socket_family(peer) != AF_UNIX) {
		*len = sizeof(*name);
		err = getsockname(fd, (struct sockaddr *)name, len) ? -errno : 0;
	}
	return err ? err : fd;
}

static int socket_connect(struct peer *peer, int fd, const struct sockaddr_storage *name,
			  socklen_t len)
{
	return (int)peer_call(peer, IPCT_ROLE_OPEN,
			      connect(fd, (const struct sockaddr *)name, len));
}

/* A socket for sending on the channel. Returns the fd or -errno. */
static int socket_sender(struct peer *peer, struct channel *channel)
{
	int fd = socket_new(peer), err;

	if (fd < 0 || socket_kind(peer) == SOCKET_V4_SENDTO ||
	    (socket_kind(peer) == SOCKET_NAMED && socket_type(peer) == SOCK_DGRAM))
		return fd;
	err = socket_connect(peer, fd, &channel->address, channel->address_len);
	return err ? err : fd;
}

/* Both sockets of a pair that has names. */
static int socket_make_both(struct peer *supervisor, struct channel *channel)
{
	/* The name of the sender's socket belongs to the other direction. */
	struct channel *reverse = channel->reverse;
	int err;

	channel->fd[SIDE_SEND] =
		socket_bound(supervisor, reverse, &reverse->address, &reverse->address_len);
	if (channel->fd[SIDE_SEND] < 0)
		return channel->fd[SIDE_SEND];
	err = socket_connect(supervisor, channel->fd[SIDE_SEND], &channel->address,
			     channel->address_len);
	if (err)
		return err;
	return socket_connect(supervisor, channel->fd[SIDE_RECV], &reverse->address,
			      reverse->address_len);
}

static int socket_make_connection(struct peer *supervisor, struct channel *channel)
{
	int err = (int)peer_call(supervisor, IPCT_ROLE_CONTROL,
				 listen(channel->fd[SIDE_RECV], SOMAXCONN));

	if (err || channel->users[SIDE_SEND] == 1)
		return err;
	channel->fd[SIDE_SEND] = socket_sender(supervisor, channel);
	return channel->fd[SIDE_SEND] < 0 ? channel->fd[SIDE_SEND] : 0;
}

static int socket_make_pair(struct peer *supervisor, struct channel *channel)
{
	int err = (int)peer_call(supervisor, IPCT_ROLE_CREATE,
				 socketpair(AF_UNIX, socket_type(supervisor) | SOCK_CLOEXEC, 0,
					    channel->fd));

	if (!err)
		err = socket_make_room(supervisor, channel->fd[SIDE_SEND]);
	return err ? err : socket_make_room(supervisor, channel->fd[SIDE_RECV]);
}

int socket_make(struct peer *supervisor, struct channel *channel)
{
	int err = 0;

	if (socket_kind(supervisor) == SOCKET_PAIR)
		return socket_make_pair(supervisor, channel);
	channel->fd[SIDE_RECV] =
		socket_bound(supervisor, channel, &channel->address, &channel->address_len);
	if (channel->fd[SIDE_RECV] < 0)
		err = channel->fd[SIDE_RECV];
	else if (socket_type(supervisor) != SOCK_DGRAM)
		err = socket_make_connection(supervisor, channel);
	else if (channel->reverse)
		err = socket_make_both(supervisor, channel);
	if (err)
		socket_destroy(supervisor, channel);
	return err;
}

void socket_destroy(struct peer *supervisor, struct channel *channel)
{
	folder_remove(channel);
	if (channel->reverse)
		folder_remove(channel->reverse);
}

static int socket_accept(struct end *end)
{
	struct channel *channel = end->channel;
	int listener = channel->fd[SIDE_RECV];

	end->fd = (int)peer_call(end->peer, IPCT_ROLE_OPEN,
				 accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	end->owns_fd = 1;
	return end->fd < 0 ? end->fd : peer_close_fd(end->peer, listener);
}

int socket_open(struct end *end)
{
	struct channel *channel = end->channel;
	bool connects = channel->fd[SIDE_SEND] < 0;

	/* Who has both sides must connect before it can accept. */
	if (connects && (end->side == SIDE_SEND || end->is_loop)) {
		int fd = socket_sender(end->peer, channel);

		if (fd < 0)
			return fd;
		if (end->is_loop)
			channel->fd[SIDE_SEND] = fd;
		else
			end->owns_fd = 1;
		end->fd = fd;
	}
	if (end->side == SIDE_SEND && end->owns_fd)
		return 0;
	if (end->side == SIDE_RECV && socket_kind(end->peer) != SOCKET_PAIR &&
	    socket_type(end->peer) != SOCK_DGRAM)
		return socket_accept(end);
	return inherited_open(end);
}

int socket_close(struct end *end)
{
	return end->owns_fd ? peer_close_fd(end->peer, end->fd) : inherited_close(end);
}

int socket_half_close(struct end *end)
{
	if (end->side != SIDE_SEND || socket_type(end->peer) == SOCK_DGRAM)
		return 0;
	return (int)peer_call(end->peer, IPCT_ROLE_CONTROL, shutdown(end->fd, SHUT_WR));
}
