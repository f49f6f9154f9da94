// SPDX-License-Identifier: BSD-2-Clause
/*
 * bench-measure FILE COMMAND [ARG...]: runs COMMAND, writes `seconds cpu_seconds peak_bytes` to
 * FILE, and exits with its status. The kernel counts the memory of the program that forked into the
 * peak of its child, so that program has to be a small one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double timeval_s(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double start_s = now_s();
	struct rusage usage;
	FILE *file;
	int status;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: bench-measure FILE COMMAND [ARG...]\n");
		return 2;
	}
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "bench-measure: cannot run %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 125;
	file = fopen(argv[1], "w");
	if (!file ||
	    fprintf(file, "%.6f %.6f %lld\n", now_s() - start_s,
		    timeval_s(usage.ru_utime) + timeval_s(usage.ru_stime),
		    usage.ru_maxrss * 1024ll) < 0 ||
	    fclose(file)) {
		fprintf(stderr, "bench-measure: cannot write %s: %s\n", argv[1], strerror(errno));
		return 125;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
