// SPDX-License-Identifier: BSD-2-Clause
/*
 * A run over the rows of a query. A trace file can be damaged behind its first pages, so every
 * step may fail. What is said then names the file and quotes nothing from it.
 */
#include "query.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *sql;
} views[] = {
	{"processes", "SELECT * FROM processes ORDER BY process_id"},
	{"objects", "SELECT * FROM objects ORDER BY object_id"},
	{"ops", "SELECT * FROM ops ORDER BY op_id"},
	{"messages", "SELECT * FROM messages ORDER BY message_id"},
	{"edges",
	 "SELECT * FROM edges ORDER BY bytes DESC, object_id, sender_id, receiver_id, kind"},
	{"latency", "SELECT * FROM latency ORDER BY mechanism, role, syscall"},
	{"ledger", "SELECT * FROM ledger ORDER BY mechanism, reason"},
	{"mappings", "SELECT * FROM mappings ORDER BY mapping_id"},
	{"touches", "SELECT * FROM touches ORDER BY object_id, process_id"},
	{"passed_fds", "SELECT * FROM passed_fds ORDER BY passing_id"},
	{"ready", "SELECT * FROM ready ORDER BY op_id, object_id, fd"},
	{"pressure", "SELECT * FROM pressure ORDER BY object_id, direction"},
	{"depth", "SELECT * FROM depth ORDER BY object_id, direction, start_ns"},
};
#define VIEW_COUNT (sizeof(views) / sizeof(views[0]))

const char *const query_views[] = {"processes", "objects",  "ops",      "messages", "edges",
				   "latency",   "ledger",   "mappings", "touches",  "passed_fds",
				   "ready",     "pressure", "depth",    NULL};

/* Those of a bench file. */
static const struct {
	const char *name, *sql;
} bench_views[] = {
	{"results", "SELECT * FROM results ORDER BY case_id, traced"},
	{"rounds", "SELECT * FROM rounds ORDER BY case_id, traced, round"},
	{"best", "SELECT * FROM best ORDER BY pattern, cpus, wait, size"},
	{"crossovers",
	 "SELECT * FROM crossovers ORDER BY pattern, cpus, wait, size_below, below, above"},
	{"crossing", "SELECT * FROM crossing ORDER BY pattern, wait, mechanism, size"},
	{"probes", "SELECT * FROM probes ORDER BY pattern, cpus, mechanism, size"},
	{"parts", "SELECT * FROM parts ORDER BY case_id, kind, through"},
	{"facts", "SELECT * FROM facts ORDER BY mechanism"},
	{"limits", "SELECT * FROM limits ORDER BY mechanism, what"},
	{"skipped", "SELECT * FROM skipped ORDER BY mechanism, pattern, cpus, wait, size"},
};
#define BENCH_VIEW_COUNT (sizeof(bench_views) / sizeof(bench_views[0]))

const char *const query_bench_views[] = {"results",  "rounds",  "best",  "crossovers",
					 "crossing", "probes",  "parts", "facts",
					 "limits",   "skipped", NULL};

static void say_failed(sqlite3 *db)
{
	const char *path = sqlite3_db_filename(db, "main");

	say_error("cannot read %s '%s': %s", path && bench_db_is(path) ? "bench" : "trace",
		  path && *path ? path : "?", sqlite3_errstr(sqlite3_errcode(db)));
}

sqlite3_stmt *query_open(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *rows = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
		say_failed(db);
	return rows;
}

void query_bind(sqlite3_stmt *rows, const char *name, sqlite3_int64 value)
{
	int index = rows ? sqlite3_bind_parameter_index(rows, name) : 0;

	if (index)
		sqlite3_bind_int64(rows, index, value);
}

void query_bind_text(sqlite3_stmt *rows, const char *name, const char *text)
{
	int index = rows ? sqlite3_bind_parameter_index(rows, name) : 0;

	if (index)
		sqlite3_bind_text(rows, index, text, -1, SQLITE_STATIC);
}

int query_next(sqlite3_stmt *rows)
{
	int result = rows ? sqlite3_step(rows) : SQLITE_MISUSE;

	if (result == SQLITE_ROW)
		return 1;
	if (result == SQLITE_DONE)
		return 0;
	if (rows)
		say_failed(sqlite3_db_handle(rows));
	return -1;
}

const char *query_view(const char *name)
{
	for (size_t i = 0; i < VIEW_COUNT; i++)
		if (!strcmp(views[i].name, name))
			return views[i].sql;
	for (size_t i = 0; i < BENCH_VIEW_COUNT; i++)
		if (!strcmp(bench_views[i].name, name))
			return bench_views[i].sql;
	return NULL;
}

int query_is_binary(sqlite3_stmt *rows, int column)
{
	const char *type = sqlite3_column_decltype(rows, column);

	return type && !strcasecmp(type, "BLOB");
}
