// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace bench`: its options. bench_run.c does it.
 */
#include "collector/bench_matrix.h"
#include "collector/bench_run.h"
#include "schemas/command.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_DEFAULT       "ipctrace-bench.db"
#define SECONDS_DEFAULT    0.05
#define ROUNDS_DEFAULT     5
#define TRACED_ROUNDS_MOST 3 /* shares of a transit vary less than its length */
#define ROUNDS_MAX         1000
#define SIZE_MAX_BYTES     (64 << 20) /* that the workload takes */
#define QUICK_SECONDS      0.01
#define QUICK_ROUNDS       3

enum {
	KEY_SIZES = 256,
	KEY_PATTERNS,
	KEY_CPUS,
	KEY_WAIT,
	KEY_ROUNDS,
	KEY_MESSAGES,
	KEY_SECONDS,
	KEY_NO_TRACE,
	KEY_QUICK,
};

static const struct argp_option options[] = {
	{"mechanisms", 'm', "LIST", 0,
	 "Compare only these, comma separated; names and families as in 'ipctrace record --help' "
	 "(default: all)",
	 0},
	{"sizes", KEY_SIZES, "LIST", 0,
	 "Sizes of messages, in bytes or with K or M (default 16,256,4K,64K,1M)", 0},
	{"patterns", KEY_PATTERNS, "LIST", 0,
	 "Who sends to whom: pingpong and duplex measure round trips, stream, fanin and fanout "
	 "throughput (default pingpong,stream)",
	 0},
	{"cpus", KEY_CPUS, "LIST", 0,
	 "All peers on the 'same' CPU, or on two ('cross') (default same,cross)", 0},
	{"wait", KEY_WAIT, "LIST", 0,
	 "Peers wait for each other asleep ('block') or by trying again ('spin'), both sides alike "
	 "(default block,spin)",
	 0},
	{"rounds", KEY_ROUNDS, "N", 0, "Run all cases N times in turn (default 5)", 0},
	{"seconds", KEY_SECONDS, "S", 0,
	 "Choose the number of messages so that a run takes about S seconds (default 0.05)", 0},
	{"messages", KEY_MESSAGES, "N", 0, "Send N messages in each run, however long that takes",
	 0},
	{"no-trace", KEY_NO_TRACE, NULL, 0,
	 "Only measure: no traced rounds for where the time goes and what the probes cost. Needs "
	 "no root.",
	 0},
	{"quick", KEY_QUICK, NULL, 0,
	 "An overview, in less than a minute on an idle machine: sizes 64 and 8K, 3 short rounds, "
	 "one of them traced "
	 "as well",
	 0},
	{"output", 'o', "FILE", 0,
	 "Write the results to FILE (default " FILE_DEFAULT "). An older FILE is kept as FILE.old.",
	 0},
	{"quiet", 'q', NULL, 0, "No summary and no progress on stderr; errors are still said.", 0},
	{0},
};

static const char doc[] =
	"Compare the mechanisms of inter-process communication on this machine: run the bundled "
	"workloads for every mechanism, size of message, pattern, choice of CPUs and way of "
	"waiting, "
	"several rounds in turn, and write latency and throughput to a file that 'ipctrace report' "
	"shows.\n"
	"Messages are made before and checked after the time that counts. What a mechanism cannot "
	"do "
	"is listed with the reason. Exits with 0, 1 if the bench failed, 2 for wrong usage, 128+N "
	"if "
	"signal N ended it; what was measured until then is kept."
	"\vExamples:\n"
	"  sudo ipctrace bench --quick\n"
	"  sudo ipctrace bench -m pipe,unix_stream,posix_shm --sizes 64,1K,16K,256K -o three.db\n"
	"  ipctrace bench --no-trace --patterns pingpong --cpus cross --rounds 20\n";

struct input {
	struct bench_options o;
	bool quick, no_trace, sizes_given, rounds_given, seconds_given;
};

/* The mask of the words that `list` names. */
static unsigned parse_words(struct argp_state *state, const char *const *words, const char *list)
{
	unsigned mask = 0;

	for (const char *at = list;; at++) {
		size_t len = strcspn(at, ",");
		int i = 0;

		while (words[i] && (strlen(words[i]) != len || strncmp(words[i], at, len)))
			i++;
		if (!words[i])
			argp_error(state, "'%.*s' is none of those that --help names", (int)len,
				   at);
		else
			mask |= 1u << i;
		at += len;
		if (!*at)
			return mask;
	}
}

/* "4K" to bytes; 0 if it is no size. */
static int64_t parse_size(const char *text, size_t len)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (end == text || *text == '-' || *text == '+')
		return 0;
	if (n > SIZE_MAX_BYTES)
		return 0;
	if (end < text + len && (*end == 'K' || *end == 'k')) {
		n <<= 10;
		end++;
	} else if (end < text + len && *end == 'M') {
		n <<= 20;
		end++;
	}
	return end == text + len && n > 0 && n <= SIZE_MAX_BYTES ? n : 0;
}

static int size_order(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/* In order and each once, however they were given. */
static void parse_sizes(struct argp_state *state, struct bench_axes *axes, const char *list)
{
	int count = 0;

	axes->size_count = 0;
	for (const char *at = list;; at++) {
		size_t len = strcspn(at, ",");
		int64_t size = parse_size(at, len);

		if (!size)
			argp_error(state, "'%.*s' is no size between 1 and 64M", (int)len, at);
		if (axes->size_count == IPCT_BENCH_SIZES_MAX)
			argp_error(state, "more than %d sizes", IPCT_BENCH_SIZES_MAX);
		else
			axes->sizes[axes->size_count++] = size;
		at += len;
		if (!*at)
			break;
	}
	qsort(axes->sizes, (size_t)axes->size_count, sizeof(axes->sizes[0]), size_order);
	for (int i = 0; i < axes->size_count; i++)
		if (!i || axes->sizes[i] != axes->sizes[i - 1])
			axes->sizes[count++] = axes->sizes[i];
	axes->size_count = count;
}

static int64_t parse_count(struct argp_state *state, const char *option, const char *text,
			   int64_t most)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (end == text || *end || n < 1 || n > most)
		argp_error(state, "--%s must be a number from 1 to %lld, not '%s'", option,
			   (long long)most, text);
	return n;
}

static void parse_mechanisms(struct argp_state *state, struct bench_axes *axes, const char *list)
{
	const char *bad;
	int len;

	axes->mechanisms = mechanisms_select(list, &bad, &len);
	if (!axes->mechanisms)
		argp_error(state, "no mechanism or family '%.*s'", len, bad);
}

/* What only shows when all options are known. */
static void parse_end(struct argp_state *state, struct input *in)
{
	struct bench_options *o = &in->o;

	if (o->messages && in->seconds_given)
		argp_error(state,
			   "--messages and --seconds both say how long a run is: one of them");
	if (!in->rounds_given)
		o->rounds = in->quick ? QUICK_ROUNDS : ROUNDS_DEFAULT;
	if (!in->seconds_given)
		o->seconds = in->quick ? QUICK_SECONDS : SECONDS_DEFAULT;
	if (!in->sizes_given)
		parse_sizes(state, &o->axes, in->quick ? "64,8K" : "16,256,4K,64K,1M");
	if (in->no_trace)
		o->untraced_why = "--no-trace";
	else if (geteuid())
		o->untraced_why = "only root can record";
	else
		o->traced_rounds = in->quick                        ? 1
				   : o->rounds < TRACED_ROUNDS_MOST ? o->rounds
								    : TRACED_ROUNDS_MOST;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	struct bench_options *o = &in->o;
	char *end;

	switch (key) {
	case 'm':
		parse_mechanisms(state, &o->axes, arg);
		return 0;
	case KEY_SIZES:
		parse_sizes(state, &o->axes, arg);
		in->sizes_given = true;
		return 0;
	case KEY_PATTERNS:
		o->axes.patterns = parse_words(state, bench_patterns, arg);
		return 0;
	case KEY_CPUS:
		o->axes.cpus = parse_words(state, bench_cpus, arg);
		return 0;
	case KEY_WAIT:
		o->axes.waits = parse_words(state, bench_waits, arg);
		return 0;
	case KEY_ROUNDS:
		o->rounds = (int)parse_count(state, "rounds", arg, ROUNDS_MAX);
		in->rounds_given = true;
		return 0;
	case KEY_MESSAGES:
		o->messages = parse_count(state, "messages", arg, 1 << 24);
		return 0;
	case KEY_SECONDS:
		o->seconds = strtod(arg, &end);
		if (*end || !(o->seconds > 0 && o->seconds < 1e4))
			argp_error(state, "'%s' is no number of seconds", arg);
		in->seconds_given = true;
		return 0;
	case KEY_NO_TRACE:
		in->no_trace = true;
		return 0;
	case KEY_QUICK:
		in->quick = true;
		return 0;
	case 'o':
		o->output = arg;
		return 0;
	case 'q':
		say_quiet();
		return 0;
	case ARGP_KEY_END:
		parse_end(state, in);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is no option", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {options, parse, NULL, doc, NULL, NULL, NULL};

static int bench_main(int argc, char **argv);

const struct command bench_command = {
	.name = "bench",
	.summary = "compare the mechanisms on this machine",
	.argp = &argp,
	.usage_status = IPCT_EXIT_USAGE,
	.run = bench_main,
};

static int bench_main(int argc, char **argv)
{
	struct input in = {
		.o = {.output = FILE_DEFAULT,
		      .axes = {.mechanisms = ~0u,
			       .patterns = 1 << 0 | 1 << 2,
			       .waits = 3,
			       .cpus = 3},
		      .argv = argv},
	};

	if (command_parse(&bench_command, argc, argv, 0, &in))
		return IPCT_EXIT_USAGE;
	if (in.o.untraced_why && !in.no_trace)
		say_warning("%s: the bench goes without traced rounds", in.o.untraced_why);
	return bench_run(&in.o);
}
