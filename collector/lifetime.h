/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lifetimes of objects: which processes have them open, when the last one closed, and whether
 * someone outside the recording has them open too.
 */
#ifndef IPCT_LIFETIME_H
#define IPCT_LIFETIME_H

#include "collector/object.h"

/* What the op did to the process's fds and to the object; `end_ns` is when it returned. */
int lifetime_op(struct objects *os, struct process *p, struct instance *in,
		const struct ipct_op *op, int64_t end_ns);

/* `p` was forked: it has its parent's fds. 0 or -ENOMEM. */
int lifetime_fork(struct processes *ps, struct objects *os, struct process *p,
		  const struct ipct_fork *f, int64_t ns);

/*
 * A fd went into a message, which holds the object until it is taken; or `p` took it out of one as
 * `fd`. `number`: of the object; 0: none. 0 or -ENOMEM.
 */
void lifetime_given(struct objects *os, uint32_t number);
int lifetime_taken(struct objects *os, struct process *p, int fd, uint32_t number, bool cloexec,
		   int64_t ns);

/* The message holds it no more. */
void lifetime_arrived(struct objects *os, uint32_t number, int64_t ns);

void lifetime_exec(struct objects *os, struct process *p, int64_t ns);
void lifetime_exit(struct objects *os, struct process *p, int64_t ns);
void lifetime_range(struct objects *os, struct process *p, const struct ipct_fd_range *r,
		    int64_t ns);

/* Did the op remove the object or its name? */
void lifetime_removed(struct object *o, const struct ipct_op *op, int64_t end_ns);

/* Was the FIFO opened by more than the traced processes? */
bool lifetime_outside(const struct instance *in);

/*
 * Something other than an fd holds the object with this number: a mapping. Each hold needs its
 * release.
 */
void lifetime_hold(struct objects *os, uint32_t number);
void lifetime_release(struct objects *os, uint32_t number, int64_t ns);

#endif
