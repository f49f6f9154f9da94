// SPDX-License-Identifier: BSD-2-Clause
/*
 * The collector on waits for readiness: what was ready, time-outs, and the messages that are taken
 * after a wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

static void begin(struct records *r)
{
	records_begin(r);
	records_fork(r, 1, 0, 1001, "one");
	records_fork(r, 2, 1, 1002, "two");
	records_pipe(r, 1, 1, 3, 4, 0);
	records_pipe(r, 1, 2, 5, 6, 0);
}

/* An end of an object of which `events` are true; as a part: its call's op comes later. */
static struct ipct_op *ready(struct records *r, unsigned object, unsigned syscall, int fd,
			     unsigned events)
{
	struct ipct_op *op = records_op(r, 2, object, syscall, fd);

	op->flags |= IPCT_OP_PEEK | IPCT_OP_READY | IPCT_OP_READ_END;
	op->key = events;
	op->result = events != 0;
	return op;
}

static void part(struct records *r, unsigned object, unsigned syscall, int fd, unsigned events)
{
	struct ipct_op *op = ready(r, object, syscall, fd, events);

	op->flags |= IPCT_OP_PART;
	op->flags &= ~IPCT_OP_FINISHED;
	op->dur_ns = 0;
	r->now_ns -= RECORDS_STEP_NS;
	r->end.counts[op->head.mechanism][IPCT_COUNT_SEEN]--; /* a part is no op */
}

/* Of several that were ready each has a row, the op's own one too; parts of a lost op have none. */
static void test_several(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	part(&r, 1, IPCT_SYS_poll, 3, 1);
	r.now_ns += RECORDS_STEP_NS; /* the op of that one was lost */
	part(&r, 2, IPCT_SYS_epoll_wait, 5, 17);
	part(&r, 1, IPCT_SYS_epoll_wait, 4, 4);
	ready(&r, 1, IPCT_SYS_epoll_wait, 3, 1)->result = 3;
	ready(&r, 1, IPCT_SYS_select, 3, 0); /* nothing */
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT op_id, object, fd, events FROM ready",
		    "3|pipe:[7001]|3|1\n3|pipe:[7001]|4|4\n3|pipe:[7002]|5|17\n");
	assert_rows(db,
		    "SELECT op_id, syscall, role, bytes, key, ready FROM ops WHERE role = 'wait'",
		    "3|epoll_wait|wait|-|-|3\n4|select|wait|-|-|0\n");
	assert_rows(db, "SELECT ready FROM ops WHERE role != 'wait'", "-\n-\n");
	/* it uses both, and has moved nothing */
	assert_rows(db, "SELECT name, processes, recvs FROM objects",
		    "pipe:[7001]|2|0\npipe:[7002]|2|0\n");
	assert_rows(db, "SELECT count(*) FROM edges WHERE receiver_pid = 1002", "0\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* A wait that returned with nothing is a time-out; not one that failed, or never returned. */
static void test_timeouts(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	ready(&r, 1, IPCT_SYS_poll, 3, 0);
	ready(&r, 1, IPCT_SYS_poll, 3, 0);
	ready(&r, 1, IPCT_SYS_poll, 3, 1);
	ready(&r, 1, IPCT_SYS_poll, 3, 0)->result = -4;
	ready(&r, 1, IPCT_SYS_poll, 3, 0)->flags &= ~IPCT_OP_FINISHED;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT count, errors, timeouts FROM latency WHERE syscall = 'poll'",
		    "5|1|2\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* Waits for 700 ns, is ready for 90 ns; then 1001 has written 10 bytes. */
static void wait_for(struct records *r, unsigned object, int fd)
{
	struct ipct_op *op = records_write(r, 1, object, fd + 1, 10);

	op->dur_ns = 50;
	ready(r, object, IPCT_SYS_poll, fd, 1);
	records_slept(r, 700, 90, 1001, 1);
}

/* Receives that do not sleep go on from the wait that reported their object. */
static void test_waking(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	wait_for(&r, 1, 3);
	records_read(&r, 2, 1, 3, 4);
	records_read(&r, 2, 1, 3, 6);
	/* not reported */
	records_write(&r, 1, 2, 6, 10);
	records_read(&r, 2, 2, 5, 10);
	/* another process, whoever has the thread's number */
	records_write(&r, 1, 1, 4, 10);
	records_read(&r, 1, 1, 3, 10)->tid = 1002;
	/* a receive that slept itself */
	wait_for(&r, 1, 3);
	records_read(&r, 2, 1, 3, 10);
	records_slept(&r, 100, 30, 1001, 1);
	/* a later wait that found nothing; the thread had no CPU all the same */
	wait_for(&r, 1, 3);
	ready(&r, 1, IPCT_SYS_poll, 3, 0);
	records_read(&r, 2, 1, 3, 10);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT m.object, m.bytes, w.syscall, m.in_runq_ns, m.in_send_ns + "
		    "m.in_object_ns + m.in_runq_ns + m.in_recv_ns = m.transit_ns FROM messages m "
		    "LEFT JOIN ops w ON w.op_id = m.wait_op ORDER BY message_id",
		    "pipe:[7001]|4|poll|90|1\npipe:[7001]|6|poll|90|1\npipe:[7002]|10|-|0|1\n"
		    "pipe:[7001]|10|-|0|1\npipe:[7001]|10|-|30|1\npipe:[7001]|10|-|90|1\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* The two ends of a connection are one object: the wait is for one of them. */
static void test_ends(void **state)
{
	struct records r;
	struct ipct_object *o;
	sqlite3 *db;

	begin(&r);
	o = records_object(&r, 10, NULL);
	o->head.mechanism = r.mechanism[10] = r.mechanism[11] = IPCT_MECH_UNIX_STREAM;
	o->flags = IPCT_OBJECT_TWO_WAY;
	records_write(&r, 1, 10, 7, 10);
	ready(&r, 10, IPCT_SYS_poll, 7, 1);
	records_slept(&r, 700, 90, 1001, 1);
	records_read(&r, 2, 10, 8, 10)->flags |= IPCT_OP_END_ONE;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT bytes, wait_op FROM messages", "10|-\n");
	sqlite3_close(db);
}

/* The events of a wait on a FIFO are not taken for how often it was opened. */
static void test_fifo(void **state)
{
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_fork(&r, 2, 0, 1002, "two");
	records_object(&r, 1, "/tmp/f");
	records_open(&r, 2, 1, 3, 2, 1, 1);
	ready(&r, 1, IPCT_SYS_poll, 3, 0x11);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT outside FROM objects", "0\n");
	assert_rows(db, "SELECT events FROM ready", "17\n");
	sqlite3_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_several), TEST(test_timeouts), TEST(test_waking),
		TEST(test_ends),    TEST(test_fifo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
