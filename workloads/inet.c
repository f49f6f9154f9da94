// SPDX-License-Identifier: BSD-2-Clause
/*
 * TCP and UDP over the loopback interface.
 */
#include "workloads/fd_io.h"
#include "workloads/harness.h"
#include "workloads/socket.h"

#define IPCT_UDP_MAX_V4 65507 /* 65535 less the headers */
#define IPCT_UDP_MAX_V6 65527
#define IPCT_UDP_MOST   32   /* datagrams under way */
#define IPCT_UDP_COST   2048 /* what the kernel counts for a datagram beside its bytes, and more */

/*
 * A sender that finds the buffer full lets others in between. With so few bytes under way it never
 * does, so that senders which share a connection do not tear each other's messages apart.
 */
#define IPCT_TCP_SHARED 8192

#define INET_CALLS                                                                                 \
	{.name = "plain",                                                                          \
	 .doc = "127.0.0.1; send and recv",                                                        \
	 .kind = SOCKET_V4,                                                                        \
	 .send = socket_send,                                                                      \
	 .recv = socket_recv},                                                                     \
		{.name = "rw",                                                                     \
		 .doc = "127.0.0.1; write and read",                                               \
		 .kind = SOCKET_V4,                                                                \
		 .send = fd_write,                                                                 \
		 .recv = fd_read},                                                                 \
		{.name = "vector",                                                                 \
		 .doc = "127.0.0.1; writev and readv with three parts",                            \
		 .kind = SOCKET_V4,                                                                \
		 .send = fd_writev,                                                                \
		 .recv = fd_readv},                                                                \
		{.name = "msg",                                                                    \
		 .doc = "127.0.0.1; sendmsg and recvmsg with three parts",                         \
		 .kind = SOCKET_V4,                                                                \
		 .send = socket_sendmsg,                                                           \
		 .recv = socket_recvmsg},                                                          \
	{                                                                                          \
		.name = "v6", .doc = "::1; send and recv", .kind = SOCKET_V6, .send = socket_send, \
		.recv = socket_recv                                                                \
	}

static const struct variant tcp_variants[] = {
	INET_CALLS,
	{.name = "mmsg",
	 .doc = "127.0.0.1; sendmmsg and recvmmsg of one message",
	 .kind = SOCKET_V4,
	 .send = socket_sendmmsg,
	 .recv = socket_recvmmsg},
	{.name = NULL},
};

static const struct variant udp_variants[] = {
	INET_CALLS,
	{.name = "mmsg",
	 .doc = "127.0.0.1; sendmmsg and recvmmsg of up to four messages",
	 .kind = SOCKET_V4,
	 .batch = IPCT_MMSG_BATCH,
	 .send = socket_sendmmsg,
	 .recv = socket_recvmmsg},
	{.name = "sendto",
	 .doc = "127.0.0.1; sendto without a connection, recvfrom",
	 .kind = SOCKET_V4_SENDTO,
	 .send = socket_sendto,
	 .recv = socket_recvfrom},
	{.name = NULL},
};

static unsigned tcp_window(const struct options *options, const struct channel *channel)
{
	unsigned most = (unsigned)(IPCT_TCP_SHARED / options->size);

	if (channel->users[SIDE_SEND] < 2)
		return 0;
	return most ? most : 1;
}

/* So few that the receiver's buffer holds them all, and none is dropped. */
static unsigned udp_window(const struct options *options, const struct channel *channel)
{
	uint64_t room = sysctl_number("/proc/sys/net/core/rmem_default", 65536);
	uint64_t most = room / 2 / (2 * options->size + IPCT_UDP_COST);

	if (most > IPCT_UDP_MOST)
		most = IPCT_UDP_MOST;
	return most ? (unsigned)most : 1;
}

static int udp_check(struct peer *supervisor)
{
	const struct options *o = peer_options(supervisor);
	size_t most = o->variant->kind == SOCKET_V6 ? IPCT_UDP_MAX_V6 : IPCT_UDP_MAX_V4;

	if (o->size <= most)
		return 0;
	return peer_explain(supervisor, EMSGSIZE,
			    "messages of %zu bytes are over the limit of a datagram, %zu bytes",
			    o->size, most);
}

const struct mechanism tcp_mechanism = {
	.id = IPCT_MECH_TCP,
	.name = "tcp",
	.variants = tcp_variants,
	.waits = IPCT_WAITS_ALL,
	.atomic_bytes = IPCT_TCP_SHARED / 2,
	.is_two_way = true,
	.window = tcp_window,
	.make = socket_make,
	.destroy = socket_destroy,
	.disown = inherited_disown,
	.open = socket_open,
	.close = socket_close,
	.half_close = socket_half_close,
};

const struct mechanism udp_mechanism = {
	.id = IPCT_MECH_UDP,
	.name = "udp",
	.variants = udp_variants,
	.waits = IPCT_WAITS_ALL,
	.is_whole = true,
	.is_endless = true,
	.is_two_way = true,
	.check = udp_check,
	.window = udp_window,
	.make = socket_make,
	.destroy = socket_destroy,
	.disown = inherited_disown,
	.open = socket_open,
	.close = socket_close,
	.half_close = socket_half_close,
};
