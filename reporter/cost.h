/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What recording cost the program, in words: by the loop that was timed at the start, and by
 * --calibrate.
 */
#ifndef IPCT_REPORTER_COST_H
#define IPCT_REPORTER_COST_H

#include <sqlite3.h>
#include <stdbool.h>

#define IPCT_COST_LEN 256

struct cost {
	char probes[IPCT_COST_LEN];   /* what the probes added; empty: not known */
	char slowdown[IPCT_COST_LEN]; /* what --calibrate found; empty: it was not asked for */
	char alert[IPCT_COST_LEN]; /* the probes took so much that it changed the program; or empty
				    */
};

void cost_read(sqlite3 *db, struct cost *cost);

#endif
