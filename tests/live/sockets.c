// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the live tests of sockets: scenes on UNIX sockets, each for the types that it fits. Those
 * that print `syscall role count bytes` lines say all that they did; of the others the tests know
 * it. `sockets SCENE stream|dgram|seqpacket [ARGUMENT...]`.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[1 << 16];

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "sockets: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need((x), #x)

static void did(const char *call, const char *role, long count, long bytes)
{
	printf("%s %s %ld %ld\n", call, role, count, bytes);
}

/* A name that starts with @ is abstract. */
static socklen_t address(struct sockaddr_un *sa, const char *name)
{
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	strncpy(sa->sun_path, name, sizeof(sa->sun_path) - 1);
	if (*name != '@')
		return sizeof(*sa);
	sa->sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + strlen(name);
}

static int bound(int type, const char *name)
{
	struct sockaddr_un sa;
	socklen_t len = address(&sa, name);
	int s = socket(AF_UNIX, type, 0);

	if (*name != '@')
		unlink(name);
	NEED(s >= 0 && !bind(s, (struct sockaddr *)&sa, len));
	return s;
}

static int connected(int type, const char *name)
{
	struct sockaddr_un sa;
	socklen_t len = address(&sa, name);
	int s = socket(AF_UNIX, type, 0);

	NEED(s >= 0 && !connect(s, (struct sockaddr *)&sa, len));
	return s;
}

static void wait_all(void)
{
	int status;

	while (wait(&status) > 0)
		NEED(!status);
}

/* Every call that moves bytes, on one pair of sockets, each 13 times. */
static void scene_moves(int type, char **args)
{
	struct iovec v[3] = {{buffer, 5}, {buffer + 5, 7}, {buffer + 12, 11}};
	struct mmsghdr m[3] = {0};
	struct msghdr msg = {.msg_iov = v, .msg_iovlen = 3};
	char path[] = "/tmp/ipctrace-sockets-XXXXXX";
	int s[2], q[2], disk = mkstemp(path);

	NEED(disk >= 0 && !unlink(path) && write(disk, buffer, 4096) == 4096);
	NEED(!socketpair(AF_UNIX, type, 0, s) && !pipe2(q, 0));
	for (int i = 0; i < 3; i++)
		m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1};
	for (int i = 0; i < 13; i++) {
		off_t at = 0;

		NEED(write(s[1], buffer, 17) == 17);
		NEED(read(s[0], buffer, 17) == 17);
		NEED(writev(s[1], v, 3) == 23);
		NEED(readv(s[0], v, 3) == 23);
		NEED(pwritev2(s[1], v, 3, -1, 0) == 23);
		NEED(preadv2(s[0], v, 3, -1, 0) == 23);
		NEED(send(s[1], buffer, 19, 0) == 19);
		NEED(recv(s[0], buffer, 19, 0) == 19);
		NEED(sendmsg(s[1], &msg, 0) == 23);
		NEED(recvmsg(s[0], &msg, 0) == 23);
		NEED(sendmmsg(s[1], m, 3, 0) == 3);
		NEED(recvmmsg(s[0], m, 3, 0, NULL) == 3);
		NEED(write(q[1], buffer, 31) == 31);
		NEED(splice(q[0], NULL, s[1], NULL, 31, 0) == 31);
		NEED(splice(s[0], NULL, q[1], NULL, 31, 0) == 31);
		NEED(read(q[0], buffer, 31) == 31);
		NEED(sendfile(s[1], disk, &at, 29) == 29);
		NEED(recv(s[0], buffer, 29, 0) == 29);
	}
	NEED(!shutdown(s[1], SHUT_WR));
	NEED(!close(s[1]) && !close(s[0]) && !close(q[0]) && !close(q[1]));
	did("socketpair", "create", 1, 0);
	did("pipe2", "create", 1, 0);
	did("write", "send", 26, 13 * (17 + 31));
	did("read", "recv", 26, 13 * (17 + 31));
	did("writev", "send", 13, 13 * 23);
	did("readv", "recv", 13, 13 * 23);
	did("pwritev2", "send", 13, 13 * 23);
	did("preadv2", "recv", 13, 13 * 23);
	did("sendto", "send", 13, 13 * 19);
	did("recvfrom", "recv", 26, 13 * (19 + 29));
	did("sendmsg", "send", 13, 13 * 23);
	did("recvmsg", "recv", 13, 13 * 23);
	did("sendmmsg", "send", 13, 13 * 23);
	did("recvmmsg", "recv", 13, 13 * 23);
	did("splice", "recv", 26, 26 * 31);
	did("splice", "send", 26, 26 * 31);
	did("sendfile", "send", 13, 13 * 29);
	did("shutdown", "control", 1, 0);
	did("close", "close", 4, 0);
}

/* Connections by each kind of address; the child connects and sends, seven times each. */
static void scene_connects(int type, char **args)
{
	static const char *const names[] = {"sockets.path", "@sockets-abstract"};

	for (int n = 0; n < 2; n++) {
		int s = bound(type, names[n]), c;

		NEED(!listen(s, 5));
		if (!fork()) {
			for (int i = 0; i < 7; i++) {
				c = connected(type, names[n]);
				NEED(send(c, buffer, 11, 0) == 11);
				NEED(recv(c, buffer, 100, 0) == 3);
				NEED(!close(c));
			}
			_exit(0);
		}
		for (int i = 0; i < 7; i++) {
			c = n ? accept4(s, NULL, NULL, SOCK_CLOEXEC) : accept(s, NULL, NULL);
			NEED(c >= 0 && recv(c, buffer, 100, 0) == 11);
			NEED(send(c, buffer, 3, 0) == 3);
			NEED(recv(c, buffer, 100, 0) == 0);
			NEED(!close(c));
		}
		NEED(!close(s));
		wait_all();
	}
	did("socket", "create", 16, 0);
	did("bind", "control", 2, 0);
	did("listen", "control", 2, 0);
	did("connect", "open", 14, 0);
	did("accept", "open", 7, 0);
	did("accept4", "open", 7, 0);
	did("sendto", "send", 28, 14 * 14);
	did("recvfrom", "recv", 42, 14 * 14);
	did("close", "close", 30, 0);
}

/* Datagrams to one mailbox: by its name, by connect, and several receivers in one sendmmsg. */
static void scene_mailbox(int type, char **args)
{
	struct sockaddr_un sa[2];
	socklen_t len[2] = {address(&sa[0], "sockets.mail"), address(&sa[1], "@sockets-mail")};
	struct iovec v[4];
	struct mmsghdr m[4] = {0};
	int r[2] = {bound(type, "sockets.mail"), bound(type, "@sockets-mail")};

	if (!fork()) {
		int s = socket(AF_UNIX, type, 0), c = connected(type, "@sockets-mail");

		NEED(sendto(s, buffer, 1, 0, (struct sockaddr *)&sa[0], len[0]) == 1);
		NEED(sendto(s, buffer, 2, 0, (struct sockaddr *)&sa[1], len[1]) == 2);
		NEED(send(c, buffer, 3, 0) == 3);
		for (int i = 0; i < 4; i++) {
			v[i] = (struct iovec){buffer, 4 + i};
			m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i],
						       .msg_iovlen = 1,
						       .msg_name = &sa[i % 2],
						       .msg_namelen = len[i % 2]};
		}
		NEED(sendmmsg(s, m, 4, 0) == 4);
		_exit(0);
	}
	wait_all();
	NEED(recv(r[0], buffer, 100, 0) == 1);
	NEED(recv(r[0], buffer, 100, 0) == 4);
	NEED(recv(r[0], buffer, 100, 0) == 6);
	NEED(recv(r[1], buffer, 100, 0) == 2);
	NEED(recv(r[1], buffer, 100, 0) == 3);
	NEED(recv(r[1], buffer, 100, 0) == 5);
	NEED(recv(r[1], buffer, 100, 0) == 7);
}

/* The same relative name in two folders is two sockets. */
static void scene_relative(int type, char **args)
{
	struct sockaddr_un sa;
	socklen_t len = address(&sa, "s");
	int r[2], s = socket(AF_UNIX, type, 0);

	for (int i = 0; i < 2; i++) {
		snprintf(buffer, 10, "folder%d", i);
		NEED(!system("mkdir -p folder0 folder1") && !chdir(buffer));
		r[i] = bound(type, "s");
		NEED(!chdir(".."));
	}
	for (int i = 0; i < 10; i++) {
		NEED(!chdir(i % 2 ? "folder1" : "folder0"));
		NEED(sendto(s, buffer, 1 + i, 0, (struct sockaddr *)&sa, len) == 1 + i);
		NEED(!chdir(".."));
	}
	for (int i = 0; i < 10; i++)
		NEED(recv(r[i % 2], buffer, 100, 0) == 1 + i);
}

/* Clients that have sent and closed before they are accepted: 11, 12, ... 17 bytes. */
static void scene_late(int type, char **args)
{
	int s = bound(type, "sockets.late"), c;

	NEED(!listen(s, 10));
	if (!fork()) {
		for (int i = 0; i < 7; i++) {
			c = connected(type, "sockets.late");
			NEED(send(c, buffer, 11 + i, 0) == 11 + i && !close(c));
		}
		_exit(0);
	}
	wait_all();
	for (int i = 0; i < 7; i++) {
		NEED((c = accept(s, NULL, NULL)) >= 0);
		NEED(recv(c, buffer, 100, 0) == 11 + i);
		NEED(!close(c));
	}
}

static void *thread_sends(void *fd)
{
	NEED(send(*(int *)fd, buffer, 3, 0) == 3);
	return NULL;
}

/* Senders of 1, 2, 3, 4 bytes: a child by an inherited fd, by a dup, a thread, after exec. */
static void scene_lives(int type, char **args)
{
	pthread_t thread;
	char fd[16];
	int s[2], copy;

	NEED(!socketpair(AF_UNIX, type, 0, s));
	if (!fork()) {
		NEED(send(s[1], buffer, 1, 0) == 1);
		_exit(0);
	}
	wait_all();
	NEED((copy = dup(s[1])) >= 0 && send(copy, buffer, 2, 0) == 2);
	NEED(dup2(copy, 50) == 50 && !close(copy));
	NEED(!pthread_create(&thread, NULL, thread_sends, &s[1]) && !pthread_join(thread, NULL));
	if (!fork()) {
		NEED(!close(s[0]) && !close(s[1]));
		snprintf(fd, sizeof(fd), "%d", 50);
		execl("/proc/self/exe", "sockets", "after-exec", "stream", fd, NULL);
		_exit(1);
	}
	NEED(!close(s[1]) && !close(50));
	wait_all();
	for (int i = 1; i < 5; i++)
		NEED(recv(s[0], buffer, i, 0) == i);
}

static void scene_after_exec(int type, char **args)
{
	NEED(send(atoi(args[0]), buffer, 4, 0) == 4);
}

/* The same fds and the same address again and again: 1, 2, ... 11 bytes. */
static void scene_reuse(int type, char **args)
{
	for (int i = 0; i < 11; i++) {
		int s = bound(type, "@sockets-reuse"), c, a = s;

		NEED(type == SOCK_DGRAM || !listen(s, 1));
		c = connected(type, "@sockets-reuse");
		if (type != SOCK_DGRAM)
			NEED((a = accept(s, NULL, NULL)) >= 0);
		NEED(send(c, buffer, 1 + i, 0) == 1 + i && recv(a, buffer, 100, 0) == 1 + i);
		close(a);
		close(s);
		NEED(!close(c));
	}
}

/* Pairs that come and go: the kernel gives their addresses out again, in either order. */
static void scene_pairs(int type, char **args)
{
	int p[2];

	for (int i = 0; i < 40; i++) {
		NEED(!socketpair(AF_UNIX, type, 0, p));
		for (int end = 0; end < 2; end++) {
			NEED(send(p[end], buffer, 1 + i, 0) == 1 + i);
			NEED(recv(p[!end], buffer, 100, 0) == 1 + i);
		}
		NEED(!close(p[i / 2 % 2]) && !close(p[!(i / 2 % 2)]));
	}
}

/* What is looked at, what is cut off, what is empty, and the end of it. */
static void scene_boundaries(int type, char **args)
{
	int s[2];

	NEED(!socketpair(AF_UNIX, type, 0, s));
	NEED(send(s[1], buffer, 5, 0) == 5 && send(s[1], buffer, 7, 0) == 7);
	NEED(recv(s[0], buffer, 5, MSG_PEEK) == 5 && recv(s[0], buffer, 5, MSG_PEEK) == 5);
	NEED(recv(s[0], buffer, 5, 0) == 5 && recv(s[0], buffer, 7, 0) == 7);
	if (type != SOCK_STREAM) {
		NEED(send(s[1], buffer, 100, 0) == 100 && send(s[1], buffer, 200, 0) == 200);
		NEED(recv(s[0], buffer, 11, 0) == 11);
		NEED(recv(s[0], buffer, 13, MSG_TRUNC) == 200);
		NEED(send(s[1], buffer, 0, 0) == 0 && recv(s[0], buffer, 9, 0) == 0);
		NEED(send(s[1], buffer, 17, 0) == 17 && read(s[0], buffer, 17) == 17);
		/* taken, but there is no place for it */
		NEED(send(s[1], buffer, 18, 0) == 18 && recv(s[0], NULL, 18, 0) < 0);
	}
	NEED(send(s[1], buffer, 19, 0) == 19 && recv(s[0], buffer, 19, 0) == 19);
	if (type != SOCK_DGRAM)
		NEED(!shutdown(s[1], SHUT_WR) && recv(s[0], buffer, 9, 0) == 0);
}

/* Calls that fail between those that do not: 1, 2, 3, ... bytes. */
static void scene_errors(int type, char **args)
{
	struct sockaddr_un sa;
	socklen_t len = address(&sa, "@sockets-nobody");
	int s[2], alone = socket(AF_UNIX, type, 0), n = 0, full = 0;

	signal(SIGPIPE, SIG_IGN);
	NEED(!socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s));
	NEED(recv(s[0], buffer, 9, 0) < 0 && errno == EAGAIN);
	NEED(send(s[1], buffer, 1, 0) == 1);
	NEED(send(s[1], NULL, 9, 0) < 0 && errno == EFAULT);
	NEED(send(s[1], buffer, 2, 0) == 2);
	NEED(send(alone, buffer, 3, 0) < 0);
	NEED(connect(alone, (struct sockaddr *)&sa, len) < 0 && errno == ECONNREFUSED);
	NEED(sendto(alone, buffer, 3, 0, (struct sockaddr *)&sa, len) < 0);
	NEED(recv(s[0], buffer, 1, 0) == 1 && recv(s[0], buffer, 2, 0) == 2);
	while (send(s[1], buffer, 1000, 0) == 1000)
		full++;
	NEED(errno == EAGAIN);
	while (n < full)
		NEED(recv(s[0], buffer, 1000, 0) == 1000 && ++n);
	NEED(send(s[1], buffer, 3, 0) == 3 && recv(s[0], buffer, 9, 0) == 3);
	NEED(!close(s[0]) && send(s[1], buffer, 4, 0) < 0);
	NEED(errno == (type == SOCK_DGRAM ? ECONNREFUSED : EPIPE));
	printf("%d\n", full);
}

/* A datagram socket gets another peer: what it had from the old one is dropped. */
static void scene_reconnect(int type, char **args)
{
	struct sockaddr_un sa;
	int r = bound(type, "@sockets-r"), one = bound(type, "@sockets-one"),
	    two = bound(type, "@sockets-two");

	NEED(!connect(one, (struct sockaddr *)&sa, address(&sa, "@sockets-r")));
	NEED(!connect(two, (struct sockaddr *)&sa, address(&sa, "@sockets-r")));
	NEED(!connect(r, (struct sockaddr *)&sa, address(&sa, "@sockets-one")));
	for (int i = 1; i < 4; i++)
		NEED(send(one, buffer, i, 0) == i);
	NEED(recv(r, buffer, 9, 0) == 1);
	NEED(!connect(r, (struct sockaddr *)&sa, address(&sa, "@sockets-two")));
	for (int i = 4; i < 7; i++)
		NEED(send(two, buffer, i, 0) == i);
	for (int i = 4; i < 7; i++)
		NEED(recv(r, buffer, 9, 0) == i);
	NEED(!connect(r, (struct sockaddr *)&sa, address(&sa, "@sockets-one")));
	NEED(send(one, buffer, 9, 0) < 0 && errno == ECONNRESET);
	for (int i = 7; i < 9; i++)
		NEED(send(one, buffer, i, 0) == i && recv(r, buffer, 9, 0) == i);
}

enum { SENDERS = 4, EACH = 1000 };

/* A byte tells all that have it to begin. */
static int gate[2];

static void gate_pass(void)
{
	char c;

	NEED(read(gate[0], &c, 1) == 1);
}

static void gate_open(int processes)
{
	NEED(write(gate[1], buffer, processes) == processes);
}

/*
 * Who sent what, by its length: each message has one of its own. `shared`: all send through one
 * socket, else each has its own. Two processes receive.
 */
static void race(int type, int shared, int several)
{
	int s[2], total = SENDERS * EACH;

	NEED(!pipe(gate));
	if (shared) {
		NEED(!socketpair(AF_UNIX, type, 0, s));
	} else {
		s[0] = bound(type, "@sockets-race");
		s[1] = -1;
	}
	for (int k = 0; k < SENDERS; k++)
		if (!fork()) {
			struct iovec v[5];
			struct mmsghdr m[5] = {0};
			int fd = shared ? s[1] : connected(type, "@sockets-race");

			gate_pass();
			for (int i = 0; i < EACH; i += several) {
				for (int j = 0; j < several; j++) {
					v[j] = (struct iovec){buffer, 1 + k * EACH + i + j};
					m[j].msg_hdr =
						(struct msghdr){.msg_iov = &v[j], .msg_iovlen = 1};
				}
				if (several == 1)
					NEED(send(fd, buffer, v[0].iov_len, 0) ==
					     (ssize_t)v[0].iov_len);
				else
					NEED(sendmmsg(fd, m, several, 0) == several);
			}
			_exit(0);
		}
	for (int k = 0; k < 2; k++)
		if (!fork()) {
			struct iovec v[5];
			struct mmsghdr m[5] = {0};

			gate_pass();
			for (int n = 0; n < total / 2; n += several) {
				for (int j = 0; j < several; j++) {
					v[j] = (struct iovec){buffer, sizeof(buffer)};
					m[j].msg_hdr =
						(struct msghdr){.msg_iov = &v[j], .msg_iovlen = 1};
				}
				if (several == 1)
					NEED(recv(s[0], buffer, sizeof(buffer), 0) > 0);
				else
					NEED(recvmmsg(s[0], m, several, 0, NULL) == several);
			}
			_exit(0);
		}
	gate_open(SENDERS + 2);
	wait_all();
}

static void scene_race(int type, char **args)
{
	race(type, 1, 1);
}

static void scene_race_own(int type, char **args)
{
	race(type, 0, 1);
}

static void scene_race_several(int type, char **args)
{
	race(type, 1, 5);
}

static void scene_race_several_own(int type, char **args)
{
	race(type, 0, 5);
}

/* On a stream, messages of 8 bytes that say who sent them; prints the senders as they arrive. */
static void scene_race_stream(int type, char **args)
{
	int s[2];
	char text[9] = "";

	NEED(!pipe(gate));
	NEED(!socketpair(AF_UNIX, type, 0, s));
	for (int k = 0; k < SENDERS; k++)
		if (!fork()) {
			snprintf(text, sizeof(text), "%08d", getpid());
			gate_pass();
			for (int i = 0; i < EACH; i++)
				NEED(write(s[1], text, 8) == 8);
			_exit(0);
		}
	gate_open(SENDERS);
	for (int i = 0; i < SENDERS * EACH; i++) {
		NEED(recv(s[0], text, 8, MSG_WAITALL) == 8);
		printf("%d\n", atoi(text));
	}
	wait_all();
}

static void fds_send(int s, const int *fds, int count)
{
	char control[CMSG_SPACE(sizeof(int) * 16)] = "";
	struct iovec v = {buffer, 1};
	struct msghdr msg = {.msg_iov = &v,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = CMSG_SPACE(sizeof(int) * count)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
	NEED(sendmsg(s, &msg, 0) == 1);
}

/* Room for `room`; returns how many came. */
static int fds_receive(int s, int *fds, int room, int flags)
{
	char control[CMSG_SPACE(sizeof(int) * 16)] = "";
	struct iovec v = {buffer, 1};
	struct msghdr msg = {.msg_iov = &v,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = CMSG_LEN(sizeof(int) * room)};
	struct cmsghdr *c;

	NEED(recvmsg(s, &msg, flags) == 1);
	c = CMSG_FIRSTHDR(&msg);
	if (!c)
		return 0;
	memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

/*
 * A pipe's end, a socket's end and a file are passed to a child, which had none of them and passes
 * the first two on to its own child. That one uses them.
 */
static void scene_pass(int type, char **args)
{
	int s[2], t[2], p[2], q[2], fds[3], far;

	NEED(!socketpair(AF_UNIX, type, 0, s) && !socketpair(AF_UNIX, type, 0, t));
	if (!fork()) {
		NEED(!close(s[1]));
		NEED(fds_receive(s[0], fds, 3, 0) == 3);
		if (!fork()) {
			NEED(!close(t[1]) && !close(s[0]));
			for (int i = 0; i < 3; i++)
				NEED(!close(fds[i]));
			NEED(fds_receive(t[0], fds, 2, MSG_CMSG_CLOEXEC) == 2);
			NEED(read(fds[0], buffer, 99) == 7);
			NEED(send(fds[1], buffer, 13, 0) == 13);
			_exit(0);
		}
		fds_send(t[1], fds, 2);
		wait_all();
		_exit(0);
	}
	NEED(!close(s[0]) && !close(t[0]) && !close(t[1]));
	NEED(!pipe(p) && !socketpair(AF_UNIX, SOCK_SEQPACKET, 0, q));
	NEED(write(p[1], buffer, 7) == 7);
	far = open("/etc/passwd", O_RDONLY);
	fds_send(s[1], (int[]){p[0], q[1], far}, 3);
	NEED(!close(q[1]) && !close(p[0]));
	NEED(recv(q[0], buffer, 99, 0) == 13);
	wait_all();
}

/* Of five fds there is room for two; a peek makes copies. */
static void scene_pass_cut(int type, char **args)
{
	int s[2], p[2], fds[16];

	NEED(!socketpair(AF_UNIX, type, 0, s) && !pipe(p));
	fds_send(s[1], (int[]){p[0], p[1], p[0], p[1], p[0]}, 5);
	NEED(fds_receive(s[0], fds, 2, 0) == 2);
	fds_send(s[1], (int[]){p[1]}, 1);
	NEED(fds_receive(s[0], fds, 1, MSG_PEEK) == 1);
	NEED(write(fds[0], buffer, 3) == 3);
	NEED(fds_receive(s[0], fds, 1, 0) == 1);
	NEED(write(fds[0], buffer, 4) == 4);
	NEED(read(p[0], buffer, 99) == 7);
	/* nobody asks for this one, and it is closed */
	fds_send(s[1], (int[]){p[1]}, 1);
	NEED(read(s[0], buffer, 1) == 1);
}

/* For the recorder to start: three messages lie in the socket already. */
static void scene_inherit(int type, char **args)
{
	int s[2];

	NEED(!socketpair(AF_UNIX, type, 0, s));
	NEED(dup2(s[0], 40) == 40 && dup2(s[1], 41) == 41);
	for (int i = 5; i < 8; i++)
		NEED(send(41, buffer, i, 0) == i);
	for (int i = 2; i < 4; i++)
		NEED(type == SOCK_DGRAM || send(40, buffer, i, 0) == i);
	close(s[0]);
	close(s[1]);
	execvp(args[0], args);
}

static void scene_inherited(int type, char **args)
{
	NEED(send(41, buffer, 8, 0) == 8);
	NEED(type == SOCK_DGRAM || send(40, buffer, 4, 0) == 4);
	for (int i = 5; i < 9; i++)
		NEED(recv(40, buffer, i, 0) == i);
	for (int i = 2; i < 5; i++)
		NEED(type == SOCK_DGRAM || recv(41, buffer, i, 0) == i);
}

/* Answers each message by one that is a byte longer; ends with the first one of 1 byte. */
static void scene_server(int type, char **args)
{
	struct sockaddr_un sa;
	socklen_t len = sizeof(sa);
	int s = bound(type, args[0]), c = s;
	ssize_t n;

	NEED(type == SOCK_DGRAM || !listen(s, 5));
	printf("ready\n");
	fflush(stdout);
	if (type != SOCK_DGRAM)
		NEED((c = accept(s, NULL, NULL)) >= 0);
	do {
		len = sizeof(sa);
		NEED((n = recvfrom(c, buffer, sizeof(buffer), 0, (struct sockaddr *)&sa, &len)) >
		     0);
		NEED(sendto(c, buffer, n + 1, 0, (struct sockaddr *)&sa,
			    type == SOCK_DGRAM ? len : 0) == n + 1);
	} while (n > 1);
}

static void scene_client(int type, char **args)
{
	struct sockaddr_un sa;
	socklen_t len = address(&sa, args[0]);
	int s = type == SOCK_DGRAM ? bound(type, "@sockets-client") : socket(AF_UNIX, type, 0);

	NEED(!connect(s, (struct sockaddr *)&sa, len));
	for (int i = 5; i; i--)
		NEED(send(s, buffer, i, 0) == i && recv(s, buffer, 99, 0) == i + 1);
}

static const struct {
	const char *name;
	void (*run)(int type, char **args);
} scenes[] = {
	{"moves", scene_moves},
	{"connects", scene_connects},
	{"mailbox", scene_mailbox},
	{"relative", scene_relative},
	{"late", scene_late},
	{"lives", scene_lives},
	{"after-exec", scene_after_exec},
	{"reuse", scene_reuse},
	{"pairs", scene_pairs},
	{"boundaries", scene_boundaries},
	{"errors", scene_errors},
	{"reconnect", scene_reconnect},
	{"race", scene_race},
	{"race-own", scene_race_own},
	{"race-several", scene_race_several},
	{"race-several-own", scene_race_several_own},
	{"race-stream", scene_race_stream},
	{"pass", scene_pass},
	{"pass-cut", scene_pass_cut},
	{"inherit", scene_inherit},
	{"inherited", scene_inherited},
	{"server", scene_server},
	{"client", scene_client},
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "", *of = argc > 2 ? argv[2] : "";
	int type = !strcmp(of, "dgram")       ? SOCK_DGRAM
		   : !strcmp(of, "seqpacket") ? SOCK_SEQPACKET
					      : SOCK_STREAM;

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (argc > 2 && !strcmp(scenes[i].name, name)) {
			scenes[i].run(type, argv + 3);
			return 0;
		}
	fprintf(stderr, "sockets: no scene '%s'\n", name);
	return 2;
}
