-- Lets a trace file of format 2, or of format 1 after format_1.sql, be read like one of today:
-- what format 3 added stands before its tables as temporary views, for views.sql to find.

CREATE TEMP VIEW process AS
SELECT process_id, pid, parent_id, ppid, comm, exe, cmdline, start_ns, exit_ns, exit_status, traced,
	NULL AS cpu_ns
FROM main.process;

CREATE TEMP VIEW object_size AS
SELECT 0 AS object_id, 0 AS largest WHERE 0;

CREATE TEMP VIEW process_cgroup AS
SELECT 0 AS process_id, '' AS cgroup WHERE 0;

-- Each op is of a kind of its own, and each message.
CREATE TEMP VIEW op_row AS
SELECT op_id, op_id AS kind_id, ts_ns, dur_ns, blocked_ns, bytes, finished
FROM main.op;

CREATE TEMP VIEW IF NOT EXISTS op_kind AS
SELECT op_id AS kind_id, process_id, tid, syscall_id, role_id, object_id, fd, requested, errno_id,
	key
FROM main.op;

CREATE TEMP VIEW message_row AS
SELECT message_id, message_id AS kind_id, recv_op, coalesce(recv_op, 0) - send_op AS send_distance,
	bytes, NULL AS in_send_ns, NULL AS in_object_ns, NULL AS in_runq_ns, NULL AS wait_distance
FROM main.message;

CREATE TEMP VIEW IF NOT EXISTS message_kind AS
SELECT message_id AS kind_id, object_id, confidence, sender_id, receiver_id
FROM main.message;

CREATE TEMP VIEW edge AS
SELECT object_id, sender_id, receiver_id, kind, messages, bytes, exact, inferred, ambiguous,
	transit_sum_ns, transit_p50_ns, transit_p90_ns, transit_p99_ns, transit_max_ns, first_ns,
	last_ns, transit_hist, NULL AS exact_bytes, NULL AS inferred_bytes
FROM main.edge;

CREATE TEMP VIEW call_stat AS
SELECT mechanism_id, role_id, syscall_id, count, errors, bytes, dur_sum_ns, dur_p50_ns, dur_p90_ns,
	dur_p99_ns, dur_max_ns, blocked_ns, dur_hist, NULL AS timeouts
FROM main.call_stat;

CREATE TEMP VIEW sleep_row AS
SELECT 0 AS op_id, 0 AS waiting_ns, 0 AS runnable_ns, 0 AS woken_before_ns, 0 AS run_queue_ns,
	0 AS kind_id, 0 AS away_ns
WHERE 0;

CREATE TEMP VIEW sleep_kind AS
SELECT 0 AS kind_id, 0 AS waker_tid, 0 AS waker_id, 0 AS slept_cpu, 0 AS waker_cpu, 0 AS ran_cpu
WHERE 0;

CREATE TEMP VIEW ready_object AS
SELECT 0 AS op_id, 0 AS object_id, 0 AS fd, 0 AS events WHERE 0;

CREATE TEMP VIEW edge_part AS
SELECT 0 AS object_id, 0 AS sender_id, 0 AS receiver_id, 0 AS part, 0 AS sum_ns, 0 AS p50_ns,
	0 AS p90_ns, 0 AS p99_ns, 0 AS max_ns
WHERE 0;

CREATE TEMP VIEW edge_wakeup AS
SELECT 0 AS object_id, 0 AS sender_id, 0 AS receiver_id, 0 AS crossed, 0 AS wakeups, 0 AS moved,
	0 AS transit_sum_ns, 0 AS transit_p50_ns, 0 AS transit_p90_ns, 0 AS transit_p99_ns,
	0 AS transit_max_ns, 0 AS in_runq_sum_ns, 0 AS in_runq_p50_ns, 0 AS in_runq_p90_ns,
	0 AS in_runq_p99_ns, 0 AS in_runq_max_ns
WHERE 0;

CREATE TEMP VIEW call_part AS
SELECT 0 AS mechanism_id, 0 AS role_id, 0 AS syscall_id, 0 AS part, 0 AS sum_ns, 0 AS p50_ns,
	0 AS p90_ns, 0 AS p99_ns, 0 AS max_ns
WHERE 0;

CREATE TEMP VIEW depth_bin AS
SELECT 0 AS object_id, 0 AS direction, 0 AS start_ns, 0 AS width_ns, 0 AS bytes, 0 AS messages,
	0 AS max_bytes, 0 AS max_messages, 0 AS full_ns, 0 AS empty_ns
WHERE 0;

CREATE TEMP VIEW pressure_sum AS
SELECT 0 AS object_id, 0 AS direction, 0 AS capacity_bytes, 0 AS capacity_messages, 0 AS max_bytes,
	0 AS max_messages, 0 AS full_ns, 0 AS empty_ns, 0 AS full_refusals, 0 AS empty_refusals,
	0 AS first_ns, 0 AS last_ns, 0 AS mean_bytes, 0 AS mean_messages, 0 AS sends, 0 AS recvs,
	0 AS sender_id, 0 AS receiver_id
WHERE 0;

CREATE TEMP VIEW op_block AS
SELECT 0 AS first_op, 0 AS last_op, 0 AS first_start_ns, 0 AS last_start_ns, 0 AS first_end_ns,
	0 AS last_end_ns
WHERE 0;

CREATE TEMP VIEW message_block AS
SELECT 0 AS first_message, 0 AS last_message, 0 AS first_send, 0 AS last_send, 0 AS first_recv,
	0 AS last_recv, 0 AS transit_max_ns
WHERE 0;

CREATE TEMP VIEW thread AS
SELECT 0 AS process_id, 0 AS tid, 0 AS ops, 0 AS first_ns, 0 AS last_ns, 0 AS dur_ns, 0 AS blocked_ns,
	0 AS waiting_ns, 0 AS runnable_ns
WHERE 0;
