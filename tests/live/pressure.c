// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the live tests: channels that are full, empty, or refuse. `pressure SCENE CHANNEL` runs one
 * of the scenes over one of the channels of the tables at the end.
 *
 * Nobody guesses how long another one takes: who waits for a process to wait looks at the call that
 * it sleeps in, in /proc. What a scene holds it holds for HOLD_NS, which is a bound that the test
 * can rely on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOLD_NS   50000000
#define MESSAGE   1000 /* bytes of a message in a queue */
#define QUEUE_MAX 10   /* messages in the POSIX queue */
#define BLOCK     65536

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "pressure: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need((x), #x)

static struct {
	int send_fd, recv_fd;
	int nonblocking;
} ends;

/* Sends or receives some bytes: how many, 0 at the end, or -1. */
struct channel {
	const char *name;
	void (*open)(void);
	long (*send)(void);
	long (*recv)(void);
	long sends; /* many more than it holds */
};

static char block[BLOCK];

static long fd_send(void)
{
	return write(ends.send_fd, block, sizeof(block));
}

static long fd_recv(void)
{
	return read(ends.recv_fd, block, sizeof(block));
}

static void fd_flags(void)
{
	if (ends.nonblocking) {
		NEED(!fcntl(ends.send_fd, F_SETFL, O_NONBLOCK));
		NEED(!fcntl(ends.recv_fd, F_SETFL, O_NONBLOCK));
	}
}

static void pipe_open(void)
{
	int fds[2];

	NEED(!pipe(fds));
	ends.recv_fd = fds[0];
	ends.send_fd = fds[1];
	fd_flags();
}

static void pair_open(int type)
{
	int fds[2];

	NEED(!socketpair(AF_UNIX, type, 0, fds));
	ends.recv_fd = fds[0];
	ends.send_fd = fds[1];
	fd_flags();
}

static void stream_open(void)
{
	pair_open(SOCK_STREAM);
}

static void packet_open(void)
{
	pair_open(SOCK_SEQPACKET);
}

static long packet_send(void)
{
	return write(ends.send_fd, block, MESSAGE);
}

static void tcp_open(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	NEED(listener >= 0 && !bind(listener, (void *)&at, len) && !listen(listener, 1));
	NEED(!getsockname(listener, (void *)&at, &len));
	NEED((ends.send_fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	NEED(!connect(ends.send_fd, (void *)&at, len));
	NEED((ends.recv_fd = accept(listener, NULL, NULL)) >= 0);
	close(listener);
	fd_flags();
}

/* A datagram socket that the sender is not the peer of: only then are its messages limited. */
static void dgram_open(void)
{
	struct sockaddr_un_name {
		sa_family_t family;
		char name[32];
	} at = {AF_UNIX, "\0ipctrace-pressure"};

	NEED((ends.recv_fd = socket(AF_UNIX, SOCK_DGRAM, 0)) >= 0);
	NEED(!bind(ends.recv_fd, (void *)&at, sizeof(at)));
	NEED((ends.send_fd = socket(AF_UNIX, SOCK_DGRAM, 0)) >= 0);
	NEED(!connect(ends.send_fd, (void *)&at, sizeof(at)));
	fd_flags();
}

static long dgram_send(void)
{
	return write(ends.send_fd, block, 1);
}

static void mq_make(void)
{
	struct mq_attr attr = {.mq_maxmsg = QUEUE_MAX, .mq_msgsize = MESSAGE};
	int flags = O_CREAT | O_EXCL | O_RDWR | (ends.nonblocking ? O_NONBLOCK : 0);

	mq_unlink("/ipctrace-pressure");
	NEED((ends.send_fd = mq_open("/ipctrace-pressure", flags, 0600, &attr)) >= 0);
	ends.recv_fd = ends.send_fd;
	NEED(!mq_unlink("/ipctrace-pressure"));
}

static long mq_put(void)
{
	return mq_send(ends.send_fd, block, MESSAGE, 1) ? -1 : MESSAGE;
}

static long mq_get(void)
{
	return mq_receive(ends.recv_fd, block, MESSAGE, NULL);
}

static void sysv_open(void)
{
	NEED((ends.send_fd = msgget(IPC_PRIVATE, 0600)) >= 0);
}

static void sysv_close(void)
{
	NEED(!msgctl(ends.send_fd, IPC_RMID, NULL));
}

static long sysv_send(void)
{
	static struct {
		long type;
		char text[MESSAGE];
	} message = {.type = 1};

	if (msgsnd(ends.send_fd, &message, MESSAGE, ends.nonblocking ? IPC_NOWAIT : 0))
		return -1;
	return MESSAGE;
}

static long sysv_recv(void)
{
	static struct {
		long type;
		char text[MESSAGE];
	} message;
	long n = msgrcv(ends.send_fd, &message, MESSAGE, 0, ends.nonblocking ? IPC_NOWAIT : 0);

	if (n < 0 && errno == ENOMSG)
		errno = EAGAIN;
	return n;
}

static const struct channel channels[] = {
	{"pipe", pipe_open, fd_send, fd_recv, 10},
	{"unix_stream", stream_open, fd_send, fd_recv, 100},
	{"unix_seqpacket", packet_open, packet_send, fd_recv, 2000},
	{"unix_dgram", dgram_open, dgram_send, fd_recv, 5000},
	{"tcp", tcp_open, fd_send, fd_recv, 1000},
	{"posix_mq", mq_make, mq_put, mq_get, 10 * QUEUE_MAX},
	{"sysv_mq", sysv_open, sysv_send, sysv_recv, 1000},
};

/* Until the process sleeps in a system call that is one of ours, and for HOLD_NS more. */
static void sleeps(pid_t pid)
{
	char path[64], line[256];

	for (;;) {
		long nr = -1;
		char state = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		NEED((f = fopen(path, "r")) != NULL);
		if (fgets(line, sizeof(line), f))
			state = strrchr(line, ')')[2];
		fclose(f);
		snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
		NEED((f = fopen(path, "r")) != NULL);
		if (fscanf(f, "%ld", &nr) != 1)
			nr = -1;
		fclose(f);
		if (state == 'S' && (nr == SYS_write || nr == SYS_read || nr == SYS_mq_timedsend ||
				     nr == SYS_poll || nr == SYS_mq_timedreceive ||
				     nr == SYS_msgsnd || nr == SYS_msgrcv))
			break;
		sched_yield();
	}
	nanosleep(&(struct timespec){.tv_nsec = HOLD_NS}, NULL);
}

static pid_t fork_sender(const struct channel *c)
{
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid)
		return pid;
	for (long i = 0; i < c->sends; i++)
		NEED(c->send() > 0);
	exit(0);
}

/* The sender fills it and waits. Only then is it read. */
static void full(const struct channel *c)
{
	pid_t pid = fork_sender(c);
	long left;

	sleeps(pid);
	left = c->sends;
	if (c->recv != fd_recv || c->send != fd_send) {
		for (; left; left--)
			NEED(c->recv() > 0);
	} else {
		for (left *= BLOCK; left > 0;)
			left -= c->recv();
	}
	NEED(waitpid(pid, NULL, 0) == pid);
}

/* The sender does not wait in its sends, but for readiness. */
static void polled(const struct channel *c)
{
	pid_t pid = fork();
	long left = c->sends * BLOCK;

	NEED(pid >= 0);
	while (!pid && left > 0) {
		long n = c->send();

		if (n < 0) {
			NEED(errno == EAGAIN);
			NEED(poll(&(struct pollfd){ends.send_fd, POLLOUT, 0}, 1, -1) == 1);
		} else {
			left -= n;
		}
	}
	if (!pid)
		exit(0);
	sleeps(pid);
	close(ends.send_fd);
	while (left > 0) {
		long n = c->recv();

		if (n < 0) {
			NEED(errno == EAGAIN);
			NEED(poll(&(struct pollfd){ends.recv_fd, POLLIN, 0}, 1, -1) == 1);
		} else {
			left -= n;
		}
	}
	NEED(waitpid(pid, NULL, 0) == pid);
}

/* The receiver waits for the one message. */
static void empty(const struct channel *c)
{
	pid_t pid = fork();

	NEED(pid >= 0);
	if (!pid) {
		NEED(c->recv() > 0);
		exit(0);
	}
	sleeps(pid);
	NEED(c->send() > 0);
	NEED(waitpid(pid, NULL, 0) == pid);
}

/* Fills it until it refuses, three times, empties it until it has nothing more, twice. */
static void refused(const struct channel *c)
{
	int sends = 0, recvs = 0;

	while (sends < 3)
		if (c->send() < 0) {
			NEED(errno == EAGAIN);
			sends++;
		}
	while (recvs < 2)
		if (c->recv() < 0) {
			NEED(errno == EAGAIN);
			/* TCP takes its time to move what was in the sender's buffer */
			if (c->open == tcp_open &&
			    poll(&(struct pollfd){ends.recv_fd, POLLIN, 0}, 1, 100))
				printf("early 1\n");
			else
				recvs++;
		}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(const struct channel *c);
		int nonblocking;
	} scenes[] = {{"full", full, 0},
		      {"empty", empty, 0},
		      {"refused", refused, 1},
		      {"polled", polled, 1}};

	signal(SIGPIPE, SIG_IGN);
	for (size_t s = 0; argc == 3 && s < sizeof(scenes) / sizeof(scenes[0]); s++)
		for (size_t c = 0; c < sizeof(channels) / sizeof(channels[0]); c++) {
			if (strcmp(argv[1], scenes[s].name) || strcmp(argv[2], channels[c].name))
				continue;
			ends.nonblocking = scenes[s].nonblocking;
			channels[c].open();
			scenes[s].run(&channels[c]);
			if (channels[c].open == sysv_open)
				sysv_close();
			return 0;
		}
	fprintf(stderr, "usage: pressure full|empty|refused|polled CHANNEL\n");
	return 2;
}
