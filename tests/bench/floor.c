// SPDX-License-Identifier: BSD-2-Clause
/*
 * bench-floor COMMAND [ARG...]: runs COMMAND while two empty programs are attached to the system
 * calls of the whole machine (floor.bpf.c), and exits with its status.
 */
#include "floor.skel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char **argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], argv);
		fprintf(stderr, "bench-floor: cannot run %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct bench_floor_bpf *floor;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: bench-floor COMMAND [ARG...]\n");
		return 2;
	}
	floor = bench_floor_bpf__open_and_load();
	if (!floor || bench_floor_bpf__attach(floor)) {
		fprintf(stderr, "bench-floor: cannot attach the programs: %s\n", strerror(errno));
		bench_floor_bpf__destroy(floor);
		return 125;
	}
	status = run(argv + 1);
	bench_floor_bpf__destroy(floor);
	return status;
}
