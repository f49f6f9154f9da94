// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace diff`: its options, the order of its work, and the exit status that a CI asks for.
 */
#include "diff.h"
#include "write_all.h"
#include "schemas/command.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOP_DEFAULT 10

enum {
	KEY_HTML = 256,
	KEY_JSON,
	KEY_TOP,
	KEY_ALL,
	KEY_ALSO_A,
	KEY_ALSO_B,
	KEY_MIN_EFFECT,
	KEY_RUN_NOISE,
	KEY_FAIL_ABOVE,
	KEY_METRIC,
};

static const struct argp_option options[] = {
	{"also-a", KEY_ALSO_A, "FILE", 0,
	 "A further recording of the same as A; may be given several times. With it, or with "
	 "--also-b, only what differs by more than runs of one side do is a change",
	 0},
	{"also-b", KEY_ALSO_B, "FILE", 0, "A further recording of the same as B", 0},
	{"min-effect", KEY_MIN_EFFECT, "PERCENT", 0,
	 "Ignore changes that may be this small, 5 if not given", 0},
	{"run-noise", KEY_RUN_NOISE, "PERCENT", 0,
	 "How much medians of runs of the same differ on this machine, where one run of each side "
	 "cannot show it: 10 if not given. 0: only what a run shows of itself",
	 0},
	{"top", KEY_TOP, "N", 0, "Show N rows of each section, 10 if not given; 0: all", 0},
	{"all", KEY_ALL, NULL, 0, "Show what did not change as well", 0},
	{"json", KEY_JSON, NULL, 0, "Print all of the comparison as JSON", 0},
	{"html", KEY_HTML, "FILE", 0, "Write one self-contained page to FILE", 0},
	{"fail-above", KEY_FAIL_ABOVE, "PERCENT", 0,
	 "Exit with status 1 if the latency of an edge, a mechanism, a case of a bench, or a call "
	 "that "
	 "is no receive or wait became longer, or the rate of a case lower, significantly and by "
	 "more "
	 "than PERCENT",
	 0},
	{"metric", KEY_METRIC, "NAME", 0,
	 "What --fail-above looks at: p50, p99 or mean latency, rate of messages (of benches), or "
	 "any, "
	 "which is the default",
	 0},
	{0},
};

struct wanted {
	const char *files[2][DIFF_RUNS_MAX];
	int counts[2];
	const char *html;
	double effect, run_noise, fail_above; /* fail_above negative: not given */
	int metric;                           /* enum diff_measure; DIFF_MEASURES: any */
	size_t top;
	int json, all;
};

static double parse_percent(struct argp_state *state, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || (*end && strcmp(end, "%")) || !isfinite(value) || value < 0 ||
	    value > 1e6)
		argp_error(state, "'%s' is no percentage", text);
	return value / 100;
}

static size_t parse_top(struct argp_state *state, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end)
		argp_error(state, "'%s' is no number", text);
	return value ? value : SIZE_MAX;
}

static bool is_metric(enum diff_measure measure)
{
	return measure < DIFF_TIMES || measure == DIFF_RATE;
}

static int parse_metric(struct argp_state *state, const char *text)
{
	for (int i = 0; i < DIFF_MEASURES; i++)
		if (is_metric(i) && !strcmp(text, diff_measure_names[i]))
			return i;
	if (strcmp(text, "any") != 0)
		argp_error(state, "no metric '%s': p50, p99, mean, rate or any", text);
	return DIFF_MEASURES;
}

static void file_take(struct argp_state *state, struct wanted *wanted, int side, const char *path)
{
	if (wanted->counts[side] == DIFF_RUNS_MAX)
		argp_error(state, "at most %d recordings of each side", DIFF_RUNS_MAX);
	wanted->files[side][wanted->counts[side]++] = path;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct wanted *wanted = state->input;

	switch (key) {
	case KEY_HTML:
		wanted->html = arg;
		return 0;
	case KEY_JSON:
		wanted->json = 1;
		return 0;
	case KEY_TOP:
		wanted->top = parse_top(state, arg);
		return 0;
	case KEY_ALL:
		wanted->all = 1;
		return 0;
	case KEY_ALSO_A:
	case KEY_ALSO_B:
		file_take(state, wanted, key == KEY_ALSO_B, arg);
		return 0;
	case KEY_MIN_EFFECT:
		wanted->effect = parse_percent(state, arg);
		return 0;
	case KEY_RUN_NOISE:
		wanted->run_noise = parse_percent(state, arg);
		return 0;
	case KEY_FAIL_ABOVE:
		wanted->fail_above = parse_percent(state, arg);
		return 0;
	case KEY_METRIC:
		wanted->metric = parse_metric(state, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "two recordings: A and B");
		file_take(state, wanted, (int)state->arg_num, arg);
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "two recordings are needed: A and B");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"A B",
	"Show what changed from A to B, two recordings or two benches: latency, messages, bytes "
	"and "
	"errors, by mechanism, edge and call, and what only one of them has. Processes are matched "
	"by "
	"program, place in the tree and role, objects by their lasting names, so pids and inode "
	"numbers do not matter, and equal processes are compared together.\n"
	"\n"
	"A change is one that is larger than 5 % and that noise would bring about less than once "
	"in "
	"a hundred reported changes (Benjamini-Hochberg). Messages of a run depend on each other, "
	"so "
	"a run is cut into up to twenty blocks in time, and blocks are compared. That shows how "
	"much "
	"a run varies in itself, not how runs differ: of one run each, --run-noise is taken for "
	"it, "
	"and only large changes are beyond it. To find small ones give several runs of at least "
	"one "
	"side. Rounds of a bench are such runs.\n"
	"\n"
	"The exit status is 0, also if there are changes; 1 after a failure, or for what "
	"--fail-above says; 2 for wrong usage.\v"
	"Examples:\n"
	"  ipctrace diff before.db after.db\n"
	"  ipctrace diff --also-a before2.db --also-a before3.db before.db after.db --html "
	"diff.html\n"
	"  ipctrace diff --fail-above 20 --metric p99 main.db branch.db\n",
	NULL,
	NULL,
	NULL,
};

/* Open one recording or bench and read it. 0 or 1. */
static int open_one(struct diff *diff, const char *path, int side)
{
	int before = diff->input.run_count, failed;
	bool bench = bench_db_is(path);
	sqlite3 *db;

	if (before && bench != diff->input.benches) {
		say_error("'%s' is %s, and what it is compared with is none", path,
			  bench ? "a bench" : "a recording");
		return 1;
	}
	db = bench ? bench_db_open(path) : trace_db_open(path);
	if (!db)
		return 1;
	failed = bench ? diff_input_add_bench(&diff->input, path, db, side)
		       : diff_input_add(&diff->input, path, db, side);
	diff->runs[side] += diff->input.run_count - before;
	return failed;
}

/* A's first. 0 or 1. */
static int open_all(struct diff *diff, const struct wanted *wanted)
{
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < wanted->counts[side]; i++)
			if (open_one(diff, wanted->files[side][i], side))
				return 1;
	return 0;
}

static int compare(struct diff *diff, const struct wanted *wanted)
{
	diff->effect = wanted->effect;
	diff->run_noise = wanted->run_noise;
	if (open_all(diff, wanted) || diff_groups_make(diff) || diff_items_make(diff) ||
	    diff_samples_read(diff) || diff_judge(diff))
		return 1;
	diff_order(diff);
	return 0;
}

static int print(const struct diff *diff, const struct wanted *wanted)
{
	int failed = 0;

	errno = 0;
	if (wanted->html)
		failed = diff_html_write(diff, wanted->html);
	if (wanted->json)
		failed |= diff_json_write(diff, stdout);
	else if (!wanted->html)
		failed |= diff_text_write(diff, wanted->top, wanted->all, stdout);
	return stdout_end(failed);
}

/* Changes that --fail-above is about. */
static size_t regressions(const struct diff *diff, const struct wanted *wanted)
{
	size_t count = 0;

	for (size_t i = 0; i < diff->item_count; i++)
		for (int m = 0; m < DIFF_MEASURES; m++) {
			const struct diff_change *c = &diff->items[i].changes[m];

			if (wanted->metric == m ||
			    (wanted->metric == DIFF_MEASURES && is_metric(m)))
				count += c->significant && c->worse > 0 &&
					 fmax(c->b / c->a, c->a / c->b) > 1 + wanted->fail_above;
		}
	return count;
}

static int fail_above(const struct diff *diff, const struct wanted *wanted)
{
	size_t count = wanted->fail_above < 0 ? 0 : regressions(diff, wanted);

	if (!count)
		return 0;
	say_error("%zu measure%s became worse by more than %g%%", count, count == 1 ? "" : "s",
		  100 * wanted->fail_above);
	return 1;
}

static int diff_run(int argc, char **argv);

const struct command diff_command = {
	.name = "diff",
	.summary = "show what changed from one recording to another, and what is noise",
	.argp = &argp,
	.usage_status = IPCT_EXIT_USAGE,
	.run = diff_run,
};

static int diff_run(int argc, char **argv)
{
	struct wanted wanted = {
		.effect = DIFF_EFFECT,
		.run_noise = DIFF_RUN_NOISE,
		.fail_above = -1,
		.metric = DIFF_MEASURES,
		.top = TOP_DEFAULT,
	};
	struct diff diff = {0};
	int failed;

	if (command_parse(&diff_command, argc, argv, 0, &wanted))
		return IPCT_EXIT_USAGE;
	failed = compare(&diff, &wanted) || print(&diff, &wanted) || fail_above(&diff, &wanted);
	diff_free(&diff);
	return failed ? IPCT_EXIT_FAILURE : 0;
}
