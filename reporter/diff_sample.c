// SPDX-License-Identifier: BSD-2-Clause
/*
 * Transits and durations in the order of time: what the sums cannot say is how much a run varies
 * within itself.
 */
#include "diff.h"
#include "query.h"
#include "schemas/say.h"

#include <stdlib.h>

#define SAMPLE_MAX 2000000 /* of the messages, and of the calls, of a run */

extern const char diff_messages_sql[], diff_ops_sql[];

/* One message or call. */
struct event {
	int64_t at_ns;
	double value_ns, bytes;
};

/* Room for one more. 0 or 1. */
static int sample_grow(struct diff_sample *s)
{
	size_t room = s->room ? 2 * s->room : 256;
	double *values, *bytes;

	if (s->used < s->room)
		return 0;
	values = reallocarray(s->values, room, sizeof(*values));
	s->values = values ? values : s->values;
	bytes = reallocarray(s->bytes, room, sizeof(*bytes));
	s->bytes = bytes ? bytes : s->bytes;
	if (!values || !bytes)
		return 1;
	s->room = room;
	return 0;
}

static int sample_add(struct diff_sample *s, const struct event *event)
{
	double first = (double)s->sums.first_ns, span = (double)s->sums.last_ns - first;
	double bin = span > 0 ? ((double)event->at_ns - first) / span * DIFF_BINS : 0;

	if (sample_grow(s))
		return 1;
	s->bytes[s->used] = event->bytes;
	s->values[s->used++] = event->value_ns;
	s->bins[bin >= DIFF_BINS ? DIFF_BINS - 1 : bin > 0 ? (int)bin : 0]++;
	s->bytes_squared += event->bytes * event->bytes;
	return 0;
}

/* Columns from `at` on: start, duration, bytes. */
static struct event event_of(sqlite3_stmt *rows, int at)
{
	return (struct event){sqlite3_column_int64(rows, at), sqlite3_column_double(rows, at + 1),
			      sqlite3_column_double(rows, at + 2)};
}

static int message_add(struct diff *diff, int run, sqlite3_stmt *rows)
{
	const struct diff_row *edge =
		diff_edge_find(&diff->input, run, sqlite3_column_int64(rows, 0),
			       sqlite3_column_int64(rows, 1), sqlite3_column_int64(rows, 2));
	struct event event = event_of(rows, 3);
	struct diff_item *item;
	int failed;

	if (!edge)
		return 0;
	item = &diff->items[edge->item];
	failed = sample_add(&item->samples[run], &event);
	if (!failed && item->above != UINT32_MAX)
		failed = sample_add(&diff->items[item->above].samples[run], &event);
	return failed;
}

static int op_add(struct diff *diff, int run, sqlite3_stmt *rows)
{
	const char *mechanism = (const char *)sqlite3_column_text(rows, 0);
	const char *role = (const char *)sqlite3_column_text(rows, 1);
	const char *syscall = (const char *)sqlite3_column_text(rows, 2);
	struct event event = event_of(rows, 3);
	const struct diff_row *call;

	if (!mechanism || !role || !syscall)
		return 0;
	call = diff_call_find(&diff->input, run, mechanism, role, syscall);
	return call ? sample_add(&diff->items[call->item].samples[run], &event) : 0;
}

static int events_read(struct diff *diff, int run, const char *sql, int64_t count,
		       int (*add)(struct diff *, int, sqlite3_stmt *))
{
	sqlite3_stmt *rows = query_open(diff->input.runs[run].db, sql);
	uint64_t stride = count > SAMPLE_MAX ? (uint64_t)(count / SAMPLE_MAX + 1) : 1;
	int more = 0, failed = 0;
	size_t read = 0;

	query_bind(rows, ":stride", (sqlite3_int64)stride);
	if (stride > diff->sampled)
		diff->sampled = stride;
	/* A forged file may hold more than it says. */
	while (!failed && read++ < 2 * SAMPLE_MAX && (more = query_next(rows)) > 0)
		failed = add(diff, run, rows);
	sqlite3_finalize(rows);
	if (failed)
		say_error("cannot compare the recordings: out of memory");
	return failed || more < 0;
}

/* Calls of one kind are looked for in all of the recording: their rows say no times. */
static void spans_fill(struct diff *diff)
{
	for (size_t i = 0; i < diff->item_count; i++)
		for (int run = 0; run < diff->input.run_count; run++) {
			struct diff_sums *sums = &diff->items[i].samples[run].sums;

			if (diff->items[i].level != DIFF_CALL)
				continue;
			sums->first_ns = 0;
			sums->last_ns = diff->input.runs[run].totals.duration_ns;
		}
}

int diff_samples_read(struct diff *diff)
{
	int failed = 0;

	diff->sampled = 1;
	if (diff->input.benches) /* of which rounds are all there is */
		return 0;
	spans_fill(diff);
	for (int run = 0; run < diff->input.run_count && !failed; run++) {
		const struct diff_totals *totals = &diff->input.runs[run].totals;

		failed = events_read(diff, run, diff_messages_sql, totals->messages, message_add) ||
			 events_read(diff, run, diff_ops_sql, totals->calls, op_add);
	}
	return failed;
}
