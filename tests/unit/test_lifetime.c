// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/lifetime.c, seen through the trace file: when the last traced fd of an object closed,
 * and what that means for the bytes inside. Each test plays the calls of made-up processes.
 */
#include "rows.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* When the next record begins, as the file says it. */
static int64_t next_ns(const struct records *r)
{
	return (int64_t)(r->now_ns - RECORDS_START_NS);
}

/* When the op that was built last returned. */
static int64_t returned_ns(const struct records *r)
{
	return next_ns(r) - RECORDS_STEP_NS + RECORDS_DUR_NS;
}

/* Process 1, and its children 2 and so on. */
static void family(struct records *r, unsigned count)
{
	records_begin(r);
	for (unsigned p = 1; p <= count; p++)
		records_fork(r, p, p > 1, 1000 + p, "parent");
}

#define NEVER (-1)

/* Object 1 was closed at this time. */
static void assert_closed(struct records *r, int64_t closed_ns)
{
	char expected[64] = "-\n";
	sqlite3 *db;

	records_end(r);
	db = rows_of(r);
	if (closed_ns != NEVER)
		snprintf(expected, sizeof(expected), "%lld\n", (long long)closed_ns);
	assert_rows(db, "SELECT closed_ns FROM objects WHERE object_id = 1", expected);
	assert_balanced(db);
	sqlite3_close(db);
}

static void test_close_both(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

static void test_left_open(void **state)
{
	struct records r;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_close(&r, 1, 1, 3);
	assert_closed(&r, NEVER);
}

static void test_exit_closes(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_close(&r, 1, 1, 3);
	at_ns = next_ns(&r);
	records_exit(&r, 1, 1001, 0);
	assert_closed(&r, at_ns);
}

static void test_fork_copies(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_fork(&r, 2, 1, 1002, "child");
	records_fork(&r, 3, 2, 1003, "grandchild");
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	records_exit(&r, 2, 1002, 0);
	records_close(&r, 3, 1, 4);
	at_ns = next_ns(&r);
	records_exit(&r, 3, 1003, 0);
	records_exit(&r, 1, 1001, 0);
	assert_closed(&r, at_ns);
}

/* What the parent closes before the fork, the child does not have. */
static void test_fork_copies_as_of_now(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_close(&r, 1, 1, 3);
	records_fork(&r, 2, 1, 1002, "child");
	records_close(&r, 1, 1, 4);
	records_close(&r, 2, 1, 4);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

static void test_dup(void **state)
{
	struct records r;
	struct ipct_op *op;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	op = records_op(&r, 1, 1, IPCT_SYS_dup, 3);
	op->result = op->fd2 = 9;
	op->flags |= IPCT_OP_NEW_FD;
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	records_close(&r, 1, 1, 9);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

static void test_dup_fails(void **state)
{
	struct records r;
	struct ipct_op *op;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	op = records_op(&r, 1, 1, IPCT_SYS_dup, 3);
	op->result = op->fd2 = -24;
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

/* dup2 closes what was at the new fd: here the last fd of object 1. */
static void test_dup2_over_open_fd(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_pipe(&r, 1, 2, 5, 6, 0);
	records_close(&r, 1, 1, 3);
	records_dup2(&r, 1, 2, 5, 4);
	at_ns = returned_ns(&r);
	records_close(&r, 1, 2, 4);
	assert_closed(&r, at_ns);
}

/* And over an fd of the same object. */
static void test_dup2_within(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_dup2(&r, 1, 1, 3, 4);
	records_close(&r, 1, 1, 4);
	records_close(&r, 1, 1, 3);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

static void test_cloexec_pipe2(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, O_CLOEXEC);
	at_ns = next_ns(&r);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	records_exit(&r, 1, 1001, 0);
	assert_closed(&r, at_ns);
}

static void test_no_cloexec(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, O_NONBLOCK);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	at_ns = next_ns(&r);
	records_exit(&r, 1, 1001, 0);
	assert_closed(&r, at_ns);
}

/* The child of a fork has the flags too; its exec closes nothing of the parent's. */
static void test_cloexec_in_child(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, O_CLOEXEC);
	records_fork(&r, 2, 1, 1002, "child");
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	at_ns = next_ns(&r);
	records_exec(&r, 2, 1002, "/bin/true", "true\0");
	assert_closed(&r, at_ns);
}

static void test_cloexec_fcntl(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, O_CLOEXEC);
	records_fcntl(&r, 1, 1, 3, F_SETFD, 0, 0);          /* fd 3 stays */
	records_fcntl(&r, 1, 1, 4, F_SETFD, FD_CLOEXEC, 0); /* fd 4 does not */
	records_fcntl(&r, 1, 1, 3, F_GETFD, FD_CLOEXEC, 0); /* only asks */
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	records_close(&r, 1, 1, 3);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

static void test_cloexec_fcntl_fails(void **state)
{
	struct records r;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_fcntl(&r, 1, 1, 3, F_SETFD, FD_CLOEXEC, -9);
	records_fcntl(&r, 1, 1, 4, F_SETFD, FD_CLOEXEC, -9);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	assert_closed(&r, NEVER);
}

static void test_cloexec_dupfd(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_fcntl(&r, 1, 1, 3, F_DUPFD_CLOEXEC, 10, 10);
	records_fcntl(&r, 1, 1, 4, F_DUPFD, 10, 11);
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	records_exec(&r, 1, 1001, "/bin/true", "true\0"); /* closes 10 and not 11 */
	records_close(&r, 1, 1, 11);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

static void test_cloexec_dup3(void **state)
{
	struct records r;
	struct ipct_op *op;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	op = records_dup2(&r, 1, 1, 3, 7);
	op->syscall = IPCT_SYS_dup3;
	op->arg = 7 | (uint64_t)O_CLOEXEC << 32;
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	at_ns = next_ns(&r);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	assert_closed(&r, at_ns);
}

/* A duplicate has no close-on-exec, whatever its original has. */
static void test_cloexec_not_by_dup2(void **state)
{
	struct records r;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, O_CLOEXEC);
	records_dup2(&r, 1, 1, 3, 7);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	assert_closed(&r, NEVER);
}

/* dup2 of an fd to itself does nothing at all. */
static void test_cloexec_dup2_to_itself(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, O_CLOEXEC);
	records_dup2(&r, 1, 1, 3, 3);
	at_ns = next_ns(&r);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	assert_closed(&r, at_ns);
}

static void test_cloexec_open(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_object(&r, 1, "/tmp/f");
	records_open(&r, 1, 1, 5, O_RDWR | O_CLOEXEC, 1, 1);
	at_ns = next_ns(&r);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	assert_closed(&r, at_ns);
}

static void test_close_range(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 9, 0);
	records_range(&r, 1, 4, 8, 0); /* neither */
	records_range(&r, 1, 0, 3, 0); /* fd 3 */
	at_ns = next_ns(&r);
	records_range(&r, 1, 9, UINT32_MAX, 0);
	assert_closed(&r, at_ns);
}

static void test_close_range_cloexec(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_range(&r, 1, 3, UINT32_MAX, CLOSE_RANGE_CLOEXEC);
	records_write(&r, 1, 1, 4, 1);
	at_ns = next_ns(&r);
	records_exec(&r, 1, 1001, "/bin/true", "true\0");
	assert_closed(&r, at_ns);
}

/* A close that left no record (dup2 of a file over the fd): the number is another object now. */
static void test_fd_used_again(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_close(&r, 1, 1, 3);
	records_pipe(&r, 1, 2, 3, 4, 0);
	at_ns = returned_ns(&r);
	records_write(&r, 1, 2, 4, 5);
	assert_closed(&r, at_ns);
}

/* An fd that came by a way that we do not see (a socket's SCM_RIGHTS) shows with its first op. */
static void test_fd_out_of_nowhere(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 2);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_read(&r, 2, 1, 20, 0);
	records_close(&r, 1, 1, 3);
	records_close(&r, 1, 1, 4);
	records_close(&r, 2, 1, 20);
	at_ns = returned_ns(&r);
	assert_closed(&r, at_ns);
}

static void test_pipe_size(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_pipe(&r, 1, 2, 5, 6, 0);
	records_fcntl(&r, 1, 1, 3, F_SETPIPE_SZ, 1 << 20, 1 << 20);
	records_fcntl(&r, 1, 2, 5, F_SETPIPE_SZ, 1 << 30, -1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT capacity FROM objects ORDER BY 1", "65536\n1048576\n");
	sqlite3_close(db);
}

/* The same pid twice: two processes, each with its own fds and messages. */
static void test_pid_used_again(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 1);
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_fork(&r, 2, 1, 4711, "first");
	records_write(&r, 2, 1, 4, 10);
	records_exit(&r, 2, 4711, 0);
	records_fork(&r, 3, 1, 4711, "second");
	records_write(&r, 3, 1, 4, 20);
	records_close(&r, 1, 1, 4);
	records_exit(&r, 3, 4711, 256);
	records_read(&r, 1, 1, 3, 30);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT process_id, pid, comm, exit_status FROM processes ORDER BY 1",
		    "1|1001|parent|-\n2|4711|first|0\n3|4711|second|256\n");
	assert_rows(db, "SELECT sender_id, sender_pid, sender, bytes, confidence FROM messages",
		    "2|4711|first|10|exact\n3|4711|second|20|exact\n");
	assert_rows(db, "SELECT sender_id, receiver_id, messages, bytes FROM edges ORDER BY 1",
		    "2|1|1|10\n3|1|1|20\n");
	assert_rows(db, "SELECT created_ns IS NOT NULL, closed_ns, processes FROM objects",
		    "1|-|3\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* Open the FIFO, instance `object`, write 100 bytes, read 30 of them, close all. */
static void fifo_round(struct records *r, unsigned object)
{
	records_new_pipe(r, object);
	records_open(r, 1, object, 3, O_RDONLY, 1, 1);
	records_open(r, 2, object, 3, O_WRONLY, 1, 1);
	records_write(r, 2, object, 3, 100)->key = 1;
	records_read(r, 1, object, 3, 30)->key = 1ull << 32;
	records_close(r, 2, object, 3);
	records_close(r, 1, object, 3);
}

static const char fifo_messages[] = "SELECT g.object_id, s.ts_ns / 1000, g.bytes, g.confidence"
				    " FROM messages g JOIN ops s ON s.op_id = g.send_op"
				    " ORDER BY 1, 2";

/* What a FIFO held is gone when all have closed it; the kernel may give its pipe the old address.
 */
static void test_fifo_again_same_instance(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 2);
	records_object(&r, 1, "/tmp/f");
	fifo_round(&r, 1);
	fifo_round(&r, 1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT object_id, name, sent_bytes, received_bytes, messages FROM objects",
		    "1|/tmp/f|200|60|2\n");
	assert_rows(db, fifo_messages, "1|5|30|exact\n1|11|30|exact\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* Or another one: a new number from the kernel side, and the same object in the file. */
static void test_fifo_again_new_instance(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 2);
	records_object(&r, 1, "/tmp/f");
	fifo_round(&r, 1);
	records_object(&r, 2, "/tmp/f")->ino = 7001;
	fifo_round(&r, 2);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT object_id, name, sent_bytes, received_bytes, messages FROM objects",
		    "1|/tmp/f|200|60|2\n");
	assert_rows(db, fifo_messages, "1|5|30|exact\n1|12|30|exact\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* The inode number is used again for another file: its generation tells. */
static void test_fifo_inode_used_again(void **state)
{
	struct records r;
	struct ipct_object *o;
	sqlite3 *db;

	family(&r, 2);
	records_object(&r, 1, "/tmp/f");
	fifo_round(&r, 1);
	o = records_object(&r, 2, "/tmp/g");
	o->ino = 7001;
	o->generation = 1;
	fifo_round(&r, 2);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT object_id, name, messages FROM objects",
		    "1|/tmp/f|1\n2|/tmp/g|1\n");
	sqlite3_close(db);
}

/* One of them stays open: nothing is lost. */
static void test_fifo_stays(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 2);
	records_object(&r, 1, "/tmp/f");
	records_open(&r, 1, 1, 3, O_RDONLY, 1, 1);
	records_open(&r, 2, 1, 3, O_WRONLY, 1, 1);
	records_write(&r, 2, 1, 3, 100);
	records_close(&r, 2, 1, 3);
	records_open(&r, 2, 1, 3, O_WRONLY, 1, 2);
	records_write(&r, 2, 1, 3, 7);
	records_read(&r, 1, 1, 3, 107);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT bytes, confidence FROM messages", "100|exact\n7|exact\n");
	sqlite3_close(db);
}

/* Someone else opened it the second time: the counters of the first time must not hide that. */
static void test_fifo_again_with_outsider(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 2);
	records_object(&r, 1, "/tmp/f");
	fifo_round(&r, 1);
	records_open(&r, 1, 1, 3, O_RDONLY, 1, 1); /* the writer is not traced */
	records_read(&r, 1, 1, 3, 30)->key = 1ull << 32;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT outside FROM objects", "1\n");
	assert_rows(db, "SELECT bytes, confidence FROM messages", "30|inferred\n");
	sqlite3_close(db);
}

/*
 * The reader's open takes long to return: meanwhile the writer writes and closes, and no known fd
 * is left. Nothing may be forgotten.
 */
static void test_fifo_open_returns_late(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 2);
	records_object(&r, 1, "/tmp/f");
	records_open(&r, 2, 1, 3, O_WRONLY, 1, 1);
	records_write(&r, 2, 1, 3, 100);
	records_close(&r, 2, 1, 3);
	records_open(&r, 1, 1, 3, O_RDONLY, 1, 1);
	records_read(&r, 1, 1, 3, 100);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT bytes, confidence FROM messages", "100|exact\n");
	sqlite3_close(db);
}

/* Many rounds on one pipe's number are no sign of an outsider, and each starts empty. */
static void test_fifo_many_rounds(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 2);
	records_object(&r, 1, "/tmp/f");
	for (int i = 0; i < 101; i++)
		fifo_round(&r, 1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT count(*), sum(bytes), count(DISTINCT send_op), min(confidence),"
		    " max(confidence) FROM messages",
		    "101|3030|101|exact|exact\n");
	assert_rows(db, "SELECT outside FROM objects", "0\n");
	sqlite3_close(db);
}

/* The same process twice at birth, as a damaged capture may say: its first fds are let go. */
static void test_forked_twice(void **state)
{
	struct records r;
	int64_t at_ns;

	family(&r, 2);
	records_pipe(&r, 2, 1, 3, 4, 0);
	at_ns = next_ns(&r);
	records_fork(&r, 2, 1, 1002, "again");
	assert_closed(&r, at_ns);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_close_both),
		TEST(test_left_open),
		TEST(test_exit_closes),
		TEST(test_fork_copies),
		TEST(test_fork_copies_as_of_now),
		TEST(test_dup),
		TEST(test_dup_fails),
		TEST(test_dup2_over_open_fd),
		TEST(test_dup2_within),
		TEST(test_cloexec_pipe2),
		TEST(test_no_cloexec),
		TEST(test_cloexec_in_child),
		TEST(test_cloexec_fcntl),
		TEST(test_cloexec_fcntl_fails),
		TEST(test_cloexec_dupfd),
		TEST(test_cloexec_dup3),
		TEST(test_cloexec_not_by_dup2),
		TEST(test_cloexec_dup2_to_itself),
		TEST(test_cloexec_open),
		TEST(test_close_range),
		TEST(test_close_range_cloexec),
		TEST(test_fd_used_again),
		TEST(test_fd_out_of_nowhere),
		TEST(test_pipe_size),
		TEST(test_pid_used_again),
		TEST(test_fifo_again_same_instance),
		TEST(test_fifo_again_new_instance),
		TEST(test_fifo_inode_used_again),
		TEST(test_fifo_stays),
		TEST(test_fifo_again_with_outsider),
		TEST(test_fifo_open_returns_late),
		TEST(test_fifo_many_rounds),
		TEST(test_forked_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
