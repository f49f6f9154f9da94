// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing a bench file; see bench_file.h. What there is of an interrupted bench is there up to the
 * last commit, which the runner makes after every run.
 */
#include "collector/bench_file.h"

#include "schemas/say.h"
#include "schemas/tables.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct bench_file {
	sqlite3 *db;
	char *path;
};

static const char *const status_words[] = {"waiting", "ran", "skipped", "failed"};

static int failed(struct bench_file *file, int rc)
{
	if (!rc || rc == SQLITE_DONE)
		return 0;
	say_error("cannot write bench '%s': %s", file->path, sqlite3_errstr(rc));
	return -EIO;
}

static sqlite3_stmt *prepare(struct bench_file *file, const char *sql, int *rc)
{
	sqlite3_stmt *insert = NULL;

	*rc = sqlite3_prepare_v2(file->db, sql, -1, &insert, NULL);
	return insert;
}

/* Run the statement, which ends with it. */
static int run(struct bench_file *file, sqlite3_stmt *insert, int rc)
{
	if (!rc)
		rc = sqlite3_step(insert);
	sqlite3_finalize(insert);
	return failed(file, rc);
}

static void bind_text(sqlite3_stmt *insert, int column, const char *text)
{
	sqlite3_bind_text(insert, column, text, -1, SQLITE_TRANSIENT);
}

static int mechanism_put(struct bench_file *file, int id)
{
	const struct mechanism *m = &mechanisms[id];
	const char *const texts[] = {m->name,  m->title,   m->family,  m->directions,
				     m->reach, m->address, m->carries, m->boundaries,
				     m->order, m->holder,  m->copies,  m->cleanup};
	int rc;
	sqlite3_stmt *insert = prepare(
		file,
		"INSERT INTO mechanism VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
		" ?12, ?13)",
		&rc);

	sqlite3_bind_int(insert, 1, id);
	for (int i = 0; i < 12; i++)
		bind_text(insert, 2 + i, texts[i]); /* NULL where there is none */
	return run(file, insert, rc);
}

/* The first line of a file, with single spaces; false if it is not there. */
static bool file_line(const char *path, char *out, size_t size)
{
	FILE *in = fopen(path, "re");
	bool got = in && fgets(out, (int)size, in);

	if (in)
		fclose(in);
	if (!got)
		return false;
	out[strcspn(out, "\n")] = '\0';
	for (char *at = out; *at; at++)
		*at = *at == '\t' ? ' ' : *at;
	return true;
}

static bool sysctl_read(const char *name, char *out, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *at = path + strlen("/proc/sys/"); *at; at++)
		*at = *at == '.' ? '/' : *at;
	return file_line(path, out, size);
}

static bool rlimit_read(const char *name, char *out, size_t size)
{
	static const struct {
		const char *name;
		__rlimit_resource_t resource;
	} limits[] = {
		{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
		{"RLIMIT_NOFILE", RLIMIT_NOFILE},
		{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
	};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (strcmp(limits[i].name, name) || getrlimit(limits[i].resource, &limit))
			continue;
		if (limit.rlim_cur == RLIM_INFINITY)
			snprintf(out, size, "unlimited");
		else
			snprintf(out, size, "%llu", (unsigned long long)limit.rlim_cur);
		return true;
	}
	return false;
}

static int limit_put(struct bench_file *file, const struct mechanism_limit *limit)
{
	char value[256];
	bool found = limit->by == LIMIT_SYSCTL   ? sysctl_read(limit->name, value, sizeof(value))
		     : limit->by == LIMIT_RLIMIT ? rlimit_read(limit->name, value, sizeof(value))
						 : false;
	int rc;
	sqlite3_stmt *insert =
		prepare(file, "INSERT INTO limit_found VALUES (NULL, ?1, ?2, ?3, ?4, ?5)", &rc);

	sqlite3_bind_int(insert, 1, limit->mechanism);
	bind_text(insert, 2, limit->what);
	bind_text(insert, 3, limit->unit);
	bind_text(insert, 4, limit->by == LIMIT_FIXED ? NULL : limit->name);
	bind_text(insert, 5, limit->by == LIMIT_FIXED ? limit->name : found ? value : NULL);
	return run(file, insert, rc);
}

static int case_put(struct bench_file *file, const struct bench_case *c)
{
	int rc;
	sqlite3_stmt *insert = prepare(file,
				       "INSERT OR REPLACE INTO bench_case VALUES (?1, ?2, ?3, ?4,"
				       " ?5, ?6, ?7, ?8, ?9)",
				       &rc);

	sqlite3_bind_int(insert, 1, c->id);
	sqlite3_bind_int(insert, 2, c->mechanism);
	bind_text(insert, 3, bench_patterns[c->pattern]);
	bind_text(insert, 4, bench_waits[c->wait]);
	bind_text(insert, 5, bench_cpus[c->cpus]);
	if (c->size != IPCT_BENCH_NO_SIZE)
		sqlite3_bind_int64(insert, 6, c->size);
	if (c->messages)
		sqlite3_bind_int64(insert, 7, (sqlite3_int64)c->messages);
	bind_text(insert, 8, status_words[c->status]);
	bind_text(insert, 9, *c->reason ? c->reason : NULL);
	return run(file, insert, rc);
}

static int file_fill(struct bench_file *file, const struct bench_matrix *matrix)
{
	unsigned used = 0;
	int err = failed(file, sqlite3_exec(file->db, "BEGIN", NULL, NULL, NULL));

	for (int i = 0; !err && i < matrix->count; i++) {
		err = case_put(file, &matrix->cases[i]);
		used |= 1u << matrix->cases[i].mechanism;
	}
	for (int m = 1; !err && m < IPCT_MECH_COUNT; m++)
		if (used & 1u << m)
			err = mechanism_put(file, m);
	for (const struct mechanism_limit *l = mechanism_limits; !err && l->what; l++)
		if (used & 1u << l->mechanism)
			err = limit_put(file, l);
	return err ? err : bench_file_commit(file);
}

struct bench_file *bench_file_new(const char *path, const struct bench_matrix *matrix)
{
	struct bench_file *file = calloc(1, sizeof(*file));

	if (!file || !(file->path = strdup(path))) {
		say_error("cannot create bench '%s': out of memory", path);
		free(file);
		return NULL;
	}
	file->db = bench_db_create(path);
	if (file->db && !file_fill(file, matrix))
		return file;
	bench_file_close(file);
	return NULL;
}

int bench_file_close(struct bench_file *file)
{
	int err = 0;

	if (!file)
		return 0;
	if (file->db) {
		err = failed(file, sqlite3_exec(file->db, "COMMIT", NULL, NULL, NULL));
		err = trace_db_finish(file->db) ? -EIO : err;
	}
	free(file->path);
	free(file);
	return err;
}

int bench_file_commit(struct bench_file *file)
{
	return failed(file, sqlite3_exec(file->db, "COMMIT; BEGIN", NULL, NULL, NULL));
}

int bench_file_meta(struct bench_file *file, const char *key, const char *text, int64_t number)
{
	int rc;
	sqlite3_stmt *insert = prepare(file, "INSERT OR REPLACE INTO meta VALUES (?1, ?2)", &rc);

	bind_text(insert, 1, key);
	if (text)
		bind_text(insert, 2, text);
	else
		sqlite3_bind_int64(insert, 2, number);
	return run(file, insert, rc);
}

int bench_file_case(struct bench_file *file, const struct bench_case *c)
{
	return case_put(file, c);
}

/* Four percentiles from `column` on, if there is anything. */
static void bind_percentiles(sqlite3_stmt *insert, int column, const struct hist *hist)
{
	static const double at[] = {0.5, 0.9, 0.99, 1};

	for (int i = 0; hist->count && i < 4; i++)
		sqlite3_bind_int64(insert, column + i, (sqlite3_int64)hist_quantile(hist, at[i]));
}

static int bind_hist(sqlite3_stmt *insert, int column, const struct hist *hist)
{
	unsigned char *bytes;
	long len = hist->count ? hist_encode(hist, &bytes) : 0;

	if (len <= 0)
		return len < 0 ? SQLITE_NOMEM : 0;
	return sqlite3_bind_blob(insert, column, bytes, (int)len, free);
}

int bench_file_run(struct bench_file *file, const struct bench_case *c, bool traced, int round,
		   int64_t started_ns, const struct bench_result *result)
{
	const int64_t numbers[] = {c->id,
				   traced,
				   round,
				   started_ns,
				   (int64_t)result->size,
				   (int64_t)result->messages,
				   (int64_t)result->bytes,
				   (int64_t)result->elapsed_ns};
	int rc;
	sqlite3_stmt *insert = prepare(file,
				       "INSERT INTO run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
				       " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
				       &rc);

	for (int i = 0; i < 8; i++)
		sqlite3_bind_int64(insert, 1 + i, numbers[i]);
	bind_percentiles(insert, 9, &result->rtt);
	bind_percentiles(insert, 13, &result->one_way);
	rc = rc ?: bind_hist(insert, 17, &result->rtt);
	rc = rc ?: bind_hist(insert, 18, &result->one_way);
	return run(file, insert, rc);
}

/* Mappings have no messages, and what is from before parts were known has no sums. */
#define PARTS_SQL                                                                                  \
	"SELECT mechanism, kind, sum(messages), sum(transit_sum_ns), sum(in_send_sum_ns),"         \
	" sum(in_object_sum_ns), sum(in_runq_sum_ns), sum(in_recv_sum_ns) FROM edges"              \
	" WHERE instr(?1, ',' || sender_pid || ',') AND instr(?1, ',' || receiver_pid || ',')"     \
	" AND in_send_sum_ns IS NOT NULL GROUP BY mechanism, kind"

static int part_put(struct bench_file *file, const struct bench_case *c, int round,
		    sqlite3_stmt *rows)
{
	int rc;
	sqlite3_stmt *insert = prepare(file,
				       "INSERT OR REPLACE INTO part VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
				       " ?7, ?8, ?9, ?10)",
				       &rc);

	sqlite3_bind_int(insert, 1, c->id);
	sqlite3_bind_int(insert, 2, round);
	for (int i = 0; i < 8; i++)
		sqlite3_bind_value(insert, 3 + i, sqlite3_column_value(rows, i));
	return run(file, insert, rc);
}

int bench_file_parts(struct bench_file *file, const struct bench_case *c, int round,
		     const char *trace, const char *peers)
{
	sqlite3 *db = trace_db_open(trace);
	sqlite3_stmt *rows = NULL;
	int err = 0, rc;

	if (!db)
		return -EIO;
	rc = sqlite3_prepare_v2(db, PARTS_SQL, -1, &rows, NULL);
	if (!rc)
		bind_text(rows, 1, peers);
	while (!rc && !err && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
		err = part_put(file, c, round, rows);
		rc = 0;
	}
	sqlite3_finalize(rows);
	sqlite3_close(db);
	if (rc && rc != SQLITE_DONE) {
		say_error("cannot read trace '%s': %s", trace, sqlite3_errstr(rc));
		err = -EIO;
	}
	return err;
}
