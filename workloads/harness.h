/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run: channels, and peers (processes or threads) that send and receive on them as a pattern
 * says. The supervisor, which is the process that the user started, makes the channels, starts
 * the peers, waits for them, removes the channels and adds up the truth.
 */
#ifndef IPCT_HARNESS_H
#define IPCT_HARNESS_H

#include <stdbool.h>

#include "workloads/content.h"
#include "workloads/mechanism.h"

struct options {
	const struct mechanism *mechanism;
	const struct variant *variant;
	const struct pattern *pattern;
	uint64_t messages;   /* of each sender */
	size_t size;         /* of a message, bytes */
	size_t receive_size; /* bytes that a receive asks for; 0: the rest of the message */
	unsigned threads;    /* senders of fanin, receivers of fanout */
	uint64_t seed;
	bool peers_are_threads;
};

struct run;

struct pattern {
	const char *name; /* NULL ends the table */
	const char *doc;
	void (*plan)(struct run *run); /* adds the channels and peers */
	bool needs_atomic;             /* only right where a send is not torn apart */
	bool is_loop; /* one peer has both sides, so there is no place for a relay */
	bool hangs;   /* the peers never end; the supervisor kills them */
};

extern const struct pattern patterns[];

/* What a peer and the supervisor share. */
struct peer_shared {
	_Alignas(64) struct tally tally; /* a cache line is never shared with another peer's */
	_Atomic int tid;                 /* set when all ends are open and the work begins */
};

struct peer {
	struct run *run;
	unsigned number; /* among those of the same name */
	const char *name;
	int (*work)(struct peer *peer); /* 0 or -errno, after a message */
	unsigned sender;                /* in messages' content, if it sends */
	uint64_t first, stride;         /* numbers of the messages that it receives */
	unsigned end_count;
	struct end *ends; /* in the order of channels */
	struct peer_shared *shared;
	pid_t pid; /* of its process, in the supervisor; 0 if it is not there */
};

struct run {
	const struct options *options;
	struct content content;
	unsigned channel_count, peer_count;
	struct channel *channels;
	struct peer *peers;
	struct peer supervisor;
	_Atomic unsigned *arrived; /* shared: peers that have opened their ends */
};

/* A way from senders to receivers: one channel, or two with a relay between. */
struct link {
	struct channel *in, *out;
};

/* Make a run by `options`, which must outlive it. NULL and errno on failure. */
struct run *run_new(const struct options *options);
void run_free(struct run *run);

/*
 * Do it. 0 if every peer succeeded; 1 after a message; 128+N if signal N ended it. The channels
 * are removed in any case.
 */
int run_execute(struct run *run);

/* For patterns. Ends of a peer must be added in the order of channels. */
struct link run_link(struct run *run);
struct peer *run_peer(struct run *run, const char *name, int (*work)(struct peer *peer));
void peer_end(struct peer *peer, struct channel *channel, enum side side);

/* Body of the peer between the two channels of a link. patterns.c */
int relay_work(struct peer *peer);

/*
 * One system call each, counted and logged. Bytes, 0 for the end of the file, or -errno after a
 * message; a call that a signal interrupted is made again, and counted again.
 */
ssize_t end_send(struct end *end, const void *buf, size_t len_bytes);
ssize_t end_recv(struct end *end, void *buf, size_t len_bytes);
ssize_t end_relay(struct end *in, struct end *out, size_t len_bytes);

/* Close it unless that was done already. 0, or -errno after a message. */
int end_close(struct end *end);

/* "ipctrace-workload: <peer>: <message>" on stderr. Returns -err. */
int peer_complain(const struct peer *peer, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
