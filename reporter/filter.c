// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads a filter's words, and puts its views in their place: filter.sql says what they keep.
 */
#include "filter.h"
#include "duration.h"
#include "query.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char filter_sql[], filter_cut_sql[], filter_shown_sql[];

enum filter_time {
	GIVEN_FROM = 1,
	GIVEN_TO = 2,
	GIVEN_LATENCY = 4,
};

/* The views that come back filtered. `ledger` does not, and `confidence` is read from `edges`. */
static const char *const views[] = {"processes", "objects", "ops",        "messages",
				    "edges",     "latency", "mappings",   "touches",
				    "ready",     "depth",   "passed_fds", "pressure",
				    "wakeups",   "threads", "op_blocks",  "message_blocks"};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int term_add(struct filter *filter, const char *key, const char *value, size_t len)
{
	struct filter_term *terms =
		reallocarray(filter->terms, (size_t)filter->count + 1, sizeof(*terms));

	if (!terms)
		return -ENOMEM;
	filter->terms = terms;
	terms[filter->count] = (struct filter_term){key, strndup(value, len)};
	return terms[filter->count++].value ? 0 : -ENOMEM;
}

static int add_mechanisms(struct filter *filter, const char *value, char *why)
{
	const char *bad;
	int bad_len, err = 0;
	unsigned mask = mechanisms_select(value, &bad, &bad_len);
	char list[IPCT_FILTER_WHY_LEN / 2 + 80];

	if (!mask) {
		mechanisms_list(~0u, ", ", list, sizeof(list));
		snprintf(why, IPCT_FILTER_WHY_LEN, "no mechanism '%.*s'; they are %s", bad_len, bad,
			 list);
		return -EINVAL;
	}
	for (int i = 1; i < IPCT_MECH_COUNT && !err; i++)
		if (mask & 1u << i)
			err = term_add(filter, "mechanism", mechanisms[i].name,
				       strlen(mechanisms[i].name));
	return err;
}

static int add_time(struct filter *filter, const char *key, enum filter_time which, int64_t *ns,
		    const char *value, char *why)
{
	if (filter->given & which)
		snprintf(why, IPCT_FILTER_WHY_LEN, "one %s= at a time", key);
	else if (duration_parse(value, ns))
		snprintf(why, IPCT_FILTER_WHY_LEN, "'%.40s' is no time: " IPCT_DURATION_WANTED,
			 value);
	else
		filter->given |= which;
	if (!*why && (filter->given & GIVEN_FROM) && (filter->given & GIVEN_TO) &&
	    filter->from_ns >= filter->to_ns)
		snprintf(why, IPCT_FILTER_WHY_LEN, "from= must be before to=");
	return *why ? -EINVAL : 0;
}

static int add_value(struct filter *filter, const char *key, size_t len, const char *value,
		     char *why)
{
	const struct {
		const char *key;
		enum filter_time which;
		int64_t *ns;
	} times[] = {
		{"from", GIVEN_FROM, &filter->from_ns},
		{"to", GIVEN_TO, &filter->to_ns},
		{"latency", GIVEN_LATENCY, &filter->least_ns},
	};
	static const char *const names[] = {"process", "object", "cgroup"};

	if (len == strlen("mechanism") && !strncmp(key, "mechanism", len))
		return add_mechanisms(filter, value, why);
	for (size_t i = 0; i < COUNT(names); i++)
		if (len == strlen(names[i]) && !strncmp(key, names[i], len))
			return term_add(filter, names[i], value, strlen(value));
	for (size_t i = 0; i < COUNT(times); i++)
		if (len == strlen(times[i].key) && !strncmp(key, times[i].key, len))
			return add_time(filter, times[i].key, times[i].which, times[i].ns, value,
					why);
	snprintf(
		why, IPCT_FILTER_WHY_LEN,
		"no filter '%.*s'; they are mechanism=, process=, cgroup=, object=, from=, to= and "
		"latency=",
		(int)(len < 40 ? len : 40), key);
	return -EINVAL;
}

static int words_add(struct filter *filter, const char *text)
{
	char *words;

	if (asprintf(&words, "%s%s%s", filter->words ? filter->words : "", filter->words ? " " : "",
		     text) < 0)
		return -ENOMEM;
	free(filter->words);
	filter->words = words;
	return 0;
}

int filter_add(struct filter *filter, const char *text, char why[IPCT_FILTER_WHY_LEN])
{
	const char *value = strchr(text, '=');
	int err;

	*why = '\0';
	if (!value || !value[1]) {
		snprintf(why, IPCT_FILTER_WHY_LEN,
			 "'%.40s' is no filter: KEY=VALUE, such as mechanism=pipe", text);
		return -EINVAL;
	}
	err = add_value(filter, text, (size_t)(value - text), value + 1, why);
	return err ? err : words_add(filter, text);
}

void filter_clear(struct filter *filter)
{
	for (int i = 0; i < filter->count; i++)
		free(filter->terms[i].value);
	free(filter->terms);
	free(filter->words);
	memset(filter, 0, sizeof(*filter));
}

/* Run a statement with up to two texts bound. */
static int run(sqlite3 *db, const char *sql, const char *one, const char *two)
{
	sqlite3_stmt *statement = query_open(db, sql);
	int more;

	query_bind_text(statement, ":one", one);
	query_bind_text(statement, ":two", two);
	do
		more = query_next(statement);
	while (more > 0);
	sqlite3_finalize(statement);
	return more < 0;
}

/* All statements of `sql`, one after the other. */
static int run_all(sqlite3 *db, const char *sql)
{
	while (*(sql += strspn(sql, " \t\n"))) {
		sqlite3_stmt *statement;
		int more, rc = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);

		if (rc || !statement)
			return rc ? query_failed(db) : 0;
		do
			more = query_next(statement);
		while (more > 0);
		sqlite3_finalize(statement);
		if (more < 0)
			return 1;
	}
	return 0;
}

/* A column's text for the caller to free; NULL: there is none, or no memory. */
static char *text_copy(sqlite3_stmt *rows, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows, column);

	return text ? strdup(text) : NULL;
}

/* Let the view `name` be known as whole_NAME; its own name is free then. */
static int view_rename(sqlite3 *db, const char *name)
{
	sqlite3_stmt *rows =
		query_open(db, "SELECT printf('CREATE TEMP VIEW whole_%s', substr(sql, 13)),"
			       " printf('DROP VIEW temp.%s', name)"
			       " FROM sqlite_temp_schema WHERE type = 'view' AND name = :one");
	char *create = NULL, *drop = NULL;
	int failed = 1;

	query_bind_text(rows, ":one", name);
	if (query_next(rows) > 0) {
		create = text_copy(rows, 0);
		drop = text_copy(rows, 1);
	}
	sqlite3_finalize(rows);
	if (create && drop)
		failed = run_all(db, create) || run_all(db, drop);
	free(create);
	free(drop);
	return failed;
}

static int span_put(const struct filter *filter, sqlite3 *db)
{
	sqlite3_stmt *row = query_open(db, "INSERT INTO filter_span VALUES (:from, :to, :latency)");
	int more;

	if (filter->given & GIVEN_FROM)
		query_bind(row, ":from", filter->from_ns);
	if (filter->given & GIVEN_TO)
		query_bind(row, ":to", filter->to_ns);
	if (filter->given & GIVEN_LATENCY)
		query_bind(row, ":latency", filter->least_ns);
	more = query_next(row);
	sqlite3_finalize(row);
	return more < 0;
}

static int terms_put(const struct filter *filter, sqlite3 *db)
{
	int failed = run_all(db, "CREATE TEMP TABLE filter_term (key TEXT, value TEXT);"
				 "CREATE TEMP TABLE filter_span (from_ns INTEGER, to_ns INTEGER,"
				 " least_ns INTEGER);") ||
		     span_put(filter, db);

	for (int i = 0; i < filter->count && !failed; i++)
		failed = run(db, "INSERT INTO filter_term VALUES (:one, :two)",
			     filter->terms[i].key, filter->terms[i].value);
	return failed;
}

/* Is there nothing left? */
static int say_if_empty(sqlite3 *db)
{
	sqlite3_stmt *rows = query_open(db, "SELECT EXISTS (SELECT 1 FROM edges)"
					    " OR EXISTS (SELECT 1 FROM latency)"
					    " OR EXISTS (SELECT 1 FROM mappings)");
	int more = query_next(rows);

	if (more > 0 && !sqlite3_column_int(rows, 0))
		say_note("nothing in the recording matches the filter");
	sqlite3_finalize(rows);
	return more < 0;
}

int filter_apply(const struct filter *filter, sqlite3 *db)
{
	int failed = run_all(db, "CREATE TEMP TABLE report_filter (words TEXT)");

	if (failed || !filter->words)
		return failed ||
		       run_all(db, "CREATE TEMP VIEW whole_objects AS SELECT * FROM objects;"
				   "CREATE TEMP VIEW whole_edges AS SELECT * FROM edges;"
				   "CREATE TEMP VIEW whole_processes AS SELECT * FROM processes;"
				   "CREATE TEMP VIEW whole_latency AS SELECT * FROM latency;");
	failed = run(db, "INSERT INTO report_filter VALUES (:one)", filter->words, "");
	for (size_t i = 0; i < COUNT(views) && !failed; i++)
		failed = view_rename(db, views[i]);
	failed = failed || terms_put(filter, db) || run_all(db, filter_sql);
	if (filter->given)
		failed = failed || run_all(db, filter_cut_sql);
	return failed || run_all(db, filter_shown_sql) || say_if_empty(db);
}

char *filter_words(sqlite3 *db)
{
	sqlite3_stmt *rows = query_open(db, "SELECT words FROM report_filter");
	char *words = NULL;

	if (query_next(rows) > 0)
		words = text_copy(rows, 0);
	sqlite3_finalize(rows);
	return words;
}
