/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording of any size, made up: for what must not grow with the number of events.
 */
#ifndef IPCT_TESTS_TRAFFIC_H
#define IPCT_TESTS_TRAFFIC_H

#include <stdint.h>

#define TRAFFIC_PROCESSES_MAX 1000

/*
 * Write a capture in which `processes` (3 to TRAFFIC_PROCESSES_MAX, without the one that starts
 * them) send each other messages over a pipe each until there are `ops` calls at least. Needs no
 * more memory for more calls. 0, -EINVAL, or -EIO after an error message.
 */
int traffic_capture(const char *path, uint64_t ops, unsigned processes);

#endif
