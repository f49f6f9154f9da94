// SPDX-License-Identifier: BSD-2-Clause
/*
 * The functions of functions.h for SQLite. Their arguments come from a trace file and can be
 * anything.
 */
#include "functions.h"
#include "reporter/bins.h"
#include "schemas/hist.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The row of the mechanism that the argument names, or NULL. */
static const struct mechanism *mechanism_of(sqlite3_value *value)
{
	const char *name = (const char *)sqlite3_value_text(value);

	for (int i = 1; name && i < IPCT_MECH_COUNT; i++)
		if (!strcmp(mechanisms[i].name, name))
			return &mechanisms[i];
	return NULL;
}

static void family(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct mechanism *m = mechanism_of(values[0]);

	sqlite3_result_text(context, m ? m->family : "other", -1, SQLITE_STATIC);
}

static void kind(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct mechanism *m = mechanism_of(values[0]);

	sqlite3_result_text(context, m ? m->kind : "data", -1, SQLITE_STATIC);
}

static void end(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct mechanism *m = mechanism_of(values[0]);

	sqlite3_result_text(context, m ? m->end : "closed", -1, SQLITE_STATIC);
}

static void keeps(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct mechanism *m = mechanism_of(values[0]);

	sqlite3_result_int(context, !m || (!strcmp(m->kind, "data") &&
					   m->discipline != IPCT_DISCIPLINE_DIRECT));
}

/* What an aggregate keeps between its rows: all zeros at first. */
struct sum {
	struct hist hist;
	int failed;
};

static void hist_sum_step(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct sum *sum = sqlite3_aggregate_context(context, sizeof(*sum));
	const void *blob = sqlite3_value_blob(values[0]);
	struct hist one = {0};
	int err;

	if (!sum || !blob)
		return;
	err = hist_decode(&one, blob, (size_t)sqlite3_value_bytes(values[0]));
	if (!err)
		err = hist_merge(&sum->hist, &one);
	hist_clear(&one);
	sum->failed |= err == -ENOMEM;
}

static void hist_of_step(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct sum *sum = sqlite3_aggregate_context(context, sizeof(*sum));
	sqlite3_int64 ns = sqlite3_value_int64(values[0]);

	if (!sum || sqlite3_value_type(values[0]) == SQLITE_NULL)
		return;
	sum->failed |= hist_add(&sum->hist, ns > 0 ? (uint64_t)ns : 0) != 0;
}

static void hist_sum_end(sqlite3_context *context)
{
	struct sum *sum = sqlite3_aggregate_context(context, 0);
	unsigned char *blob = NULL;
	long len = 0;

	if (!sum)
		return;
	if (!sum->failed && sum->hist.count)
		len = hist_encode(&sum->hist, &blob);
	if (sum->failed || len < 0)
		sqlite3_result_error_nomem(context);
	else if (blob)
		sqlite3_result_blob64(context, blob, (sqlite3_uint64)len, free);
	hist_clear(&sum->hist);
}

static void hist_at(sqlite3_context *context, int count, sqlite3_value **values)
{
	const void *blob = sqlite3_value_blob(values[0]);
	struct hist hist = {0};

	if (!blob || hist_decode(&hist, blob, (size_t)sqlite3_value_bytes(values[0])))
		return;
	if (hist.count)
		sqlite3_result_int64(context,
				     (sqlite3_int64)hist_quantile(&hist,
								  sqlite3_value_double(values[1])));
	hist_clear(&hist);
}

static void hist_bins(sqlite3_context *context, int count, sqlite3_value **values)
{
	const void *blob = sqlite3_value_blob(values[0]);
	struct hist hist = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!blob || hist_decode(&hist, blob, (size_t)sqlite3_value_bytes(values[0])))
		return;
	out = open_memstream(&text, &len);
	if (out) {
		fputc('[', out);
		bins_put(&hist, out);
		fputc(']', out);
	}
	if (out && !fclose(out))
		sqlite3_result_text64(context, text, len, free, SQLITE_UTF8);
	else
		sqlite3_result_error_nomem(context);
	hist_clear(&hist);
}

static const struct {
	const char *name;
	int arguments;
	void (*call)(sqlite3_context *context, int count, sqlite3_value **values);
	void (*step)(sqlite3_context *context, int count, sqlite3_value **values);
	void (*end)(sqlite3_context *context);
} functions[] = {
	{"ipct_family", 1, family, NULL, NULL},
	{"ipct_kind", 1, kind, NULL, NULL},
	{"ipct_end", 1, end, NULL, NULL},
	{"ipct_keeps", 1, keeps, NULL, NULL},
	{"ipct_hist", 1, NULL, hist_of_step, hist_sum_end},
	{"ipct_hist_sum", 1, NULL, hist_sum_step, hist_sum_end},
	{"ipct_hist_at", 2, hist_at, NULL, NULL},
	{"ipct_hist_bins", 1, hist_bins, NULL, NULL},
};

int functions_add(sqlite3 *db)
{
	int rc = 0;

	/* DIRECTONLY: for our queries, not for what a file's schema may say. */
	for (size_t i = 0; !rc && i < sizeof(functions) / sizeof(functions[0]); i++)
		rc = sqlite3_create_function(db, functions[i].name, functions[i].arguments,
					     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
					     NULL, functions[i].call, functions[i].step,
					     functions[i].end);
	if (rc)
		say_error("cannot prepare the report: %s", sqlite3_errstr(rc));
	return rc ? 1 : 0;
}
