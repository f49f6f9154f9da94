// SPDX-License-Identifier: BSD-2-Clause
/*
 * Scenes for inet.bats: TCP and UDP between processes and threads. `inet SCENE [ARGUMENT...]`.
 *
 * Most scenes send words that say which thread sent them in which of its calls, and print what
 * each receive got: `GOT RECEIVER N SENDER M`, where a receiver and a sender are tids and N and M
 * the number of the call among those of the thread that moved bytes over sockets, from 1. What
 * cannot be told so is left out: `SKIP RECEIVER N`.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK_MAX (1 << 20)

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "inet: %d: %s: %s\n", getpid(), what, strerror(errno));
	_exit(1);
}

#define NEED(x) need((x), #x)

/* The first byte of a word alone has its highest bit, so that a cut word is known as one. */
#define WORD 8

static __thread uint32_t sent, received; /* calls of this thread that moved bytes */

static void word_put(unsigned char *at, uint32_t tid, uint32_t number)
{
	uint64_t v = (uint64_t)tid << 28 | number;

	for (int i = 0; i < WORD; i++, v >>= 7)
		at[i] = v & 0x7f;
	at[0] |= 0x80;
}

static uint64_t word_get(const unsigned char *at)
{
	uint64_t v = 0;

	for (int i = WORD - 1; i >= 0; i--)
		v = v << 7 | (at[i] & 0x7f);
	return v;
}

/* Fill with the number of the thread's next call that sends. */
static void fill(void *data, size_t len)
{
	for (size_t i = 0; i + WORD <= len; i += WORD)
		word_put((unsigned char *)data + i, gettid(), sent + 1);
}

/* A word that a receive began, and the next one goes on with. */
struct reader {
	unsigned char part[WORD];
	size_t have;
};

static void say_got(uint32_t receive, uint64_t word)
{
	printf("GOT %d %u %llu %llu\n", gettid(), receive, (unsigned long long)word >> 28,
	       (unsigned long long)word & 0xfffffff);
}

/* Print whose words a receive got. */
static void got(struct reader *r, const unsigned char *data, size_t len)
{
	uint64_t word, before = 0;

	received++;
	for (size_t i = 0; i < len; i++) {
		if (data[i] & 0x80) {
			r->have = 0;
		} else if (!r->have || r->have == WORD) { /* another thread got its beginning */
			printf("SKIP %d %u\n", gettid(), received);
			r->have = 0;
			return;
		}
		r->part[r->have++] = data[i];
		if (r->have < WORD)
			continue;
		word = word_get(r->part);
		if (i + 1 < WORD)
			say_got(received - 1, word);
		if (word != before)
			say_got(received, word);
		before = word;
	}
}

static ssize_t send_words(int fd, size_t len, int flags)
{
	static __thread unsigned char data[CHUNK_MAX];
	ssize_t n;

	fill(data, len);
	n = send(fd, data, len, flags);
	sent += n > 0;
	NEED(n < 0 || n % WORD == 0);
	return n;
}

static void send_all(int fd, size_t len)
{
	while (len) {
		ssize_t n = send_words(fd, len, MSG_NOSIGNAL);

		NEED(n > 0);
		len -= n;
	}
}

static ssize_t recv_words(int fd, struct reader *r, size_t len, int flags)
{
	static __thread unsigned char data[CHUNK_MAX];
	ssize_t n = recv(fd, data, len, flags);

	if (n > 0)
		got(r, data, n);
	return n;
}

/* Addresses: "4", "6", or "mapped": an IPv6 socket that speaks IPv4. */
struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
};

static struct address loopback(const char *family, int port)
{
	struct address a = {.len = sizeof(a.in6)};

	a.in6.sin6_family = AF_INET6;
	a.in6.sin6_port = htons(port);
	if (!strcmp(family, "4")) {
		a.in.sin_family = AF_INET;
		a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		a.len = sizeof(a.in);
	} else if (!strcmp(family, "6")) {
		a.in6.sin6_addr = in6addr_loopback;
	} else {
		NEED(inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.in6.sin6_addr) == 1);
	}
	return a;
}

static struct address address_of(int fd)
{
	struct address a = {.len = sizeof(a.in6)};

	NEED(!getsockname(fd, &a.sa, &a.len));
	return a;
}

static int socket_on(const struct address *a, int type)
{
	int fd = socket(a->sa.sa_family, type | SOCK_CLOEXEC, 0), one = 1;

	NEED(fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	return fd;
}

static int bound(const struct address *a, int type)
{
	int fd = socket_on(a, type);

	NEED(!bind(fd, &a->sa, a->len));
	return fd;
}

static int listening(const char *family, struct address *at)
{
	struct address a = loopback(family, 0);
	int fd = bound(&a, SOCK_STREAM);

	NEED(!listen(fd, 128));
	*at = address_of(fd);
	return fd;
}

static int connected(const struct address *to)
{
	int fd = socket_on(to, SOCK_STREAM);

	NEED(!connect(fd, &to->sa, to->len));
	return fd;
}

static int accepted(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	NEED(fd >= 0);
	return fd;
}

static pid_t forked(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	NEED(pid >= 0);
	return pid;
}

static void leave(void)
{
	fflush(stdout);
	_exit(0);
}

static void reap(int children)
{
	while (children--) {
		int status;

		NEED(wait(&status) > 0 && !status);
	}
}

/* Receive to the end, in pieces of at most `len`. */
static size_t drain(int fd, size_t len)
{
	struct reader r = {.have = 0};
	size_t sum = 0;
	ssize_t n;

	while ((n = recv_words(fd, &r, len, 0)) > 0)
		sum += n;
	NEED(!n);
	return sum;
}

/* A client and a server that answers each message. inet talk FAMILY */
static void scene_talk(char **arg)
{
	struct reader r = {.have = 0};
	struct address at;
	int listener = listening(arg[0], &at);

	if (!forked()) {
		int fd = connected(&at);

		for (int i = 0; i < 13; i++) {
			send_all(fd, 17 * WORD);
			NEED(recv_words(fd, &r, CHUNK_MAX, 0) == 19 * WORD);
		}
		close(fd);
		leave();
	}
	int fd = accepted(listener);

	for (int i = 0; i < 13; i++) {
		NEED(recv_words(fd, &r, CHUNK_MAX, 0) == 17 * WORD);
		send_all(fd, 19 * WORD);
	}
	NEED(!recv_words(fd, &r, CHUNK_MAX, 0));
	close(fd);
	close(listener);
	reap(1);
}

/* A connect that does not wait, and an accept that finds nothing at first. */
static void scene_nonblock(char **arg)
{
	struct address at;
	int listener = listening(arg[0], &at);

	NEED(!fcntl(listener, F_SETFL, O_NONBLOCK));
	NEED(accept(listener, NULL, NULL) < 0 && errno == EAGAIN);
	if (!forked()) {
		int fd = socket(at.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		unsigned char c;

		NEED(recv(fd, &c, 1, 0) < 0 && errno == ENOTCONN);
		NEED(connect(fd, &at.sa, at.len) < 0 && errno == EINPROGRESS);
		NEED(poll(&p, 1, -1) == 1 && !connect(fd, &at.sa, at.len));
		NEED(recv(fd, &c, 1, 0) < 0 && errno == EAGAIN);
		send_all(fd, 3 * WORD);
		close(fd);
		leave();
	}
	struct pollfd p = {.fd = listener, .events = POLLIN};

	NEED(poll(&p, 1, -1) == 1);
	NEED(drain(accepted(listener), 4096) == 3 * WORD);
	reap(1);
}

/* The client has gone before it is accepted, by FIN and by RST. */
static void scene_late(char **arg)
{
	struct linger hard = {.l_onoff = 1};
	struct address at;
	int listener = listening("4", &at), fd;
	struct reader r = {.have = 0};
	ssize_t n;

	for (int i = 0; i < 11; i++) {
		if (!forked()) {
			fd = connected(&at);
			send_all(fd, 5 * WORD);
			if (i & 1)
				NEED(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
			close(fd);
			leave();
		}
		reap(1);
	}
	for (int i = 0; i < 11; i++) {
		fd = accepted(listener);
		while ((n = recv_words(fd, &r, 4096, 0)) > 0)
			;
		close(fd);
	}
}

/* The same two ports again and again: closed by RST, so that no TIME_WAIT is in the way. */
static void scene_reuse(char **arg)
{
	struct linger hard = {.l_onoff = 1};
	struct address at, from = loopback("4", 0);
	int listener = listening("4", &at), count = atoi(arg[0]);

	if (!forked()) {
		for (int i = 0; i < count; i++) {
			int fd = bound(&from, SOCK_STREAM);
			unsigned char c;

			from = address_of(fd);
			NEED(!connect(fd, &at.sa, at.len));
			send_all(fd, (i + 1) * WORD);
			NEED(recv(fd, &c, 1, 0) == 0);
			NEED(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
			close(fd);
		}
		leave();
	}
	for (int i = 0; i < count; i++) {
		int fd = accepted(listener);
		struct reader r = {.have = 0};

		for (size_t left = (i + 1) * WORD; left;) {
			ssize_t n = recv_words(fd, &r, CHUNK_MAX, 0);

			NEED(n > 0);
			left -= n;
		}
		NEED(!shutdown(fd, SHUT_WR));
		NEED(recv_words(fd, &r, 1, 0) < 0 && errno == ECONNRESET);
		close(fd);
	}
	reap(1);
}

/* A socket that is connected again, to another server, and one that is connected to itself. */
static void scene_again(char **arg)
{
	struct address a, b, none = {.sa.sa_family = AF_UNSPEC, .len = sizeof(struct sockaddr)};
	int first = listening("4", &a), second = listening("4", &b);
	struct address self = loopback("4", 0);
	struct reader r = {.have = 0};
	int fd = connected(&a), peer = accepted(first);

	send_all(fd, 5 * WORD);
	NEED(recv_words(peer, &r, 3 * WORD, 0) == 3 * WORD); /* and two are never received */
	send_all(peer, 2 * WORD);
	NEED(!connect(fd, &none.sa, none.len));
	NEED(!connect(fd, &b.sa, b.len));
	close(peer);
	peer = accepted(second);
	send_all(fd, 7 * WORD);
	NEED(recv_words(peer, &r, 4096, 0) == 7 * WORD);
	send_all(peer, WORD);
	NEED(recv_words(fd, &r, 4096, 0) == WORD);
	close(fd);
	close(peer);
	fd = bound(&self, SOCK_STREAM);
	self = address_of(fd);
	NEED(!connect(fd, &self.sa, self.len));
	send_all(fd, 11 * WORD);
	NEED(recv_words(fd, &r, 4096, 0) == 11 * WORD);
	close(fd);
}

/* A server that forks for each client. */
static void scene_fork(char **arg)
{
	struct address at;
	int listener = listening("6", &at);

	for (int i = 0; i < 7; i++)
		if (!forked()) {
			struct reader r = {.have = 0};
			int fd = connected(&at);

			send_all(fd, (i + 1) * WORD);
			NEED(recv_words(fd, &r, 4096, 0) == (i + 1) * WORD);
			leave();
		}
	for (int i = 0; i < 7; i++) {
		int fd = accepted(listener);

		if (!forked()) {
			struct reader r = {.have = 0};
			ssize_t n;

			close(listener);
			n = recv_words(fd, &r, 4096, 0);
			NEED(n > 0);
			send_all(fd, n);
			leave();
		}
		close(fd);
	}
	reap(14);
}

/* Both ends outlive an exec. inet exec; it runs itself as inet use FD FD. */
static void scene_exec(char **arg)
{
	struct address at;
	int listener = listening("4", &at), client = connected(&at), server = accepted(listener);
	char one[12], two[12], count[12];

	send_all(client, 3 * WORD);
	NEED(!fcntl(client, F_SETFD, 0) && !fcntl(server, F_SETFD, 0));
	snprintf(one, sizeof(one), "%d", client);
	snprintf(two, sizeof(two), "%d", server);
	snprintf(count, sizeof(count), "%u", sent);
	setenv("SENT", count, 1);
	execl("/proc/self/exe", "inet", "use", one, two, NULL);
}

/* What lies in the sockets that were there before, and then some more, both ways. */
static void scene_use(char **arg)
{
	int client = atoi(arg[0]), server = atoi(arg[1]);
	static unsigned char before[4096];
	struct reader r = {.have = 0};

	if (getenv("SENT"))
		sent = atoi(getenv("SENT"));
	for (int i = 0; i < 5; i++)
		send_all(client, 2 * WORD);
	NEED(recv(server, before, 3 * WORD, 0) == 3 * WORD);
	if (getenv("SENT"))
		got(&r, before, 3 * WORD);
	else
		received++; /* sent before the recording */
	NEED(recv_words(server, &r, 4096, 0) == 10 * WORD);
	for (int i = 0; i < 5; i++) {
		send_all(server, 7 * WORD);
		NEED(recv_words(client, &r, 4096, 0) == 7 * WORD);
	}
}

/* Two connected sockets for a program that is started with them. inet give COMMAND... FD FD */
static void scene_give(char **arg)
{
	struct address at;
	int listener = listening("4", &at), client = connected(&at), server = accepted(listener);
	static char one[12], two[12];
	char *argv[64];
	int n = 0;

	send_all(client, 3 * WORD);
	NEED(!fcntl(client, F_SETFD, 0) && !fcntl(server, F_SETFD, 0));
	snprintf(one, sizeof(one), "%d", client);
	snprintf(two, sizeof(two), "%d", server);
	while (arg[n] && n < 61) {
		argv[n] = arg[n];
		n++;
	}
	argv[n++] = one;
	argv[n++] = two;
	argv[n] = NULL;
	execvp(argv[0], argv);
	NEED(0);
}

/* A thread that uses what another one opened. */
static void *thread_talks(void *arg)
{
	send_all(*(int *)arg, 23 * WORD);
	return NULL;
}

static void scene_threads(char **arg)
{
	struct address at;
	int listener = listening("4", &at), client = connected(&at), server = accepted(listener);
	struct reader r = {.have = 0};
	pthread_t thread;

	for (int i = 0; i < 5; i++) {
		NEED(!pthread_create(&thread, NULL, thread_talks, &client));
		NEED(!pthread_join(thread, NULL));
		NEED(recv_words(server, &r, 4096, 0) == 23 * WORD);
	}
	fflush(stdout);
}

/*
 * More than the buffers hold, by sends that do not wait. Whose bytes a receive got is known by
 * where they lie in the stream.
 */
static void scene_large(char **arg)
{
	struct address at;
	int listener = listening("4", &at), small = 65536, fd;
	size_t total = 10000019, sum = 0, at_send = 0, send_end;
	static unsigned char data[CHUNK_MAX];
	uint32_t *sends;
	pid_t pid;
	ssize_t n;

	sends = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(sends != MAP_FAILED);
	pid = forked();
	if (!pid) {
		struct pollfd p = {.fd = fd = connected(&at), .events = POLLOUT};

		NEED(!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
		while (sum < total) {
			size_t left = total - sum;

			n = send(fd, data, left < 300000 ? left : 300000, MSG_DONTWAIT);
			if (n < 0) {
				NEED(errno == EAGAIN && poll(&p, 1, -1) == 1);
				continue;
			}
			sends[sent++] = n;
			sum += n;
		}
		leave();
	}
	fd = accepted(listener);
	for (send_end = 0; (n = recv(fd, data, 70001, 0)) > 0; sum += n) {
		received++;
		while (send_end <= sum) {
			while (!*(volatile uint32_t *)&sends[at_send])
				usleep(100);
			send_end += sends[at_send++];
		}
		printf("GOT %d %u %d %zu\n", gettid(), received, pid, at_send);
		while (send_end < sum + n) {
			while (!*(volatile uint32_t *)&sends[at_send])
				usleep(100);
			send_end += sends[at_send++];
			printf("GOT %d %u %d %zu\n", gettid(), received, pid, at_send);
		}
	}
	NEED(sum == total);
	reap(1);
}

/* Several clients at once, each with a connection, and one server that polls. */
static void scene_concurrent(char **arg)
{
	int clients = atoi(arg[0]), count = atoi(arg[1]);
	struct pollfd *p = calloc(clients, sizeof(*p));
	struct reader *r = calloc(clients, sizeof(*r));
	struct address at;
	int listener = listening("4", &at);

	for (int i = 0; i < clients; i++)
		if (!forked()) {
			int fd = connected(&at);

			for (int k = 0; k < count; k++)
				send_all(fd, (1 + (k * 7 + i) % 40) * WORD);
			close(fd);
			leave();
		}
	for (int i = 0; i < clients; i++)
		p[i] = (struct pollfd){.fd = accepted(listener), .events = POLLIN};
	for (int open = clients; open;) {
		NEED(poll(p, clients, -1) > 0);
		for (int i = 0; i < clients; i++)
			if (p[i].revents && !recv_words(p[i].fd, &r[i], 1000, 0)) {
				close(p[i].fd);
				p[i].fd = -1;
				open--;
			}
	}
	reap(clients);
}

/* Several threads that send over one connection, and several that receive. */
static int shared_fd[2], shared_count;

static void *shared_sends(void *arg)
{
	for (int k = 0; k < shared_count; k++)
		send_all(shared_fd[0], 8 * WORD);
	return NULL;
}

static void *shared_receives(void *arg)
{
	ssize_t n;

	do {
		struct reader r = {.have = 0};

		n = recv_words(shared_fd[1], &r, 8 * WORD, 0);
	} while (n > 0);
	return NULL;
}

static void scene_shared(char **arg)
{
	struct address at;
	int listener = listening("4", &at), senders = atoi(arg[0]), receivers = atoi(arg[1]);
	pthread_t s[16], r[16];

	shared_count = atoi(arg[2]);
	shared_fd[0] = connected(&at);
	shared_fd[1] = accepted(listener);
	for (int i = 0; i < receivers; i++)
		NEED(!pthread_create(&r[i], NULL, shared_receives, NULL));
	for (int i = 0; i < senders; i++)
		NEED(!pthread_create(&s[i], NULL, shared_sends, NULL));
	for (int i = 0; i < senders; i++)
		NEED(!pthread_join(s[i], NULL));
	NEED(!shutdown(shared_fd[0], SHUT_WR));
	for (int i = 0; i < receivers; i++)
		NEED(!pthread_join(r[i], NULL));
}

/* Flags and calls that move bytes in their own ways. */
static void scene_odd(char **arg)
{
	struct address at;
	int listener = listening("4", &at), fd = connected(&at), peer = accepted(listener);
	char path[] = "/tmp/ipctrace-inet-XXXXXX";
	int disk = mkstemp(path), p[2], one = 1;
	struct reader r = {.have = 0}, again;
	static unsigned char data[65536];
	struct iovec v[2] = {{data, 2 * WORD}, {data + 2 * WORD, WORD}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
	off_t off = 0;

	NEED(disk >= 0 && !unlink(path) && !pipe(p));
	/* a peek, then what it saw */
	send_all(fd, 5 * WORD);
	again = r;
	NEED(recv_words(peer, &again, 3 * WORD, MSG_PEEK) == 3 * WORD);
	NEED(recv_words(peer, &r, 5 * WORD, MSG_WAITALL) == 5 * WORD);
	/* thrown away unseen */
	send_all(fd, 7 * WORD);
	NEED(recv(peer, NULL, 7 * WORD, MSG_TRUNC) == 7 * WORD);
	printf("GOT %d %u %d %u\n", gettid(), ++received, gettid(), sent);
	/* vectors and messages */
	fill(data, 3 * WORD);
	NEED(writev(fd, v, 2) == 3 * WORD && ++sent);
	NEED(readv(peer, v, 2) == 3 * WORD);
	got(&r, data, 3 * WORD);
	fill(data, 3 * WORD);
	NEED(sendmsg(fd, &m, 0) == 3 * WORD && ++sent);
	NEED(recvmsg(peer, &m, 0) == 3 * WORD);
	got(&r, data, 3 * WORD);
	/* from a file, and through a pipe at the other end */
	fill(data, 11 * WORD);
	NEED(write(disk, data, 11 * WORD) == 11 * WORD);
	NEED(sendfile(fd, disk, &off, 11 * WORD) == 11 * WORD && ++sent);
	NEED(splice(peer, NULL, p[1], NULL, 11 * WORD, 0) == 11 * WORD);
	NEED(read(p[0], data, 11 * WORD) == 11 * WORD);
	got(&r, data, 11 * WORD);
	fill(data, 13 * WORD);
	NEED(write(p[1], data, 13 * WORD) == 13 * WORD);
	NEED(splice(p[0], NULL, fd, NULL, 13 * WORD, 0) == 13 * WORD && ++sent);
	NEED(read(peer, data, 13 * WORD) == 13 * WORD);
	got(&r, data, 13 * WORD);
	/* without a copy */
	if (!setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one))) {
		fill(data, 4096);
		NEED(send(fd, data, 4096, MSG_ZEROCOPY) == 4096 && ++sent);
		for (size_t n = 0; n < 4096;)
			n += recv_words(peer, &r, 4096, 0);
	}
	/* an urgent byte, which a receive without MSG_OOB steps over */
	NEED(send(fd, "!", 1, MSG_OOB) == 1 && ++sent);
	send_all(fd, 2 * WORD);
	NEED(recv_words(peer, &r, 4096, 0) == 2 * WORD);
	/* and two that go together with the end of the stream */
	send_all(fd, WORD);
	send_all(fd, WORD);
	close(fd);
	usleep(50000);
	NEED(recv_words(peer, &r, 4096, 0) == 2 * WORD);
	NEED(!recv_words(peer, &r, 4096, 0));
	close(peer);
}

/* UDP: a socket that waits at most for a moment, so that losses end no scene. */
static int datagrams(const struct address *a)
{
	struct timeval moment = {.tv_usec = 500000};
	int fd = bound(a, SOCK_DGRAM), room = 4 << 20;

	NEED(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment)));
	NEED(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)));
	return fd;
}

static ssize_t send_to(int fd, size_t len, const struct address *to)
{
	static __thread unsigned char data[65536];
	ssize_t n;

	fill(data, len);
	n = sendto(fd, data, len, 0, to ? &to->sa : NULL, to ? to->len : 0);
	sent += n > 0;
	return n;
}

static ssize_t recv_from(int fd, struct address *from)
{
	static __thread unsigned char data[65536];
	struct reader r = {.have = 0};
	socklen_t *len = from ? &from->len : NULL;
	ssize_t n;

	if (from)
		from->len = sizeof(from->in6);
	n = recvfrom(fd, data, sizeof(data), 0, from ? &from->sa : NULL, len);
	if (n > 0)
		got(&r, data, n);
	return n;
}

/* A connected client and a server that answers each datagram. */
static void scene_utalk(char **arg)
{
	struct address at = loopback(arg[0], 0), from;
	int server = datagrams(&at);

	at = address_of(server);
	if (!forked()) {
		int fd = socket(at.sa.sa_family, SOCK_DGRAM, 0);

		NEED(!connect(fd, &at.sa, at.len));
		for (int i = 0; i < 101; i++) {
			NEED(send_to(fd, (i + 1) * WORD, NULL) > 0);
			NEED(recv_from(fd, NULL) == (i + 2) * WORD);
		}
		leave();
	}
	for (int i = 0; i < 101; i++) {
		NEED(recv_from(server, &from) == (i + 1) * WORD);
		NEED(send_to(server, (i + 2) * WORD, &from) > 0);
	}
	reap(1);
}

/* Several senders to one socket, of which nobody waits for anybody. */
static void scene_usenders(char **arg)
{
	int senders = atoi(arg[0]), count = atoi(arg[1]);
	struct address at = loopback("4", 0);
	int fd = datagrams(&at);

	at = address_of(fd);
	for (int i = 0; i < senders; i++)
		if (!forked()) {
			struct address any = loopback("4", 0);
			int own = bound(&any, SOCK_DGRAM);

			for (int k = 0; k < count; k++) {
				NEED(send_to(own, 8 * WORD, &at) > 0);
				if (k % 50 == 0)
					usleep(100);
			}
			leave();
		}
	while (recv_from(fd, NULL) > 0)
		;
	reap(senders);
}

/* A queue that overflows, and what comes after. */
static void scene_uloss(char **arg)
{
	struct address at = loopback("4", 0), any = at;
	int fd = datagrams(&at), own = bound(&any, SOCK_DGRAM), room = 20000, lost = 307;

	NEED(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)));
	at = address_of(fd);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 307; i++)
			NEED(send_to(own, 125 * WORD, &at) > 0);
		while (recv_from(fd, NULL) > 0)
			lost--;
		for (int i = 0; i < 53; i++) {
			NEED(send_to(own, 5 * WORD, &at) > 0);
			NEED(recv_from(fd, NULL) == 5 * WORD);
		}
		printf("LOST %d\n", lost);
		lost = 307;
	}
}

/* Several datagrams with one call. */
static void scene_umany(char **arg)
{
	struct address at = loopback("4", 0), any = at;
	int fd = datagrams(&at), own = bound(&any, SOCK_DGRAM);
	static unsigned char data[7][64 * WORD];
	struct mmsghdr m[7];
	struct iovec v[7];

	at = address_of(fd);
	memset(m, 0, sizeof(m));
	if (!forked()) {
		for (int round = 0; round < 23; round++) {
			for (int i = 0; i < 7; i++) {
				fill(data[i], (i + 1) * WORD);
				v[i] = (struct iovec){data[i], (i + 1) * WORD};
				m[i].msg_hdr.msg_iov = &v[i];
				m[i].msg_hdr.msg_iovlen = 1;
				m[i].msg_hdr.msg_name = &at;
				m[i].msg_hdr.msg_namelen = at.len;
			}
			NEED(sendmmsg(own, m, 7, 0) == 7);
			sent++;
			if (round % 3 == 0)
				usleep(500);
		}
		leave();
	}
	for (int left = 7 * 23; left;) {
		int n;

		for (int i = 0; i < 7; i++) {
			v[i] = (struct iovec){data[i], sizeof(data[i])};
			m[i].msg_hdr.msg_iov = &v[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		n = recvmmsg(fd, m, 7, MSG_WAITFORONE, NULL);
		NEED(n > 0);
		left -= n;
		for (int i = 0; i < n; i++) {
			struct reader r = {.have = 0};

			got(&r, data[i], m[i].msg_len);
			received--;
		}
		received++;
	}
	reap(1);
}

/* What UDP calls can do besides. */
static void scene_uodd(char **arg)
{
	struct address at = loopback("4", 0), any = at, gone;
	int fd = datagrams(&at), own = bound(&any, SOCK_DGRAM), closed = datagrams(&any);
	static unsigned char data[65536];
	struct reader r = {.have = 0};
	struct iovec v[2] = {{data, 2 * WORD}, {data + 2 * WORD, WORD}};

	at = address_of(fd);
	/* a peek, then the datagram */
	NEED(send_to(own, 5 * WORD, &at) > 0);
	NEED(recv(fd, data, sizeof(data), MSG_PEEK) == 5 * WORD);
	got(&r, data, 5 * WORD);
	NEED(recv_from(fd, NULL) == 5 * WORD);
	/* cut for lack of room, once with its whole length as the result */
	NEED(send_to(own, 9 * WORD, &at) > 0);
	NEED(recv(fd, data, 2 * WORD, 0) == 2 * WORD);
	got(&r, data, 2 * WORD);
	NEED(send_to(own, 9 * WORD, &at) > 0);
	NEED(recv(fd, data, 2 * WORD, MSG_TRUNC) == 9 * WORD);
	got(&r, data, 2 * WORD);
	/* of no bytes */
	NEED(sendto(own, data, 0, 0, &at.sa, at.len) == 0);
	NEED(recv(fd, data, sizeof(data), 0) == 0);
	/* as large as can be */
	NEED(send_to(own, 8188 * WORD, &at) == 65504);
	NEED(recv_from(fd, NULL) == 65504);
	/* of two calls: the second one sends it */
	NEED(!connect(own, &at.sa, at.len));
	fill(data, 3 * WORD);
	NEED(send(own, data, 3 * WORD, MSG_MORE) == 3 * WORD);
	sent++;
	NEED(send_to(own, 2 * WORD, NULL) > 0);
	NEED(recv(fd, data, sizeof(data), 0) == 5 * WORD);
	printf("GOT %d %u %d %u\n", gettid(), ++received, gettid(), sent);
	/* as on any fd */
	fill(data, 3 * WORD);
	NEED(writev(own, v, 2) == 3 * WORD && ++sent);
	NEED(readv(fd, v, 2) == 3 * WORD);
	got(&r, data, 3 * WORD);
	fill(data, 3 * WORD);
	NEED(write(own, data, 3 * WORD) == 3 * WORD && ++sent);
	NEED(read(fd, data, sizeof(data)) == 3 * WORD);
	got(&r, data, 3 * WORD);
	/* nothing there, and nobody */
	NEED(recv(fd, data, sizeof(data), MSG_DONTWAIT) < 0 && errno == EAGAIN);
	gone = address_of(closed);
	close(closed);
	NEED(!connect(own, &gone.sa, gone.len));
	NEED(send_to(own, WORD, NULL) > 0);
	NEED(send(own, data, WORD, 0) < 0 && errno == ECONNREFUSED);
	/* to itself */
	at = address_of(fd);
	NEED(send_to(fd, 7 * WORD, &at) > 0);
	NEED(recv_from(fd, NULL) == 7 * WORD);
}

/* One port, of one socket after the other. */
static void scene_uports(char **arg)
{
	struct address at = loopback("4", 0), any = at;
	int own = bound(&any, SOCK_DGRAM);

	for (int i = 0; i < 101; i++) {
		int fd = datagrams(&at);

		at = address_of(fd);
		NEED(send_to(own, (i + 1) * WORD, &at) > 0);
		if (i % 3)
			NEED(recv_from(fd, NULL) == (i + 1) * WORD);
		close(fd);
	}
}

/* Threads that share a socket: inet ushared SENDERS RECEIVERS COUNT */
static struct address shared_to;

static void *ushared_sends(void *arg)
{
	for (int k = 0; k < shared_count; k++) {
		NEED(send_to(shared_fd[0], 8 * WORD, &shared_to) > 0);
		if (k % 20 == 0)
			usleep(100);
	}
	return NULL;
}

static void *ushared_receives(void *arg)
{
	while (recv_from(shared_fd[1], NULL) > 0)
		;
	return NULL;
}

static void scene_ushared(char **arg)
{
	struct address at = loopback("4", 0), any = at;
	int senders = atoi(arg[0]), receivers = atoi(arg[1]);
	pthread_t s[16], r[16];

	shared_count = atoi(arg[2]);
	shared_fd[1] = datagrams(&at);
	shared_fd[0] = bound(&any, SOCK_DGRAM);
	shared_to = address_of(shared_fd[1]);
	for (int i = 0; i < receivers; i++)
		NEED(!pthread_create(&r[i], NULL, ushared_receives, NULL));
	for (int i = 0; i < senders; i++)
		NEED(!pthread_create(&s[i], NULL, ushared_sends, NULL));
	for (int i = 0; i < senders; i++)
		NEED(!pthread_join(s[i], NULL));
	for (int i = 0; i < receivers; i++)
		NEED(!pthread_join(r[i], NULL));
}

/* Answer COUNT datagrams: inet userve ADDRESS PORT COUNT */
static void scene_userve(char **arg)
{
	struct address at = loopback("4", atoi(arg[1])), from;
	int fd;

	NEED(inet_pton(AF_INET, arg[0], &at.in.sin_addr) == 1);
	fd = bound(&at, SOCK_DGRAM);
	printf("%d\n", ntohs(address_of(fd).in.sin_port));
	fflush(stdout);
	for (int i = 0; i < atoi(arg[2]); i++) {
		ssize_t n = recv_from(fd, &from);

		NEED(n > 0 && send_to(fd, n, &from) == n);
	}
}

/* inet uask ADDRESS PORT COUNT SIZE */
static void scene_uask(char **arg)
{
	struct address at = loopback("4", atoi(arg[1])), any = loopback("4", 0);
	struct timeval moment = {.tv_usec = 200000};
	int fd, size = atoi(arg[3]);

	NEED(inet_pton(AF_INET, arg[0], &at.in.sin_addr) == 1);
	any.in.sin_addr.s_addr = 0;
	fd = bound(&any, SOCK_DGRAM);
	NEED(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment)));
	for (int i = 0, tries = 0; i < atoi(arg[2]); i++) {
		NEED(send_to(fd, size, &at) == size);
		if (recv_from(fd, NULL) != size) { /* the server was not there yet */
			NEED(++tries < 50);
			i--;
		}
	}
}

/* A server for clients of other programs; prints its port. inet serve [ADDRESS PORT] */
static void scene_serve(char **arg)
{
	struct address at = loopback("4", 0);
	int listener, fd;
	char buffer[4096];
	ssize_t n;

	if (arg[0]) {
		at.in.sin_port = htons(atoi(arg[1]));
		NEED(inet_pton(AF_INET, arg[0], &at.in.sin_addr) == 1);
	}
	listener = bound(&at, SOCK_STREAM);
	NEED(!listen(listener, 16));
	printf("%d\n", ntohs(address_of(listener).in.sin_port));
	fflush(stdout);
	for (;;) {
		fd = accepted(listener);
		while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
			NEED(send(fd, buffer, n, 0) == n);
		close(fd);
		if (arg[0])
			return;
	}
}

/* inet ask ADDRESS PORT */
static void scene_ask(char **arg)
{
	struct address at = loopback("4", atoi(arg[1]));
	char buffer[4096] = "";
	int fd;

	NEED(inet_pton(AF_INET, arg[0], &at.in.sin_addr) == 1);
	for (int tries = 0;; tries++) {
		fd = socket_on(&at, SOCK_STREAM);
		if (!connect(fd, &at.sa, at.len))
			break;
		NEED(tries < 5000);
		close(fd);
		usleep(10000);
	}
	for (int i = 0; i < 5; i++) {
		NEED(send(fd, buffer, 101, 0) == 101);
		NEED(recv(fd, buffer, 101, MSG_WAITALL) == 101);
	}
	close(fd);
}

static const struct scene {
	const char *name;
	void (*run)(char **arg);
	int args;
} scenes[] = {
	/* clang-format off */
	{"talk", scene_talk, 1},
	{"nonblock", scene_nonblock, 1},
	{"late", scene_late, 0},
	{"reuse", scene_reuse, 1},
	{"again", scene_again, 0},
	{"fork", scene_fork, 0},
	{"exec", scene_exec, 0},
	{"use", scene_use, 2},
	{"give", scene_give, 1},
	{"threads", scene_threads, 0},
	{"large", scene_large, 0},
	{"concurrent", scene_concurrent, 2},
	{"shared", scene_shared, 3},
	{"odd", scene_odd, 0},
	{"utalk", scene_utalk, 1},
	{"usenders", scene_usenders, 2},
	{"uloss", scene_uloss, 0},
	{"umany", scene_umany, 0},
	{"uodd", scene_uodd, 0},
	{"uports", scene_uports, 0},
	{"ushared", scene_ushared, 3},
	{"userve", scene_userve, 3},
	{"uask", scene_uask, 4},
	{"serve", scene_serve, 0},
	{"ask", scene_ask, 2},
	/* clang-format on */
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (argc > 1 && !strcmp(argv[1], scenes[i].name) && argc - 2 >= scenes[i].args) {
			scenes[i].run(argv + 2);
			fflush(stdout);
			return 0;
		}
	fprintf(stderr, "inet: which scene?\n");
	return 2;
}
