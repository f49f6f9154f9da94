// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rounds of a bench; see bench_run.h. First each case runs once with few messages, which says
 * whether it can run here, and how many messages take the time that is wanted. Then come the
 * rounds, each over all cases untraced, and the traced ones in between.
 *
 * SIGINT and SIGTERM are blocked throughout: each run takes those that come during it, and what
 * comes between runs ends the bench before the next one.
 */
#include "collector/bench_run.h"

#include "collector/bench_result.h"
#include "collector/clock.h"
#include "collector/describe.h"
#include "collector/output.h"
#include "collector/quote.h"
#include "collector/session.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RING_BYTES     (64l << 20)
#define CASES_PER_LOAD 24
#define LOAD_GUESS_NS  2000000000ll
#define BAR_WIDTH      24

struct bench {
	const struct bench_options *o;
	struct bench_matrix matrix;
	struct bench_file *file;
	char workload[4096]; /* the program's path */
	char folder[4096];
	sigset_t signals, mask; /* that end it; of signals, before */
	int64_t began_ns;
	struct bench_left left;
	int64_t total_ns; /* of the whole bench, as it was last thought to take */
	int round;
	int signal; /* that came, or 0 */
};

/* Beside this program, as it is built and installed. */
static int workload_find(struct bench *b)
{
	char self[3072];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len > 0 ? len : 0] = '\0';
	snprintf(b->workload, sizeof(b->workload), "%s/ipctrace-workload", dirname(self));
	if (!access(b->workload, X_OK))
		return 0;
	say_error("cannot run '%s': %s", b->workload, strerror(errno));
	say_hint("it is installed beside ipctrace, and 'bench' needs it");
	return -errno;
}

static void scratch_path(const struct bench *b, const char *what, int id, char *out, size_t size)
{
	snprintf(out, size, "%s/%s-%d", b->folder, what, id);
}

static int scratch_make(struct bench *b)
{
	size_t room = sizeof(b->folder);

	if ((size_t)snprintf(b->folder, room, "%s.bench-XXXXXX", b->o->output) >= room)
		errno = ENAMETOOLONG;
	else if (mkdtemp(b->folder))
		return 0;
	*b->folder = '\0';
	say_error("cannot create a folder beside '%s': %s", b->o->output, strerror(errno));
	return -errno;
}

/* It holds nothing but files of ours. */
static void scratch_clear(const struct bench *b)
{
	DIR *dir = opendir(b->folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static uint64_t case_messages(const struct bench *b, const struct bench_case *c)
{
	uint64_t few = bench_warm_up_messages(c->size);

	if (c->messages)
		return c->messages;
	return b->o->messages && (uint64_t)b->o->messages < few ? (uint64_t)b->o->messages : few;
}

/* The line of the script that runs a case; what it is known by afterwards are two files. */
static void script_case(const struct bench *b, const struct bench_case *c, FILE *out)
{
	char path[4096 + 32];

	word_quote(out, b->workload);
	fprintf(out, " %s --pattern %s --wait %s --pin %s --messages %" PRIu64 " --check header",
		mechanisms[c->mechanism].name, bench_patterns[c->pattern], bench_waits[c->wait],
		bench_cpus[c->cpus], case_messages(b, c));
	if (c->size != IPCT_BENCH_NO_SIZE)
		fprintf(out, " --size %" PRId64, c->size);
	scratch_path(b, "result", c->id, path, sizeof(path));
	fputs(" --result ", out);
	word_quote(out, path);
	scratch_path(b, "why", c->id, path, sizeof(path));
	fputs(" </dev/null >/dev/null 2>", out);
	word_quote(out, path);
	fputs(" & case=$!\nwait $case\n", out);
}

/* A script of up to `most` cases from `from` on; the last one in *to. */
static int script_write(const struct bench *b, const char *path, int from, int most, bool traced,
			int *to)
{
	FILE *out = fopen(path, "we");

	if (!out)
		goto fail;
	/* a signal to the shell ends the case as well, before its files are cleared away */
	fputs("trap 'kill $case; wait $case; exit 143' INT TERM\n", out);
	for (int i = from; i >= 0 && most--; i = bench_matrix_next(&b->matrix, i + 1, traced)) {
		script_case(b, &b->matrix.cases[i], out);
		*to = i;
	}
	fputs("exit 0\n", out); /* how a case ended shows by its files */
	if (!fclose(out))
		return 0;
fail:
	say_error("cannot write '%s': %s", path, strerror(errno));
	return -errno;
}

/* Has a signal come, in the run or after it? */
static bool signal_came(struct bench *b, const struct session_result *result)
{
	const struct timespec now = {0};
	int signal = sigtimedwait(&b->signals, NULL, &now);

	if (!b->signal && signal > 0)
		b->signal = signal;
	if (!b->signal && result)
		b->signal = result->signal;
	return b->signal;
}

static int session_untraced(struct bench *b, char **argv, struct session_result *result)
{
	struct session_options o = {.argv = argv, .signal_mask = &b->mask, .output = ""};

	return session_run_untraced(&o, result);
}

static int session_traced(struct bench *b, char **argv, const char *trace,
			  struct session_result *result)
{
	struct session_options o = {.argv = argv, .signal_mask = &b->mask, .output = trace};
	struct recording rec = {.ring_bytes = RING_BYTES, .mechanism_mask = ~0u};
	int err;

	recording_describe(&rec, argv, NULL);
	err = session_run(&o, &rec, result);
	recording_clear(&rec);
	return err;
}

/* What became of one case of the run that `started_ns`. 0, or -EIO after a message. */
static int case_take(struct bench *b, struct bench_case *c, bool traced, int64_t started_ns,
		     const char *trace)
{
	bool warming = !c->messages;
	struct bench_result result;
	char path[4096 + 32];
	int err;

	scratch_path(b, "result", c->id, path, sizeof(path));
	if (bench_result_read(path, &result)) {
		if (signal_came(b, NULL))
			return 0;
		scratch_path(b, "why", c->id, path, sizeof(path));
		bench_reason_read(path, c->reason, sizeof(c->reason));
		c->status = warming ? BENCH_SKIPPED : BENCH_FAILED;
		return bench_file_case(b->file, c);
	}
	unlink(path);
	if (warming) {
		int64_t took_ns = (int64_t)(result.rtt.count ? hist_quantile(&result.rtt, 0.5)
							     : result.elapsed_ns);
		uint64_t count = result.rtt.count ? 1 : result.messages;

		c->messages = b->o->messages ? (uint64_t)b->o->messages
					     : bench_messages((int64_t)(b->o->seconds * 1e9),
							      took_ns, count);
		err = 0;
	} else {
		c->status = BENCH_RAN;
		err = bench_file_run(b->file, c, traced, b->round, started_ns, &result);
		if (!err && traced)
			err = bench_file_parts(b->file, c, b->round, trace, result.peers);
	}
	if (!err)
		err = bench_file_case(b->file, c);
	bench_result_clear(&result);
	return err;
}

/* "1 h 02 min", "3 min 20 s", "12 s" */
static void time_text(int64_t ns, char *out, size_t size)
{
	long s = (long)((ns + 999999999) / 1000000000);

	if (s >= 3600)
		snprintf(out, size, "%ld h %02ld min", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(out, size, "%ld min %02ld s", s / 60, s % 60);
	else
		snprintf(out, size, "%ld s", s);
}

/* On a terminal only: elsewhere each would be a line of its own. */
static void progress(struct bench *b, const char *what, const struct bench_case *c)
{
	int64_t left_ns = bench_left_ns(&b->matrix, &b->left),
		done_ns = now_ns(CLOCK_MONOTONIC) - b->began_ns;
	double share = (double)done_ns / (double)(done_ns + left_ns + 1);
	int filled = (int)(share * BAR_WIDTH);
	char bar[BAR_WIDTH + 1], left[32];

	if (!isatty(STDERR_FILENO))
		return;
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)filled);
	bar[BAR_WIDTH] = '\0';
	time_text(left_ns, left, sizeof(left));
	say_progress("[%s] %3d %%  %s left  %s, %s %s", bar, (int)(share * 100), left, what,
		     mechanisms[c->mechanism].name, bench_patterns[c->pattern]);
}

/*
 * Run cases from `from` on, one untraced or several traced. The place behind them in *next. 0,
 * -EIO after a message, or -ECANCELED where tracing did not come about (said).
 */
static int cases_run(struct bench *b, int from, bool traced, int *next)
{
	char script[4096 + 32], trace[4096 + 32];
	char *argv[] = {"/bin/sh", script, NULL};
	struct session_result result;
	int64_t began_ns = now_ns(CLOCK_MONOTONIC), took_ns;
	int to = from, cases = 0, err;

	scratch_path(b, "script", 0, script, sizeof(script));
	scratch_path(b, "trace", 0, trace, sizeof(trace));
	err = script_write(b, script, from, traced ? CASES_PER_LOAD : 1, traced, &to);
	if (err)
		return -EIO;
	*next = to + 1;
	err = traced ? session_traced(b, argv, trace, &result) : session_untraced(b, argv, &result);
	if (err && !signal_came(b, &result))
		return traced ? -ECANCELED : -EIO;
	took_ns = now_ns(CLOCK_MONOTONIC) - began_ns;
	err = 0;
	for (int i = from; i >= 0 && i <= to && !err;
	     i = bench_matrix_next(&b->matrix, i + 1, traced)) {
		struct bench_case *c = &b->matrix.cases[i];

		err = case_take(b, c, traced, began_ns - b->began_ns, trace);
		if (!traced)
			c->took_ns = took_ns;
		cases++;
	}
	signal_came(b, &result);
	/* A first guess, which the next runs of the case correct. */
	if (!traced && b->round == 0)
		b->matrix.cases[from].took_ns =
			took_ns + (b->o->messages ? 0 : (int64_t)(b->o->seconds * 1e9));
	if (traced && cases)
		b->left.load_ns = took_ns * CASES_PER_LOAD / cases;
	return err ? err : bench_file_commit(b->file);
}

static int round_run(struct bench *b, bool traced)
{
	char what[64];
	int err = 0;

	if (!b->round)
		snprintf(what, sizeof(what), "warming up");
	else
		snprintf(what, sizeof(what), "round %d of %d%s", b->round,
			 traced ? b->o->traced_rounds : b->o->rounds, traced ? ", traced" : "");
	b->left.traced = traced;
	for (int i = bench_matrix_next(&b->matrix, 0, traced); i >= 0 && !err && !b->signal;
	     i = bench_matrix_next(&b->matrix, i, traced)) {
		b->left.from = i;
		progress(b, what, &b->matrix.cases[i]);
		err = cases_run(b, i, traced, &i);
	}
	return err;
}

/* The rest goes untraced: what there is is worth having. */
static int tracing_end(struct bench *b)
{
	say_warning("the bench goes on without traced rounds");
	b->left.traced_rounds = 0;
	return bench_file_meta(b->file, "untraced_why", "a recording failed", 0);
}

static int rounds_run(struct bench *b)
{
	int err;

	b->left = (struct bench_left){.rounds = b->o->rounds,
				      .traced_rounds = b->o->traced_rounds,
				      .load_ns = LOAD_GUESS_NS,
				      .per_load = CASES_PER_LOAD};
	err = round_run(b, false);
	for (b->round = 1; b->round <= b->o->rounds && !err && !b->signal; b->round++) {
		b->left.rounds--;
		err = round_run(b, false);
		if (err || b->signal || !b->left.traced_rounds)
			continue;
		b->left.traced_rounds--;
		err = round_run(b, true);
		if (err == -ECANCELED)
			err = tracing_end(b);
	}
	say_progress(NULL);
	return err;
}

/* The line of a file that begins with `key`, behind its colon; "" if there is none. */
static void file_value(const char *path, const char *key, char *out, size_t size)
{
	char line[512];
	FILE *in = fopen(path, "re");

	*out = '\0';
	while (in && fgets(line, sizeof(line), in)) {
		char *value = strchr(line, ':');

		if (strncmp(line, key, strlen(key)) || !value)
			continue;
		value += strspn(value, ": \t");
		snprintf(out, size, "%.*s", (int)strcspn(value, "\n"), value);
		break;
	}
	if (in)
		fclose(in);
}

/* In hundredths; -1 if it cannot be told. */
static int64_t load_average(void)
{
	double load;

	return getloadavg(&load, 1) == 1 ? (int64_t)(load * 100 + 0.5) : -1;
}

static int64_t realtime_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* The options as they were given, behind the command's own words. The caller frees. */
static char *command_line(const char *options)
{
	char *line = NULL;

	if (asprintf(&line, "ipctrace bench%s%s", options && *options ? " " : "",
		     options ? options : "") < 0)
		return NULL;
	return line;
}

static int meta_put(struct bench *b)
{
	const struct bench_options *o = b->o;
	struct recording rec = {0};
	char cpu_model[256], *command;
	int err;

	recording_describe(&rec, o->argv + 1, NULL);
	command = command_line(rec.command);
	file_value("/proc/cpuinfo", "model name", cpu_model, sizeof(cpu_model));
	const struct {
		const char *key, *text;
		int64_t number;
	} rows[] = {
		{"version", rec.version, 0},
		{"command", command ? command : "", 0},
		{"host", rec.host, 0},
		{"kernel", rec.kernel, 0},
		{"arch", rec.arch, 0},
		{"user", rec.user, 0},
		{"cpu_model", cpu_model, 0},
		{"cpus", NULL, rec.cpus},
		{"started_realtime_ns", NULL, realtime_ns()},
		{"load_before", NULL, load_average()},
		{"rounds", NULL, o->rounds},
		{"traced_rounds", NULL, o->traced_rounds},
		{"run_ns", NULL, o->messages ? 0 : (int64_t)(o->seconds * 1e9)},
		{"complete", NULL, 0},
	};

	err = 0;
	for (size_t i = 0; !err && i < sizeof(rows) / sizeof(rows[0]); i++)
		err = bench_file_meta(b->file, rows[i].key, rows[i].text, rows[i].number);
	if (!err && o->untraced_why)
		err = bench_file_meta(b->file, "untraced_why", o->untraced_why, 0);
	free(command);
	recording_clear(&rec);
	return err ? err : bench_file_commit(b->file);
}

static int end_put(struct bench *b, int err)
{
	int64_t duration_ns = now_ns(CLOCK_MONOTONIC) - b->began_ns;

	if (!err)
		err = bench_file_meta(b->file, "duration_ns", NULL, duration_ns);
	if (!err)
		err = bench_file_meta(b->file, "load_after", NULL, load_average());
	return err ? err : bench_file_meta(b->file, "complete", NULL, !b->signal);
}

static void summary(const struct bench *b)
{
	int by_status[4] = {0};
	char took[32];

	for (int i = 0; i < b->matrix.count; i++)
		by_status[b->matrix.cases[i].status]++;
	time_text(now_ns(CLOCK_MONOTONIC) - b->began_ns, took, sizeof(took));
	say_note("ipctrace: %d cases ran, %d were skipped, %d failed, in %s", by_status[BENCH_RAN],
		 by_status[BENCH_SKIPPED], by_status[BENCH_FAILED], took);
	say_note("ipctrace: wrote %s; to see it: ipctrace report %s", b->o->output, b->o->output);
}

static int bench_begin(struct bench *b)
{
	int err = workload_find(b);

	if (!err)
		err = bench_matrix_fill(&b->matrix, &b->o->axes);
	if (err == -ENOMEM)
		say_error("cannot run the bench: out of memory");
	if (!err)
		err = output_keep_old(b->o->output);
	if (!err)
		err = scratch_make(b);
	if (err)
		return err;
	b->file = bench_file_new(b->o->output, &b->matrix);
	return b->file ? meta_put(b) : -EIO;
}

int bench_run(const struct bench_options *o)
{
	struct bench *b = calloc(1, sizeof(*b));
	int err, signal;

	if (!b) {
		say_error("cannot run the bench: out of memory");
		return 1;
	}
	b->o = o;
	b->began_ns = now_ns(CLOCK_MONOTONIC);
	sigemptyset(&b->signals);
	sigaddset(&b->signals, SIGINT);
	sigaddset(&b->signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &b->signals, &b->mask);
	err = bench_begin(b);
	if (!err)
		err = end_put(b, rounds_run(b));
	if (b->file && bench_file_close(b->file))
		err = -EIO;
	if (!err) {
		output_give(o->output);
		if (b->signal)
			say_error("stopped by a signal; what was measured until then is kept");
		summary(b);
	}
	if (*b->folder) {
		scratch_clear(b);
		rmdir(b->folder);
	}
	bench_matrix_clear(&b->matrix);
	signal = b->signal;
	free(b);
	return err ? 1 : signal ? 128 + signal : 0;
}
