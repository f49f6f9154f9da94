/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a workload said about its run: the file of `ipctrace-workload --result`, whose lines are
 * described in workloads/result.h.
 */
#ifndef IPCT_BENCH_RESULT_H
#define IPCT_BENCH_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "schemas/hist.h"

#define IPCT_BENCH_PEERS_LEN 512

struct bench_result {
	uint64_t size, messages, bytes, elapsed_ns;
	struct hist rtt, one_way;         /* empty where peers take no turns */
	char peers[IPCT_BENCH_PEERS_LEN]; /* their thread ids, each between commas: ",12,13," */
};

/*
 * Read the file at `path`. 0 with a result that bench_result_clear() ends, -errno if it cannot be
 * read, -EINVAL if it is not such a file or not whole.
 */
int bench_result_read(const char *path, struct bench_result *result);
void bench_result_clear(struct bench_result *result);

/*
 * Why a workload failed: the first line of what it said on stderr, without its own name in front.
 * Always fills `why`.
 */
void bench_reason_read(const char *path, char *why, size_t size);

#endif
