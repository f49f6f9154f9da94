// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole path from records to rows: every column of the public views, the ledger for each way
 * to lose an op, and what is made of records that are missing. Expected rows are written as
 * sqlite3 prints them, NULL as -.
 */
#include "rows.h"
#include "samples.h"

#include "schemas/hist.h"
#include "schemas/trace_db.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* What the sums in the file say must follow from its ops and messages. */
static void check_sums(sqlite3 *db, const char *file, int line)
{
	rows_check(db,
		   "SELECT o.object_id, o.sends, o.sent_bytes, o.recvs, o.received_bytes, "
		   "o.messages"
		   " FROM objects o EXCEPT SELECT o.object_id,"
		   " count(*) FILTER (WHERE p.role = 'send'),"
		   " ifnull(sum(p.bytes) FILTER (WHERE p.role = 'send'), 0),"
		   " count(*) FILTER (WHERE p.role = 'recv'),"
		   " ifnull(sum(p.bytes) FILTER (WHERE p.role = 'recv'), 0),"
		   " (SELECT count(*) FROM messages m WHERE m.object_id = o.object_id)"
		   " FROM objects o LEFT JOIN ops p USING (object_id) GROUP BY o.object_id",
		   "", file, line);
	rows_check(db,
		   "SELECT object_id, sender_id, receiver_id, messages, bytes, first_ns, last_ns,"
		   " exact, inferred, ambiguous, transit_sum_ns, transit_max_ns"
		   " FROM edges WHERE transit_sum_ns IS NOT NULL"
		   " EXCEPT SELECT object_id, sender_id, receiver_id, count(*), sum(bytes),"
		   " min(sent_ns), max(received_ns), sum(confidence = 'exact'),"
		   " sum(confidence = 'inferred'), sum(confidence = 'ambiguous'),"
		   " sum(max(transit_ns, 0)), max(max(transit_ns, 0))"
		   " FROM messages GROUP BY 1, 2, 3",
		   "", file, line);
	rows_check(db,
		   "SELECT mechanism, role, syscall, count, errors, bytes, blocked_ns, dur_max_ns"
		   " FROM latency EXCEPT SELECT mechanism, role, syscall, count(*),"
		   " count(error), ifnull(sum(bytes), 0), sum(blocked_ns),"
		   " max(dur_ns) FILTER (WHERE finished) FROM ops GROUP BY 1, 2, 3",
		   "", file, line);
	rows_check(db,
		   "SELECT object_id, sender_id, receiver_id, in_send_sum_ns, in_object_sum_ns,"
		   " in_runq_sum_ns, in_recv_sum_ns, in_send_max_ns, in_object_max_ns,"
		   " in_runq_max_ns, in_recv_max_ns, exact_bytes, inferred_bytes, ambiguous_bytes"
		   " FROM edges WHERE transit_sum_ns IS NOT NULL EXCEPT SELECT object_id,"
		   " sender_id, receiver_id, sum(in_send_ns), sum(in_object_ns), sum(in_runq_ns),"
		   " sum(max(in_recv_ns, 0)), max(in_send_ns), max(in_object_ns), max(in_runq_ns),"
		   " max(max(in_recv_ns, 0)), sum(bytes * (confidence = 'exact')),"
		   " sum(bytes * (confidence = 'inferred')),"
		   " sum(bytes * (confidence = 'ambiguous')) FROM messages GROUP BY 1, 2, 3",
		   "", file, line);
	rows_check(db,
		   "SELECT first_op_id, last_op_id, ops, first_start_ns, last_start_ns,"
		   " first_end_ns, last_end_ns FROM op_blocks EXCEPT SELECT min(op_id), max(op_id),"
		   " count(*), min(ts_ns), max(ts_ns), min(ts_ns + dur_ns), max(ts_ns + dur_ns)"
		   " FROM ops GROUP BY (op_id - 1) / 4096",
		   "", file, line);
	rows_check(db,
		   "SELECT first_message_id, last_message_id, messages, first_send_op,"
		   " last_send_op, first_recv_op, last_recv_op, transit_max_ns FROM message_blocks"
		   " EXCEPT SELECT min(message_id), max(message_id), count(*), min(send_op),"
		   " max(send_op), min(min(recv_op, ifnull(wait_op, recv_op))),"
		   " max(max(recv_op, ifnull(wait_op, recv_op))), max(max(transit_ns, 0))"
		   " FROM messages GROUP BY (message_id - 1) / 4096",
		   "", file, line);
	rows_check(db,
		   "SELECT count(*) FROM (SELECT ops, messages FROM (SELECT sum(ops) AS ops FROM"
		   " op_blocks), (SELECT sum(messages) AS messages FROM message_blocks) EXCEPT"
		   " SELECT nullif((SELECT count(*) FROM ops), 0),"
		   " nullif((SELECT count(*) FROM messages), 0))",
		   "0\n", file, line);
	rows_check(db,
		   "SELECT process_id, tid, ops, first_ns, last_ns, dur_sum_ns, blocked_ns,"
		   " waiting_sum_ns, runnable_sum_ns FROM threads WHERE ops EXCEPT SELECT"
		   " process_id, tid, count(*), min(ts_ns), max(ts_ns + dur_ns), sum(dur_ns),"
		   " sum(blocked_ns), sum(waiting_ns), sum(runnable_ns) FROM ops GROUP BY 1, 2",
		   "", file, line);
	rows_check(db,
		   "SELECT process_id, tid FROM ops UNION SELECT waker_id, waker_tid FROM ops WHERE"
		   " waker_id IS NOT NULL EXCEPT SELECT process_id, tid FROM threads",
		   "", file, line);
	rows_check(db,
		   "SELECT count(*) FROM messages WHERE in_send_ns + in_object_ns + in_runq_ns +"
		   " in_recv_ns IS NOT transit_ns OR in_send_ns < 0 OR in_object_ns < 0 OR"
		   " in_runq_ns < 0 OR (in_recv_ns < 0 AND transit_ns > 0)",
		   "0\n", file, line);
	rows_check(db,
		   "SELECT mechanism, role, syscall, running_sum_ns, waiting_sum_ns,"
		   " runnable_sum_ns, running_max_ns, waiting_max_ns, runnable_max_ns FROM latency"
		   " WHERE running_sum_ns IS NOT NULL"
		   " EXCEPT SELECT mechanism, role, syscall, sum(max(running_ns, 0)),"
		   " sum(waiting_ns), sum(runnable_ns), max(max(running_ns, 0)), max(waiting_ns),"
		   " max(runnable_ns) FROM ops WHERE finished GROUP BY 1, 2, 3",
		   "", file, line);
	rows_check(db,
		   "SELECT count(*) FROM messages m JOIN ops s ON s.op_id = m.send_op"
		   " JOIN ops r ON r.op_id = m.recv_op WHERE s.role != 'send' OR r.role != 'recv'"
		   " OR s.object_id != m.object_id OR r.object_id != m.object_id"
		   " OR m.bytes > s.bytes OR m.bytes > r.bytes OR m.bytes <= 0",
		   "0\n", file, line);
}

#define assert_whole(db)                                                                           \
	do {                                                                                       \
		rows_check_balance(db, __FILE__, __LINE__);                                        \
		check_sums(db, __FILE__, __LINE__);                                                \
		rows_check(db, "PRAGMA integrity_check", "ok\n", __FILE__, __LINE__);              \
	} while (0)

/* A pipe from a parent to its child: all that a recording usually has, in ten records. */
static void family(struct records *r)
{
	struct ipct_op *op;

	records_begin(r);
	records_fork(r, 1, 0, 1001, "launcher");
	records_exec(r, 1, 1001, "/bin/parent", "parent\0-x\0two words\0");
	records_pipe(r, 1, 1, 3, 4, 0);
	records_fork(r, 2, 1, 1002, "parent");
	op = records_write(r, 1, 1, 4, 500);
	op->requested = 800;
	op->dur_ns = 250;
	op = records_read(r, 2, 1, 3, 500);
	op->requested = 4096;
	op->blocked_ns = 333;
	op = records_read(r, 2, 1, 3, 0);
	op->result = -EAGAIN;
	op->requested = 4096;
	records_exit(r, 2, 1002, 256);
	records_exit(r, 1, 1001, 0);
}

static void test_view_processes(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT process_id, pid, ppid, comm, exe, cmdline, start_ns, exit_ns, "
		    "exit_status, traced, parent_id FROM processes",
		    "1|1001|999|parent|/bin/parent|parent -x 'two words'|0|9000|0|1|-\n"
		    "2|1002|1001|parent|/bin/parent|parent -x 'two words'|4000|8000|256|1|1\n");
	assert_whole(db);
	sqlite3_close(db);
}

static void test_view_objects(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT object_id, mechanism, name, kernel_id, created_ns, closed_ns, "
		    "capacity, bytes, messages, processes, sends, sent_bytes, recvs, "
		    "received_bytes, outside, device FROM objects",
		    "1|pipe|pipe:[7001]|7001|2000|9000|65536|500|1|2|1|500|2|500|0|15\n");
	sqlite3_close(db);
}

/*
 * An object whose users have all exited is written for the last time while the recording goes on.
 * What comes for its number all the same is of an object that nothing is known of.
 */
static void test_retired(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	r.now_ns += 3000000000;
	records_fork(&r, 3, 0, 1003, "late");
	records_write(&r, 3, 1, 4, 70);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT object_id, name, closed_ns, bytes, messages, processes, sends, "
		    "sent_bytes, recvs, received_bytes FROM objects",
		    "1|pipe:[7001]|9000|500|1|2|1|500|2|500\n"
		    "2|-|-|70|0|1|1|70|0|0\n");
	assert_rows(db, "SELECT object_id, sender_pid, receiver_pid, messages, bytes FROM edges",
		    "1|1001|1002|1|500\n");
	assert_whole(db);
	sqlite3_close(db);
}

static void test_view_ops(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(
		db,
		"SELECT op_id, ts_ns, dur_ns, blocked_ns, process_id, pid, tid, comm, syscall, "
		"mechanism, role, object_id, object, fd, requested, bytes, error, finished "
		"FROM ops",
		"1|3000|400|0|1|1001|1001|parent|pipe2|pipe|create|1|pipe:[7001]|3|-|-|-|1\n"
		"2|5000|250|0|1|1001|1001|parent|write|pipe|send|1|pipe:[7001]|4|800|500|-|1\n"
		"3|6000|400|333|2|1002|1002|parent|read|pipe|recv|1|pipe:[7001]|3|4096|500|-|1\n"
		"4|7000|400|0|2|1002|1002|parent|read|pipe|recv|1|pipe:[7001]|3|4096|0|EAGAIN|1\n");
	sqlite3_close(db);
}

static void test_view_messages(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT message_id, mechanism, object_id, object, send_op, recv_op, "
		    "sender_pid, sender_tid, sender, receiver_pid, receiver_tid, receiver, bytes, "
		    "sent_ns, received_ns, transit_ns, confidence, sender_id, receiver_id "
		    "FROM messages",
		    "1|pipe|1|pipe:[7001]|2|3|1001|1001|parent|1002|1002|parent|500|5000|6400|1400|"
		    "exact|1|2\n");
	sqlite3_close(db);
}

static void test_view_edges(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(
		db,
		"SELECT mechanism, object_id, object, sender_pid, sender, receiver_pid, "
		"receiver, kind, messages, bytes, transit_max_ns, first_ns, last_ns, "
		"sender_id, receiver_id, exact, inferred, ambiguous, transit_sum_ns FROM edges",
		"pipe|1|pipe:[7001]|1001|parent|1002|parent|data|1|500|1400|5000|6400|1|2|1|0|0|"
		"1400\n");
	assert_rows(db,
		    "SELECT count(*) FROM edges WHERE transit_p50_ns BETWEEN 1386 AND 1414"
		    " AND transit_p90_ns = transit_p50_ns AND transit_p99_ns = transit_p50_ns"
		    " AND length(transit_hist) > 4",
		    "1\n");
	sqlite3_close(db);
}

static void test_view_latency(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT mechanism, role, syscall, count, errors, bytes, dur_max_ns, "
		    "blocked_ns, dur_sum_ns FROM latency ORDER BY syscall",
		    "pipe|create|pipe2|1|0|0|400|0|400\n"
		    "pipe|recv|read|2|1|500|400|333|800\n"
		    "pipe|send|write|1|0|500|250|0|250\n");
	assert_rows(db,
		    "SELECT dur_p50_ns, dur_p90_ns, dur_p99_ns, length(dur_hist) > 4 FROM latency"
		    " WHERE syscall = 'write'",
		    "250|250|250|1\n");
	sqlite3_close(db);
}

/* A hundred different transits: the percentiles are those of the messages, within 1 %. */
static void test_percentiles(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	for (int i = 1; i <= 1000; i++) {
		struct ipct_op *op;

		records_write(&r, 1, 1, 4, 1);
		op = records_read(&r, 2, 1, 3, 1);
		op->dur_ns = i * 1000;
	}
	records_end(&r);
	db = rows_of(&r);
	for (int q = 50; q < 100; q += q == 90 ? 9 : 40) {
		char sql[512];

		snprintf(sql, sizeof(sql),
			 "WITH m AS (SELECT transit_ns AS t, cume_dist() OVER (ORDER BY transit_ns)"
			 " AS q FROM messages), v AS (SELECT min(t) AS t FROM m WHERE q >= %d / "
			 "100.0)"
			 " SELECT abs(v.t - e.transit_p%d_ns) <= v.t / 100 FROM v, edges e",
			 q, q);
		assert_rows(db, sql, "1\n");
	}
	assert_whole(db);
	sqlite3_close(db);
}

static void test_meta(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	r.end.status = 3 << 8;
	r.end.ended = IPCT_ENDED_DURATION;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(
		db,
		"SELECT key, value FROM meta WHERE key IN ('version', 'command', 'cwd', 'host',"
		" 'kernel', 'arch', 'user', 'cpus', 'start_realtime_ns', 'start_monotonic_ns',"
		" 'ring_bytes', 'mechanisms', 'exit_status', 'duration_ns', 'ended', 'complete')",
		"arch|x86_64\ncommand|sh -c 'made | up'\ncomplete|1\ncpus|2\ncwd|/home/user\n"
		"duration_ns|10000\nended|duration\nexit_status|768\nhost|example\n"
		"kernel|6.1.0\nmechanisms|pipe,fifo\nring_bytes|67108864\n"
		"start_monotonic_ns|5000000000\nstart_realtime_ns|1767225600000000000\n"
		"user|user\nversion|0\n");
	assert_rows(db, "SELECT typeof(value) FROM meta WHERE key LIKE '%\\_ns' ESCAPE '\\'",
		    "integer\ninteger\ninteger\ninteger\n");
	sqlite3_close(db);
}

/* The CPU time of a process is that of its threads, also if it still ran at the end. */
static void test_cpu(void **state)
{
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_fork(&r, 1, 0, 1001, "made");
	records_fork(&r, 2, 1, 1002, "up");
	records_cpu(&r, 1, 5000003);
	records_cpu(&r, 2, 7000001);
	records_cpu(&r, 1, 11);
	records_exit(&r, 2, 1002, 0);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT process_id, cpu_ns, exit_ns IS NULL FROM processes",
		    "1|5000014|1\n2|8002001|0\n");
	assert_rows(db, "SELECT value FROM meta WHERE key = 'cpu_ns'", "13002015\n");
	sqlite3_close(db);
}

/* What a calibration found stands in `meta`; what is not known does not. */
static void test_calibration(void **state)
{
	struct ipct_calibration sum = {
		.head = {.len = sizeof(sum), .type = IPCT_EV_CALIBRATION},
		.rounds = 3,
		.untraced_ns = 1000000007,
		.traced_ns = 1500000001,
		.ratio = 1503,
		.ratio_min = 987,
		.ratio_max = 12040,
	};
	struct records r;
	sqlite3 *db;

	family(&r);
	records_put(&r, &sum, sizeof(sum));
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT key, value FROM meta WHERE key LIKE 'calibrate%' ORDER BY key",
		    "calibrate_ratio|1.503\ncalibrate_ratio_max|12.040\ncalibrate_ratio_min|0.987\n"
		    "calibrate_rounds|3\ncalibrate_traced_ns|1500000001\n"
		    "calibrate_untraced_ns|1000000007\n");
	sqlite3_close(db);
}

/* A program that still ran at the end has no exit status. */
static void test_meta_still_running(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	r.end.status = -1;
	r.end.ended = IPCT_ENDED_SIGNAL;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT key, value FROM meta WHERE key IN ('ended', 'exit_status')",
		    "ended|signal\n");
	sqlite3_close(db);
}

static void test_samples(void **state)
{
	struct collector_sums sums;
	struct records r;
	sqlite3 *db;

	sample_pipeline(&r);
	db = rows_of(&r);
	assert_whole(db);
	assert_rows(
		db,
		"SELECT sender, receiver, bytes, exact = messages FROM edges ORDER BY bytes DESC",
		"made|up|61549|1\nup|count|32689|1\n");
	assert_rows(db, "SELECT sum(lost) FROM ledger", "0\n");
	sqlite3_close(db);
	unlink("t.db");
	sample_fifo(&r);
	assert_int_equal(rows_make("t.db", &r, &sums), 0);
	db = trace_db_open("t.db");
	assert_whole(db);
	assert_int_equal(sums.ops, 216);
	assert_int_equal(sums.lost, 7);
	assert_int_equal(sums.messages, 103);
	assert_int_equal(sums.bytes, 101 * 13 + 10 + 17);
	assert_int_equal(sums.processes, 2);
	assert_int_equal(sums.objects, 1);
	sqlite3_close(db);
}

static const char ledger_rows[] = "SELECT mechanism, reason, seen, stored, lost FROM ledger";

static void test_ledger(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, ledger_rows, "fifo|stored|0|0|0\npipe|stored|4|4|0\n");
	sqlite3_close(db);
}

/* Every reason at once, each with a number of its own. */
static void test_ledger_losses(void **state)
{
	struct collector_sums sums;
	struct records r;
	sqlite3 *db;

	family(&r);
	records_lost(&r, IPCT_MECH_PIPE, IPCT_COUNT_RING_FULL, 11);
	records_lost(&r, IPCT_MECH_PIPE, IPCT_COUNT_OBJECTS_FULL, 13);
	records_lost(&r, IPCT_MECH_FIFO, IPCT_COUNT_RING_FULL, 17);
	records_lost(&r, IPCT_MECH_NONE, IPCT_COUNT_COMPAT, 19);
	records_lost(&r, IPCT_MECH_NONE, IPCT_COUNT_THREADS, 23);
	records_lost(&r, IPCT_MECH_NONE, IPCT_COUNT_NOTES, 29);
	r.end.spool_lost[IPCT_MECH_PIPE] = 31;
	r.end.counts[IPCT_MECH_PIPE][IPCT_COUNT_SEEN] += 31;
	r.end.spool_lost[IPCT_MECH_NONE] = 37;
	records_end(&r);
	assert_int_equal(rows_make("t.db", &r, &sums), 0);
	db = trace_db_open("t.db");
	assert_rows(db, ledger_rows,
		    "fifo|ring_full|17|0|17\n"
		    "fifo|stored|0|0|0\n"
		    "pipe|objects_full|13|0|13\n"
		    "pipe|ring_full|11|0|11\n"
		    "pipe|spool_full|31|0|31\n"
		    "pipe|stored|4|4|0\n"
		    "unknown|compat_32bit|19|0|19\n"
		    "unknown|process_records_ring_full|29|0|29\n"
		    "unknown|process_records_spool_full|37|0|37\n"
		    "unknown|threads_not_followed|23|0|23\n");
	assert_whole(db);
	assert_int_equal(sums.lost, 11 + 13 + 17 + 19 + 23 + 29 + 31 + 37);
	assert_int_equal(sums.ops, 4);
	sqlite3_close(db);
}

/* What nothing explains is said, and not hidden. */
static void test_ledger_unaccounted(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	r.end.counts[IPCT_MECH_PIPE][IPCT_COUNT_SEEN] += 5;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, ledger_rows,
		    "fifo|stored|0|0|0\npipe|stored|4|4|0\npipe|unaccounted|5|0|5\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* A mechanism that was not asked for has no row. */
static void test_ledger_mask(void **state)
{
	struct collector_sums sums;
	struct recording rec;
	struct collector *c;
	struct records r;
	sqlite3 *db;

	family(&r);
	records_end(&r);
	records_recording(&rec);
	rec.mechanism_mask = 1u << IPCT_MECH_PIPE;
	c = collector_new("t.db", &rec);
	assert_int_equal(collector_feed(c, r.data, r.len), r.len);
	assert_int_equal(collector_finish(c, &sums), 0);
	recording_clear(&rec);
	records_clear(&r);
	db = trace_db_open("t.db");
	assert_rows(db, ledger_rows, "pipe|stored|4|4|0\n");
	assert_rows(db, "SELECT value FROM meta WHERE key = 'mechanisms'", "pipe\n");
	sqlite3_close(db);
}

/* A reader looks in while the recording goes on: what was committed is there, and balances. */
static void test_while_recording(void **state)
{
	__u64 none[IPCT_MECH_COUNT] = {0};
	struct collector_sums sums;
	struct recording rec;
	struct collector *c;
	struct records r;
	sqlite3 *db;

	family(&r);
	r.end.counts[IPCT_MECH_PIPE][IPCT_COUNT_SEEN] += 2; /* in the ring, or in a call */
	records_recording(&rec);
	c = collector_new("t.db", &rec);
	assert_int_equal(collector_feed(c, r.data, r.len), r.len);
	assert_int_equal(collector_uncommitted(c), 4);
	db = trace_db_open("t.db");
	assert_rows(db, "SELECT count(*) FROM ops", "0\n");
	sqlite3_close(db);
	collector_counts(c, r.end.counts, none);
	collector_commit(c);
	assert_int_equal(collector_uncommitted(c), 0);
	db = trace_db_open("t.db");
	assert_rows(db, ledger_rows,
		    "fifo|stored|0|0|0\npipe|stored|4|4|0\npipe|under_way|2|0|2\n");
	assert_rows(db, "SELECT count(*) FROM meta WHERE key IN ('ended', 'complete')", "0\n");
	assert_whole(db);
	sqlite3_close(db);
	r.end.counts[IPCT_MECH_PIPE][IPCT_COUNT_SEEN] -= 2;
	r.len = 0;
	records_end(&r);
	assert_int_equal(collector_feed(c, r.data, r.len), r.len);
	assert_true(collector_complete(c));
	assert_int_equal(collector_finish(c, &sums), 0);
	recording_clear(&rec);
	records_clear(&r);
	db = trace_db_open("t.db");
	assert_rows(db, ledger_rows, "fifo|stored|0|0|0\npipe|stored|4|4|0\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* Rows that were committed once and changed since are written again, all of them. */
static void test_commit_after_each_record(void **state)
{
	struct collector_sums sums;
	struct recording rec;
	struct collector *c;
	struct records r;
	char *once, *often;
	sqlite3 *db;

	static const char all[] = "SELECT * FROM processes"; /* and the sums, by assert_whole */

	sample_fifo(&r);
	db = rows_of(&r);
	once = rows_text(db, all);
	sqlite3_close(db);
	sample_fifo(&r);
	records_recording(&rec);
	c = collector_new("often.db", &rec);
	for (size_t at = 0; at < r.len;) {
		size_t len = ((const struct ipct_head *)(r.data + at))->len;

		assert_int_equal(collector_feed(c, r.data + at, len), len);
		collector_commit(c);
		at += len;
	}
	assert_int_equal(collector_finish(c, &sums), 0);
	recording_clear(&rec);
	records_clear(&r);
	db = trace_db_open("often.db");
	often = rows_text(db, all);
	assert_string_equal(once, often);
	assert_whole(db);
	sqlite3_close(db);
	free(once);
	free(often);
}

/* Records may come in pieces of any size. */
static void test_fed_in_pieces(void **state)
{
	struct collector_sums sums;
	struct recording rec;
	struct collector *c;
	struct records r;
	sqlite3 *db;
	size_t at = 0;

	family(&r);
	records_end(&r);
	records_recording(&rec);
	c = collector_new("t.db", &rec);
	for (size_t end = 0; end <= r.len; end++) {
		long used = collector_feed(c, r.data + at, end - at);

		assert_in_range(used, 0, end - at);
		at += used;
	}
	assert_int_equal(at, r.len);
	assert_int_equal(collector_finish(c, &sums), 0);
	recording_clear(&rec);
	records_clear(&r);
	db = trace_db_open("t.db");
	assert_whole(db);
	assert_rows(db, "SELECT count(*) FROM ops", "4\n");
	sqlite3_close(db);
}

/* No record of the end: the file says so, and everything before is there. */
static void test_cut(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT key, value FROM meta WHERE key IN ('ended', 'complete')",
		    "ended|cut\n");
	assert_rows(db, "SELECT count(*) FROM messages", "1\n");
	assert_whole(db);
	sqlite3_close(db);
}

static void test_damaged(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_put(&r, "damaged!", 8);
	assert_int_equal(rows_make("t.db", &r, NULL), -EINVAL);
	db = trace_db_open("t.db");
	assert_rows(db, "SELECT count(*) FROM ops", "4\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* The ring was full when a process was forked: its calls are stored, and say what is known. */
static void test_lost_fork(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_write(&r, 9, 1, 4, 7)->tid = 5555;
	records_read(&r, 1, 1, 3, 7);
	records_exit(&r, 9, 5555, 0);
	records_lost(&r, IPCT_MECH_NONE, IPCT_COUNT_NOTES, 1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT process_id, pid, ppid, comm, start_ns, exit_ns, traced FROM processes"
		    " WHERE process_id = 9",
		    "9|-|-|-|-|12000|1\n");
	assert_rows(db,
		    "SELECT sender_id, sender_pid, sender_tid, sender, receiver, bytes "
		    "FROM messages WHERE sender_id = 9",
		    "9|-|5555|-|parent|7\n");
	assert_rows(db, "SELECT sender, receiver, bytes FROM edges WHERE sender_id = 9",
		    "-|parent|7\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* The record of its fork comes after one of its own. */
static void test_late_fork(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_write(&r, 9, 1, 4, 7);
	records_fork(&r, 9, 1, 1009, "late");
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT pid, comm, exe FROM processes WHERE process_id = 9",
		    "1009|late|/bin/parent\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* The ring was full when an object was announced: no name, and nothing exact about it. */
static void test_lost_object(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	r.mechanism[5] = IPCT_MECH_FIFO;
	records_write(&r, 1, 5, 8, 100);
	records_read(&r, 2, 5, 8, 100);
	records_lost(&r, IPCT_MECH_NONE, IPCT_COUNT_NOTES, 1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT mechanism, name, kernel_id, created_ns, capacity, bytes, messages"
		    " FROM objects WHERE object_id = 2",
		    "fifo|-|-|-|-|100|1\n");
	assert_rows(db, "SELECT bytes, confidence FROM messages WHERE mechanism = 'fifo'",
		    "100|inferred\n");
	assert_rows(db, "SELECT exact, inferred FROM edges WHERE mechanism = 'fifo'", "0|1\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* An op whose record has the wrong mechanism (a damaged capture) is its object's. */
static void test_wrong_mechanism(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_write(&r, 1, 1, 4, 5)->head.mechanism = IPCT_MECH_FIFO;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT DISTINCT mechanism FROM ops", "pipe\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* ls | ipctrace record -- wc: who writes is not traced, but the kernel knows who it is. */
static void test_untraced_writer(void **state)
{
	struct ipct_object *o;
	struct ipct_op *op;
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_holder(&r, 812, "ls", 7001, IPCT_OP_WRITE_END);
	records_fork(&r, 1, 0, 1001, "wc");
	o = records_object(&r, 1, NULL);
	o->flags = IPCT_OBJECT_INHERITED;
	o->fill = 20;
	records_read(&r, 1, 1, 0, 120);
	records_read(&r, 1, 1, 0, 37);
	op = records_read(&r, 1, 1, 0, 0);
	op->dur_ns = 700;
	records_exit(&r, 1, 1001, 0);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT pid, comm, traced, start_ns, exit_ns FROM processes ORDER BY 1",
		    "812|ls|0|-|-\n1001|wc|1|1000|6000\n");
	assert_rows(db,
		    "SELECT sender_pid, sender, receiver_pid, receiver, kind, messages, bytes, "
		    "transit_p50_ns, transit_p90_ns, transit_p99_ns, transit_max_ns, "
		    "transit_sum_ns, transit_hist, first_ns, last_ns FROM edges",
		    "812|ls|1001|wc|data|2|157|-|-|-|-|-|-|3000|5700\n");
	assert_rows(db, "SELECT created_ns, bytes, messages, outside FROM objects", "-|157|0|1\n");
	assert_rows(db, "SELECT count(*) FROM messages", "0\n");
	assert_whole(db);
	sqlite3_close(db);
}

static void test_untraced_reader(void **state)
{
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_holder(&r, 812, "less", 7001, IPCT_OP_READ_END);
	records_holder(&r, 813, "other", 7009, IPCT_OP_READ_END);
	records_fork(&r, 1, 0, 1001, "ls");
	records_object(&r, 1, NULL)->flags = IPCT_OBJECT_INHERITED;
	records_write(&r, 1, 1, 1, 120);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT sender, receiver_pid, receiver, messages, bytes FROM edges",
		    "ls|812|less|1|120\n");
	sqlite3_close(db);
}

/* Several hold it, or nobody could be found: there is an edge all the same. */
static void test_untraced_unknown(void **state)
{
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_holder(&r, 812, "one", 7001, IPCT_OP_READ_END);
	records_holder(&r, 813, "two", 7001, IPCT_OP_READ_END);
	records_fork(&r, 1, 0, 1001, "ls");
	records_object(&r, 1, NULL)->flags = IPCT_OBJECT_INHERITED;
	records_write(&r, 1, 1, 1, 120);
	records_object(&r, 2, NULL)->flags = IPCT_OBJECT_INHERITED;
	records_write(&r, 1, 2, 2, 17);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT object_id, sender, receiver_pid, bytes FROM edges ORDER BY 1",
		    "1|ls|-|120\n2|ls|-|17\n");
	assert_rows(db, "SELECT count(*) FROM processes WHERE NOT traced AND pid IS NULL", "1\n");
	sqlite3_close(db);
}

/* Who holds an inherited pipe beside us may have put bytes between: nothing is exact. */
static void test_inherited_is_inferred(void **state)
{
	struct ipct_object *o;
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_fork(&r, 1, 0, 1001, "sh");
	o = records_object(&r, 1, NULL);
	o->flags = IPCT_OBJECT_INHERITED;
	o->fill = 10;
	records_write(&r, 1, 1, 1, 5);
	records_read(&r, 1, 1, 0, 15);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT bytes, confidence FROM messages", "5|inferred\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* A TCP connection with the addresses 127.0.0.1:4000 and 127.0.0.1:80; `flags` as well. */
static void tcp_connection(struct records *r, unsigned object, unsigned flags)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(4000)};
	struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons(80)};
	struct ipct_object *o = records_object(r, object, NULL);

	local.sin_addr.s_addr = remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	o->head.mechanism = r->mechanism[object] = IPCT_MECH_TCP;
	o->flags = flags | IPCT_OBJECT_TWO_WAY | IPCT_OBJECT_NUMBERED;
	o->local.len = o->remote.len = sizeof(local);
	memcpy(o->local.data, &local, sizeof(local));
	memcpy(o->remote.data, &remote, sizeof(remote));
}

static void tcp_send(struct records *r, unsigned process, uint64_t offset, uint64_t bytes)
{
	struct ipct_op *op = records_write(r, process, 1, 3, bytes);

	op->offset = offset;
	op->flags |= IPCT_OP_PLACED;
}

static struct ipct_op *tcp_recv(struct records *r, unsigned process, uint64_t offset,
				uint64_t bytes)
{
	struct ipct_op *op = records_read(r, process, 1, 4, bytes);

	op->offset = offset;
	op->flags |= IPCT_OP_PLACED | IPCT_OP_END_ONE;
	return op;
}

/*
 * The kernel numbers the bytes of TCP itself: what was sent before the recording has numbers of its
 * own, and those of which nobody can tell their numbers hold nobody up.
 */
static void test_numbered(void **state)
{
	const uint64_t start = 0x1fffffff0;
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_fork(&r, 1, 0, 1001, "sh");
	tcp_connection(&r, 1, IPCT_OBJECT_INHERITED);
	tcp_recv(&r, 1, start, 10); /* sent before */
	tcp_send(&r, 1, start + 10, 20);
	tcp_send(&r, 1, start + 30, 5);
	tcp_recv(&r, 1, 77, 5)->flags |= IPCT_OP_UNPAIRED;
	tcp_send(&r, 1, start + 35, 7);
	tcp_recv(&r, 1, start + 10, 20);
	tcp_recv(&r, 1, start + 35, 7);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT bytes, confidence FROM messages ORDER BY 1", "7|exact\n20|exact\n");
	assert_rows(db, "SELECT name, outside, peer FROM objects",
		    "127.0.0.1:4000 → 127.0.0.1:80|0|-\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* A server that is not traced is known by its port, a client by its host. */
static void test_address_outside(void **state)
{
	for (int server = 0; server < 2; server++) {
		struct records r;
		sqlite3 *db;

		records_begin(&r);
		records_fork(&r, 1, 0, 1001, "sh");
		tcp_connection(&r, 1, 0);
		if (server)
			tcp_recv(&r, 1, 100, 10);
		else
			tcp_send(&r, 1, 100, 10);
		records_end(&r);
		unlink("t.db");
		db = rows_of(&r);
		assert_rows(db, "SELECT sender, receiver, messages, bytes FROM edges",
			    server ? "127.0.0.1|sh|1|10\n" : "sh|127.0.0.1:80|1|10\n");
		assert_rows(db, "SELECT peer FROM objects",
			    server ? "127.0.0.1:4000\n" : "127.0.0.1:80\n");
		assert_whole(db);
		sqlite3_close(db);
	}
}

/* The kernel counts more opens of the FIFO than traced ones. */
static void test_fifo_opened_from_outside(void **state)
{
	for (int reads = 0; reads < 2; reads++) {
		struct records r;
		sqlite3 *db;

		records_begin(&r);
		records_fork(&r, 1, 0, 1001, "sh");
		records_object(&r, 1, "/tmp/f");
		records_open(&r, 1, 1, 3, O_RDONLY, 1, 1);
		records_open(&r, 1, 1, 4, O_WRONLY, 1, 1);
		records_write(&r, 1, 1, 4, 5);
		records_read(&r, 1, 1, 3, 5)->key = 1 + reads;
		records_write(&r, 1, 1, 4, 5)->key = (uint64_t)(2 - reads) << 32;
		records_end(&r);
		db = rows_of(&r);
		assert_rows(db, "SELECT bytes, confidence FROM messages", "5|inferred\n");
		assert_rows(db, "SELECT exact, inferred, ambiguous FROM edges", "0|1|0\n");
		assert_rows(db, "SELECT outside FROM objects", "1\n");
		assert_whole(db);
		sqlite3_close(db);
		unlink("t.db");
	}
}

static void test_fifo_writer_outside(void **state)
{
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_fork(&r, 1, 0, 1001, "cat");
	records_object(&r, 1, "/tmp/f");
	records_open(&r, 1, 1, 3, O_RDONLY, 1, 1);
	records_read(&r, 1, 1, 3, 55)->key = 1ull << 32;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT sender_pid, receiver, messages, bytes, transit_p50_ns FROM edges",
		    "-|cat|1|55|-\n");
	sqlite3_close(db);
}

/* Sends that overlapped can have entered in either order. */
static void test_overlap_is_ambiguous(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_write(&r, 1, 1, 4, 5)->flags |= IPCT_OP_OVERLAPPED;
	records_write(&r, 2, 1, 4, 6)->flags |= IPCT_OP_OVERLAPPED;
	records_write(&r, 2, 1, 4, 7);
	records_read(&r, 1, 1, 3, 18);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT bytes, confidence FROM messages ORDER BY send_op",
		    "500|exact\n5|ambiguous\n6|ambiguous\n7|exact\n");
	assert_rows(db, "SELECT sender_id, receiver_id, exact, ambiguous FROM edges ORDER BY 1, 2",
		    "1|1|0|1\n1|2|1|0\n2|1|1|1\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* Records were lost before: the gap is passed, and what lies behind it is paired rightly. */
static void test_gap_after_loss(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	r.sent[1] += 1000; /* lost in the ring */
	r.received[1] += 1000;
	records_lost(&r, IPCT_MECH_PIPE, IPCT_COUNT_RING_FULL, 2);
	for (int i = 0; i < 200; i++) {
		records_write(&r, 1, 1, 4, 10)->flags |= IPCT_OP_AFTER_GAP;
		records_read(&r, 2, 1, 3, 10)->flags |= IPCT_OP_AFTER_GAP;
	}
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT count(*), sum(bytes), sum(recv_op = send_op + 1), count(DISTINCT "
		    "confidence)"
		    " FROM messages",
		    "201|2500|201|1\n");
	assert_whole(db);
	sqlite3_close(db);
}

static void test_unfinished(void **state)
{
	struct ipct_op *op;
	struct records r;
	sqlite3 *db;

	family(&r);
	op = records_read(&r, 1, 1, 3, 0);
	op->flags &= ~IPCT_OP_FINISHED;
	op->requested = 100;
	op->dur_ns = 123456;
	op->blocked_ns = 100000;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT dur_ns, blocked_ns, requested, bytes, error, finished FROM ops"
		    " WHERE NOT finished",
		    "123456|100000|100|0|-|0\n");
	assert_rows(db, "SELECT count, dur_max_ns, blocked_ns FROM latency WHERE syscall = 'read'",
		    "3|400|100333\n");
	assert_rows(db, "SELECT value FROM meta WHERE key = 'duration_ns'", "133456\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* Programs ask for more than a signed number holds. */
static void test_requested_all(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_write(&r, 1, 1, 4, 5)->requested = SIZE_MAX;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT max(requested) FROM ops", "9223372036854775807\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* splice from a pipe to a pipe: two ops of one call, each with its own partner. */
static void test_splice(void **state)
{
	struct ipct_op *op;
	struct records r;
	sqlite3 *db;

	family(&r);
	records_pipe(&r, 1, 2, 5, 6, 0);
	records_write(&r, 1, 1, 4, 70);
	op = records_read(&r, 2, 1, 3, 70);
	op->syscall = IPCT_SYS_splice;
	op = records_write(&r, 2, 2, 6, 70);
	op->syscall = IPCT_SYS_splice;
	op->flags |= IPCT_OP_SECOND;
	records_read(&r, 1, 2, 5, 70);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT g.object_id, s.syscall, r.syscall, g.bytes FROM messages g"
		    " JOIN ops s ON s.op_id = g.send_op JOIN ops r ON r.op_id = g.recv_op"
		    " WHERE g.bytes = 70 ORDER BY 1",
		    "1|write|splice|70\n2|splice|read|70\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* tee shows bytes that another receive takes. */
static void test_tee(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_write(&r, 1, 1, 4, 70);
	records_peek(&r, 2, 1, 3, 50);
	records_read(&r, 2, 1, 3, 70);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT r.syscall, g.bytes, g.confidence FROM messages g"
		    " JOIN ops r ON r.op_id = g.recv_op",
		    "read|500|exact\ntee|50|exact\nread|70|exact\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* O_DIRECT: what a read leaves of a packet is gone. */
static void test_packets(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_write(&r, 1, 1, 4, 70)->flags |= IPCT_OP_PACKET;
	records_write(&r, 1, 1, 4, 80)->flags |= IPCT_OP_PACKET;
	records_write(&r, 1, 1, 4, 90)->flags |= IPCT_OP_PACKET;
	records_read(&r, 2, 1, 3, 10);
	records_read(&r, 2, 1, 3, 20)->syscall = IPCT_SYS_splice; /* leaves the other 60 */
	records_read(&r, 2, 1, 3, 30);
	records_read(&r, 2, 1, 3, 90);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT s.bytes, g.bytes FROM messages g JOIN ops s ON s.op_id = g.send_op",
		    "500|500\n70|10\n80|20\n80|30\n90|90\n");
	assert_whole(db);
	sqlite3_close(db);
}

static void test_execs(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_exec(&r, 2, 1002, "/bin/first", "first\0\0don't\0");
	records_exec(&r, 2, 1002, "/opt/a dir/second", "");
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT comm, exe, cmdline FROM processes WHERE process_id = 2",
		    "second|/opt/a dir/second|-\n");
	assert_rows(db, "SELECT process_id, ts_ns, comm, exe FROM exec",
		    "1|1000|parent|/bin/parent\n2|10000|first|/bin/first\n"
		    "2|11000|second|/opt/a dir/second\n");
	sqlite3_close(db);
}

/* Longer arguments than a record holds are cut, and say so. */
static void test_long_arguments(void **state)
{
	char args[IPCT_ARGS_LEN + 100] = "x";
	struct records r;
	sqlite3 *db;

	family(&r);
	memset(args + 2, 'y', sizeof(args) - 4);
	records_exec(&r, 2, 1002, "/bin/x", args);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT length(cmdline), substr(cmdline, 1, 4), substr(cmdline, -5)"
		    " FROM processes WHERE process_id = 2",
		    "515|x yy|yy...\n");
	sqlite3_close(db);
}

/* mkfifo, and the FIFO that is opened there afterwards: one object. */
static void test_mkfifo(void **state)
{
	struct ipct_path_op *made;
	struct records r;
	sqlite3 *db;

	family(&r);
	made = records_path_op(&r, 1, IPCT_SYS_mknodat, "/run/it", "./f");
	made->mode = S_IFIFO | 0600;
	made->ino = 7009;
	made->dev = 15;
	records_object(&r, 9, "/run/it/f");
	records_open(&r, 1, 9, 7, O_RDWR, 1, 1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(
		db,
		"SELECT object_id, mechanism, name, kernel_id, created_ns, capacity FROM objects"
		" WHERE mechanism = 'fifo'",
		"2|fifo|/run/it/f|7009|10400|65536\n");
	assert_rows(db,
		    "SELECT syscall, role, object_id, object, fd, error FROM ops WHERE op_id > 4",
		    "mknodat|create|2|/run/it/f|-|-\nopenat|open|2|/run/it/f|7|-\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* Some file systems show another device number outside: then the path must do. */
static void test_mkfifo_other_device(void **state)
{
	struct ipct_path_op *made;
	struct records r;
	sqlite3 *db;

	family(&r);
	made = records_path_op(&r, 1, IPCT_SYS_mknod, NULL, "/run/f");
	made->mode = S_IFIFO | 0600;
	made->ino = 7009;
	made->dev = 99;
	records_object(&r, 9, "/run/f");
	records_open(&r, 1, 9, 7, O_RDWR, 1, 1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT name, device FROM objects WHERE mechanism = 'fifo'", "/run/f|15\n");
	sqlite3_close(db);
}

static void test_mkfifo_fails(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_path_op(&r, 1, IPCT_SYS_mknod, "/run", "f")->op.result = -EEXIST;
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT syscall, object, error FROM ops WHERE mechanism = 'fifo'",
		    "mknod|/run/f|EEXIST\n");
	assert_rows(db, "SELECT created_ns FROM objects WHERE mechanism = 'fifo'", "-\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* An open of a FIFO that waited in vain for the other side; one of a file, which is nothing. */
static void test_open_unfinished(void **state)
{
	struct ipct_path_op *p;
	struct records r;
	sqlite3 *db;

	family(&r);
	p = records_path_op(&r, 1, IPCT_SYS_openat, "/run", "f");
	p->mode = S_IFIFO | 0600;
	p->ino = 7009;
	p->dev = 15;
	p = records_path_op(&r, 1, IPCT_SYS_openat, "/run", "regular");
	p->mode = S_IFREG | 0600;
	p->ino = 7010;
	p->dev = 15;
	records_path_op(&r, 1, IPCT_SYS_openat, "/run", "gone");
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT syscall, role, object, fd, error, finished FROM ops"
		    " WHERE mechanism = 'fifo'",
		    "openat|open|/run/f|-|-|0\n");
	assert_rows(db, ledger_rows, "fifo|stored|1|1|0\npipe|stored|4|4|0\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* Names are bytes: the file has them as they are, and no query breaks. */
static void test_hostile_names(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r);
	records_object(&r, 9, "/tmp/\xff'; DROP TABLE op; --");
	records_open(&r, 1, 9, 7, O_RDWR, 1, 1);
	records_fork(&r, 3, 1, 1003, "\x1b[31m<b>\xc3");
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT hex(comm) FROM processes WHERE process_id = 3",
		    "1B5B33316D3C623EC3\n");
	assert_rows(db, "SELECT hex(name) FROM objects WHERE mechanism = 'fifo'",
		    "2F746D702FFF273B2044524F50205441424C45206F703B202D2D\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* A receive that slept: who woke it, and where the time of the message went. */
static void test_sleep(void **state)
{
	struct ipct_sleep *sleep;
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_fork(&r, 1, 0, 1001, "both");
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_fork(&r, 2, 1, 1002, "child");
	records_write(&r, 1, 1, 4, 7);
	records_read(&r, 2, 1, 3, 7);
	sleep = records_slept(&r, 1500, 300, 1001, 1);
	sleep->woken_ns -= 400; /* while the write runs, 300 ns after it began */
	sleep->runnable_ns += 400;
	sleep->waiting_ns -= 400;
	sleep->away_ns = 77;
	sleep->slept_cpu = 3, sleep->waker_cpu = 5, sleep->ran_cpu = 7;
	records_write(&r, 1, 1, 4, 5);
	records_read(&r, 2, 1, 3, 5);
	records_slept(&r, 200, 50, 0, 0)->ran_cpu = IPCT_CPU_NONE;
	records_write(&r, 1, 1, 4, 1);
	records_slept(&r, 10, 20, 999, 0);
	records_read(&r, 2, 1, 3, 1);
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT syscall, dur_ns, blocked_ns, running_ns, waiting_ns, runnable_ns,"
		    " woken_ns - ts_ns, ran_ns - ts_ns, waker_tid, waker_id, away_ns,"
		    " slept_cpu, waker_cpu, ran_cpu FROM ops WHERE syscall IN ('read', 'write')",
		    "write|400|0|400|0|0|-|-|-|-|0|-|-|-\n"
		    "read|2200|1800|400|1100|700|1100|1800|1001|1|77|3|5|7\n"
		    "write|400|0|400|0|0|-|-|-|-|0|-|-|-\n"
		    "read|650|250|400|200|50|200|250|0|-|0|0|0|-\n"
		    "write|430|30|400|10|20|10|30|999|-|0|0|0|0\n"
		    "read|400|0|400|0|0|-|-|-|-|0|-|-|-\n");
	assert_rows(db,
		    "SELECT bytes, transit_ns, in_send_ns, in_object_ns, in_runq_ns, in_recv_ns,"
		    " wait_op FROM messages",
		    "7|1400|300|0|700|400|-\n"
		    "5|1400|400|550|50|400|-\n"
		    "1|1430|430|600|0|400|-\n");
	assert_whole(db);
	sqlite3_close(db);
}

/* A write by 1 and a read by 2 that the write woke: it slept on one CPU and ran on the other. */
static void read_woken(struct records *r, unsigned waker, unsigned slept_cpu, unsigned ran_cpu)
{
	struct ipct_sleep *sleep;

	records_write(r, 1, 1, 4, 7);
	records_read(r, 2, 1, 3, 7);
	sleep = records_slept(r, 1500, 300, waker, 0);
	sleep->woken_ns -= 400; /* while the write runs */
	sleep->slept_cpu = slept_cpu, sleep->waker_cpu = 1, sleep->ran_cpu = ran_cpu;
}

/* Which wakings count for an edge, and where: those by the sender in its call, each once. */
static void test_wakeups(void **state)
{
	struct ipct_op *op;
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_fork(&r, 1, 0, 1001, "from");
	records_pipe(&r, 1, 1, 3, 4, 0);
	records_fork(&r, 2, 1, 1002, "to");
	for (int i = 0; i < 3; i++)
		read_woken(&r, 1001, 1, 1);
	for (int i = 0; i < 5; i++)
		read_woken(&r, 1001, i, 2);
	read_woken(&r, 999, 1, 2);              /* by another thread */
	read_woken(&r, 0, 1, 2);                /* by an interrupt */
	read_woken(&r, 1001, 1, IPCT_CPU_NONE); /* it never ran again */
	records_write(&r, 1, 1, 4, 7);
	records_read(&r, 2, 1, 3, 7);
	records_slept(&r, 100, 50, 1001, 1)->ran_cpu = 2; /* after the write was over */
	records_write(&r, 1, 1, 4, 7);
	records_read(&r, 2, 1, 3, 7); /* awake */
	op = records_write(&r, 1, 1, 4, 14);
	op->dur_ns += 5000;
	records_read(&r, 2, 1, 3, 7);
	records_slept(&r, 1500, 300, 1001, 0)->ran_cpu = 2;
	records_read(&r, 2, 1, 3, 7); /* the second half, after the same waking */
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db,
		    "SELECT sender, receiver, crossed, wakeups, moved, in_runq_p50_ns > 600,"
		    " in_runq_max_ns <= transit_max_ns FROM wakeups",
		    "from|to|0|3|0|1|1\n"
		    "from|to|1|6|5|1|1\n");
	assert_rows(db, "SELECT messages FROM edges", "15\n");
	sqlite3_close(db);
}

/* Which cgroup a process is in: its parent's at first, and after an exec the one of then. */
static void test_cgroup(void **state)
{
	struct records r;
	sqlite3 *db;

	records_begin(&r);
	records_cgroup(&r, 17, "/a\xff\"<b>");
	records_cgroup(&r, 19, "");
	records_cgroup(&r, 23, "/");
	records_fork(&r, 1, 0, 1001, "one")->cgroup = 17;
	records_fork(&r, 2, 1, 1002, "two")->cgroup = 17;
	records_fork(&r, 3, 1, 1003, "three")->cgroup = 19;
	records_fork(&r, 4, 1, 1004, "four")->cgroup = 29; /* its record was lost */
	records_fork(&r, 5, 1, 1005, "five")->cgroup = 17;
	records_exec(&r, 2, 1002, "/bin/two", "two\0")->cgroup = 23;
	records_exec(&r, 5, 1005, "/bin/five", "five\0");
	records_end(&r);
	db = rows_of(&r);
	assert_rows(db, "SELECT process_id, cgroup FROM processes",
		    "1|/a\xff\"<b>\n2|/\n3|-\n4|-\n5|-\n");
	sqlite3_close(db);
}

/* 211 processes, 31 pipes, calls at random: the sums must follow from the rows. */
static void test_random(void **state)
{
	for (uint64_t run = 1; run <= 3; run++) {
		uint64_t seed = run;
		struct records r;
		sqlite3 *db;

		records_begin(&r);
		records_fork(&r, 1, 0, 1001, "root");
		for (unsigned o = 1; o <= 31; o++)
			records_pipe(&r, 1, o, 2 * o + 1, 2 * o + 2, 0);
		for (unsigned p = 2; p <= 211; p++)
			records_fork(&r, p, 1 + random_next(&seed) % (p - 1), 1000 + p, "child");
		for (int i = 0; i < 20011; i++) {
			unsigned o = 1 + random_next(&seed) % 31, p = 1 + random_next(&seed) % 211;
			uint64_t held = r.sent[o] - r.received[o];
			uint64_t bytes = 1 + random_next(&seed) % 5000;

			if (held && (random_next(&seed) & 1 || held > 65536))
				records_read(&r, p, o, 2 * o + 1, bytes < held ? bytes : held);
			else
				records_write(&r, p, o, 2 * o + 2, bytes)->flags |=
					random_next(&seed) % 7 ? 0 : IPCT_OP_OVERLAPPED;
		}
		records_end(&r);
		db = rows_of(&r);
		assert_whole(db);
		assert_rows(
			db,
			"SELECT sum(paired) = sum(received_bytes) FROM (SELECT o.received_bytes,"
			" (SELECT sum(bytes) FROM messages m WHERE m.object_id = o.object_id)"
			" AS paired FROM objects o)",
			"1\n");
		sqlite3_close(db);
		unlink("t.db");
	}
}

/* The file cannot be made: one message, and no collector. */
static void test_cannot_create(void **state)
{
	struct recording rec;

	records_recording(&rec);
	said_begin();
	assert_null(collector_new("no/such/folder/t.db", &rec));
	assert_non_null(strstr(said_end(), "ipctrace: cannot create trace 'no/such/folder/t.db': "
					   "No such file or directory\n"));
	said_begin();
	assert_null(collector_new("/dev/full", &rec));
	assert_non_null(strstr(said_end(), "ipctrace: cannot create trace '/dev/full': "));
	recording_clear(&rec);
}

/*
 * Feed calls into a file on a disk of `disk_kib` until that is full and further, with a commit
 * after every `commit_ops`.
 */
static void fill_disk(unsigned disk_kib, int commit_ops)
{
	__u64 none[IPCT_MECH_COUNT] = {0};
	struct collector_sums sums;
	struct recording rec;
	struct collector *c;
	struct records r;
	char option[32], expected[128];
	const char *said;
	sqlite3 *db;
	int ops = 0, after = 0;

	snprintf(option, sizeof(option), "size=%uk", disk_kib);
	assert_int_equal(mount("none", "disk", "tmpfs", 0, option), 0);
	family(&r);
	records_recording(&rec);
	c = collector_new("disk/t.db", &rec);
	assert_non_null(c);
	said_begin();
	while (after < 3 * commit_ops) {
		records_write(&r, 1, 1, 4, 100);
		records_read(&r, 2, 1, 3, 100);
		assert_int_equal(collector_feed(c, r.data, r.len), r.len);
		r.len = 0;
		ops += 2;
		if (ops % commit_ops < 2) {
			collector_counts(c, r.end.counts, none);
			collector_commit(c);
		}
		after += 2 * collector_failed(c);
	}
	records_end(&r);
	assert_int_equal(collector_feed(c, r.data, r.len), r.len);
	assert_int_equal(collector_finish(c, &sums), -EIO);
	said = said_end();
	if (strncmp(said, "ipctrace: cannot write trace 'disk/t.db': No space left on device\n",
		    66))
		fail_msg("said: %s", said);
	if (strstr(said + 1, "ipctrace:"))
		fail_msg("on a disk of %u KiB with commits after %d said: %s", disk_kib, commit_ops,
			 said);

	db = trace_db_open("disk/t.db");
	assert_non_null(db);
	assert_whole(db);
	snprintf(expected, sizeof(expected), "%d|1|1\n", ops + 4);
	assert_rows(
		db,
		"SELECT sum(seen), sum(stored) > 0, sum(lost) FILTER (WHERE reason = 'disk_full')"
		" = sum(lost) FROM ledger",
		expected);
	assert_rows(db, "SELECT key, value FROM meta WHERE key IN ('ended', 'complete')",
		    "ended|disk_full\n");
	assert_int_equal(sums.ops + sums.lost, ops + 4);
	snprintf(expected, sizeof(expected), "%lld\n", (long long)sums.ops);
	assert_rows(db, "SELECT count(*) FROM ops", expected);
	sqlite3_close(db);
	if (system("test \"$(ls -A disk)\" = t.db"))
		fail_msg("left beside it, on a disk of %u KiB with commits after %d", disk_kib,
			 commit_ops);
	recording_clear(&rec);
	records_clear(&r);
	assert_int_equal(umount("disk"), 0);
}

/* After a failure the disk is still there. */
static int disk_leave(void **state)
{
	while (!umount2("disk", MNT_DETACH))
		;
	return folder_leave(state);
}

static bool disk_can_be_small(void)
{
	if (!mkdir("disk", 0700) && !mount("none", "disk", "tmpfs", 0, "size=4m")) {
		umount("disk");
		return true;
	}
	print_message("skipped: a small tmpfs cannot be mounted: %s\n", strerror(errno));
	return false;
}

static void test_disk_full(void **state)
{
	if (!disk_can_be_small())
		skip();
	/* live, a commit comes after 20,000 ops and at most what is left of a spool chunk */
	fill_disk(10 << 10, 500);
	fill_disk(12 << 10, 5000);
	fill_disk(14 << 10, 20000);
	fill_disk(18 << 10, 32000);
}

/* All of it still fits SQLite's memory, and only the last commit finds that the disk is full. */
static void test_disk_full_at_the_end(void **state)
{
	struct collector_sums sums;
	struct records r;
	const char *said;
	sqlite3 *db;

	if (!disk_can_be_small())
		skip();
	assert_int_equal(mount("none", "disk", "tmpfs", 0, "size=10m"), 0);
	family(&r);
	for (int i = 0; i < 30000; i++) {
		records_write(&r, 1, 1, 4, 100);
		records_read(&r, 2, 1, 3, 100);
	}
	records_end(&r);
	said_begin();
	assert_int_equal(rows_make("disk/t.db", &r, &sums), -EIO);
	said = said_end();
	assert_int_equal(
		strncmp(said, "ipctrace: cannot write trace 'disk/t.db': No space left", 55), 0);
	assert_null(strstr(said + 1, "ipctrace:"));
	assert_int_equal(sums.ops, 0);
	assert_int_equal(sums.lost, 60004);
	db = trace_db_open("disk/t.db");
	assert_non_null(db);
	assert_whole(db);
	assert_rows(db, ledger_rows,
		    "fifo|stored|0|0|0\npipe|disk_full|60004|0|60004\npipe|stored|0|0|0\n");
	assert_rows(db, "SELECT key, value FROM meta WHERE key IN ('ended', 'complete')",
		    "ended|disk_full\n");
	sqlite3_close(db);
	assert_int_equal(umount("disk"), 0);
}

/* Too small even for the reserve: the ledger is the one of the last commit, and still balances. */
static void test_disk_full_without_reserve(void **state)
{
	__u64 none[IPCT_MECH_COUNT] = {0};
	struct collector_sums sums;
	struct recording rec;
	struct collector *c;
	struct records r;
	const char *said;
	sqlite3 *db;

	if (!disk_can_be_small())
		skip();
	assert_int_equal(mount("none", "disk", "tmpfs", 0, "size=3m"), 0);
	family(&r);
	records_recording(&rec);
	said_begin();
	c = collector_new("disk/t.db", &rec);
	assert_non_null(c);
	for (int i = 0; !collector_failed(c); i++) {
		records_write(&r, 1, 1, 4, 100);
		records_read(&r, 2, 1, 3, 100);
		assert_int_equal(collector_feed(c, r.data, r.len), r.len);
		r.len = 0;
		if (i % 1000 == 999) {
			collector_counts(c, r.end.counts, none);
			collector_commit(c);
		}
	}
	records_end(&r);
	collector_feed(c, r.data, r.len);
	assert_int_equal(collector_finish(c, &sums), -EIO);
	said = said_end();
	assert_int_equal(
		strncmp(said, "ipctrace: cannot write trace 'disk/t.db': No space left", 55), 0);
	/* either it was folded into one file, or it is said that the log beside it is needed */
	assert_true(access("disk/t.db-wal", F_OK) || strstr(said, "t.db-wal' beside it"));
	db = trace_db_open("disk/t.db");
	assert_non_null(db);
	assert_whole(db);
	assert_rows(db, "SELECT count(*) > 1000 FROM ops", "1\n");
	assert_rows(db, "SELECT count(*) FROM meta WHERE key = 'complete'", "0\n");
	sqlite3_close(db);
	recording_clear(&rec);
	records_clear(&r);
	assert_int_equal(umount("disk"), 0);
}

int main(void)
{
#define TEST(name)      cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)
#define TEST_DISK(name) cmocka_unit_test_setup_teardown(name, folder_enter, disk_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_view_processes),
		TEST(test_view_objects),
		TEST(test_retired),
		TEST(test_view_ops),
		TEST(test_view_messages),
		TEST(test_view_edges),
		TEST(test_view_latency),
		TEST(test_percentiles),
		TEST(test_meta),
		TEST(test_cpu),
		TEST(test_calibration),
		TEST(test_meta_still_running),
		TEST(test_samples),
		TEST(test_ledger),
		TEST(test_ledger_losses),
		TEST(test_ledger_unaccounted),
		TEST(test_ledger_mask),
		TEST(test_while_recording),
		TEST(test_commit_after_each_record),
		TEST(test_fed_in_pieces),
		TEST(test_cut),
		TEST(test_damaged),
		TEST(test_lost_fork),
		TEST(test_late_fork),
		TEST(test_lost_object),
		TEST(test_wrong_mechanism),
		TEST(test_untraced_writer),
		TEST(test_untraced_reader),
		TEST(test_untraced_unknown),
		TEST(test_inherited_is_inferred),
		TEST(test_numbered),
		TEST(test_address_outside),
		TEST(test_fifo_opened_from_outside),
		TEST(test_fifo_writer_outside),
		TEST(test_overlap_is_ambiguous),
		TEST(test_gap_after_loss),
		TEST(test_unfinished),
		TEST(test_requested_all),
		TEST(test_splice),
		TEST(test_tee),
		TEST(test_packets),
		TEST(test_execs),
		TEST(test_long_arguments),
		TEST(test_mkfifo),
		TEST(test_mkfifo_other_device),
		TEST(test_mkfifo_fails),
		TEST(test_open_unfinished),
		TEST(test_hostile_names),
		TEST(test_sleep),
		TEST(test_wakeups),
		TEST(test_cgroup),
		TEST(test_random),
		TEST(test_cannot_create),
		TEST_DISK(test_disk_full),
		TEST_DISK(test_disk_full_at_the_end),
		TEST_DISK(test_disk_full_without_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
