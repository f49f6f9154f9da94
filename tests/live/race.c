// SPDX-License-Identifier: BSD-2-Clause
/*
 * Numbered messages from several writers at once: what a recording says of who sent what can be
 * held against what the receivers got. `race MECHANISM WRITERS READERS SIZE COUNT [processes]`;
 * all writers share one end, all readers the other. COUNT messages of SIZE bytes are sent in all.
 *
 * Each word of 4 bytes of a message says who sent it and its number, and no byte but the first has
 * its high bit set, so that a piece of a stream can be read from anywhere in it. Prints, for each
 * receive and each message that it had a part of: `tid nth tid nth bytes`, receiver first; a call
 * is the nth of its thread that received, or sent, anything.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS_MAX 8
#define READERS_MAX 8
#define SIZE_MAX_   65536
#define WORD        4
#define LAST        0x1ffffff /* number of what tells a reader that no more will come */
#define EVENT_BITS  38        /* of an eventfd's count, which the writers share out */

/* What one receive had of one message. */
struct part {
	uint32_t nth, writer, number, bytes;
};

struct reader {
	pid_t tid;
	uint32_t receives;
	size_t parts;
	struct part *part;
};

static struct shared {
	pthread_barrier_t gate;
	pid_t tids[WRITERS_MAX];
	struct reader reader[READERS_MAX];
} * shared;

static const char *mechanism;
static int writers, readers, size, count, processes;
static int event_bits; /* for each writer */
static int ends[2];    /* to receive from, to send to */

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "race: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need(!!(x), #x)

static int is(const char *name)
{
	return !strcmp(mechanism, name);
}

static int is_stream(void)
{
	return is("pipe") || is("fifo") || is("unix_stream") || is("tcp");
}

static void *shared_memory(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	NEED(p != MAP_FAILED);
	return p;
}

static void message_fill(unsigned char *message, uint32_t writer, uint32_t number)
{
	for (int i = 0; i < size; i += WORD) {
		message[i] = 0x80 | writer << 4 | number >> 21;
		message[i + 1] = number >> 14 & 0x7f;
		message[i + 2] = number >> 7 & 0x7f;
		message[i + 3] = number & 0x7f;
	}
}

static void part_add(struct reader *r, uint32_t writer, uint32_t number, uint32_t bytes)
{
	struct part *last = r->parts ? &r->part[r->parts - 1] : NULL;

	if (last && last->nth == r->receives && last->writer == writer && last->number == number) {
		last->bytes += bytes;
		return;
	}
	r->part[r->parts++] = (struct part){r->receives, writer, number, bytes};
}

static int word_is_whole(const unsigned char *text)
{
	return text[0] & 0x80 && !((text[1] | text[2] | text[3]) & 0x80);
}

/*
 * Split what was received into messages. Returns 0 if it says that no more will come. Where a word
 * of one message is cut and another's bytes follow, both may lose the bytes of that word, up to
 * three each, and a word of neither may be read: no message that is sent has its number by more
 * than chance.
 */
static int parts_read(struct reader *r, const unsigned char *text, ssize_t len)
{
	for (ssize_t i = 0; i + WORD <= len;) {
		uint32_t number;

		if (!word_is_whole(text + i)) {
			i++;
			continue;
		}
		number = (text[i] & 15) << 21 | text[i + 1] << 14 | text[i + 2] << 7 | text[i + 3];
		if (number == LAST)
			return 0;
		part_add(r, text[i] >> 4 & 7, number, WORD);
		i += WORD;
	}
	return 1;
}

/* An eventfd counts apart for each writer: a read has the next few messages of each. */
static int counts_read(struct reader *r, const unsigned char *text, uint32_t *taken)
{
	uint64_t counts;

	memcpy(&counts, text, sizeof(counts));
	for (int w = 0; w < writers; w++)
		for (int n = counts >> (event_bits * w) & ((1 << event_bits) - 1); n > 0; n--)
			part_add(r, w, taken[w]++, 0);
	return !(counts >> (event_bits * writers));
}

static void *read_all(void *nth)
{
	struct reader *r = &shared->reader[(intptr_t)nth];
	unsigned char *text = malloc(SIZE_MAX_);
	uint32_t taken[WRITERS_MAX] = {0};
	int more = 1;
	ssize_t n;

	NEED(text);
	r->tid = gettid();
	pthread_barrier_wait(&shared->gate);
	while (more && (n = read(ends[0], text, is("eventfd") ? 8 : size)) > 0) {
		more = is("eventfd") ? counts_read(r, text, taken) : parts_read(r, text, n);
		r->receives++;
	}
	NEED(!more || n == 0);
	free(text);
	return NULL;
}

static void *write_all(void *nth)
{
	uint32_t writer = (intptr_t)nth;
	unsigned char *text = malloc(SIZE_MAX_);
	uint64_t one = 1ull << (event_bits * writer);

	NEED(text);
	shared->tids[writer] = gettid();
	pthread_barrier_wait(&shared->gate);
	for (int i = 0; i < count / writers; i++) {
		message_fill(text, writer, i);
		if (is("eventfd"))
			NEED(write(ends[1], &one, sizeof(one)) == sizeof(one));
		else
			NEED(write(ends[1], text, size) == size);
	}
	free(text);
	return NULL;
}

static void open_tcp(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);

	NEED(!bind(s, (void *)&sa, len) && !listen(s, 1));
	NEED(!getsockname(s, (void *)&sa, &len));
	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	NEED(!connect(ends[1], (void *)&sa, len));
	ends[0] = accept(s, NULL, NULL);
	NEED(ends[0] >= 0);
	setsockopt(ends[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	close(s);
}

static void open_udp(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int room = 1 << 28;

	ends[0] = socket(AF_INET, SOCK_DGRAM, 0);
	ends[1] = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	NEED(!bind(ends[0], (void *)&sa, len) && !getsockname(ends[0], (void *)&sa, &len));
	NEED(!connect(ends[1], (void *)&sa, len));
}

static void open_fifo(void)
{
	char path[] = "/tmp/ipctrace-race-XXXXXX";

	NEED(mkdtemp(path) && !rmdir(path) && !mkfifo(path, 0600));
	ends[0] = open(path, O_RDONLY | O_NONBLOCK);
	ends[1] = open(path, O_WRONLY);
	NEED(ends[0] >= 0 && ends[1] >= 0 && !fcntl(ends[0], F_SETFL, 0) && !unlink(path));
}

static void open_ends(void)
{
	if (is("pipe"))
		NEED(!pipe(ends));
	else if (is("fifo"))
		open_fifo();
	else if (is("tcp"))
		open_tcp();
	else if (is("udp"))
		open_udp();
	else if (is("eventfd"))
		NEED((ends[0] = ends[1] = eventfd(0, 0)) >= 0);
	else
		NEED(!socketpair(AF_UNIX,
				 is("unix_stream")  ? SOCK_STREAM
				 : is("unix_dgram") ? SOCK_DGRAM
						    : SOCK_SEQPACKET,
				 0, ends));
}

/* In a thread, or in a process of its own. */
static void begin(void *(*work)(void *), intptr_t nth, pthread_t *thread)
{
	if (!processes) {
		NEED(!pthread_create(thread, NULL, work, (void *)nth));
		return;
	}
	*thread = fork();
	if (*thread)
		return;
	if (!is("eventfd"))
		close(ends[work == read_all]);
	work((void *)nth);
	_exit(0);
}

static void finish(pthread_t thread)
{
	int status = 0;

	if (!processes)
		NEED(!pthread_join(thread, NULL));
	else
		NEED(waitpid(thread, &status, 0) == (pid_t)thread && !status);
}

/* The writers are done: what has no end of its own needs a message that says so. */
static void end(void)
{
	unsigned char text[SIZE_MAX_];
	uint64_t last = 1ull << (event_bits * writers);

	message_fill(text, 0, LAST);
	if (is_stream())
		NEED(!close(ends[1]));
	else
		for (int i = 0; i < readers; i++)
			NEED(is("eventfd") ? write(ends[1], &last, sizeof(last)) == sizeof(last)
					   : write(ends[1], text, size) == size);
}

static void report(void)
{
	for (struct reader *r = shared->reader; r < shared->reader + readers; r++)
		for (struct part *p = r->part; p < r->part + r->parts; p++)
			printf("%d %u %d %u %u\n", r->tid, p->nth, shared->tids[p->writer],
			       p->number, p->bytes);
}

int main(int argc, char **argv)
{
	pthread_t threads[WRITERS_MAX + READERS_MAX];
	pthread_barrierattr_t attr;

	NEED(argc > 5);
	mechanism = argv[1];
	writers = atoi(argv[2]);
	readers = atoi(argv[3]);
	size = atoi(argv[4]);
	count = atoi(argv[5]);
	processes = argc > 6;
	event_bits = EVENT_BITS / (writers ? writers : 1);
	NEED(writers > 0 && writers <= WRITERS_MAX && readers > 0 && readers <= READERS_MAX);
	NEED(!is("eventfd") || (readers == 1 && count / writers < 1 << event_bits));
	NEED(size >= WORD && size <= SIZE_MAX_ && size % WORD == 0);
	shared = shared_memory(sizeof(*shared));
	for (int i = 0; i < readers; i++)
		shared->reader[i].part =
			shared_memory(sizeof(struct part) * (size_t)(count + 1) * 4);
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->gate, &attr, writers + readers);
	open_ends();
	for (intptr_t i = 0; i < readers; i++)
		begin(read_all, i, &threads[writers + i]);
	for (intptr_t i = 0; i < writers; i++)
		begin(write_all, i, &threads[i]);
	if (processes && !is("eventfd"))
		close(ends[0]);
	for (int i = 0; i < writers; i++)
		finish(threads[i]);
	end();
	for (int i = 0; i < readers; i++)
		finish(threads[writers + i]);
	report();
	return 0;
}
