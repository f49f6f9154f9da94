// SPDX-License-Identifier: BSD-2-Clause
/*
 * Batches of rows, and the thread that writes them.
 *
 * A bound statement a row would cost more than the row: binding, starting and ending a statement,
 * opening and closing its cursor. So the batch at hand is a virtual table (`batch`, of columns c0,
 * c1, ...), and one statement takes all its rows.
 */
#include "collector/batch.h"

#include "schemas/say.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define COLUMNS_MAX 10
#define BATCH_WORDS 8192 /* 64 KiB */
#define BATCHES_MAX 64   /* under way */

/*
 * Ops and messages are numbered from 1 in the order in which they come, so SQLite's own numbers are
 * theirs, and the place of each is known to be the end of its table.
 */
static const struct {
	const char *insert;
	int columns;
} tables[BATCH_TABLES] = {
	[BATCH_OP] = {"INSERT INTO op_row(kind_id, ts_ns, dur_ns, blocked_ns, bytes, finished)"
		      " SELECT c0, c1, c2, c3, c4, c5 FROM batch",
		      6},
	[BATCH_OP_KIND] = {"INSERT INTO op_kind SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9"
			   " FROM batch",
			   10},
	[BATCH_SLEEP] = {"INSERT INTO sleep_row SELECT c0, c1, c2, c3, c4, c5, c6 FROM batch", 7},
	[BATCH_SLEEP_KIND] = {"INSERT INTO sleep_kind SELECT c0, c1, c2, c3, c4, c5 FROM batch", 6},
	[BATCH_READY] = {"INSERT OR REPLACE INTO ready_object SELECT c0, c1, c2, c3 FROM batch", 4},
	[BATCH_MESSAGE] = {"INSERT INTO message_row(kind_id, recv_op, send_distance, bytes,"
			   " in_send_ns, in_object_ns, in_runq_ns, wait_distance)"
			   " SELECT c0, c1, c2, c3, c4, c5, c6, c7 FROM batch",
			   8},
	[BATCH_MESSAGE_KIND] = {"INSERT INTO message_kind SELECT c0, c1, c2, c3, c4 FROM batch", 5},
};

struct batch {
	struct batch *next;
	enum batch_table table;
	int count; /* rows */
	int64_t v[BATCH_WORDS];
};

struct batches {
	sqlite3_stmt *insert[BATCH_TABLES];
	pthread_t thread;
	pid_t tid; /* of the thread; 0 until it runs */
	bool started;

	struct batch *filling[BATCH_TABLES]; /* the caller's own */
	int made;                            /* likewise: batches that there are */

	const struct batch *written; /* the thread's own: what the virtual table shows */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct batch *first, *last; /* to be written */
	struct batch *spare;
	bool busy, stop;
	int error;
};

/* The virtual table. */

struct batch_view {
	sqlite3_vtab base;
	const struct batches *b;
};

struct batch_cursor {
	sqlite3_vtab_cursor base;
	const struct batch *batch;
	const int64_t *row;
	int at;
};

static int view_connect(sqlite3 *db, void *arg, int argc, const char *const *argv,
			sqlite3_vtab **out, char **error)
{
	struct batch_view *view = sqlite3_malloc(sizeof(*view));

	if (!view)
		return SQLITE_NOMEM;
	memset(view, 0, sizeof(*view));
	view->b = arg;
	*out = &view->base;
	return sqlite3_declare_vtab(db, "CREATE TABLE x(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9)");
}

static int view_disconnect(sqlite3_vtab *view)
{
	sqlite3_free(view);
	return SQLITE_OK;
}

static int view_plan(sqlite3_vtab *view, sqlite3_index_info *info)
{
	return SQLITE_OK; /* there is but one way */
}

static int cursor_open(sqlite3_vtab *view, sqlite3_vtab_cursor **out)
{
	struct batch_cursor *c = sqlite3_malloc(sizeof(*c));

	if (!c)
		return SQLITE_NOMEM;
	memset(c, 0, sizeof(*c));
	*out = &c->base;
	return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static int cursor_begin(sqlite3_vtab_cursor *base, int plan, const char *text, int argc,
			sqlite3_value **argv)
{
	struct batch_cursor *c = (struct batch_cursor *)base;

	c->batch = ((struct batch_view *)base->pVtab)->b->written;
	c->row = c->batch->v;
	c->at = 0;
	return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
	struct batch_cursor *c = (struct batch_cursor *)base;

	c->at++;
	c->row += tables[c->batch->table].columns;
	return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
	const struct batch_cursor *c = (struct batch_cursor *)base;

	return c->at >= c->batch->count;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int column)
{
	const struct batch_cursor *c = (struct batch_cursor *)base;

	if (c->row[column] != BATCH_NULL) /* a result is NULL from the beginning */
		sqlite3_result_int64(out, c->row[column]);
	return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
	*rowid = ((struct batch_cursor *)base)->at;
	return SQLITE_OK;
}

static const sqlite3_module view_module = {
	.xConnect = view_connect, /* without xCreate: it is there, and no one can make another */
	.xBestIndex = view_plan,
	.xDisconnect = view_disconnect,
	.xDestroy = view_disconnect,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_begin,
	.xNext = cursor_next,
	.xEof = cursor_eof,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid,
};

/* The thread. */

static void batch_write(struct batches *b, const struct batch *batch)
{
	sqlite3_stmt *insert = b->insert[batch->table];
	int code;

	if (batches_error(b))
		return;
	b->written = batch;
	code = sqlite3_step(insert);
	sqlite3_reset(insert);
	if (code != SQLITE_DONE)
		__atomic_store_n(&b->error, code, __ATOMIC_RELEASE);
}

static void *batches_run(void *arg)
{
	struct batches *b = arg;
	struct batch *batch;

	__atomic_store_n(&b->tid, gettid(), __ATOMIC_RELAXED);
	pthread_mutex_lock(&b->lock);
	while (b->first || !b->stop) {
		batch = b->first;
		if (!batch) {
			pthread_cond_wait(&b->changed, &b->lock);
			continue;
		}
		b->first = batch->next;
		b->busy = true;
		pthread_mutex_unlock(&b->lock);
		batch_write(b, batch);
		pthread_mutex_lock(&b->lock);
		b->busy = false;
		batch->next = b->spare;
		b->spare = batch;
		pthread_cond_broadcast(&b->changed);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* The caller's side. */

static void batch_hand_over(struct batches *b, enum batch_table table)
{
	struct batch *batch = b->filling[table];

	b->filling[table] = NULL;
	batch->next = NULL;
	pthread_mutex_lock(&b->lock);
	if (b->first)
		b->last->next = batch;
	else
		b->first = batch;
	b->last = batch;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
}

/* An empty one: new while there are few, then one that has been written. NULL: no memory. */
static struct batch *batch_take(struct batches *b)
{
	struct batch *batch;

	pthread_mutex_lock(&b->lock);
	while (!b->spare && b->made == BATCHES_MAX)
		pthread_cond_wait(&b->changed, &b->lock);
	batch = b->spare;
	if (batch)
		b->spare = batch->next;
	pthread_mutex_unlock(&b->lock);
	if (!batch && (batch = malloc(sizeof(*batch))))
		b->made++;
	return batch;
}

int64_t *batches_row(struct batches *b, enum batch_table table)
{
	int columns = tables[table].columns;
	struct batch *batch = b->filling[table];

	if (batch && (batch->count + 1) * columns > BATCH_WORDS) {
		batch_hand_over(b, table);
		batch = NULL;
	}
	if (!batch) {
		if (batches_error(b))
			return NULL;
		batch = b->filling[table] = batch_take(b);
		if (!batch)
			return NULL;
		batch->table = table;
		batch->count = 0;
	}
	return &batch->v[batch->count++ * columns];
}

int batches_drain(struct batches *b)
{
	for (int i = 0; i < BATCH_TABLES; i++)
		if (b->filling[i])
			batch_hand_over(b, i);
	pthread_mutex_lock(&b->lock);
	while (b->first || b->busy)
		pthread_cond_wait(&b->changed, &b->lock);
	pthread_mutex_unlock(&b->lock);
	return batches_error(b);
}

void batches_nice(struct batches *b, int nice)
{
	pid_t tid = __atomic_load_n(&b->tid, __ATOMIC_RELAXED);

	if (tid) /* 0 would mean the caller */
		setpriority(PRIO_PROCESS, tid, nice);
}

int batches_error(const struct batches *b)
{
	return __atomic_load_n(&b->error, __ATOMIC_ACQUIRE);
}

void batches_resume(struct batches *b)
{
	batches_drain(b); /* drops what there is */
	__atomic_store_n(&b->error, 0, __ATOMIC_RELEASE);
}

static int statements_prepare(struct batches *b, sqlite3 *db)
{
	int code = sqlite3_create_module_v2(db, "batch", &view_module, b, NULL);

	for (int i = 0; i < BATCH_TABLES && !code; i++)
		code = sqlite3_prepare_v3(db, tables[i].insert, -1, SQLITE_PREPARE_PERSISTENT,
					  &b->insert[i], NULL);
	return code;
}

struct batches *batches_new(sqlite3 *db, const char *path)
{
	struct batches *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return NULL;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	if (statements_prepare(b, db)) {
		say_error("cannot write trace '%s': %s", path, sqlite3_errmsg(db));
		goto fail;
	}
	err = pthread_create(&b->thread, NULL, batches_run, b);
	if (!err) {
		b->started = true;
		return b;
	}
	say_error("cannot start the writing thread: %s", strerror(err));
fail:
	batches_free(b);
	return NULL;
}

static void list_free(struct batch *batch)
{
	struct batch *next;

	for (; batch; batch = next) {
		next = batch->next;
		free(batch);
	}
}

void batches_free(struct batches *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	if (b->started)
		pthread_join(b->thread, NULL);
	for (int i = 0; i < BATCH_TABLES; i++) {
		sqlite3_finalize(b->insert[i]);
		free(b->filling[i]);
	}
	list_free(b->spare);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}
