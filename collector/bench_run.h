/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running the cases of a bench: each is a run of ipctrace-workload, several in turn from a script
 * where they are traced, as attaching the probes takes longer than a case.
 */
#ifndef IPCT_BENCH_RUN_H
#define IPCT_BENCH_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/bench_file.h"
#include "collector/bench_matrix.h"

struct bench_options {
	struct bench_axes axes;
	const char *output;
	int rounds, traced_rounds; /* 0: no tracing */
	double seconds;            /* that each run is to take */
	int64_t messages;          /* of each sender in each run; 0: by `seconds` */
	const char *untraced_why;  /* where traced_rounds is 0 */
	char **argv;
};

/*
 * Run it all into o->output. Messages about failures have been said when it returns. 0 if the file
 * is there and complete, 1 if it is not, 128+N if signal N ended it: then what there is is kept.
 */
int bench_run(const struct bench_options *o);

#endif
