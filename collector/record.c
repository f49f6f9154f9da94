// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace record`: its options, what is known before the recording, and the summary after it.
 */
#include "collector/calibrate.h"
#include "collector/describe.h"
#include "collector/session.h"
#include "schemas/command.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RING_DEFAULT   (64l << 20)
#define RING_MAX       (2l << 30)
#define ROUNDS_DEFAULT 5

#define KEY_CALIBRATE 256 /* no short option */

extern const struct command record_command;

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0,
	 "Write the trace to FILE (default ipctrace.db). An older FILE is kept as FILE.old.", 0},
	{"user", 'u', "USER", 0, "Run the program as USER.", 0},
	{"mechanisms", 'm', "LIST", 0,
	 "Record only these, comma separated: "
#define MECHANISM(id, name, ...) name ", "
#include "schemas/mechanisms.def"
#undef MECHANISM
	 "and families (queue, shm, mmap, socket, sync). What is left out costs next to nothing.",
	 0},
	{"duration", 'd', "SECONDS", 0,
	 "End the recording after SECONDS; the program and its descendants then get SIGTERM.", 0},
	{"ring", 'r', "SIZE", 0,
	 "Size of the ring buffer between kernel and recorder, rounded up to a power of two, with "
	 "K, M or G (default 64M). Enlarge it if the ledger shows ring_full.",
	 0},
	{"capture", 'c', "FILE", 0, "Also keep the raw records in FILE, for 'ipctrace replay'.", 0},
	{"calibrate", KEY_CALIBRATE, "ROUNDS", OPTION_ARG_OPTIONAL,
	 "Measure what recording costs this program: run COMMAND once to warm up, then untraced "
	 "and "
	 "recorded in turn, ROUNDS times each (default 5), and print how the times compare. The "
	 "last "
	 "recording is kept, with the comparison in it. Every run must succeed and be the same "
	 "work: "
	 "standard input is rewound if it is a file, and only the first run can read it if it is a "
	 "pipe.",
	 0},
	{"quiet", 'q', NULL, 0, "No summary and no progress on stderr; errors are still said.", 0},
	{0},
};

static const char doc[] =
	"Run COMMAND and record every inter-process communication of it and its descendants.\n"
	"Exits with the status of COMMAND, 128+N if signal N ended it, 127 if it is not found, 126 "
	"if it cannot be run, 125 if the recording failed.\n"
	"SIGINT and SIGTERM go to COMMAND; a second one ends the recording at once."
	"\vExamples:\n"
	"  sudo ipctrace record -- sh -c 'tar c /usr/share/doc | gzip | sha256sum'\n"
	"  sudo ipctrace record -u \"$USER\" -o make.db -- make -j8\n"
	"  sudo ipctrace record -m socket,futex -d 10 -- ./server\n"
	"  sudo ipctrace record --calibrate -- perf bench sched pipe\n";

struct record_options {
	struct session_options session;
	long ring_bytes;
	unsigned mechanism_mask;
	int rounds; /* of a calibration; 0: none */
};

/* "64M" to bytes, a power of two of at least a page; 0 if it is no size. */
static long size_parse(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	long size = getpagesize();

	switch (*end) {
	case 'G':
		n <<= 10; /* fall through */
	case 'M':
		n <<= 10; /* fall through */
	case 'k':
	case 'K':
		n <<= 10;
		end++;
		end += *end == 'i';
		end += *end == 'B';
	}
	if (end == text || *end || n <= 0 || n > RING_MAX)
		return 0;
	while (size < n)
		size *= 2;
	return size;
}

static void parse_mechanisms(struct argp_state *state, struct record_options *o, const char *list)
{
	const char *bad;
	int len;

	o->mechanism_mask = mechanisms_select(list, &bad, &len);
	if (!o->mechanism_mask)
		argp_error(state, "no mechanism or family '%.*s'", len, bad);
}

static int rounds_parse(struct argp_state *state, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > IPCT_ROUNDS_MAX)
		argp_error(state, "'%s' is no number of rounds between 1 and %d", text,
			   IPCT_ROUNDS_MAX);
	return (int)n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record_options *o = state->input;
	char *end;

	switch (key) {
	case 'o':
		o->session.output = arg;
		return 0;
	case 'u':
		o->session.user = arg;
		return 0;
	case 'm':
		parse_mechanisms(state, o, arg);
		return 0;
	case 'd':
		o->session.seconds = strtod(arg, &end);
		if (*end || !(o->session.seconds > 0 && o->session.seconds < 1e9))
			argp_error(state, "'%s' is no number of seconds", arg);
		return 0;
	case 'r':
		o->ring_bytes = size_parse(arg);
		if (!o->ring_bytes)
			argp_error(state, "'%s' is no size between 1 and 2G", arg);
		return 0;
	case 'c':
		o->session.capture = arg;
		return 0;
	case 'q':
		say_quiet();
		return 0;
	case KEY_CALIBRATE:
		o->rounds = arg ? rounds_parse(state, arg) : ROUNDS_DEFAULT;
		return 0;
	case ARGP_KEY_END:
		if (o->rounds && o->session.seconds > 0)
			argp_error(state,
				   "--calibrate compares whole runs: it takes no --duration");
		return 0;
	case ARGP_KEY_ARGS:
		o->session.argv = state->argv + state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no command to record");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {options, parse, "-- COMMAND [ARG...]", doc, NULL, NULL, NULL};

static void count_text(char *out, size_t size, int64_t n, const char *one, const char *many)
{
	snprintf(out, size, "%lld %s", (long long)n, n == 1 ? one : many);
}

static void summary(const struct session_options *o, const struct session_result *r)
{
	char ops[64], messages[64], processes[64], objects[64], lost[64];

	count_text(ops, sizeof(ops), r->sums.ops, "call", "calls");
	count_text(messages, sizeof(messages), r->sums.messages, "message", "messages");
	count_text(processes, sizeof(processes), r->sums.processes, "process", "processes");
	count_text(objects, sizeof(objects), r->sums.objects, "object", "objects");
	if (r->sums.lost)
		snprintf(lost, sizeof(lost), "%lld LOST", (long long)r->sums.lost);
	else
		snprintf(lost, sizeof(lost), "none lost");
	say_note("ipctrace: %s (%s), %s of %lld bytes, between %s over %s in %.3f s", ops, lost,
		 messages, (long long)r->sums.bytes, processes, objects, r->duration_s);
	say_note("ipctrace: wrote %s (%lld KiB); to see it: ipctrace report %s", o->output,
		 (long long)(r->file_bytes + 1023) / 1024, o->output);
}

static int record_run(int argc, char **argv)
{
	struct record_options o = {
		.session = {.output = "ipctrace.db"},
		.ring_bytes = RING_DEFAULT,
		.mechanism_mask = ~0u,
	};
	struct session_result result;
	struct recording rec = {0};

	if (command_parse(&record_command, argc, argv, ARGP_IN_ORDER, &o))
		return IPCT_EXIT_OWN_FAILURE;
	recording_describe(&rec, o.session.argv, o.session.user);
	rec.ring_bytes = o.ring_bytes;
	rec.mechanism_mask = o.mechanism_mask;
	if (!(o.rounds ? calibrate_run(&o.session, o.rounds, &rec, &result)
		       : session_run(&o.session, &rec, &result)))
		summary(&o.session, &result);
	recording_clear(&rec);
	return result.exit_status;
}

const struct command record_command = {
	.name = "record",
	.summary = "run a program and record its inter-process communication",
	.argp = &argp,
	.usage_status = IPCT_EXIT_OWN_FAILURE,
	.run = record_run,
};
