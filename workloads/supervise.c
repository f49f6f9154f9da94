// SPDX-License-Identifier: BSD-2-Clause
/*
 * Starting, waiting for and killing the peers; see supervise.h. The signals of interest are
 * blocked and waited for, so that none can come between a check and a wait, and no call on a
 * traced object is ever interrupted by them.
 */
#include "workloads/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IPCT_ASLEEP_TRIES 10000 /* of a millisecond each */

struct watch {
	struct run *run;
	sigset_t set, old;
	unsigned alive; /* processes */
	bool killing;
	int result;
};

/* What the supervisor itself does with signals. */
static void watch_op(struct watch *watch, enum ipct_role role)
{
	watch->run->own.ops[IPCT_MECH_SIGNAL][role].count++;
}

static void watch_kill(struct watch *watch, int result)
{
	struct run *run = watch->run;

	if (!watch->killing)
		watch->result = result;
	watch->killing = true;
	for (unsigned i = 0; i < run->peer_count; i++)
		if (run->peers[i].pid && !kill(run->peers[i].pid, SIGKILL)) {
			watch_op(watch, IPCT_ROLE_WAKE);
			watch_op(watch, IPCT_ROLE_WAIT); /* it is delivered */
		}
}

static void watch_ended(struct watch *watch, struct peer *peer, int status)
{
	watch->alive--;
	peer->pid = 0;
	if (watch->killing || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return;
	if (WIFSIGNALED(status))
		peer_complain(peer, 0, "killed by signal %d", WTERMSIG(status));
	watch_kill(watch, 1);
}

/* A child that is no peer, left over from before an exec, is none of our business. */
static void watch_reap(struct watch *watch)
{
	struct run *run = watch->run;
	int status;
	pid_t pid;

	while (watch->alive && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned i = 0; i < run->peer_count; i++)
			if (run->peers[i].pid == pid)
				watch_ended(watch, &run->peers[i], status);
	}
}

/* Wait for one signal, up to `timeout` if given, and act on it. */
static void watch_once(struct watch *watch, const struct timespec *timeout)
{
	int sig;

	watch_op(watch, IPCT_ROLE_WAIT);
	sig = sigtimedwait(&watch->set, NULL, timeout);
	if (sig == SIGCHLD)
		watch_reap(watch);
	else if (sig > 0)
		watch_kill(watch, 128 + sig);
}

static void watch_begin(struct watch *watch, struct run *run)
{
	*watch = (struct watch){.run = run};
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&watch->set);
	sigaddset(&watch->set, SIGCHLD);
	sigaddset(&watch->set, SIGINT);
	sigaddset(&watch->set, SIGTERM);
	sigaddset(&watch->set, SIGHUP);
	sigprocmask(SIG_BLOCK, &watch->set, &watch->old);
}

/* In the child. Peers must not outlive their supervisor, however that ends. */
static void child_main(struct watch *watch, struct peer *peers, unsigned count, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigprocmask(SIG_SETMASK, &watch->old, NULL);
	_exit(peers_work(watch->run, peers, count) ? 1 : 0);
}

static int watch_start(struct watch *watch, struct peer *peers, unsigned count)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return peer_complain(peers, errno, "cannot fork");
	if (!pid)
		child_main(watch, peers, count, parent);
	peers->pid = pid;
	watch->alive++;
	return 0;
}

static int watch_start_all(struct watch *watch)
{
	struct run *run = watch->run;
	int err = 0;

	if (run->options->peers_are_threads)
		return watch_start(watch, run->peers, run->peer_count);
	for (unsigned i = 0; !err && i < run->peer_count; i++)
		err = watch_start(watch, &run->peers[i], 1);
	return err;
}

/* Whether thread `tid` sleeps in a system call, by the letter behind its name in /proc. */
static bool is_asleep(int tid)
{
	char path[32], text[512], *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strrchr(text, ')');
	return at && at[1] && at[2] == 'S';
}

static bool all_asleep(const struct run *run)
{
	for (unsigned i = 0; i < run->peer_count; i++) {
		int tid = run->peers[i].shared->tid;

		if (!tid || !is_asleep(tid))
			return false;
	}
	return true;
}

static void watch_hang(struct watch *watch)
{
	const struct timespec tick = {.tv_nsec = 1000000};
	uint64_t ms = watch->run->options->messages;
	struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	int tries = 0;

	while (!watch->killing && !all_asleep(watch->run) && ++tries < IPCT_ASLEEP_TRIES)
		watch_once(watch, &tick);
	if (tries == IPCT_ASLEEP_TRIES) {
		peer_complain(&watch->run->supervisor, 0, "the peers do not come to rest");
		watch_kill(watch, 1);
	}
	if (!watch->killing)
		watch_once(watch, &left);
	if (!watch->killing && watch->alive)
		watch_kill(watch, 0);
}

int supervise(struct run *run)
{
	struct watch watch;
	int err;

	watch_begin(&watch, run);
	err = watch_start_all(&watch);
	if (!err)
		err = peers_adopt(run, &run->supervisor, 1);
	if (err)
		watch_kill(&watch, 1);
	else if (run->options->pattern->hangs)
		watch_hang(&watch);
	while (watch.alive)
		watch_once(&watch, NULL);
	sigprocmask(SIG_SETMASK, &watch.old, NULL);
	return watch.result;
}
