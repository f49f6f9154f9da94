/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fds on their way in messages (SCM_RIGHTS): which record of a fd that was given belongs to which
 * of one that was taken. Both name the carrier and the struct file; of several alike the one that
 * was given first is taken first, as messages keep their order.
 */
#ifndef IPCT_PASSING_TRACK_H
#define IPCT_PASSING_TRACK_H

#include "collector/object.h"

/* One side of a passing. */
struct passing_side {
	uint64_t file;
	uint32_t direction; /* of the carrier */
	uint32_t object;    /* number; 0: none */
	int64_t time_ns;
	struct process *process;
	int fd;
	char *what; /* what is no object; NULL */
	struct object *carrier;
};

/*
 * A fd that went from `from` to `to`; one of the two may be NULL: not seen. `stays`: it is in the
 * message still.
 */
typedef void (*passing_fn)(const struct passing_side *from, const struct passing_side *to,
			   bool stays, void *arg);

struct passings;

/* NULL: no memory. */
struct passings *passings_new(void);
void passings_free(struct passings *ps);

/*
 * A fd was given or taken; `peek`: it will be taken again. Owns side->what from now on. Calls `fn`
 * for each passing that is now known. 0 or -ENOMEM.
 */
int passing_give(struct passings *ps, const struct passing_side *side, passing_fn fn, void *arg);
int passing_take(struct passings *ps, const struct passing_side *side, bool peek, passing_fn fn,
		 void *arg);

/* No more will come: those of which one side was seen alone. */
void passings_finish(struct passings *ps, passing_fn fn, void *arg);

#endif
