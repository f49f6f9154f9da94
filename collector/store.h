/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing a trace file: prepared statements in one transaction at a time, and a thread that writes
 * the rows of events (batch.h). Functions are for one thread. After the first failure the store
 * takes no more and says so once; what was committed stays.
 */
#ifndef IPCT_STORE_H
#define IPCT_STORE_H

#include "collector/aggregate.h"
#include "collector/block.h"
#include "collector/mapping.h"
#include "collector/passing.h"
#include "collector/thread.h"

struct store;

/* Create the file and begin. NULL after an error message. */
struct store *store_open(const char *path);

/* Each returns 0 or -EIO after the one message; *text NULL stores NULL. */
int store_meta_text(struct store *s, const char *key, const char *text);
int store_meta_int(struct store *s, const char *key, int64_t value);

/* Ops have the numbers 1, 2, ... in the order of these calls, and so have messages. */
int store_op(struct store *s, int64_t ts_ns, uint32_t object_id, const struct ipct_op *op);
int store_sleep(struct store *s, int64_t op_id, int64_t end_ns, const struct ipct_op *op,
		const struct ipct_sleep *sleep, int64_t woken_ns, int64_t ran_ns);
int store_ready(struct store *s, int64_t op_id, uint32_t object_id, int fd, int64_t events);
int store_message(struct store *s, uint32_t object_id, const struct message *m,
		  const struct parts *parts);
int store_mapping(struct store *s, const struct mapping *m, int64_t unmapped_ns);
int store_touches(struct store *s, const struct object *o, const struct user *u);
int store_passing(struct store *s, const struct passing_side *from, const struct passing_side *to,
		  uint32_t object_id);
int store_exec(struct store *s, const struct process *p, int64_t ts_ns);
int store_process(struct store *s, const struct process *p);
int store_object(struct store *s, const struct object *o);
int store_edge(struct store *s, const struct edge *e);

/* What lies in a block so far, which replaces what the file has of it. */
int store_op_block(struct store *s, const struct op_block *b);
int store_message_block(struct store *s, const struct message_block *b);
int store_thread(struct store *s, const struct thread *t);

/* A direction of an object: its sums; and its bins that the file lacks. */
int store_pressure(struct store *s, const struct object *o, int direction, const struct depth *d);
int store_depth(struct store *s, const struct object *o, int direction, const struct depth *d);
int store_call(struct store *s, unsigned mechanism, unsigned role, unsigned syscall,
	       const struct call_stat *c);

/* Replace the whole ledger: begin, then a row at a time. */
int store_ledger_begin(struct store *s);
int store_ledger(struct store *s, const char *mechanism, const char *reason, int64_t seen,
		 int64_t stored, int64_t lost);

/* Give the writing thread this nice value, if that is allowed. */
void store_nice(struct store *s, int nice);

/* Wait until the rows of all events are in the file's tables. 0 or -EIO. */
int store_drain(struct store *s);

/* Make what was stored durable and visible to readers, and go on. */
int store_commit(struct store *s);

/*
 * After a failure: give back the disk space kept for this, so that the ledger and meta can still
 * be written. 0 if the store takes rows again.
 */
int store_rescue(struct store *s);

/* True once storing has failed; *why is then the reason of the ledger, such as disk_full. */
bool store_failed(struct store *s, const char **why);

/* Commit, fold the write-ahead log into the one file, and close. NULL is allowed. */
int store_close(struct store *s);

#endif
