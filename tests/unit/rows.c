// SPDX-License-Identifier: BSD-2-Clause
/*
 * The folder, the collector's run and the rows that came of it.
 */
#include "rows.h"

#include "schemas/trace_db.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int said_fd = -1, saved_fd = -1;

void said_begin(void)
{
	if (said_fd < 0)
		said_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC | O_APPEND, 0600);
	saved_fd = fcntl(2, F_DUPFD_CLOEXEC, 10);
	assert_true(said_fd >= 0 && saved_fd >= 0);
	assert_int_equal(ftruncate(said_fd, 0), 0);
	dup2(said_fd, 2);
}

const char *said_end(void)
{
	static char text[8192];
	ssize_t len;

	dup2(saved_fd, 2);
	close(saved_fd);
	saved_fd = -1;
	len = pread(said_fd, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

int folder_enter(void **state)
{
	char *folder = strdup("/tmp/ipct-rows-XXXXXX");

	*state = folder;
	return !folder || !mkdtemp(folder) || chdir(folder) ? -1 : 0;
}

int folder_leave(void **state)
{
	char command[64];

	if (saved_fd >= 0) /* a test failed, and its reason was caught */
		print_error("%s", said_end());
	snprintf(command, sizeof(command), "rm -r %s", (char *)*state);
	free(*state);
	return chdir("/") || system(command); /* NOLINT(cert-env33-c): a name of our own making */
}

int rows_make(const char *path, struct records *r, struct collector_sums *sums)
{
	struct collector_sums unused;
	struct recording rec;
	struct collector *c;
	long used;
	int err;

	records_recording(&rec);
	c = collector_new(path, &rec);
	assert_non_null(c);
	used = collector_feed(c, r->data, r->len);
	err = collector_finish(c, sums ? sums : &unused);
	if (used < 0)
		err = (int)used;
	else
		assert_int_equal(used, r->len);
	recording_clear(&rec);
	records_clear(r);
	return err;
}

sqlite3 *rows_of(struct records *r)
{
	sqlite3 *db;

	assert_int_equal(rows_make("t.db", r, NULL), 0);
	db = trace_db_open("t.db");
	assert_non_null(db);
	return db;
}

char *rows_text(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *query;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int code;

	assert_non_null(out);
	if (sqlite3_prepare_v2(db, sql, -1, &query, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while ((code = sqlite3_step(query)) == SQLITE_ROW)
		for (int i = 0, last = sqlite3_column_count(query) - 1; i <= last; i++) {
			const char *value = (const char *)sqlite3_column_text(query, i);

			fprintf(out, "%s%c", value ? value : "-", i == last ? '\n' : '|');
		}
	if (code != SQLITE_DONE)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_finalize(query);
	assert_int_equal(fclose(out), 0);
	return text;
}

void rows_check(sqlite3 *db, const char *sql, const char *expected, const char *file, int line)
{
	char *text = rows_text(db, sql);

	if (strcmp(text, expected)) {
		print_error("%s\ngave:\n%sinstead of:\n%s", sql, text, expected);
		free(text);
		_fail(file, line);
	}
	free(text);
}

void rows_check_balance(sqlite3 *db, const char *file, int line)
{
	rows_check(db, "SELECT * FROM ledger WHERE seen != stored + lost OR seen < 0 OR lost < 0",
		   "", file, line);
	rows_check(db,
		   "SELECT mechanism, stored, (SELECT count(*) FROM ops o"
		   "  WHERE o.mechanism = l.mechanism) AS there"
		   " FROM ledger l WHERE reason = 'stored' AND stored != there",
		   "", file, line);
	rows_check(db, "SELECT count(*) FROM ops WHERE mechanism IS NULL", "0\n", file, line);
}

uint64_t random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}
