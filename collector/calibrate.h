/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `ipctrace record --calibrate`: the program untraced and traced in turn.
 */
#ifndef IPCT_CALIBRATE_H
#define IPCT_CALIBRATE_H

#include "collector/session.h"

/*
 * Run the program once to warm up, then untraced and traced `rounds` times (at most
 * IPCT_ROUNDS_MAX), print how they compare, and leave the last traced run's recording as
 * o->output, with the comparison in it. Stops at the first run that fails, or at a signal.
 * Returns as session_run.
 */
int calibrate_run(const struct session_options *o, int rounds, struct recording *rec,
		  struct session_result *result);

#endif
