// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace report`: its options, and which outputs they ask for. It reads a trace file and
 * nothing else; all outputs of one call show the same moment of a file that still grows.
 */
#include "functions.h"
#include "outputs.h"
#include "query.h"
#include "schemas/command.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <string.h>

#define FILE_DEFAULT "ipctrace.db"

enum {
	KEY_HTML = 256,
	KEY_GNUPLOT,
	KEY_JSON,
	KEY_CSV,
};

static const struct argp_option options[] = {
	{"html", KEY_HTML, "FILE", 0, "Write one self-contained page to FILE", 0},
	{"gnuplot", KEY_GNUPLOT, "DIR", 0,
	 "Write gnuplot scripts, their data and the plots to the folder DIR", 0},
	{"json", KEY_JSON, NULL, 0, "Print everything but single calls and messages as JSON", 0},
	{"csv", KEY_CSV, "VIEW", 0,
	 "Print the rows of a view as CSV: processes, objects, ops, messages, edges, latency, "
	 "ledger, mappings, touches, passed_fds or ready; of a bench: results, rounds, best, "
	 "crossovers, crossing, probes, parts, facts, limits or skipped",
	 0},
	{0},
};

struct wanted {
	const char *file, *html, *gnuplot, *csv;
	int json;
};

static void views_list(char list[256], const char *const *views)
{
	*list = '\0';
	for (const char *const *name = views; *name; name++) {
		strcat(list, name == views ? "" : ", ");
		strcat(list, *name);
	}
}

static void say_views(struct argp_state *state, const char *view)
{
	char list[256];

	views_list(list, query_views);
	argp_error(state, "no view '%s'; the views are %s", view, list);
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
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "one FILE at a time");
		wanted->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (wanted->json && wanted->csv)
			argp_error(state, "--json and --csv both print: one at a time");
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
	"  ipctrace report --csv edges build.db > edges.csv\n",
	NULL,
	NULL,
	NULL,
};

/* The outputs of a kind of file; NULL where it has none. */
struct kind {
	const char *what;
	const char *const *views;
	int (*text)(sqlite3 *db, FILE *out);
	int (*json)(sqlite3 *db, FILE *out);
	int (*html)(sqlite3 *db, const char *path);
	int (*gnuplot)(sqlite3 *db, const char *dir);
};

static const struct kind trace_outputs = {"trace",    query_views, text_write,
					  json_write, html_write,  gnuplot_write};
static const struct kind bench_outputs = {.what = "bench",
					  .views = query_bench_views,
					  .text = bench_text_write,
					  .json = bench_json_write,
					  .html = bench_html_write};

/* Does this kind of file have what is wanted? False after an error message. */
static bool kind_has(const struct kind *kind, const struct wanted *wanted)
{
	const char *const *view = kind->views;
	char list[256];

	if (wanted->gnuplot && !kind->gnuplot) {
		say_error("'%s' is a %s, for which there is no --gnuplot", wanted->file,
			  kind->what);
		return false;
	}
	while (wanted->csv && *view && strcmp(*view, wanted->csv))
		view++;
	if (!wanted->csv || *view)
		return true;
	views_list(list, kind->views);
	say_error("'%s' is a %s, which has no view '%s'; its views are %s", wanted->file,
		  kind->what, wanted->csv, list);
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
	else if (!wanted->html && !wanted->gnuplot)
		failed = kind->text(db, stdout);
	if (!fflush(stdout) && !ferror(stdout))
		return failed;
	say_error("cannot write to standard output: %s", strerror(errno));
	return 1;
}

static int outputs_write(sqlite3 *db, const struct kind *kind, const struct wanted *wanted)
{
	int failed = print(db, kind, wanted);

	if (wanted->html)
		failed |= kind->html(db, wanted->html);
	if (wanted->gnuplot && kind->gnuplot)
		failed |= kind->gnuplot(db, wanted->gnuplot);
	return failed;
}

static int report_run(int argc, char **argv);

const struct command report_command = {
	.name = "report",
	.summary = "show what a recording holds: text, a page, plots, JSON or CSV",
	.argp = &argp,
	.usage_status = IPCT_EXIT_USAGE,
	.run = report_run,
};

static int report_run(int argc, char **argv)
{
	struct wanted wanted = {.file = FILE_DEFAULT};
	const struct kind *kind;
	sqlite3 *db;
	int failed;

	if (command_parse(&report_command, argc, argv, 0, &wanted))
		return IPCT_EXIT_USAGE;
	kind = bench_db_is(wanted.file) ? &bench_outputs : &trace_outputs;
	if (!kind_has(kind, &wanted))
		return IPCT_EXIT_USAGE;
	db = kind == &bench_outputs ? bench_db_open(wanted.file) : trace_db_open(wanted.file);
	if (!db)
		return IPCT_EXIT_FAILURE;
	failed = functions_add(db) || outputs_write(db, kind, &wanted);
	sqlite3_close(db);
	return failed ? IPCT_EXIT_FAILURE : 0;
}
