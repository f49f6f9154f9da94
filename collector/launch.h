/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting and stopping the program: forked at once, held until the probes are live, then let go
 * into exec.
 */
#ifndef IPCT_LAUNCH_H
#define IPCT_LAUNCH_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

struct launch {
	pid_t pid;
	int go_fd;     /* a byte written here lets it go */
	int failed_fd; /* errno of a failed exec; end of file if it succeeded */
};

/* Exit statuses of a program that could not be started, as the shell has them. */
#define IPCT_EXIT_NOT_FOUND 127
#define IPCT_EXIT_NOT_RUN   126

/*
 * Can argv[0] be run? 0, or the exit status after an error message. Says so before anything is
 * set up; exec has the last word.
 */
int launch_check(char **argv);

/*
 * Fork the child that will run argv, as `user` unless NULL, with `mask` of blocked signals (NULL:
 * ours). 0, or -errno after an error message.
 */
int launch_start(struct launch *l, char **argv, const char *user, const sigset_t *mask);

/* Let it go. 0 once it runs, or the exit status after an error message. */
int launch_release(struct launch *l, char **argv);

/* The recording does not come about: end the child, which is still held, and reap it. */
void launch_cancel(struct launch *l);

/*
 * Send SIGTERM to process `pid` if it began before `before_ns` (CLOCK_BOOTTIME), and is not one
 * that has got the pid since.
 */
void process_stop(uint32_t pid, int64_t before_ns);

#endif
