// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the live tests: processes that wait for each other, of which it is known who waits for whom
 * and what the time goes to. `chain NAME` runs one of the scenes in the table at the end.
 *
 * A process is named before it is forked, as that is when a recording takes its name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS  7
#define BURN_NS 50000000 /* CPU time of a round */

enum { ASKER, SERVER, WORKER, BURNER, PROCESSES };

/* What the processes share. */
static struct shared {
	_Atomic pid_t pid[PROCESSES];
	_Atomic int task; /* the futex word: 1 while the burner has something to do */
} * shared;

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "chain: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need((x), #x)

/* A child that runs `fn` until what it reads from ends. */
static void start(const char *name, void (*fn)(void))
{
	pid_t pid;

	prctl(PR_SET_NAME, name);
	pid = fork();
	NEED(pid >= 0);
	if (!pid) {
		fn();
		_exit(0);
	}
	prctl(PR_SET_NAME, "asker");
}

static void wait_for_all(void)
{
	int status;

	while (wait(&status) > 0)
		NEED(status == 0);
}

static void burn(void)
{
	struct timespec t;
	long long end_ns = -1, now_ns;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
		now_ns = t.tv_sec * 1000000000ll + t.tv_nsec;
		end_ns = end_ns < 0 ? now_ns + BURN_NS : end_ns;
	} while (now_ns < end_ns);
}

static char state_of(pid_t pid)
{
	char path[64], text[256] = "";
	char *end;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	NEED(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	end = strrchr(text, ')');
	return end ? end[2] : '?';
}

/* Who works begins when all sleep that wait for it, so that the time they wait is known. */
static void wait_until_asleep(int first, int last)
{
	for (int i = first; i <= last; i++)
		while (!shared->pid[i] || state_of(shared->pid[i]) != 'S')
			sched_yield();
}

static void word_wait(int value)
{
	while (shared->task == value)
		syscall(SYS_futex, &shared->task, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void word_set(int value)
{
	shared->task = value;
	syscall(SYS_futex, &shared->task, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int up[2], request[2], reply[2]; /* socket pair; pipes */

static void serve(void)
{
	char c;

	shared->pid[SERVER] = getpid();
	close(up[0]);
	close(request[0]);
	close(reply[1]);
	while (recv(up[1], &c, 1, 0) == 1) {
		NEED(write(request[1], &c, 1) == 1);
		NEED(read(reply[0], &c, 1) == 1);
		NEED(send(up[1], &c, 1, 0) == 1);
	}
}

static void work(void)
{
	char c;

	shared->pid[WORKER] = getpid();
	close(request[1]);
	close(reply[0]);
	close(up[0]);
	close(up[1]);
	while (read(request[0], &c, 1) == 1) {
		word_set(1);
		word_wait(1);
		NEED(write(reply[1], &c, 1) == 1);
	}
	word_set(2); /* no more */
}

static void compute(void)
{
	close(up[0]);
	close(up[1]);
	close(request[0]);
	close(request[1]);
	close(reply[0]);
	close(reply[1]);
	for (;;) {
		word_wait(0);
		if (shared->task == 2)
			return;
		wait_until_asleep(ASKER, WORKER);
		burn();
		word_set(0);
	}
}

/* The asker waits on a socket for the server, that on a pipe for the worker, on a futex for the
 * burner. */
static void scene_hops(void)
{
	char c = 'x';

	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, up));
	NEED(!pipe(request) && !pipe(reply));
	shared->pid[ASKER] = getpid();
	start("server", serve);
	start("worker", work);
	start("burner", compute);
	close(up[1]);
	close(request[0]);
	close(request[1]);
	close(reply[0]);
	close(reply[1]);
	for (int i = 0; i < ROUNDS; i++) {
		NEED(send(up[0], &c, 1, 0) == 1);
		NEED(recv(up[0], &c, 1, 0) == 1);
	}
	close(up[0]);
	wait_for_all();
}

static struct sockaddr_in address = {.sin_family = AF_INET};

static void serve_tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char c;

	NEED(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)));
	while (recv(fd, &c, 1, 0) == 1) {
		wait_until_asleep(ASKER, ASKER);
		burn();
		NEED(send(fd, &c, 1, 0) == 1);
	}
}

static void scene_tcp(void)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	socklen_t len = sizeof(address);
	char c = 'x';

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(listener >= 0 && !bind(listener, (struct sockaddr *)&address, sizeof(address)));
	NEED(!getsockname(listener, (struct sockaddr *)&address, &len) && !listen(listener, 1));
	start("server", serve_tcp);
	shared->pid[ASKER] = getpid();
	fd = accept(listener, NULL, NULL);
	NEED(fd >= 0);
	for (int i = 0; i < ROUNDS; i++) {
		NEED(send(fd, &c, 1, 0) == 1);
		NEED(recv(fd, &c, 1, 0) == 1);
	}
	close(fd);
	close(listener);
	wait_for_all();
}

/* Waits for readiness, reads, and answers. */
static void serve_ready(void)
{
	int epoll = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN};
	char c;

	shared->pid[SERVER] = getpid();
	close(up[0]);
	NEED(epoll >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, up[1], &event));
	for (;;) {
		NEED(epoll_wait(epoll, &event, 1, -1) == 1);
		if (recv(up[1], &c, 1, 0) != 1)
			return;
		NEED(send(up[1], &c, 1, 0) == 1);
	}
}

static void ask(void)
{
	char c = 'x';

	close(up[1]);
	for (int i = 0; i < ROUNDS; i++) {
		wait_until_asleep(SERVER, SERVER);
		burn();
		NEED(send(up[0], &c, 1, 0) == 1);
		NEED(recv(up[0], &c, 1, 0) == 1);
	}
}

static void scene_epoll(void)
{
	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, up));
	start("server", serve_ready);
	start("client", ask);
	close(up[0]);
	close(up[1]);
	wait_for_all();
}

/* A receive with a time-out, and a sleep that is no IPC. */
static void scene_timer(void)
{
	struct timeval limit = {.tv_usec = 100000};
	struct timespec rest = {.tv_nsec = 100000000};
	char c;

	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, up));
	NEED(!setsockopt(up[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	for (int i = 0; i < 3; i++) {
		NEED(recv(up[0], &c, 1, 0) < 0 && errno == EAGAIN);
		nanosleep(&rest, NULL);
	}
	close(up[0]);
	close(up[1]);
}

/* Tells the FIFO `ready` its pid, and then waits for what comes from the FIFO `go`. */
static void scene_outside(void)
{
	int go = open("go", O_RDWR), ready = open("ready", O_WRONLY);
	char c;

	NEED(go >= 0 && ready >= 0);
	dprintf(ready, "%d\n", getpid());
	close(ready);
	NEED(read(go, &c, 1) == 1);
	close(go);
}

static const struct {
	const char *name;
	void (*run)(void);
} scenes[] = {
	{"hops", scene_hops},   {"tcp", scene_tcp},         {"epoll", scene_epoll},
	{"timer", scene_timer}, {"outside", scene_outside},
};

int main(int argc, char **argv)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	NEED(shared != MAP_FAILED);
	for (size_t i = 0; argc > 1 && i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(argv[1], scenes[i].name)) {
			scenes[i].run();
			return 0;
		}
	fprintf(stderr, "usage: chain SCENE\n");
	return 2;
}
