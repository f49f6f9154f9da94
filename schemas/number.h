/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smaller and the larger of two numbers.
 */
#ifndef IPCT_NUMBER_H
#define IPCT_NUMBER_H

#include <stdint.h>

static inline int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
