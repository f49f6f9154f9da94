// SPDX-License-Identifier: BSD-2-Clause
/*
 * A child whose memory its parent reads and writes; prints both pids. With the argument `self` it
 * is the parent's own memory, and with a pid that process's.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 13
#define SIZE   61

static char theirs[SIZE], ours[SIZE];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

int main(int argc, char **argv)
{
	struct iovec local[2] = {{ours, 7}, {ours + 7, SIZE - 7}}, remote = {theirs, SIZE};
	pid_t child = getpid();

	if (argc == 1) {
		child = fork();
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(1);
		}
	}
	for (int i = 0; i < ROUNDS; i++) {
		memset(ours, 'a' + i, SIZE);
		if (process_vm_writev(child, local, 2, &remote, 1, 0) != SIZE)
			die("process_vm_writev");
		memset(ours, 0, SIZE);
		if (process_vm_readv(child, local, 2, &remote, 1, 0) != SIZE)
			die("process_vm_readv");
		if (ours[0] != 'a' + i || ours[SIZE - 1] != 'a' + i)
			die("content");
	}
	remote.iov_base = (void *)16;
	if (process_vm_readv(child, local, 2, &remote, 1, 0) != -1 || errno != EFAULT)
		die("process_vm_readv of nothing");
	if (process_vm_readv(-1, local, 2, &remote, 1, 0) != -1 || errno != ESRCH)
		die("process_vm_readv of nobody");
	printf("%d %d\n", getpid(), child);
	if (child != getpid()) {
		kill(child, SIGKILL);
		wait(NULL);
	}
	return 0;
}
