// SPDX-License-Identifier: BSD-2-Clause
/*
 * The collector on what has labels or counts in place of bytes: message queues, semaphores,
 * eventfds. How they are removed, left behind, and used by others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

#define LABEL (IPCT_OP_LABELLED | IPCT_OP_PLACED)

static struct ipct_object *announce(struct records *r, unsigned object, unsigned mechanism,
				    const char *name, unsigned flags)
{
	struct ipct_object *o = records_object(r, object, NULL);

	o->head.mechanism = r->mechanism[object] = mechanism;
	o->flags = flags;
	strncpy(o->text, name, sizeof(o->text) - 1);
	return o;
}

/* A message, or with `number` 0 one without a label. */
static struct ipct_op *message(struct records *r, unsigned process, unsigned syscall,
			       unsigned number, unsigned key, unsigned bytes)
{
	struct ipct_op *op = records_op(r, process, 1, syscall, -1);

	op->bytes = op->requested = bytes;
	op->result = op->role == IPCT_ROLE_RECV ? (int)bytes : 0;
	op->offset = number;
	op->key = key;
	op->flags |= number ? LABEL : 0;
	return op;
}

static void begin(struct records *r)
{
	records_begin(r);
	records_fork(r, 1, 0, 1001, "one");
	records_fork(r, 2, 1, 1002, "two");
}

/* Whatever the order of the calls, who overlapped, and though the queue was there before. */
static void test_labels(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	announce(&r, 1, IPCT_MECH_SYSV_MQ, "key 0x00000001",
		 IPCT_OBJECT_LASTING | IPCT_OBJECT_INHERITED);
	message(&r, 1, IPCT_SYS_msgsnd, 71, 5, 100);
	message(&r, 1, IPCT_SYS_msgsnd, 72, 3, 50)->flags |= IPCT_OP_OVERLAPPED;
	message(&r, 2, IPCT_SYS_msgrcv, 72, 3, 50);
	message(&r, 2, IPCT_SYS_msgrcv, 73, 5, 7);
	message(&r, 2, IPCT_SYS_msgrcv, 71, 5, 20); /* cut */
	message(&r, 1, IPCT_SYS_msgsnd, 73, 5, 7);
	message(&r, 1, IPCT_SYS_msgsnd, 74, 5, 0);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT send_op, recv_op, bytes, key, confidence FROM messages",
		    "2|3|50|3|exact\n1|5|20|5|exact\n6|4|7|5|exact\n");
	assert_rows(db, "SELECT created_ns, closed_ns, left_behind, outside FROM objects",
		    "-|-|0|0\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* What a peek showed is there for others, also if its record comes before the send's. */
static void test_peeks(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	announce(&r, 1, IPCT_MECH_SYSV_MQ, "id 1", IPCT_OBJECT_LASTING);
	message(&r, 2, IPCT_SYS_msgrcv, 7, 1, 9)->flags |= IPCT_OP_PEEK;
	message(&r, 2, IPCT_SYS_msgrcv, 7, 1, 9);
	message(&r, 1, IPCT_SYS_msgsnd, 7, 1, 9);
	message(&r, 1, IPCT_SYS_msgsnd, 8, 1, 9);
	message(&r, 2, IPCT_SYS_msgrcv, 8, 1, 9)->flags |= IPCT_OP_PEEK;
	message(&r, 2, IPCT_SYS_msgrcv, 8, 1, 9);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT send_op, recv_op FROM messages ORDER BY 1, 2",
		    "3|1\n3|2\n4|5\n4|6\n");
	sqlite3_close(db);
}

static void test_outside(void **state)
{
	struct ipct_holder h = {
		.object = 1, .pid = 812, .flags = IPCT_OP_READ_END, .comm = "taker"};
	struct records r;
	sqlite3 *db;

	begin(&r);
	announce(&r, 1, IPCT_MECH_SYSV_MQ, "id 1", IPCT_OBJECT_LASTING);
	message(&r, 1, IPCT_SYS_msgsnd, 7, 1, 9);
	h.head.type = IPCT_EV_HOLDER;
	h.head.len = sizeof(h);
	records_put(&r, &h, sizeof(h));
	h.object = 40; /* not known: no harm */
	records_put(&r, &h, sizeof(h));
	announce(&r, 2, IPCT_MECH_SYSV_MQ, "id 2", IPCT_OBJECT_LASTING);
	records_op(&r, 1, 2, IPCT_SYS_msgrcv, -1)->flags |= IPCT_OP_OUTSIDE;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT outside FROM objects", "1\n1\n");
	assert_rows(db, "SELECT sender, receiver_pid, receiver, messages, bytes FROM edges",
		    "one|812|taker|1|9\n");
	sqlite3_close(db);
}

/* IPC_RMID closes and removes; what a traced process made and none removed is left behind. */
static void test_removed(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	for (unsigned i = 1; i <= 4; i++)
		announce(&r, i, i == 4 ? IPCT_MECH_SYSV_SEM : IPCT_MECH_SYSV_MQ, "id 1",
			 IPCT_OBJECT_LASTING | (i == 3 ? IPCT_OBJECT_INHERITED : 0))
			->head.process = i == 3 ? 0 : 1;
	records_op(&r, 2, 1, IPCT_SYS_msgctl, -1)->arg = 0;
	records_op(&r, 2, 2, IPCT_SYS_msgctl, -1)->result = -1; /* EPERM */
	records_op(&r, 2, 4, IPCT_SYS_semctl, -1)->arg = 16;    /* SETVAL */
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT object_id, closed_ns, left_behind, creator_id FROM objects",
		    "1|6400|0|1\n2|-|1|1\n3|-|0|-\n4|-|1|1\n");
	sqlite3_close(db);
}

static struct ipct_path_op *unlinks(struct records *r, const char *name, int result)
{
	struct ipct_path_op *p = records_path_op(r, 1, IPCT_SYS_mq_unlink, NULL, name);

	p->op.head.mechanism = IPCT_MECH_POSIX_MQ;
	p->op.flags = IPCT_OP_FINISHED;
	p->op.result = result;
	r->end.counts[IPCT_MECH_POSIX_MQ][IPCT_COUNT_SEEN]++;
	return p;
}

/* A queue's name is no path; once it is unlinked, the next of that name is another. */
static void test_unlink(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	unlinks(&r, "/q", -2);
	announce(&r, 1, IPCT_MECH_POSIX_MQ, "/q", IPCT_OBJECT_LASTING)->head.process = 1;
	unlinks(&r, "/q", 0);
	unlinks(&r, "/q", -2);
	announce(&r, 2, IPCT_MECH_POSIX_MQ, "/q", IPCT_OBJECT_LASTING)->head.process = 1;
	announce(&r, 3, IPCT_MECH_POSIX_MQ, "/r", IPCT_OBJECT_LASTING)->head.process = 1;
	unlinks(&r, "/r", 0);
	unlinks(&r, "/other", 0);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT name, left_behind, (SELECT count(*) FROM ops WHERE ops.object_id = "
		    "objects.object_id) FROM objects",
		    "(no object)|0|2\n/q|0|1\n/q|1|0\n/r|0|1\n/other|0|1\n");
	assert_balanced(db);
	sqlite3_close(db);
}

/* What polls takes nothing. */
static void test_poll(void **state)
{
	struct records r;
	struct ipct_op *op;
	sqlite3 *db;

	begin(&r);
	announce(&r, 1, IPCT_MECH_POSIX_MQ, "/q", IPCT_OBJECT_LASTING);
	op = records_op(&r, 1, 1, IPCT_SYS_poll, 3);
	op->flags |= IPCT_OP_PEEK;
	op->result = 1;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT role, bytes, key FROM ops", "wait|-|-\n");
	assert_rows(db, "SELECT recvs, received_bytes FROM objects", "0|0\n");
	sqlite3_close(db);
}

/* One call lets several go, and in the one that waits it is a part beside its own role. */
static void test_wakes(void **state)
{
	struct records r;
	struct ipct_op *op;
	sqlite3 *db;

	begin(&r);
	announce(&r, 1, IPCT_MECH_SYSV_SEM, "id 1", IPCT_OBJECT_LASTING);
	for (unsigned key = 4; key < 6; key++) {
		op = records_op(&r, 2, 1, IPCT_SYS_semop, -1);
		op->offset = 91;
		op->key = key;
		op->flags |= LABEL | IPCT_OP_ANYWHERE | (key == 5 ? IPCT_OP_UNSURE : 0);
	}
	op = records_op(&r, 1, 1, IPCT_SYS_semop, -1);
	r.end.counts[IPCT_MECH_SYSV_SEM][IPCT_COUNT_SEEN]--; /* a part is no op */
	op->offset = 91;
	op->role = IPCT_ROLE_WAKE;
	op->flags |= LABEL | IPCT_OP_ANYWHERE | IPCT_OP_PART;
	r.now_ns -= RECORDS_STEP_NS;
	records_op(&r, 1, 1, IPCT_SYS_semop, -1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT op_id, role FROM ops", "1|wait\n2|wait\n3|wait\n");
	assert_rows(db, "SELECT send_op, recv_op, bytes, confidence FROM messages ORDER BY 2",
		    "3|1|0|exact\n3|2|0|inferred\n");
	assert_rows(db, "SELECT kind, messages, bytes FROM edges", "sync|2|0\n");
	assert_balanced(db);
	sqlite3_close(db);
}

static void counts(struct records *r, unsigned process, unsigned syscall, uint64_t offset,
		   uint64_t count)
{
	struct ipct_op *op = records_op(r, process, 1, syscall, 3);

	op->bytes = op->result = op->requested = 8;
	op->offset = offset;
	op->key = count;
}

/* A stream of counts: its ops are of 8 bytes, its messages of none. */
static void test_eventfd(void **state)
{
	struct records r;
	sqlite3 *db;

	begin(&r);
	announce(&r, 1, IPCT_MECH_EVENTFD, "", 0)->fill = 3;
	counts(&r, 1, IPCT_SYS_write, 0, 5);
	counts(&r, 1, IPCT_SYS_write, 5, 7);
	counts(&r, 2, IPCT_SYS_read, 0, 3);  /* what it began with */
	counts(&r, 2, IPCT_SYS_read, 3, 1);  /* a semaphore's */
	counts(&r, 2, IPCT_SYS_read, 4, 11); /* all the rest */
	counts(&r, 1, IPCT_SYS_write, 12, 0);
	counts(&r, 1, IPCT_SYS_write, 12, ~0ull); /* too many to have a place */
	counts(&r, 2, IPCT_SYS_read, 15, ~0ull);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT send_op, recv_op, bytes, confidence FROM messages",
		    "1|4|0|exact\n1|5|0|exact\n2|5|0|exact\n");
	assert_rows(db, "SELECT sends, sent_bytes, recvs, received_bytes FROM objects",
		    "4|32|4|32\n");
	assert_rows(db, "SELECT name FROM objects", "eventfd:[7001]\n");
	sqlite3_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_labels), TEST(test_peeks), TEST(test_outside), TEST(test_removed),
		TEST(test_unlink), TEST(test_poll),  TEST(test_wakes),   TEST(test_eventfd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
