/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file of a bench as it is written. All functions but the makers return 0, or -EIO after an
 * error message.
 */
#ifndef IPCT_BENCH_FILE_H
#define IPCT_BENCH_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/bench_matrix.h"
#include "collector/bench_result.h"

struct bench_file;

/*
 * Create the file: mechanisms, their limits as they are here, cases. `path` must not exist. NULL
 * after an error message. bench_file_close() ends it, which takes NULL.
 */
struct bench_file *bench_file_new(const char *path, const struct bench_matrix *matrix);
int bench_file_close(struct bench_file *file);

/* A row of meta: a text, unless it is NULL, or else a number. What was there is replaced. */
int bench_file_meta(struct bench_file *file, const char *key, const char *text, int64_t number);

/* The case as it is now: its status, reason and number of messages. */
int bench_file_case(struct bench_file *file, const struct bench_case *c);

/* A run of a case; `started_ns` since the bench began. */
int bench_file_run(struct bench_file *file, const struct bench_case *c, bool traced, int round,
		   int64_t started_ns, const struct bench_result *result);

/*
 * Where the transit went between the threads `peers` (",12,13,"), from the trace file at `trace`,
 * for a traced run of the case.
 */
int bench_file_parts(struct bench_file *file, const struct bench_case *c, int round,
		     const char *trace, const char *peers);

/* Make everything so far visible to readers. */
int bench_file_commit(struct bench_file *file);

#endif
