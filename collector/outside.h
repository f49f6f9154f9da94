/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What went to or came from the outside: an object's other end that no traced process has. No
 * messages are known there, only the sums of the traced side.
 */
#ifndef IPCT_OUTSIDE_H
#define IPCT_OUTSIDE_H

#include "collector/aggregate.h"

/*
 * At the end of the recording: make the object's edges to and from the untraced processes that
 * hold it, or one without a name. `lossy`: records of its mechanism were lost, so that an end
 * without a partner says nothing. 0 or -ENOMEM.
 */
int outside_edges(struct aggregate *a, struct processes *ps, struct object *o, bool lossy);

/* Does a process that is not traced have one of the two ends? */
bool outside_end(const struct object *o);

#endif
