/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time, in nanoseconds.
 */
#ifndef IPCT_CLOCK_H
#define IPCT_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

#endif
