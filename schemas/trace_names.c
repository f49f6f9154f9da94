// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fills a new trace file's tables mechanism, syscall, role and errno.
 */
#include "trace_names.h"

#include <linux/types.h>
#include <string.h>

#include "event.h"

#define ERRNO_LAST 511 /* of those that programs see */

struct name {
	int id;
	const char *name;
};

static const struct name roles[] = {
	{IPCT_ROLE_CREATE, "create"}, {IPCT_ROLE_OPEN, "open"},   {IPCT_ROLE_SEND, "send"},
	{IPCT_ROLE_RECV, "recv"},     {IPCT_ROLE_WAIT, "wait"},   {IPCT_ROLE_WAKE, "wake"},
	{IPCT_ROLE_MAP, "map"},       {IPCT_ROLE_UNMAP, "unmap"}, {IPCT_ROLE_CONTROL, "control"},
	{IPCT_ROLE_CLOSE, "close"},
};
_Static_assert(sizeof(roles) / sizeof(roles[0]) == IPCT_ROLE_COUNT, "every role has its name");

static const struct name syscalls[] = {
#define SYSCALL(name, ...) {IPCT_SYS_##name, #name},
#include "syscalls.def"
#undef SYSCALL
};

/* Results that only a tracer sees: the kernel restarts the call or turns them into EINTR. */
static const struct name kernel_errnos[] = {
	{512, "ERESTARTSYS"}, {513, "ERESTARTNOINTR"},        {514, "ERESTARTNOHAND"},
	{515, "ENOIOCTLCMD"}, {516, "ERESTART_RESTARTBLOCK"},
};

static const struct mechanism {
	int id;
	const char *text[5]; /* name, title, family, sender, receiver: the table's columns */
} mechanisms[] = {
#define MECHANISM(id, name, title, family, discipline, named, sender, receiver)                    \
	{IPCT_MECH_##id, {name, title, family, sender, receiver}},
#include "mechanisms.def"
#undef MECHANISM
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

	for (size_t i = 0; !rc && i < COUNT(mechanisms); i++)
		rc = row_put(insert, mechanisms[i].id, mechanisms[i].text, 5);
	sqlite3_finalize(insert);
	return rc;
}

int trace_names_put(sqlite3 *db)
{
	int rc = names_put(db, "INSERT INTO role (role_id, name) VALUES (?1, ?2)", roles,
			   COUNT(roles));

	rc = rc
		     ?: names_put(db, "INSERT INTO syscall (syscall_id, name) VALUES (?1, ?2)",
				  syscalls, COUNT(syscalls));
	rc = rc ?: errnos_put(db);
	return rc ?: mechanisms_put(db);
}
