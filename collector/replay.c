// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace replay`: a capture's records to a trace file, by the same path as a live recording,
 * without root and on any machine.
 */
#include "collector/capture.h"
#include "schemas/command.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES (1 << 20)

extern const struct command replay_command;

struct replay_options {
	const char *capture, *output;
};

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "Write the trace to FILE, which must not exist (required).", 0},
	{0},
};

static const char doc[] = "Turn CAPTURE, written by 'ipctrace record --capture', into a trace "
			  "file. A capture that is "
			  "cut or damaged gives what came before that place."
			  "\vExamples:\n"
			  "  sudo ipctrace record --capture run.cap -- ./app\n"
			  "  ipctrace replay run.cap -o run.db\n"
			  "  ipctrace replay run.cap -o again.db && ipctrace report again.db\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct replay_options *o = state->input;

	switch (key) {
	case 'o':
		o->output = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->capture)
			argp_error(state, "one capture at a time");
		o->capture = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->capture)
			argp_error(state, "no capture to replay");
		if (!o->output)
			argp_error(state, "no file to write: -o FILE");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {options, parse, "CAPTURE -o FILE", doc, NULL, NULL, NULL};

/* Feed it all. 0, or -errno after a message; what came before stays. */
static int feed_all(struct collector *c, FILE *in, const char *path)
{
	char *buffer = malloc(BUFFER_BYTES);
	size_t have = 0;
	long long at = 0;
	int err = 0;

	if (!buffer)
		return -ENOMEM;
	for (;;) {
		size_t got = fread(buffer + have, 1, BUFFER_BYTES - have, in);
		long used;

		have += got;
		used = collector_feed(c, buffer, have);
		if (used < 0) {
			say_error("capture '%s' is damaged after byte %lld of its records: %s",
				  path, at, strerror((int)-used));
			err = (int)used;
			break;
		}
		if (collector_uncommitted(c) >= COLLECTOR_COMMIT_OPS)
			collector_commit(c);
		at += used;
		have -= used;
		memmove(buffer, buffer + used, have);
		if (!got)
			break;
	}
	if (!err && ferror(in)) {
		err = -errno;
		say_error("cannot read capture '%s': %s", path, strerror(errno));
	}
	free(buffer);
	return err;
}

static int replay(const struct replay_options *o)
{
	struct collector_sums sums;
	struct recording rec;
	FILE *in = capture_open(o->capture, &rec);
	struct collector *c = NULL;
	int err = -1;

	if (!in)
		return IPCT_EXIT_FAILURE;
	if (access(o->output, F_OK) == 0)
		say_error("cannot create trace '%s': File exists", o->output);
	else
		c = collector_new(o->output, &rec);
	if (c) {
		bool complete;

		err = feed_all(c, in, o->capture);
		complete = collector_complete(c);
		if (collector_finish(c, &sums))
			err = -1;
		if (!err && !complete) {
			say_error("capture '%s' is cut: it has no end", o->capture);
			err = -1;
		}
		if (err)
			say_hint("'%s' holds the %lld calls before that place", o->output,
				 (long long)sums.ops);
	}
	fclose(in);
	recording_clear(&rec);
	return err ? IPCT_EXIT_FAILURE : 0;
}

static int replay_run(int argc, char **argv)
{
	struct replay_options o = {0};

	if (command_parse(&replay_command, argc, argv, 0, &o))
		return IPCT_EXIT_FAILURE;
	return replay(&o);
}

const struct command replay_command = {
	.name = "replay",
	.summary = "turn a capture of raw records into a trace file",
	.argp = &argp,
	.usage_status = IPCT_EXIT_USAGE,
	.run = replay_run,
};
