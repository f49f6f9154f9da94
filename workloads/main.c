// SPDX-License-Identifier: BSD-2-Clause
/*
 * ipctrace-workload: traffic over one mechanism, of which every system call, message and byte is
 * known. Its truth goes to stdout, to be compared with what a tracer saw. The table of mechanisms
 * and the options are here.
 */
#include "workloads/harness.h"
#include "workloads/result.h"
#include "workloads/truth.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct mechanism *const mechanisms[] = {
	&pipe_mechanism,        &fifo_mechanism,       &posix_mq_mechanism,
	&sysv_mq_mechanism,     &sysv_shm_mechanism,   &posix_shm_mechanism,
	&memfd_mechanism,       &mmap_file_mechanism,  &mmap_anon_mechanism,
	&unix_stream_mechanism, &unix_dgram_mechanism, &unix_seqpacket_mechanism,
	&tcp_mechanism,         &udp_mechanism,        &eventfd_mechanism,
	&signal_mechanism,      &futex_mechanism,      &sysv_sem_mechanism,
	&pty_mechanism,         &process_vm_mechanism, NULL,
};

#define IPCT_EXIT_USAGE   2
#define IPCT_MESSAGES_MAX 1000000000000
#define IPCT_SIZE_MAX     (64 << 20)

enum {
	OPT_PEERS = 256,
	OPT_SEED,
	OPT_VARIANT,
	OPT_RECEIVE_SIZE,
	OPT_WAIT,
	OPT_PIN,
	OPT_LOG,
	OPT_RESULT,
	OPT_CHECK
};

static const struct argp_option options[] = {
	{"pattern", 'p', "NAME", 0, "Who sends to whom (default: stream), see below", 0},
	{"messages", 'm', "N", 0, "Messages of each sender (1009)", 0},
	{"size", 's', "BYTES", 0,
	 "Size of a message (61); see below for mechanisms without content", 0},
	{"threads", 't', "N", 0,
	 "Senders of fanin, receivers of fanout (3); other patterns have a number of their own", 0},
	{"variant", OPT_VARIANT, "NAME", 0, "Other calls for the same traffic, see below", 0},
	{"peers", OPT_PEERS, "KIND", 0, "Peers are 'processes' (default) or 'threads' of one", 0},
	{"receive-size", OPT_RECEIVE_SIZE, "BYTES", 0,
	 "What a receive asks for (what is left of the message)", 0},
	{"wait", OPT_WAIT, "HOW", 0,
	 "A receive waits by sleeping in the call ('block', default), by poll and a call that does "
	 "not block ('poll'), or by calls again and again ('spin'), where that makes sense",
	 0},
	{"pin", OPT_PIN, "CPUS", 0,
	 "All peers on the 'same' CPU, or in turn on two ('cross'); default: where the kernel puts "
	 "them",
	 0},
	{"log", OPT_LOG, "FILE", 0,
	 "Write a line for each message received: receiver's thread id, number of the receive that "
	 "completed it among the receiver's on that object (from 0), sender's thread id, number of "
	 "the message (from 0 for each sender), bytes",
	 0},
	{"result", OPT_RESULT, "FILE", 0,
	 "Write what a benchmark wants to know: sizes as they were, the time from the first send "
	 "to "
	 "the last receive, histograms of round trips and of the way there",
	 0},
	{"check", OPT_CHECK, "WHAT", 0,
	 "Make and check the 'whole' of each message (default), or from 16 bytes on its 'header' "
	 "alone, which takes no time that counts",
	 0},
	{"seed", OPT_SEED, "N", 0, "Of the messages' content (7)", 0},
	{0},
};

static const char doc[] =
	"Send messages over MECHANISM, check what arrives byte by byte, and print what was done."
	"\v"
	"Shared memory and mmap are used blocking, by a variant's way to wait for each other, or "
	"with "
	"--wait spin, which takes no calls. A futex, signal or semaphore takes no --size, as it "
	"carries no content; that of an eventfd is what each write adds.\n\n"
	"Output, at the end and in one write:\n"
	"  MECHANISM ROLE COUNT BYTES     system calls on its objects by role (create,\n"
	"                                 open, send, recv, wait, wake, map, unmap,\n"
	"                                 control, close), and the bytes that they\n"
	"                                 sent or received\n"
	"  MECHANISM message COUNT BYTES  pairs of a send and a receive with bytes in\n"
	"                                 common, or of a wake-up and who took it\n"
	"  # KEY VALUE                    other facts; peer-* are thread ids, passed is\n"
	"                                 what was checked, rtt-* are round trips as\n"
	"                                 the one who speaks first measured them\n"
	"What peers wait for each other by has lines of its own: a futex beside posix_shm. "
	"Calls that failed, found the end of the file or never returned are counted, too. "
	"The write to stdout is not counted, even if stdout is a pipe. Sizes that the mechanism "
	"moves at once (up to 4096 bytes on a pipe) give the same counts in every run, unless "
	"calls "
	"are made only when needed, as on a futex; otherwise the counts are what really "
	"happened.\n\n"
	"Exit status: 0, 1 if anything failed or the content was wrong, 2 for wrong usage, 128+N "
	"if signal N ended it.\n\n"
	"Examples:\n"
	"  ipctrace-workload pipe --pattern fanin --threads 7 --variant vector\n"
	"  ipctrace-workload posix_shm --pattern pingpong --wait spin --pin cross\n"
	"  ipctrace record -- ipctrace-workload unix_stream --pattern duplex\n";

static uint64_t parse_number(const char *name, const char *text, uint64_t min, uint64_t max,
			     struct argp_state *state)
{
	char *end;
	uint64_t number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || *end || strchr(text, '-') || number < min || number > max)
		argp_error(state, "--%s must be a number from %" PRIu64 " to %" PRIu64 ", not '%s'",
			   name, min, max, text);
	return number;
}

static const struct pattern *parse_pattern(const char *name, struct argp_state *state)
{
	for (const struct pattern *p = patterns; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	argp_error(state, "no pattern '%s'", name);
	return NULL;
}

static const struct mechanism *parse_mechanism(const char *name, struct argp_state *state)
{
	for (int i = 0; mechanisms[i]; i++)
		if (!strcmp(mechanisms[i]->name, name))
			return mechanisms[i];
	argp_error(state, "no mechanism '%s'", name);
	return NULL;
}

static const struct variant *parse_variant(const struct mechanism *mechanism, const char *name,
					   struct argp_state *state)
{
	for (const struct variant *v = mechanism->variants; v->name; v++)
		if (!name || !strcmp(v->name, name))
			return v;
	argp_error(state, "%s has no variant '%s'", mechanism->name, name);
	return NULL;
}

/* The place of `word` in a list that NULL ends. */
static int parse_word(const char *option, const char *const *words, const char *word,
		      struct argp_state *state)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	argp_error(state, "--%s must be '%s'%s%s%s '%s', not '%s'", option, words[0],
		   words[2] ? ", '" : "", words[2] ? words[1] : "", words[2] ? "' or" : " or",
		   words[2] ? words[2] : words[1], word);
	return 0;
}

static const char *const peers_words[] = {"processes", "threads", NULL};
static const char *const wait_words[] = {"block", "poll", "spin", NULL};
static const char *const check_words[] = {"whole", "header", NULL};
static const char *const pin_words[] = {"none", "same", "cross", NULL};

/* What the parser fills. */
struct input {
	struct options options;
	const char *variant; /* until the mechanism is known */
	bool size_given;
};

/* The size of messages, which some mechanisms do not leave open. */
static void parse_size(struct input *in, struct argp_state *state)
{
	struct options *o = &in->options;
	const struct mechanism *m = o->mechanism;

	if (in->size_given && m->size_is)
		argp_error(state, "%s takes no --size: %s", m->name, m->size_is);
	if (!in->size_given && m->size)
		o->size = m->size_is && o->variant->is_bare ? 1 : m->size;
	if (o->receive_size && (m->size_is || (m->is_whole && o->receive_size < o->size)))
		argp_error(state, "%s keeps messages whole: --receive-size cannot be less",
			   m->name);
	if (o->variant->classes && o->size < IPCT_HEADER_BYTES)
		argp_error(state, "variant '%s' needs messages of at least %d bytes",
			   o->variant->name, IPCT_HEADER_BYTES);
}

static void parse_wait(const struct options *o, struct argp_state *state)
{
	unsigned waits = o->variant->waits ? o->variant->waits : o->mechanism->waits;

	if (o->variant->relay)
		waits &= IPCT_WAITS_BLOCK;
	if (!(waits & 1 << o->wait))
		argp_error(state, "%s cannot wait by '%s' with variant '%s'", o->mechanism->name,
			   wait_words[o->wait], o->variant->name);
	if (o->pattern->hangs && o->wait == WAIT_SPIN)
		argp_error(state, "who spins never sleeps, and pattern '%s' is to sleep",
			   o->pattern->name);
}

/* What only shows when all options are known. */
static void parse_end(struct input *in, struct argp_state *state)
{
	struct options *o = &in->options;

	if (!o->mechanism) {
		argp_error(state, "which mechanism?");
		return;
	}
	o->variant = parse_variant(o->mechanism, in->variant, state);
	parse_size(in, state);
	parse_wait(o, state);
	if (o->pattern->needs_atomic && !o->mechanism->is_whole &&
	    o->size > o->mechanism->atomic_bytes)
		argp_error(state,
			   "%s takes messages of up to %zu bytes: larger sends are not atomic on a "
			   "%s",
			   o->pattern->name, o->mechanism->atomic_bytes, o->mechanism->name);
	if (o->pattern->needs_two_way && (!o->mechanism->is_two_way || o->variant->relay))
		argp_error(state, "%s has no object with two directions", o->mechanism->name);
	if (o->result_path && o->messages > IPCT_RESULT_MESSAGES_MAX)
		argp_error(state, "--result takes at most %d --messages", IPCT_RESULT_MESSAGES_MAX);
	if (o->mechanism->between_processes && (o->pattern->is_loop || o->peers_are_threads))
		argp_error(state, "%s is between processes, not within one", o->mechanism->name);
	if (o->pattern->is_loop && o->variant->relay)
		argp_error(state, "%s has no place for the relay of variant '%s'", o->pattern->name,
			   o->variant->name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	struct options *o = &in->options;

	switch (key) {
	case 'p':
		o->pattern = parse_pattern(arg, state);
		break;
	case 'm':
		o->messages = parse_number("messages", arg, 1, IPCT_MESSAGES_MAX, state);
		break;
	case 's':
		o->size = parse_number("size", arg, 1, IPCT_SIZE_MAX, state);
		in->size_given = true;
		break;
	case 't':
		o->threads = (unsigned)parse_number("threads", arg, 1, IPCT_SENDERS_MAX, state);
		break;
	case OPT_RECEIVE_SIZE:
		o->receive_size = parse_number("receive-size", arg, 1, IPCT_SIZE_MAX, state);
		break;
	case OPT_SEED:
		o->seed = parse_number("seed", arg, 0, UINT64_MAX, state);
		break;
	case OPT_VARIANT:
		in->variant = arg;
		break;
	case OPT_PEERS:
		o->peers_are_threads = parse_word("peers", peers_words, arg, state);
		break;
	case OPT_WAIT:
		o->wait = (enum wait)parse_word("wait", wait_words, arg, state);
		break;
	case OPT_PIN:
		o->pin = (enum pin)parse_word("pin", pin_words, arg, state);
		break;
	case OPT_LOG:
		o->log_path = arg;
		break;
	case OPT_RESULT:
		o->result_path = arg;
		break;
	case OPT_CHECK:
		o->header_only = parse_word("check", check_words, arg, state);
		break;
	case ARGP_KEY_ARG:
		if (o->mechanism)
			argp_error(state, "one mechanism at a time");
		o->mechanism = parse_mechanism(arg, state);
		break;
	case ARGP_KEY_END:
		parse_end(in, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Mechanisms that have the same variants are together, where the first of them stands. */
static void help_mechanism(int first, FILE *out)
{
	const struct variant *variants = mechanisms[first]->variants;

	for (int i = 0; i < first; i++)
		if (mechanisms[i]->variants == variants)
			return;
	fprintf(out, "  %s", mechanisms[first]->name);
	for (int i = first + 1; mechanisms[i]; i++)
		if (mechanisms[i]->variants == variants)
			fprintf(out, ", %s", mechanisms[i]->name);
	fputc('\n', out);
	for (const struct variant *v = variants; v->name; v++)
		fprintf(out, "    %-10s  %s\n", v->name, v->doc);
}

/* The tables, in --help before what `doc` says about the output. */
static char *help_tables(int key, const char *text, void *input)
{
	char *all = NULL;
	size_t size;
	FILE *out;

	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&all, &size);
	if (!out)
		return (char *)text;
	fputs("Patterns:\n", out);
	for (const struct pattern *p = patterns; p->name; p++)
		fprintf(out, "  %-9s  %s\n", p->name, p->doc);
	fputs("\nMechanisms and their variants, the first being the default:\n", out);
	for (int i = 0; mechanisms[i]; i++)
		help_mechanism(i, out);
	fprintf(out, "\n%s", text);
	return fclose(out) ? (char *)text : all;
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "MECHANISM",
	.doc = doc,
	.help_filter = help_tables,
};

const char *argp_program_version = "ipctrace-workload " IPCT_VERSION;

int main(int argc, char **argv)
{
	struct input in = {.options = {.messages = 1009, .size = 61, .threads = 3, .seed = 7}};
	struct run *run;
	int status, err;

	argp_err_exit_status = IPCT_EXIT_USAGE;
	in.options.pattern = parse_pattern("stream", NULL);
	argp_parse(&argp, argc, argv, 0, NULL, &in);
	run = run_new(&in.options);
	if (!run) {
		fprintf(stderr, "ipctrace-workload: no memory for this run: %s\n", strerror(errno));
		return 1;
	}
	status = run_execute(run);
	err = status ? 0 : truth_write(run, STDOUT_FILENO);
	if (!status && !err && in.options.result_path)
		status = result_write(run) ? 1 : 0;
	if (err)
		fprintf(stderr, "ipctrace-workload: cannot tell the truth: %s\n", strerror(-err));
	run_free(run);
	return err ? 1 : status;
}
