/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording in progress: the program, the probes, the thread that empties the ring, the thread
 * that stores. record.c decides what to record and how it ends; this runs it.
 */
#ifndef IPCT_SESSION_H
#define IPCT_SESSION_H

#include "collector/calibration.h"
#include "collector/collector.h"

#include <signal.h>

#define IPCT_EXIT_OWN_FAILURE 125 /* of `record`, whose status is else the program's */

struct session_options {
	const char *output, *capture; /* capture may be NULL */
	const char *user;             /* NULL: as we are */
	char **argv;
	double seconds;              /* 0: until the program ends */
	const sigset_t *signal_mask; /* that the program starts with; NULL: ours */
	/* Gets the times of a traced run that succeeds; when complete, it goes into the file. */
	struct calibration *calibration; /* NULL: none is wanted */
};

struct session_result {
	int exit_status; /* of `record` */
	int64_t file_bytes;
	struct collector_sums sums;
	double duration_s;
	struct run_times times; /* of the program, if its end was seen */
	int signal;             /* the first SIGINT or SIGTERM that came, or 0 */
};

/*
 * Record. Messages about failures have been said when it returns. 0 if the trace file is there
 * and complete; result->exit_status is set in any case.
 */
int session_run(const struct session_options *o, struct recording *rec,
		struct session_result *result);

/* Run the program without any of it, in the same way. Sets exit_status, times and signal. */
int session_run_untraced(const struct session_options *o, struct session_result *result);

#endif
