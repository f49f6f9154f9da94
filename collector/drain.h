/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread that does nothing but move records from the ring into the spool.
 */
#ifndef IPCT_DRAIN_H
#define IPCT_DRAIN_H

#include "collector/spool.h"

struct drain;

/* Start the thread on the ring buffer map `ring_fd`. NULL, with errno set. */
struct drain *drain_start(int ring_fd, struct spool *spool);

/*
 * Empty the ring a last time and end the thread; the caller ends the spool. NULL is allowed.
 */
void drain_stop(struct drain *d);

#endif
