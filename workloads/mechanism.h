/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the file of a mechanism provides: a row of hooks that make its channels and use them, and
 * the variants, which are other calls for the same traffic. The harness decides who sends what
 * to whom, counts sends and receives, and checks the content; hooks count the other roles, with
 * peer_op. To add a mechanism: a file with its row, and the row's name in main.c.
 *
 * Hooks return 0 or bytes, or -errno. They print nothing.
 */
#ifndef IPCT_MECHANISM_H
#define IPCT_MECHANISM_H

#include <limits.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "workloads/tally.h"

struct oplog;
struct peer;

enum side { SIDE_RECV, SIDE_SEND }; /* in the order of pipe(2)'s fds */

/* One object, through which bytes go one way. */
struct channel {
	unsigned index;
	unsigned users[2];      /* peers on each side */
	int fd[2];              /* ends that peers inherit; -1 where there are none */
	atomic_uint sharers[2]; /* peers in this process that still use fd[side] */
	char path[PATH_MAX];    /* its name, where it has one */
};

/* A peer's access to one side of a channel. */
struct end {
	struct peer *peer;
	struct channel *channel;
	enum side side;
	unsigned is_open : 1;
	unsigned is_loop : 1; /* the peer has the other side too: opening must not wait for it */
	int fd;               /* for the hooks */
	int first_fd;         /* for the variant */
	struct oplog *log;
};

struct variant {
	const char *name; /* NULL ends the table */
	const char *doc;
	unsigned keeps; /* the buffers of so many sends before must stay as they are */
	ssize_t (*send)(struct end *end, const void *buf, size_t len_bytes);
	ssize_t (*recv)(struct end *end, void *buf, size_t len_bytes); /* 0: end of file */
	/* Pass bytes on in one call. If set, a relay process stands between sender and receiver. */
	ssize_t (*relay)(struct end *in, struct end *out, size_t len_bytes);
	/* If set: after the mechanism's open, and before its close. */
	int (*opened)(struct end *end);
	int (*closing)(struct end *end);
};

struct mechanism {
	enum ipct_mechanism id;
	const char *name;
	const struct variant *variants; /* the first is the default */
	size_t atomic_bytes;            /* sends up to here are never mixed with others' */
	/* By the supervisor, before there are other peers and after they are gone. */
	int (*make)(struct peer *supervisor, struct channel *channel);
	void (*destroy)(struct peer *supervisor, struct channel *channel); /* may be NULL */
	/* By each process, for a side that it inherited and has no peer for. May be NULL. */
	int (*disown)(struct peer *peer, struct channel *channel, enum side side);
	/* By a peer, in the order of channels. */
	int (*open)(struct end *end);
	int (*close)(struct end *end);
};

extern const struct mechanism pipe_mechanism, fifo_mechanism;

/* Variants of what is read and written through the fd of a pipe or FIFO. pipe_io.c */
extern const struct variant pipe_variants[];

/* Around each system call that is no send or receive; peer_op_end gives back `result`. */
void peer_op(struct peer *peer, enum ipct_role role);
int peer_op_end(struct peer *peer, enum ipct_role role, int result);

/* close(fd), counted. 0 or -errno. */
int peer_close_fd(struct peer *peer, int fd);

#endif
