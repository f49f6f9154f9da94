/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the file of a mechanism provides: a row of hooks that make its channels and use them, and
 * the variants, which are other calls for the same traffic. The harness decides who sends what
 * to whom, counts sends and receives, and checks the content; hooks count all other calls, with
 * peer_call. To add a mechanism: a file with its row, and the row's name in main.c.
 *
 * Hooks return 0 or bytes, or -errno. They print nothing; where a number is no explanation they
 * leave words with peer_explain.
 */
#ifndef IPCT_MECHANISM_H
#define IPCT_MECHANISM_H

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "workloads/tally.h"

struct options;
struct oplog;
struct peer;

enum side { SIDE_RECV, SIDE_SEND }; /* in the order of pipe(2)'s fds */

/* How a receive waits for what is not there yet; a mechanism has a mask of 1 << enum wait. */
enum wait { WAIT_BLOCK, WAIT_POLL, WAIT_SPIN };

#define IPCT_WAITS_BLOCK (1 << WAIT_BLOCK)
#define IPCT_WAITS_POLL  (1 << WAIT_POLL)
#define IPCT_WAITS_SPIN  (1 << WAIT_SPIN)
#define IPCT_WAITS_ALL   (IPCT_WAITS_BLOCK | IPCT_WAITS_POLL | IPCT_WAITS_SPIN)

/* What all processes know of a channel. */
struct channel_shared {
	_Alignas(64) atomic_uint in_flight; /* messages, where there is a window */
	atomic_int receiver;                /* pid */
};

/* One object, through which bytes go one way. */
struct channel {
	unsigned index;
	unsigned users[2];      /* peers on each side */
	int fd[2];              /* ends that peers inherit; -1 where there are none */
	atomic_uint sharers[2]; /* peers in this process that still use fd[side] */
	atomic_uint here;       /* ends in this process that are still open, of both sides */
	unsigned window;        /* messages that may be under way, so that none is lost; 0: any */
	struct channel_shared *shared;
	struct channel *reverse; /* the other direction of the same object, if that has a channel */
	bool is_reverse;         /* made, opened and closed by the hooks for `reverse` */
	char path[PATH_MAX];     /* its name, where it has one */
	/* For the mechanism's file. */
	struct sockaddr_storage address;
	socklen_t address_len;
	int key, id;           /* System V */
	int bell_key, bell_id; /* of a doorbell's semaphores */
	unsigned bell_count;
	int *bell_fds; /* of doorbells that are eventfds */
	void *memory;  /* a mapping that peers inherit */
	size_t memory_bytes;
};

/* Of several classes of messages: which ones a receive takes, and which of them first. */
struct pick {
	enum pick_by { PICK_OLDEST, PICK_LOWEST, PICK_HIGHEST } by;
	unsigned low, high; /* classes */
};

/* A peer's access to one side of a channel. */
struct end {
	struct peer *peer;
	struct channel *channel;
	enum side side;
	unsigned is_open : 1;
	unsigned is_loop : 1; /* the peer has the other side too: opening must not wait for it */
	unsigned is_nonblocking : 1;
	unsigned owns_fd : 1; /* for the hooks: no other peer has this fd */
	int fd;               /* for the hooks; -1: none */
	int first_fd;         /* for the variant */
	void *state;          /* for the hooks */
	unsigned turn;        /* of a ring: the sender whose message came last */
	unsigned class;       /* of the message to be sent, or received last, where there are any */
	struct pick pick;     /* what the next receive is to take */
	uint64_t receives;    /* calls made */
	struct oplog *log;
};

struct variant {
	const char *name; /* NULL ends the table */
	const char *doc;
	int kind;           /* for the mechanism's file */
	unsigned waits;     /* mask; 0: those of the mechanism */
	unsigned keeps;     /* the buffers of so many sends before must stay as they are */
	unsigned batch;     /* messages that one call can move; 0: one */
	unsigned classes;   /* so many classes of messages overtake each other (order.h); 0: none */
	bool picks;         /* a receive can choose among them; otherwise the highest comes first */
	bool is_bare;       /* messages have no content: `buf` is not used, lengths are counts */
	bool counts_itself; /* the hooks count the calls of sends and receives, too */
	enum ipct_mechanism uncounted; /* the C library makes calls on it that no one can count */
	ssize_t (*send)(struct end *end, const void *buf, size_t len_bytes);
	ssize_t (*recv)(struct end *end, void *buf, size_t len_bytes); /* 0: end of file */
	/* Pass bytes on in one call. If set, a relay process stands between sender and receiver. */
	ssize_t (*relay)(struct end *in, struct end *out, size_t len_bytes);
	/* If set: after the mechanism's open, and before its close. */
	int (*opened)(struct end *end);
	int (*closing)(struct end *end);
};

/* Where the truth's number of messages comes from. */
enum message_source {
	MESSAGES_LOGGED,  /* from the lengths of sends and receives (oplog.h) */
	MESSAGES_COUNTED, /* the hooks count them, with peer_message */
	MESSAGES_NONE,    /* nothing passes in calls */
};

struct mechanism {
	enum ipct_mechanism id;
	const char *name;
	const struct variant *variants; /* the first is the default */
	unsigned waits;                 /* mask */
	size_t atomic_bytes;            /* sends up to here are never mixed with others' */
	size_t size;                    /* of a message by default; 0: the harness's default */
	const char *size_is;            /* if set: why --size is refused */
	bool is_whole;                  /* a receive takes a message whole, or cuts it off */
	bool is_endless;        /* no receive finds the end of the file: receivers count messages */
	bool is_two_way;        /* one object can carry both directions */
	bool between_processes; /* there must be two */
	enum message_source messages;
	/* By the supervisor, before all else: are these options within the system's limits? */
	int (*check)(struct peer *supervisor);
	/* Messages that may be under way on the channel. NULL or 0: any number. */
	unsigned (*window)(const struct options *options, const struct channel *channel);
	/* By the supervisor, before there are other peers and after they are gone. */
	int (*make)(struct peer *supervisor, struct channel *channel);
	void (*destroy)(struct peer *supervisor, struct channel *channel); /* may be NULL */
	/* By each process, for a side that it inherited and has no peer for. May be NULL. */
	int (*disown)(struct peer *peer, struct channel *channel, enum side side);
	/* By each process, for a channel that it inherited and has no peer for. May be NULL. */
	int (*abandon)(struct peer *peer, struct channel *channel);
	/* By a peer, in the order of channels. */
	int (*open)(struct end *end);
	int (*close)(struct end *end);
	/* Close one direction of an end that has both; may be NULL. */
	int (*half_close)(struct end *end);
};

extern const struct mechanism pipe_mechanism, fifo_mechanism, posix_mq_mechanism, sysv_mq_mechanism,
	sysv_shm_mechanism, posix_shm_mechanism, memfd_mechanism, mmap_file_mechanism,
	mmap_anon_mechanism, unix_stream_mechanism, unix_dgram_mechanism, unix_seqpacket_mechanism,
	tcp_mechanism, udp_mechanism, eventfd_mechanism, signal_mechanism, futex_mechanism,
	sysv_sem_mechanism, pty_mechanism, process_vm_mechanism;

/* Variants of what is read and written through the fd of a pipe or FIFO. pipe_io.c */
extern const struct variant pipe_variants[];

const struct options *peer_options(const struct peer *peer);
enum ipct_mechanism peer_mechanism(const struct peer *peer); /* the one under test */

/*
 * A system call on an object of `mechanism`, counted: the value of `call`, or -errno where that
 * is negative. Bytes are counted for the roles send and recv.
 */
#define peer_call_on(peer, mechanism, role, call)                                                  \
	({                                                                                         \
		peer_op(peer, mechanism, role);                                                    \
		long result_ = (long)(call);                                                       \
		result_ = result_ < 0 ? -errno : result_;                                          \
		peer_op_end(peer, mechanism, role,                                                 \
			    (role) == IPCT_ROLE_SEND || (role) == IPCT_ROLE_RECV ? result_ : 0);   \
		result_;                                                                           \
	})
/* The same on the mechanism under test. */
#define peer_call(peer, role, call) peer_call_on(peer, peer_mechanism(peer), role, call)

/* The two halves of it: a call begins; a call ended, and moved `bytes`. */
void peer_op(struct peer *peer, enum ipct_mechanism mechanism, enum ipct_role role);
void peer_op_end(struct peer *peer, enum ipct_mechanism mechanism, enum ipct_role role,
		 int64_t bytes);

/* Count messages that no log shows. */
void peer_message(struct peer *peer, enum ipct_mechanism mechanism, uint64_t count, uint64_t bytes);

/* Leave words for the complaint about the hook that now fails. Returns -err. */
int peer_explain(struct peer *peer, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* close(fd), counted on the mechanism under test. 0 or -errno. */
int peer_close_fd(struct peer *peer, int fd);

/* Is this the last end on that side, or on the whole channel, that the process closes? */
bool end_is_last_on_side(struct end *end);
bool end_is_last_here(struct end *end);

/* A number from a file such as /proc/sys/kernel/msgmax; `otherwise` if it cannot be read. */
uint64_t sysctl_number(const char *path, uint64_t otherwise);

/* Hooks for channels that are a pair of fds which peers inherit. inherited.c */
int inherited_open(struct end *end);
int inherited_close(struct end *end);
int inherited_disown(struct peer *peer, struct channel *channel, enum side side);

/* The same for channels of one fd, fd[0], that both sides use. */
int inherited_one_open(struct end *end);
int inherited_one_close(struct end *end);
int inherited_one_abandon(struct peer *peer, struct channel *channel);

/*
 * Make a new folder below $TMPDIR, or /tmp, and set the channel's path to `name` in it; remove
 * both. folder.c
 */
int folder_make(struct channel *channel, const char *name);
void folder_remove(struct channel *channel);

#endif
