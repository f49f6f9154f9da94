// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace report`: its options, and which outputs they ask for. It reads a trace file and
 * nothing else; all outputs of one call show the same moment of a file that still grows.
 */
#include "filter.h"
#include "functions.h"
#include "outputs.h"
#include "query.h"
#include "write_all.h"
#include "schemas/command.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FILE_DEFAULT "ipctrace.db"

enum {
	KEY_HTML = 256,
	KEY_GNUPLOT,
	KEY_JSON,
	KEY_CSV,
	KEY_DOT,
	KEY_FILTER,
	KEY_SORT,
	KEY_TOP,
};

static const struct argp_option options[] = {
	{"html", KEY_HTML, "FILE", 0, "Write one self-contained page to FILE", 0},
	{"gnuplot", KEY_GNUPLOT, "DIR", 0,
	 "Write gnuplot scripts, their data and the plots to the folder DIR", 0},
	{"dot", KEY_DOT, "FILE", 0,
	 "Write the flow graph for Graphviz to FILE, or print it if that is -", 0},
	{"json", KEY_JSON, NULL, 0, "Print everything but single calls and messages as JSON", 0},
	{"csv", KEY_CSV, "VIEW", 0,
	 "Print the rows of a view as CSV: processes, objects, ops, messages, edges, latency, "
	 "ledger, mappings, touches, passed_fds, ready, pressure, depth, confidence, wakeups, "
	 "threads, op_blocks or message_blocks; of a bench: "
	 "results, rounds, best, crossovers, crossing, probes, parts, facts, limits or skipped",
	 0},
	{"filter", KEY_FILTER, "KEY=VALUE", 0,
	 "Show only what matches, in every output: mechanism=NAME,... (or families); process=WHO "
	 "(a pid, a name or pattern, or # and a process_id) at either end; cgroup=NAME, that such "
	 "a "
	 "process is in (a path or pattern); object=NAME (a name or "
	 "pattern, or # and an object_id); from=TIME and to=TIME, when messages were sent and "
	 "calls "
	 "began; latency=TIME, what took at least so long. TIME is from the start of the "
	 "recording, such as 1.5s or 20ms. May be given again: all keys must hold, and one value "
	 "of each",
	 0},
	{"sort", KEY_SORT, "KEY", 0,
	 "Put tables in the order of bytes, messages (of calls, their number), total, p50, p99 or "
	 "max "
	 "of the times, the largest first, or of name, where they have it",
	 0},
	{"top", KEY_TOP, "N", 0,
	 "Show N rows of each table; 0: all. Plots and the page show fewer, never more, than "
	 "without "
	 "it",
	 0},
	{0},
};

struct wanted {
	const char *file, *html, *gnuplot, *csv, *dot, *sort;
	int json, rows;
	struct filter filter;
};

/* The words of a list that ends with NULL, with commas. */
static const char *list_words(char list[256], const char *const *words)
{
	*list = '\0';
	for (const char *const *word = words; *word; word++) {
		strcat(list, word == words ? "" : ", ");
		strcat(list, *word);
	}
	return list;
}

static void say_views(struct argp_state *state, const char *view)
{
	char list[256];

	argp_error(state, "no view '%s'; the views are %s", view, list_words(list, query_views));
}

static const char *parse_sort(struct argp_state *state, const char *key)
{
	char list[256];

	for (const char *const *sort = query_sorts; *sort; sort++)
		if (!strcmp(*sort, key))
			return *sort;
	argp_error(state, "no order '%s'; the orders are %s", key, list_words(list, query_sorts));
	return NULL;
}

static int parse_rows(struct argp_state *state, const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || value > INT_MAX)
		argp_error(state, "'%s' is no number of rows", text);
	return (int)value;
}

static void parse_filter(struct argp_state *state, struct filter *filter, const char *text)
{
	char why[IPCT_FILTER_WHY_LEN];
	int err = filter_add(filter, text, why);

	if (err)
		argp_error(state, "--filter: %s", err == -EINVAL ? why : strerror(-err));
}

static bool prints_dot(const struct wanted *wanted)
{
	return wanted->dot && !strcmp(wanted->dot, "-");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct wanted *wanted = state->input;

	switch (key) {
	case KEY_HTML:
		wanted->html = arg;
		return 0;
	case KEY_GNUPLOT:
		wanted->gnuplot = arg;
		return 0;
	case KEY_DOT:
		wanted->dot = arg;
		return 0;
	case KEY_JSON:
		wanted->json = 1;
		return 0;
	case KEY_CSV:
		if (!query_view(arg))
			say_views(state, arg);
		if (wanted->csv)
			argp_error(state, "one --csv at a time");
		wanted->csv = arg;
		return 0;
	case KEY_SORT:
		wanted->sort = parse_sort(state, arg);
		return 0;
	case KEY_TOP:
		wanted->rows = parse_rows(state, arg);
		return 0;
	case KEY_FILTER:
		parse_filter(state, &wanted->filter, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "one FILE at a time");
		wanted->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (wanted->json + (wanted->csv != NULL) + prints_dot(wanted) > 1)
			argp_error(state, "--json, --csv and --dot - all print: one at a time");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"[FILE]",
	"Show what a recording holds: who talked to whom, over what, how much and how slow; or "
	"what a "
	"bench measured. FILE is " FILE_DEFAULT
	" if none is given. Without options a summary is printed.\v"
	"Examples:\n"
	"  ipctrace report\n"
	"  ipctrace report --html flow.html --gnuplot plots build.db\n"
	"  ipctrace report --filter process=cc1 --filter latency=1ms build.db\n",
	NULL,
	NULL,
	NULL,
};

/* The outputs of a kind of file. */
struct kind {
	const char *what;
	const char *const *views;
	int (*text)(sqlite3 *db, FILE *out);
	int (*json)(sqlite3 *db, FILE *out);
	int (*html)(sqlite3 *db, const char *path);
};

static const struct kind trace_outputs = {"trace", query_views, text_write, json_write, html_write};
static const struct kind bench_outputs = {"bench", query_bench_views, bench_text_write,
					  bench_json_write, bench_html_write};

/* Does a bench have what is wanted? False after an error message. */
static bool bench_has(const struct wanted *wanted)
{
	const char *option = wanted->gnuplot        ? "--gnuplot"
			     : wanted->dot          ? "--dot"
			     : wanted->sort         ? "--sort"
			     : wanted->filter.count ? "--filter"
						    : NULL;

	if (option)
		say_error("'%s' is a bench, for which there is no %s", wanted->file, option);
	return !option;
}

/* Has this kind of file the view that is wanted, if one is? False after an error message. */
static bool kind_has_view(const struct kind *kind, const struct wanted *wanted)
{
	const char *const *view = kind->views;
	char list[256];

	while (wanted->csv && *view && strcmp(*view, wanted->csv))
		view++;
	if (!wanted->csv || *view)
		return true;
	say_error("'%s' is a %s, which has no view '%s'; its views are %s", wanted->file,
		  kind->what, wanted->csv, list_words(list, kind->views));
	return false;
}

/* What goes to stdout. 0 or 1. */
static int print(sqlite3 *db, const struct kind *kind, const struct wanted *wanted)
{
	int failed = 0;

	errno = 0;
	if (wanted->json)
		failed = kind->json(db, stdout);
	else if (wanted->csv)
		failed = csv_write(db, wanted->csv, stdout);
	else if (prints_dot(wanted))
		failed = dot_write(db, wanted->dot);
	else if (!wanted->html && !wanted->gnuplot && !wanted->dot)
		failed = kind->text(db, stdout);
	return stdout_end(failed);
}

static int outputs_write(sqlite3 *db, const struct kind *kind, const struct wanted *wanted)
{
	int failed = print(db, kind, wanted);

	if (wanted->html)
		failed |= kind->html(db, wanted->html);
	if (wanted->dot && !prints_dot(wanted))
		failed |= dot_write(db, wanted->dot);
	if (wanted->gnuplot)
		failed |= gnuplot_write(db, wanted->gnuplot);
	return failed;
}

static int report_run(int argc, char **argv);

const struct command report_command = {
	.name = "report",
	.summary = "show what a recording holds: text, a page, plots, a graph, JSON or CSV",
	.argp = &argp,
	.usage_status = IPCT_EXIT_USAGE,
	.run = report_run,
};

static int report_run(int argc, char **argv)
{
	struct wanted wanted = {.file = FILE_DEFAULT, .rows = -1};
	const struct kind *kind = &trace_outputs;
	sqlite3 *db;
	int failed;

	if (command_parse(&report_command, argc, argv, 0, &wanted))
		return IPCT_EXIT_USAGE;
	query_choose(wanted.sort, wanted.rows);
	if (bench_db_is(wanted.file))
		kind = &bench_outputs;
	if ((kind == &bench_outputs && !bench_has(&wanted)) || !kind_has_view(kind, &wanted))
		return IPCT_EXIT_USAGE;
	db = kind == &bench_outputs ? bench_db_open(wanted.file) : trace_db_open(wanted.file);
	if (!db)
		return IPCT_EXIT_FAILURE;
	failed = functions_add(db) ||
		 (kind == &trace_outputs && filter_apply(&wanted.filter, db)) ||
		 outputs_write(db, kind, &wanted);
	sqlite3_close(db);
	filter_clear(&wanted.filter);
	return failed ? IPCT_EXIT_FAILURE : 0;
}
