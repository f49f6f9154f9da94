/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole recordings, made up: small, with something of everything, and the same on every machine.
 */
#ifndef IPCT_TESTS_SAMPLES_H
#define IPCT_TESTS_SAMPLES_H

#include "tests/unit/records.h"

/* sh -c 'made | up | count': three stages, two pipes, 1009 lines and their end. */
void sample_pipeline(struct records *r);

/*
 * A FIFO made, opened, closed by all with bytes inside and opened again; a reader that finds it
 * empty, one that is killed, and a program outside that writes to it too.
 */
void sample_fifo(struct records *r);

/* One write and one read: as short as a whole recording can be. */
void sample_short(struct records *r);

#endif
