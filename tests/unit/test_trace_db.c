// SPDX-License-Identifier: BSD-2-Clause
/*
 * schemas/trace_db.c and trace_check.c: what a new trace file holds, what is left when it cannot
 * be made, and how every kind of foreign, damaged or hostile file is read or refused. Each test
 * runs in a folder of its own.
 */
#include "schemas/tables.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY       65534
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const views[] = {"processes",     "objects",    "ops",     "messages",
				    "edges",         "latency",    "ledger",  "mappings",
				    "touches",       "passed_fds", "ready",   "pressure",
				    "depth",         "wakeups",    "threads", "op_blocks",
				    "message_blocks"};

/* 1009 ops of 3 processes on 2 pipes, and what follows from them. */
static const char filling[] =
	"INSERT INTO meta VALUES ('command', 'a | b'), ('start_ns', 17), ('nothing', NULL);"
	"INSERT INTO process VALUES (1, 11, NULL, 1, 'sh', '/bin/sh', 'sh', 0, 900000, 0, 1, NULL),"
	" (2, 12, 1, 11, 'tar', '/bin/tar', 'tar c', 10, 800000, 0, 1, NULL),"
	" (3, 13, 1, 11, 'gzip', '/bin/gzip', 'gzip', 20, 850000, 0, 1, NULL);"
	"INSERT INTO object VALUES (1, 1, 'pipe:[7]', 7, 13, 5, 99, 65536,"
	" 505, 50500, 504, 50400, 504, 50400, 2, 0, 0, NULL, NULL),"
	" (2, 1, 'pipe:[8]', 8, 13, 6, NULL, 65536, 0, 0, 0, 0, 0, 0, 0, 1, 0, NULL, NULL);"
	"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1009)"
	" INSERT INTO op_kind SELECT i, 2 + i % 2, 12 + i % 2, i % 2, 2 + i % 2, 1, 3, 100,"
	" CASE WHEN i % 100 = 0 THEN 11 END, NULL FROM n;"
	"INSERT INTO op_row SELECT kind_id, kind_id, kind_id * 100, 50, 5, 100, 1 FROM op_kind;"
	"INSERT INTO message_kind VALUES (1, 1, 0, NULL, NULL);"
	"INSERT INTO message_row SELECT op_id / 2, 1, op_id, 1, 100, 10, 20, 30, NULL FROM op_row"
	" WHERE op_id % 2 = 0;"
	"INSERT INTO edge VALUES (1, 2, 3, 'data', 504, 50400, 504, 0, 0, 75600, 150, 150, 150, "
	"150,"
	" 100, 100850, x'01000000', 0, 0);"
	"INSERT INTO call_stat VALUES (1, 2, 1, 505, 10, 50500, 25250, 50, 50, 50, 50, 2525, NULL, "
	"0),"
	" (1, 3, 0, 504, 0, 50400, 25200, 50, 50, 50, 50, 2520, x'01000000', 0);"
	"INSERT INTO ledger_entry VALUES ('pipe', 'stored', 1009, 1009, 0);";

static uint64_t random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The folder, and what went to stderr. */

struct place {
	char dir[64];
	int stderr_fd, saved_fd;
};

static int place_enter(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/ipct-trace-db-XXXXXX");
	if (!mkdtemp(p->dir) || chdir(p->dir) || chmod(".", 0755))
		return -1;
	p->stderr_fd = open(".stderr", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	p->saved_fd = fcntl(2, F_DUPFD_CLOEXEC, 10);
	*state = p;
	return p->stderr_fd < 0 || p->saved_fd < 0 ? -1 : 0;
}

static int place_leave(void **state)
{
	struct place *p = *state;
	char command[96];

	dup2(p->saved_fd, 2);
	close(p->saved_fd);
	close(p->stderr_fd);
	snprintf(command, sizeof(command), "rm -r %s", p->dir);
	free(p);
	return chdir("/") || system(command);
}

static void stderr_begin(struct place *p)
{
	assert_int_equal(ftruncate(p->stderr_fd, 0), 0);
	dup2(p->stderr_fd, 2);
}

/* What was said since stderr_begin; valid until the next call. */
static const char *stderr_end(struct place *p)
{
	static char text[8192];
	ssize_t len;

	dup2(p->saved_fd, 2);
	len = pread(p->stderr_fd, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

/* One error line that has `part` in it, and none of a terminal's control characters. */
static void assert_said(const char *said, const char *part)
{
	if (strncmp(said, "ipctrace: ", 10) || strstr(said + 1, "ipctrace: ") ||
	    strchr(said, '\033') || !strstr(said, part))
		fail_msg("said:\n%sinstead of one error with: %s", said, part);
}

static void assert_alone(const char *path)
{
	static const char *const companions[] = {"-wal", "-shm", "-journal"};
	char name[256];

	for (size_t i = 0; i < COUNT(companions); i++) {
		snprintf(name, sizeof(name), "%s%s", path, companions[i]);
		if (!access(name, F_OK))
			fail_msg("'%s' is left", name);
	}
}

static void assert_create_fails(struct place *p, const char *path, const char *part)
{
	stderr_begin(p);
	assert_null(trace_db_create(path));
	assert_said(stderr_end(p), part);
}

static void assert_open_fails(struct place *p, const char *path, const char *part)
{
	stderr_begin(p);
	assert_null(trace_db_open(path));
	assert_said(stderr_end(p), part);
}

/* Making files. */

static void sql_run(sqlite3 *db, const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &error))
		fail_msg("%s: %s", sql, error);
}

static void trace_make(const char *path)
{
	sqlite3 *db = trace_db_create(path);

	assert_non_null(db);
	sql_run(db, filling);
	assert_int_equal(trace_db_finish(db), 0);
}

/* Change a file as anybody could, without this program. */
static void file_forge(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), 0);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
	sql_run(db, sql);
	sqlite3_close(db);
}

static unsigned char *file_get(const char *path, size_t *len)
{
	unsigned char *bytes = NULL;
	struct stat st;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	*len = st.st_size;
	bytes = malloc(*len + 1);
	assert_int_equal(fread(bytes, 1, *len, f), *len);
	fclose(f);
	return bytes;
}

static void file_put(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Asking. */

static char *ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *query;
	char *answer = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &query, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(query) == SQLITE_ROW && sqlite3_column_text(query, 0))
		answer = strdup((const char *)sqlite3_column_text(query, 0));
	sqlite3_finalize(query);
	return answer;
}

static void assert_answer(sqlite3 *db, const char *sql, const char *expected)
{
	char *answer = ask(db, sql);

	if (!answer || strcmp(answer, expected))
		fail_msg("%s: '%s' instead of '%s'", sql, answer ? answer : "NULL", expected);
	free(answer);
}

/* Read every value of every row of each view; an error of SQLite is fine. Gives the rows. */
static size_t views_read(sqlite3 *db)
{
	size_t rows = 0;

	for (size_t i = 0; i < COUNT(views); i++) {
		char *sql = sqlite3_mprintf("SELECT * FROM %s", views[i]);
		sqlite3_stmt *query = NULL;

		if (!sqlite3_prepare_v2(db, sql, -1, &query, NULL))
			for (; sqlite3_step(query) == SQLITE_ROW; rows++)
				for (int c = 0; c < sqlite3_column_count(query); c++)
					(void)sqlite3_column_text(query, c);
		sqlite3_finalize(query);
		sqlite3_free(sql);
	}
	return rows;
}

#define FILLED_ROWS (3 + 2 + 1009 + 504 + 1 + 2 + 1 + 2 + 1 + 1)

static void assert_opens_whole(const char *path)
{
	sqlite3 *db = trace_db_open(path);

	assert_non_null(db);
	assert_int_equal(views_read(db), FILLED_ROWS);
	sqlite3_close(db);
}

/*
 * Open `path` as an unprivileged user, for whom root's folders cannot be written. Exit status of
 * the child: 0 opened and whole, 1 refused, 2 opened but not whole.
 */
static int open_unprivileged(const char *path)
{
	int status;
	pid_t child = fork();

	if (!child) {
		sqlite3 *db = NULL;
		size_t rows;

		if (!geteuid() && (setgid(NOBODY) || setuid(NOBODY)))
			_exit(3);
		db = trace_db_open(path);
		if (!db)
			_exit(1);
		rows = views_read(db);
		sqlite3_close(db);
		_exit(rows == FILLED_ROWS ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A recorder that is killed after it committed; its files stay as they are. */
static void trace_make_killed(const char *path)
{
	int status;
	pid_t child = fork();

	if (!child) {
		sqlite3 *db = trace_db_create(path);

		if (!db || sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) ||
		    sqlite3_exec(db, filling, NULL, NULL, NULL) ||
		    sqlite3_exec(db, "COMMIT; BEGIN; DELETE FROM op_row", NULL, NULL, NULL))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

/* The tests: creating. */

static void test_create(void **state)
{
	sqlite3 *db = trace_db_create("x.db");

	assert_non_null(db);
	assert_answer(db, "PRAGMA application_id", "1768973172");
	assert_answer(db, "PRAGMA user_version", "3");
	assert_answer(db, "PRAGMA page_size", "4096");
	assert_answer(db, "PRAGMA journal_mode", "wal");
	assert_answer(db, "PRAGMA integrity_check", "ok");
	assert_answer(db, "SELECT group_concat(name, ' ') FROM role ORDER BY role_id",
		      "create open send recv wait wake map unmap control close");
	assert_answer(db, "SELECT name FROM syscall WHERE syscall_id = 1", "write");
	assert_answer(db,
		      "SELECT mechanism_id || title || family || sender || receiver"
		      " FROM mechanism WHERE name = 'fifo'",
		      "2FIFOpipewriterreader");
	assert_answer(db, "SELECT name FROM errno WHERE errno_id = 11", "EAGAIN");
	assert_answer(db, "SELECT name FROM errno WHERE errno_id = 512", "ERESTARTSYS");
	assert_answer(db, "SELECT max(errno_id) FROM errno", "516");
	assert_answer(db, "SELECT count(*) FROM errno WHERE errno_id = 41", "0");
	assert_int_equal(views_read(db), 0);
	assert_int_equal(trace_db_finish(db), 0);
	assert_alone("x.db");
	assert_int_equal(trace_db_finish(NULL), 0);
}

/* What the file itself says at once, without its WAL: `file x.db` works during a recording. */
static void test_create_identity(void **state)
{
	sqlite3 *db = trace_db_create("x.db");
	size_t len;
	unsigned char *bytes = file_get("x.db", &len);
	char count[16];

	assert_true(len > 4096);
	assert_memory_equal(bytes + 68, "ipct", 4);
	file_put("copy.db", bytes, len);
	free(bytes);
	assert_int_equal(trace_db_finish(db), 0);
	db = trace_db_open("copy.db");
	assert_non_null(db);
	snprintf(count, sizeof(count), "%d", IPCT_MECH_COUNT - 1);
	assert_answer(db, "SELECT count(*) FROM mechanism", count);
	sqlite3_close(db);
}

static void test_create_refused(void **state)
{
	file_put("there.db", "mine", 4);
	assert_create_fails(*state, "there.db", "cannot create trace 'there.db': File exists\n");
	assert_create_fails(*state, "no/x.db",
			    "cannot create trace 'no/x.db': No such file or directory\n  hint: ");
	assert_create_fails(*state, "there.db/x.db", "'there.db/x.db': Not a directory\n  hint: ");
	assert_create_fails(*state, "", "No such file or directory");
	assert_int_equal(symlink("target.db", "link.db"), 0);
	assert_create_fails(*state, "link.db", "File exists");
	assert_int_not_equal(access("target.db", F_OK), 0);
	size_t len;
	unsigned char *bytes = file_get("there.db", &len);

	assert_int_equal(len, 4);
	free(bytes);
}

static void test_create_unprivileged(void **state)
{
	int status;
	pid_t child;

	assert_int_equal(mkdir("closed", 0755), 0);
	if (geteuid())
		assert_int_equal(chmod("closed", 0555), 0);
	stderr_begin(*state);
	child = fork();
	if (!child) {
		if (!geteuid() && (setgid(NOBODY) || setuid(NOBODY)))
			_exit(3);
		_exit(trace_db_create("closed/x.db") ? 2 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_said(stderr_end(*state),
		    "cannot create trace 'closed/x.db': Permission denied\n  hint: ");
	assert_int_equal(WEXITSTATUS(status), 1);
}

/* Names that SQLite would take for something other than a file. */
static void test_create_names(void **state)
{
	static const char *const names[] = {":memory:", "file:x.db", "a?mode=memory", "b#c",
					    "d%41",     "e f\n'g'",  "\xc3\xa9\xff"};
	char absolute[256];

	for (size_t i = 0; i < COUNT(names); i++) {
		trace_make(names[i]);
		assert_int_equal(access(names[i], F_OK), 0);
		assert_opens_whole(names[i]);
		snprintf(absolute, sizeof(absolute), "/%s/./%s", ((struct place *)*state)->dir,
			 names[i]);
		assert_opens_whole(absolute);
		assert_int_equal(unlink(names[i]), 0);
		trace_make(absolute);
		assert_opens_whole(names[i]);
	}
}

/* What an earlier file of that name left beside it is not taken into the new one. */
static void test_create_leftovers(void **state)
{
	struct stat st;

	trace_make_killed("x.db");
	assert_int_equal(access("x.db-wal", F_OK), 0);
	assert_int_equal(rename("x.db", "old.db"), 0);
	/* Somebody else may still have the old shared memory mapped. */
	assert_int_equal(link("x.db-shm", "mapped"), 0);
	sqlite3 *db = trace_db_create("x.db");

	assert_non_null(db);
	assert_int_equal(stat("mapped", &st), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_answer(db, "SELECT count(*) FROM op_row", "0");
	assert_int_equal(trace_db_finish(db), 0);
	assert_alone("x.db");
}

/* The disk fills up after `writes_left` writes; SQLite uses one of these calls. */
static int writes_left;

static ssize_t write_failing(int fd, const void *data, size_t len)
{
	if (writes_left-- > 0)
		return write(fd, data, len);
	errno = ENOSPC;
	return -1;
}

static ssize_t pwrite_failing(int fd, const void *data, size_t len, off_t offset)
{
	if (writes_left-- > 0)
		return pwrite(fd, data, len, offset);
	errno = ENOSPC;
	return -1;
}

static void disk_fill(bool on)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
	sqlite3_syscall_ptr no = NULL;

	vfs->xSetSystemCall(vfs, "write", on ? (sqlite3_syscall_ptr)write_failing : no);
	vfs->xSetSystemCall(vfs, "pwrite", on ? (sqlite3_syscall_ptr)pwrite_failing : no);
	vfs->xSetSystemCall(vfs, "pwrite64", on ? (sqlite3_syscall_ptr)pwrite_failing : no);
}

static void test_create_disk_full(void **state)
{
	sqlite3 *db = NULL;
	int failures = 0;

	for (int writes = 0; !db; writes++, failures += !db) {
		const char *said;

		stderr_begin(*state);
		disk_fill(true);
		writes_left = writes;
		db = trace_db_create("x.db");
		disk_fill(false);
		said = stderr_end(*state);
		if (db)
			break;
		assert_said(said, "cannot create trace 'x.db': No space left on device\n  hint: ");
		assert_int_not_equal(access("x.db", F_OK), 0);
		assert_alone("x.db");
	}
	/* At least each page of the schema, in the WAL and in the file. */
	assert_true(failures > 30);
	assert_int_equal(trace_db_finish(db), 0);
}

/* The disk fills up at the very end: said so, and nothing that was committed is lost. */
static void test_finish_disk_full(void **state)
{
	for (int writes = 0; writes < 8; writes++) {
		sqlite3 *db = trace_db_create("x.db");

		sql_run(db, filling);
		stderr_begin(*state);
		disk_fill(true);
		writes_left = writes;
		assert_int_equal(trace_db_finish(db), -EIO);
		disk_fill(false);
		assert_said(stderr_end(*state), "No space left on device\n  hint: ");
		assert_opens_whole("x.db");
		file_forge("x.db", "PRAGMA journal_mode=DELETE");
		assert_alone("x.db");
		assert_int_equal(unlink("x.db"), 0);
	}
}

static void test_create_without_shared_memory(void **state)
{
	sqlite3_vfs *usual = sqlite3_vfs_find(NULL);

	/* This one has no shared memory, as some network file systems. */
	sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1);
	stderr_begin(*state);
	sqlite3 *db = trace_db_create("x.db");
	sqlite3_vfs_register(usual, 1);

	assert_said(stderr_end(*state), "'x.db': its file system has no shared memory maps\n");
	assert_null(db);
	assert_int_not_equal(access("x.db", F_OK), 0);
	assert_alone("x.db");
}

/* Opening what is ours. */

static void test_open_finished(void **state)
{
	unsigned char *bytes;
	size_t len;

	trace_make("x.db");
	bytes = file_get("x.db", &len);
	/* Not in WAL mode: any SQLite reads it, also where it may not write. */
	assert_int_equal(bytes[18], 1);
	free(bytes);
	assert_opens_whole("x.db");
	assert_alone("x.db");
	assert_int_equal(symlink("x.db", "link.db"), 0);
	assert_opens_whole("link.db");
}

static void test_open_leaves_nothing(void **state)
{
	sqlite3 *db;

	trace_make("x.db");
	/* As other programs leave it: in WAL mode, but without a WAL. */
	file_forge("x.db", "PRAGMA journal_mode=WAL");
	db = trace_db_open("x.db");
	assert_int_equal(views_read(db), FILLED_ROWS);
	assert_alone("x.db");
	sqlite3_close(db);
	assert_alone("x.db");
}

static void test_open_is_read_only(void **state)
{
	sqlite3 *db;

	trace_make("x.db");
	db = trace_db_open("x.db");
	assert_int_equal(sqlite3_exec(db, "DELETE FROM op_row", NULL, NULL, NULL) & 0xff,
			 SQLITE_READONLY);
	assert_int_not_equal(sqlite3_exec(db, "ATTACH ':memory:' AS y", NULL, NULL, NULL), 0);
	sqlite3_close(db);
}

static void test_meta(void **state)
{
	sqlite3 *db;
	char *value;

	trace_make("x.db");
	db = trace_db_open("x.db");
	value = trace_db_meta(db, "command");
	assert_string_equal(value, "a | b");
	free(value);
	value = trace_db_meta(db, "start_ns");
	assert_string_equal(value, "17");
	free(value);
	assert_null(trace_db_meta(db, "nothing"));
	assert_null(trace_db_meta(db, "no such key"));
	sqlite3_close(db);
}

/* While it is being recorded: what is committed, and for one reader always the same moment. */
static void test_open_live(void **state)
{
	sqlite3 *writer = trace_db_create("x.db"), *reader;

	sql_run(writer, "BEGIN");
	sql_run(writer, filling);
	reader = trace_db_open("x.db");
	assert_non_null(reader);
	assert_answer(reader, "SELECT count(*) FROM ops", "0");
	sql_run(writer, "COMMIT");
	assert_answer(reader, "SELECT count(*) FROM ops", "0");
	sqlite3_close(reader);

	assert_opens_whole("x.db");
	reader = trace_db_open("x.db");
	/* The recording ends while someone reads: both get all of it. */
	sql_run(writer, "DELETE FROM message_row");
	assert_int_equal(trace_db_finish(writer), 0);
	assert_int_equal(views_read(reader), FILLED_ROWS);
	sqlite3_close(reader);
	reader = trace_db_open("x.db");
	assert_answer(reader, "SELECT count(*) FROM messages", "0");
	assert_answer(reader, "SELECT count(*) FROM ops", "1009");
	sqlite3_close(reader);
}

static void test_open_killed(void **state)
{
	trace_make_killed("x.db");
	assert_int_equal(access("x.db-wal", F_OK), 0);
	assert_opens_whole("x.db");
	assert_opens_whole("x.db");
	assert_int_equal(symlink("x.db", "link.db"), 0);
	assert_opens_whole("link.db");
}

/* In a folder that the reader may not write to: what can be read is, the rest has a way out. */
static void test_open_in_closed_folder(void **state)
{
	assert_int_equal(mkdir("closed", 0755), 0);
	trace_make("closed/x.db");
	trace_make("closed/wal.db");
	file_forge("closed/wal.db", "PRAGMA journal_mode=WAL");
	trace_make_killed("closed/killed.db");
	trace_make_killed("closed/no-shm.db");
	assert_int_equal(unlink("closed/no-shm.db-shm"), 0);
	if (geteuid())
		assert_int_equal(chmod("closed", 0555), 0);

	assert_int_equal(open_unprivileged("closed/x.db"), 0);
	assert_int_equal(open_unprivileged("closed/wal.db"), 0);
	assert_int_equal(open_unprivileged("closed/killed.db"), 0);
	stderr_begin(*state);
	assert_int_equal(open_unprivileged("closed/no-shm.db"), 1);
	assert_said(stderr_end(*state),
		    "cannot open trace 'closed/no-shm.db': its recording has not "
		    "ended, and SQLite cannot write beside it\n  hint: copy ");
	assert_int_equal(chmod("closed", 0755), 0);
	assert_opens_whole("closed/no-shm.db");
}

/* Refusing what is not. */

static void test_open_no_file(void **state)
{
	assert_open_fails(*state, "x.db",
			  "cannot open trace 'x.db': No such file or directory\n  hint: make one");
	assert_open_fails(*state, "no/x.db", "No such file or directory\n");
	assert_open_fails(*state, ".", "cannot open trace '.': Is a directory\n");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_open_fails(*state, "fifo", "cannot open trace 'fifo': not a regular file\n");
	assert_open_fails(*state, "/dev/null", "not a regular file\n");
	file_put("empty.db", "", 0);
	assert_open_fails(*state, "empty.db", "cannot open trace 'empty.db': the file is empty\n");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_open_fails(*state, "loop", "Too many levels of symbolic links\n");
}

static void test_open_unreadable(void **state)
{
	trace_make("x.db");
	assert_int_equal(chmod("x.db", 0), 0);
	stderr_begin(*state);
	assert_int_equal(open_unprivileged("x.db"), 1);
	assert_said(stderr_end(*state), "cannot open trace 'x.db': Permission denied\n");
}

static void test_open_foreign(void **state)
{
	static const char head[] = "SQLite format 3";
	char zeros[8192] = "";

	file_put("text.db", "hello\n", 6);
	assert_open_fails(*state, "text.db",
			  "cannot open trace 'text.db': not a trace file\n  hint");
	file_put("zeros.db", zeros, sizeof(zeros));
	assert_open_fails(*state, "zeros.db", "not a trace file\n");
	file_put("head.db", head, sizeof(head));
	assert_open_fails(*state, "head.db", "not a trace file\n");
	file_forge("other.db", "CREATE TABLE op (x); PRAGMA user_version=1");
	assert_open_fails(*state, "other.db", "not a trace file\n");
	file_forge("id.db", "PRAGMA application_id=0x69706374; PRAGMA user_version=1");
	assert_open_fails(*state, "id.db", "'id.db': its tables are not those of a trace\n");
}

static void test_open_versions(void **state)
{
	trace_make("x.db");
	file_forge("x.db", "PRAGMA user_version=4");
	assert_open_fails(*state, "x.db",
			  "cannot open trace 'x.db': it was written by a newer ipctrace (format 4, "
			  "this one reads up to 3)\n  hint: ");
	file_forge("x.db", "PRAGMA user_version=2147483647");
	assert_open_fails(*state, "x.db", "format 2147483647,");
	file_forge("x.db", "PRAGMA user_version=0");
	assert_open_fails(*state, "x.db", "not a trace file\n");
	file_forge("x.db", "PRAGMA user_version=-1");
	assert_open_fails(*state, "x.db", "not a trace file\n");
	file_forge("x.db", "PRAGMA user_version=3");
	assert_opens_whole("x.db");
}

extern const char to_format_2_sql[];

static const char drop_views[] =
	"DROP VIEW processes; DROP VIEW objects; DROP VIEW ops; DROP VIEW messages; DROP VIEW "
	"edges;"
	" DROP VIEW latency; DROP VIEW ready; DROP VIEW mappings; DROP VIEW touches;"
	" DROP VIEW passed_fds; DROP VIEW pressure; DROP VIEW depth; DROP VIEW op; DROP VIEW "
	"message;"
	" DROP VIEW sleep; DROP VIEW wakeups; DROP VIEW threads; DROP VIEW op_blocks; DROP VIEW "
	"message_blocks;";

/* What format 3 added, taken away again. */
static void file_to_format_2(const char *path)
{
	file_forge(path, drop_views);
	file_forge(path, to_format_2_sql);
}

static void test_open_format_2(void **state)
{
	sqlite3 *db;

	trace_make("x.db");
	file_to_format_2("x.db");
	assert_opens_whole("x.db");
	db = trace_db_open("x.db");
	assert_non_null(db);
	assert_answer(
		db, "SELECT count(*) || '|' || sum(waiting_ns) || '|' || count(woken_ns) FROM ops",
		"1009|0|0");
	assert_answer(db, "SELECT count(transit_ns) || '|' || count(in_recv_ns) FROM messages",
		      "504|0");
	assert_answer(db, "SELECT count(exact) || '|' || count(exact_bytes) FROM edges", "1|0");
	assert_answer(db, "SELECT count(*) || '|' || count(timeouts) FROM latency", "2|0");
	assert_answer(db,
		      "SELECT count(*) || '|' || count(cpu_ns) || '|' || count(cgroup)"
		      " FROM processes",
		      "3|0|0");
	assert_answer(db, "SELECT count(ran_cpu) FROM ops", "0");
	assert_answer(db, "SELECT count(*) FROM wakeups", "0");
	assert_answer(db, "SELECT count(*) FROM pressure", "0");
	assert_answer(db, "SELECT count(*) FROM depth", "0");
	sqlite3_close(db);
	file_forge("x.db", "DROP TABLE call_stat");
	assert_open_fails(*state, "x.db", "its tables are not those of a trace\n");
}

/* What format 2 added, taken away again. */
static const char format_1[] =
	"PRAGMA user_version=1; DROP TABLE mapping; DROP TABLE touch; DROP TABLE passing; ALTER "
	"TABLE op DROP COLUMN key;"
	" ALTER TABLE object DROP COLUMN left_behind; ALTER TABLE object DROP COLUMN creator_id;"
	" ALTER TABLE object DROP COLUMN peer; ALTER TABLE message DROP COLUMN sender_id;"
	" ALTER TABLE message DROP COLUMN receiver_id;";

/* A file of format 1 has every view, with nothing in what it did not know. */
static void test_open_format_1(void **state)
{
	sqlite3 *db;

	trace_make("x.db");
	file_to_format_2("x.db");
	file_forge("x.db", format_1);
	assert_opens_whole("x.db");
	db = trace_db_open("x.db");
	assert_non_null(db);
	assert_answer(db, "SELECT count(*) || '|' || count(key) FROM ops", "1009|0");
	assert_answer(db, "SELECT count(sender_id) || '|' || count(key) FROM messages", "504|0");
	assert_answer(db, "SELECT sum(left_behind) || '|' || count(peer) FROM objects", "0|0");
	assert_answer(db, "SELECT count(*) FROM mappings", "0");
	assert_answer(db, "SELECT count(*) FROM touches", "0");
	assert_answer(db, "SELECT count(*) FROM passed_fds", "0");
	sqlite3_close(db);
	file_forge("x.db", "DROP TABLE message");
	assert_open_fails(*state, "x.db", "its tables are not those of a trace\n");
}

#define SCHEMA_SET(set, table) "UPDATE sqlite_schema SET " set " WHERE name = '" table "'"
#define CUT_VIEWS                                                                                  \
	"DROP VIEW processes; DROP VIEW ops; DROP VIEW messages; DROP VIEW edges;"                 \
	" DROP VIEW mappings; DROP VIEW touches; DROP VIEW passed_fds; DROP VIEW pressure; "       \
	"DROP VIEW threads; DROP VIEW op_blocks; DROP VIEW message_blocks; "

/* A virtual table with the very columns of `process`. */
#define VIRTUAL_PROCESS                                                                            \
	CUT_VIEWS "DROP TABLE process; CREATE VIRTUAL TABLE process USING fts4("                   \
		  "process_id, pid, parent_id, ppid, comm, exe, cmdline, start_ns, exit_ns,"       \
		  " exit_status, traced, cpu_ns); "

static const struct {
	const char *sql, *said;
} forgeries[] = {
	{VIRTUAL_PROCESS, "tables"},
	{VIRTUAL_PROCESS SCHEMA_SET("rootpage = 2", "process"), "tables"},
	{CUT_VIEWS "ALTER TABLE process RENAME TO p; CREATE VIEW process AS SELECT * FROM p",
	 "tables"},
	{CUT_VIEWS "DROP TABLE process; CREATE VIEW process AS SELECT 1 AS process_id", "tables"},
	{CUT_VIEWS "DROP TABLE process", "tables"},
	{CUT_VIEWS "ALTER TABLE process RENAME COLUMN comm TO command", "tables"},
	{SCHEMA_SET("rootpage = 0, sql = 'CREATE VIRTUAL TABLE process USING fts4(x)'", "process"),
	 "tables"},
	{SCHEMA_SET("sql = 'CREATE VIRTUAL TABLE process USING fts4(x)'", "process"), "tables"},
	{SCHEMA_SET("sql = 'CREATE/**/VIRTUAL TABLE process USING fts4(x)'", "process"), "tables"},
	{SCHEMA_SET("sql = 'CREATE VIEW process AS SELECT 1'", "process"), "damaged"},
	{"INSERT INTO sqlite_schema VALUES ('table', 'process', 'process', 0,"
	 " 'CREATE VIRTUAL TABLE process USING fts4(x)')",
	 "damaged"},
	{"UPDATE sqlite_schema SET name = 'other', sql = 'CREATE VIRTUAL TABLE op_row USING "
	 "fts4(x)',"
	 " rootpage = 0 WHERE name = 'exec'; "
	 "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x (a)')",
	 "damaged"},
	{SCHEMA_SET("sql = 'CREATE TABLE op_row (\033[2J'", "op_row"), "damaged"},
	{SCHEMA_SET("sql = 'CREATE TABLE op_row (\033[2J'", "ops"), "damaged"},
	{SCHEMA_SET("sql = NULL", "op_row"), "damaged"},
	{SCHEMA_SET("type = 'trigger'", "op_row"), "damaged"},
	{SCHEMA_SET("rootpage = 1", "op_row"), "damaged"},
	{SCHEMA_SET("rootpage = 100000", "op_row"), "damaged"},
	{SCHEMA_SET("rootpage = -1", "op_row"), "damaged"},
	{SCHEMA_SET("rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'op_row')",
		    "edge"),
	 "damaged"},
};

static void test_open_forged(void **state)
{
	for (size_t i = 0; i < COUNT(forgeries); i++) {
		trace_make("x.db");
		file_forge("x.db", forgeries[i].sql);
		assert_open_fails(*state, "x.db", "cannot open trace 'x.db': ");
		if (!strstr(stderr_end(*state), forgeries[i].said))
			fail_msg("%s:\n%s", forgeries[i].sql, stderr_end(*state));
		assert_alone("x.db");
		assert_int_equal(unlink("x.db"), 0);
	}
}

/* The file's own views, triggers and namesakes of views do nothing: ours stand before them. */
static void test_open_hostile_views(void **state)
{
	sqlite3 *db;

	trace_make("x.db");
	file_forge("x.db",
		   "DROP VIEW ops; CREATE VIEW ops AS WITH RECURSIVE n (i) AS"
		   " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;"
		   "DROP VIEW ledger; CREATE TABLE ledger (lost); INSERT INTO ledger VALUES (7);"
		   "DROP VIEW edges; CREATE VIEW edges AS SELECT * FROM nowhere;"
		   "CREATE VIEW extra AS SELECT 1 AS one; CREATE TABLE notes (text);"
		   "CREATE TRIGGER t AFTER INSERT ON op_row BEGIN DELETE FROM op_row; END;");
	assert_opens_whole("x.db");
	db = trace_db_open("x.db");
	assert_answer(db, "SELECT count(*) FROM ops", "1009");
	assert_answer(db, "SELECT seen || '=' || stored || '+' || lost FROM ledger", "1009=1009+0");
	assert_answer(db, "SELECT sender || '>' || receiver FROM edges", "tar>gzip");
	assert_int_not_equal(sqlite3_exec(db, "SELECT * FROM extra", NULL, NULL, NULL), 0);
	sqlite3_close(db);
}

/* Damage. */

static void test_open_truncated(void **state)
{
	size_t len, whole;
	unsigned char *bytes;
	char expected[128];

	trace_make("x.db");
	bytes = file_get("x.db", &whole);
	for (len = 1; len < whole; len += len < 600 ? 1 : 509) {
		file_put("cut.db", bytes, len);
		assert_open_fails(*state, "cut.db", "cannot open trace 'cut.db': ");
		if (len >= 32) {
			snprintf(expected, sizeof(expected),
				 "it is cut short, %zu of %zu bytes are there\n  hint: ", len,
				 whole);
			assert_said(stderr_end(*state), expected);
		}
	}
	file_put("cut.db", bytes, whole - 1);
	assert_open_fails(*state, "cut.db", "it is cut short");
	file_put("cut.db", bytes, whole);
	assert_opens_whole("cut.db");
	free(bytes);
}

/* A few bytes wrong, at random or all near the start, where the structure is. */
static void bytes_flip(unsigned char *bytes, size_t len, uint64_t *seed)
{
	size_t span = random_next(seed) % 2 ? len : len < 16384 ? len : 16384;

	for (unsigned n = 1 + random_next(seed) % 12; n; n--)
		bytes[random_next(seed) % span] ^= 1 + random_next(seed) % 255;
}

/* `name` is x.db or its WAL; both are there again before each try. Gives how many could be opened.
 */
static unsigned flip_rounds(struct place *p, const char *name, unsigned rounds)
{
	size_t len, db_len;
	unsigned char *bytes = file_get(name, &len), *db_bytes = file_get("x.db", &db_len);
	unsigned char *flipped = malloc(len);
	unsigned opened = 0;
	uint64_t seed = 17;

	for (unsigned i = 0; i < rounds; i++) {
		sqlite3 *db;
		const char *said;

		memcpy(flipped, bytes, len);
		bytes_flip(flipped, len, &seed);
		file_put("x.db", db_bytes, db_len);
		unlink("x.db-shm");
		file_put(name, flipped, len);
		stderr_begin(p);
		db = trace_db_open("x.db");
		if (db) {
			opened++;
			views_read(db);
			free(trace_db_meta(db, "command"));
		}
		sqlite3_close(db);
		said = stderr_end(p);
		if (!db)
			assert_said(said, "cannot open trace 'x.db': ");
	}
	free(flipped);
	free(bytes);
	free(db_bytes);
	return opened;
}

static void test_open_flipped(void **state)
{
	unsigned opened;

	trace_make("x.db");
	opened = flip_rounds(*state, "x.db", 600);
	/* Both happen, or the test does not test. */
	assert_true(opened > 60);
	assert_true(opened < 540);
}

/* The WAL has checksums: SQLite takes what comes before the damage. */
static void test_open_flipped_wal(void **state)
{
	trace_make_killed("x.db");
	assert_int_equal(flip_rounds(*state, "x.db-wal", 200), 200);
}

static void test_open_truncated_wal(void **state)
{
	size_t whole;
	unsigned char *bytes;

	trace_make_killed("x.db");
	bytes = file_get("x.db-wal", &whole);
	for (size_t len = 0; len <= whole; len += 1237) {
		sqlite3 *db;

		unlink("x.db-shm");
		file_put("x.db-wal", bytes, len);
		db = trace_db_open("x.db");
		/* One transaction: all or nothing. */
		assert_non_null(db);
		assert_true(views_read(db) % FILLED_ROWS == 0);
		sqlite3_close(db);
	}
	free(bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_enter, place_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_create),
		TEST(test_create_identity),
		TEST(test_create_refused),
		TEST(test_create_unprivileged),
		TEST(test_create_names),
		TEST(test_create_leftovers),
		TEST(test_create_disk_full),
		TEST(test_finish_disk_full),
		TEST(test_create_without_shared_memory),
		TEST(test_open_finished),
		TEST(test_open_leaves_nothing),
		TEST(test_open_is_read_only),
		TEST(test_meta),
		TEST(test_open_live),
		TEST(test_open_killed),
		TEST(test_open_in_closed_folder),
		TEST(test_open_no_file),
		TEST(test_open_unreadable),
		TEST(test_open_foreign),
		TEST(test_open_versions),
		TEST(test_open_forged),
		TEST(test_open_format_1),
		TEST(test_open_format_2),
		TEST(test_open_hostile_views),
		TEST(test_open_truncated),
		TEST(test_open_flipped),
		TEST(test_open_flipped_wal),
		TEST(test_open_truncated_wal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
