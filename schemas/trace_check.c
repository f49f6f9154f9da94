// SPDX-License-Identifier: BSD-2-Clause
/*
 * Judges an open trace file, which may come from anywhere, before anyone reads it. Of its schema
 * only ordinary tables are ever used: its views and triggers are switched off, and the views of
 * this program stand before them in the temp schema.
 */
#include "trace_check.h"
#include "say.h"
#include "trace_db.h"
#include "trace_names.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern const char trace_sql[], views_sql[], bench_sql[], bench_views_sql[];
extern const char format_1_sql[], format_2_sql[];

/* Our tables; those that came with format 2, and 3, are not in older files, which have two others.
 */
#define TABLES                                                                                     \
	"SELECT name, format('SELECT 1 FROM main.\"%w\" LIMIT 1', name)"                           \
	" FROM sqlite_schema WHERE type = 'table'"
#define TABLES_SINCE_3                                                                             \
	" AND name NOT IN ('op_row', 'op_kind', 'message_row', 'message_kind', 'sleep_row', "      \
	"'sleep_kind',"                                                                            \
	" 'ready_object', 'edge_part', 'call_part', 'depth_bin', 'pressure_sum',"                  \
	" 'edge_wakeup', 'process_cgroup', 'op_block', 'message_block', 'thread', 'object_size')"
#define TABLES_UNTIL_2                                                                             \
	" UNION ALL SELECT 'op', 'SELECT 1 FROM main.op LIMIT 1'"                                  \
	" UNION ALL SELECT 'message', 'SELECT 1 FROM main.message LIMIT 1'"
#define TABLES_2 TABLES TABLES_SINCE_3 TABLES_UNTIL_2
#define TABLES_1                                                                                   \
	TABLES TABLES_SINCE_3 " AND name NOT IN ('mapping', 'touch', 'passing')" TABLES_UNTIL_2

static const char *trace_tables(int format)
{
	return format == 1 ? TABLES_1 : format == 2 ? TABLES_2 : TABLES;
}

static int trace_older_read(sqlite3 *db, int format)
{
	int rc = 0;

	if (format == 1)
		rc = sqlite3_exec(db, format_1_sql, NULL, NULL, NULL);
	if (!rc && format <= 2)
		rc = sqlite3_exec(db, format_2_sql, NULL, NULL, NULL);
	return rc;
}

const struct db_kind trace_kind = {
	.what = "trace",
	.application_id = IPCT_APPLICATION_ID,
	.version = IPCT_FORMAT_VERSION,
	.tables_sql = trace_sql,
	.views_sql = views_sql,
	.names_put = trace_names_put,
	.tables_of = trace_tables,
	.older_read = trace_older_read,
	.writers = "'ipctrace record' and 'ipctrace replay' write traces",
	.make = "make one with: sudo ipctrace record -o '%s' -- COMMAND",
};

const struct db_kind bench_kind = {
	.what = "bench",
	.application_id = IPCT_BENCH_APPLICATION_ID,
	.version = IPCT_BENCH_FORMAT_VERSION,
	.tables_sql = bench_sql,
	.views_sql = bench_views_sql,
	.writers = "'ipctrace bench' writes benches",
	.make = "make one with: sudo ipctrace bench -o '%s'",
};

static const struct {
	int limit, value;
} limits[] = {
	/* Far above what a trace holds, far below what would hurt. */
	{SQLITE_LIMIT_LENGTH, 16 << 20},    {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
	{SQLITE_LIMIT_COLUMN, 200},         {SQLITE_LIMIT_EXPR_DEPTH, 100},
	{SQLITE_LIMIT_COMPOUND_SELECT, 50}, {SQLITE_LIMIT_VDBE_OP, 100000},
	{SQLITE_LIMIT_ATTACHED, 0},         {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
	{SQLITE_LIMIT_WORKER_THREADS, 0},
};

static const struct {
	int option, on;
} switches[] = {
	{SQLITE_DBCONFIG_DEFENSIVE, 1},
	{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
	{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
	{SQLITE_DBCONFIG_ENABLE_VIEW, 0}, /* those of the file; temp views go on working */
	{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
	{SQLITE_DBCONFIG_DQS_DDL, 0},
	{SQLITE_DBCONFIG_DQS_DML, 0},
};

static int reader_restrict(sqlite3 *db)
{
	int rc = 0;

	for (size_t i = 0; i < COUNT(limits); i++)
		sqlite3_limit(db, limits[i].limit, limits[i].value);
	for (size_t i = 0; i < COUNT(switches); i++)
		rc = rc ?: sqlite3_db_config(db, switches[i].option, switches[i].on, NULL);
	return rc
		       ?: sqlite3_exec(
				  db,
				  "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
				  "PRAGMA cache_size=-32768; PRAGMA recursive_triggers=OFF; BEGIN",
				  NULL, NULL, NULL);
}

static int number_get(sqlite3 *db, const char *sql, const char *name, int *number)
{
	sqlite3_stmt *query;
	int rc = sqlite3_prepare_v2(db, sql, -1, &query, NULL);

	if (!rc && name)
		rc = sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC);
	*number = 0;
	if (!rc && sqlite3_step(query) == SQLITE_ROW)
		*number = sqlite3_column_int(query, 0);
	return sqlite3_finalize(query) ?: rc;
}

static int identity_check(sqlite3 *db, const char *path, const struct db_kind *kind, int *format)
{
	int id, version;
	int rc = number_get(db, "PRAGMA application_id", NULL, &id)
			 ?: number_get(db, "PRAGMA user_version", NULL, &version);

	if (rc)
		return rc;
	if (id != kind->application_id || version < 1)
		return SQLITE_NOTADB;
	*format = version;
	if (version <= kind->version)
		return 0;
	say_error("cannot open %s '%s': it was written by a newer ipctrace"
		  " (format %d, this one reads up to %d)",
		  kind->what, path, version, kind->version);
	say_hint("use that version to read it");
	return IPCT_EXPLAINED;
}

/*
 * That `name` is an ordinary table: a virtual table or a view of that name would run what the
 * file's author wants. Text that begins like this is parsed as nothing else. The first row is
 * read with `sql`, to see that the table's root is where the schema says.
 */
static int table_check(sqlite3 *db, const char *name, const char *sql)
{
	int count;
	int rc = number_get(db,
			    "SELECT count(*) FROM main.sqlite_schema"
			    " WHERE type = 'table' AND name = ?1"
			    " AND sql GLOB 'CREATE TABLE ' || ?1 || ' (*'",
			    name, &count);

	if (!rc && count != 1)
		rc = SQLITE_SCHEMA;
	return rc ?: sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Put our own view before the file's, and see that it finds its tables and columns. */
static int view_shadow(sqlite3 *db, const char *name, const char *sql)
{
	int columns;

	return sqlite3_exec(db, sql, NULL, NULL, NULL)
		       ?: number_get(db, "SELECT count(*) FROM pragma_table_info(?1)", name,
				     &columns);
}

/* Call `check` with each (name, sql) that `list` gives from our own schema. */
static int check_each(sqlite3 *db, sqlite3 *own, const char *list,
		      int (*check)(sqlite3 *db, const char *name, const char *sql))
{
	sqlite3_stmt *query;
	int rc = sqlite3_prepare_v2(own, list, -1, &query, NULL), end;

	while (!rc && sqlite3_step(query) == SQLITE_ROW)
		rc = check(db, (const char *)sqlite3_column_text(query, 0),
			   (const char *)sqlite3_column_text(query, 1));
	end = sqlite3_finalize(query);
	return rc ?: end;
}

/* The file's schema against our own, which a database in memory knows. */
static int schema_check(sqlite3 *db, const struct db_kind *kind, int format)
{
	sqlite3 *own;
	int rc =
		sqlite3_open_v2(":memory:", &own, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);

	rc = rc ?: sqlite3_exec(own, kind->tables_sql, NULL, NULL, NULL);
	rc = rc ?: sqlite3_exec(own, kind->views_sql, NULL, NULL, NULL);
	rc = rc
		     ?: check_each(db, own, kind->tables_of ? kind->tables_of(format) : TABLES,
				   table_check);
	if (!rc && kind->older_read)
		rc = kind->older_read(db, format);
	rc = rc
		     ?: check_each(db, own,
				   "SELECT name, 'CREATE TEMP' || substr(sql, length('CREATE') + 1)"
				   " FROM sqlite_schema WHERE type = 'view'",
				   view_shadow);
	sqlite3_close(own);
	return rc;
}

int trace_check(sqlite3 *db, const char *path, const struct db_kind *kind)
{
	int format = 0, rc = reader_restrict(db);

	rc = rc ?: identity_check(db, path, kind, &format);
	return rc ?: schema_check(db, kind, format);
}
