/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of a recording before it begins.
 */
#ifndef IPCT_DESCRIBE_H
#define IPCT_DESCRIBE_H

#include "collector/collector.h"

/*
 * Fill the words of `rec` and the number of CPUs: a program of `argv` runs here and now, as `user`
 * unless NULL. recording_clear() ends it. What there is no memory for stays NULL.
 */
void recording_describe(struct recording *rec, char **argv, const char *user);

#endif
