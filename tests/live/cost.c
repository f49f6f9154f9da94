// SPDX-License-Identifier: BSD-2-Clause
/*
 * Programs that use CPU time, for live/cost.bats. Each prints the truth as the kernel has it: the
 * nanoseconds that it and its children used.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 64

static long spin_ms;
static pthread_barrier_t all_spun;

static long long now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void spin(void)
{
	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < spin_ms * 1000000ll)
		;
}

static void *spin_thread(void *arg)
{
	spin();
	if (arg) {
		pthread_barrier_wait(&all_spun);
		pause();
	}
	return NULL;
}

static void threads_start(pthread_t *threads, int count, int stay)
{
	pthread_barrier_init(&all_spun, NULL, count + 1);
	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, spin_thread, stay ? &all_spun : NULL))
			exit(1);
}

static long long timeval_ns(const struct timeval *t)
{
	return t->tv_sec * 1000000000ll + t->tv_usec * 1000ll;
}

/* What this process and the children that it has waited for have used. */
static void truth_print(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	printf("%lld\n", timeval_ns(&own.ru_utime) + timeval_ns(&own.ru_stime) +
				 timeval_ns(&children.ru_utime) + timeval_ns(&children.ru_stime));
	fflush(stdout);
}

/* Threads that end before the process does. */
static int run(int count)
{
	pthread_t threads[THREADS_MAX];

	threads_start(threads, count, 0);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	truth_print();
	return 0;
}

/* Children one after the other, each shorter than a tick. */
static int run_short(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (!pid) {
			spin();
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	truth_print();
	return 0;
}

/* A child whose threads all live when it is killed. */
static int run_killed(int count)
{
	pthread_t threads[THREADS_MAX];
	pid_t pid = fork();

	if (!pid) {
		threads_start(threads, count, 1);
		pthread_barrier_wait(&all_spun);
		raise(SIGKILL);
	}
	waitpid(pid, NULL, 0);
	truth_print();
	return 0;
}

/* A child and its parent, which are still there when the recording ends: SIGINT does not end them.
 */
static int run_stay(int count)
{
	pthread_t threads[THREADS_MAX];
	int spun[2];
	char byte;

	signal(SIGINT, SIG_IGN);
	if (pipe(spun))
		return 1;
	if (!fork()) {
		spin();
		if (write(spun[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	threads_start(threads, count, 1);
	pthread_barrier_wait(&all_spun);
	if (read(spun[0], &byte, 1) != 1)
		return 1;
	printf("%lld\n", (count + 1) * spin_ms * 1000000ll);
	fflush(stdout);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int count);
	} scenes[] = {
		{"run", run}, {"short", run_short}, {"killed", run_killed}, {"stay", run_stay}};

	if (argc != 4 || atoi(argv[2]) > THREADS_MAX * 10)
		return 2;
	spin_ms = atol(argv[3]);
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(argv[1], scenes[i].name))
			return scenes[i].run(atoi(argv[2]));
	return 2;
}
