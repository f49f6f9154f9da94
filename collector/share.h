/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who shares memory with whom: an edge from each process that could write to an object to each one
 * that had it mapped at the same time or later, as what was stored stays there while the object
 * lives. Stores are seen by no call, so such an edge has neither messages nor bytes; it tells since
 * when something can have passed, and until when the receiver looked.
 */
#ifndef IPCT_SHARE_H
#define IPCT_SHARE_H

#include "collector/aggregate.h"

/*
 * Processes of one object that have edges to each other: their number is the square of this one.
 * Those that come later have none.
 */
#define SHARERS_MAX 256

enum share_how { SHARE_READS = 1, SHARE_WRITES = 2, SHARE_STAYS = 4 };

/*
 * `p` can read and write (`how`) the object at `ns`, until share_end if it stays. Returns 1 if it
 * is one process too many, 0, or -ENOMEM.
 */
int share_begin(struct aggregate *a, struct object *o, struct process *p, unsigned how, int64_t ns);

/* One of the ways in which it stayed has ended. */
void share_end(struct aggregate *a, struct object *o, struct process *p, int64_t ns);

/* The recording ends with processes that have it mapped. */
void share_finish(struct aggregate *a, struct object *o, int64_t ns);

#endif
