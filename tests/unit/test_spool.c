// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/spool.c: records come out as they went in, whatever the two threads do, and what finds
 * no room is counted by mechanism. Each record carries its number and bytes that follow from it.
 */
#include "collector/spool.h"

#include "rows.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1 << 20)

/* What the spool keeps in memory before it needs the file (spool.c), and a chunk more. */
#define IN_MEMORY_MIB 48

/* The longest record, or the shortest, or between. */
static size_t record_make(unsigned char *out, uint64_t number)
{
	uint64_t seed = number;
	size_t len = 16 + 8 * (random_next(&seed) % ((IPCT_RECORD_MAX - 16) / 8 + 1));
	struct ipct_head head = {.len = len,
				 .type = IPCT_EV_OP,
				 .mechanism = 1 + number % (IPCT_MECH_COUNT - 1)};

	memcpy(out, &head, sizeof(head));
	memcpy(out + 8, &number, sizeof(number));
	/* no bit of IPCT_OP_PART, which would make it no op */
	memset(out + 16, (int)(number * 7 + 1) & 0xef, len - 16);
	return len;
}

static void record_put(struct spool *s, uint64_t number)
{
	_Alignas(8) unsigned char record[IPCT_RECORD_MAX];
	size_t len = record_make(record, number);

	spool_put(s, record, len);
}

/*
 * What the reader has seen. cmocka's asserts work in the main thread only, so failures are kept
 * and looked at there.
 */
struct reader {
	struct spool *spool;
	uint64_t next; /* number of the record that should come */
	uint64_t records, bytes;
	bool may_miss; /* losses are in the test's plan */
	uint64_t missed[IPCT_MECH_COUNT];
	int failed;          /* line of the first failure */
	useconds_t pause_us; /* before each chunk */
};

#define READER_ASSERT(r, what)                                                                     \
	do {                                                                                       \
		if (!(what) && !(r)->failed)                                                       \
			(r)->failed = __LINE__;                                                    \
	} while (0)

static size_t reader_take(struct reader *r, const unsigned char *data, size_t left)
{
	_Alignas(8) unsigned char expected[IPCT_RECORD_MAX];
	uint64_t number;
	size_t len;

	READER_ASSERT(r, left >= 16);
	if (r->failed)
		return left;
	memcpy(&number, data + 8, sizeof(number));
	READER_ASSERT(r, r->may_miss ? number >= r->next : number == r->next);
	for (; r->next < number && !r->failed; r->next++)
		r->missed[1 + r->next % (IPCT_MECH_COUNT - 1)]++;
	len = record_make(expected, number);
	READER_ASSERT(r, len <= left && !memcmp(data, expected, len));
	r->next = number + 1;
	r->records++;
	return r->failed ? left : len;
}

static void reader_take_chunk(struct reader *r, const void *data, size_t len)
{
	r->bytes += len;
	for (size_t at = 0; at < len;)
		at += reader_take(r, (const unsigned char *)data + at, len - at);
}

/* Read to the end. */
static void *reader_run(void *arg)
{
	struct reader *r = arg;
	const void *data;
	size_t len;
	int got;

	while ((got = spool_get(r->spool, 1000, &data, &len)) >= 0) {
		if (!got)
			continue;
		if (r->pause_us)
			usleep(r->pause_us);
		reader_take_chunk(r, data, len);
	}
	READER_ASSERT(r, got == -ENODATA);
	return NULL;
}

static void reader_check(const struct reader *r, uint64_t records)
{
	if (r->failed)
		fail_msg("the reader failed at line %d, record %llu", r->failed,
			 (unsigned long long)r->next);
	assert_int_equal(r->records, records);
}

/* Put records until there are more than `mib` MiB of them. Returns how many that were. */
static uint64_t put_mib(struct spool *s, uint64_t first, unsigned mib)
{
	_Alignas(8) unsigned char record[IPCT_RECORD_MAX];
	uint64_t number = first;

	for (uint64_t bytes = 0; bytes <= (uint64_t)mib * MIB; number++) {
		size_t len = record_make(record, number);

		spool_put(s, record, len);
		bytes += len;
	}
	return number - first;
}

static void assert_lost(struct spool *s, const uint64_t expected[IPCT_MECH_COUNT])
{
	__u64 lost[IPCT_MECH_COUNT];

	spool_lost(s, lost);
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		assert_int_equal(lost[m], expected[m]);
}

static void assert_nothing_lost(struct spool *s)
{
	const uint64_t none[IPCT_MECH_COUNT] = {0};

	assert_lost(s, none);
}

static void test_in_memory(void **state)
{
	struct spool *s = spool_new(".");
	struct reader r = {.spool = s};

	for (int i = 0; i < 1009; i++)
		record_put(s, i);
	spool_flush(s);
	assert_true(spool_backlog(s) > 0);
	spool_end(s);
	reader_run(&r);
	reader_check(&r, 1009);
	assert_int_equal(spool_backlog(s), 0);
	assert_nothing_lost(s);
	spool_free(s);
}

static void test_flush(void **state)
{
	struct spool *s = spool_new(".");
	struct reader r = {.spool = s};
	const void *data;
	size_t len;

	record_put(s, 0);
	assert_int_equal(spool_get(s, 0, &data, &len), 0); /* the writer still fills the chunk */
	spool_flush(s);
	spool_flush(s);
	assert_int_equal(spool_get(s, 0, &data, &len), 1);
	reader_take_chunk(&r, data, len);
	record_put(s, 1);
	record_put(s, 2);
	spool_flush(s);
	assert_int_equal(spool_get(s, 0, &data, &len), 1);
	reader_take_chunk(&r, data, len);
	reader_check(&r, 3);
	assert_int_equal(spool_get(s, 0, &data, &len), 0);
	spool_end(s);
	spool_free(s);
}

static void test_end(void **state)
{
	struct spool *s = spool_new(".");
	const void *data;
	size_t len;

	spool_end(s);
	for (int i = 0; i < 3; i++)
		assert_int_equal(spool_get(s, 10000, &data, &len), -ENODATA);
	spool_free(s);
	spool_free(NULL);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void test_time_out(void **state)
{
	struct spool *s = spool_new(".");
	int64_t began_ms = now_ms();
	const void *data;
	size_t len;

	assert_int_equal(spool_get(s, 120, &data, &len), 0);
	assert_in_range(now_ms() - began_ms, 119, 10000);
	spool_free(s);
}

static void *end_later(void *arg)
{
	usleep(50000);
	spool_end(arg);
	return NULL;
}

/* The end wakes a reader that waits. */
static void test_end_wakes(void **state)
{
	struct spool *s = spool_new(".");
	int64_t began_ms = now_ms();
	const void *data;
	pthread_t thread;
	size_t len;

	assert_int_equal(pthread_create(&thread, NULL, end_later, s), 0);
	assert_int_equal(spool_get(s, 60000, &data, &len), -ENODATA);
	assert_true(now_ms() - began_ms < 50000);
	pthread_join(thread, NULL);
	spool_free(s);
}

/* The reader sleeps while more comes than is kept in memory, twice. */
static void test_to_file_and_back(void **state)
{
	struct spool *s = spool_new(".");
	struct reader r = {.spool = s};
	uint64_t count = put_mib(s, 0, IN_MEMORY_MIB + 20);
	const void *data;
	size_t len;

	spool_flush(s);
	assert_true(spool_backlog(s) > (uint64_t)(IN_MEMORY_MIB + 20) * MIB);
	for (int i = 0; i < IN_MEMORY_MIB + 10; i++) {
		assert_int_equal(spool_get(s, 0, &data, &len), 1);
		reader_take_chunk(&r, data, len);
	}
	count += put_mib(s, count, IN_MEMORY_MIB + 5);
	spool_end(s);
	reader_run(&r);
	reader_check(&r, count);
	assert_nothing_lost(s);
	spool_free(s);
}

/* The file has no name, so that nothing is left of it, however the recording ends. */
static void test_file_has_no_name(void **state)
{
	struct spool *s = spool_new(".");

	put_mib(s, 0, IN_MEMORY_MIB + 5);
	assert_int_equal(system("test -z \"$(ls -A)\""), 0);
	spool_free(s);
}

static void test_folder_is_gone(void **state)
{
	struct spool *s = spool_new("no/such/folder"); /* then the file is in /tmp */
	struct reader r = {.spool = s};
	uint64_t count = put_mib(s, 0, IN_MEMORY_MIB + 5);

	spool_end(s);
	reader_run(&r);
	reader_check(&r, count);
	assert_nothing_lost(s);
	spool_free(s);
}

struct writer {
	struct spool *spool;
	uint64_t records;
	unsigned flush_every;
};

static void *writer_run(void *arg)
{
	struct writer *w = arg;

	for (uint64_t i = 0; i < w->records; i++) {
		record_put(w->spool, i);
		if (w->flush_every && i % w->flush_every == 0)
			spool_flush(w->spool);
	}
	spool_end(w->spool);
	return NULL;
}

static void threads_run(unsigned flush_every, useconds_t pause_us, uint64_t records)
{
	struct spool *s = spool_new(".");
	struct writer w = {.spool = s, .records = records, .flush_every = flush_every};
	struct reader r = {.spool = s, .pause_us = pause_us};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, writer_run, &w), 0);
	reader_run(&r);
	pthread_join(thread, NULL);
	reader_check(&r, records);
	assert_nothing_lost(s);
	assert_int_equal(spool_backlog(s), 0);
	spool_free(s);
}

static void test_threads(void **state)
{
	threads_run(0, 0, 100003);    /* whole chunks */
	threads_run(13, 0, 50021);    /* as if the ring ran empty all the time */
	threads_run(0, 3000, 200003); /* a reader so slow that the file is in use throughout */
}

/* Records of other kinds: a fork, a mknod (which the kernel side counts as seen), an open. */
static void others_put(struct spool *s)
{
	const struct ipct_fork fork = {.head = {sizeof(fork), IPCT_EV_FORK, 0, 7}};
	struct ipct_path_op path_op = {.op.head = {sizeof(path_op), IPCT_EV_PATH_OP, 0, 7}};

	spool_put(s, &fork, sizeof(fork));
	path_op.op.head.mechanism = IPCT_MECH_FIFO;
	spool_put(s, &path_op, sizeof(path_op));
	path_op.op.head.mechanism = IPCT_MECH_NONE;
	spool_put(s, &path_op, sizeof(path_op));
}

/*
 * Fill a spool whose file cannot take more than `file_mib`. What came out and what is counted must
 * add up, and what is put after the last flush (the record of the end) must come out.
 */
static void lose(const char *folder, unsigned file_mib)
{
	struct spool *s = spool_new(folder);
	struct reader r = {.spool = s, .may_miss = true};
	uint64_t count = put_mib(s, 0, IN_MEMORY_MIB + file_mib + 20);

	spool_flush(s);
	others_put(s);
	count += put_mib(s, count, 2);
	spool_flush(s);
	record_put(s, count);
	spool_end(s);
	reader_run(&r);
	if (r.failed)
		fail_msg("the reader failed at line %d", r.failed);
	assert_int_equal(r.next, count + 1);
	assert_in_range(r.bytes, IN_MEMORY_MIB * (MIB - 2048),
			(IN_MEMORY_MIB + file_mib + 1) * MIB);
	assert_int_equal(r.missed[0], 0);
	r.missed[0] = 2;
	r.missed[IPCT_MECH_FIFO]++;
	assert_lost(s, r.missed);
	spool_free(s);
}

static void test_lost_file_limit(void **state)
{
	const struct rlimit limit = {9 * MIB / 2, RLIM_INFINITY};
	struct rlimit before;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	lose(".", 4);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
}

static void test_lost_disk_full(void **state)
{
	if (mkdir("small", 0700) || mount("none", "small", "tmpfs", 0, "size=4608k")) {
		print_message("skipped: a small tmpfs cannot be mounted: %s\n", strerror(errno));
		skip();
	}
	lose("small", 4);
	lose("small", 4); /* and the space came back */
	assert_int_equal(umount("small"), 0);
}

/* What the reader took from the file leaves it: three times more than the disk holds goes through.
 */
static void test_room_comes_back(void **state)
{
	struct reader r = {0};
	uint64_t count = 0;
	const void *data;
	size_t len;

	if (mkdir("small", 0700) || mount("none", "small", "tmpfs", 0, "size=4608k")) {
		print_message("skipped: a small tmpfs cannot be mounted: %s\n", strerror(errno));
		skip();
	}
	r.spool = spool_new("small");
	for (int round = 0; round < 4; round++) {
		count += put_mib(r.spool, count, IN_MEMORY_MIB + 3);
		spool_flush(r.spool);
		while (spool_get(r.spool, 0, &data, &len) > 0)
			reader_take_chunk(&r, data, len);
	}
	spool_end(r.spool);
	reader_check(&r, count);
	assert_nothing_lost(r.spool);
	spool_free(r.spool);
	assert_int_equal(umount("small"), 0);
}

/* After a failure the disk is still there. */
static int disk_leave(void **state)
{
	while (!umount2("small", MNT_DETACH))
		;
	return folder_leave(state);
}

int main(void)
{
#define TEST(name)      cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)
#define TEST_DISK(name) cmocka_unit_test_setup_teardown(name, folder_enter, disk_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_in_memory),
		TEST(test_flush),
		TEST(test_end),
		TEST(test_time_out),
		TEST(test_end_wakes),
		TEST(test_to_file_and_back),
		TEST(test_file_has_no_name),
		TEST(test_folder_is_gone),
		TEST(test_threads),
		TEST(test_lost_file_limit),
		TEST_DISK(test_lost_disk_full),
		TEST_DISK(test_room_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
