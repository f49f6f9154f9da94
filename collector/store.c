// SPDX-License-Identifier: BSD-2-Clause
/*
 * The store. The statements stand in a table, in the order of enum statement.
 *
 * A full disk must not cost the ledger, which says what was lost to it. So some megabytes are
 * allocated beside the file at the start (FILE-reserve, unlinked from the beginning), and given
 * back when the disk is full.
 */
#include "collector/store.h"

#include "collector/pressure.h"
#include "schemas/say.h"
#include "schemas/tables.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RESERVE_BYTES (8 << 20)

enum statement {
	META,
	OP,
	SLEEP,
	READY,
	MESSAGE,
	MAPPING,
	TOUCH,
	PASSING,
	EXEC,
	PROCESS,
	PROCESS_CGROUP,
	OBJECT,
	OBJECT_SIZE,
	EDGE,
	EDGE_PART,
	OP_BLOCK,
	MESSAGE_BLOCK,
	THREAD,
	EDGE_WAKEUP,
	PRESSURE,
	DEPTH_CLEAR,
	DEPTH,
	CALL,
	CALL_PART,
	LEDGER_CLEAR,
	LEDGER,
	STATEMENTS
};

static const char *const statement_sql[STATEMENTS] = {
	[META] = "INSERT OR REPLACE INTO meta VALUES (?, ?)",
	[OP] = "INSERT INTO op VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SLEEP] = "INSERT INTO sleep VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[READY] = "INSERT OR REPLACE INTO ready_object VALUES (?, ?, ?, ?)",
	[MESSAGE] = "INSERT INTO message VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[MAPPING] = "INSERT OR REPLACE INTO mapping VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[TOUCH] = "INSERT OR REPLACE INTO touch VALUES (?, ?, ?, ?)",
	[PASSING] = "INSERT INTO passing VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[EXEC] = "INSERT INTO exec VALUES (?, ?, ?, ?, ?)",
	[PROCESS] = "INSERT OR REPLACE INTO process VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[PROCESS_CGROUP] = "INSERT OR REPLACE INTO process_cgroup VALUES (?, ?)",
	[OBJECT] = "INSERT OR REPLACE INTO object VALUES "
		   "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[OBJECT_SIZE] = "INSERT OR REPLACE INTO object_size VALUES (?, ?)",
	[EDGE] = "INSERT OR REPLACE INTO edge VALUES "
		 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[EDGE_PART] = "INSERT OR REPLACE INTO edge_part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[OP_BLOCK] = "INSERT OR REPLACE INTO op_block VALUES (?, ?, ?, ?, ?, ?)",
	[MESSAGE_BLOCK] = "INSERT OR REPLACE INTO message_block VALUES (?, ?, ?, ?, ?, ?, ?)",
	[THREAD] = "INSERT OR REPLACE INTO thread VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[EDGE_WAKEUP] = "INSERT OR REPLACE INTO edge_wakeup VALUES "
			"(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[PRESSURE] = "INSERT OR REPLACE INTO pressure_sum VALUES "
		     "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[DEPTH_CLEAR] = "DELETE FROM depth_bin WHERE object_id = ? AND direction = ?",
	[DEPTH] = "INSERT OR REPLACE INTO depth_bin VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[CALL] = "INSERT OR REPLACE INTO call_stat VALUES "
		 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[CALL_PART] = "INSERT OR REPLACE INTO call_part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[LEDGER_CLEAR] = "DELETE FROM ledger_entry",
	[LEDGER] = "INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?)",
};

struct store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *st[STATEMENTS];
	int reserve_fd;     /* -1: given back, or never had */
	const char *failed; /* reason for the ledger, NULL while all is well */
};

static int fail(struct store *s)
{
	int code = sqlite3_errcode(s->db);

	if (s->failed)
		return -EIO;
	s->failed = code == SQLITE_FULL ? "disk_full" : "store_failed";
	say_error("cannot write trace '%s': %s", s->path,
		  code == SQLITE_FULL ? "No space left on device" : sqlite3_errmsg(s->db));
	say_hint("the recording ends here; what was stored so far is kept");
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return -EIO;
}

static int run(struct store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(s);
}

static int step(struct store *s, enum statement which)
{
	int code = sqlite3_step(s->st[which]);

	sqlite3_reset(s->st[which]);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : fail(s);
}

static void reserve_take(struct store *s)
{
	char name[4096];

	snprintf(name, sizeof(name), "%s-reserve", s->path);
	s->reserve_fd = open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (s->reserve_fd < 0)
		return;
	unlink(name);
	if (posix_fallocate(s->reserve_fd, 0, RESERVE_BYTES)) {
		close(s->reserve_fd);
		s->reserve_fd = -1;
	}
}

struct store *store_open(const char *path)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->reserve_fd = -1;
	s->path = strdup(path);
	s->db = trace_db_create(path);
	if (!s->db)
		goto fail;
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &s->st[i], NULL) != SQLITE_OK) {
			say_error("cannot write trace '%s': %s", path, sqlite3_errmsg(s->db));
			goto fail;
		}
	reserve_take(s);
	if (run(s, "BEGIN"))
		goto fail;
	return s;
fail:
	store_close(s);
	return NULL;
}

static void bind_text(sqlite3_stmt *st, int i, const char *text)
{
	if (text)
		sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, i);
}

/* NULL for the value that means "not known". */
static void bind_known(sqlite3_stmt *st, int i, int64_t value, bool known)
{
	if (known)
		sqlite3_bind_int64(st, i, value);
	else
		sqlite3_bind_null(st, i);
}

int store_meta_text(struct store *s, const char *key, const char *text)
{
	if (s->failed)
		return -EIO;
	bind_text(s->st[META], 1, key);
	bind_text(s->st[META], 2, text);
	return step(s, META);
}

int store_meta_int(struct store *s, const char *key, int64_t value)
{
	if (s->failed)
		return -EIO;
	bind_text(s->st[META], 1, key);
	sqlite3_bind_int64(s->st[META], 2, value);
	return step(s, META);
}

int store_op(struct store *s, int64_t op_id, int64_t ts_ns, uint32_t object_id,
	     const struct ipct_op *op)
{
	bool moves = op->role == IPCT_ROLE_SEND || op->role == IPCT_ROLE_RECV;
	bool finished = op->flags & IPCT_OP_FINISHED;
	sqlite3_stmt *st = s->st[OP];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, op_id);
	sqlite3_bind_int64(st, 2, ts_ns);
	sqlite3_bind_int64(st, 3, op->dur_ns);
	sqlite3_bind_int64(st, 4, op->blocked_ns);
	sqlite3_bind_int64(st, 5, op->head.process);
	sqlite3_bind_int64(st, 6, op->tid);
	sqlite3_bind_int64(st, 7, op->syscall);
	sqlite3_bind_int64(st, 8, op->role);
	sqlite3_bind_int64(st, 9, object_id);
	bind_known(st, 10, op->fd, op->fd >= 0);
	bind_known(st, 11, op->requested, moves || op->requested);
	bind_known(st, 12, op->bytes, moves || op->bytes);
	bind_known(st, 13, -op->result, finished && op->result < 0);
	sqlite3_bind_int(st, 14, finished);
	bind_known(st, 15, op->key,
		   mechanisms[op->head.mechanism].key && finished && op->result >= 0 &&
			   (op_gives(op) || op_takes(op)));
	return step(s, OP);
}

int store_sleep(struct store *s, int64_t op_id, const struct ipct_sleep *sleep, int64_t woken_ns,
		int64_t ran_ns)
{
	sqlite3_stmt *st = s->st[SLEEP];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, op_id);
	sqlite3_bind_int64(st, 2, sleep->waiting_ns);
	sqlite3_bind_int64(st, 3, sleep->runnable_ns);
	bind_known(st, 4, woken_ns, sleep->woken_ns);
	bind_known(st, 5, ran_ns, sleep->woken_ns);
	bind_known(st, 6, sleep->waker, sleep->woken_ns);
	bind_known(st, 7, sleep->waker_process, sleep->waker_process);
	sqlite3_bind_int64(st, 8, sleep->away_ns);
	bind_known(st, 9, sleep->slept_cpu, sleep->woken_ns);
	bind_known(st, 10, sleep->waker_cpu, sleep->woken_ns);
	bind_known(st, 11, sleep->ran_cpu, sleep->woken_ns && sleep->ran_cpu != IPCT_CPU_NONE);
	return step(s, SLEEP);
}

int store_ready(struct store *s, int64_t op_id, uint32_t object_id, int fd, int64_t events)
{
	sqlite3_stmt *st = s->st[READY];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, op_id);
	sqlite3_bind_int64(st, 2, object_id);
	sqlite3_bind_int64(st, 3, fd);
	sqlite3_bind_int64(st, 4, events);
	return step(s, READY);
}

int store_message(struct store *s, uint32_t object_id, const struct message *m,
		  const struct parts *parts)
{
	sqlite3_stmt *st = s->st[MESSAGE];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, object_id);
	bind_known(st, 2, m->send->op_id, m->send->op_id);
	bind_known(st, 3, m->recv->op_id, m->recv->op_id);
	sqlite3_bind_int64(st, 4, m->bytes);
	sqlite3_bind_int(st, 5, m->confidence);
	bind_known(st, 6, m->send->process, !m->send->op_id);
	bind_known(st, 7, m->recv->process, !m->recv->op_id);
	for (int i = 0; i < PART_IN_RECV; i++)
		sqlite3_bind_int64(st, 8 + i, parts->ns[i]);
	bind_known(st, 11, parts->wait_op, parts->wait_op);
	return step(s, MESSAGE);
}

int store_mapping(struct store *s, const struct mapping *m, int64_t unmapped_ns)
{
	char protection[] = "---";
	sqlite3_stmt *st = s->st[MAPPING];

	if (s->failed)
		return -EIO;
	if (m->protection & PROT_READ)
		protection[0] = 'r';
	if (m->protection & PROT_WRITE)
		protection[1] = 'w';
	if (m->protection & PROT_EXEC)
		protection[2] = 'x';
	sqlite3_bind_int64(st, 1, m->id);
	sqlite3_bind_int64(st, 2, m->object->id);
	sqlite3_bind_int64(st, 3, m->process->id);
	sqlite3_bind_int64(st, 4, (int64_t)m->start);
	sqlite3_bind_int64(st, 5, (int64_t)(m->end - m->start));
	sqlite3_bind_int64(st, 6, (int64_t)m->offset);
	bind_text(st, 7, protection);
	bind_known(st, 8, m->mapped_ns, m->mapped_ns != UNKNOWN_NS);
	bind_known(st, 9, unmapped_ns, unmapped_ns != UNKNOWN_NS);
	bind_text(st, 10, m->how);
	return step(s, MAPPING);
}

int store_touches(struct store *s, const struct object *o, const struct user *u)
{
	sqlite3_stmt *st = s->st[TOUCH];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int64(st, 2, u->process->id);
	sqlite3_bind_int64(st, 3, u->touch_reads);
	sqlite3_bind_int64(st, 4, u->touch_writes);
	return step(s, TOUCH);
}

int store_passing(struct store *s, const struct passing_side *from, const struct passing_side *to,
		  uint32_t object_id)
{
	const struct passing_side *any = from ? from : to;
	sqlite3_stmt *st = s->st[PASSING];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, any->carrier->id);
	bind_known(st, 2, object_id, object_id);
	bind_text(st, 3, any->what);
	bind_known(st, 4, from ? from->time_ns : 0, from);
	bind_known(st, 5, to ? to->time_ns : 0, to);
	bind_known(st, 6, from ? from->process->id : 0, from);
	bind_known(st, 7, to ? to->process->id : 0, to);
	bind_known(st, 8, from ? from->fd : 0, from);
	bind_known(st, 9, to ? to->fd : 0, to);
	return step(s, PASSING);
}

int store_exec(struct store *s, const struct process *p, int64_t ts_ns)
{
	sqlite3_stmt *st = s->st[EXEC];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, p->id);
	sqlite3_bind_int64(st, 2, ts_ns);
	bind_text(st, 3, p->comm);
	bind_text(st, 4, p->exe);
	bind_text(st, 5, p->cmdline);
	return step(s, EXEC);
}

static int process_cgroup(struct store *s, const struct process *p)
{
	sqlite3_stmt *st = s->st[PROCESS_CGROUP];

	if (!p->traced)
		return 0;
	sqlite3_bind_int64(st, 1, p->id);
	bind_text(st, 2, p->cgroup);
	return step(s, PROCESS_CGROUP);
}

int store_process(struct store *s, const struct process *p)
{
	sqlite3_stmt *st = s->st[PROCESS];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, p->id);
	bind_known(st, 2, p->pid, p->pid);
	bind_known(st, 3, p->parent, p->parent);
	bind_known(st, 4, p->ppid, p->ppid);
	bind_text(st, 5, p->address ? p->address : *p->comm ? p->comm : NULL);
	bind_text(st, 6, p->exe);
	bind_text(st, 7, p->cmdline);
	bind_known(st, 8, p->start_ns, p->start_ns != UNKNOWN_NS);
	bind_known(st, 9, p->exit_ns, p->exit_ns != UNKNOWN_NS);
	bind_known(st, 10, p->status, p->exit_ns != UNKNOWN_NS);
	sqlite3_bind_int(st, 11, p->traced);
	bind_known(st, 12, p->cpu_ns, p->cpu_ns != UNKNOWN_NS);
	return step(s, PROCESS) ?: process_cgroup(s, p);
}

static int object_size(struct store *s, const struct object *o)
{
	sqlite3_stmt *st = s->st[OBJECT_SIZE];

	if (mechanisms[o->mechanism].discipline != IPCT_DISCIPLINE_NONE || o->largest < 0)
		return 0;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int64(st, 2, o->largest);
	return step(s, OBJECT_SIZE);
}

int store_object(struct store *s, const struct object *o)
{
	sqlite3_stmt *st = s->st[OBJECT];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int(st, 2, o->mechanism);
	bind_text(st, 3, o->name);
	bind_known(st, 4, o->ino, o->ino || o->generation_known); /* a System V id may be 0 */
	bind_known(st, 5, o->dev, o->ino);
	bind_known(st, 6, o->created_ns, o->created_ns != UNKNOWN_NS);
	bind_known(st, 7, o->closed_ns, o->closed_ns != UNKNOWN_NS);
	bind_known(st, 8, o->capacity, o->capacity >= 0);
	sqlite3_bind_int64(st, 9, o->sends);
	sqlite3_bind_int64(st, 10, o->sent_bytes);
	sqlite3_bind_int64(st, 11, o->recvs);
	sqlite3_bind_int64(st, 12, o->received_bytes);
	sqlite3_bind_int64(st, 13, o->messages);
	sqlite3_bind_int64(st, 14, o->paired_bytes);
	sqlite3_bind_int64(st, 15, o->user_count);
	sqlite3_bind_int(st, 16, o->outside);
	sqlite3_bind_int(st, 17, o->left_behind);
	bind_known(st, 18, o->creator, o->creator);
	bind_text(st, 19,
		  o->two_way && o->ends_used == 1   ? o->address[1]
		  : o->two_way && o->ends_used == 2 ? o->address[0]
						    : NULL);
	return step(s, OBJECT) ?: object_size(s, o);
}

static int bind_hist(struct store *s, sqlite3_stmt *st, int i, const struct hist *h)
{
	unsigned char *blob;
	long len = hist_encode(h, &blob);

	if (len < 0)
		return (int)len;
	sqlite3_bind_blob64(st, i, blob, len, free);
	return 0;
}

static void bind_quantiles(sqlite3_stmt *st, int first, const struct hist *h)
{
	static const double q[] = {.5, .9, .99, 1};

	for (int i = 0; i < 4; i++)
		bind_known(st, first + i, i < 3 ? hist_quantile(h, q[i]) : h->max, h->count > 0);
}

/* Columns from `first` on: sum, percentiles and maximum. */
static void bind_sums(sqlite3_stmt *st, int first, const struct hist *h)
{
	sqlite3_bind_int64(st, first, h->sum);
	bind_quantiles(st, first + 1, h);
}

/* The parts that a histogram each is kept of; `key` says of what. */
static int parts_put(struct store *s, enum statement which, const int64_t key[3],
		     const struct hist *part, int count)
{
	sqlite3_stmt *st = s->st[which];
	int err = 0;

	for (int i = 0; i < count && !err; i++) {
		if (!part[i].count)
			continue;
		for (int k = 0; k < 3; k++)
			sqlite3_bind_int64(st, 1 + k, key[k]);
		sqlite3_bind_int(st, 4, i);
		bind_sums(st, 5, &part[i]);
		err = step(s, which);
	}
	return err;
}

static int wakeups_put(struct store *s, const int64_t key[3], const struct edge_wakeups *wakeups)
{
	sqlite3_stmt *st = s->st[EDGE_WAKEUP];
	int err = 0;

	for (int i = 0; wakeups && i < 2 && !err; i++) {
		if (!wakeups->by_crossing[i].transit.count)
			continue;
		for (int k = 0; k < 3; k++)
			sqlite3_bind_int64(st, 1 + k, key[k]);
		sqlite3_bind_int(st, 4, i);
		sqlite3_bind_int64(st, 5, wakeups->by_crossing[i].transit.count);
		sqlite3_bind_int64(st, 6, wakeups->by_crossing[i].moved);
		bind_sums(st, 7, &wakeups->by_crossing[i].transit);
		bind_sums(st, 12, &wakeups->by_crossing[i].runq);
		err = step(s, EDGE_WAKEUP);
	}
	return err;
}

int store_edge(struct store *s, const struct edge *e)
{
	const int64_t key[3] = {e->object->id, e->sender->id, e->receiver->id};
	sqlite3_stmt *st = s->st[EDGE];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, e->object->id);
	sqlite3_bind_int64(st, 2, e->sender->id);
	sqlite3_bind_int64(st, 3, e->receiver->id);
	bind_text(st, 4, mechanisms[e->object->mechanism].kind);
	sqlite3_bind_int64(st, 5, e->messages);
	sqlite3_bind_int64(st, 6, e->bytes);
	for (int i = 0; i < 3; i++)
		sqlite3_bind_int64(st, 7 + i, e->by_confidence[i]);
	bind_known(st, 10, e->transit.sum, !e->untraced);
	bind_quantiles(st, 11, &e->transit);
	bind_known(st, 15, e->first_ns, e->first_ns != UNKNOWN_NS);
	bind_known(st, 16, e->last_ns, e->last_ns != UNKNOWN_NS);
	if (e->untraced)
		sqlite3_bind_null(st, 17);
	else if (bind_hist(s, st, 17, &e->transit))
		return fail(s);
	sqlite3_bind_int64(st, 18, e->bytes_by_confidence[CONFIDENCE_EXACT]);
	sqlite3_bind_int64(st, 19, e->bytes_by_confidence[CONFIDENCE_INFERRED]);
	return step(s, EDGE)
		       ?: parts_put(s, EDGE_PART, key, e->part, PARTS)
		       ?: wakeups_put(s, key, e->wakeups);
}

int store_op_block(struct store *s, const struct op_block *b)
{
	sqlite3_stmt *st = s->st[OP_BLOCK];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, b->first);
	sqlite3_bind_int64(st, 2, b->first + b->count - 1);
	sqlite3_bind_int64(st, 3, b->start_ns.min);
	sqlite3_bind_int64(st, 4, b->start_ns.max);
	sqlite3_bind_int64(st, 5, b->end_ns.min);
	sqlite3_bind_int64(st, 6, b->end_ns.max);
	return step(s, OP_BLOCK);
}

int store_message_block(struct store *s, const struct message_block *b)
{
	sqlite3_stmt *st = s->st[MESSAGE_BLOCK];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, b->first);
	sqlite3_bind_int64(st, 2, b->first + b->count - 1);
	bind_known(st, 3, b->send.min, b->send.max);
	bind_known(st, 4, b->send.max, b->send.max);
	bind_known(st, 5, b->recv.min, b->recv.max);
	bind_known(st, 6, b->recv.max, b->recv.max);
	sqlite3_bind_int64(st, 7, b->transit_max_ns);
	return step(s, MESSAGE_BLOCK);
}

int store_thread(struct store *s, const struct thread *t)
{
	sqlite3_stmt *st = s->st[THREAD];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, t->process);
	sqlite3_bind_int64(st, 2, t->tid);
	sqlite3_bind_int64(st, 3, t->ops);
	bind_known(st, 4, t->first_ns, t->ops);
	bind_known(st, 5, t->last_ns, t->ops);
	sqlite3_bind_int64(st, 6, (int64_t)t->dur_ns);
	sqlite3_bind_int64(st, 7, (int64_t)t->blocked_ns);
	sqlite3_bind_int64(st, 8, (int64_t)t->waiting_ns);
	sqlite3_bind_int64(st, 9, (int64_t)t->runnable_ns);
	return step(s, THREAD);
}

int store_pressure(struct store *s, const struct object *o, int direction, const struct depth *d)
{
	int64_t capacity = pressure_capacity(o, d);
	double bytes, messages;
	sqlite3_stmt *st = s->st[PRESSURE];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int(st, 2, direction);
	bind_known(st, 3, capacity, capacity >= 0);
	bind_known(st, 4, o->capacity_messages, o->capacity_messages);
	sqlite3_bind_int64(st, 5, d->max_bytes);
	sqlite3_bind_int64(st, 6, d->max_messages);
	sqlite3_bind_int64(st, 7, d->waited_ns[DEPTH_FULL]);
	sqlite3_bind_int64(st, 8, d->waited_ns[DEPTH_EMPTY]);
	sqlite3_bind_int64(st, 9, d->refusals[DEPTH_FULL]);
	sqlite3_bind_int64(st, 10, d->refusals[DEPTH_EMPTY]);
	bind_known(st, 11, d->first_ns, d->first_ns >= 0);
	bind_known(st, 12, d->last_ns, d->last_ns >= 0);
	depth_means(d, &bytes, &messages);
	sqlite3_bind_double(st, 13, bytes);
	sqlite3_bind_double(st, 14, messages);
	sqlite3_bind_int64(st, 15, d->sends);
	sqlite3_bind_int64(st, 16, d->recvs);
	bind_known(st, 17, d->sender, d->sender && d->sender != DEPTH_SEVERAL);
	bind_known(st, 18, d->receiver, d->receiver && d->receiver != DEPTH_SEVERAL);
	return step(s, PRESSURE);
}

static int depth_bin(struct store *s, const struct object *o, int direction, const struct depth *d,
		     size_t i)
{
	const struct depth_bin *bin = &d->bins[i];
	sqlite3_stmt *st = s->st[DEPTH];

	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int(st, 2, direction);
	sqlite3_bind_int64(st, 3, (d->base + (int64_t)i) << d->shift);
	sqlite3_bind_int64(st, 4, (int64_t)1 << d->shift);
	sqlite3_bind_int64(st, 5, depth_bin_bytes(d, bin));
	sqlite3_bind_double(st, 6, depth_bin_messages(d, bin));
	sqlite3_bind_int64(st, 7, bin->max_bytes);
	sqlite3_bind_int64(st, 8, bin->max_messages);
	sqlite3_bind_int64(st, 9, bin->waited_ns[DEPTH_FULL]);
	sqlite3_bind_int64(st, 10, bin->waited_ns[DEPTH_EMPTY]);
	return step(s, DEPTH);
}

int store_depth(struct store *s, const struct object *o, int direction, const struct depth *d)
{
	sqlite3_stmt *st = s->st[DEPTH_CLEAR];
	int err = 0;

	if (s->failed)
		return -EIO;
	if (d->rewrite) {
		sqlite3_bind_int64(st, 1, o->id);
		sqlite3_bind_int(st, 2, direction);
		err = step(s, DEPTH_CLEAR);
	}
	for (size_t i = d->changed; i < d->count && !err; i++)
		if (depth_bin_used(&d->bins[i]))
			err = depth_bin(s, o, direction, d, i);
	return err;
}

int store_call(struct store *s, unsigned mechanism, unsigned role, unsigned syscall,
	       const struct call_stat *c)
{
	const int64_t key[3] = {mechanism, role, syscall};
	sqlite3_stmt *st = s->st[CALL];

	if (s->failed)
		return -EIO;
	sqlite3_bind_int64(st, 1, mechanism);
	sqlite3_bind_int64(st, 2, role);
	sqlite3_bind_int64(st, 3, syscall);
	sqlite3_bind_int64(st, 4, c->count);
	sqlite3_bind_int64(st, 5, c->errors);
	sqlite3_bind_int64(st, 6, c->bytes);
	sqlite3_bind_int64(st, 7, c->dur.sum);
	bind_quantiles(st, 8, &c->dur);
	sqlite3_bind_int64(st, 12, c->blocked_ns);
	if (bind_hist(s, st, 13, &c->dur))
		return fail(s);
	sqlite3_bind_int64(st, 14, c->timeouts);
	return step(s, CALL) ?: parts_put(s, CALL_PART, key, c->part, CALL_PARTS);
}

int store_ledger_begin(struct store *s)
{
	return s->failed ? -EIO : step(s, LEDGER_CLEAR);
}

int store_ledger(struct store *s, const char *mechanism, const char *reason, int64_t seen,
		 int64_t stored, int64_t lost)
{
	sqlite3_stmt *st = s->st[LEDGER];

	if (s->failed)
		return -EIO;
	bind_text(st, 1, mechanism);
	bind_text(st, 2, reason);
	sqlite3_bind_int64(st, 3, seen);
	sqlite3_bind_int64(st, 4, stored);
	sqlite3_bind_int64(st, 5, lost);
	return step(s, LEDGER);
}

int store_commit(struct store *s)
{
	if (s->failed)
		return -EIO;
	return run(s, "COMMIT; BEGIN");
}

int store_rescue(struct store *s)
{
	if (!s->failed)
		return 0;
	if (s->reserve_fd < 0)
		return -EIO;
	close(s->reserve_fd);
	s->reserve_fd = -1;
	s->failed = NULL;
	return run(s, "BEGIN");
}

bool store_failed(const struct store *s, const char **why)
{
	*why = s->failed;
	return s->failed;
}

int store_close(struct store *s)
{
	int err = 0;

	if (!s)
		return 0;
	if (s->db && !s->failed && !sqlite3_get_autocommit(s->db))
		err = run(s, "COMMIT");
	if (s->reserve_fd >= 0)
		close(s->reserve_fd);
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->st[i]);
	if (trace_db_finish(s->db))
		err = -EIO;
	free(s->path);
	free(s);
	return err;
}
