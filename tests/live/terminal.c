// SPDX-License-Identifier: BSD-2-Clause
/*
 * Scenes for terminal.bats: pseudo-terminals between a parent, which has the master, and a child.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ROUNDS 101

static int master, slave;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void pair_open(int raw)
{
	struct termios t;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master))
		die("posix_openpt");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &t))
		die("open");
	if (raw)
		cfmakeraw(&t);
	if (tcsetattr(slave, TCSANOW, &t))
		die("tcsetattr");
}

static void pair_close(void)
{
	close(master);
	close(slave);
}

static void read_all(int fd, char *buf, size_t len)
{
	while (len) {
		ssize_t n = read(fd, buf, len);

		if (n <= 0)
			die("read");
		buf += n;
		len -= n;
	}
}

/* Numbered questions and answers; both sides check what they get. */
static void scene_raw(void)
{
	char buf[32], want[32];
	pid_t child;

	pair_open(1);
	child = fork();
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(want, sizeof(want), "question %06d\n", i);
		if (!child) {
			read_all(slave, buf, strlen(want));
			if (memcmp(buf, want, strlen(want)))
				die("question");
			dprintf(slave, "answer %d\n", i);
		} else {
			if (write(master, want, strlen(want)) != (ssize_t)strlen(want))
				die("write");
			snprintf(want, sizeof(want), "answer %d\n", i);
			read_all(master, buf, strlen(want));
			if (memcmp(buf, want, strlen(want)))
				die("answer");
		}
	}
	pair_close();
	if (!child)
		_exit(0);
	wait(NULL);
	printf("%d %d %d\n", getpid(), child, ROUNDS);
}

/* The line discipline echoes, and adds a carriage return to each line. */
static void scene_cooked(void)
{
	char buf[256];
	pid_t child;

	pair_open(0);
	child = fork();
	if (!child) {
		for (int i = 0; i < ROUNDS; i++) {
			if (read(slave, buf, sizeof(buf)) <= 0)
				die("read");
			dprintf(slave, "answer %d\n", i);
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		char want[32];
		size_t have = 0;

		dprintf(master, "question %d\n", i);
		snprintf(want, sizeof(want), "answer %d\r\n", i);
		do {
			ssize_t n = read(master, buf + have, sizeof(buf) - 1 - have);

			if (n <= 0)
				die("read");
			have += n;
			buf[have] = 0;
		} while (!strstr(buf, want));
	}
	wait(NULL);
	pair_close();
	printf("%d %d %d\n", getpid(), child, ROUNDS);
}

/* Each pair is a new one, though all of them are /dev/pts/N of the same N at the same place. */
static void scene_reuse(void)
{
	char c = 'x';

	for (int i = 0; i < 11; i++) {
		pair_open(1);
		if (write(master, &c, 1) != 1 || read(slave, &c, 1) != 1)
			die("one byte");
		if (write(master, "left", 4) != 4) /* and never read */
			die("write");
		pair_close();
	}
}

/* What is flushed is received by nobody, and shifts nothing. */
static void scene_flush(void)
{
	char buf[8];

	pair_open(1);
	if (write(master, "lost", 4) != 4)
		die("write");
	usleep(20000); /* the kernel passes it on by a worker of its own */
	if (ioctl(slave, TCFLSH, TCIFLUSH))
		die("TCFLSH");
	if (write(master, "found", 5) != 5)
		die("write");
	read_all(slave, buf, 5);
	if (memcmp(buf, "found", 5))
		die("flushed");
	pair_close();
}

static const struct {
	const char *name;
	void (*run)(void);
} scenes[] = {
	{"raw", scene_raw},
	{"cooked", scene_cooked},
	{"reuse", scene_reuse},
	{"flush", scene_flush},
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
