// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the live tests: makes each system call of syscalls.def that can be on a pipe or FIFO, a
 * known and prime number of times, and prints what it did as `syscall role count bytes` lines
 * with the bytes that it counted itself. `calls NAME` runs one of the scenes in the table at the
 * end; some print other things, which their tests know.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[1 << 16];

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need((x), #x)

static void did(const char *call, const char *role, long count, long bytes)
{
	printf("%s %s %ld %ld\n", call, role, count, bytes);
}

/* Every call that moves bytes, on one pipe, each 13 times with 17 bytes or a little more. */
static void scene_moves(void)
{
	struct iovec v[3] = {{buffer, 5}, {buffer, 7}, {buffer, 11}};
	int p[2], q[2];
	char path[] = "/tmp/ipctrace-calls-XXXXXX";
	int disk = mkstemp(path);

	NEED(disk >= 0 && !unlink(path) && write(disk, buffer, 4096) == 4096);
	NEED(!syscall(SYS_pipe, p) && !pipe2(q, O_CLOEXEC));
	for (int i = 0; i < 13; i++) {
		off_t at = 0;

		NEED(write(p[1], buffer, 17) == 17);
		NEED(read(p[0], buffer, 17) == 17);
		NEED(writev(p[1], v, 3) == 23);
		NEED(readv(p[0], v, 3) == 23);
		NEED(pwritev2(p[1], v, 3, -1, 0) == 23);
		NEED(preadv2(p[0], v, 3, -1, 0) == 23);
		NEED(vmsplice(p[1], v, 2, 0) == 12);
		NEED(vmsplice(p[0], v, 2, 0) == 12);
		NEED(sendfile(p[1], disk, &at, 29) == 29);
		NEED(tee(p[0], q[1], 29, 0) == 29);
		NEED(splice(p[0], NULL, q[1], NULL, 29, 0) == 29);
		NEED(read(q[0], buffer, 58) == 58);
		NEED(pread(p[0], buffer, 1, 0) < 0 && errno == ESPIPE);
		NEED(pwrite(p[1], buffer, 1, 0) < 0 && errno == ESPIPE);
		NEED(preadv(p[0], v, 1, 0) < 0 && errno == ESPIPE);
		NEED(pwritev(p[1], v, 1, 0) < 0 && errno == ESPIPE);
	}
	did("write", "send", 13, 13 * 17);
	did("read", "recv", 26, 13 * (17 + 58));
	did("writev", "send", 13, 13 * 23);
	did("readv", "recv", 13, 13 * 23);
	did("pwritev2", "send", 13, 13 * 23);
	did("preadv2", "recv", 13, 13 * 23);
	did("vmsplice", "send", 13, 13 * 12);
	did("vmsplice", "recv", 13, 13 * 12);
	did("sendfile", "send", 13, 13 * 29);
	did("tee", "recv", 13, 13 * 29);
	did("tee", "send", 13, 13 * 29);
	did("splice", "recv", 13, 13 * 29);
	did("splice", "send", 13, 13 * 29);
	did("pread64", "recv", 13, 0);
	did("pwrite64", "send", 13, 0);
	did("preadv", "recv", 13, 0);
	did("pwritev", "send", 13, 0);
	did("pipe", "create", 1, 0);
	did("pipe2", "create", 1, 0);
}

/* Every call that makes, copies or closes an fd. */
static void scene_fds(void)
{
	int p[2], d;

	for (int i = 0; i < 7; i++) {
		NEED(!syscall(SYS_pipe, p));
		NEED((d = dup(p[0])) >= 0 && !close(d));
		NEED(dup2(p[0], 100) == 100 && !close(100));
		NEED(dup3(p[1], 101, O_CLOEXEC) == 101 && !close(101));
		NEED((d = fcntl(p[0], F_DUPFD, 50)) == 50 && !close(d));
		NEED((d = fcntl(p[0], F_DUPFD_CLOEXEC, 60)) == 60 && !close(d));
		NEED(fcntl(p[0], F_SETPIPE_SZ, 8192) == 8192);
		NEED(fcntl(p[0], F_GETPIPE_SZ) == 8192);
		NEED(dup2(p[0], p[1]) == p[1]);
		NEED(!close(p[0]) && !close(p[1]));
	}
	did("pipe", "create", 7, 0);
	did("dup", "open", 7, 0);
	did("dup2", "open", 14, 0);
	did("dup3", "open", 7, 0);
	did("fcntl", "open", 14, 0);
	did("fcntl", "control", 14, 0);
	did("close", "close", 49, 0);
}

/* A FIFO: made, opened in each way, used, removed. argv: its path, relative. */
static void scene_fifo(void)
{
	struct {
		unsigned long long flags, mode, resolve;
	} how = {.flags = O_RDWR | O_CLOEXEC};
	int fd, w;

	NEED(!mkfifo("calls.fifo", 0600));
	NEED(mkfifo("calls.fifo", 0600) && errno == EEXIST);
	NEED(!syscall(SYS_mknod, "calls.fifo2", S_IFIFO | 0600, 0) && !unlink("calls.fifo2"));
	for (int i = 0; i < 5; i++) {
		NEED((fd = open("calls.fifo", O_RDONLY | O_NONBLOCK)) >= 0);
		NEED((w = syscall(SYS_open, "calls.fifo", O_WRONLY)) >= 0);
		NEED(write(w, buffer, 19) == 19 && read(fd, buffer, 64) == 19);
		/* left inside when all have closed: it is gone, and shifts nothing */
		NEED(write(w, buffer, 3) == 3);
		NEED(!close(fd) && !close(w));
		NEED((fd = syscall(SYS_openat2, AT_FDCWD, "calls.fifo", &how, sizeof(how))) >= 0);
		NEED(write(fd, buffer, 11) == 11 && read(fd, buffer, 64) == 11);
		NEED(!close(fd));
	}
	NEED(!unlink("calls.fifo"));
	did("openat", "open", 5, 0);
	did("open", "open", 5, 0);
	did("openat2", "open", 5, 0);
	did("mknodat", "create", 2, 0);
	did("mknod", "create", 1, 0);
	did("write", "send", 15, 5 * (19 + 3 + 11));
	did("read", "recv", 10, 5 * (19 + 11));
	did("close", "close", 15, 0);
}

/* The same inode number for two FIFOs, one after the other. */
static void scene_inode_reuse(void)
{
	for (int i = 0; i < 3; i++) {
		int fd;

		NEED(!mkfifo("reuse.fifo", 0600) && (fd = open("reuse.fifo", O_RDWR)) >= 0);
		for (int k = 0; k <= i; k++)
			NEED(write(fd, buffer, 7) == 7 && read(fd, buffer, 64) == 7);
		NEED(!close(fd) && !unlink("reuse.fifo"));
	}
}

/* fd numbers closed and used again, for other pipes: 11 pipes, i bytes through the i-th. */
static void scene_fd_reuse(void)
{
	for (int i = 1; i <= 11; i++) {
		int p[2];

		NEED(!pipe(p) && write(p[1], buffer, i) == i && read(p[0], buffer, 64) == i);
		NEED(!close(p[0]) && !close(p[1]));
	}
}

static int shared[2];

static void *thread_writes(void *arg)
{
	NEED(write(shared[1], buffer, 31) == 31);
	return arg;
}

/* Five threads, one after the other, write into an fd that the first thread made. */
static void scene_threads(void)
{
	NEED(!pipe(shared));
	for (int i = 0; i < 5; i++) {
		pthread_t t;

		NEED(!pthread_create(&t, NULL, thread_writes, NULL) && !pthread_join(t, NULL));
		NEED(read(shared[0], buffer, 64) == 31);
	}
}

/* 1,009 children, one after the other, each writes a byte. */
static void scene_forks(void)
{
	int p[2];

	NEED(!pipe(p));
	for (int i = 0; i < 1009; i++) {
		pid_t child = fork();

		NEED(child >= 0);
		if (!child)
			_exit(write(p[1], "x", 1) != 1);
		NEED(read(p[0], buffer, 1) == 1 && waitpid(child, NULL, 0) == child);
	}
}

/* A pipe of which one end is kept over exec and one is not: `calls after-exec FD` reads it. */
static void scene_exec(void)
{
	int p[2];
	char fd[16];

	NEED(!pipe(p) && !fcntl(p[1], F_SETFD, FD_CLOEXEC) && write(p[1], buffer, 23) == 23);
	snprintf(fd, sizeof(fd), "%d", p[0]);
	execl("/proc/self/exe", "calls", "after-exec", fd, NULL);
	NEED(0);
}

static void after_exec(const char *fd)
{
	NEED(read(atoi(fd), buffer, 64) == 23);
	NEED(read(atoi(fd), buffer, 64) == 0); /* end of file */
	NEED(!syscall(SYS_close_range, atoi(fd), 1000, 0));
	usleep(20000); /* so that its end can be told from the process's */
}

static void caught(int sig)
{
}

/* A read that a handler interrupts (EINTR), one that is restarted, one that is killed. */
/* Wait until the child has come to its read number `step`, and sleeps in it. */
static void await_read(pid_t child, const volatile int *steps, int step)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	while (*steps < step || state != 'S') {
		usleep(10000);
		f = fopen(path, "re");
		NEED(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
		fclose(f);
	}
}

static void scene_signals(void)
{
	struct sigaction act = {.sa_handler = caught};
	volatile int *steps = mmap(NULL, sizeof(*steps), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int p[2];
	pid_t child;

	NEED(steps != MAP_FAILED && !pipe(p));
	child = fork();
	if (!child) {
		sigaction(SIGUSR1, &act, NULL);
		*steps = 1;
		NEED(read(p[0], buffer, 1) < 0 && errno == EINTR);
		act.sa_flags = SA_RESTART;
		sigaction(SIGUSR1, &act, NULL);
		*steps = 2;
		NEED(read(p[0], buffer, 1) == 1);
		*steps = 3;
		_exit(read(p[0], buffer, 1) == 1); /* never */
	}
	await_read(child, steps, 1);
	kill(child, SIGUSR1);
	await_read(child, steps, 2);
	kill(child, SIGUSR1);
	/* the handler runs, and the read begins again; which of the two sleeps is not to be told */
	usleep(200000);
	NEED(write(p[1], "x", 1) == 1);
	await_read(child, steps, 3);
	usleep(200000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* O_DIRECT: packets, of which a short read drops the rest. */
static void scene_packets(void)
{
	int p[2];

	NEED(!pipe2(p, O_DIRECT));
	for (int i = 0; i < 3; i++) {
		NEED(write(p[1], buffer, 100) == 100 && write(p[1], buffer, 50) == 50);
		NEED(read(p[0], buffer, 10) == 10 && read(p[0], buffer, 64) == 50);
	}
}

/*
 * Four processes write their pids into one pipe as fast as they can; prints the pids in the order
 * in which they were read: who really sent each message.
 */
static void race(int capacity)
{
	int p[2], pid, n = 0;
	static int order[4 * 5003];

	NEED(!pipe(p) && fcntl(p[1], F_SETPIPE_SZ, capacity) == capacity);
	for (int i = 0; i < 4; i++) {
		if (fork())
			continue;
		pid = getpid();
		for (int k = 0; k < 5003; k++)
			NEED(write(p[1], &pid, sizeof(pid)) == sizeof(pid));
		_exit(0);
	}
	NEED(!close(p[1]));
	while (read(p[0], &pid, sizeof(pid)) == sizeof(pid))
		order[n++] = pid;
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < n; i++)
		printf("%d\n", order[i]);
}

static void scene_race(void)
{
	race(1 << 16);
}

static void scene_race_when_full(void)
{
	race(4096);
}

/* 32-bit system calls from a 64-bit program: 11 times getpid, and one write of 5 bytes to a pipe.
 */
static void scene_compat(void)
{
	int p[2];
	long result;

	NEED(!pipe(p));
	for (int i = 0; i < 11; i++)
		__asm__ volatile("int $0x80"
				 : "=a"(result)
				 : "0"(20L)
				 : "memory", "r8", "r9", "r10", "r11");
	NEED(write(p[1], buffer, 5) == 5);
}

/* One byte at a time through a pipe, as fast as it goes: argv 2 is how often. */
static void scene_many(const char *times)
{
	long n = atol(times);
	int p[2];

	NEED(!pipe(p));
	for (long i = 0; i < n; i++)
		NEED(write(p[1], buffer, 1) == 1 && read(p[0], buffer, 1) == 1);
}

static const struct {
	const char *name;
	void (*run)(void);
} scenes[] = {
	{"moves", scene_moves},
	{"fds", scene_fds},
	{"fifo", scene_fifo},
	{"inode-reuse", scene_inode_reuse},
	{"fd-reuse", scene_fd_reuse},
	{"threads", scene_threads},
	{"forks", scene_forks},
	{"exec", scene_exec},
	{"signals", scene_signals},
	{"packets", scene_packets},
	{"compat", scene_compat},
	{"race", scene_race},
	{"race-when-full", scene_race_when_full},
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "after-exec") && argc == 3) {
		after_exec(argv[2]);
		return 0;
	}
	if (!strcmp(name, "many") && argc == 3) {
		scene_many(argv[2]);
		return 0;
	}
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scenes[i].name, name)) {
			scenes[i].run();
			return 0;
		}
	fprintf(stderr, "calls: no scene '%s'\n", name);
	return 2;
}
