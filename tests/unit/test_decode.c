// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/decode.c: every type of record, cut at every byte, with every wrong head and with each
 * field just beyond what it may be; then random bytes.
 */
#include "collector/calibration.h"
#include "collector/decode.h"

#include "rows.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const size_t lengths[IPCT_EV_COUNT] = {
	[IPCT_EV_OP] = 104,         [IPCT_EV_PATH_OP] = 1672,
	[IPCT_EV_FORK] = 56,        [IPCT_EV_EXEC] = 1592,
	[IPCT_EV_EXIT] = 32,        [IPCT_EV_OBJECT] = 1432,
	[IPCT_EV_FD_RANGE] = 32,    [IPCT_EV_PASSING] = 1144,
	[IPCT_EV_HOLDER] = 48,      [IPCT_EV_TOUCH] = 32,
	[IPCT_EV_CPU] = 16,         [IPCT_EV_CGROUP] = 1040,
	[IPCT_EV_CALIBRATION] = 80, [IPCT_EV_END] = sizeof(struct ipct_end),
};

/* One good record of each type, with every byte set where any value is allowed. */
static void record_good(union record *r, unsigned type)
{
	memset(r, 0x11, sizeof(*r));
	r->head = (struct ipct_head){.len = lengths[type], .type = type, .process = 7};
	switch (type) {
	case IPCT_EV_PATH_OP:
		memset(r->path_op.text, 'x', sizeof(r->path_op.text) - 1);
		r->path_op.text[sizeof(r->path_op.text) - 1] = 0;
		records_path(&r->path_op.base, "/some/folder");
		/* fall through */
	case IPCT_EV_OP:
		r->head.mechanism = IPCT_MECH_FIFO;
		r->op.syscall = IPCT_SYS_write;
		r->op.role = IPCT_ROLE_SEND;
		r->op.object = 17;
		r->op.start_ns = r->op.dur_ns = r->op.blocked_ns = 1000003;
		r->op.offset = r->op.requested = 4099;
		r->op.bytes = 4093;
		r->op.result = -EPIPE;
		break;
	case IPCT_EV_EXIT:
		r->exit.cpu_ns = 1000003;
		break;
	case IPCT_EV_CPU:
		r->cpu.cpu_ns = 1000003;
		break;
	case IPCT_EV_CGROUP:
		r->cgroup.path[sizeof(r->cgroup.path) - 1] = 0;
		break;
	case IPCT_EV_CALIBRATION:
		r->calibration = (struct ipct_calibration){.head = r->head,
							   .rounds = IPCT_ROUNDS_MAX,
							   .untraced_ns = 1000003,
							   .traced_ns = 2000003,
							   .ratio = 2000,
							   .ratio_min = 1999,
							   .ratio_max = 2003,
							   .cpu_ratio = 2000,
							   .cpu_ratio_min = 1999,
							   .cpu_ratio_max = 2003};
		break;
	case IPCT_EV_FORK:
		r->fork.parent = 6;
		strncpy(r->fork.comm, "name of fifteen", IPCT_COMM_LEN);
		break;
	case IPCT_EV_EXEC:
		r->exec.args_len = IPCT_ARGS_LEN;
		strncpy(r->exec.comm, "x", IPCT_COMM_LEN);
		records_path(&r->exec.exe, "/bin/x");
		break;
	case IPCT_EV_OBJECT:
		r->head.mechanism = IPCT_MECH_PIPE;
		r->object.object = IPCT_OBJECTS_MAX;
		r->object.fill = 65536;
		r->object.fill_one = 5;
		r->object.holder = IPCT_OBJECTS_MAX;
		r->object.local.len = sizeof(r->object.local.data);
		r->object.remote.len = 0;
		strncpy(r->object.text, "text", IPCT_NAME_LEN);
		strncpy(r->object.comm, "peer", IPCT_COMM_LEN);
		records_path(&r->object.name, "/a/fifo");
		break;
	case IPCT_EV_PASSING:
		r->head.mechanism = IPCT_MECH_UNIX_STREAM;
		r->passing.carrier = r->passing.object = 17;
		r->passing.mechanism = IPCT_MECH_PIPE;
		strncpy(r->passing.text, "[eventpoll]", IPCT_NAME_LEN);
		records_path(&r->passing.path, "/etc/passwd");
		break;
	case IPCT_EV_HOLDER:
		r->holder.object = IPCT_OBJECTS_MAX;
		strncpy(r->holder.comm, "sh", IPCT_COMM_LEN);
		break;
	case IPCT_EV_TOUCH:
		r->touch.object = IPCT_OBJECTS_MAX;
		r->touch.reads = r->touch.writes = 1009;
		break;
	case IPCT_EV_END:
		memset(&r->end.counts, 0, sizeof(r->end.counts));
		memset(&r->end.spool_lost, 0, sizeof(r->end.spool_lost));
		r->end.ended = IPCT_ENDED_NO_EXEC;
	}
}

/* Decode from a block of exactly this size, so that AddressSanitizer sees a read beyond it. */
static long decode_exact(const void *data, size_t len, union record *out)
{
	void *copy = malloc(len ? len : 1);
	long used;

	assert_non_null(copy);
	memcpy(copy, data, len);
	used = decode_next(copy, len, out);
	free(copy);
	return used;
}

static void assert_bad(const union record *r)
{
	union record out;

	assert_int_equal(decode_exact(r, r->head.len, &out), -EINVAL);
}

static void assert_good(const union record *r)
{
	union record out;

	assert_int_equal(decode_exact(r, r->head.len, &out), r->head.len);
	assert_memory_equal(&out, r, r->head.len);
}

static void test_round_trip(void **state)
{
	for (unsigned type = 1; type < IPCT_EV_COUNT; type++) {
		union record r;

		record_good(&r, type);
		assert_in_range(lengths[type], sizeof(struct ipct_head), IPCT_RECORD_MAX);
		assert_int_equal(lengths[type] % 8, 0);
		assert_good(&r);
	}
}

/* An op with its sleep is longer; without one it has a sleep of zeros. */
static void test_slept(void **state)
{
	static const struct ipct_sleep none;
	union record r, out;

	record_good(&r, IPCT_EV_OP);
	memset(&out, 0x11, sizeof(out));
	assert_int_equal(decode_exact(&r, sizeof(r.op), &out), sizeof(r.op));
	assert_memory_equal(&out.slept.sleep, &none, sizeof(none));
	r.head.len = sizeof(r.slept);
	r.slept.sleep = (struct ipct_sleep){1, 2, 3, 4, 5, INT32_MAX, 7, 8, 9, 10, 0};
	assert_good(&r);
	for (size_t len = 0; len < sizeof(r.slept); len++)
		assert_int_equal(decode_exact(&r, len, &out), 0);
	for (size_t at = 0; at < 5; at++) {
		union record bad = r;

		(&bad.slept.sleep.waiting_ns)[at] = (1ull << 60) + 1;
		assert_bad(&bad);
	}
	r.slept.sleep.waker = 1u << 31;
	assert_bad(&r);
	r.slept.sleep.waker = 0;
	r.slept.sleep.waker_process = (1u << 22) + 1;
	assert_bad(&r);
}

/* What follows a record is not looked at. */
static void test_one_after_the_other(void **state)
{
	unsigned char buffer[IPCT_EV_COUNT * IPCT_RECORD_MAX];
	size_t len = 0, at = 0;
	union record r, out;

	for (unsigned type = 1; type < IPCT_EV_COUNT; type++) {
		record_good(&r, type);
		memcpy(buffer + len, &r, r.head.len);
		len += r.head.len;
	}
	buffer[len++] = 0xff;
	for (unsigned type = 1; type < IPCT_EV_COUNT; type++) {
		assert_int_equal(decode_exact(buffer + at, len - at, &out), lengths[type]);
		assert_int_equal(out.head.type, type);
		at += lengths[type];
	}
	assert_int_equal(decode_exact(buffer + at, len - at, &out), 0);
}

static void test_cut(void **state)
{
	union record r, out;

	for (unsigned type = 1; type < IPCT_EV_COUNT; type++) {
		record_good(&r, type);
		for (size_t len = 0; len < lengths[type]; len++)
			assert_int_equal(decode_exact(&r, len, &out), 0);
	}
}

static void test_wrong_length(void **state)
{
	union record out;
	unsigned char buffer[UINT16_MAX + 1] = {0};

	for (unsigned type = 1; type < IPCT_EV_COUNT; type++)
		for (unsigned len = 0; len <= UINT16_MAX; len++) {
			struct ipct_head head = {.len = len, .type = type, .process = 1};

			if (len == lengths[type] ||
			    (type == IPCT_EV_OP && len == sizeof(struct ipct_slept_op)))
				continue;
			memcpy(buffer, &head, sizeof(head));
			assert_int_equal(decode_next(buffer, sizeof(buffer), &out), -EINVAL);
			/* also where only the head is there: nothing is waited for in vain */
			assert_int_equal(decode_next(buffer, sizeof(head), &out), -EINVAL);
		}
}

static void test_wrong_type(void **state)
{
	union record r;

	for (unsigned good = 1; good < IPCT_EV_COUNT; good++)
		for (unsigned type = 0; type <= UINT8_MAX; type++) {
			record_good(&r, good);
			r.head.type = type;
			/* a fork and a holder are equally long, and one may pass for the other */
			if (type >= IPCT_EV_COUNT || lengths[type] != lengths[good])
				assert_bad(&r);
		}
}

/* Set `field` of a good record of that type to `value`, and try. */
#define TRY(type, field, value, outcome)                                                           \
	do {                                                                                       \
		union record r_;                                                                   \
		record_good(&r_, type);                                                            \
		r_.field = (value);                                                                \
		outcome(&r_);                                                                      \
	} while (0)

static void test_wrong_process(void **state)
{
	for (unsigned type = 1; type < IPCT_EV_COUNT; type++) {
		TRY(type, head.process, 1u << 22, assert_good);
		TRY(type, head.process, (1u << 22) + 1, assert_bad);
		TRY(type, head.process, UINT32_MAX, assert_bad);
	}
	TRY(IPCT_EV_FORK, head.process, 0, assert_bad);
	TRY(IPCT_EV_EXEC, head.process, 0, assert_bad);
	TRY(IPCT_EV_EXIT, head.process, 0, assert_bad);
	TRY(IPCT_EV_FORK, fork.parent, 1u << 22, assert_good);
	TRY(IPCT_EV_FORK, fork.parent, (1u << 22) + 1, assert_bad);
	TRY(IPCT_EV_FORK, fork.parent, 7, assert_bad); /* its own parent */
}

static void test_wrong_op(void **state)
{
	const unsigned types[] = {IPCT_EV_OP, IPCT_EV_PATH_OP};

	for (int i = 0; i < 2; i++) {
		TRY(types[i], op.syscall, IPCT_SYS_COUNT - 1, assert_good);
		TRY(types[i], op.syscall, IPCT_SYS_COUNT, assert_bad);
		TRY(types[i], op.syscall, UINT16_MAX, assert_bad);
		TRY(types[i], op.role, IPCT_ROLE_COUNT - 1, assert_good);
		TRY(types[i], op.role, IPCT_ROLE_COUNT, assert_bad);
		TRY(types[i], op.role, UINT8_MAX, assert_bad);
		TRY(types[i], head.mechanism, IPCT_MECH_COUNT, assert_bad);
		TRY(types[i], head.mechanism, UINT8_MAX, assert_bad);
		TRY(types[i], op.object, IPCT_OBJECTS_MAX, assert_good);
		TRY(types[i], op.object, IPCT_OBJECTS_MAX + 1, assert_bad);
		TRY(types[i], op.object, UINT32_MAX, assert_bad);
		TRY(types[i], op.flags, UINT32_MAX, assert_good);
		TRY(types[i], op.key, UINT64_MAX, assert_good);
		TRY(types[i], op.fd, INT_MIN, assert_good);
		TRY(types[i], op.fd2, INT_MAX, assert_good);
		TRY(types[i], op.arg, UINT64_MAX, assert_good);
		TRY(types[i], op.start_ns, UINT64_MAX, assert_bad);
		TRY(types[i], op.dur_ns, UINT64_MAX, assert_bad);
		TRY(types[i], op.blocked_ns, UINT64_MAX, assert_bad);
		TRY(types[i], op.start_ns, INT64_MAX, assert_bad);
		TRY(types[i], op.dur_ns, INT64_MAX, assert_bad);
		TRY(types[i], op.blocked_ns, INT64_MAX, assert_bad);
		TRY(types[i], op.offset, INT64_MAX, assert_bad);
		TRY(types[i], op.offset, UINT64_MAX, assert_bad);
		TRY(types[i], op.bytes, INT64_MAX, assert_bad);
		TRY(types[i], op.bytes, -1, assert_bad);
		TRY(types[i], op.result, INT64_MAX, assert_good); /* an address */
		TRY(types[i], op.result, INT64_MIN, assert_bad);
		TRY(types[i], op.result, INT32_MAX, assert_good);
		TRY(types[i], op.result, INT32_MIN, assert_good);
		/* a decade of up-time, a terabyte through a pipe, a terabyte in a call */
		TRY(types[i], op.start_ns, 315360000000000000, assert_good);
		TRY(types[i], op.offset, 1ull << 50, assert_good);
		TRY(types[i], op.bytes, 1ll << 40, assert_good);
	}
	TRY(IPCT_EV_OP, head.mechanism, IPCT_MECH_NONE, assert_bad);
	TRY(IPCT_EV_OP, op.object, 0, assert_good); /* a call that failed before it had one */
	TRY(IPCT_EV_PATH_OP, head.mechanism, IPCT_MECH_NONE, assert_good);
	TRY(IPCT_EV_PATH_OP, op.object, 0, assert_good);
	TRY(IPCT_EV_PATH_OP, path_op.mode, UINT32_MAX, assert_good);
}

/* A program may ask for any number of bytes; the file's integers have a sign. */
static void test_requested(void **state)
{
	union record r, out;

	record_good(&r, IPCT_EV_OP);
	r.op.requested = SIZE_MAX;
	assert_int_equal(decode_exact(&r, r.head.len, &out), r.head.len);
	assert_int_equal(out.op.requested, INT64_MAX);
	r.op.requested = INT64_MAX;
	assert_good(&r);
}

static void test_wrong_path(void **state)
{
	TRY(IPCT_EV_OBJECT, object.name.len, 0, assert_good);
	TRY(IPCT_EV_EXEC, exec.exe.len, 0, assert_good);
	TRY(IPCT_EV_PATH_OP, path_op.base.len, 0, assert_good);
	for (unsigned len = IPCT_PATH_LEN + 1; len <= UINT16_MAX; len += 1021) {
		TRY(IPCT_EV_OBJECT, object.name.len, len, assert_bad);
		TRY(IPCT_EV_EXEC, exec.exe.len, len, assert_bad);
		TRY(IPCT_EV_PATH_OP, path_op.base.len, len, assert_bad);
	}
	/* the last component does not end */
	TRY(IPCT_EV_OBJECT, object.name.len, 3, assert_bad);
	TRY(IPCT_EV_EXEC, exec.exe.text[6], 'x', assert_good);
	TRY(IPCT_EV_EXEC, exec.exe.len, 1, assert_bad);
	TRY(IPCT_EV_PATH_OP, path_op.base.len, 2, assert_bad);
}

static void test_wrong_others(void **state)
{
	TRY(IPCT_EV_EXEC, exec.args_len, 0, assert_good);
	TRY(IPCT_EV_EXEC, exec.args_len, IPCT_ARGS_LEN + 1, assert_bad);
	TRY(IPCT_EV_EXEC, exec.args_len, UINT32_MAX, assert_bad);
	TRY(IPCT_EV_EXIT, exit.cpu_ns, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CPU, cpu.cpu_ns, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CPU, head.process, 0, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.rounds, UINT32_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.untraced_ns, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.traced_ns, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.ratio, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.ratio_min, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.ratio_max, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.cpu_ratio, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.cpu_ratio_min, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_CALIBRATION, calibration.cpu_ratio_max, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_OBJECT, object.object, 0, assert_bad);
	TRY(IPCT_EV_OBJECT, object.object, IPCT_OBJECTS_MAX + 1, assert_bad);
	TRY(IPCT_EV_OBJECT, head.mechanism, IPCT_MECH_NONE, assert_bad);
	TRY(IPCT_EV_OBJECT, head.mechanism, IPCT_MECH_COUNT, assert_bad);
	TRY(IPCT_EV_OBJECT, object.fill, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_OBJECT, object.fill, INT64_MAX, assert_bad);
	TRY(IPCT_EV_OBJECT, object.holder, IPCT_OBJECTS_MAX + 1, assert_bad);
	TRY(IPCT_EV_OBJECT, object.local.len, 111, assert_bad);
	TRY(IPCT_EV_OBJECT, object.remote.len, UINT16_MAX, assert_bad);
	TRY(IPCT_EV_HOLDER, holder.object, IPCT_OBJECTS_MAX + 1, assert_bad);
	TRY(IPCT_EV_TOUCH, touch.object, 0, assert_bad);
	TRY(IPCT_EV_TOUCH, touch.object, IPCT_OBJECTS_MAX + 1, assert_bad);
	TRY(IPCT_EV_TOUCH, touch.reads, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_TOUCH, touch.writes, UINT64_MAX, assert_bad);
	TRY(IPCT_EV_TOUCH, head.process, 0, assert_bad);
	TRY(IPCT_EV_PASSING, head.process, 0, assert_bad);
	TRY(IPCT_EV_PASSING, head.mechanism, IPCT_MECH_NONE, assert_bad);
	TRY(IPCT_EV_PASSING, head.mechanism, IPCT_MECH_COUNT, assert_bad);
	TRY(IPCT_EV_PASSING, passing.carrier, IPCT_OBJECTS_MAX + 1, assert_bad);
	TRY(IPCT_EV_PASSING, passing.object, IPCT_OBJECTS_MAX + 1, assert_bad);
	TRY(IPCT_EV_PASSING, passing.object, 0, assert_bad);
	TRY(IPCT_EV_PASSING, passing.mechanism, IPCT_MECH_NONE, assert_bad);
	TRY(IPCT_EV_PASSING, passing.mechanism, IPCT_MECH_COUNT, assert_bad);
	TRY(IPCT_EV_PASSING, passing.path.len, IPCT_PATH_LEN + 1, assert_bad);
	TRY(IPCT_EV_END, end.ended, IPCT_ENDED_NO_EXEC + 1, assert_bad);
	TRY(IPCT_EV_END, end.ended, UINT32_MAX, assert_bad);
	TRY(IPCT_EV_END, end.status, -1, assert_good);
	for (int m = 0; m < IPCT_MECH_COUNT; m++) {
		TRY(IPCT_EV_END, end.spool_lost[m], 1ull << 50, assert_good);
		TRY(IPCT_EV_END, end.spool_lost[m], UINT64_MAX, assert_bad);
		for (int n = 0; n < IPCT_COUNT_COUNT; n++) {
			TRY(IPCT_EV_END, end.counts[m][n], 1ull << 50, assert_good);
			TRY(IPCT_EV_END, end.counts[m][n], UINT64_MAX, assert_bad);
		}
	}
}

/* Texts without an end get one. */
static void test_texts_end(void **state)
{
	union record r, out;

	record_good(&r, IPCT_EV_FORK);
	memset(r.fork.comm, 'x', IPCT_COMM_LEN);
	assert_int_equal(decode_exact(&r, r.head.len, &out), r.head.len);
	assert_int_equal(strlen(out.fork.comm), IPCT_COMM_LEN - 1);
	record_good(&r, IPCT_EV_EXEC);
	memset(r.exec.comm, 'x', IPCT_COMM_LEN);
	assert_int_equal(decode_exact(&r, r.head.len, &out), r.head.len);
	assert_int_equal(strlen(out.exec.comm), IPCT_COMM_LEN - 1);
	record_good(&r, IPCT_EV_HOLDER);
	memset(r.holder.comm, 'x', IPCT_COMM_LEN);
	assert_int_equal(decode_exact(&r, r.head.len, &out), r.head.len);
	assert_int_equal(strlen(out.holder.comm), IPCT_COMM_LEN - 1);
	record_good(&r, IPCT_EV_PASSING);
	memset(r.passing.text, 'x', IPCT_NAME_LEN);
	assert_int_equal(decode_exact(&r, r.head.len, &out), r.head.len);
	assert_int_equal(strlen(out.passing.text), IPCT_NAME_LEN - 1);
	record_good(&r, IPCT_EV_PATH_OP);
	memset(r.path_op.text, 'x', IPCT_TEXT_LEN);
	assert_int_equal(decode_exact(&r, r.head.len, &out), r.head.len);
	assert_int_equal(strlen(out.path_op.text), IPCT_TEXT_LEN - 1);
}

static void random_fill(unsigned char *out, size_t len, uint64_t *seed)
{
	for (size_t i = 0; i < len; i++)
		out[i] = random_next(seed) >> 32;
}

/* Whatever the bytes are: a whole record forward, or a stop. */
static unsigned random_decode(const unsigned char *data, size_t len)
{
	unsigned records = 0;
	union record out;
	long used = 1;

	for (size_t at = 0; used > 0; at += used) {
		used = decode_exact(data + at, len - at, &out);
		assert_true(used == -EINVAL || used == 0 || (size_t)used <= len - at);
		records += used > 0;
	}
	return records;
}

static void test_random_bytes(void **state)
{
	unsigned char data[3 * IPCT_RECORD_MAX];
	uint64_t seed = 3;

	for (int i = 0; i < 20000; i++) {
		random_fill(data, sizeof(data), &seed);
		random_decode(data, random_next(&seed) % sizeof(data));
	}
}

/* The same behind good heads, so that the fields are looked at. */
static void test_random_records(void **state)
{
	unsigned char data[3 * IPCT_RECORD_MAX];
	uint64_t seed = 5;
	unsigned records = 0;

	for (int i = 0; i < 50000; i++) {
		size_t len = 0;

		for (int n = 0; n < 2; n++) {
			unsigned type = 1 + random_next(&seed) % (IPCT_EV_COUNT - 1);
			union record r;

			record_good(&r, type);
			for (uint64_t flips = random_next(&seed) % 4; flips; flips--)
				((unsigned char *)&r)[8 +
						      random_next(&seed) % (lengths[type] - 8)] ^=
					1 << random_next(&seed) % 8;
			memcpy(data + len, &r, lengths[type]);
			len += lengths[type];
		}
		records += random_decode(data, len);
	}
	assert_in_range(records, 50000, 99999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),          cmocka_unit_test(test_slept),
		cmocka_unit_test(test_one_after_the_other), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_wrong_length),        cmocka_unit_test(test_wrong_type),
		cmocka_unit_test(test_wrong_process),       cmocka_unit_test(test_wrong_op),
		cmocka_unit_test(test_requested),           cmocka_unit_test(test_wrong_path),
		cmocka_unit_test(test_wrong_others),        cmocka_unit_test(test_texts_end),
		cmocka_unit_test(test_random_bytes),        cmocka_unit_test(test_random_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
