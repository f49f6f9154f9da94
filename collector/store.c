// SPDX-License-Identifier: BSD-2-Clause
/*
 * The store. The statements stand in a table, in the order of enum statement.
 *
 * A full disk must not cost the ledger, which says what was lost to it. So some megabytes are
 * allocated beside the file at the start (FILE-reserve, unlinked from the beginning), and given
 * back when the disk is full.
 */
#include "collector/store_private.h"

#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESERVE_BYTES (8 << 20)

static const char *const statement_sql[STATEMENTS] = {
	[META] = "INSERT OR REPLACE INTO meta VALUES (?, ?)",
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

int store_fail(struct store *s, int code)
{
	bool full = (code & 0xff) == SQLITE_FULL;

	if (store_stopped(s))
		return -EIO;
	s->failed = full ? "disk_full" : "store_failed";
	say_error("cannot write trace '%s': %s", s->path,
		  full ? "No space left on device" : sqlite3_errstr(code));
	say_hint("the recording ends here; what was stored so far is kept");
	batches_drain(s->batches); /* of what is under way, nothing is written any more */
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return -EIO;
}

bool store_stopped(struct store *s)
{
	int code = s->failed ? 0 : batches_error(s->batches);

	if (code)
		store_fail(s, code);
	return s->failed;
}

static int run(struct store *s, const char *sql)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : store_fail(s, code);
}

int store_step(struct store *s, enum statement which)
{
	int code = sqlite3_step(s->st[which]);

	sqlite3_reset(s->st[which]);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : store_fail(s, code);
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
	s->op_kinds = kinds_new(OP_KIND_WORDS);
	s->sleep_kinds = kinds_new(SLEEP_KIND_WORDS);
	s->message_kinds = kinds_new(MESSAGE_KIND_WORDS);
	if (!s->op_kinds || !s->sleep_kinds || !s->message_kinds)
		goto fail;
	s->batches = batches_new(s->db, path);
	if (!s->batches)
		goto fail;
	reserve_take(s);
	if (run(s, "BEGIN"))
		goto fail;
	return s;
fail:
	store_close(s);
	return NULL;
}

int store_meta_text(struct store *s, const char *key, const char *text)
{
	if (store_stopped(s))
		return -EIO;
	bind_text(s->st[META], 1, key);
	bind_text(s->st[META], 2, text);
	return store_step(s, META);
}

int store_meta_int(struct store *s, const char *key, int64_t value)
{
	if (store_stopped(s))
		return -EIO;
	bind_text(s->st[META], 1, key);
	sqlite3_bind_int64(s->st[META], 2, value);
	return store_step(s, META);
}

int store_ledger_begin(struct store *s)
{
	return s->failed ? -EIO : store_step(s, LEDGER_CLEAR);
}

int store_ledger(struct store *s, const char *mechanism, const char *reason, int64_t seen,
		 int64_t stored, int64_t lost)
{
	sqlite3_stmt *st = s->st[LEDGER];

	if (store_stopped(s))
		return -EIO;
	bind_text(st, 1, mechanism);
	bind_text(st, 2, reason);
	sqlite3_bind_int64(st, 3, seen);
	sqlite3_bind_int64(st, 4, stored);
	sqlite3_bind_int64(st, 5, lost);
	return store_step(s, LEDGER);
}

void store_nice(struct store *s, int nice)
{
	batches_nice(s->batches, nice);
}

int store_drain(struct store *s)
{
	int code = s->failed ? 0 : batches_drain(s->batches);

	if (code)
		store_fail(s, code);
	return s->failed ? -EIO : 0;
}

int store_commit(struct store *s)
{
	return store_drain(s) ?: run(s, "COMMIT; BEGIN");
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
	batches_resume(s->batches);
	return run(s, "BEGIN");
}

bool store_failed(struct store *s, const char **why)
{
	store_stopped(s);
	*why = s->failed;
	return s->failed;
}

int store_close(struct store *s)
{
	int err = 0;

	if (!s)
		return 0;
	if (s->db && !s->failed && !sqlite3_get_autocommit(s->db))
		err = store_drain(s) ?: run(s, "COMMIT");
	if (s->reserve_fd >= 0)
		close(s->reserve_fd);
	batches_free(s->batches);
	kinds_free(s->op_kinds);
	kinds_free(s->sleep_kinds);
	kinds_free(s->message_kinds);
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->st[i]);
	if (trace_db_finish(s->db))
		err = -EIO;
	free(s->path);
	free(s);
	return err;
}
