// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the live tests: waits for readiness. `ready SCENE [CALL]` runs one of the scenes in the table
 * at the end, which print a line for each wait that is an op, as the call itself gave it:
 *
 *   CALL FD:EVENTS ...    those that were ready, by fd
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

#define FDS_MAX  1024
#define CLIENTS  100
#define REQUESTS 7 /* of each client */
#define QUEUE    "/ipctrace-test-ready"

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "ready: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need((x), #x)

/* A call of the seven: like poll(2), with its own events in revents. */
typedef int (*wait_fn)(struct pollfd *fds, int n, int timeout_ms);

static int wait_poll(struct pollfd *fds, int n, int timeout_ms)
{
	return syscall(SYS_poll, fds, n, timeout_ms);
}

static struct timespec *timeout_of(int timeout_ms)
{
	static struct timespec t;

	if (timeout_ms < 0)
		return NULL;
	t = (struct timespec){.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000};
	return &t;
}

static int wait_ppoll(struct pollfd *fds, int n, int timeout_ms)
{
	return syscall(SYS_ppoll, fds, n, timeout_of(timeout_ms), NULL, 0);
}

/* Bits of select's sets: which of them has poll's event. */
static const int set_events[3] = {POLLIN, POLLOUT, POLLPRI};

static int wait_sets(struct pollfd *fds, int n, int timeout_ms, bool old)
{
	struct timespec *timeout = timeout_of(timeout_ms);
	struct timeval microseconds;
	fd_set sets[3];
	int most = 0, got;

	for (int s = 0; s < 3; s++)
		FD_ZERO(&sets[s]);
	for (int i = 0; i < n; i++)
		for (int s = 0; s < 3; s++)
			if (fds[i].events & set_events[s]) {
				FD_SET(fds[i].fd, &sets[s]);
				most = fds[i].fd >= most ? fds[i].fd + 1 : most;
			}
	if (timeout)
		microseconds = (struct timeval){.tv_sec = timeout->tv_sec,
						.tv_usec = timeout->tv_nsec / 1000};
	if (old)
		got = syscall(SYS_select, most, &sets[0], &sets[1], &sets[2],
			      timeout ? &microseconds : NULL);
	else
		got = syscall(SYS_pselect6, most, &sets[0], &sets[1], &sets[2], timeout, NULL);
	for (int i = 0; i < n; i++) {
		fds[i].revents = 0;
		for (int s = 0; s < 3 && got > 0; s++)
			if (FD_ISSET(fds[i].fd, &sets[s]))
				fds[i].revents |= set_events[s];
	}
	return got;
}

static int wait_select(struct pollfd *fds, int n, int timeout_ms)
{
	return wait_sets(fds, n, timeout_ms, true);
}

static int wait_pselect6(struct pollfd *fds, int n, int timeout_ms)
{
	return wait_sets(fds, n, timeout_ms, false);
}

static int wait_epoll_by(long nr, struct pollfd *fds, int n, int timeout_ms)
{
	struct epoll_event events[FDS_MAX];
	int epoll = epoll_create1(0), got;

	NEED(epoll >= 0);
	for (int i = 0; i < n; i++) {
		struct epoll_event e = {.events = fds[i].events, .data.ptr = &fds[i]};

		fds[i].revents = 0;
		NEED(!epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i].fd, &e));
	}
	if (nr == SYS_epoll_pwait2)
		got = syscall(nr, epoll, events, FDS_MAX, timeout_of(timeout_ms), NULL, 0);
	else
		got = syscall(nr, epoll, events, FDS_MAX, timeout_ms, NULL, 0);
	for (int i = 0; i < got; i++)
		((struct pollfd *)events[i].data.ptr)->revents = events[i].events;
	close(epoll);
	return got;
}

static int wait_epoll_wait(struct pollfd *fds, int n, int timeout_ms)
{
	return wait_epoll_by(SYS_epoll_wait, fds, n, timeout_ms);
}

static int wait_epoll_pwait(struct pollfd *fds, int n, int timeout_ms)
{
	return wait_epoll_by(SYS_epoll_pwait, fds, n, timeout_ms);
}

static int wait_epoll_pwait2(struct pollfd *fds, int n, int timeout_ms)
{
	return wait_epoll_by(SYS_epoll_pwait2, fds, n, timeout_ms);
}

static const struct call {
	const char *name;
	wait_fn wait;
} calls[] = {
	{"poll", wait_poll},
	{"ppoll", wait_ppoll},
	{"select", wait_select},
	{"pselect6", wait_pselect6},
	{"epoll_wait", wait_epoll_wait},
	{"epoll_pwait", wait_epoll_pwait},
	{"epoll_pwait2", wait_epoll_pwait2},
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

static int by_fd(const void *x, const void *y)
{
	return ((const struct pollfd *)x)->fd - ((const struct pollfd *)y)->fd;
}

/* The line of a wait; `of` is what a recording knows of the n: the first ones. */
static void did(const char *call, const struct pollfd *fds, int of)
{
	struct pollfd sorted[FDS_MAX];

	memcpy(sorted, fds, of * sizeof(*fds));
	qsort(sorted, of, sizeof(*sorted), by_fd);
	fputs(call, stdout);
	for (int i = 0; i < of; i++)
		if (sorted[i].revents)
			printf(" %d:%d", sorted[i].fd, sorted[i].revents);
	putchar('\n');
}

static void ask(const struct call *call, struct pollfd *fds, int n, int timeout_ms)
{
	NEED(call->wait(fds, n, timeout_ms) >= 0);
	did(call->name, fds, n);
}

/* Two fds: [0] becomes ready to be read when the other is written to. */
struct duct {
	int in, out;
};

static struct duct duct_pipe(void)
{
	int fds[2];

	NEED(!pipe(fds));
	return (struct duct){fds[0], fds[1]};
}

static struct duct duct_pair(int type)
{
	int fds[2];

	NEED(!socketpair(AF_UNIX, type, 0, fds));
	return (struct duct){fds[0], fds[1]};
}

static struct duct duct_inet(int type)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int in = socket(AF_INET, type, 0), out = socket(AF_INET, type, 0), taken = in;

	NEED(!bind(in, (struct sockaddr *)&at, sizeof(at)));
	NEED(!getsockname(in, (struct sockaddr *)&at, &len));
	NEED(type == SOCK_DGRAM || !listen(in, 1));
	NEED(!connect(out, (struct sockaddr *)&at, sizeof(at)));
	if (type == SOCK_STREAM) {
		taken = accept(in, NULL, NULL);
		close(in);
	}
	NEED(taken >= 0);
	return (struct duct){taken, out};
}

static struct duct duct_eventfd(void)
{
	int fd = eventfd(0, 0);

	return (struct duct){fd, fd};
}

static struct duct duct_pty(void)
{
	int in = posix_openpt(O_RDWR | O_NOCTTY), out;

	NEED(in >= 0 && !grantpt(in) && !unlockpt(in));
	out = open(ptsname(in), O_RDWR | O_NOCTTY);
	NEED(out >= 0);
	return (struct duct){in, out};
}

static struct duct duct_mq(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 8};
	mqd_t mq;

	mq_unlink(QUEUE);
	mq = mq_open(QUEUE, O_RDWR | O_CREAT, 0600, &attr);
	NEED(mq >= 0);
	mq_unlink(QUEUE);
	return (struct duct){mq, mq};
}

static struct duct duct_signalfd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	NEED(!sigprocmask(SIG_BLOCK, &set, NULL));
	return (struct duct){signalfd(-1, &set, 0), -1};
}

static struct duct duct_fifo(void)
{
	int fd;

	NEED(!mkfifo("fifo", 0600));
	fd = open("fifo", O_RDWR);
	NEED(fd >= 0);
	return (struct duct){fd, fd};
}

static struct duct duct_of(const char *mechanism)
{
	if (!strcmp(mechanism, "pipe"))
		return duct_pipe();
	if (!strcmp(mechanism, "fifo"))
		return duct_fifo();
	if (!strcmp(mechanism, "posix_mq"))
		return duct_mq();
	if (!strcmp(mechanism, "unix_stream"))
		return duct_pair(SOCK_STREAM);
	if (!strcmp(mechanism, "unix_dgram"))
		return duct_pair(SOCK_DGRAM);
	if (!strcmp(mechanism, "unix_seqpacket"))
		return duct_pair(SOCK_SEQPACKET);
	if (!strcmp(mechanism, "tcp"))
		return duct_inet(SOCK_STREAM);
	if (!strcmp(mechanism, "udp"))
		return duct_inet(SOCK_DGRAM);
	if (!strcmp(mechanism, "eventfd"))
		return duct_eventfd();
	if (!strcmp(mechanism, "signal"))
		return duct_signalfd();
	return duct_pty();
}

static void duct_fill(struct duct d)
{
	uint64_t one = 1;

	if (d.out == -1)
		NEED(!kill(getpid(), SIGUSR1));
	else if (write(d.out, &one, sizeof(one)) < 0)
		NEED(!mq_send(d.out, "x", 1, 0));
}

/* Each call on one mechanism: nothing is ready, then something. */
static void scene_calls(const char *mechanism)
{
	struct duct d = duct_of(mechanism);
	struct pollfd fd = {.fd = d.in, .events = POLLIN};

	for (size_t i = 0; i < CALLS; i++)
		ask(&calls[i], &fd, 1, 1);
	duct_fill(d);
	for (size_t i = 0; i < CALLS; i++)
		ask(&calls[i], &fd, 1, -1);
}

/* Some of many are ready, in one way or another; a file always is, and is no object. */
static void scene_several(const char *unused)
{
	struct duct d[5] = {duct_pipe(), duct_pair(SOCK_STREAM), duct_eventfd(), duct_pipe(),
			    duct_pair(SOCK_DGRAM)};
	struct pollfd fds[7];
	int file = open("/dev/null", O_RDWR);

	(void)unused;
	duct_fill(d[1]);
	duct_fill(d[2]);
	close(d[3].out); /* POLLHUP */
	for (size_t i = 0; i < CALLS; i++) {
		bool epoll = !strncmp(calls[i].name, "epoll", 5);

		for (int k = 0; k < 5; k++)
			fds[k] = (struct pollfd){.fd = d[k].in,
						 .events = k == 1 ? POLLIN | POLLOUT : POLLIN};
		fds[5] = (struct pollfd){.fd = d[0].out, .events = POLLOUT};
		fds[6] = (struct pollfd){.fd = file, .events = POLLIN};
		NEED(calls[i].wait(fds, 7 - epoll, -1) > 0);
		did(calls[i].name, fds, 6);
	}
	/* only files, closed fds, or none: no ops */
	fds[0] = (struct pollfd){.fd = file, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = -1, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = 900, .events = POLLIN};
	NEED(poll(fds, 3, -1) == 2);
	NEED(poll(NULL, 0, 1) == 0);
	NEED(select(0, NULL, NULL, NULL, &(struct timeval){.tv_usec = 1}) == 0);
	NEED(epoll_wait(epoll_create1(0), (struct epoll_event[1]){{0}}, 1, 1) == 0);
}

/* More fds than fit into one part of what is read, and the last of all that are looked at. */
static void scene_many(const char *unused)
{
	static const int ready[] = {0, 63, 64, 300, 899};
	static struct pollfd fds[900];

	(void)unused;
	for (int i = 0; i < 900; i++)
		fds[i] = (struct pollfd){.fd = eventfd(0, 0), .events = POLLIN};
	NEED(fds[899].fd > 0);
	for (size_t i = 0; i < sizeof(ready) / sizeof(ready[0]); i++)
		duct_fill((struct duct){fds[ready[i]].fd, fds[ready[i]].fd});
	for (size_t i = 0; i < CALLS; i++)
		ask(&calls[i], fds, 900, -1);
}

static void epoll_add(int epoll, int how, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event e = {.events = events, .data.u64 = data};

	NEED(!epoll_ctl(epoll, how, fd, &e));
}

/* Wait on the instance; the rest is the line that a recording is to have. */
static void epoll_ask(int epoll, int timeout_ms, int ready, const char *line, ...)
{
	struct epoll_event events[8];
	va_list arguments;

	NEED(epoll_wait(epoll, events, 8, timeout_ms) == ready);
	printf("epoll_wait");
	va_start(arguments, line);
	vprintf(line, arguments);
	va_end(arguments);
	putchar('\n');
}

/* Data and fds that come and go. */
static void scene_epoll(const char *unused)
{
	struct duct a = duct_pipe(), b = duct_pair(SOCK_STREAM), c = duct_eventfd();
	int epoll = epoll_create1(0), file = open("/dev/ptmx", O_RDWR | O_NOCTTY), fd;
	char byte[8];

	(void)unused;
	/* a pointer */
	epoll_add(epoll, EPOLL_CTL_ADD, a.in, EPOLLIN, (uint64_t)&a);
	epoll_ask(epoll, 1, 0, "");
	duct_fill(a);
	epoll_ask(epoll, -1, 1, " %d:1", a.in);
	/* other data, and those before for another fd */
	epoll_add(epoll, EPOLL_CTL_MOD, a.in, EPOLLIN, (uint64_t)&b);
	epoll_add(epoll, EPOLL_CTL_ADD, b.in, EPOLLIN, (uint64_t)&a);
	epoll_ask(epoll, -1, 1, " %d:1", a.in);
	duct_fill(b);
	epoll_ask(epoll, -1, 2, " %d:1 %d:1", a.in, b.in);
	/* the same data of two fds: which of them was ready cannot be known */
	epoll_add(epoll, EPOLL_CTL_ADD, c.in, EPOLLIN, (uint64_t)&b);
	epoll_ask(epoll, -1, 2, " %d:1", b.in);
	epoll_add(epoll, EPOLL_CTL_MOD, c.in, EPOLLIN, 77);
	duct_fill(c);
	epoll_ask(epoll, -1, 3, " %d:1 %d:1", b.in, c.in);
	/* with one fewer */
	epoll_add(epoll, EPOLL_CTL_DEL, a.in, 0, 0);
	epoll_ask(epoll, -1, 2, " %d:1 %d:1", b.in, c.in);
	/* closed, so that the kernel has taken it out, and its number and data used again */
	fd = a.in;
	close(a.in);
	close(a.out);
	a = duct_pipe();
	NEED(a.in == fd);
	duct_fill(a);
	epoll_ask(epoll, -1, 2, " %d:1 %d:1", b.in, c.in);
	epoll_add(epoll, EPOLL_CTL_ADD, a.in, EPOLLIN | EPOLLET, 78);
	epoll_ask(epoll, -1, 3, " %d:1 %d:1 %d:1", a.in, b.in, c.in);
	epoll_ask(epoll, -1, 2, " %d:1 %d:1", b.in, c.in); /* edge-triggered: once */
	duct_fill(a);
	epoll_ask(epoll, -1, 3, " %d:1 %d:1 %d:1", a.in, b.in, c.in);
	/* the one that times-out are on is gone; others are left */
	NEED(read(b.in, byte, 8) == 8 && read(c.in, byte, 8) == 8);
	close(a.in);
	close(a.out);
	epoll_ask(epoll, 1, 0, "");
	close(b.in);
	close(c.in);
	NEED(epoll_wait(epoll, (struct epoll_event[1]){{0}}, 1, 1) == 0); /* no op: none is left */
	c = duct_eventfd();
	epoll_add(epoll, EPOLL_CTL_ADD, c.in, EPOLLIN, 79);
	epoll_ask(epoll, 1, 0, "");
	/* what is no object can have the same data */
	duct_fill(c);
	epoll_add(epoll, EPOLL_CTL_ADD, file, EPOLLIN, 80);
	epoll_ask(epoll, -1, 1, " %d:1", c.in);
	close(epoll);
	/* a new instance, maybe where the old one lay */
	epoll = epoll_create1(0);
	epoll_add(epoll, EPOLL_CTL_ADD, c.in, EPOLLIN | EPOLLONESHOT, (uint64_t)&b);
	epoll_ask(epoll, -1, 1, " %d:1", c.in);
	epoll_ask(epoll, 1, 0, "");
}

static void wait_asleep(pid_t pid)
{
	char path[64], line[256], state = 0;
	struct timespec tick = {.tv_nsec = 100000};

	sprintf(path, "/proc/%d/stat", pid);
	while (state != 'S') {
		FILE *file = fopen(path, "r");

		NEED(file && fgets(line, sizeof(line), file));
		fclose(file);
		state = strrchr(line, ')')[2];
		nanosleep(&tick, NULL);
	}
}

/* A process that waits for two sockets, and then receives from both; who sends sees it asleep. */
static void scene_woken(const char *name)
{
	struct duct a = duct_pair(SOCK_STREAM), b = duct_pair(SOCK_DGRAM);
	struct pollfd fds[2] = {{.fd = a.in, .events = POLLIN}, {.fd = b.in, .events = POLLIN}};
	const struct call *call = calls;
	char byte[8];
	pid_t child;

	for (size_t i = 0; i < CALLS; i++)
		if (!strcmp(calls[i].name, name))
			call = &calls[i];
	child = fork();
	if (!child) {
		NEED(call->wait(fds, 2, -1) >= 1);
		did(call->name, fds, 2);
		fflush(stdout);
		NEED(read(a.in, byte, 8) == 8);
		NEED(read(a.in, byte, 8) == 8); /* sleeps itself */
		_exit(0);
	}
	wait_asleep(child);
	duct_fill(a);
	/* it has taken the first when it sleeps again */
	while (recv(a.in, byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
		;
	wait_asleep(child);
	duct_fill(a);
	NEED(wait(NULL) == child);
}

/* Processes that never return from their waits. */
static void scene_killed(const char *unused)
{
	struct duct d = duct_pipe();
	struct pollfd fd = {.fd = d.in, .events = POLLIN};
	pid_t child[CALLS];

	(void)unused;
	for (size_t i = 0; i < CALLS; i++) {
		child[i] = fork();
		if (!child[i]) {
			calls[i].wait(&fd, 1, -1);
			_exit(0);
		}
		wait_asleep(child[i]);
		kill(child[i], SIGKILL);
		NEED(waitpid(child[i], NULL, 0) == child[i]);
		puts(calls[i].name);
	}
}

/* A poll that is stopped goes on when its process does: the kernel restarts it, as one op. */
static void scene_stopped(const char *unused)
{
	struct duct d = duct_pipe();
	struct pollfd fd = {.fd = d.in, .events = POLLIN};
	pid_t child = fork();
	int status;

	(void)unused;
	if (!child) {
		ask(&calls[0], &fd, 1, -1);
		fflush(stdout);
		_exit(0);
	}
	wait_asleep(child);
	kill(child, SIGSTOP);
	NEED(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
	kill(child, SIGCONT);
	NEED(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
	wait_asleep(child);
	duct_fill(d);
	NEED(waitpid(child, NULL, 0) == child);
}

static void client(const struct sockaddr *at, socklen_t len)
{
	int fd = socket(at->sa_family, SOCK_STREAM, 0);
	char text[64];

	NEED(fd >= 0 && !connect(fd, at, len));
	for (int i = 0; i < REQUESTS; i++) {
		NEED(write(fd, "request", 7) == 7);
		NEED(read(fd, text, sizeof(text)) == 6);
	}
	_exit(0);
}

struct connection {
	int fd;
};

/* Answer a client, or close its connection at its end. */
static bool serve(struct connection *c)
{
	char text[64];
	ssize_t n = read(c->fd, text, sizeof(text));

	if (n > 0) {
		NEED(write(c->fd, "answer", 6) == 6);
		return true;
	}
	close(c->fd);
	free(c);
	return false;
}

static struct connection *connection_new(int epoll, int fd)
{
	struct connection *c = malloc(sizeof(*c));

	NEED(fd >= 0 && c);
	c->fd = fd;
	epoll_add(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, (uint64_t)c);
	return c;
}

/* A server with many clients, which writes down what each of its waits gave. */
static void scene_server(const char *family)
{
	struct sockaddr_in inet = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "server"};
	bool tcp = !strcmp(family, "tcp");
	struct sockaddr *at = tcp ? (struct sockaddr *)&inet : (struct sockaddr *)&local;
	socklen_t len = tcp ? sizeof(inet) : sizeof(local);
	int listener = socket(at->sa_family, SOCK_STREAM, 0), epoll = epoll_create1(0);
	struct epoll_event events[16];
	struct pollfd fds[16];
	struct connection *first;
	int left = CLIENTS;

	NEED(!bind(listener, at, len) && !listen(listener, CLIENTS));
	NEED(!tcp || !getsockname(listener, at, &len));
	first = connection_new(epoll, listener);
	fflush(stdout);
	for (int i = 0; i < CLIENTS; i++)
		if (!fork())
			client(at, len);
	while (left) {
		int n = epoll_wait(epoll, events, 16, -1);

		NEED(n > 0);
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			fds[i] = (struct pollfd){.fd = c->fd, .revents = events[i].events};
		}
		did("epoll_wait", fds, n);
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (c == first)
				connection_new(epoll, accept(listener, NULL, NULL));
			else if (!serve(c))
				left--;
		}
	}
	while (wait(NULL) > 0)
		;
}

static const struct {
	const char *name;
	void (*run)(const char *what);
} scenes[] = {
	{"calls", scene_calls},   {"several", scene_several}, {"many", scene_many},
	{"epoll", scene_epoll},   {"woken", scene_woken},     {"killed", scene_killed},
	{"server", scene_server}, {"stopped", scene_stopped},
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scenes[i].name, name)) {
			scenes[i].run(argc > 2 ? argv[2] : "");
			return 0;
		}
	fprintf(stderr, "ready: no scene '%s'\n", name);
	return 2;
}
