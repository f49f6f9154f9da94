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

/* All rows of a view in its own order, which needs no sorting where that is its key; and by --sort.
 */
#define VIEW(view, sort, own)                                                                      \
	{                                                                                          \
		view, "SELECT * FROM " view " ORDER BY " own " LIMIT :rows",                       \
			"SELECT * FROM " view " ORDER BY " sort ", " own " LIMIT :rows"            \
	}

/* The name, and of numbers the largest first. */
#define SORT(name, numbers)                                                                        \
	"CASE :sort WHEN 'name' THEN " name " END, CASE :sort " numbers " END DESC"
#define KEY(key, column) " WHEN '" key "' THEN " column

static const struct {
	const char *name, *sql, *sorted;
} views[] = {
	VIEW("processes", SORT("comm", KEY("total", "cpu_ns")), "process_id"),
	VIEW("objects", SORT("name", KEY("bytes", "bytes") KEY("messages", "messages")),
	     "object_id"),
	VIEW("ops",
	     SORT("object", KEY("bytes", "bytes") KEY("total", "dur_ns") KEY("max", "dur_ns")),
	     "op_id"),
	VIEW("messages",
	     SORT("object",
		  KEY("bytes", "bytes") KEY("total", "transit_ns") KEY("max", "transit_ns")),
	     "message_id"),
	VIEW("edges",
	     SORT("sender", KEY("messages", "messages") KEY("total", "transit_sum_ns")
				    KEY("p50", "transit_p50_ns") KEY("p99", "transit_p99_ns")
					    KEY("max", "transit_max_ns")),
	     "bytes DESC, object_id, sender_id, receiver_id, kind"),
	VIEW("latency",
	     SORT("mechanism", KEY("messages", "count") KEY("bytes", "bytes")
				       KEY("total", "dur_sum_ns") KEY("p50", "dur_p50_ns")
					       KEY("p99", "dur_p99_ns") KEY("max", "dur_max_ns")),
	     "mechanism, role, syscall"),
	VIEW("ledger", "mechanism", "mechanism, reason"),
	VIEW("mappings", SORT("object", KEY("bytes", "length")), "mapping_id"),
	VIEW("touches", SORT("object", KEY("messages", "reads + writes")), "object_id, process_id"),
	VIEW("passed_fds", SORT("sender", KEY("total", "received_ns - sent_ns")), "passing_id"),
	VIEW("ready", SORT("object", KEY("messages", "events")), "op_id, object_id, fd"),
	VIEW("pressure",
	     SORT("object", KEY("bytes", "max_bytes") KEY("messages", "max_messages")
				    KEY("total", "full_ns")),
	     "object_id, direction"),
	VIEW("depth", SORT("object", KEY("bytes", "bytes") KEY("total", "full_ns")),
	     "object_id, direction, start_ns"),
	VIEW("wakeups",
	     SORT("sender", KEY("messages", "wakeups") KEY("total", "transit_sum_ns")
				    KEY("p50", "transit_p50_ns") KEY("p99", "transit_p99_ns")
					    KEY("max", "transit_max_ns")),
	     "object_id, sender_id, receiver_id, crossed"),
	VIEW("confidence", SORT("mechanism", KEY("bytes", "bytes") KEY("messages", "messages")),
	     "mechanism"),
	VIEW("threads", SORT("comm", KEY("messages", "ops") KEY("total", "dur_sum_ns")),
	     "process_id, tid"),
	VIEW("op_blocks", SORT("first_op_id", KEY("messages", "ops")), "first_op_id"),
	VIEW("message_blocks",
	     SORT("first_message_id", KEY("messages", "messages") KEY("max", "transit_max_ns")),
	     "first_message_id"),
};
#define VIEW_COUNT (sizeof(views) / sizeof(views[0]))

const char *const query_views[] = {"processes", "objects",        "ops",     "messages",
				   "edges",     "latency",        "ledger",  "mappings",
				   "touches",   "passed_fds",     "ready",   "pressure",
				   "depth",     "confidence",     "wakeups", "threads",
				   "op_blocks", "message_blocks", NULL};

/* Those of a bench file, whose order is always their own. */
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

int query_failed(sqlite3 *db)
{
	const char *path = sqlite3_db_filename(db, "main");

	say_error("cannot read %s '%s': %s", path && bench_db_is(path) ? "bench" : "trace",
		  path && *path ? path : "?", sqlite3_errstr(sqlite3_errcode(db)));
	return 1;
}

/* What --sort and --top ask for: one report is one process. */
static struct {
	const char *sort; /* NULL: each table's own order */
	int rows;         /* negative: each table's own number; 0: all */
} choice = {.rows = -1};

const char *const query_sorts[] = {"bytes", "messages", "total", "p50", "p99", "max", "name", NULL};

void query_choose(const char *sort, int rows)
{
	choice.sort = sort;
	choice.rows = rows;
}

int query_rows(int rows)
{
	return choice.rows < 0 ? rows : choice.rows ? choice.rows : -1;
}

int query_rows_at_most(int rows)
{
	return choice.rows > 0 && choice.rows < rows ? choice.rows : rows;
}

const char *query_sort(void)
{
	return choice.sort;
}

sqlite3_stmt *query_open(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *rows = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
		query_failed(db);
	if (choice.sort)
		query_bind_text(rows, ":sort", choice.sort);
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
		query_failed(sqlite3_db_handle(rows));
	return -1;
}

const char *query_view(const char *name)
{
	for (size_t i = 0; i < VIEW_COUNT; i++)
		if (!strcmp(views[i].name, name))
			return choice.sort ? views[i].sorted : views[i].sql;
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
