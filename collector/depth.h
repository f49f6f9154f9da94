/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How full one direction of an object is over time, and who waited for that: senders because it was
 * full, receivers because it was empty. Comes in: what is inside after each op, waits, refusals.
 * Comes out: bins of equal width, for the table `depth`, and sums, for `pressure`.
 *
 * Bins are few for objects that live shortly, and never more than DEPTH_BINS: when time goes beyond
 * them, each two become one of twice the width. Bin 0 begins at a multiple of the width, so that
 * the bins of all objects lie side by side.
 *
 * Times are nanoseconds from the start of the recording. Functions that return int return 0, or
 * -ENOMEM, when nothing has been added.
 */
#ifndef IPCT_DEPTH_H
#define IPCT_DEPTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEPTH_BINS        128
#define DEPTH_WIDTH_SHIFT 20 /* the smallest bins are 2^20 ns wide, about 1 ms */
#define DEPTH_SEVERAL     UINT32_MAX
#define DEPTH_WAITS       16 /* disjoint waits that are remembered one by one */

/* What was waited for: that there is room, or that there is something. */
enum depth_side { DEPTH_FULL, DEPTH_EMPTY, DEPTH_SIDES };

struct depth_bin {
	double byte_ns, message_ns; /* integrals of the level by ops that have ended */
	double held_ns;             /* bytes inside times ns of senders that waited half-way */
	int64_t max_bytes, max_messages;
	int64_t waited_ns[DEPTH_SIDES]; /* in which anybody waited */
};

/* Times in which anybody waited: disjoint, in order. Before `forgotten_ns` only bins know. */
struct depth_waits {
	struct {
		int64_t from_ns, to_ns;
	} v[DEPTH_WAITS];
	int count;
	int64_t forgotten_ns;
};

struct depth {
	int64_t bytes, messages; /* inside since level_ns */
	int64_t level_ns;
	/*
	 * More is never inside: where a receive lets a send go on, the send can end first.
	 * INT64_MAX: not known.
	 */
	int64_t limit_bytes, limit_messages;
	int64_t sends, recvs;
	int64_t first_ns; /* start of the first op or wait */
	int64_t last_ns;  /* end of the last one, or until when something was inside */
	int64_t max_bytes, max_messages;
	int64_t waited_ns[DEPTH_SIDES], refusals[DEPTH_SIDES];
	int64_t send_buffer, receive_buffer; /* of sockets, the largest so far; 0: not known */
	/* what was put in since something was taken out last, and when that began */
	int64_t fresh_bytes, fresh_messages, fresh_ns, taken_ns;
	int64_t fill_bytes,
		fill_messages;     /* there at first sight and still there: no op put it in */
	uint32_t giver, taker;     /* tid of who sent, received last */
	uint32_t sender, receiver; /* process that alone does so; 0: none, DEPTH_SEVERAL */

	struct depth_bin *bins;
	size_t count, room;
	int64_t base; /* bin i begins at (base + i) << shift */
	uint8_t shift;
	struct depth_waits *waits[DEPTH_SIDES]; /* NULL: nobody has waited */

	/* what the file lacks: bins from `changed` on, or all of them, as they have another width
	 */
	size_t changed;
	bool rewrite, dirty;
};

/* An empty direction; the caller ends it with depth_free. NULL: no memory. */
struct depth *depth_new(void);
void depth_free(struct depth *d);

/* An op of a thread began and ended. */
void depth_op(struct depth *d, bool sends, uint32_t process, uint32_t tid, int64_t begin_ns,
	      int64_t end_ns);

/* So much is inside from `ns` on. Calls come nearly in the order of ns. */
int depth_level(struct depth *d, int64_t ns, int64_t bytes, int64_t messages);

/* A message was put in, or taken out. */
int depth_put(struct depth *d, int64_t ns, int64_t bytes);
int depth_take(struct depth *d, int64_t ns, int64_t bytes);

/*
 * It was empty at `ns`, as a receive found. What is inside now was put in since then; whatever else
 * was thought to be inside was dropped by the kernel, or its receive was lost.
 */
int depth_was_empty(struct depth *d, int64_t ns);

/*
 * A thread waited from `from_ns` to `to_ns` because the direction was full, or empty. Times that
 * several threads waited count once. Of a send that waits with a part of its bytes in already,
 * which no op that has ended says, `inside_bytes` is how many were inside; else 0.
 */
int depth_waited(struct depth *d, enum depth_side side, int64_t from_ns, int64_t to_ns,
		 int64_t inside_bytes);

/* A call that was not to wait was refused. */
void depth_refused(struct depth *d, enum depth_side side);

/* Mean bytes inside over the bin, and messages. */
int64_t depth_bin_bytes(const struct depth *d, const struct depth_bin *bin);
double depth_bin_messages(const struct depth *d, const struct depth_bin *bin);

/* The same from the first op to the last one. */
void depth_means(const struct depth *d, double *bytes, double *messages);

/* Does the bin say anything? Others are not in the file. */
bool depth_bin_used(const struct depth_bin *bin);

#endif
