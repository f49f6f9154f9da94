/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording in progress: the program, the probes, the thread that empties the ring, the thread
 * that stores. record.c decides what to record and how it ends; this runs it.
 */
#ifndef IPCT_SESSION_H
#define IPCT_SESSION_H

#include "collector/collector.h"

struct session_options {
	const char *output, *capture; /* capture may be NULL */
	const char *user;             /* NULL: as we are */
	char **argv;
	double seconds; /* 0: until the program ends */
};

struct session_result {
	int exit_status; /* of `record` */
	int64_t file_bytes;
	struct collector_sums sums;
	double duration_s;
};

/*
 * Record. Messages about failures have been said when it returns. 0 if the trace file is there
 * and complete; result->exit_status is set in any case.
 */
int session_run(const struct session_options *o, struct recording *rec,
		struct session_result *result);

#endif
