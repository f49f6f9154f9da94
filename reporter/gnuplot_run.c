// SPDX-License-Identifier: BSD-2-Clause
/*
 * Running another program without a shell: its stdout goes through us into a file, so that a
 * full disk is seen and reported, its stderr is kept, and it gets only so much time.
 */
#include "reporter/gnuplot.h"
#include "reporter/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Relative entries are skipped: the program runs in a folder whose content is not trusted. */
char *program_find(const char *name)
{
	const char *path = getenv("PATH");
	char *full;

	for (size_t len; path && *path; path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		if (*path != '/')
			continue;
		if (asprintf(&full, "%.*s/%s", (int)len, path, name) < 0)
			return NULL;
		if (!access(full, X_OK))
			return full;
		free(full);
	}
	return NULL;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A group of its own, so that its children end with it. */
static int spawn(pid_t *pid, char *const argv[], int dir_fd, int out, int err)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	rc = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&files, out, 1);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&files, err, 2);
	if (!rc)
		rc = posix_spawn_file_actions_addfchdir_np(&files, dir_fd);
	if (!rc)
		rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	if (!rc)
		rc = posix_spawn(pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -rc;
}

/* Take what there is on `fd`. 1, 0 at its end, or -errno. */
static int take(int fd, int out_fd, struct program_result *result)
{
	char data[65536];
	ssize_t n = read(fd, data, sizeof(data));
	size_t have = strlen(result->err), room = sizeof(result->err) - 1 - have;
	int err;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -errno;
	if (out_fd >= 0) {
		err = write_all(out_fd, data, n);
		return err ? err : n > 0;
	}
	for (ssize_t i = 0; i < n && room; i++, room--)
		result->err[have++] = data[i] ? data[i] : ' ';
	result->err[have] = '\0';
	return n > 0;
}

/* Until both pipes have ended: 0, -ETIMEDOUT, or -errno. */
static int pump(int out, int err, int out_fd, int64_t until_ms, struct program_result *result)
{
	struct pollfd fds[] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int64_t left = until_ms - now_ms();
		int n = left > 0 ? poll(fds, 2, (int)left) : 0;

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ETIMEDOUT;
		for (int i = 0; n > 0 && i < 2; i++) {
			int rc = fds[i].revents ? take(fds[i].fd, i ? -1 : out_fd, result) : 1;

			if (rc < 0)
				return rc;
			if (!rc)
				fds[i].fd = -1;
		}
	}
	return 0;
}

/* It has closed its outputs and has the rest of its time to end. */
static int wait_until(pid_t pid, int64_t until_ms, int *status)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	pid_t got;

	while ((got = waitpid(pid, status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
		if (now_ms() >= until_ms)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	return got < 0 ? -errno : 0;
}

static void end(pid_t pid)
{
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int program_run(char *const argv[], int dir_fd, int out_fd, int timeout_ms,
		struct program_result *result)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1}, rc;
	int64_t until_ms = now_ms() + timeout_ms;
	pid_t pid = 0;

	memset(result, 0, sizeof(*result));
	rc = pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) ? -errno : 0;
	if (!rc)
		rc = spawn(&pid, argv, dir_fd, out[1], err[1]);
	if (rc)
		goto out;
	close(out[1]);
	close(err[1]);
	out[1] = err[1] = -1;
	rc = pump(out[0], err[0], out_fd, until_ms, result);
	if (!rc)
		rc = wait_until(pid, until_ms, &result->status);
	if (rc)
		end(pid);
	if (rc == -ETIMEDOUT) {
		result->status = -1;
		rc = 0;
	}
out:
	for (int i = 0; i < 2; i++) {
		if (out[i] >= 0)
			close(out[i]);
		if (err[i] >= 0)
			close(err[i]);
	}
	return rc;
}
