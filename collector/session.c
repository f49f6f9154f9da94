// SPDX-License-Identifier: BSD-2-Clause
/*
 * Running a recording. Three threads: this one waits for the program and for signals, one empties
 * the ring into the spool (drain.c), one takes records from the spool to the file (store_run).
 */
#include "collector/session.h"

#include "collector/capture.h"
#include "collector/clock.h"
#include "collector/cost.h"
#include "collector/drain.h"
#include "collector/launch.h"
#include "collector/output.h"
#include "collector/probe.h"
#include "collector/resolve.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMIT_NS    500000000ll
#define TERM_WAIT_MS 5000
#define NICE_LEAST   0
#define NICE_MOST    -20
#define LAG_STEP_NS  50000000ll /* for each: a step from the one to the other */

struct session {
	const struct session_options *o;
	struct recording *rec;
	struct launch launch;
	struct probe *probe;
	struct spool *spool;
	struct drain *drain;
	struct collector *collector;
	FILE *capture;
	bool capture_failed;
	int damaged; /* -errno of the storing thread */
	pthread_t storing;

	int pidfd, signal_fd;
	int failed_fd;          /* an event: the file takes no more */
	int64_t released_ns;    /* CLOCK_MONOTONIC, when the program was let go */
	struct run_times times; /* of the program, once it has ended */
	int64_t stopped_ns;     /* CLOCK_BOOTTIME, when the probes were stopped */
	int status;             /* of the program; -1 while it runs */
	int signals;            /* how many have come */
	int signal;             /* the first of them, or 0 */
	int ended;              /* enum ipct_ended, or -1 */
};

static void capture_write(struct session *s, const void *data, size_t len)
{
	if (!s->capture || s->capture_failed || fwrite(data, 1, len, s->capture) == len)
		return;
	s->capture_failed = true;
	say_error("cannot write capture '%s': %s", s->o->capture, strerror(errno));
}

static void commit(struct session *s)
{
	__u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT], lost[IPCT_MECH_COUNT];

	spool_lost(s->spool, lost);
	if (!probe_counts(s->probe, counts))
		collector_counts(s->collector, counts, lost);
	collector_commit(s->collector);
	if (s->capture && !s->capture_failed)
		fflush(s->capture);
}

/*
 * Of hundreds of runnable processes, storing would get a few milliseconds a second. So it is
 * preferred to them, the more the longer records wait for it: if this process is killed, what
 * waits is lost. Where none wait it takes no CPU from others. Returns the nice value.
 */
static int hurry(struct session *s, int nice)
{
	int64_t steps = spool_lag_ns(s->spool) / LAG_STEP_NS;
	int wanted = NICE_LEAST - (int)steps;

	if (steps > NICE_LEAST - NICE_MOST)
		wanted = NICE_MOST;
	if (wanted == nice)
		return nice;
	setpriority(PRIO_PROCESS, 0, wanted);
	collector_nice(s->collector, wanted);
	return wanted;
}

/* The thread that stores, until the spool has ended. */
static void *store_run(void *arg)
{
	struct session *s = arg;
	int nice = hurry(s, 0);
	int64_t committed_ns = now_ns(CLOCK_MONOTONIC);
	const void *data;
	size_t len;
	int got;

	while ((got = spool_get(s->spool, 200, &data, &len)) >= 0) {
		if (got) {
			long n = 0;

			nice = hurry(s, nice);
			capture_write(s, data, len);
			if (!s->damaged)
				n = collector_feed(s->collector, data, len);
			if (n < 0)
				s->damaged = (int)n;
			if (s->damaged || collector_failed(s->collector))
				eventfd_write(s->failed_fd, 1);
		}
		if (now_ns(CLOCK_MONOTONIC) - committed_ns >= COMMIT_NS ||
		    collector_uncommitted(s->collector) >= COLLECTOR_COMMIT_OPS) {
			commit(s);
			committed_ns = now_ns(CLOCK_MONOTONIC);
		}
	}
	if (got != -ENODATA)
		s->damaged = got;
	return NULL;
}

/* The first signal goes on to the program, unless the terminal has sent it there as well. */
static void signal_taken(struct session *s)
{
	struct signalfd_siginfo info;

	if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (!s->signal)
		s->signal = (int)info.ssi_signo;
	if (++s->signals > 1)
		s->ended = IPCT_ENDED_SIGNAL;
	else if (info.ssi_code != SI_KERNEL)
		kill(s->launch.pid, (int)info.ssi_signo);
}

static int64_t timeval_ns(const struct timeval *t)
{
	return t->tv_sec * 1000000000ll + t->tv_usec * 1000ll;
}

static void program_ended(struct session *s)
{
	struct rusage used;

	if (wait4(s->launch.pid, &s->status, WNOHANG, &used) != s->launch.pid)
		return;
	s->times.wall_ns = now_ns(CLOCK_MONOTONIC) - s->released_ns;
	s->times.cpu_ns = timeval_ns(&used.ru_utime) + timeval_ns(&used.ru_stime);
	if (s->ended < 0)
		s->ended = IPCT_ENDED_PROGRAM;
}

static void probes_stop(struct session *s)
{
	probe_stop(s->probe);
	s->stopped_ns = now_ns(CLOCK_BOOTTIME);
}

/* Milliseconds until `until_ns`, rounded up, for poll(2). */
static int left_ms(int64_t until_ns)
{
	int64_t ms = (until_ns - now_ns(CLOCK_MONOTONIC) + 999999) / 1000000;

	return ms < 0 ? 0 : ms < 3600000 ? (int)ms : 3600000;
}

/*
 * Wait for the program's end, a second signal, or the time given. If the file takes no more, the
 * probes are stopped early and the program runs on without them.
 */
static void program_wait(struct session *s)
{
	int64_t until_ns = now_ns(CLOCK_MONOTONIC) + (int64_t)(s->o->seconds * 1e9);
	struct pollfd fds[] = {{s->pidfd, POLLIN, 0},
			       {s->signal_fd, POLLIN, 0},
			       {s->failed_fd, POLLIN, 0}};

	while (s->ended < 0) {
		int timeout_ms = s->o->seconds > 0 ? left_ms(until_ns) : -1;
		int got = poll(fds, 3, timeout_ms);

		if (got < 0 && errno != EINTR)
			return;
		if (!got && !left_ms(until_ns))
			s->ended = IPCT_ENDED_DURATION;
		if (got > 0 && fds[1].revents)
			signal_taken(s);
		if (got > 0 && fds[2].revents) {
			probes_stop(s);
			fds[2].fd = -1;
		}
		if (got > 0 && fds[0].revents)
			program_ended(s);
	}
}

/* A process of the recording that goes on gets SIGTERM. */
static void descendant_stop(uint32_t pid, void *arg)
{
	struct session *s = arg;

	process_stop(pid, s->stopped_ns);
}

/* After the given time the program is asked to end, as timeout(1) does. */
static void program_stop(struct session *s)
{
	struct pollfd fd = {s->pidfd, POLLIN, 0};

	if (s->ended != IPCT_ENDED_DURATION || s->status >= 0)
		return;
	kill(s->launch.pid, SIGTERM);
	if (poll(&fd, 1, TERM_WAIT_MS) > 0)
		program_ended(s);
	if (s->status < 0)
		say_warning("'%s' (%d) goes on after SIGTERM; it is left alone", s->o->argv[0],
			    s->launch.pid);
}

static void touch_put(const struct ipct_touch *t, void *arg)
{
	struct session *s = arg;

	spool_put(s->spool, t, sizeof(*t));
}

/* This run is the second half of a round, and maybe the last of all. */
static void calibration_put(struct session *s)
{
	struct calibration *c = s->o->calibration;
	struct ipct_calibration sum;

	if (!c || s->status || s->signals)
		return;
	c->traced[c->traced_count++] = s->times;
	if (!calibration_complete(c))
		return;
	calibration_sum(c, &sum);
	spool_put(s->spool, &sum, sizeof(sum));
}

static void end_put(struct session *s)
{
	struct ipct_end end = {
		.head = {.len = sizeof(end), .type = IPCT_EV_END},
		.time_ns = probe_stopped_ns(s->probe),
		.status = s->status,
		.ended = s->ended,
	};

	if (probe_touches(s->probe, touch_put, s))
		say_warning("cannot read all first touches of shared memory: out of memory");
	calibration_put(s);
	spool_flush(s->spool); /* that may be the last loss */
	spool_lost(s->spool, end.spool_lost);
	if (probe_counts(s->probe, end.counts))
		say_warning("cannot read the probes' counters: the ledger is not complete");
	spool_put(s->spool, &end, sizeof(end));
}

/* Wait for the storing thread, with a word to the user if that takes long. */
static void storing_wait(struct session *s)
{
	bool said = false;

	for (int tries = 0;; tries++) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += tries == 0 ? 1 : 0;
		until.tv_nsec += tries == 0 ? 0 : 200000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (!pthread_timedjoin_np(s->storing, NULL, &until))
			break;
		if (isatty(2) || !said)
			say_progress("storing: %llu MiB to go",
				     (unsigned long long)(spool_backlog(s->spool) >> 20));
		said = true;
	}
	if (said)
		say_progress(NULL);
}

static int signals_open(struct session *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	s->failed_fd = eventfd(0, EFD_CLOEXEC);
	s->pidfd = (int)syscall(SYS_pidfd_open, s->launch.pid, 0);
	if (s->signal_fd >= 0 && s->failed_fd >= 0 && s->pidfd >= 0)
		return 0;
	say_error("cannot wait for signals: %s", strerror(errno));
	return -errno;
}

/* The thread that empties the ring begins with what takes it a while. */
static int drain_open(struct session *s)
{
	char *folder = strdup(s->o->output);
	int err;

	s->spool = folder ? spool_new(dirname(folder)) : NULL;
	free(folder);
	if (!s->spool) {
		say_error("cannot record: out of memory");
		return -ENOMEM;
	}
	s->drain = drain_start(probe_ring_fd(s->probe), s->spool);
	if (s->drain)
		return 0;
	err = -errno;
	say_error("cannot read the ring buffer: %s", strerror(-err));
	return err;
}

static int files_open(struct session *s)
{
	if (output_keep_old(s->o->output))
		return -EIO;
	s->rec->start_monotonic_ns = now_ns(CLOCK_MONOTONIC);
	s->rec->start_realtime_ns = now_ns(CLOCK_REALTIME);
	s->collector = collector_new(s->o->output, s->rec);
	if (!s->collector)
		return -EIO;
	output_give(s->o->output);
	if (s->o->capture && !(s->capture = capture_create(s->o->capture, s->rec)))
		return -EIO;
	if (s->capture)
		output_give(s->o->capture);
	return 0;
}

static int threads_start(struct session *s)
{
	int err;

	resolve_holders(s->spool);
	err = drain_wait(s->drain);
	if (err) {
		say_error("cannot read the ring buffer: %s", strerror(-err));
		return err;
	}
	err = pthread_create(&s->storing, NULL, store_run, s);
	if (err)
		say_error("cannot start the storing thread: %s", strerror(err));
	return -err;
}

/* Let the program go, and wait for its end. 0, or the exit status if it could not be run. */
static int program_release(struct session *s)
{
	int failed;

	s->released_ns = now_ns(CLOCK_MONOTONIC);
	failed = launch_release(&s->launch, s->o->argv);
	if (failed)
		s->ended = IPCT_ENDED_NO_EXEC;
	else
		program_wait(s);
	return failed;
}

/* Everything is live: let the program go, and see it through. */
static int program_run(struct session *s)
{
	int failed = program_release(s);

	probes_stop(s);
	if (!failed)
		program_stop(s);
	drain_stop(s->drain);
	end_put(s);
	spool_end(s->spool);
	storing_wait(s);
	if (s->ended == IPCT_ENDED_DURATION)
		collector_each_alive(s->collector, descendant_stop, s);
	return failed;
}

static int exit_status(const struct session *s)
{
	if (s->status < 0)
		return 128 + (s->ended == IPCT_ENDED_SIGNAL ? SIGINT : SIGTERM);
	return WIFEXITED(s->status) ? WEXITSTATUS(s->status) : 128 + WTERMSIG(s->status);
}

static int capture_close(struct session *s)
{
	if (!s->capture)
		return 0;
	if (fclose(s->capture) && !s->capture_failed) {
		say_error("cannot write capture '%s': %s", s->o->capture, strerror(errno));
		s->capture_failed = true;
	}
	s->capture = NULL;
	return s->capture_failed ? -EIO : 0;
}

static int finish(struct session *s, int failed, struct session_result *result)
{
	int err = collector_finish(s->collector, &result->sums);
	struct stat st;

	s->collector = NULL;
	if (s->damaged) {
		say_error("the records cannot be read: %s", strerror(-s->damaged));
		err = s->damaged;
	}
	if (capture_close(s))
		err = -EIO;
	result->duration_s =
		((int64_t)probe_stopped_ns(s->probe) - s->rec->start_monotonic_ns) / 1e9;
	result->file_bytes = stat(s->o->output, &st) ? 0 : st.st_size;
	result->exit_status = err ? IPCT_EXIT_OWN_FAILURE : failed ? failed : exit_status(s);
	result->times = s->times;
	result->signal = s->signal;
	return err;
}

/* What this kernel cannot do is said, and goes into the file; the rest goes on. */
static int lacks_take(struct recording *rec, const struct probe_lacks *lacks)
{
	char list[512];

	if (!*lacks->why)
		return 0;
	mechanisms_list(lacks->mechanisms & rec->mechanism_mask, ",", list, sizeof(list));
	rec->mechanism_mask &= ~lacks->mechanisms;
	for (const char *line = lacks->why; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		say_warning("not seen: %.*s", (int)strcspn(line, "\n"), line);
	}
	if (!(rec->mechanism_mask & ~1u)) {
		say_error("cannot record: nothing that was selected can be traced here");
		return -ENOTSUP;
	}
	rec->not_traceable = *list ? strdup(list) : NULL;
	rec->not_traceable_why = strdup(lacks->why);
	return rec->not_traceable_why ? 0 : -ENOMEM;
}

/* What the probes add to a call here goes into the file; a recording without it is worth having. */
static int probes_attach(struct session *s)
{
	struct recording *rec = s->rec;
	struct cost cost;
	int err = cost_attach(s->probe, s->launch.pid, rec->mechanism_mask, &cost);

	if (err)
		return err;
	rec->probe_call_ns = cost.call_ns;
	rec->probe_other_call_ns = cost.other_call_ns;
	if (cost.error)
		rec->probe_unmeasured = strdup(strerror(-cost.error));
	else if (cost.measured)
		rec->probe_measured = strdup(cost.measured);
	return 0;
}

/* Has a signal come before the program was let go? 0, or -EINTR with result->exit_status. */
static int called_off(struct session *s, struct session_result *result)
{
	struct pollfd fd = {s->signal_fd, POLLIN, 0};
	struct signalfd_siginfo info;

	if (poll(&fd, 1, 0) != 1 || read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	result->signal = (int)info.ssi_signo;
	result->exit_status = 128 + result->signal;
	say_error("stopped by a signal before '%s' began", s->o->argv[0]);
	return -EINTR;
}

static void fds_close(struct session *s)
{
	int fds[] = {s->pidfd, s->signal_fd, s->failed_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Can the program be found? 0, or -errno, with result->exit_status for both. */
static int session_begin(const struct session *s, struct session_result *result)
{
	memset(result, 0, sizeof(*result));
	result->exit_status = launch_check(s->o->argv);
	if (result->exit_status)
		return -ENOEXEC;
	result->exit_status = IPCT_EXIT_OWN_FAILURE;
	return 0;
}

#define SESSION(options)                                                                           \
	{                                                                                          \
		.o = (options), .status = -1, .ended = -1, .pidfd = -1, .signal_fd = -1,           \
		.failed_fd = -1                                                                    \
	}

int session_run_untraced(const struct session_options *o, struct session_result *result)
{
	struct session s = SESSION(o);
	int err = session_begin(&s, result), failed;

	if (!err)
		err = launch_start(&s.launch, o->argv, o->user, o->signal_mask);
	if (err)
		return err;
	err = signals_open(&s);
	if (err) {
		launch_cancel(&s.launch);
		goto out;
	}
	failed = program_release(&s);
	result->exit_status = failed ? failed : exit_status(&s);
	result->times = s.times;
	result->signal = s.signal;
	if (failed)
		err = -ENOEXEC;
out:
	fds_close(&s);
	return err;
}

int session_run(const struct session_options *o, struct recording *rec,
		struct session_result *result)
{
	struct session s = SESSION(o);
	int err = session_begin(&s, result), failed;

	if (err)
		return err;
	s.rec = rec;
	s.probe = probe_new(rec->ring_bytes, rec->mechanism_mask);
	if (!s.probe)
		return -errno;
	err = lacks_take(rec, probe_lacks(s.probe));
	if (err)
		goto out;
	err = launch_start(&s.launch, o->argv, o->user, o->signal_mask);
	if (err)
		goto out;
	err = signals_open(&s);
	if (!err)
		err = probes_attach(&s);
	if (!err)
		err = called_off(&s, result);
	if (!err)
		err = drain_open(&s);
	/* From here on the older file is out of the way, so all that can be refused has been. */
	if (!err)
		err = files_open(&s);
	if (!err)
		err = threads_start(&s);
	if (err) {
		launch_cancel(&s.launch);
		goto out;
	}
	failed = program_run(&s);
	err = finish(&s, failed, result);
	if (!err && failed)
		err = -ENOEXEC;
out:
	drain_free(s.drain);
	if (s.collector) {
		struct collector_sums sums;

		collector_finish(s.collector, &sums);
	}
	if (s.capture)
		capture_close(&s);
	probe_free(s.probe);
	spool_free(s.spool);
	fds_close(&s);
	return err;
}
