// SPDX-License-Identifier: BSD-2-Clause
/*
 * Scenes for parts.bats: a receiver that is ready and gets no CPU, and one that is elsewhere when
 * its message comes. What each part of the transit must at least be follows from what the scene
 * waits for, and not from how fast anything is.
 *
 * usage: test-parts runq|late MECHANISM
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS  5
#define LONG_NS 20000000ll

/* What the processes tell each other without any call. */
static struct shared {
	int receiving; /* round in which the receiver goes to its receive */
	int received;  /* round that it has received */
	int sent;
	int spin, spinning;
	uint32_t word; /* of the futex */
} * shared;

static int fds[2], id;
static pid_t receiver, spinner;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

#define CHECK(call)                                                                                \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			die(#call);                                                                \
	} while (0)

static int get(const int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static void set(int *flag, int value)
{
	__atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void nap(int64_t ns)
{
	struct timespec t = {ns / 1000000000, ns % 1000000000};

	nanosleep(&t, NULL);
}

static void wait_for(const int *flag, int value)
{
	while (get(flag) != value)
		nap(200000);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK(sched_setaffinity(0, sizeof(set), &set));
}

/* Until the process sleeps. */
static void wait_asleep(pid_t pid)
{
	char path[64], text[512], *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		ssize_t n;

		fd = open(path, O_RDONLY);
		n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		if (n <= 0)
			die(path);
		close(fd);
		text[n] = 0;
		state = strrchr(text, ')') + 2;
	} while (*state != 'S');
}

/* By mechanism: make it before the fork, send a message of 7 bytes, receive one. */

static void pipe_open(void)
{
	CHECK(pipe(fds));
}

static void fifo_open(void)
{
	CHECK(mkfifo("fifo", 0600));
	fds[0] = open("fifo", O_RDWR);
	fds[1] = fds[0];
	CHECK(fds[0]);
}

static void stream_open(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static void seqpacket_open(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds));
}

static void dgram_open(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
}

static void inet_open(int type)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	CHECK(fds[0] = socket(AF_INET, type, 0));
	CHECK(bind(fds[0], (void *)&at, len));
	CHECK(getsockname(fds[0], (void *)&at, &len));
	if (type == SOCK_STREAM)
		CHECK(listen(fds[0], 1));
	CHECK(fds[1] = socket(AF_INET, type, 0));
	CHECK(connect(fds[1], (void *)&at, len));
	if (type == SOCK_STREAM)
		CHECK(fds[0] = accept(fds[0], NULL, NULL));
}

static void tcp_open(void)
{
	inet_open(SOCK_STREAM);
}

static void udp_open(void)
{
	inet_open(SOCK_DGRAM);
}

static void fd_send(void)
{
	CHECK(write(fds[1], "seven b", 7));
}

static void fd_recv(void)
{
	char b[16];

	CHECK(read(fds[0], b, sizeof(b)));
}

static void mq_open_(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};

	CHECK(fds[0] = mq_open("/ipctrace-parts", O_RDWR | O_CREAT | O_EXCL, 0600, &attr));
	mq_unlink("/ipctrace-parts");
}

static void mq_send_(void)
{
	CHECK(mq_send(fds[0], "seven b", 7, 1));
}

static void mq_recv(void)
{
	char b[16];

	CHECK(mq_receive(fds[0], b, sizeof(b), NULL));
}

struct message {
	long type;
	char text[16];
};

static void msg_open(void)
{
	CHECK(id = msgget(IPC_PRIVATE, 0600));
}

static void msg_send(void)
{
	struct message m = {1, "seven b"};

	CHECK(msgsnd(id, &m, 7, 0));
}

static void msg_recv(void)
{
	struct message m;

	CHECK(msgrcv(id, &m, sizeof(m.text), 0, 0));
}

static void msg_close(void)
{
	msgctl(id, IPC_RMID, NULL);
}

static void eventfd_open(void)
{
	CHECK(fds[0] = fds[1] = eventfd(0, 0));
}

static void eventfd_send(void)
{
	CHECK(eventfd_write(fds[1], 1));
}

static void sem_open_(void)
{
	CHECK(id = semget(IPC_PRIVATE, 1, 0600));
}

static void sem_move(int by)
{
	struct sembuf op = {.sem_op = by};

	CHECK(semop(id, &op, 1));
}

static void sem_send(void)
{
	sem_move(1);
}

static void sem_recv(void)
{
	sem_move(-1);
}

static void sem_close_(void)
{
	semctl(id, 0, IPC_RMID);
}

static void futex_send(void)
{
	CHECK(syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0));
}

static void futex_recv(void)
{
	CHECK(syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0));
}

static void signal_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
}

static void signal_send(void)
{
	CHECK(kill(receiver, SIGUSR1));
}

static void signal_recv(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigwaitinfo(&set, NULL));
}

static const struct mechanism {
	const char *name;
	void (*open)(void), (*send)(void), (*recv)(void), (*close)(void);
} mechanisms[] = {
	{"pipe", pipe_open, fd_send, fd_recv, NULL},
	{"fifo", fifo_open, fd_send, fd_recv, NULL},
	{"unix_stream", stream_open, fd_send, fd_recv, NULL},
	{"unix_seqpacket", seqpacket_open, fd_send, fd_recv, NULL},
	{"unix_dgram", dgram_open, fd_send, fd_recv, NULL},
	{"tcp", tcp_open, fd_send, fd_recv, NULL},
	{"udp", udp_open, fd_send, fd_recv, NULL},
	{"posix_mq", mq_open_, mq_send_, mq_recv, NULL},
	{"sysv_mq", msg_open, msg_send, msg_recv, msg_close},
	{"eventfd", eventfd_open, eventfd_send, fd_recv, NULL},
	{"sysv_sem", sem_open_, sem_send, sem_recv, sem_close_},
	{"futex", NULL, futex_send, futex_recv, NULL},
	{"signal", signal_open, signal_send, signal_recv, NULL},
};

static const struct mechanism *m;

static void receive_all(int late)
{
	pin(0);
	for (int round = 1; round <= ROUNDS; round++) {
		if (late) {
			wait_for(&shared->sent, round);
			nap(LONG_NS);
		}
		set(&shared->receiving, round);
		m->recv();
		set(&shared->received, round);
	}
	_exit(0);
}

/* Takes the receiver's CPU for itself when told to. */
static void spin_all(void)
{
	struct sched_param param = {.sched_priority = 10};

	pin(0);
	CHECK(sched_setscheduler(0, SCHED_FIFO, &param));
	for (;;) {
		wait_for(&shared->spin, 1);
		set(&shared->spinning, 1);
		while (get(&shared->spin))
			;
		set(&shared->spinning, 0);
	}
}

/* The receiver sleeps and is woken, and its CPU is taken for LONG_NS after that. */
static void round_runq(int round)
{
	int64_t until;

	wait_for(&shared->receiving, round);
	wait_asleep(receiver);
	set(&shared->spin, 1);
	while (!get(&shared->spinning))
		;
	m->send();
	until = now_ns() + LONG_NS;
	while (now_ns() < until)
		;
	set(&shared->spin, 0);
	wait_for(&shared->received, round);
}

/* The receiver comes LONG_NS after the send. */
static void round_late(int round)
{
	m->send();
	set(&shared->sent, round);
	wait_for(&shared->received, round);
}

int main(int argc, char **argv)
{
	int late = argc == 3 && !strcmp(argv[1], "late");

	if (argc != 3 || (!late && strcmp(argv[1], "runq")))
		return 2;
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (!strcmp(mechanisms[i].name, argv[2]))
			m = &mechanisms[i];
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (!m || shared == MAP_FAILED)
		return 2;
	if (m->open)
		m->open();
	CHECK(receiver = fork());
	if (!receiver)
		receive_all(late);
	pin(1);
	CHECK(spinner = late ? 0 : fork());
	if (!late && !spinner)
		spin_all();
	for (int round = 1; round <= ROUNDS; round++)
		late ? round_late(round) : round_runq(round);
	if (spinner) {
		kill(spinner, SIGKILL);
		waitpid(spinner, NULL, 0);
	}
	waitpid(receiver, NULL, 0);
	if (m->close)
		m->close();
	printf("%d %d %d %lld\n", getpid(), receiver, ROUNDS, LONG_NS);
	return 0;
}
