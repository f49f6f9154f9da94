// SPDX-License-Identifier: BSD-2-Clause
/*
 * The child between fork and exec. Nothing that it does here is traced: the recording begins with
 * its exec.
 */
#include "collector/launch.h"

#include "schemas/say.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int exec_failed(const char *program, int error)
{
	if (error == ENOENT)
		say_error("cannot run '%s': command not found", program);
	else
		say_error("cannot run '%s': %s", program, strerror(error));
	return error == ENOENT ? IPCT_EXIT_NOT_FOUND : IPCT_EXIT_NOT_RUN;
}

static int file_check(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	return access(path, X_OK) ? errno : 0;
}

/* As execvp(3) looks for it; a file that is there but may not be run is worth a word of its own. */
static int path_check(const char *program)
{
	const char *dirs = getenv("PATH");
	int error = ENOENT;
	char path[4096];

	if (strchr(program, '/'))
		return file_check(program);
	for (const char *dir = dirs ? dirs : "/bin:/usr/bin"; dir; dir = strchr(dir, ':')) {
		int found;

		dir += *dir == ':';
		snprintf(path, sizeof(path), "%.*s/%s", (int)strcspn(dir, ":"), dir, program);
		found = file_check(path);
		if (!found)
			return 0;
		if (found == EACCES)
			error = EACCES;
	}
	return error;
}

int launch_check(char **argv)
{
	int error = path_check(argv[0]);

	return error ? exec_failed(argv[0], error) : 0;
}

static int become(const struct passwd *pw)
{
	if (initgroups(pw->pw_name, pw->pw_gid) || setgid(pw->pw_gid) || setuid(pw->pw_uid))
		return -errno;
	setenv("HOME", pw->pw_dir, 1);
	setenv("USER", pw->pw_name, 1);
	setenv("LOGNAME", pw->pw_name, 1);
	return 0;
}

static void child_run(int go_fd, int failed_fd, char **argv, const struct passwd *pw)
{
	char go;
	int error;

	if (read(go_fd, &go, 1) != 1)
		_exit(IPCT_EXIT_NOT_RUN);
	if (!pw || !become(pw))
		execvp(argv[0], argv);
	error = errno;
	if (write(failed_fd, &error, sizeof(error)) < 0)
		_exit(IPCT_EXIT_NOT_RUN);
	_exit(error == ENOENT ? IPCT_EXIT_NOT_FOUND : IPCT_EXIT_NOT_RUN);
}

int launch_start(struct launch *l, char **argv, const char *user, const sigset_t *mask)
{
	struct passwd *pw = NULL;
	int go[2], failed[2], err;

	errno = 0;
	if (user && !(pw = getpwnam(user))) {
		say_error("no user '%s'%s%s", user, errno ? ": " : "",
			  errno ? strerror(errno) : "");
		return -EINVAL;
	}
	if (pipe2(go, O_CLOEXEC))
		goto fail;
	if (pipe2(failed, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		goto fail;
	}
	l->pid = fork();
	if (l->pid == 0) {
		close(go[1]);
		if (mask)
			sigprocmask(SIG_SETMASK, mask, NULL);
		child_run(go[0], failed[1], argv, pw);
	}
	err = errno;
	close(go[0]);
	close(failed[1]);
	l->go_fd = go[1];
	l->failed_fd = failed[0];
	if (l->pid > 0)
		return 0;
	errno = err;
fail:
	err = errno;
	say_error("cannot start '%s': %s", argv[0], strerror(err));
	return -err;
}

int launch_release(struct launch *l, char **argv)
{
	int error = 0, status;
	ssize_t n;

	if (write(l->go_fd, "", 1) != 1)
		error = errno;
	close(l->go_fd);
	do
		n = read(l->failed_fd, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	close(l->failed_fd);
	if (!error)
		return 0;
	waitpid(l->pid, &status, 0);
	return exec_failed(argv[0], error);
}

void launch_cancel(struct launch *l)
{
	close(l->go_fd); /* its read ends, and so does it */
	close(l->failed_fd);
	waitpid(l->pid, NULL, 0);
}

/* When the process began, in CLOCK_BOOTTIME nanoseconds: proc_pid_stat(5), field 22. */
static int64_t process_began_ns(uint32_t pid)
{
	char path[64], line[1024], *after;
	unsigned long long ticks = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return INT64_MAX;
	after = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!after || sscanf(after + 1,
			     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
			     "%*d %*d %*d %llu",
			     &ticks) != 1)
		return INT64_MAX;
	return (int64_t)(ticks * (1000000000ull / sysconf(_SC_CLK_TCK)));
}

void process_stop(uint32_t pid, int64_t before_ns)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return;
	if (process_began_ns(pid) <= before_ns)
		syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
	close(fd);
}
