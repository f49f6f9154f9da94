// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fills a new trace file's tables mechanism, syscall, role and errno.
 */
#include "trace_names.h"

#include <string.h>

#include "tables.h"

#define ERRNO_LAST 511 /* of those that programs see */

struct name {
	int id;
	const char *name;
};

/* Results that only a tracer sees: the kernel restarts the call or turns them into EINTR. */
static const struct name kernel_errnos[] = {
	{512, "ERESTARTSYS"}, {513, "ERESTARTNOINTR"},        {514, "ERESTARTNOHAND"},
	{515, "ENOIOCTLCMD"}, {516, "ERESTART_RESTARTBLOCK"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Insert one row of a number and texts. Returns an SQLite result code. */
static int row_put(sqlite3_stmt *insert, int id, const char *const *text, int count)
{
	sqlite3_bind_int(insert, 1, id);
	for (int i = 0; i < count; i++)
		sqlite3_bind_text(insert, i + 2, text[i], -1, SQLITE_STATIC);
	sqlite3_step(insert);
	return sqlite3_reset(insert);
}

static int names_put(sqlite3 *db, const char *sql, const struct name *names, size_t count)
{
	sqlite3_stmt *insert;
	int rc = sqlite3_prepare_v2(db, sql, -1, &insert, NULL);

	for (size_t i = 0; !rc && i < count; i++)
		rc = row_put(insert, names[i].id, &names[i].name, 1);
	sqlite3_finalize(insert);
	return rc;
}

static int errnos_put(sqlite3 *db)
{
	static const char sql[] = "INSERT INTO errno (errno_id, name) VALUES (?1, ?2)";
	struct name names[ERRNO_LAST];
	size_t count = 0;

	for (int i = 1; i <= ERRNO_LAST; i++)
		if (strerrorname_np(i))
			names[count++] = (struct name){i, strerrorname_np(i)};
	return names_put(db, sql, names, count)
		       ?: names_put(db, sql, kernel_errnos, COUNT(kernel_errnos));
}

static int mechanisms_put(sqlite3 *db)
{
	sqlite3_stmt *insert;
	int rc = sqlite3_prepare_v2(db,
				    "INSERT INTO mechanism"
				    " (mechanism_id, name, title, family, sender, receiver)"
				    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
				    -1, &insert, NULL);

	for (int i = 1; !rc && i < IPCT_MECH_COUNT; i++) {
		const struct mechanism *m = &mechanisms[i];
		const char *const text[] = {m->name, m->title, m->family, m->sender, m->receiver};

		rc = row_put(insert, i, text, COUNT(text));
	}
	sqlite3_finalize(insert);
	return rc;
}

static int syscalls_put(sqlite3 *db)
{
	struct name names[IPCT_SYS_COUNT];

	for (int i = 0; i < IPCT_SYS_COUNT; i++)
		names[i] = (struct name){i, syscall_rows[i].name};
	return names_put(db, "INSERT INTO syscall (syscall_id, name) VALUES (?1, ?2)", names,
			 COUNT(names));
}

static int roles_put(sqlite3 *db)
{
	struct name names[IPCT_ROLE_COUNT];

	for (int i = 0; i < IPCT_ROLE_COUNT; i++)
		names[i] = (struct name){i, role_names[i]};
	return names_put(db, "INSERT INTO role (role_id, name) VALUES (?1, ?2)", names,
			 COUNT(names));
}

int trace_names_put(sqlite3 *db)
{
	int rc = roles_put(db);

	rc = rc ?: syscalls_put(db);
	rc = rc ?: errnos_put(db);
	return rc ?: mechanisms_put(db);
}
