// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs one query for each kind of finding, and makes a sentence of its row. Every query gives no
 *row, or one with these columns first and the numbers of its sentence after them:
 *
 *	0 weight_ns; 1 mechanism, 2 object, 3 object_id; 4 to 6 sender (pid, comm, traced); 7 to 9
 *receiver; 10 sender_id, 11 receiver_id; 12 how many other rows there would be
 */
#include "findings.h"
#include "cells.h"
#include "escape.h"
#include "json_put.h"
#include "query.h"
#include "units.h"
#include "schemas/say.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	WEIGHT,
	MECHANISM,
	OBJECT,
	OBJECT_ID,
	SENDER,
	RECEIVER = SENDER + 3,
	SENDER_ID = RECEIVER + 3,
	RECEIVER_ID,
	ALIKE,
	NUMBERS,
};

#define NAME_COLUMNS 40 /* longer names are cut, so that a sentence stays one */

extern const char findings_tiny_sql[], findings_full_sql[], findings_limit_sql[],
	findings_tcp_sql[], findings_idle_sql[], findings_empty_sql[], findings_left_sql[],
	findings_open_sql[], findings_pipes_sql[], findings_runq_sql[], findings_slow_sql[],
	findings_cross_sql[], findings_beyond_sql[], findings_part_sql[];

/* From where on a thing is worth pointing at: the parameters of the queries. */
static const struct {
	const char *name;
	sqlite3_int64 value;
} limits[] = {
	/* Fewer calls cost less than a millisecond, of which nobody gets anything back. */
	{":many_sends", 1000},
	/* The call itself takes longer than copying so much does. */
	{":tiny_bytes", 256},
	/* A fifth of the time is what a sender would notice, if it had been spent otherwise. */
	{":held_percent", 20},
	/* Of less, nobody feels anything. */
	{":held_ns", 10 * 1000 * 1000},
	/* A loop over ready fds is refused now and then: that is how it learns that it is full. */
	{":many_refused", 100},
	{":refused_percent", 10},
	/* Fewer are an exchange at the start, such as that with a name service. */
	{":tcp_messages", 1000},
	/* A program that looks now and then does not burn anything by it ... */
	{":many_idle", 1000},
	{":idle_per_s", 10},
	/* ... and one that mostly finds something is right to look. */
	{":idle_percent", 50},
	/* An edge-triggered loop reads until there is nothing: at most one of two reads is for
	   that. */
	{":empty_percent", 75},
	/* Fewer are what a program may well keep for all its life. */
	{":many_open", 100},
	/* What was in use until shortly before the end was not forgotten. */
	{":unused_percent", 90},
	/* Fewer are a start and an end: an answer or two, not a conversation. */
	{":both_ways", 100},
	/* The largest of the parts for sure. */
	{":transit_percent", 50},
	{":transit_ns", 10 * 1000 * 1000},
	/* Longer than waking a receiver takes, also one that has to wait for a CPU for a little. */
	{":late_ns", 1000 * 1000},
	/* Of fewer messages a single late one can be the most. */
	{":many_paired", 100},
	/* What is reserved for a little growth is not worth a word. */
	{":beyond_bytes", 65536},
	/* Fewer cost less than half a megabyte. */
	{":many_parts", 100},
	/* Then half of the pages, or of the mapping, are for nothing. */
	{":part_percent", 50},
	{":page_bytes", 4096},
	/* Fewer wakings take some milliseconds together. */
	{":many_wakeups", 1000},
	/* Who mostly finds the other one awake does not wait for it each time. */
	{":turns_percent", 75},
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Names of a row, safe and not too long. */
struct names {
	char *object, *sender, *receiver; /* NULL: memory is out */
	char *edge;                       /* "tar[1] → gzip[2]", or less where less is known */
};

static sqlite3_int64 number(sqlite3_stmt *row, int i)
{
	return sqlite3_column_int64(row, NUMBERS + i);
}

static char *shortened(char *safe)
{
	char *cut = safe ? escape_cut(safe, NAME_COLUMNS, ESCAPE_CUT_MIDDLE) : NULL;

	free(safe);
	return cut;
}

static bool is_known(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) != SQLITE_NULL;
}

/* Between whom, in brackets; nothing where neither is known. */
static char *edge_text(sqlite3_stmt *row, const char *sender, const char *receiver)
{
	bool from = is_known(row, SENDER_ID), to = is_known(row, RECEIVER_ID);
	char *text = NULL;
	int made;

	if (from && to)
		made = asprintf(&text, " (%s → %s)", sender, receiver);
	else if (from || to)
		made = asprintf(&text, " (%s %s)", from ? "from" : "to", from ? sender : receiver);
	else
		made = asprintf(&text, "%s", "");
	return made < 0 ? NULL : text;
}

static struct names names_of(sqlite3_stmt *row)
{
	struct names n = {
		.object = shortened(cell_object(row, MECHANISM)),
		.sender = shortened(cell_process(row, SENDER)),
		.receiver = shortened(cell_process(row, RECEIVER)),
	};

	if (n.sender && n.receiver)
		n.edge = edge_text(row, n.sender, n.receiver);
	return n;
}

static void names_free(struct names *n)
{
	free(n->object);
	free(n->sender);
	free(n->receiver);
	free(n->edge);
}

static void put_tiny(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char sends[IPCT_UNIT_LEN], mean[IPCT_UNIT_LEN], recvs[IPCT_UNIT_LEN];

	fprintf(out,
		"%s sends of %s on average over %s%s, for %s receives: fewer, larger ones would do",
		unit_count(sends, number(row, 0)),
		unit_bytes(mean, number(row, 1) / number(row, 0)), n->object, n->edge,
		unit_count(recvs, number(row, 2)));
}

/* "1,234 of 1,300 sends were refused" */
static void put_refused(FILE *out, sqlite3_int64 refused, sqlite3_int64 sends)
{
	char part[IPCT_UNIT_LEN], whole[IPCT_UNIT_LEN];

	fprintf(out, "%s of %s sends %s refused", unit_count(part, refused),
		unit_count(whole, sends), refused == 1 ? "was" : "were");
}

static void put_full(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char waited[IPCT_UNIT_LEN], share[IPCT_UNIT_LEN];

	fprintf(out, "%s%s had no room: ", n->object, n->edge);
	if (number(row, 0))
		fprintf(out, "senders waited %s, %s of the time", unit_ns(waited, number(row, 0)),
			unit_share(share, number(row, 1), 1000000));
	if (number(row, 0) && number(row, 2))
		fputs("; ", out);
	if (number(row, 2))
		put_refused(out, number(row, 2), number(row, 3));
}

static void put_limit(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char limit[IPCT_UNIT_LEN], waited[IPCT_UNIT_LEN];

	fprintf(out, "%s%s was at its limit of %s message%s: ", n->object, n->edge,
		unit_count(limit, number(row, 0)), number(row, 0) == 1 ? "" : "s");
	if (number(row, 1))
		fprintf(out, "senders waited %s", unit_ns(waited, number(row, 1)));
	if (number(row, 1) && number(row, 2))
		fputs("; ", out);
	if (number(row, 2))
		put_refused(out, number(row, 2), number(row, 3));
}

static void put_tcp(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char messages[IPCT_UNIT_LEN], bytes[IPCT_UNIT_LEN], connections[IPCT_UNIT_LEN];

	fprintf(out,
		"%s and %s, on one machine, talk over TCP: %s messages, %s, %s connection%s;"
		" a Unix socket needs no network stack",
		n->sender, n->receiver, unit_count(messages, number(row, 0)),
		unit_bytes(bytes, number(row, 1)), unit_count(connections, number(row, 2)),
		number(row, 2) == 1 ? "" : "s");
}

static void put_idle(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char idle[IPCT_UNIT_LEN], all[IPCT_UNIT_LEN];
	char *mechanism = shortened(cell_text(row, MECHANISM));
	char *call = shortened(cell_text(row, NUMBERS + 2));

	fprintf(out, "%s of %s calls of %s on %s ended with nothing ready",
		unit_count(idle, number(row, 0)), unit_count(all, number(row, 1)), call ? call : "",
		mechanism ? mechanism : "");
	free(call);
	free(mechanism);
}

static void put_empty(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char empty[IPCT_UNIT_LEN], all[IPCT_UNIT_LEN];

	fprintf(out, "%s of %s receives from %s%s found nothing", unit_count(empty, number(row, 0)),
		unit_count(all, number(row, 1)), n->object, n->edge);
}

static void put_left(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char size[IPCT_UNIT_LEN];

	fprintf(out, "%s", n->object);
	if (number(row, 0) > 0)
		fprintf(out, " (%s)", unit_bytes(size, number(row, 0)));
	fprintf(out, ", made by %s, was left behind: no recorded process removed it", n->sender);
}

static void put_open(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char open[IPCT_UNIT_LEN], all[IPCT_UNIT_LEN];
	char *mechanism = shortened(cell_text(row, MECHANISM));

	fprintf(out,
		"%s never closed %s of the %s %s objects that it made, long after their last use",
		n->sender, unit_count(open, number(row, 0)), unit_count(all, number(row, 1)),
		mechanism ? mechanism : "");
	free(mechanism);
}

static void put_pipes(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char there[IPCT_UNIT_LEN], back[IPCT_UNIT_LEN];

	fprintf(out,
		"%s and %s use two pipes as one channel, %s messages there and %s back:"
		" one socketpair would do",
		n->sender, n->receiver, unit_count(there, number(row, 0)),
		unit_count(back, number(row, 1)));
}

static void put_runq(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char share[IPCT_UNIT_LEN], p99[IPCT_UNIT_LEN], messages[IPCT_UNIT_LEN];

	fprintf(out, "%s messages over %s%s spent %s of their transit waiting for a CPU, p99 %s",
		unit_count(messages, number(row, 2)), n->object, n->edge,
		unit_share(share, number(row, 0), number(row, 1)), unit_ns(p99, number(row, 3)));
}

static void put_slow(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char share[IPCT_UNIT_LEN], p50[IPCT_UNIT_LEN], messages[IPCT_UNIT_LEN];

	fprintf(out,
		"%s messages over %s%s lay there for %s (p50), %s of their transit, until taken",
		unit_count(messages, number(row, 2)), n->object, n->edge,
		unit_ns(p50, number(row, 3)), unit_share(share, number(row, 0), number(row, 1)));
}

static void put_cross(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char crossed[IPCT_UNIT_LEN], messages[IPCT_UNIT_LEN], transit[IPCT_UNIT_LEN];
	char runq[IPCT_UNIT_LEN], same[IPCT_UNIT_LEN], same_transit[IPCT_UNIT_LEN];

	fprintf(out,
		"%s and %s take turns on two CPUs: %s of %s messages woke the other one on another"
		" CPU, %s (p50) from send to receive, %s of it until that one ran",
		n->sender, n->receiver, unit_count(crossed, number(row, 0)),
		unit_count(messages, number(row, 1)), unit_ns(transit, number(row, 3)),
		unit_ns(runq, number(row, 4)));
	if (number(row, 5))
		fprintf(out, "; the %s that stayed on one took %s",
			unit_count(same, number(row, 5)), unit_ns(same_transit, number(row, 6)));
}

static void put_beyond(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char mapped[IPCT_UNIT_LEN], largest[IPCT_UNIT_LEN], beyond[IPCT_UNIT_LEN];

	fprintf(out,
		"%s mapped %s of %s, which never had more than %s: a touch of the last %s is"
		" SIGBUS",
		n->sender, unit_bytes(mapped, number(row, 0)), n->object,
		unit_bytes(largest, number(row, 1)), unit_bytes(beyond, number(row, 2)));
}

static void put_part(FILE *out, sqlite3_stmt *row, const struct names *n)
{
	char count[IPCT_UNIT_LEN], mean[IPCT_UNIT_LEN], pages[IPCT_UNIT_LEN], fit[IPCT_UNIT_LEN];
	char *mechanism = shortened(cell_text(row, MECHANISM));

	fprintf(out,
		"%s %s objects of %s on average, made by %s and mapped, take %s pages: %s would"
		" hold all that is in them",
		unit_count(count, number(row, 0)), mechanism ? mechanism : "",
		unit_bytes(mean, number(row, 1) / number(row, 0)), n->sender,
		unit_count(pages, number(row, 2)), unit_count(fit, number(row, 3)));
	free(mechanism);
}

/* What of a row --filter is to keep: that is what stands behind the finding. */
enum shows {
	SHOW_OBJECT,
	SHOW_MECHANISM,
	SHOW_MAKER, /* the mechanism, and the process */
	SHOW_PAIR,  /* the object, and a second one, which can be the same */
};

static const struct kind {
	const char *name, *sql;
	void (*put)(FILE *out, sqlite3_stmt *row, const struct names *n);
	enum shows shows;
} kinds[] = {
	{"full", findings_full_sql, put_full, SHOW_OBJECT},
	{"limit", findings_limit_sql, put_limit, SHOW_OBJECT},
	{"run_queue", findings_runq_sql, put_runq, SHOW_OBJECT},
	{"slow_receiver", findings_slow_sql, put_slow, SHOW_OBJECT},
	{"cross_cpu", findings_cross_sql, put_cross, SHOW_PAIR},
	{"tiny_sends", findings_tiny_sql, put_tiny, SHOW_OBJECT},
	{"idle_waits", findings_idle_sql, put_idle, SHOW_MECHANISM},
	{"empty_receives", findings_empty_sql, put_empty, SHOW_OBJECT},
	{"local_tcp", findings_tcp_sql, put_tcp, SHOW_MAKER},
	{"two_pipes", findings_pipes_sql, put_pipes, SHOW_PAIR},
	{"beyond_end", findings_beyond_sql, put_beyond, SHOW_OBJECT},
	{"part_pages", findings_part_sql, put_part, SHOW_MAKER},
	{"left_behind", findings_left_sql, put_left, SHOW_OBJECT},
	{"never_closed", findings_open_sql, put_open, SHOW_MAKER},
};

static void put_show(FILE *out, sqlite3_stmt *row, enum shows shows)
{
	char *mechanism = cell_text(row, MECHANISM);

	if (shows == SHOW_OBJECT || shows == SHOW_PAIR)
		fprintf(out, "--filter object=#%lld", sqlite3_column_int64(row, OBJECT_ID));
	else
		fprintf(out, "--filter mechanism=%s", mechanism ? mechanism : "");
	if (shows == SHOW_MAKER)
		fprintf(out, " --filter process=#%lld", sqlite3_column_int64(row, SENDER_ID));
	if (shows == SHOW_PAIR && number(row, 2) != sqlite3_column_int64(row, OBJECT_ID))
		fprintf(out, " --filter object=#%lld", number(row, 2));
	free(mechanism);
}

/* The sentence and what shows the rows, of which the caller frees both. */
static int texts_make(struct finding *f, const struct kind *kind, sqlite3_stmt *row)
{
	struct names n = names_of(row);
	char count[IPCT_UNIT_LEN];
	size_t len;
	FILE *out = n.object && n.edge ? open_memstream(&f->text, &len) : NULL;
	int failed = !out;

	if (out) {
		kind->put(out, row, &n);
		if (f->alike)
			fprintf(out, "; and %s more such", unit_count(count, f->alike));
		failed = fclose(out) != 0;
	}
	names_free(&n);
	out = failed ? NULL : open_memstream(&f->show, &len);
	if (!out)
		return 1;
	put_show(out, row, kind->shows);
	return fclose(out) != 0;
}

static int finding_make(struct finding *f, const struct kind *kind, sqlite3_stmt *row)
{
	sqlite3_int64 weight_ns = sqlite3_column_int64(row, WEIGHT);

	*f = (struct finding){
		.kind = kind->name,
		.weight_ns = weight_ns > 0 ? weight_ns : 0,
		.mechanism = cell_text(row, MECHANISM),
		.object_id = sqlite3_column_int64(row, OBJECT_ID),
		.sender_id = sqlite3_column_int64(row, SENDER_ID),
		.receiver_id = sqlite3_column_int64(row, RECEIVER_ID),
		.alike = sqlite3_column_int64(row, ALIKE),
	};
	if (f->mechanism && !texts_make(f, kind, row))
		return 0;
	say_error("cannot write the report: out of memory");
	return 1;
}

/* Adds the kind's finding, if there is one. */
static int kind_read(sqlite3 *db, const struct kind *kind, struct findings *findings)
{
	sqlite3_stmt *rows = query_open(db, kind->sql);
	int more, failed = 0;

	for (size_t i = 0; i < COUNT(limits); i++)
		query_bind(rows, limits[i].name, limits[i].value);
	more = query_next(rows);
	if (more > 0)
		failed = finding_make(&findings->list[findings->count++], kind, rows);
	sqlite3_finalize(rows);
	return failed || more < 0;
}

/* The heavier first; the kinds keep their order otherwise. */
static void sort(struct findings *findings)
{
	for (int i = 1; i < findings->count; i++) {
		struct finding one = findings->list[i];
		int at = i;

		for (; at > 0 && findings->list[at - 1].weight_ns < one.weight_ns; at--)
			findings->list[at] = findings->list[at - 1];
		findings->list[at] = one;
	}
}

int findings_read(sqlite3 *db, struct findings *findings)
{
	int failed = 0;

	*findings = (struct findings){.list = calloc(COUNT(kinds), sizeof(*findings->list))};
	if (!findings->list) {
		say_error("cannot write the report: out of memory");
		return 1;
	}
	for (size_t i = 0; i < COUNT(kinds) && !failed; i++)
		failed = kind_read(db, &kinds[i], findings);
	sort(findings);
	return failed;
}

void findings_free(struct findings *findings)
{
	for (int i = 0; i < findings->count; i++) {
		free(findings->list[i].text);
		free(findings->list[i].show);
		free(findings->list[i].mechanism);
	}
	free(findings->list);
	*findings = (struct findings){0};
}

/* An id, of which 0 is none. */
static void put_id(FILE *out, const char *name, int64_t id)
{
	if (id)
		fprintf(out, ", \"%s\": %lld", name, (long long)id);
	else
		fprintf(out, ", \"%s\": null", name);
}

int findings_json_put(sqlite3 *db, FILE *out)
{
	struct findings findings;
	int failed = findings_read(db, &findings);

	fputc('[', out);
	for (int i = 0; i < findings.count && !failed; i++) {
		const struct finding *f = &findings.list[i];

		fputs(i ? ",\n{\"kind\": " : "\n{\"kind\": ", out);
		json_put_string(out, f->kind, strlen(f->kind));
		json_put_text(out, "text", f->text);
		json_put_text(out, "show", f->show);
		json_put_text(out, "mechanism", f->mechanism);
		put_id(out, "object_id", f->object_id);
		put_id(out, "sender_id", f->sender_id);
		put_id(out, "receiver_id", f->receiver_id);
		fprintf(out, ", \"weight_ns\": %lld, \"alike\": %lld}", (long long)f->weight_ns,
			(long long)f->alike);
	}
	fputs("\n]", out);
	findings_free(&findings);
	return failed;
}
