/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The critical chain of a thread: what its time in a span depended on. While it waits, the time is
 * that of the thread that ended the wait, from the beginning of the wait to its end; and so on
 * for the waits of that thread. This cuts the span into pieces, each of which belongs to one
 * thread and has one kind. Their sum is always the span.
 *
 * A walk over arrays: where they come from is chain_read.h.
 */
#ifndef IPCT_CHAIN_WALK_H
#define IPCT_CHAIN_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAIN_NONE UINT32_MAX

/* Waits within waits are followed no deeper: far above what programs do. */
#define CHAIN_DEPTH 64

/* No time of a trace may be above it, so that two can be added. */
#define CHAIN_TIME_MAX (INT64_MAX / 4)

enum chain_kind {
	CHAIN_RAN,     /* on a CPU */
	CHAIN_RUNQ,    /* ready, and waiting for a CPU */
	CHAIN_LOCKED,  /* asleep in a recorded call for a lock, memory or a disk */
	CHAIN_AWAY,    /* off the CPU between recorded calls: asleep in other calls, or preempted */
	CHAIN_UNSEEN,  /* before its first or after its last recorded call: nobody knows */
	CHAIN_UNBORN,  /* its process did not exist yet */
	CHAIN_ON_WAY,  /* what ended the wait was sent, and the kernel had not delivered it yet */
	CHAIN_TIMEOUT, /* waited for its own time-out */
	CHAIN_KERNEL,  /* waited until an interrupt: a timer, a device, the network */
	CHAIN_OUTSIDE, /* waited for a thread that is not traced */
	CHAIN_NEVER,   /* waited, and nothing had ended that when the recording did */
	CHAIN_UNKNOWN, /* waited, and who ended it is not known */
	CHAIN_CIRCLE,  /* waited for a thread that by the record was itself waiting for this one */
	CHAIN_KINDS
};

/* An op whose thread was off the CPU in it or before it. Times as in the trace file. */
struct chain_op {
	int64_t start_ns, end_ns;
	int64_t waiting_ns, runnable_ns, locked_ns, away_ns;
	int64_t woken_ns, ran_ns; /* of its last sleep; negative: there was none */
	int64_t acted_ns;         /* when the waker had done what ended that sleep */
	uint32_t thread;          /* index */
	uint32_t waker;           /* index, or CHAIN_NONE: `kind` says what it was */
	uint32_t waker_tid;       /* for people, where the waker is CHAIN_OUTSIDE */
	uint32_t object;          /* object_id */
	uint16_t call;            /* the reader's number for the call's name */
	uint16_t kind;            /* of the wait, where no thread is to be followed */
};

struct chain_thread {
	int64_t start_ns; /* of its process; 0 if that was there before, or if it is not known */
	int64_t first_ns, last_ns; /* begin of its first op, end of its last one, slept or not */
	uint32_t parent;     /* index of the main thread of its process's parent, CHAIN_NONE */
	bool main;           /* it is as old as its process */
	size_t first, count; /* its ops; set by chain_prepare */
};

struct chain {
	struct chain_op *ops;
	size_t op_count;
	struct chain_thread *threads;
	size_t thread_count;
};

/* A part of the span in which nothing changed. */
struct chain_piece {
	enum chain_kind kind;
	int64_t from_ns, to_ns;
	uint32_t thread;
	const struct chain_op *op; /* the call that it lies in; NULL: in none, or none recorded */
};

/* What a walk meets, in the order of time. All return 0, or an error that ends the walk. */
struct chain_sink {
	/*
	 * The pieces from here to `leave` are those of `thread`, which ended the wait `op` of
	 * the thread before. NULL: `thread` had not yet started the process of that one.
	 */
	int (*enter)(void *arg, const struct chain_op *op, uint32_t thread);
	void (*leave)(void *arg);
	int (*piece)(void *arg, const struct chain_piece *piece);
	void *arg;
};

/*
 * Bring ops, which may hold any numbers, into the order that a walk needs, and their parts into
 * their calls. The indices in them must be below thread_count, or CHAIN_NONE.
 */
void chain_prepare(struct chain *chain);

/* Walk over [from_ns, to_ns) of `thread`. 0, or the error of the sink. */
int chain_walk(const struct chain *chain, uint32_t thread, int64_t from_ns, int64_t to_ns,
	       const struct chain_sink *sink);

#endif
