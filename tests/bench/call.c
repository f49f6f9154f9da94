// SPDX-License-Identifier: BSD-2-Clause
/*
 * bench-call WORKLOAD CALLS: makes about so many calls that send and receive 64 bytes and nothing
 * else, and prints the nanoseconds that each took: by the clock, and of this process's CPU time.
 * What only prepares them is not in it. One thread that sends to itself never sleeps, so all that a
 * tracer adds to a call shows; ping-pong sleeps at each message.
 */
#include <errno.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_BYTES 64

/* Where one side sends and receives. */
struct ends {
	int out, in;
};

static void die(const char *what)
{
	fprintf(stderr, "bench-call: %s: %s\n", what, strerror(errno));
	exit(1);
}

static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID};

#define CLOCKS (sizeof(clocks) / sizeof(clocks[0]))

/* What each clock shows, in nanoseconds. */
struct times {
	long long ns[CLOCKS];
};

static struct times times_now(void)
{
	struct times now;

	for (size_t i = 0; i < CLOCKS; i++) {
		struct timespec t;

		clock_gettime(clocks[i], &t);
		now.ns[i] = t.tv_sec * 1000000000ll + t.tv_nsec;
	}
	return now;
}

static struct times times_since(const struct times *start)
{
	struct times now = times_now();

	for (size_t i = 0; i < CLOCKS; i++)
		now.ns[i] -= start->ns[i];
	return now;
}

/* Bind this process to the nth of the CPUs in `may`, so that no migration is in the time. */
static void pin(const cpu_set_t *may, int nth)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, may) && nth-- == 0)
			CPU_SET(cpu, &one);
	if (!CPU_COUNT(&one)) {
		errno = ENODEV;
		die("no second CPU");
	}
	if (sched_setaffinity(0, sizeof(one), &one))
		die("sched_setaffinity");
}

static struct ends pipe_open(void)
{
	int fd[2];

	if (pipe(fd))
		die("pipe");
	return (struct ends){.out = fd[1], .in = fd[0]};
}

static struct ends unix_open(void)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
		die("socketpair");
	return (struct ends){.out = fd[1], .in = fd[0]};
}

static struct ends tcp_open(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	struct ends ends = {.out = socket(AF_INET, SOCK_STREAM, 0)};

	if (listener < 0 || ends.out < 0 || bind(listener, (struct sockaddr *)&address, len) ||
	    listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &len) ||
	    connect(ends.out, (struct sockaddr *)&address, len) ||
	    (ends.in = accept(listener, NULL, NULL)) < 0 ||
	    setsockopt(ends.out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		die("TCP over loopback");
	close(listener);
	return ends;
}

static struct ends mq_make(void)
{
	struct mq_attr attr = {.mq_maxmsg = 8, .mq_msgsize = MESSAGE_BYTES};
	char name[32];
	mqd_t queue;

	snprintf(name, sizeof(name), "/bench-call-%d", getpid());
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (queue == (mqd_t)-1)
		die("mq_open");
	mq_unlink(name);
	return (struct ends){.out = queue, .in = queue};
}

/* True if exactly one message went; a short one is an error. */
static int fd_send(int fd, char *message)
{
	return write(fd, message, MESSAGE_BYTES) == MESSAGE_BYTES;
}

static int fd_receive(int fd, char *message)
{
	return read(fd, message, MESSAGE_BYTES) == MESSAGE_BYTES;
}

static int socket_send(int fd, char *message)
{
	return send(fd, message, MESSAGE_BYTES, 0) == MESSAGE_BYTES;
}

static int socket_receive(int fd, char *message)
{
	return recv(fd, message, MESSAGE_BYTES, 0) == MESSAGE_BYTES;
}

static int queue_send(int fd, char *message)
{
	return mq_send(fd, message, MESSAGE_BYTES, 0) == 0;
}

static int queue_receive(int fd, char *message)
{
	return mq_receive(fd, message, MESSAGE_BYTES, NULL) == MESSAGE_BYTES;
}

struct workload {
	const char *name;
	struct ends (*open)(void);
	int (*send)(int fd, char *message);
	int (*receive)(int fd, char *message);
	int second_cpu; /* of ping-pong: where the other process runs; -1: there is none */
};

static const struct workload workloads[] = {
	{"pipe", pipe_open, fd_send, fd_receive, -1},
	{"unix", unix_open, socket_send, socket_receive, -1},
	{"tcp", tcp_open, socket_send, socket_receive, -1},
	{"mq", mq_make, queue_send, queue_receive, -1},
	{"pingpong-same", pipe_open, fd_send, fd_receive, 0},
	{"pingpong-cross", pipe_open, fd_send, fd_receive, 1},
};

/* Each message is sent and then taken by the same thread. Returns how long that took. */
static struct times run_alone(const struct workload *w, const cpu_set_t *cpus, long messages)
{
	struct ends ends = w->open();
	char message[MESSAGE_BYTES] = {0};
	struct times start;

	pin(cpus, 0);
	start = times_now();
	for (long i = 0; i < messages; i++)
		if (!w->send(ends.out, message) || !w->receive(ends.in, message))
			die(w->name);
	return times_since(&start);
}

static void answer(const struct workload *w, struct ends ends, long messages)
{
	char message[MESSAGE_BYTES];

	for (long i = 0; i < messages; i++)
		if (!w->receive(ends.in, message) || !w->send(ends.out, message))
			die(w->name);
}

/* Every second message is the answer to the one before. The first is not in the time, as the other
 * process may have to begin yet. */
static struct times run_pingpong(const struct workload *w, const cpu_set_t *cpus, long messages)
{
	struct ends there = w->open(), back = w->open();
	char message[MESSAGE_BYTES] = {0};
	struct times start = {0}, taken;
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		die("fork");
	pin(cpus, pid ? 0 : w->second_cpu);
	/* without the other's ends neither waits for one that has died */
	close(pid ? there.in : there.out);
	close(pid ? back.out : back.in);
	if (!pid) {
		answer(w, (struct ends){.out = back.out, .in = there.in}, messages / 2 + 1);
		_exit(0);
	}
	for (long i = 0; i < messages / 2 + 1; i++) {
		if (!w->send(there.out, message) || !w->receive(back.in, message))
			die(w->name);
		if (!i)
			start = times_now();
	}
	taken = times_since(&start);
	if (waitpid(pid, &status, 0) < 0 || status)
		die("the other process");
	return taken;
}

int main(int argc, char **argv)
{
	long messages = argc == 3 ? atol(argv[2]) / 2 : 0;
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		die("sched_getaffinity");

	for (size_t i = 0; messages > 0 && i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		const struct workload *w = &workloads[i];
		struct times taken;

		if (strcmp(argv[1], w->name))
			continue;
		taken = w->second_cpu < 0 ? run_alone(w, &cpus, messages)
					  : run_pingpong(w, &cpus, messages);
		printf("%.2f %.2f\n", taken.ns[0] / (2.0 * messages),
		       taken.ns[1] / (2.0 * messages));
		return 0;
	}
	fprintf(stderr, "usage: bench-call "
			"pipe|unix|tcp|mq|pingpong-same|pingpong-cross CALLS\n");
	return 2;
}
