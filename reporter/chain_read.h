/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a trace file to the arrays of a walk. The threads come first, so that one of them and a
 * span can be chosen; then the ops of that span.
 */
#ifndef IPCT_CHAIN_READ_H
#define IPCT_CHAIN_READ_H

#include "chain_walk.h"

#include <sqlite3.h>

/* What people call a thread: by its index in the walk's arrays. */
struct chain_who {
	int64_t process_id, pid, tid;
	char *comm;         /* as it is in the file; NULL: not known */
	int64_t exit_ns;    /* of the process; CHAIN_TIME_MAX: not known */
	int64_t waiting_ns; /* in all of the recording */
};

struct chain_file {
	struct chain chain;
	struct chain_who *who; /* chain.thread_count of them, by process_id and tid */
	size_t room;
	char *calls[256];                /* names; by the `call` of an op */
	int64_t end_ns;                  /* of the recording */
	sqlite3_stmt *objects, *outside; /* for names */
};

/*
 * All threads, without ops. 0, or 1 after an error message; chain_free() in either case. Takes one
 * pass over all ops of the file, and memory for the threads only.
 */
int chain_read_threads(struct chain_file *file, sqlite3 *db);

/*
 * The ops that were off the CPU between from_ns and to_ns, about 100 bytes each, ready for a walk.
 * 0, or 1 after an error message. Once for each file.
 */
int chain_read_ops(struct chain_file *file, sqlite3 *db, int64_t from_ns, int64_t to_ns);

/* The thread's index, or CHAIN_NONE. */
uint32_t chain_find(const struct chain_file *file, int64_t process_id, int64_t tid);

void chain_free(struct chain_file *file);

#endif
