/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread that does nothing but move records from the ring into the spool.
 */
#ifndef IPCT_DRAIN_H
#define IPCT_DRAIN_H

#include "collector/spool.h"

struct drain;

/*
 * Start the thread on the ring buffer map `ring_fd`; it begins with mapping the ring. NULL, with
 * errno set.
 */
struct drain *drain_start(int ring_fd, struct spool *spool);

/* Wait until it reads the ring: once, and before there is anything in it. 0 or -errno. */
int drain_wait(struct drain *d);

/* Empty the ring a last time; then the caller ends the spool. NULL is allowed. */
void drain_stop(struct drain *d);

/* Stop if it has not been, and end the thread. NULL is allowed. */
void drain_free(struct drain *d);

#endif
