// SPDX-License-Identifier: BSD-2-Clause
/*
 * The first lines of the text report: what was recorded, what is wrong with it, how much went
 * over it, and the ledger. Every fact of `meta` may be missing; a line without facts is left out.
 */
#include "text.h"
#include "cells.h"
#include "cost.h"
#include "escape.h"
#include "fact.h"
#include "filter.h"
#include "query.h"
#include "units.h"
#include "schemas/say.h"
#include "schemas/tables.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

extern const char text_traffic_sql[];

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
	char *mechanisms, *not_traceable, *io_uring_setups;
};

/* A fact that is a list, with blanks behind its commas. */
static char *list(sqlite3 *db, const char *key)
{
	char *packed = fact(db, key), *spaced = NULL;
	size_t len;
	FILE *out = packed ? open_memstream(&spaced, &len) : NULL;

	for (const char *c = packed; out && *c; c++)
		fprintf(out, *c == ',' && c[1] != ' ' ? "%c " : "%c", *c);
	free(packed);
	if (!out || !fclose(out))
		return spaced;
	free(spaced);
	return NULL;
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
		.mechanisms = list(db, "mechanisms"),
		.not_traceable = list(db, "not_traceable"),
		.io_uring_setups = fact(db, "io_uring_setups"),
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
			&f->exit_status,
			&f->mechanisms,
			&f->not_traceable,
			&f->io_uring_setups};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(*all[i]);
}

static bool is(const char *fact, const char *value)
{
	return fact && !strcmp(fact, value);
}

/* `text` with a word before it, or nothing. */
#define WITH(before, text) (text) ? (before) : "", (text) ? (text) : ""

static void when_and_where(const struct facts *f, const struct terminal *term)
{
	char when[IPCT_UNIT_LEN] = "at an unknown time";
	int64_t start;

	if (fact_whole(f->start_realtime_ns, &start))
		unit_utc(when, start);
	text_line(term, STYLE_PLAIN, "recorded", "%s%s%s%s%s%s%s", when, WITH(" on ", f->host),
		  WITH(" by ", f->user), WITH(", in ", f->cwd));
	if (f->kernel || f->arch || f->cpus || f->version)
		text_line(term, STYLE_PLAIN, "machine", "%s%s%s%s%s%s%s%s%s",
			  WITH("Linux ", f->kernel), WITH(f->kernel ? " " : "", f->arch),
			  WITH(", ", f->cpus), f->cpus ? is(f->cpus, "1") ? " CPU" : " CPUs" : "",
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

	if (!f->exit_status && !f->ended) {
		if (fact_whole(f->duration_ns, &value))
			text_line(term, STYLE_PLAIN, "covers", "%s", unit_ns(buf, value));
		return;
	}
	if (fact_whole(f->duration_ns, &value))
		snprintf(after, sizeof(after), " after %s", unit_ns(buf, value));
	if (fact_whole(f->exit_status, &value) && value >= 0) {
		unit_status(buf, value);
		snprintf(status, sizeof(status),
			 (*buf == 'S' || *buf == 's') ? "killed by %s" : "exit status %s", buf);
	} else if (end >= 0 && ends[end].no_status) {
		strcpy(status, ends[end].no_status);
	}
	text_line(term, STYLE_PLAIN, "ended", "%s%s%s", status, after,
		  end < 0 ? "" : ends[end].after);
}

/* What text_traffic.sql counts. */
struct traffic {
	int64_t bytes, messages, outside;   /* `outside`: bytes to and from untraced ends */
	int64_t wakes, shared;              /* `shared`: objects that several processes map */
	int64_t exact, inferred, ambiguous; /* of messages and wake-ups */
	int64_t calls, inside_ns, blocked_ns;
	int64_t waiting_ns, runnable_ns; /* parts of blocked_ns; -1: not known */
	int64_t objects, processes;
};

static int traffic_read(struct traffic *t, sqlite3 *db)
{
	int64_t *columns[] = {&t->bytes,       &t->messages,  &t->outside,    &t->wakes,
			      &t->shared,      &t->exact,     &t->inferred,   &t->ambiguous,
			      &t->calls,       &t->inside_ns, &t->blocked_ns, &t->waiting_ns,
			      &t->runnable_ns, &t->objects,   &t->processes};
	sqlite3_stmt *rows = query_open(db, text_traffic_sql);
	int more = query_next(rows);

	for (size_t i = 0; i < COUNT(columns) && more > 0; i++)
		*columns[i] = sqlite3_column_type(rows, (int)i) == SQLITE_NULL
				      ? -1
				      : sqlite3_column_int64(rows, (int)i);
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
		text_line(term, STYLE_BOLD, "traffic", "%s in %s message%s", bytes, messages,
			  plural);
	else if (!t->messages)
		text_line(term, STYLE_BOLD, "traffic", "%s to or from outside", outside);
	else
		text_line(term, STYLE_BOLD, "traffic", "%s in %s message%s; %s to or from outside",
			  bytes, messages, plural, outside);
}

/* What passes no bytes: wake-ups, and memory that is shared. */
static void traffic_rest(const struct traffic *t, const struct terminal *term)
{
	char wakes[IPCT_UNIT_LEN + 16] = "", shared[IPCT_UNIT_LEN + 48] = "", count[IPCT_UNIT_LEN];

	if (t->wakes)
		snprintf(wakes, sizeof(wakes), "%s wake-up%s", unit_count(count, t->wakes),
			 t->wakes == 1 ? "" : "s");
	if (t->shared)
		snprintf(shared, sizeof(shared), "%s object%s in shared memory",
			 unit_count(count, t->shared), t->shared == 1 ? "" : "s");
	if (*wakes || *shared)
		text_line(term, STYLE_PLAIN, t->messages || t->outside ? "besides" : "traffic",
			  "%s%s%s", wakes, *wakes && *shared ? "; " : "", shared);
}

/* What share of the time in calls was spent off the CPU, and on what if that is known. */
static const char *traffic_off_cpu(char buf[3 * IPCT_UNIT_LEN], const struct traffic *t)
{
	char waiting[IPCT_UNIT_LEN], runnable[IPCT_UNIT_LEN];

	if (t->waiting_ns < 0 || t->runnable_ns < 0)
		snprintf(buf, 3 * IPCT_UNIT_LEN, " in them, %s blocked",
			 unit_share(waiting, t->blocked_ns, t->inside_ns));
	else
		snprintf(buf, 3 * IPCT_UNIT_LEN, ": %s waiting, %s runq",
			 unit_share(waiting, t->waiting_ns, t->inside_ns),
			 unit_share(runnable, t->runnable_ns, t->inside_ns));
	return buf;
}

/* How much of the pairing is not sure; nothing if all is. */
static void traffic_confidence(const struct traffic *t, const struct terminal *term)
{
	char exact[IPCT_UNIT_LEN], share[IPCT_UNIT_LEN], rest[2 * IPCT_UNIT_LEN + 32] = "";
	int64_t all = t->exact + t->inferred + t->ambiguous;

	if (t->inferred)
		snprintf(rest, sizeof(rest), ", %s inferred", unit_share(share, t->inferred, all));
	if (t->ambiguous)
		snprintf(rest + strlen(rest), sizeof(rest) - strlen(rest), ", %s ambiguous",
			 unit_share(share, t->ambiguous, all));
	if (*rest)
		text_line(term, STYLE_PLAIN, "pairing", "%s exact%s",
			  unit_share(exact, t->exact, all), rest);
}

/* What it carried and cost. */
static int traffic_write(sqlite3 *db, const struct terminal *term)
{
	char calls[IPCT_UNIT_LEN], inside[IPCT_UNIT_LEN], off_cpu[3 * IPCT_UNIT_LEN];
	char objects[IPCT_UNIT_LEN], processes[IPCT_UNIT_LEN];
	struct traffic t;

	if (traffic_read(&t, db))
		return 1;
	if (t.calls <= 0 && !t.messages && !t.outside && !t.wakes && !t.shared)
		return 0;
	if (t.messages || t.outside || (!t.wakes && !t.shared))
		traffic_bytes(&t, term);
	traffic_rest(&t, term);
	traffic_confidence(&t, term);
	if (text_parts_line(db, term))
		return 1;
	/* A filter can leave messages and none of their calls. */
	if (t.calls <= 0)
		return 0;
	text_line(term, STYLE_PLAIN, "calls", "%s on %s object%s by %s process%s; %s%s",
		  unit_count(calls, t.calls), unit_count(objects, t.objects),
		  t.objects == 1 ? "" : "s", unit_count(processes, t.processes),
		  t.processes == 1 ? "" : "es", unit_ns(inside, t.inside_ns),
		  traffic_off_cpu(off_cpu, &t));
	return 0;
}

static void cut_off_alert(const struct facts *f, const struct terminal *term)
{
	int end = end_find(f);

	if (end >= 0 && ends[end].cut)
		text_line(term, STYLE_ALERT, NULL, "! recording was cut off: %s", ends[end].cut);
	else if (!is(f->complete, "1"))
		text_line(term, STYLE_ALERT, NULL,
			  "! recording was cut off: rows up to the last second (or it still runs)");
}

/* Why it could not, a line for each thing that the kernel lacks. */
static void reasons_alert(const struct facts *f, sqlite3 *db, const struct terminal *term)
{
	char *why = trace_db_meta(db, "not_traceable_why"), *line, *rest = why;

	while ((line = strsep(&rest, "\n"))) {
		char *safe = *line ? escape_text(line, strlen(line)) : NULL;

		if (safe)
			text_line(term, STYLE_ALERT, NULL, "%s%s",
				  f->not_traceable ? "!   " : "! not seen: ", safe);
		free(safe);
	}
	free(why);
}

/* What this recording could not see. */
static void blind_alerts(const struct facts *f, sqlite3 *db, const struct terminal *term)
{
	char count[IPCT_UNIT_LEN];
	int64_t rings;

	if (f->not_traceable)
		text_line(term, STYLE_ALERT, NULL, "! this kernel cannot trace %s",
			  f->not_traceable);
	reasons_alert(f, db, term);
	if (fact_whole(f->io_uring_setups, &rings) && rings > 0)
		text_line(term, STYLE_ALERT, NULL,
			  "! %s io_uring%s set up: what is done through %s is not seen",
			  unit_count(count, rings), rings == 1 ? " was" : "s were",
			  rings == 1 ? "it" : "them");
}

/* How many words stand between the commas of `list`. */
static int words(const char *list)
{
	int count = *list != '\0';

	for (; *list; list++)
		count += *list == ',';
	return count;
}

/* Whether the list has the word. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* Where some mechanisms only were watched, the others may have been used as well. */
static void watched(const struct facts *f, const struct terminal *term)
{
	int watched = f->mechanisms ? words(f->mechanisms) : IPCT_MECH_COUNT - 1;
	char others[256] = "";

	if (watched >= IPCT_MECH_COUNT - 1)
		return;
	for (int i = 1; i < IPCT_MECH_COUNT; i++) {
		size_t used = strlen(others);

		if (!has_word(f->mechanisms, mechanisms[i].name))
			snprintf(others + used, sizeof(others) - used, "%s%s", used ? ", " : "",
				 mechanisms[i].name);
	}
	/* What is shorter to say. */
	if (watched > IPCT_MECH_COUNT / 2)
		text_line(term, STYLE_PLAIN, "watched", "all but %s", others);
	else
		text_line(term, STYLE_PLAIN, "watched", "%s", f->mechanisms);
}

/* What the recording itself cost. */
static void cost_write(const struct cost *cost, const struct terminal *term)
{
	if (*cost->probes)
		text_line(term, STYLE_PLAIN, "probes", "%s", cost->probes);
	if (*cost->slowdown)
		text_line(term, STYLE_PLAIN, "took", "%s", cost->slowdown);
}

static void filter_write(sqlite3 *db, const struct terminal *term)
{
	char *words = filter_words(db);
	char *safe = words ? escape_text(words, strlen(words)) : NULL;

	if (safe)
		text_line(term, STYLE_BOLD, "filter",
			  "%s (ledger and cost: of the whole recording)", safe);
	free(safe);
	free(words);
}

int text_summary(sqlite3 *db, const struct terminal *term)
{
	struct text_ledger *ledger = text_ledger_read(db, "ledger   ");
	struct facts f = facts_read(db);
	struct cost cost;
	int failed = !ledger;

	if (failed)
		goto out;
	text_line(term, STYLE_BOLD, NULL, "%s", f.command ? f.command : "(unknown command)");
	filter_write(db, term);
	/* What a reader must know before believing the rest comes first. */
	cut_off_alert(&f, term);
	failed = text_ledger_alerts(ledger, db, term);
	if (failed)
		goto out;
	blind_alerts(&f, db, term);
	cost_read(db, &cost);
	if (*cost.alert)
		text_line(term, STYLE_ALERT, NULL, "! %s", cost.alert);
	when_and_where(&f, term);
	how_it_ended(&f, term);
	watched(&f, term);
	failed = traffic_write(db, term) || text_ledger_print(ledger, term);
	cost_write(&cost, term);
out:
	facts_free(&f);
	text_ledger_free(ledger);
	return failed;
}
