// SPDX-License-Identifier: BSD-2-Clause
/*
 * From a trace file to the arrays of a walk.
 */
#include "chain_read.h"
#include "query.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <stdlib.h>
#include <string.h>

extern const char chain_threads_sql[], chain_ops_sql[], chain_object_sql[], chain_outside_sql[];

#define CALLS (sizeof(((struct chain_file *)0)->calls) / sizeof(char *))

/* The columns of the two queries. */
enum { T_PROCESS, T_TID, T_FIRST, T_LAST, T_WAITING, T_PID, T_COMM, T_START, T_EXIT, T_PARENT };
enum {
	O_START,
	O_END,
	O_WAITING,
	O_RUNNABLE,
	O_LOCKED,
	O_AWAY,
	O_WOKEN,
	O_RAN,
	O_ACTED,
	O_PROCESS,
	O_TID,
	O_WAKER_PROCESS,
	O_WAKER,
	O_OBJECT,
	O_CALL,
	O_FINISHED,
	O_TIMED_OUT,
};

static int say_no_memory(void)
{
	say_error("cannot follow the chain: out of memory");
	return 1;
}

static bool is_null(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

/* A time or duration of the file, or `otherwise` where there is none. */
static int64_t time_of(sqlite3_stmt *rows, int column, int64_t otherwise)
{
	int64_t ns = sqlite3_column_int64(rows, column);

	if (is_null(rows, column))
		return otherwise;
	return ns < 0 ? 0 : ns > CHAIN_TIME_MAX ? CHAIN_TIME_MAX : ns;
}

static int by_ids(const void *a, const void *b)
{
	const struct chain_who *one = a, *other = b;

	if (one->process_id != other->process_id)
		return one->process_id < other->process_id ? -1 : 1;
	return (one->tid > other->tid) - (one->tid < other->tid);
}

uint32_t chain_find(const struct chain_file *file, int64_t process_id, int64_t tid)
{
	struct chain_who key = {.process_id = process_id, .tid = tid}, *found = NULL;

	if (file->chain.thread_count)
		found = bsearch(&key, file->who, file->chain.thread_count, sizeof(key), by_ids);
	return found ? (uint32_t)(found - file->who) : CHAIN_NONE;
}

static int threads_grow(struct chain_file *file)
{
	size_t room = file->room ? 2 * file->room : 64;
	struct chain_thread *threads;
	struct chain_who *who;

	threads = reallocarray(file->chain.threads, room, sizeof(*threads));
	if (!threads)
		return say_no_memory();
	file->chain.threads = threads;
	who = reallocarray(file->who, room, sizeof(*who));
	if (!who)
		return say_no_memory();
	file->who = who;
	file->room = room;
	return 0;
}

/*
 * The main thread of the parent, which is most often the one that forked. Processes are numbered
 * in the order of their beginning, so it is among those before.
 */
static uint32_t parent_find(const struct chain_file *file, int64_t process_id)
{
	struct chain_who any = {.process_id = process_id, .tid = INT64_MIN};
	size_t low = 0, high = file->chain.thread_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_ids(&file->who[middle], &any) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == file->chain.thread_count || file->who[low].process_id != process_id)
		return CHAIN_NONE;
	return chain_find(file, process_id, file->who[low].pid);
}

static int thread_add(struct chain_file *file, sqlite3_stmt *rows)
{
	size_t count = file->chain.thread_count;
	const char *comm = (const char *)sqlite3_column_text(rows, T_COMM);
	struct chain_thread *thread;
	struct chain_who *who;

	if (count == CHAIN_NONE - 1 || (count == file->room && threads_grow(file)))
		return 1;
	who = &file->who[count];
	*who = (struct chain_who){
		.process_id = sqlite3_column_int64(rows, T_PROCESS),
		.pid = sqlite3_column_int64(rows, T_PID),
		.tid = sqlite3_column_int64(rows, T_TID),
		.exit_ns = time_of(rows, T_EXIT, CHAIN_TIME_MAX),
		.waiting_ns = time_of(rows, T_WAITING, 0),
	};
	thread = &file->chain.threads[count];
	*thread = (struct chain_thread){
		.start_ns = time_of(rows, T_START, 0),
		.first_ns = time_of(rows, T_FIRST, 0),
		.last_ns = time_of(rows, T_LAST, 0),
		.parent = parent_find(file, sqlite3_column_int64(rows, T_PARENT)),
		.main = who->tid == who->pid,
	};
	file->chain.thread_count++;
	who->comm = comm ? strdup(comm) : NULL;
	return comm && !who->comm ? say_no_memory() : 0;
}

/* The end of the recording: what meta says, and no earlier than the last call. */
static int64_t end_find(const struct chain_file *file, sqlite3 *db)
{
	char *text = trace_db_meta(db, "duration_ns");
	int64_t end_ns = text ? strtoll(text, NULL, 10) : 0;

	free(text);
	for (size_t i = 0; i < file->chain.thread_count; i++)
		if (file->chain.threads[i].last_ns > end_ns)
			end_ns = file->chain.threads[i].last_ns;
	return end_ns > CHAIN_TIME_MAX ? CHAIN_TIME_MAX : end_ns;
}

int chain_read_threads(struct chain_file *file, sqlite3 *db)
{
	sqlite3_stmt *rows = query_open(db, chain_threads_sql);
	int more = 0, failed;

	file->objects = query_open(db, chain_object_sql);
	file->outside = query_open(db, chain_outside_sql);
	failed = !file->objects || !file->outside;

	while (!failed && (more = query_next(rows)) > 0)
		failed = thread_add(file, rows);
	sqlite3_finalize(rows);
	file->end_ns = end_find(file, db);
	return failed || more < 0;
}

/* The number of a call's name; those beyond what any trace has share the last one. */
static uint16_t call_number(struct chain_file *file, sqlite3_stmt *rows)
{
	const char *name = (const char *)sqlite3_column_text(rows, O_CALL);
	uint16_t i = 0;

	name = name ? name : "";
	while (i < CALLS - 1 && file->calls[i] && strcmp(file->calls[i], name))
		i++;
	if (!file->calls[i])
		file->calls[i] = strdup(i < CALLS - 1 ? name : "?");
	return i;
}

/* What the op waited for, if that is no thread that can be followed. */
static enum chain_kind wait_kind(sqlite3_stmt *rows)
{
	/* A call that never returned was woken by the end of the recording, or of its thread. */
	if (!sqlite3_column_int(rows, O_FINISHED) &&
	    sqlite3_column_int64(rows, O_WOKEN) >= sqlite3_column_int64(rows, O_END))
		return CHAIN_NEVER;
	if (is_null(rows, O_WAKER))
		return CHAIN_UNKNOWN;
	if (sqlite3_column_int64(rows, O_WAKER))
		return is_null(rows, O_WAKER_PROCESS) ? CHAIN_OUTSIDE : CHAIN_UNKNOWN;
	return sqlite3_column_int(rows, O_TIMED_OUT) ? CHAIN_TIMEOUT : CHAIN_KERNEL;
}

static void op_fill(struct chain_op *op, struct chain_file *file, uint32_t thread,
		    sqlite3_stmt *rows)
{
	*op = (struct chain_op){
		.start_ns = time_of(rows, O_START, 0),
		.end_ns = time_of(rows, O_END, 0),
		.waiting_ns = time_of(rows, O_WAITING, 0),
		.runnable_ns = time_of(rows, O_RUNNABLE, 0),
		.locked_ns = time_of(rows, O_LOCKED, 0),
		.away_ns = time_of(rows, O_AWAY, 0),
		.woken_ns = time_of(rows, O_WOKEN, -1),
		.ran_ns = time_of(rows, O_RAN, -1),
		.acted_ns = time_of(rows, O_ACTED, CHAIN_TIME_MAX),
		.thread = thread,
		.waker = CHAIN_NONE,
		.waker_tid = (uint32_t)sqlite3_column_int64(rows, O_WAKER),
		.object = (uint32_t)sqlite3_column_int64(rows, O_OBJECT),
		.call = call_number(file, rows),
		.kind = wait_kind(rows),
	};
	if (op->kind == CHAIN_UNKNOWN && !is_null(rows, O_WAKER_PROCESS))
		op->waker = chain_find(file, sqlite3_column_int64(rows, O_WAKER_PROCESS),
				       sqlite3_column_int64(rows, O_WAKER));
}

/*
 * Of the ops that begin at the end of the span or later, the first one of each thread is wanted:
 * it has the time that its thread was off the CPU before. Ops of a thread come in their order.
 */
static bool is_wanted(const struct chain_file *file, uint32_t thread, bool *passed,
		      int64_t start_ns, int64_t to_ns)
{
	if (thread == CHAIN_NONE || (start_ns >= to_ns && passed[thread]))
		return false;
	passed[thread] |= start_ns >= to_ns;
	return true;
}

static int op_add(struct chain_file *file, size_t *room, uint32_t thread, sqlite3_stmt *rows)
{
	struct chain *chain = &file->chain;

	if (chain->op_count == *room) {
		size_t more = *room ? 2 * *room : 1024;
		struct chain_op *ops = reallocarray(chain->ops, more, sizeof(*ops));

		if (!ops)
			return say_no_memory();
		chain->ops = ops;
		*room = more;
	}
	op_fill(&chain->ops[chain->op_count++], file, thread, rows);
	return 0;
}

int chain_read_ops(struct chain_file *file, sqlite3 *db, int64_t from_ns, int64_t to_ns)
{
	bool *passed = calloc(file->chain.thread_count + 1, sizeof(*passed));
	sqlite3_stmt *rows = passed ? query_open(db, chain_ops_sql) : NULL;
	int more = 0, failed = passed ? 0 : say_no_memory();
	size_t room = 0;

	query_bind(rows, ":from", from_ns);
	while (!failed && (more = query_next(rows)) > 0) {
		uint32_t thread = chain_find(file, sqlite3_column_int64(rows, O_PROCESS),
					     sqlite3_column_int64(rows, O_TID));

		if (is_wanted(file, thread, passed, sqlite3_column_int64(rows, O_START), to_ns))
			failed = op_add(file, &room, thread, rows);
	}
	sqlite3_finalize(rows);
	free(passed);
	chain_prepare(&file->chain);
	return failed || more < 0;
}

void chain_free(struct chain_file *file)
{
	for (size_t i = 0; i < file->chain.thread_count; i++)
		free(file->who[i].comm);
	for (size_t i = 0; i < CALLS; i++)
		free(file->calls[i]);
	free(file->chain.threads);
	free(file->chain.ops);
	free(file->who);
	sqlite3_finalize(file->objects);
	sqlite3_finalize(file->outside);
}
