/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The times of a program that ran untraced and traced in turn, and how they compare.
 */
#ifndef IPCT_CALIBRATION_H
#define IPCT_CALIBRATION_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>
#include "schemas/event.h"

#define IPCT_ROUNDS_MAX 100

/* Of a run of the program, with its descendants as far as they were waited for. */
struct run_times {
	int64_t wall_ns; /* from when it was let go until it was seen to have ended */
	int64_t cpu_ns;
};

/* A round is an untraced run and the traced one after it. */
struct calibration {
	int rounds; /* that there will be */
	int untraced_count, traced_count;
	struct run_times untraced[IPCT_ROUNDS_MAX], traced[IPCT_ROUNDS_MAX];
};

/* Have all rounds been run? */
bool calibration_complete(const struct calibration *c);

/*
 * What the rounds show, when all have been run: medians, and of the rounds' own ratios the median,
 * the smallest and the largest.
 */
void calibration_sum(const struct calibration *c, struct ipct_calibration *out);

#endif
