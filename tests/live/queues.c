// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the live tests: message queues of both kinds, semaphores and eventfds. `queues SCENE` runs
 * one of the scenes in the table at the end.
 *
 * In the races each message holds its sender's pid and a number that counts that one's messages.
 * Each receiver prints `receiver i sender n` for its i-th message: who really sent it.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SENDERS   4
#define RECEIVERS 4
#define EACH      1009 /* messages of a sender */
#define TYPES     7
#define KEY       0x1e240
#define NAME      "/ipctrace-test"

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "queues: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need((x), #x)

static void did(const char *call, const char *role, long count, long bytes)
{
	printf("%s %s %ld %ld\n", call, role, count, bytes);
}

struct text {
	pid_t sender;
	int number; /* of the sender's messages, from 1; 0: there are no more */
	char rest[56];
};

struct typed {
	long type;
	struct text text;
};

/* What a receiver got, to be printed in one piece. */
struct got {
	char *lines;
	size_t used, room;
	int count;
};

static void got_put(struct got *g, pid_t who, const struct text *text)
{
	if (g->used + 64 > g->room) {
		g->room = g->room * 2 + 4096;
		NEED((g->lines = realloc(g->lines, g->room)) != NULL);
	}
	g->used += sprintf(g->lines + g->used, "%d %d %d %d\n", who, ++g->count, text->sender,
			   text->number);
}

static void got_print(struct got *g)
{
	NEED(write(1, g->lines, g->used) == (ssize_t)g->used);
	free(g->lines);
}

static unsigned shuffled(unsigned *seed)
{
	return (*seed = *seed * 1103515245 + 12345) >> 16;
}

static mqd_t queue_make(long room)
{
	struct mq_attr attr = {.mq_maxmsg = room, .mq_msgsize = sizeof(struct text)};
	mqd_t q;

	mq_unlink(NAME);
	NEED((q = mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr)) >= 0);
	return q;
}

static void mq_sends(mqd_t q, pid_t who)
{
	struct text text = {.sender = who};
	unsigned seed = who;

	while (text.number < EACH) {
		text.number++;
		/* lengths differ; priority 0 is for the end */
		NEED(!mq_send(q, (char *)&text, 8 + shuffled(&seed) % 56,
			      1 + shuffled(&seed) % TYPES));
	}
}

/* Every second receiver does not ask for the priority, some give up after a while and come again.
 */
static void mq_receives(mqd_t q, pid_t who, int i)
{
	struct got got = {0};
	struct text text;
	unsigned priority;

	for (;;) {
		struct timespec when;
		ssize_t n;

		clock_gettime(CLOCK_REALTIME, &when);
		when.tv_nsec += 300000;
		when.tv_sec += when.tv_nsec / 1000000000;
		when.tv_nsec %= 1000000000;
		n = i == 3 ? mq_timedreceive(q, (char *)&text, sizeof(text), NULL, &when)
			   : mq_receive(q, (char *)&text, sizeof(text), i % 2 ? &priority : NULL);
		if (n < 0 && (errno == ETIMEDOUT || errno == EINTR))
			continue;
		NEED(n >= 8);
		if (!text.number)
			break;
		got_put(&got, who, &text);
	}
	got_print(&got);
}

/* Several send with shuffled priorities, several receive; the queue has room for few. */
static void scene_mq_race(void)
{
	struct text end = {0};
	mqd_t q = queue_make(3);
	pid_t senders[SENDERS];

	for (int i = 0; i < RECEIVERS; i++)
		if (!fork()) {
			mq_receives(q, getpid(), i);
			_exit(0);
		}
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = fork();
		if (!senders[i]) {
			mq_sends(q, getpid());
			_exit(0);
		}
	}
	for (int i = 0; i < SENDERS; i++)
		waitpid(senders[i], NULL, 0);
	for (int i = 0; i < RECEIVERS; i++)
		NEED(!mq_send(q, (char *)&end, 8, 0));
	while (wait(NULL) > 0)
		;
	NEED(!mq_close(q) && !mq_unlink(NAME));
}

static mqd_t thread_queue;

static void *thread_sends(void *arg)
{
	mq_sends(thread_queue, gettid());
	return arg;
}

static void *thread_receives(void *arg)
{
	mq_receives(thread_queue, gettid(), (int)(intptr_t)arg);
	return NULL;
}

/* The same with threads, and room for many. */
static void scene_mq_threads(void)
{
	struct text end = {0};
	pthread_t s[SENDERS], r[RECEIVERS];

	thread_queue = queue_make(10);
	for (int i = 0; i < RECEIVERS; i++)
		NEED(!pthread_create(&r[i], NULL, thread_receives, (void *)(intptr_t)i));
	for (int i = 0; i < SENDERS; i++)
		NEED(!pthread_create(&s[i], NULL, thread_sends, NULL));
	for (int i = 0; i < SENDERS; i++)
		pthread_join(s[i], NULL);
	for (int i = 0; i < RECEIVERS; i++)
		NEED(!mq_send(thread_queue, (char *)&end, 8, 0));
	for (int i = 0; i < RECEIVERS; i++)
		pthread_join(r[i], NULL);
	NEED(!mq_close(thread_queue) && !mq_unlink(NAME));
}

static void msg_sends(int q)
{
	struct typed m = {.text.sender = getpid()};
	unsigned seed = getpid();

	while (m.text.number < EACH) {
		m.text.number++;
		m.type = 1 + shuffled(&seed) % TYPES;
		NEED(!msgsnd(q, &m, 8 + shuffled(&seed) % 56, 0));
	}
}

/* Each asks in a way of its own; the second takes less than there is. */
static void msg_receives(int q, int i)
{
	static const struct {
		long type;
		size_t room;
		int flags;
	} ways[RECEIVERS] = {
		{0, sizeof(struct text), 0},
		{3, 12, MSG_NOERROR},
		{-4, sizeof(struct text), 0},
		{2, sizeof(struct text), MSG_EXCEPT},
	};
	struct got got = {0};
	struct typed m;

	while (msgrcv(q, &m, ways[i].room, ways[i].type, ways[i].flags) >= 8)
		got_put(&got, getpid(), &m.text);
	NEED(errno == EIDRM);
	got_print(&got);
}

static void scene_msg_race(void)
{
	struct msqid_ds state;
	int q = msgget(IPC_PRIVATE, 0600);
	pid_t senders[SENDERS];

	NEED(q >= 0 && !msgctl(q, IPC_STAT, &state));
	state.msg_qbytes = 300; /* room for few */
	NEED(!msgctl(q, IPC_SET, &state));
	for (int i = 0; i < RECEIVERS; i++)
		if (!fork()) {
			msg_receives(q, i);
			_exit(0);
		}
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = fork();
		if (!senders[i]) {
			msg_sends(q);
			_exit(0);
		}
	}
	for (int i = 0; i < SENDERS; i++)
		waitpid(senders[i], NULL, 0);
	do {
		usleep(1000);
		NEED(!msgctl(q, IPC_STAT, &state));
	} while (state.msg_qnum);
	usleep(10000);
	NEED(!msgctl(q, IPC_RMID, NULL));
	while (wait(NULL) > 0)
		;
}

/* Every call on POSIX queues, each 11 times or as it says. */
static void scene_mq_calls(void)
{
	char b[64] = "";
	struct sigevent quiet = {.sigev_notify = SIGEV_NONE};
	struct mq_attr attr;
	mqd_t q = queue_make(10), r;

	for (int i = 0; i < 11; i++) {
		NEED((r = mq_open(NAME, O_RDONLY | O_NONBLOCK)) >= 0);
		NEED(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, NULL) < 0 && errno == EEXIST);
		NEED(mq_open("/ipctrace-none", O_RDWR) < 0 && errno == ENOENT);
		NEED(!mq_send(q, b, 5, i) && !mq_send(q, b, 0, i) && !mq_send(q, b, 5, i));
		NEED(mq_send(q, b, 65, i) < 0 && errno == EMSGSIZE);
		NEED(mq_send(99, b, 1, 0) < 0 && errno == EBADF);
		NEED(mq_receive(q, b, 64, NULL) == 5);
		NEED(mq_receive(q, b, 64, NULL) == 0);
		NEED(mq_receive(q, (char *)1, 64, NULL) < 0 && errno == EFAULT); /* lost */
		NEED(mq_receive(r, b, 64, NULL) < 0 && errno == EAGAIN);
		NEED(!mq_getattr(q, &attr) && attr.mq_curmsgs == 0);
		NEED(!mq_notify(q, &quiet) && !mq_notify(q, NULL));
		NEED(read(q, b, 64) >= 0); /* its state; at the end from the second time on */
		NEED(!mq_close(r));
	}
	NEED(!mq_unlink(NAME) && mq_unlink(NAME) < 0 && errno == ENOENT);
	NEED(!mq_close(q));
	did("mq_open", "create", 12, 0);
	did("mq_open", "open", 22, 0);
	did("mq_timedsend", "send", 55, 11 * 10);
	did("mq_timedreceive", "recv", 44, 11 * 5);
	did("mq_getsetattr", "control", 11, 0);
	did("mq_notify", "control", 22, 0);
	did("read", "control", 11, 0);
	did("close", "close", 12, 0);
	did("mq_unlink", "control", 3, 0);
}

/* Every call on System V queues: peeks, cut messages, and what fails. */
static void scene_msg_calls(void)
{
	static struct {
		long type;
		char text[8192];
	} m = {5, ""};
	struct msqid_ds state;
	int q;

	for (int i = 0; i < 11; i++) {
		NEED((q = msgget(KEY + i, IPC_CREAT | IPC_EXCL | 0600)) >= 0);
		NEED(msgget(KEY + i, IPC_CREAT | IPC_EXCL | 0600) < 0 && errno == EEXIST);
		NEED(msgget(KEY + i, IPC_CREAT | 0600) == q);
		NEED(msgget(KEY + 99, 0) < 0 && errno == ENOENT);
		m.type = 5;
		NEED(!msgsnd(q, &m, 40, 0));
		m.type = 3;
		NEED(!msgsnd(q, &m, 30, 0) && !msgsnd(q, &m, 0, 0));
		NEED(msgrcv(q, &m, 64, 1, MSG_COPY | IPC_NOWAIT) == 30 && m.type == 3);
		NEED(msgrcv(q, &m, 64, 0, MSG_COPY | IPC_NOWAIT) == 40 && m.type == 5);
		NEED(msgrcv(q, &m, 64, 9, MSG_COPY | IPC_NOWAIT) < 0 && errno == ENOMSG);
		NEED(msgrcv(q, &m, 20, 5, 0) < 0 && errno == E2BIG);
		NEED(msgrcv(q, &m, 20, 5, MSG_NOERROR) == 20);
		NEED(msgrcv(q, &m, 64, -9, 0) == 30 && msgrcv(q, &m, 64, 0, 0) == 0);
		NEED(msgrcv(q, &m, 64, 0, IPC_NOWAIT) < 0 && errno == ENOMSG);
		NEED(!msgsnd(q, &m, 8192, 0) && msgrcv(q, &m, 8192, 0, 0) == 8192);
		m.type = 0;
		NEED(msgsnd(q, &m, 1, 0) < 0 && errno == EINVAL);
		NEED(!msgctl(q, IPC_STAT, &state) && msgctl(0, MSG_INFO, &state) >= 0);
		NEED(!msgctl(q, IPC_RMID, NULL));
		NEED(msgctl(q, IPC_RMID, NULL) < 0 && msgsnd(q, &m, 1, 0) < 0);
	}
	did("msgget", "create", 22, 0);
	did("msgget", "open", 22, 0);
	did("msgsnd", "send", 66, 11 * (70 + 8192));
	did("msgrcv", "recv", 99, 11 * (30 + 40 + 20 + 30 + 8192));
	did("msgctl", "control", 44, 0);
}

/* The same id for three queues, one after the other: i messages of i bytes in the i-th. */
static void scene_msg_reuse(void)
{
	struct {
		long type;
		char text[64];
	} m = {1, ""};
	int first = -1;

	for (int i = 1; i <= 3; i++) {
		FILE *next = fopen("/proc/sys/kernel/msg_next_id", "we");
		int q;

		NEED(next != NULL);
		if (first >= 0)
			fprintf(next, "%d", first);
		NEED(!fclose(next) && (q = msgget(IPC_PRIVATE, 0600)) >= 0);
		NEED(first < 0 || q == first);
		first = q;
		for (int k = 0; k < i; k++)
			NEED(!msgsnd(q, &m, i, 0));
		for (int k = 0; k < i - 1; k++) /* one is left inside, and lost */
			NEED(msgrcv(q, &m, 64, 0, 0) == i);
		NEED(!msgctl(q, IPC_RMID, NULL));
	}
}

/* For those that are not traced: make a queue with three messages, or take `count` out of it. */
static void scene_msg_make(void)
{
	struct typed m = {2, {getpid(), 1, ""}};
	int q = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);

	NEED(q >= 0);
	for (int i = 0; i < 3; i++)
		NEED(!msgsnd(q, &m, 11, 0));
}

static void scene_msg_take(void)
{
	int q = msgget(KEY, 0);
	struct typed m;

	NEED(q >= 0);
	for (int i = 0; i < 5; i++)
		NEED(msgrcv(q, &m, sizeof(m.text), 9, 0) > 0);
}

static void scene_msg_remove(void)
{
	NEED(!msgctl(msgget(KEY, 0), IPC_RMID, NULL));
}

/* A queue with three messages in it from before: take them, then send and take five. */
static void scene_msg_inherited(void)
{
	int q = msgget(KEY, 0);
	struct typed m = {2, {0, 0, ""}};

	NEED(q >= 0 && !msgsnd(q, &m, 7, 0));
	for (int i = 0; i < 3; i++)
		NEED(msgrcv(q, &m, sizeof(m.text), 2, 0) == 11);
	for (int i = 0; i < 4; i++)
		NEED(!msgsnd(q, &m, 7, 0));
	for (int i = 0; i < 5; i++)
		NEED(msgrcv(q, &m, sizeof(m.text), 0, 0) == 7);
}

/* Five messages that someone who is not traced takes. */
static void scene_msg_given(void)
{
	struct typed m = {9, {0, 0, ""}};
	struct msqid_ds state;
	int q = msgget(KEY, 0);

	NEED(q >= 0);
	for (int i = 0; i < 5; i++) {
		NEED(!msgsnd(q, &m, 13, 0));
		usleep(20000);
	}
	NEED(!msgctl(q, IPC_STAT, &state));
}

/* Queues left behind, and one that is not. */
static void scene_left(void)
{
	NEED(mq_open(NAME "-left", O_CREAT | O_RDWR, 0600, NULL) >= 0);
	NEED(!mq_close(queue_make(2)) && !mq_unlink(NAME));
	NEED(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600) >= 0);
	NEED(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600) >= 0);
	NEED(!semctl(semget(KEY + 1, 1, IPC_CREAT | 0600), 0, IPC_RMID));
}

static void scene_left_remove(void)
{
	mq_unlink(NAME "-left");
	msgctl(msgget(KEY, 0), IPC_RMID, NULL);
	semctl(semget(KEY, 0, 0), 0, IPC_RMID);
}

static void scene_poll(void)
{
	mqd_t q = queue_make(4);
	int p[2];
	struct pollfd fds[2] = {{.events = POLLIN}, {.fd = q, .events = POLLIN}};
	fd_set set;
	struct timeval soon = {0, 1000};

	NEED(!pipe(p));
	fds[0].fd = p[0];
	NEED(poll(fds, 1, 0) == 0); /* no queue */
	NEED(poll(fds, 2, 1) == 0);
	NEED(!mq_send(q, "x", 1, 0));
	NEED(poll(fds, 2, -1) == 1);
	FD_ZERO(&set);
	FD_SET(q, &set);
	NEED(select(q + 1, &set, NULL, NULL, &soon) == 1);
	NEED(mq_receive(q, (char *)fds, 64, NULL) == 1);
	NEED(!mq_close(q) && !mq_unlink(NAME));
}

static void nothing(int sig)
{
}

/* Wait until the process sleeps in this system call: /proc/PID/syscall. */
static void asleep_in(pid_t pid, int call)
{
	char path[64];
	int now = -1;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	while (now != call) {
		FILE *f = fopen(path, "re");

		NEED(f != NULL);
		if (fscanf(f, "%d", &now) != 1)
			now = -1; /* it runs */
		fclose(f);
		usleep(1000);
	}
}

/* A receive that a handler interrupts, one that is killed; an fd that an exec closes. */
static void scene_unfinished(void)
{
	struct sigaction act = {.sa_handler = nothing};
	int q = msgget(IPC_PRIVATE, 0600);
	mqd_t mq = queue_make(2);
	pid_t child;
	char c;
	int p[2];

	NEED(!pipe(p));
	sigaction(SIGUSR1, &act, NULL);
	child = fork();
	if (!child) {
		struct typed m;

		NEED(msgrcv(q, &m, 8, 0, 0) < 0 && errno == EINTR);
		NEED(write(p[1], "x", 1) == 1);
		_exit(msgrcv(q, &m, 8, 0, 0) > 0);
	}
	asleep_in(child, SYS_msgrcv);
	kill(child, SIGUSR1);
	NEED(read(p[0], &c, 1) == 1);
	asleep_in(child, SYS_msgrcv);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	NEED(!msgctl(q, IPC_RMID, NULL));
	if (!fork()) {
		execl("/proc/self/exe", "queues", "none", NULL);
		_exit(1);
	}
	wait(NULL);
	NEED(!mq_close(mq) && !mq_unlink(NAME));
}

/* A signal that says that a message has come. */
static void scene_notify(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	mqd_t q = queue_make(2);
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	NEED(!mq_notify(q, &event));
	if (!fork())
		_exit(!!mq_send(q, "x", 1, 3));
	NEED(!sigwait(&set, &sig) && sig == SIGUSR1);
	NEED(mq_receive(q, (char *)&event, 64, NULL) == 1);
	wait(NULL);
	NEED(!mq_unlink(NAME));
}

static void semop_one(int s, unsigned short number, short op)
{
	struct sembuf b = {number, op, 0};

	NEED(!semop(s, &b, 1));
}

/*
 * Semaphore i is given by the i-th giver alone. Prints `number giver`. Some waits end by time, and
 * every taker gives an answer in the same call as it waits.
 */
static void scene_sem_race(void)
{
	int s = semget(IPC_PRIVATE, 2 * SENDERS, 0600);
	struct timespec soon = {0, 200000};

	NEED(s >= 0);
	for (unsigned short i = 0; i < SENDERS; i++) {
		pid_t giver = fork(), taker;

		if (!giver) {
			for (int k = 0; k < EACH; k++) {
				semop_one(s, i, 1);
				semop_one(s, SENDERS + i, -1);
			}
			_exit(0);
		}
		taker = fork();
		if (!taker) {
			for (int k = 0; k < EACH; k++) {
				struct sembuf both[] = {{i, -1, 0}, {SENDERS + i, 1, 0}};

				while (semtimedop(s, both, 2, i ? NULL : &soon))
					NEED(errno == EAGAIN);
			}
			_exit(0);
		}
		printf("%d %d\n%d %d\n", i, giver, SENDERS + i, taker);
		fflush(stdout);
	}
	while (wait(NULL) > 0)
		;
	NEED(!semctl(s, 0, IPC_RMID));
}

static void scene_sem_calls(void)
{
	struct sembuf up = {1, 2, 0}, down = {1, -1, IPC_NOWAIT}, zero = {0, 0, 0};
	int s;

	for (int i = 0; i < 7; i++) {
		NEED((s = semget(KEY, 2, IPC_CREAT | IPC_EXCL | 0600)) >= 0);
		NEED(semget(KEY, 2, 0) == s && semget(KEY + 9, 1, 0) < 0);
		NEED(!syscall(SYS_semop, s, &up, 1) && !syscall(SYS_semop, s, &down, 1));
		NEED(!syscall(SYS_semtimedop, s, &down, 1, NULL));
		NEED(syscall(SYS_semop, s, &down, 1) < 0 && errno == EAGAIN);
		NEED(!syscall(SYS_semop, s, &zero, 1));
		NEED(!semctl(s, 0, SETVAL, 3) && semctl(s, 0, GETVAL) == 3);
		NEED(!semctl(s, 0, IPC_RMID) && semctl(s, 0, IPC_RMID) < 0);
	}
	did("semget", "create", 7, 0);
	did("semget", "open", 14, 0);
	did("semop", "wake", 7, 0);
	did("semop", "wait", 21, 0);
	did("semtimedop", "wait", 7, 0);
	did("semctl", "control", 28, 0);
}

/* A semctl that lets three go. */
static void scene_sem_set(void)
{
	int s = semget(IPC_PRIVATE, 1, 0600);

	for (int i = 0; i < 3; i++)
		if (!fork()) {
			semop_one(s, 0, -1);
			_exit(0);
		}
	usleep(50000);
	NEED(!semctl(s, 0, SETVAL, 3));
	while (wait(NULL) > 0)
		;
	NEED(!semctl(s, 0, IPC_RMID));
}

static void count_write(int e, uint64_t n)
{
	NEED(write(e, &n, sizeof(n)) == sizeof(n));
}

static uint64_t count_read(int e)
{
	uint64_t n;

	NEED(read(e, &n, sizeof(n)) == sizeof(n));
	return n;
}

/* An initial count, several writes for a read, a semaphore, numbers that are used again. */
static void scene_eventfd_calls(void)
{
	uint64_t ones[2] = {1, 1};
	struct iovec v[2] = {{&ones[0], 8}, {&ones[1], 8}};
	int e, s;

	for (int i = 0; i < 7; i++) {
		NEED((e = syscall(SYS_eventfd, 3)) >= 0 && (s = eventfd(0, EFD_SEMAPHORE)) >= 0);
		NEED(eventfd(0, 0x7777) < 0 && errno == EINVAL);
		count_write(e, 5);
		count_write(e, 7);
		NEED(count_read(e) == 15);
		count_write(e, 2);
		NEED(count_read(e) == 2);
		NEED(writev(s, v, 2) == 16 && count_read(s) == 1 && count_read(s) == 1);
		NEED(!close(e) && !close(s));
	}
	did("eventfd", "create", 7, 0);
	did("eventfd2", "create", 14, 0);
	did("write", "send", 21, 21 * 8);
	did("writev", "send", 7, 7 * 16);
	did("read", "recv", 28, 28 * 8);
	did("close", "close", 14, 0);
}

/* Writer i adds 1000^i: what a reader gets says how many writes of each. Prints `i count...`. */
static void scene_eventfd_race(void)
{
	int e = eventfd(0, 0);
	uint64_t n, sum = 0, step = 1;
	long reads = 0;

	for (int i = 0; i < 3; i++, step *= 1000)
		if (!fork()) {
			for (int k = 0; k < 900; k++) {
				count_write(e, step);
				if (k % 7 == 0)
					usleep(50);
			}
			_exit(0);
		}
	while (sum < 900 * 1001001ull) {
		sum += n = count_read(e);
		printf("%ld %ld %ld %ld\n", ++reads, (long)(n % 1000), (long)(n / 1000 % 1000),
		       (long)(n / 1000000));
	}
	while (wait(NULL) > 0)
		;
}

static void scene_none(void)
{
}

static const struct {
	const char *name;
	void (*run)(void);
} scenes[] = {
	{"mq-race", scene_mq_race},           {"mq-threads", scene_mq_threads},
	{"mq-calls", scene_mq_calls},         {"msg-race", scene_msg_race},
	{"msg-calls", scene_msg_calls},       {"msg-reuse", scene_msg_reuse},
	{"msg-make", scene_msg_make},         {"msg-take", scene_msg_take},
	{"msg-remove", scene_msg_remove},     {"msg-inherited", scene_msg_inherited},
	{"msg-given", scene_msg_given},       {"left", scene_left},
	{"left-remove", scene_left_remove},   {"poll", scene_poll},
	{"unfinished", scene_unfinished},     {"notify", scene_notify},
	{"sem-race", scene_sem_race},         {"sem-calls", scene_sem_calls},
	{"sem-set", scene_sem_set},           {"eventfd-calls", scene_eventfd_calls},
	{"eventfd-race", scene_eventfd_race}, {"none", scene_none},
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scenes[i].name, name)) {
			scenes[i].run();
			return 0;
		}
	fprintf(stderr, "queues: no scene '%s'\n", name);
	return 2;
}
