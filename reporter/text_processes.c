// SPDX-License-Identifier: BSD-2-Clause
/*
 * The processes of a recording as a tree. A build has thousands: shown are those that moved the
 * most bytes, with as many of their ancestors as there is room for.
 */
#include "text.h"
#include "cells.h"
#include "escape.h"
#include "query.h"
#include "text_section.h"
#include "units.h"
#include "schemas/say.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern const char text_family_sql[], text_process_sql[];

#define DEPTH_MAX 12 /* of a branch */

struct member {
	sqlite3_int64 id, sent, received, wakes, woken;
	sqlite3_int64 processes; /* more than one: the first of so many that are alike */
	long parent;             /* an index; always below the member's own, or -1 */
	long child, brother;     /* first child, next of the same parent; or -1 */
	int depth;               /* below the root of its branch */
	bool shown;
};

struct family {
	struct member *members; /* by process_id */
	size_t count, room;
	sqlite3_int64 all; /* processes */
	bool grouped;
	size_t shown, rows; /* `rows`: the most that are shown */
};

static const struct column columns[] = {
	{"pid", COLUMN_RIGHT},
	{"command", COLUMN_CUT_END},
	{"sent", COLUMN_RIGHT},
	{"received", COLUMN_RIGHT},
	{"wakes", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"woken", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"began at", COLUMN_RIGHT},
	{"lived", COLUMN_RIGHT},
	{"exit", COLUMN_RIGHT},
	{"cgroup", COLUMN_CUT_MIDDLE | COLUMN_IF_ANY},
};
#define COLUMN_COUNT (int)(sizeof(columns) / sizeof(columns[0]))

static int by_id(const void *key, const void *member)
{
	sqlite3_int64 id = *(const sqlite3_int64 *)key;
	sqlite3_int64 other = ((const struct member *)member)->id;

	return (id > other) - (id < other);
}

/*
 * The index of process `id` among the members so far, or -1. Parents are numbered before their
 * children; in a file where they are not there is no tree, but no circle either.
 */
static long family_find(const struct family *family, sqlite3_int64 id)
{
	const struct member *found;

	if (!family->count)
		return -1;
	found = bsearch(&id, family->members, family->count, sizeof(*found), by_id);
	return found ? found - family->members : -1;
}

static int family_add(struct family *family, sqlite3_stmt *rows)
{
	struct member *member;

	if (family->count == family->room) {
		size_t room = family->room ? 2 * family->room : 64;

		member = reallocarray(family->members, room, sizeof(*member));
		if (!member) {
			say_error("cannot write the report: out of memory");
			return 1;
		}
		family->members = member;
		family->room = room;
	}
	member = &family->members[family->count];
	member->parent = family_find(family, sqlite3_column_int64(rows, 1));
	member->id = sqlite3_column_int64(rows, 0);
	member->sent = sqlite3_column_int64(rows, 2);
	member->received = sqlite3_column_int64(rows, 3);
	member->wakes = sqlite3_column_int64(rows, 4);
	member->woken = sqlite3_column_int64(rows, 5);
	member->processes = sqlite3_column_int64(rows, 6);
	member->child = member->brother = -1;
	/* What is deeper has no room for its name: it begins a branch of its own. */
	member->depth = member->parent < 0 ? 0 : family->members[member->parent].depth + 1;
	if (member->depth == DEPTH_MAX) {
		member->parent = -1;
		member->depth = 0;
	}
	member->shown = false;
	family->count++;
	return 0;
}

/* Those that are alike are put together where there are too many to show. */
static int family_read(struct family *family, sqlite3 *db)
{
	sqlite3_stmt *rows = query_open(db, text_family_sql);
	int more, failed = family->all < 0;

	query_bind(rows, ":grouped", family->grouped);
	while (!failed && (more = query_next(rows)) > 0)
		failed = family_add(family, rows);
	sqlite3_finalize(rows);
	return failed || more < 0;
}

/* Of two indices: the one with the most bytes first, or else wake-ups, then the oldest. */
static int by_traffic(const void *a, const void *b, void *members)
{
	const struct member *one = (const struct member *)members + *(const size_t *)a;
	const struct member *other = (const struct member *)members + *(const size_t *)b;
	double difference = ((double)other->sent + (double)other->received) -
			    ((double)one->sent + (double)one->received);

	if (difference == 0)
		difference = ((double)other->wakes + (double)other->woken) -
			     ((double)one->wakes + (double)one->woken);
	if (difference != 0)
		return difference > 0 ? 1 : -1;
	return (one > other) - (one < other);
}

static void show_with_ancestors(struct family *family, size_t member)
{
	for (long i = (long)member; i >= 0; i = family->members[i].parent) {
		if (family->members[i].shown || family->shown == family->rows)
			break;
		family->members[i].shown = true;
		family->shown++;
	}
}

static int family_choose(struct family *family)
{
	size_t *order = calloc(family->count + 1, sizeof(*order));

	if (!order) {
		say_error("cannot write the report: out of memory");
		return 1;
	}
	for (size_t i = 0; i < family->count; i++)
		order[i] = i;
	qsort_r(order, family->count, sizeof(*order), by_traffic, family->members);
	for (size_t i = 0; i < family->count && family->shown < family->rows; i++)
		show_with_ancestors(family, order[i]);
	free(order);
	return 0;
}

/* Link those that are shown: backwards, so that each list begins with the oldest. */
static void family_link(struct family *family)
{
	for (long i = (long)family->count - 1; i >= 0; i--) {
		struct member *member = &family->members[i];
		struct member *parent =
			member->parent < 0 ? NULL : &family->members[member->parent];

		if (!member->shown || !parent || !parent->shown)
			continue;
		member->brother = parent->child;
		parent->child = i;
	}
}

/* A command line whose program is given with its folder, without the folder. */
static const char *without_folder(const char *cmdline)
{
	size_t word = strcspn(cmdline, " '\"$");
	const char *slash = memrchr(cmdline, '/', word);

	if (!slash || (cmdline[word] && cmdline[word] != ' ') || slash + 1 == cmdline + word)
		return cmdline;
	return slash + 1;
}

/* The arguments, with the process's name before them where they do not tell it. */
static void put_command(struct table *table, sqlite3_stmt *rows, const char *branch)
{
	char *comm = cell_text(rows, 1), *cmdline = cell_text(rows, 2);
	const char *args = cmdline ? without_folder(cmdline) : "";

	if (!comm || !sqlite3_column_bytes(rows, 2))
		table_cellf(table, STYLE_PLAIN, "%s%s", branch, comm ? comm : "");
	else if (!sqlite3_column_bytes(rows, 1) || strstr(args, comm))
		table_cellf(table, STYLE_PLAIN, "%s%s", branch, args);
	else
		table_cellf(table, STYLE_PLAIN, "%s%s: %s", branch, comm, args);
	free(cmdline);
	free(comm);
}

static void put_pid(struct table *table, sqlite3_stmt *rows)
{
	if (sqlite3_column_type(rows, 0) == SQLITE_NULL)
		table_cell(table, STYLE_DIM, "-");
	else
		table_cellf(table, STYLE_PLAIN, "%lld", sqlite3_column_int64(rows, 0));
}

/* A number whose absence is no news. */
static void put_some(struct table *table, sqlite3_int64 value, char *(*unit)(char *, int64_t))
{
	char buf[IPCT_UNIT_LEN];

	table_cell(table, value ? STYLE_PLAIN : STYLE_DIM, value ? unit(buf, value) : "-");
}

/* They began and ended one after the other. */
static void put_several(struct table *table, sqlite3_stmt *rows, const struct member *member,
			const char *branch)
{
	char buf[IPCT_UNIT_LEN], *comm = cell_text(rows, 1);

	table_cellf(table, STYLE_PLAIN, "%s%s ×%s", branch, comm ? comm : "",
		    unit_count(buf, member->processes));
	free(comm);
}

static void put_cgroup(struct table *table, sqlite3_stmt *rows)
{
	if (sqlite3_column_type(rows, 6) == SQLITE_NULL)
		table_cell(table, STYLE_DIM, "-");
	else
		cell_put_text(table, rows, 6);
}

static void put_end(struct table *table, sqlite3_stmt *rows)
{
	sqlite3_int64 lived = sqlite3_column_int64(rows, 4) - sqlite3_column_int64(rows, 3);
	bool begun = sqlite3_column_type(rows, 3) != SQLITE_NULL;
	bool ended = sqlite3_column_type(rows, 4) != SQLITE_NULL;
	sqlite3_int64 status = sqlite3_column_int64(rows, 5);
	char buf[IPCT_UNIT_LEN];

	cell_put_ns(table, rows, 3);
	if (!ended)
		table_cell(table, STYLE_DIM, "still ran");
	else
		table_cell(table, STYLE_PLAIN, begun ? unit_ns(buf, lived) : "-");
	if (sqlite3_column_type(rows, 5) == SQLITE_NULL)
		table_cell(table, STYLE_DIM, "-");
	else
		table_cell(table, status ? STYLE_BOLD : STYLE_PLAIN, unit_status(buf, status));
	put_cgroup(table, rows);
}

static int member_put(struct table *table, sqlite3_stmt *rows, const struct member *member,
		      const char *branch)
{
	int more;

	sqlite3_reset(rows);
	query_bind(rows, ":process_id", member->id);
	more = query_next(rows);
	if (more <= 0)
		return more < 0;
	put_pid(table, rows);
	if (member->processes > 1)
		put_several(table, rows, member, branch);
	else
		put_command(table, rows, branch);
	put_some(table, member->sent, unit_bytes);
	put_some(table, member->received, unit_bytes);
	put_some(table, member->wakes, unit_count_short);
	put_some(table, member->woken, unit_count_short);
	if (member->processes == 1) {
		put_end(table, rows);
		return 0;
	}
	cell_put_ns(table, rows, 3);
	for (int i = 0; i < 3; i++)
		table_cell(table, STYLE_DIM, "-");
	return 0;
}

/*
 * The member and all below it; `before` is what stands left of its children's branches.
 */
static int tree_put(struct table *table, sqlite3_stmt *rows, const struct family *family,
		    const struct member *member, const char *branch, const char *before)
{
	char below[DEPTH_MAX * 8], twig[DEPTH_MAX * 8 + 16];
	int failed = member_put(table, rows, member, branch);

	for (long i = member->child; i >= 0 && !failed; i = family->members[i].brother) {
		bool last = family->members[i].brother < 0;

		snprintf(twig, sizeof(twig), "%s%s", before, last ? "└─ " : "├─ ");
		snprintf(below, sizeof(below), "%s%s", before, last ? "   " : "│  ");
		failed = tree_put(table, rows, family, &family->members[i], twig, below);
	}
	return failed;
}

static int family_put(struct table *table, sqlite3 *db, const struct family *family)
{
	sqlite3_stmt *rows = query_open(db, text_process_sql);
	sqlite3_int64 cgroups =
		section_number(db, "SELECT count(DISTINCT cgroup) > 1 FROM processes WHERE traced");
	int failed = !rows || cgroups < 0;

	query_bind(rows, ":cgroups", cgroups);
	for (size_t i = 0; i < family->count && !failed; i++) {
		const struct member *member = &family->members[i];

		if (member->shown && (member->parent < 0 || !family->members[member->parent].shown))
			failed = tree_put(table, rows, family, member, "", "");
	}
	sqlite3_finalize(rows);
	return failed;
}

/* How many processes the rows that are shown stand for. */
static sqlite3_int64 family_shown(const struct family *family)
{
	sqlite3_int64 shown = 0;

	for (size_t i = 0; i < family->count; i++)
		shown += family->members[i].shown ? family->members[i].processes : 0;
	return shown;
}

int text_processes(sqlite3 *db, const struct terminal *term)
{
	int rows = query_rows(IPCT_TEXT_ROWS);
	struct family family = {
		.rows = rows < 0 ? SIZE_MAX : (size_t)rows,
		.all = section_number(db, "SELECT count(*) FROM processes WHERE traced"),
	};
	struct table *table = table_new(columns, COLUMN_COUNT);
	int failed;

	family.grouped = rows >= 0 && family.all > rows;
	failed = family_read(&family, db) || family_choose(&family);
	if (failed || !family.count)
		goto out;
	family_link(&family);
	failed = family_put(table, db, &family);
	if (failed)
		goto out;
	text_heading(term, "PROCESSES", "sums over the edges");
	if (table_print(table, term)) {
		say_error("cannot write the report: out of memory");
		failed = 1;
	}
	text_more(term, family_shown(&family), family.all, "processes");
	if (family.count < (size_t)family.all)
		text_line(term, STYLE_DIM, NULL, IPCT_TEXT_ALIKE, "processes");
out:
	table_free(table);
	free(family.members);
	return failed;
}
