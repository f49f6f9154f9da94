// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace chain`: its options, and which thread and span they ask for.
 */
#include "chain.h"
#include "chain_choose.h"
#include "duration.h"
#include "query.h"
#include "write_all.h"
#include "schemas/command.h"
#include "schemas/say.h"
#include "schemas/trace_db.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_DEFAULT "ipctrace.db"
#define TOP_DEFAULT  5
#define FORMAT       3 /* of files that say who woke whom */

enum { KEY_FROM = 256, KEY_TO, KEY_MESSAGE, KEY_LIST, KEY_JSON, KEY_TOP };

static const struct argp_option options[] = {
	{"process", 'p', "PROCESS", 0,
	 "Follow this process: a pid, a name, or # and a process_id. Of several, the one that "
	 "waited most",
	 0},
	{"thread", 't', "TID", 0, "Follow this thread", 0},
	{"from", KEY_FROM, "TIME", 0,
	 "Begin at TIME from the start of the recording, such as 1.5s, 20ms, 300us or 0ns", 0},
	{"to", KEY_TO, "TIME", 0, "End at TIME", 0},
	{"message", KEY_MESSAGE, "ID", 0,
	 "Follow the receiver of this message (message_id) while it was on its way", 0},
	{"top", KEY_TOP, "N", 0,
	 "Show the N largest branches below each hop, 5 if not given; 0: all, however small", 0},
	{"list", KEY_LIST, NULL, 0, "Print every piece of the span, in the order of time", 0},
	{"json", KEY_JSON, NULL, 0, "Print JSON; with --list also every piece", 0},
	{0},
};

struct wanted {
	const char *file, *process;
	int64_t tid, from_ns, to_ns, message; /* negative: not given */
	int list, json;
	size_t top;
};

static int64_t parse_time(struct argp_state *state, const char *text)
{
	int64_t ns = -1;

	if (duration_parse(text, &ns))
		argp_error(state, "'%s' is no time: " IPCT_DURATION_WANTED, text);
	return ns;
}

static int64_t parse_number(struct argp_state *state, const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno)
		argp_error(state, "'%s' is no number", text);
	return value;
}

static void check(struct argp_state *state, const struct wanted *wanted)
{
	bool span = wanted->from_ns >= 0 || wanted->to_ns >= 0;

	if (wanted->from_ns >= 0 && wanted->to_ns >= 0 && wanted->from_ns >= wanted->to_ns)
		argp_error(state, "--from must be before --to");
	if (wanted->message >= 0 && (span || wanted->process || wanted->tid >= 0))
		argp_error(state, "--message says itself which thread and time");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct wanted *wanted = state->input;

	switch (key) {
	case 'p':
		wanted->process = arg;
		return 0;
	case 't':
		wanted->tid = parse_number(state, arg);
		return 0;
	case KEY_FROM:
		wanted->from_ns = parse_time(state, arg);
		return 0;
	case KEY_TO:
		wanted->to_ns = parse_time(state, arg);
		return 0;
	case KEY_MESSAGE:
		wanted->message = parse_number(state, arg);
		return 0;
	case KEY_TOP:
		wanted->top = (size_t)parse_number(state, arg);
		return 0;
	case KEY_LIST:
		wanted->list = 1;
		return 0;
	case KEY_JSON:
		wanted->json = 1;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "one FILE at a time");
		wanted->file = arg;
		return 0;
	case ARGP_KEY_END:
		check(state, wanted);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"[FILE]",
	"Show what the time of a process depended on: where it waited for another thread, what "
	"that thread did meanwhile, for whom it waited in turn, and so on, across processes and "
	"mechanisms, with call and object of each wait. FILE is " FILE_DEFAULT
	" if none is given.\n"
	"\n"
	"Every moment of the span belongs to exactly one thread: as long as a thread waits, the "
	"time is that of the thread which ended the wait. Without --process that is the program "
	"that was recorded, if it waited for a tenth of its time at least, or else the thread "
	"that waited most; the same goes for the threads of a process. Without --from and --to it "
	"is all of the process's life. Only waits in recorded calls can be followed. Time in "
	"other calls, such as wait(2), nanosleep(2) or a private futex, and time in which it was "
	"preempted between calls, is shown as asleep or preempted outside of recorded calls. Of a "
	"call that slept several times the last waker is known; "
	"all its sleep is given to that one.\v"
	"Examples:\n"
	"  ipctrace chain\n"
	"  ipctrace chain --process client --from 1.5s --to 1600ms --list build.db\n"
	"  ipctrace chain --message 4711 build.db\n",
	NULL,
	NULL,
	NULL,
};

static int format_check(sqlite3 *db, const char *path)
{
	sqlite3_stmt *rows = query_open(db, "PRAGMA user_version");
	int more = query_next(rows);
	int format = more > 0 ? sqlite3_column_int(rows, 0) : 0;

	sqlite3_finalize(rows);
	if (more < 0 || format >= FORMAT)
		return more < 0;
	say_error("cannot follow waits in '%s': it was recorded by an older ipctrace, which did "
		  "not note who woke whom",
		  path);
	return 1;
}

static int choose(const struct chain_file *file, sqlite3 *db, const struct wanted *wanted,
		  struct chain_question *question)
{
	struct chain_choice choice = {
		.process = wanted->process,
		.tid = wanted->tid,
		.from_ns = wanted->from_ns,
		.to_ns = wanted->to_ns,
	};

	if (wanted->message >= 0)
		return chain_choose_message(file, db, wanted->message, question);
	return chain_choose(file, &choice, question);
}

static int print(const struct chain_file *file, sqlite3 *db, const struct wanted *wanted,
		 const struct chain_question *question)
{
	struct terminal term = terminal_of(stdout);
	int failed;

	errno = 0;
	if (wanted->json)
		failed = chain_json_write(file, question, wanted->list, stdout);
	else if (wanted->list)
		failed = chain_list_write(file, question, &term);
	else
		failed = chain_text_write(file, question, db, &term);
	return stdout_end(failed);
}

static int chain_run(int argc, char **argv);

const struct command chain_command = {
	.name = "chain",
	.summary = "show what a process waited for, and what that waited for in turn",
	.argp = &argp,
	.usage_status = IPCT_EXIT_USAGE,
	.run = chain_run,
};

static int chain_run(int argc, char **argv)
{
	struct wanted wanted = {
		.file = FILE_DEFAULT,
		.tid = -1,
		.from_ns = -1,
		.to_ns = -1,
		.message = -1,
		.top = TOP_DEFAULT,
	};
	struct chain_question question = {0};
	struct chain_file file = {0};
	sqlite3 *db;
	int failed;

	if (command_parse(&chain_command, argc, argv, 0, &wanted))
		return IPCT_EXIT_USAGE;
	question.top = wanted.top ? wanted.top : SIZE_MAX;
	db = trace_db_open(wanted.file);
	if (!db)
		return IPCT_EXIT_FAILURE;
	failed = format_check(db, wanted.file) || chain_read_threads(&file, db) ||
		 choose(&file, db, &wanted, &question) ||
		 chain_read_ops(&file, db, question.from_ns, question.to_ns) ||
		 print(&file, db, &wanted, &question);
	chain_free(&file);
	sqlite3_close(db);
	return failed ? IPCT_EXIT_FAILURE : 0;
}
