// SPDX-License-Identifier: BSD-2-Clause
/*
 * Scenes for signal.bats: signals between processes, of which each scene prints what it knows:
 * `MESSAGE SIGNAL SENDER RECEIVER COUNT`, a line for each signal and pair of pids.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SENDERS 3
#define EACH    7

static volatile sig_atomic_t caught;

static void catch (int signal)
{
	caught++;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void expect(int signal, pid_t from, pid_t to, int count)
{
	printf("MESSAGE %d %d %d %d\n", signal, from, to, count);
}

static void reap(int children)
{
	while (children--)
		if (wait(NULL) < 0)
			die("wait");
}

static void block(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void pids_print(const pid_t *pids, int signal)
{
	for (int i = 0; i < SENDERS; i++)
		expect(signal, pids[i], getpid(), EACH);
}

/* Children that each queue EACH real-time signals to us. */
static void senders_start(pid_t *pids, int signal)
{
	for (int i = 0; i < SENDERS; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (int n = 0; n < EACH; n++)
			if (sigqueue(getppid(), signal, (union sigval){.sival_int = n}))
				die("sigqueue");
		_exit(0);
	}
}

/* Who sent each: the kernel says it in si_pid, and the file must say the same, in this order. */
static void scene_wait(void)
{
	int signal = SIGRTMIN + 3;
	pid_t pids[SENDERS];
	siginfo_t info;
	sigset_t set;

	block(signal);
	senders_start(pids, signal);
	sigemptyset(&set);
	sigaddset(&set, signal);
	for (int i = 0; i < SENDERS * EACH; i++) {
		if (sigwaitinfo(&set, &info) != signal)
			die("sigwaitinfo");
		printf("ORDER %d\n", info.si_pid);
	}
	reap(SENDERS);
	pids_print(pids, signal);
}

static void scene_signalfd(void)
{
	int signal = SIGRTMIN + 4, fd, taken = 0;
	struct signalfd_siginfo info[5];
	pid_t pids[SENDERS];
	sigset_t set;

	block(signal);
	sigemptyset(&set);
	sigaddset(&set, signal);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	senders_start(pids, signal);
	reap(SENDERS);
	while (taken < SENDERS * EACH) {
		ssize_t n = read(fd, info, sizeof(info));

		if (n <= 0)
			die("read");
		for (size_t i = 0; i < n / sizeof(info[0]); i++, taken++)
			printf("ORDER %u\n", info[i].ssi_pid);
	}
	close(fd);
	pids_print(pids, signal);
}

/* A standard signal that is pending already is not queued again: one delivery for many calls. */
static void scene_merged(void)
{
	sigset_t set, old;
	pid_t child;

	signal(SIGUSR1, catch);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	child = fork();
	if (!child) {
		for (int i = 0; i < EACH; i++)
			kill(getppid(), SIGUSR1);
		_exit(0);
	}
	reap(1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (caught != 1)
		die("caught");
	printf("MERGED %d %d %d\n", SIGUSR1, child, getpid());
}

/* To a group: one call, a receiver for each process. Then each is killed, by tgkill and pidfd. */
static void scene_group(void)
{
	pid_t pids[SENDERS];
	int pidfd;

	signal(SIGUSR2, SIG_IGN);
	for (int i = 0; i < SENDERS; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			setpgid(0, i ? pids[0] : 0);
			pause();
			_exit(1);
		}
		setpgid(pids[i], pids[0]);
	}
	usleep(20000);
	if (kill(-pids[0], SIGTERM))
		die("kill");
	reap(SENDERS);
	for (int i = 0; i < SENDERS; i++)
		expect(SIGTERM, getpid(), pids[i], 1);
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			pause();
			_exit(1);
		}
	}
	if (syscall(SYS_tgkill, pids[0], pids[0], SIGKILL))
		die("tgkill");
	pidfd = (int)syscall(SYS_pidfd_open, pids[1], 0);
	if (pidfd < 0 || syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0))
		die("pidfd_send_signal");
	reap(2);
	expect(SIGKILL, getpid(), pids[0], 1);
	expect(SIGKILL, getpid(), pids[1], 1);
}

/* What is no communication: to oneself, signal 0, ignored ones, the kernel's own. */
static void scene_nothing(void)
{
	pid_t child;

	signal(SIGUSR1, catch);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	kill(getppid(), 0);
	child = fork();
	if (!child)
		_exit(0); /* SIGCHLD */
	reap(1);
	if (kill(child, SIGTERM) != -1 || errno != ESRCH)
		die("kill of no one");
	printf("FAILED %d\n", SIGTERM);
}

/* A signal for one thread of several, and one for whichever takes it. */
static pthread_barrier_t ready;
static pid_t thread_tid;

static void *thread_run(void *arg)
{
	siginfo_t info;
	sigset_t set;

	thread_tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&ready);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 5);
	for (int i = 0; i < EACH; i++)
		if (sigwaitinfo(&set, &info) != SIGRTMIN + 5)
			die("sigwaitinfo");
	return NULL;
}

static void scene_thread(void)
{
	pthread_t thread;
	pid_t child;

	block(SIGRTMIN + 5);
	pthread_barrier_init(&ready, NULL, 2);
	pthread_create(&thread, NULL, thread_run, NULL);
	pthread_barrier_wait(&ready);
	child = fork();
	if (!child) {
		for (int i = 0; i < EACH; i++)
			if (syscall(SYS_tgkill, getppid(), thread_tid, SIGRTMIN + 5))
				die("tgkill");
		_exit(0);
	}
	pthread_join(thread, NULL);
	reap(1);
	expect(SIGRTMIN + 5, child, getpid(), EACH);
	printf("THREAD %d\n", thread_tid);
}

static const struct {
	const char *name;
	void (*run)(void);
} scenes[] = {
	{"wait", scene_wait},   {"signalfd", scene_signalfd}, {"merged", scene_merged},
	{"group", scene_group}, {"nothing", scene_nothing},   {"thread", scene_thread},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (argc > 1 && !strcmp(argv[1], scenes[i].name)) {
			scenes[i].run();
			return 0;
		}
	fprintf(stderr, "which scene?\n");
	return 2;
}
