// SPDX-License-Identifier: BSD-2-Clause
/*
 * Creating, finishing and opening a trace file: how it lies on the disk, alone or with SQLite's
 * companions, and what to tell a person when it cannot be had. What is inside a foreign file is
 * for trace_check.c to judge.
 */
#include "trace_db.h"
#include "db_kind.h"
#include "say.h"
#include "trace_check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Others hold a lock for moments only: a reader that recovers the WAL, or a person's own SQL. */
#define BUSY_MS 5000

#define HINT_RECOVER "sqlite3 '%s' .recover shows what can still be read"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Files that SQLite keeps beside a database. */
static const char *const companions[] = {"-wal", "-shm", "-journal"};

/* path + companion into `out`; false if that is too long to exist. */
static bool companion_path(char out[PATH_MAX], const char *path, const char *companion)
{
	return snprintf(out, PATH_MAX, "%s%s", path, companion) < PATH_MAX;
}

static void companions_remove(const char *path)
{
	char name[PATH_MAX];

	for (size_t i = 0; i < COUNT(companions); i++)
		if (companion_path(name, path, companions[i]))
			unlink(name);
}

/* Ask for WAL mode. An answer other than "wal" means that the place cannot have it. */
static int wal_begin(sqlite3 *db)
{
	sqlite3_stmt *pragma;
	int rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &pragma, NULL);

	if (!rc && sqlite3_step(pragma) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(pragma, 0), "wal"))
		rc = SQLITE_IOERR_SHMMAP;
	return sqlite3_finalize(pragma) ?: rc;
}

/*
 * Without syncs a power failure may cost the file, but a kill does not, and a slow disk does not
 * hold up the recording. What does not fit the page cache spills into the WAL; that blocks no
 * reader, and bounds the memory of a large transaction.
 */
static int file_fill(sqlite3 *db, const struct db_kind *kind)
{
	char identity[128];
	int rc;

	snprintf(identity, sizeof(identity),
		 "BEGIN; PRAGMA application_id=%d; PRAGMA user_version=%d;", kind->application_id,
		 kind->version);
	rc = sqlite3_exec(db,
			  "PRAGMA page_size=4096; PRAGMA synchronous=OFF;"
			  "PRAGMA secure_delete=OFF; PRAGMA cache_size=-16384;",
			  NULL, NULL, NULL);

	rc = rc ?: wal_begin(db);
	rc = rc ?: sqlite3_exec(db, identity, NULL, NULL, NULL);
	rc = rc ?: sqlite3_exec(db, kind->tables_sql, NULL, NULL, NULL);
	rc = rc ?: sqlite3_exec(db, kind->views_sql, NULL, NULL, NULL);
	if (!rc && kind->names_put)
		rc = kind->names_put(db);
	rc = rc ?: sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	/* The file says what it is from now on, even if it is copied without its WAL. */
	return rc ?: sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/*
 * Why SQLite refused, in words; nothing from the file, so that it can be printed. sqlite3_errmsg
 * is only for a file that is ours.
 */
static const char *reason(sqlite3 *db, int rc)
{
	int err = sqlite3_system_errno(db);

	if ((rc & 0xff) == SQLITE_FULL)
		return strerror(ENOSPC);
	if (((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN) && err)
		return strerror(err);
	return sqlite3_errstr(rc);
}

/* On a full disk, too, SQLite cannot make the shared memory, but says SHMSIZE. */
static bool is_shm_error(int rc)
{
	return rc == SQLITE_IOERR_SHMMAP || rc == SQLITE_IOERR_SHMOPEN;
}

static void create_explain(const struct db_kind *kind, const char *path, const char *why, int err)
{
	say_error("cannot create %s '%s': %s", kind->what, path, why);
	if (err == ENOENT || err == ENOTDIR)
		say_hint("make its folder first");
	else if (err == EEXIST)
		say_hint("move it away, or name another file with -o");
	else if (err == ENOSPC || err == EDQUOT)
		say_hint("free some space, or name a file elsewhere with -o");
	else
		say_hint("name a file in another folder with -o");
}

/*
 * The open with O_EXCL is what makes sure that the file is new; SQLite then finds it empty. Files
 * beside it can only be left from one that had its name before, and must not be taken for its own.
 */
static int file_reserve(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	close(fd);
	companions_remove(path);
	return 0;
}

/* What SQLite opens: a URI, so that no path means anything but a file. NULL without memory. */
static char *uri_of(const char *path, bool immutable)
{
	char *uri = malloc(3 * strlen(path) + sizeof("file://./?immutable=1"));
	char *at = uri;

	if (!uri)
		return NULL;
	at = stpcpy(at, *path == '/' ? "file://" : "file:./");
	for (; *path; path++) {
		if (strchr("%?#", *path))
			at += sprintf(at, "%%%02X", *path);
		else
			*at++ = *path;
	}
	strcpy(at, immutable ? "?immutable=1" : "");
	return uri;
}

static int connect(const char *path, int flags, bool immutable, sqlite3 **db)
{
	char *uri = uri_of(path, immutable);
	int rc = SQLITE_NOMEM;

	*db = NULL;
	if (uri)
		rc = sqlite3_open_v2(uri, db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE,
				     NULL);
	free(uri);
	if (*db)
		sqlite3_busy_timeout(*db, BUSY_MS);
	return rc;
}

static sqlite3 *file_create(const char *path, const struct db_kind *kind)
{
	int err = file_reserve(path), rc;
	sqlite3 *db;

	if (err) {
		create_explain(kind, path, strerror(-err), -err);
		return NULL;
	}
	rc = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, false, &db);
	rc = rc ?: file_fill(db, kind);
	if (!rc)
		return db;

	if (is_shm_error(rc))
		create_explain(kind, path, "its file system has no shared memory maps", 0);
	else
		create_explain(kind, path, reason(db, rc), (rc & 0xff) == SQLITE_FULL ? ENOSPC : 0);
	sqlite3_close(db);
	unlink(path);
	companions_remove(path);
	return NULL;
}

sqlite3 *trace_db_create(const char *path)
{
	return file_create(path, &trace_kind);
}

sqlite3 *bench_db_create(const char *path)
{
	return file_create(path, &bench_kind);
}

int trace_db_finish(sqlite3 *db)
{
	const char *path;
	int rc;

	if (!db)
		return 0;
	path = sqlite3_db_filename(db, NULL);
	sqlite3_busy_timeout(db, 0);
	rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	/* A reader keeps the file in WAL mode, which is as good. */
	if (!rc || rc == SQLITE_BUSY)
		rc = sqlite3_exec(db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	if ((rc & 0xff) == SQLITE_BUSY)
		rc = 0;
	if (rc) {
		say_error("cannot complete trace '%s': %s", path, reason(db, rc));
		say_hint("keep '%s-wal' beside it: the rest of the recording is there", path);
	}
	sqlite3_close(db);
	return rc ? -EIO : 0;
}

/*
 * Whether nobody writes the file and all of it is there. Then SQLite need not lock it, nor make
 * files beside it, which a reader may not be allowed to do. While a recording runs, and after it
 * was killed, its WAL is there; a finished file gets no writer any more.
 */
static bool is_settled(const char *path)
{
	char wal[PATH_MAX], journal[PATH_MAX];

	return companion_path(wal, path, "-wal") && companion_path(journal, path, "-journal") &&
	       access(wal, F_OK) && access(journal, F_OK);
}

/* How long the file should be, by its own head; 0 if that cannot be told. */
static long long length_expected(const char *path)
{
	unsigned char head[32];
	FILE *file = fopen(path, "re");
	size_t got = file ? fread(head, 1, sizeof(head), file) : 0;
	uint32_t page_size, pages;

	if (file)
		fclose(file);
	if (got < sizeof(head) || memcmp(head, "SQLite format 3", 16))
		return 0;
	page_size = head[16] << 8 | head[17];
	pages = (uint32_t)head[28] << 24 | head[29] << 16 | head[30] << 8 | head[31];
	return (long long)pages * (page_size == 1 ? 65536 : page_size);
}

/* SQLite itself would take a last page that is cut for one with zeros at its end. */
static bool is_cut(const struct db_kind *kind, const char *path, const char *real)
{
	long long expected = length_expected(real);
	struct stat st;

	if (stat(real, &st) || st.st_size >= expected)
		return false;
	say_error("cannot open %s '%s': it is cut short, %lld of %lld bytes are there", kind->what,
		  path, (long long)st.st_size, expected);
	say_hint(HINT_RECOVER, path);
	return true;
}

static void open_explain(const struct db_kind *kind, const char *path, const char *real,
			 bool settled, sqlite3 *db, int rc)
{
	const char *why = reason(db, rc);

	switch (rc & 0xff) {
	case SQLITE_NOTADB:
		say_error("cannot open %s '%s': not a %s file", kind->what, path, kind->what);
		say_hint("%s", kind->writers);
		break;
	case SQLITE_CORRUPT:
		say_error("cannot open %s '%s': the file is damaged", kind->what, path);
		say_hint(HINT_RECOVER, path);
		break;
	case SQLITE_ERROR:
	case SQLITE_SCHEMA:
		say_error("cannot open %s '%s': its tables are not those of a %s", kind->what, path,
			  kind->what);
		break;
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		say_error(
			"cannot open %s '%s': %s", kind->what, path,
			settled ? why
				: "its recording has not ended, and SQLite cannot write beside it");
		if (!settled)
			say_hint("copy '%s' and '%s-wal' to a folder of yours and open the copy",
				 path, real);
		break;
	default:
		say_error("cannot open %s '%s': %s", kind->what, path, why);
	}
}

/* The file behind all links, which SQLite's companions lie beside. NULL and errno. */
static char *file_find(const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int err = 0;

	if (!real || stat(real, &st) || faccessat(AT_FDCWD, real, R_OK, AT_EACCESS))
		err = errno;
	else if (S_ISDIR(st.st_mode))
		err = EISDIR;
	else if (!S_ISREG(st.st_mode))
		err = EINVAL;
	else if (!st.st_size && is_settled(real))
		err = ENODATA;
	if (err) {
		free(real);
		real = NULL;
		errno = err;
	}
	return real;
}

static void find_explain(const struct db_kind *kind, const char *path, int err)
{
	const char *why = err == EINVAL    ? "not a regular file"
			  : err == ENODATA ? "the file is empty"
					   : strerror(err);

	say_error("cannot open %s '%s': %s", kind->what, path, why);
	if (err == ENOENT)
		say_hint(kind->make, path);
}

static sqlite3 *file_open(const char *path, const struct db_kind *kind)
{
	char *real = file_find(path);
	bool settled;
	sqlite3 *db = NULL;
	int rc = IPCT_EXPLAINED;

	if (!real) {
		find_explain(kind, path, errno);
		return NULL;
	}
	/* Beside a WAL, the file's own head is of no account. */
	settled = is_settled(real);
	if (!settled || !is_cut(kind, path, real))
		rc = connect(real, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, settled, &db);
	rc = rc ?: trace_check(db, path, kind);
	if (rc) {
		if (rc != IPCT_EXPLAINED)
			open_explain(kind, path, real, settled, db, rc);
		sqlite3_close(db);
		db = NULL;
	}
	free(real);
	return db;
}

sqlite3 *trace_db_open(const char *path)
{
	return file_open(path, &trace_kind);
}

sqlite3 *bench_db_open(const char *path)
{
	return file_open(path, &bench_kind);
}

/* Where SQLite has the number in a file's head; it is there from the file's first moment on. */
bool bench_db_is(const char *path)
{
	unsigned char id[4];
	FILE *file = fopen(path, "re");
	bool is = file && !fseek(file, 68, SEEK_SET) && fread(id, sizeof(id), 1, file) == 1 &&
		  (id[0] << 24 | id[1] << 16 | id[2] << 8 | id[3]) == IPCT_BENCH_APPLICATION_ID;

	if (file)
		fclose(file);
	return is;
}

char *trace_db_meta(sqlite3 *db, const char *key)
{
	sqlite3_stmt *query;
	const char *text;
	char *value = NULL;

	if (sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE key = ?1", -1, &query, NULL))
		return NULL;
	sqlite3_bind_text(query, 1, key, -1, SQLITE_STATIC);
	if (sqlite3_step(query) == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(query, 0);
		value = text ? strdup(text) : NULL;
	}
	sqlite3_finalize(query);
	return value;
}
