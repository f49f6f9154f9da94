// SPDX-License-Identifier: BSD-2-Clause
/*
 * The first lines of the text report: what was recorded, what is wrong with it, how much went
 * over it, and the ledger. Every fact of `meta` may be missing; a line without facts is left out.
 */
#include "text.h"
#include "cells.h"
#include "escape.h"
#include "query.h"
#include "units.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL       "  %-9s "
#define LABEL_WIDTH 12
#define LOSSES      5 /* reasons that are named */

extern const char text_traffic_sql[], text_ledger_sql[], text_losses_sql[];

/* Why calls are missing, and what helps; docs/trace-file.md has the long form. */
static const struct {
	const char *reason, *words;
} reasons[] = {
	{"ring_full", "the ring buffer was full; record with a larger --ring"},
	{"spool_full", "storing could not keep up and memory for the rest ran out"},
	{"objects_full", "more objects than a recording can tell apart"},
	{"compat_32bit", "calls of 32-bit programs are not decoded"},
	{"threads_not_followed", "new threads for which the kernel had no memory"},
	{"process_records_ring_full", "news of processes, the ring buffer was full; larger --ring"},
	{"process_records_spool_full", "news of processes, storing could not keep up"},
	{"under_way", "not stored yet, or in progress when the recorder was killed"},
	{"disk_full", "no space was left for the trace file"},
	{"store_failed", "the trace file could not be written"},
};

/* How a recording ended, by meta's `ended`. */
static const struct {
	const char *ended;
	const char *cut;       /* why it was cut off */
	const char *no_status; /* instead of the program's status, if there is none */
	const char *after;
} ends[] = {
	{"signal", NULL, "the program still ran", "; recording stopped by a signal"},
	{"duration", NULL, "the program still ran", "; recording stopped when its time was over"},
	{"no_exec", NULL, "the command could not be run", ""},
	{"cut", "the capture that it was made from ends early", NULL, ""},
	{"disk_full", "no space was left for the trace file", NULL, ""},
	{"store_failed", "the trace file could not be written", NULL, ""},
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The facts of `meta`, safe for a terminal; NULL where there is none. */
struct facts {
	char *command, *cwd, *host, *kernel, *arch, *cpus, *user, *version, *ended, *complete;
	char *start_realtime_ns, *duration_ns, *exit_status;
};

static char *fact(sqlite3 *db, const char *key)
{
	char *value = trace_db_meta(db, key);
	char *safe = value && *value ? escape_text(value, strlen(value)) : NULL;

	free(value);
	return safe;
}

static struct facts facts_read(sqlite3 *db)
{
	return (struct facts){
		.command = fact(db, "command"),
		.cwd = fact(db, "cwd"),
		.host = fact(db, "host"),
		.kernel = fact(db, "kernel"),
		.arch = fact(db, "arch"),
		.cpus = fact(db, "cpus"),
		.user = fact(db, "user"),
		.version = fact(db, "version"),
		.ended = fact(db, "ended"),
		.complete = fact(db, "complete"),
		.start_realtime_ns = fact(db, "start_realtime_ns"),
		.duration_ns = fact(db, "duration_ns"),
		.exit_status = fact(db, "exit_status"),
	};
}

static void facts_free(struct facts *f)
{
	char **all[] = {&f->command,
			&f->cwd,
			&f->host,
			&f->kernel,
			&f->arch,
			&f->cpus,
			&f->user,
			&f->version,
			&f->ended,
			&f->complete,
			&f->start_realtime_ns,
			&f->duration_ns,
			&f->exit_status};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(*all[i]);
}

static bool is(const char *fact, const char *value)
{
	return fact && !strcmp(fact, value);
}

/* Whether the fact is a whole number, and which. */
static bool whole(const char *fact, int64_t *value)
{
	char *end;

	if (!fact)
		return false;
	errno = 0;
	*value = strtoll(fact, &end, 10);
	return end != fact && !*end && !errno;
}

/* A line that is cut at the terminal's edge, with a label or, at the margin, without one. */
static void line(const struct terminal *term, enum style style, const char *label, const char *fmt,
		 ...) __attribute__((format(printf, 4, 5)));

static void line(const struct terminal *term, enum style style, const char *label, const char *fmt,
		 ...)
{
	char *text = NULL, *cut;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	cut = text ? escape_cut(text, term->columns - (label ? LABEL_WIDTH : 0), ESCAPE_CUT_END)
		   : NULL;
	if (label) {
		char before[LABEL_WIDTH + 8];

		snprintf(before, sizeof(before), LABEL, label);
		terminal_put(term, STYLE_DIM, before);
	}
	terminal_put(term, style, cut ? cut : "");
	fputc('\n', term->out);
	free(cut);
	free(text);
}

/* `text` with a word before it, or nothing. */
#define WITH(before, text) (text) ? (before) : "", (text) ? (text) : ""

static void when_and_where(const struct facts *f, const struct terminal *term)
{
	char when[IPCT_UNIT_LEN] = "at an unknown time";
	int64_t start;

	if (whole(f->start_realtime_ns, &start))
		unit_utc(when, start);
	line(term, STYLE_PLAIN, "recorded", "%s%s%s%s%s%s%s", when, WITH(" on ", f->host),
	     WITH(" by ", f->user), WITH(", in ", f->cwd));
	if (f->kernel || f->arch || f->cpus || f->version)
		line(term, STYLE_PLAIN, "machine", "%s%s%s%s%s%s%s%s%s", WITH("Linux ", f->kernel),
		     WITH(f->kernel ? " " : "", f->arch), WITH(", ", f->cpus),
		     f->cpus ? is(f->cpus, "1") ? " CPU" : " CPUs" : "",
		     WITH("; ipctrace ", f->version));
}

/* The row of `ends`, or -1. */
static int end_find(const struct facts *f)
{
	for (size_t i = 0; i < COUNT(ends); i++)
		if (is(f->ended, ends[i].ended))
			return (int)i;
	return -1;
}

static void how_it_ended(const struct facts *f, const struct terminal *term)
{
	char buf[IPCT_UNIT_LEN], status[64] = "exit status unknown";
	char after[IPCT_UNIT_LEN + 8] = "";
	int end = end_find(f);
	int64_t value;

	if (!f->duration_ns && !f->exit_status && !f->ended)
		return;
	if (whole(f->duration_ns, &value))
		snprintf(after, sizeof(after), " after %s", unit_ns(buf, value));
	if (whole(f->exit_status, &value) && value >= 0) {
		unit_status(buf, value);
		snprintf(status, sizeof(status),
			 (*buf == 'S' || *buf == 's') ? "killed by %s" : "exit status %s", buf);
	} else if (end >= 0 && ends[end].no_status) {
		strcpy(status, ends[end].no_status);
	}
	line(term, STYLE_PLAIN, "ended", "%s%s%s", status, after, end < 0 ? "" : ends[end].after);
}

/* What text_traffic.sql counts. */
struct traffic {
	int64_t bytes, messages, outside; /* `outside`: bytes to and from untraced ends */
	int64_t calls, inside_ns, blocked_ns;
	int64_t objects, processes;
};

static int traffic_read(struct traffic *t, sqlite3 *db)
{
	int64_t *columns[] = {&t->bytes,     &t->messages,   &t->outside, &t->calls,
			      &t->inside_ns, &t->blocked_ns, &t->objects, &t->processes};
	sqlite3_stmt *rows = query_open(db, text_traffic_sql);
	int more = query_next(rows);

	for (size_t i = 0; i < COUNT(columns) && more > 0; i++)
		*columns[i] = sqlite3_column_int64(rows, (int)i);
	sqlite3_finalize(rows);
	return more <= 0;
}

static void traffic_bytes(const struct traffic *t, const struct terminal *term)
{
	char bytes[IPCT_UNIT_LEN], messages[IPCT_UNIT_LEN], outside[IPCT_UNIT_LEN];
	const char *plural = t->messages == 1 ? "" : "s";

	unit_bytes(bytes, t->bytes);
	unit_count(messages, t->messages);
	unit_bytes(outside, t->outside);
	if (!t->outside)
		line(term, STYLE_BOLD, "traffic", "%s in %s message%s", bytes, messages, plural);
	else if (!t->messages)
		line(term, STYLE_BOLD, "traffic", "%s to or from outside", outside);
	else
		line(term, STYLE_BOLD, "traffic", "%s in %s message%s; %s to or from outside",
		     bytes, messages, plural, outside);
}

/* What it carried and cost, in two lines. */
static int traffic_write(sqlite3 *db, const struct terminal *term)
{
	char calls[IPCT_UNIT_LEN], inside[IPCT_UNIT_LEN], blocked[IPCT_UNIT_LEN];
	char objects[IPCT_UNIT_LEN], processes[IPCT_UNIT_LEN];
	struct traffic t;

	if (traffic_read(&t, db))
		return 1;
	if (!t.calls)
		return 0;
	traffic_bytes(&t, term);
	line(term, STYLE_PLAIN, "calls",
	     "%s on %s object%s by %s process%s; %s in them, %s blocked",
	     unit_count(calls, t.calls), unit_count(objects, t.objects), t.objects == 1 ? "" : "s",
	     unit_count(processes, t.processes), t.processes == 1 ? "" : "es",
	     unit_ns(inside, t.inside_ns), unit_share(blocked, t.blocked_ns, t.inside_ns));
	return 0;
}

static const struct column ledger_columns[] = {
	{"", 0},
	{"", COLUMN_CUT_END | COLUMN_TIGHT},
	{"", COLUMN_RIGHT},
	{"", COLUMN_RIGHT | COLUMN_TIGHT},
	{"", COLUMN_RIGHT | COLUMN_TIGHT},
};

/* The balance so far: the sum over all mechanisms, and its rows as a table. */
struct balance {
	struct table *table;
	int64_t seen, stored, lost;
	bool holds;
	int rows;
	char idle[256]; /* mechanisms that were watched and not seen */
};

/* Sums of a hostile file may overflow: then they wrap, and do not balance. */
static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void balance_idle(struct balance *b, sqlite3_stmt *rows)
{
	char *mechanism = cell_text(rows, 0);
	size_t used = strlen(b->idle);

	snprintf(b->idle + used, sizeof(b->idle) - used, "%s%s", used ? ", " : "",
		 mechanism ? mechanism : "");
	free(mechanism);
}

static void balance_row(struct balance *b, sqlite3_stmt *rows)
{
	char text[IPCT_UNIT_LEN];
	int64_t seen = sqlite3_column_int64(rows, 1), stored = sqlite3_column_int64(rows, 2);
	int64_t lost = sqlite3_column_int64(rows, 3);

	b->seen = plus(b->seen, seen);
	b->stored = plus(b->stored, stored);
	b->lost = plus(b->lost, lost);
	b->holds &= seen == plus(stored, lost);
	if (!seen && !stored && !lost) {
		balance_idle(b, rows);
		return;
	}
	table_cell(b->table, STYLE_DIM, b->rows++ ? "         " : "ledger   ");
	cell_put_text(b->table, rows, 0);
	table_cellf(b->table, STYLE_PLAIN, "%s seen =", unit_count(text, seen));
	table_cellf(b->table, STYLE_PLAIN, "%s stored +", unit_count(text, stored));
	table_cellf(b->table, lost ? STYLE_ALERT : STYLE_PLAIN, "%s lost", unit_count(text, lost));
}

static int balance_read(struct balance *b, sqlite3 *db)
{
	sqlite3_stmt *rows = query_open(db, text_ledger_sql);
	int more;

	while ((more = query_next(rows)) > 0)
		balance_row(b, rows);
	sqlite3_finalize(rows);
	return more < 0;
}

static int balance_print(const struct balance *b, const struct terminal *term)
{
	if (!b->rows && !*b->idle)
		line(term, STYLE_PLAIN, "ledger", "no entries in this file");
	if (b->rows && table_print(b->table, term)) {
		say_error("cannot write the report: out of memory");
		return 1;
	}
	if (*b->idle)
		line(term, STYLE_PLAIN, b->rows ? "" : "ledger", "nothing seen on %s", b->idle);
	return 0;
}

static const char *reason_words(const char *reason)
{
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (!strcmp(reasons[i].reason, reason))
			return reasons[i].words;
	return NULL;
}

/* Each reason with its count. */
static int losses(sqlite3 *db, const struct terminal *term)
{
	sqlite3_stmt *rows = query_open(db, text_losses_sql);
	char count[IPCT_UNIT_LEN];
	int more;

	query_bind(rows, ":rows", LOSSES);
	while ((more = query_next(rows)) > 0) {
		char *mechanism = cell_text(rows, 0), *reason = cell_text(rows, 1);
		const char *words = reason ? reason_words(reason) : NULL;

		line(term, STYLE_ALERT, NULL, "!   %s on %s: %s%s%s",
		     unit_count(count, sqlite3_column_int64(rows, 2)), mechanism ? mechanism : "",
		     reason ? reason : "", words ? ": " : "", words ? words : "");
		free(reason);
		free(mechanism);
	}
	sqlite3_finalize(rows);
	return more < 0;
}

static void cut_off_alert(const struct facts *f, const struct terminal *term)
{
	int end = end_find(f);

	if (end >= 0 && ends[end].cut)
		line(term, STYLE_ALERT, NULL, "! recording was cut off: %s", ends[end].cut);
	else if (!is(f->complete, "1"))
		line(term, STYLE_ALERT, NULL,
		     "! recording was cut off: rows up to the last second (or it still runs)");
}

/* What a reader must know before believing the rest. */
static int alerts(sqlite3 *db, const struct facts *f, const struct balance *b,
		  const struct terminal *term)
{
	char lost[IPCT_UNIT_LEN], seen[IPCT_UNIT_LEN], share[IPCT_UNIT_LEN];

	cut_off_alert(f, term);
	if (!b->holds)
		line(term, STYLE_ALERT, NULL,
		     "! the ledger does not balance: seen is not stored + lost");
	if (!b->lost)
		return 0;
	line(term, STYLE_ALERT, NULL,
	     "! LOST %s of %s calls (%s): counts are too low, messages are missing",
	     unit_count(lost, b->lost), unit_count(seen, b->seen),
	     unit_share(share, b->lost, b->seen));
	return losses(db, term);
}

int text_summary(sqlite3 *db, const struct terminal *term)
{
	struct balance balance = {.table = table_new(ledger_columns, COUNT(ledger_columns)),
				  .holds = true};
	struct facts f = facts_read(db);
	int failed = balance_read(&balance, db);

	if (failed)
		goto out;
	line(term, STYLE_BOLD, NULL, "%s", f.command ? f.command : "(unknown command)");
	failed = alerts(db, &f, &balance, term);
	if (failed)
		goto out;
	when_and_where(&f, term);
	how_it_ended(&f, term);
	failed = traffic_write(db, term) || balance_print(&balance, term);
out:
	facts_free(&f);
	table_free(balance.table);
	return failed;
}
