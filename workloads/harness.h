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

enum pin { PIN_NONE, PIN_SAME, PIN_CROSS };

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
	enum wait wait;
	enum pin pin;
	const char *log_path;    /* for a line about each message that was received, or NULL */
	const char *result_path; /* for what a benchmark wants to know, or NULL: result.h */
	bool header_only; /* the content behind messages' headers is made once, not checked */
};

struct run;

struct pattern {
	const char *name; /* NULL ends the table */
	const char *doc;
	void (*plan)(struct run *run); /* adds the channels and peers */
	bool needs_atomic;             /* only right where a send is not torn apart */
	bool needs_two_way;            /* both directions on one object */
	bool is_loop; /* one peer has both sides, so there is no place for a relay */
	bool hangs;   /* the peers never end; the supervisor kills them */
};

extern const struct pattern patterns[];

/* Round trips as the peer that speaks first measures them. */
struct round_trips {
	uint64_t count, p50_ns, p90_ns, p99_ns, max_ns;
};

/* What a peer and the supervisor share. */
struct peer_shared {
	_Alignas(64) struct tally tally; /* a cache line is never shared with another peer's */
	_Atomic int tid;                 /* set when all ends are open and the work begins */
	_Atomic uint64_t sent;           /* messages of which the sends have returned */
	struct round_trips round_trips;
	uint64_t first_send_ns; /* CLOCK_MONOTONIC, before the first send; 0: none */
	uint64_t last_recv_ns;  /* after the last receive that took something; 0: none */
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
	struct stamp *stamps; /* of each exchange, where a result is wanted; shared. NULL: none */
	pid_t pid;            /* of its process, in the supervisor; 0 if it is not there */
	char why[200];        /* what a hook had to say about its failure */
};

/* Peers that have come to a place where all wait for each other; shared. */
struct gate {
	_Atomic unsigned arrived;
};

struct run {
	const struct options *options;
	struct content content;
	unsigned channel_count, peer_count;
	struct channel *channels;
	struct peer *peers;
	struct peer supervisor;
	struct tally own; /* what the harness itself does; only told where it could be mistaken */
	struct gate *opened, *done;
	int cpus[2]; /* to which peers are bound in turn */
	int log_fd;  /* -1: no log of messages is wanted */
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

/* The peer that sends as number `sender` on the channel; NULL if none does. */
const struct peer *run_sender(const struct run *run, const struct channel *channel,
			      unsigned sender);

/* For patterns. Ends of a peer must be added in the order of channels. */
struct link run_link(struct run *run);
struct channel *run_reverse(struct run *run, struct channel *channel);
struct peer *run_peer(struct run *run, const char *name, int (*work)(struct peer *peer));
void peer_end(struct peer *peer, struct channel *channel, enum side side);

/* Body of the peer between the two channels of a link. patterns.c */
int relay_work(struct peer *peer);

/*
 * One system call each, counted and logged. Bytes, 0 for the end of the file, or -errno after a
 * message; a call that a signal interrupted, or that found nothing where it does not block, is
 * made again, and counted again. end.c
 */
ssize_t end_send(struct end *end, const void *buf, size_t len_bytes);
ssize_t end_recv(struct end *end, void *buf, size_t len_bytes);
ssize_t end_relay(struct end *in, struct end *out, size_t len_bytes);

/* Open it; close it unless that was done already. 0, or -errno after a message. */
int end_open(struct end *end);
int end_close(struct end *end);

/*
 * Wait until there is room for `count` messages in the channel's window, and take it; give it
 * back. Waits without a call on anything that could be traced, or without any if it `spins`.
 */
void window_enter(struct channel *channel, unsigned count, bool spins);
void window_leave(struct channel *channel, unsigned count);

/* Choose the CPUs that the options ask for; bind the calling thread to that of `peer`. pin.c */
int pin_choose(struct run *run);
int pin_peer(const struct peer *peer);

/* "ipctrace-workload: <peer>: <message>" on stderr. Returns -err. */
int peer_complain(struct peer *peer, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
