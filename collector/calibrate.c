// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rounds of a calibration. The recordings of all but the last one go to a folder beside the
 * trace file, so that they are written as it will be, and are removed as they end.
 *
 * SIGINT and SIGTERM are blocked throughout: each run takes those that come during it, and what
 * comes between runs ends the calibration before the next one.
 */
#include "collector/calibrate.h"

#include "collector/calibration.h"
#include "schemas/say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct calibrate {
	struct session_options o; /* of the current run */
	const struct session_options *asked;
	struct recording *rec;
	unsigned mechanism_mask; /* as asked for: a run leaves out what cannot be traced */
	struct calibration times;
	off_t input;      /* where standard input stood; -1: it has no such place */
	sigset_t signals; /* that end it */
	sigset_t mask;    /* of signals, before */
	char folder[4096], scratch[4096 + 16];
};

static int scratch_make(struct calibrate *c)
{
	size_t room = sizeof(c->folder);

	if ((size_t)snprintf(c->folder, room, "%s.calibrate-XXXXXX", c->asked->output) >= room)
		errno = ENAMETOOLONG;
	else if (mkdtemp(c->folder)) {
		snprintf(c->scratch, sizeof(c->scratch), "%s/trace.db", c->folder);
		return 0;
	}
	*c->folder = 0;
	say_error("cannot create a folder beside '%s': %s", c->asked->output, strerror(errno));
	return -errno;
}

/* What a recording leaves, also one that failed. */
static void scratch_clear(const struct calibrate *c)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char path[sizeof(c->scratch) + 16];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", c->scratch, suffixes[i]);
		unlink(path);
	}
}

static void scratch_remove(const struct calibrate *c)
{
	if (*c->folder && rmdir(c->folder))
		say_warning("cannot remove '%s': %s", c->folder, strerror(errno));
}

/* The signal that has come between two runs, or 0. */
static int signal_come(const struct calibrate *c)
{
	const struct timespec now = {0};
	int signal = sigtimedwait(&c->signals, NULL, &now);

	return signal > 0 ? signal : 0;
}

/* Has the run failed? What became of it is said, and result->exit_status set. */
static int run_judge(const struct calibrate *c, int err, struct session_result *result)
{
	int signal = signal_come(c);

	if (err)
		return err;
	if (signal && !result->signal) {
		result->signal = signal;
		result->exit_status = 128 + signal;
	}
	if (result->signal && !result->exit_status)
		result->exit_status = 128 + result->signal;
	if (!result->exit_status)
		return 0;
	if (result->signal)
		say_error("calibration stopped by a signal");
	else
		say_error("calibration stopped: '%s' ended with status %d", c->o.argv[0],
			  result->exit_status);
	return -ECANCELED;
}

/* Each run reads the same, where that is a file. */
static void input_rewind(const struct calibrate *c)
{
	if (c->input >= 0)
		lseek(STDIN_FILENO, c->input, SEEK_SET);
}

static int run_untraced(struct calibrate *c, struct session_result *result)
{
	input_rewind(c);
	return run_judge(c, session_run_untraced(&c->o, result), result);
}

static int run_traced(struct calibrate *c, bool last, struct session_result *result)
{
	int err;

	input_rewind(c);
	c->o.output = last ? c->asked->output : c->scratch;
	c->o.capture = last ? c->asked->capture : NULL;
	c->o.calibration = &c->times;
	free(c->rec->probe_measured);
	free(c->rec->probe_unmeasured);
	free(c->rec->not_traceable);
	free(c->rec->not_traceable_why);
	c->rec->probe_measured = c->rec->probe_unmeasured = NULL;
	c->rec->not_traceable = c->rec->not_traceable_why = NULL;
	c->rec->mechanism_mask = c->mechanism_mask;
	err = run_judge(c, session_run(&c->o, c->rec, result), result);
	if (!last)
		scratch_clear(c);
	return err;
}

static int rounds_run(struct calibrate *c, struct session_result *result)
{
	int rounds = c->times.rounds;
	int err;

	say_progress("calibrating: a run to warm up");
	err = run_untraced(c, result);
	for (int i = 0; i < rounds && !err; i++) {
		say_progress("calibrating: round %d of %d, untraced", i + 1, rounds);
		err = run_untraced(c, result);
		if (err)
			break;
		c->times.untraced[c->times.untraced_count++] = result->times;
		say_progress("calibrating: round %d of %d, traced", i + 1, rounds);
		err = run_traced(c, i == rounds - 1, result);
	}
	say_progress(NULL);
	return err;
}

static void comparison_say(const struct calibration *times)
{
	struct ipct_calibration sum;

	calibration_sum(times, &sum);
	say_note("ipctrace: untraced %.3f s, traced %.3f s (medians of %d rounds)",
		 sum.untraced_ns / 1e9, sum.traced_ns / 1e9, times->rounds);
	say_note("ipctrace: %.3f times as long when traced, %.3f to %.3f in the rounds; CPU time "
		 "%.3f times, %.3f to %.3f",
		 sum.ratio / 1e3, sum.ratio_min / 1e3, sum.ratio_max / 1e3, sum.cpu_ratio / 1e3,
		 sum.cpu_ratio_min / 1e3, sum.cpu_ratio_max / 1e3);
}

int calibrate_run(const struct session_options *o, int rounds, struct recording *rec,
		  struct session_result *result)
{
	struct calibrate *c = calloc(1, sizeof(*c));
	int err;

	memset(result, 0, sizeof(*result));
	result->exit_status = IPCT_EXIT_OWN_FAILURE;
	if (!c) {
		say_error("cannot calibrate: out of memory");
		return -ENOMEM;
	}
	c->asked = o;
	c->o = *o;
	c->o.signal_mask = &c->mask;
	c->rec = rec;
	c->mechanism_mask = rec->mechanism_mask;
	c->times.rounds = rounds;
	c->input = lseek(STDIN_FILENO, 0, SEEK_CUR);
	sigemptyset(&c->signals);
	sigaddset(&c->signals, SIGINT);
	sigaddset(&c->signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &c->signals, &c->mask);
	err = scratch_make(c);
	if (!err)
		err = rounds_run(c, result);
	if (!err)
		comparison_say(&c->times);
	scratch_remove(c);
	free(c);
	return err;
}
