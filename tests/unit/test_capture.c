// SPDX-License-Identifier: BSD-2-Clause
/*
 * Captures through the command `replay`: cut at every byte, flipped bits, and heads that are not
 * ours. What came before the damage is always there, and what is said is one clear line.
 */
#include "collector/capture.h"

#include "rows.h"
#include "samples.h"

#include "schemas/command.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct command replay_command;

static unsigned char *file_get(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	unsigned char *bytes;
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	*len = st.st_size;
	bytes = malloc(*len + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *len, f), *len);
	fclose(f);
	return bytes;
}

static void file_put(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* A sample as the bytes of its capture; *head is where its records begin. */
static unsigned char *capture_of(void (*sample)(struct records *), size_t *len, size_t *head)
{
	struct records r;

	sample(&r);
	assert_int_equal(records_capture(&r, "whole.cap"), 0);
	unsigned char *bytes = file_get("whole.cap", len);
	*head = *len - r.len;
	records_clear(&r);
	return bytes;
}

/* `ipctrace replay x.cap -o x.db`: its exit status; *said is what went to stderr. */
static int replay(const char **said)
{
	char *argv[] = {"replay", "x.cap", "-o", "x.db", NULL};
	int status;

	unlink("x.db");
	said_begin();
	status = replay_command.run(4, argv);
	*said = said_end();
	return status;
}

/* One error, and nothing that a terminal would obey. */
static void assert_said_once(const char *said, const char *part)
{
	if (strncmp(said, "ipctrace: ", 10) || strstr(said + 1, "\nipctrace: ") ||
	    strchr(said, '\033') || !strstr(said, part))
		fail_msg("said:\n%sinstead of one error with: %s", said, part);
}

static void test_head_round_trip(void **state)
{
	struct recording rec, again;
	FILE *in;

	records_recording(&rec);
	assert_non_null(in = capture_create("x.cap", &rec));
	fclose(in);
	assert_non_null(in = capture_open("x.cap", &again));
	assert_int_equal(fgetc(in), EOF);
	fclose(in);
	assert_int_equal(again.start_monotonic_ns, rec.start_monotonic_ns);
	assert_int_equal(again.start_realtime_ns, rec.start_realtime_ns);
	assert_int_equal(again.ring_bytes, rec.ring_bytes);
	assert_int_equal(again.mechanism_mask, rec.mechanism_mask);
	assert_int_equal(again.cpus, rec.cpus);
	assert_string_equal(again.command, rec.command);
	assert_string_equal(again.cwd, rec.cwd);
	assert_string_equal(again.host, rec.host);
	assert_string_equal(again.kernel, rec.kernel);
	assert_string_equal(again.arch, rec.arch);
	assert_string_equal(again.user, rec.user);
	assert_string_equal(again.version, rec.version);
	recording_clear(&again);
	recording_clear(&rec);
}

/* Texts with anything in them, and ones that are not known. */
static void test_head_texts(void **state)
{
	struct recording rec = {.command = "a=b\n\xff'\"", .cwd = ""}, again;
	FILE *in = capture_create("x.cap", &rec);

	assert_non_null(in);
	fclose(in);
	assert_non_null(in = capture_open("x.cap", &again));
	fclose(in);
	assert_string_equal(again.command, rec.command);
	assert_string_equal(again.cwd, "");
	assert_null(again.host);
	recording_clear(&again);
}

static void test_cannot_create(void **state)
{
	struct recording rec = {0};

	said_begin();
	assert_null(capture_create("no/such/folder/x.cap", &rec));
	assert_said_once(said_end(), "cannot write capture 'no/such/folder/x.cap': No such file");
	said_begin();
	assert_null(capture_create("/dev/full", &rec));
	assert_said_once(said_end(), "cannot write capture '/dev/full': No space left on device");
}

static void test_cannot_open(void **state)
{
	struct recording rec;

	said_begin();
	assert_null(capture_open("none.cap", &rec));
	assert_said_once(said_end(), "cannot open capture 'none.cap': No such file");
	said_begin();
	assert_null(capture_open(".", &rec));
	assert_said_once(said_end(), "cannot read capture '.': Is a directory");
	assert_null(rec.command);
}

/* Heads that are nearly right. */
static void test_foreign(void **state)
{
	size_t len, head;
	unsigned char *bytes = capture_of(sample_short, &len, &head);
	const __u32 huge = UINT32_MAX;
	char foreign_version[80];
	const char *said;

	snprintf(foreign_version, sizeof(foreign_version),
		 "has records of version %d; this ipctrace reads version %d",
		 IPCT_EVENT_VERSION + 1, IPCT_EVENT_VERSION);
	file_put("x.cap", bytes, 0);
	assert_int_equal(replay(&said), 1);
	assert_said_once(said, "'x.cap' is not a capture of ipctrace");
	bytes[0] = 'I';
	file_put("x.cap", bytes, len);
	assert_int_equal(replay(&said), 1);
	assert_said_once(said, "'x.cap' is not a capture of ipctrace");
	bytes[0] = 'i';
	bytes[8]++;
	file_put("x.cap", bytes, len);
	assert_int_equal(replay(&said), 1);
	assert_said_once(said, foreign_version);
	bytes[8]--;
	memcpy(bytes + 12, &huge, sizeof(huge)); /* the length of the head's texts */
	file_put("x.cap", bytes, len);
	assert_int_equal(replay(&said), 1);
	assert_said_once(said, "head");
	assert_int_equal(access("x.db", F_OK), -1);
	free(bytes);
}

/* Numbers in the head that no recording has. */
static void test_head_numbers(void **state)
{
	const char *const numbers[] = {"-9223372036854775808",
				       "9223372036854775807",
				       "-1",
				       "99999999999999999999",
				       "x",
				       ""};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char text[512] = "";
		size_t text_len;
		struct {
			char magic[8];
			__u32 version, text_bytes;
		} head = {"ipctrace", IPCT_EVENT_VERSION, 0};
		struct records r;
		const char *said;
		FILE *f = fopen("x.cap", "w");

		text_len = snprintf(text, sizeof(text),
				    "start_monotonic_ns=%s%cstart_realtime_ns=%s%cring_bytes=%s%c"
				    "mechanism_mask=%s%ccpus=%s%cno such key=%s%cno value%c=%c",
				    numbers[i], 0, numbers[i], 0, numbers[i], 0, numbers[i], 0,
				    numbers[i], 0, numbers[i], 0, 0, 0);
		head.text_bytes = text_len;
		sample_short(&r);
		assert_non_null(f);
		fwrite(&head, sizeof(head), 1, f);
		fwrite(text, text_len, 1, f);
		fwrite(r.data, r.len, 1, f);
		assert_int_equal(fclose(f), 0);
		records_clear(&r);
		assert_in_range(replay(&said), 0, 1);
		if (access("x.db", F_OK) == 0) {
			sqlite3 *db = trace_db_open("x.db");

			assert_non_null(db);
			assert_rows(db, "SELECT count(*) FROM ops", "5\n");
			assert_rows(db, "SELECT count(*) FROM ops WHERE ts_ns < 0 OR dur_ns < 0",
				    "0\n");
			sqlite3_close(db);
		}
	}
}

/* How many ops the first `len` bytes of records hold whole, and whether their end is there. */
static int ops_before(const unsigned char *records, size_t len, bool *complete)
{
	int ops = 0;

	*complete = false;
	for (size_t at = 0; at + sizeof(struct ipct_head) <= len;) {
		struct ipct_head head;

		memcpy(&head, records + at, sizeof(head));
		at += head.len;
		if (at > len)
			break;
		ops += head.type == IPCT_EV_OP || head.type == IPCT_EV_PATH_OP;
		*complete |= head.type == IPCT_EV_END;
	}
	return ops;
}

/* What is in x.db: as many ops, and sums that agree with each other. */
static void assert_ops(int ops)
{
	sqlite3 *db = trace_db_open("x.db");
	char expected[16];

	assert_non_null(db);
	snprintf(expected, sizeof(expected), "%d\n", ops);
	assert_rows(db, "SELECT count(*) FROM ops", expected);
	assert_balanced(db);
	sqlite3_close(db);
}

static void cut_check(const unsigned char *bytes, size_t len, size_t head)
{
	static int ops_checked;
	const char *said;
	bool complete;
	int ops;

	file_put("x.cap", bytes, len);
	if (len < head) {
		assert_int_equal(replay(&said), 1);
		assert_said_once(said, len < 8 ? "is not a capture" : "is cut within its head");
		assert_int_equal(access("x.db", F_OK), -1);
		return;
	}
	ops = ops_before(bytes + head, len - head, &complete);
	assert_int_equal(replay(&said), complete ? 0 : 1);
	if (!complete) {
		char hint[64];

		assert_said_once(said, "ipctrace: capture 'x.cap' is cut: it has no end\n");
		snprintf(hint, sizeof(hint), "'x.db' holds the %d call", ops);
		if (!strstr(said, hint))
			fail_msg("said:\n%swithout: %s", said, hint);
	} else {
		assert_string_equal(said, "");
	}
	/* all that differs from one cut to the next in the same record is what is said */
	if (ops != ops_checked || complete || len % 32 == 0)
		assert_ops(ops);
	ops_checked = ops;
}

/* Short records only, so that there is time for a cut at every byte. */
static void sample_tiny(struct records *r)
{
	records_begin(r);
	records_fork(r, 1, 0, 1001, "one");
	r->mechanism[1] = IPCT_MECH_PIPE;
	records_write(r, 1, 1, 4, 7);
	records_read(r, 1, 1, 3, 7);
	records_exit(r, 1, 1001, 0);
	records_end(r);
}

static void test_cut_everywhere(void **state)
{
	size_t len, head;
	unsigned char *bytes = capture_of(sample_tiny, &len, &head);

	for (size_t cut = 0; cut <= len; cut++)
		cut_check(bytes, cut, head);
	free(bytes);
}

/* Through records of every kind, and in a large capture. */
static void test_cut_in_places(void **state)
{
	size_t len, head;
	unsigned char *bytes = capture_of(sample_fifo, &len, &head);

	for (size_t cut = head; cut <= head + 8192; cut += 97)
		cut_check(bytes, cut, head);
	free(bytes);
	bytes = capture_of(sample_pipeline, &len, &head);
	for (size_t cut = head; cut <= len; cut += 7919)
		cut_check(bytes, cut, head);
	free(bytes);
}

/* Something that is no record in between. */
static void test_damaged_in_the_middle(void **state)
{
	size_t len, head;
	unsigned char *bytes = capture_of(sample_pipeline, &len, &head);
	const char *said;
	bool complete;
	size_t at = head;

	while (at < len / 2)
		at += ((const struct ipct_head *)(bytes + at))->len;
	memset(bytes + at, 0xff, 8);
	file_put("x.cap", bytes, len);
	assert_int_equal(replay(&said), 1);
	assert_said_once(said, "capture 'x.cap' is damaged after byte");
	assert_ops(ops_before(bytes + head, at - head, &complete));
	free(bytes);
}

/*
 * Flip some bits. Whatever comes of it, the program survives, says at most one error, exits with 0
 * or 1, and leaves a trace that can be read and whose ledger rows add up.
 */
static void flip_check(const unsigned char *good, size_t len, uint64_t *seed)
{
	unsigned char *bytes = malloc(len);
	const char *said;
	int status;

	assert_non_null(bytes);
	memcpy(bytes, good, len);
	for (uint64_t flips = 1 + random_next(seed) % 3; flips; flips--)
		bytes[random_next(seed) % len] ^= 1 << random_next(seed) % 8;
	file_put("x.cap", bytes, len);
	free(bytes);
	status = replay(&said);
	assert_in_range(status, 0, 1);
	if (status)
		assert_said_once(said, "x.cap");
	else
		assert_string_equal(said, "");
	if (access("x.db", F_OK) == 0) {
		sqlite3 *db = trace_db_open("x.db");

		assert_non_null(db);
		assert_rows(db, "SELECT * FROM ledger WHERE seen != stored + lost OR lost < 0", "");
		sqlite3_close(db);
	}
}

static void flips_check(void (*sample)(struct records *), int rounds)
{
	size_t len, head;
	unsigned char *bytes = capture_of(sample, &len, &head);
	uint64_t seed = 7;

	for (int i = 0; i < rounds; i++)
		flip_check(bytes, len, &seed);
	free(bytes);
}

static void test_flipped(void **state)
{
	flips_check(sample_short, 307);
	flips_check(sample_fifo, 151);
	flips_check(sample_pipeline, 29);
}

/* Whole records with random fields, which decode lets through or does not. */
static void test_random_records(void **state)
{
	uint64_t seed = 13;

	for (int i = 0; i < 151; i++) {
		struct records r;
		const char *said;

		sample_fifo(&r);
		for (size_t at = 0; at < r.len;) {
			size_t len = ((struct ipct_head *)(r.data + at))->len;

			if (random_next(&seed) % 8 == 0) {
				size_t byte = 4 + random_next(&seed) % (len - 4);

				r.data[at + byte] =
					random_next(&seed) % 5 ? random_next(&seed) % 4 : 0xff;
			}
			at += len;
		}
		assert_int_equal(records_capture(&r, "x.cap"), 0);
		records_clear(&r);
		assert_in_range(replay(&said), 0, 1);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_head_round_trip),
		TEST(test_head_texts),
		TEST(test_cannot_create),
		TEST(test_cannot_open),
		TEST(test_foreign),
		TEST(test_head_numbers),
		TEST(test_cut_everywhere),
		TEST(test_cut_in_places),
		TEST(test_damaged_in_the_middle),
		TEST(test_flipped),
		TEST(test_random_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
