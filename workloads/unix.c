// SPDX-License-Identifier: BSD-2-Clause
/*
 * UNIX sockets of the three types.
 */
#include "workloads/fd_io.h"
#include "workloads/socket.h"

/* A stream socket puts up to 32 KiB into one buffer, and receives never mix up whole buffers. */
#define IPCT_STREAM_ATOMIC 16384

#define UNIX_CALLS                                                                                 \
	{.name = "plain",                                                                          \
	 .doc = "socketpair; send and recv",                                                       \
	 .send = socket_send,                                                                      \
	 .recv = socket_recv},                                                                     \
		{.name = "rw",                                                                     \
		 .doc = "socketpair; write and read",                                              \
		 .send = fd_write,                                                                 \
		 .recv = fd_read},                                                                 \
		{.name = "vector",                                                                 \
		 .doc = "socketpair; writev and readv with three parts",                           \
		 .send = fd_writev,                                                                \
		 .recv = fd_readv},                                                                \
	{                                                                                          \
		.name = "msg", .doc = "socketpair; sendmsg and recvmsg with three parts",          \
		.send = socket_sendmsg, .recv = socket_recvmsg                                     \
	}

static const struct variant stream_variants[] = {
	UNIX_CALLS,
	{.name = "mmsg",
	 .doc = "socketpair; sendmmsg and recvmmsg of one message",
	 .send = socket_sendmmsg,
	 .recv = socket_recvmmsg},
	{.name = "named",
	 .doc = "a path: bind, listen, connect, accept; send and recv",
	 .kind = SOCKET_NAMED,
	 .send = socket_send,
	 .recv = socket_recv},
	{.name = "abstract",
	 .doc = "as named, under an abstract name",
	 .kind = SOCKET_ABSTRACT,
	 .send = socket_send,
	 .recv = socket_recv},
	{.name = NULL},
};

static const struct variant seqpacket_variants[] = {
	UNIX_CALLS,
	{.name = "mmsg",
	 .doc = "socketpair; sendmmsg and recvmmsg of up to four messages",
	 .batch = IPCT_MMSG_BATCH,
	 .send = socket_sendmmsg,
	 .recv = socket_recvmmsg},
	{.name = "named",
	 .doc = "a path: bind, listen, connect, accept; send and recv",
	 .kind = SOCKET_NAMED,
	 .send = socket_send,
	 .recv = socket_recv},
	{.name = "abstract",
	 .doc = "as named, under an abstract name",
	 .kind = SOCKET_ABSTRACT,
	 .send = socket_send,
	 .recv = socket_recv},
	{.name = NULL},
};

static const struct variant dgram_variants[] = {
	UNIX_CALLS,
	{.name = "mmsg",
	 .doc = "socketpair; sendmmsg and recvmmsg of up to four messages",
	 .batch = IPCT_MMSG_BATCH,
	 .send = socket_sendmmsg,
	 .recv = socket_recvmmsg},
	{.name = "named",
	 .doc = "bound to a path; sendto from a socket without one, recvfrom",
	 .kind = SOCKET_NAMED,
	 .send = socket_sendto,
	 .recv = socket_recvfrom},
	{.name = "abstract",
	 .doc = "bound to an abstract name; connect, send and recv",
	 .kind = SOCKET_ABSTRACT,
	 .send = socket_send,
	 .recv = socket_recv},
	{.name = NULL},
};

const struct mechanism unix_stream_mechanism = {
	.id = IPCT_MECH_UNIX_STREAM,
	.name = "unix_stream",
	.variants = stream_variants,
	.waits = IPCT_WAITS_ALL,
	.atomic_bytes = IPCT_STREAM_ATOMIC,
	.is_two_way = true,
	.make = socket_make,
	.destroy = socket_destroy,
	.disown = inherited_disown,
	.open = socket_open,
	.close = socket_close,
	.half_close = socket_half_close,
};

const struct mechanism unix_seqpacket_mechanism = {
	.id = IPCT_MECH_UNIX_SEQPACKET,
	.name = "unix_seqpacket",
	.variants = seqpacket_variants,
	.waits = IPCT_WAITS_ALL,
	.is_whole = true,
	.is_two_way = true,
	.make = socket_make,
	.destroy = socket_destroy,
	.disown = inherited_disown,
	.open = socket_open,
	.close = socket_close,
	.half_close = socket_half_close,
};

const struct mechanism unix_dgram_mechanism = {
	.id = IPCT_MECH_UNIX_DGRAM,
	.name = "unix_dgram",
	.variants = dgram_variants,
	.waits = IPCT_WAITS_ALL,
	.is_whole = true,
	.is_endless = true,
	.is_two_way = true,
	.make = socket_make,
	.destroy = socket_destroy,
	.disown = inherited_disown,
	.open = socket_open,
	.close = socket_close,
	.half_close = socket_half_close,
};
