/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all mechanisms with sockets share: how their objects are made (socket.c), and the calls
 * that move messages through them (socket_io.c).
 */
#ifndef IPCT_SOCKET_H
#define IPCT_SOCKET_H

#include "workloads/mechanism.h"

/* The `kind` of a variant. */
enum socket_kind {
	SOCKET_PAIR,      /* socketpair */
	SOCKET_NAMED,     /* a path in the file system */
	SOCKET_ABSTRACT,  /* an abstract UNIX name */
	SOCKET_V4,        /* 127.0.0.1 */
	SOCKET_V6,        /* ::1 */
	SOCKET_V4_SENDTO, /* the same, and senders name the receiver in each call */
};

int socket_make(struct peer *supervisor, struct channel *channel);
void socket_destroy(struct peer *supervisor, struct channel *channel);
int socket_open(struct end *end);
int socket_close(struct end *end);
int socket_half_close(struct end *end);

/* send and recv */
ssize_t socket_send(struct end *end, const void *buf, size_t len_bytes);
ssize_t socket_recv(struct end *end, void *buf, size_t len_bytes);

/* sendto with the receiver's address, and recvfrom */
ssize_t socket_sendto(struct end *end, const void *buf, size_t len_bytes);
ssize_t socket_recvfrom(struct end *end, void *buf, size_t len_bytes);

/* sendmsg and recvmsg with three parts */
ssize_t socket_sendmsg(struct end *end, const void *buf, size_t len_bytes);
ssize_t socket_recvmsg(struct end *end, void *buf, size_t len_bytes);

/* sendmmsg and recvmmsg, with a struct mmsghdr for each message */
#define IPCT_MMSG_BATCH 4
ssize_t socket_sendmmsg(struct end *end, const void *buf, size_t len_bytes);
ssize_t socket_recvmmsg(struct end *end, void *buf, size_t len_bytes);

#endif
