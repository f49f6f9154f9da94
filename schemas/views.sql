-- The public views: what users' SQL and the reports read. Columns are added, never renamed or
-- dropped. pids are for people; joins go by process_id, object_id and op_id.

CREATE VIEW processes AS
SELECT p.process_id, pid, ppid, comm, exe, cmdline, start_ns, exit_ns, exit_status, traced,
	parent_id, cpu_ns, c.cgroup
FROM process p LEFT JOIN process_cgroup c ON c.process_id = p.process_id;

-- Of the messages of an object, how many are how sure: the same as in its edges.
CREATE VIEW objects AS
SELECT o.object_id, m.name AS mechanism, o.name, o.kernel_id, o.created_ns, o.closed_ns,
	o.capacity, max(o.sent_bytes, o.received_bytes) AS bytes, o.messages, o.processes,
	o.sends, o.sent_bytes, o.recvs, o.received_bytes, o.outside, o.device,
	o.left_behind, o.creator_id, o.peer,
	CASE WHEN o.outside THEN 0 ELSE (SELECT coalesce(sum(exact), 0) FROM edge e
		WHERE e.object_id = o.object_id) END AS exact,
	(SELECT coalesce(sum(CASE WHEN o.outside THEN exact ELSE 0 END + inferred), 0) FROM edge e
		WHERE e.object_id = o.object_id) AS inferred,
	(SELECT coalesce(sum(ambiguous), 0) FROM edge e
		WHERE e.object_id = o.object_id) AS ambiguous,
	CASE WHEN o.outside THEN 0 ELSE (SELECT CASE count(*) WHEN 0 THEN 0 ELSE sum(exact_bytes) END
		FROM edge e WHERE e.object_id = o.object_id AND e.kind = 'data') END AS exact_bytes,
	(SELECT CASE count(*) WHEN 0 THEN 0
			ELSE sum(CASE WHEN o.outside THEN exact_bytes ELSE 0 END + inferred_bytes) END
		FROM edge e WHERE e.object_id = o.object_id AND e.kind = 'data') AS inferred_bytes,
	(SELECT CASE count(*) WHEN 0 THEN 0 ELSE sum(bytes - exact_bytes - inferred_bytes) END
		FROM edge e WHERE e.object_id = o.object_id AND e.kind = 'data'
			AND exact + inferred + ambiguous > 0) AS ambiguous_bytes,
	(SELECT largest FROM object_size z WHERE z.object_id = o.object_id) AS largest
FROM object o JOIN mechanism m USING (mechanism_id);

-- Ops, sleeps and messages with what they share with others of their kind; not public. The plus is
-- for the planner: joins go from the rows to the kinds, which are few, and never back.
CREATE VIEW op AS
SELECT r.op_id, r.ts_ns, r.dur_ns, r.blocked_ns, k.process_id, k.tid, k.syscall_id, k.role_id,
	k.object_id, k.fd, CASE k.requested WHEN -1 THEN r.bytes ELSE k.requested END AS requested,
	r.bytes, k.errno_id, r.finished, k.key
FROM op_row r LEFT JOIN op_kind k ON k.kind_id = +r.kind_id;

CREATE VIEW sleep AS
SELECT z.op_id,
	coalesce(z.waiting_ns, r.blocked_ns - coalesce(z.runnable_ns, z.run_queue_ns)) AS waiting_ns,
	coalesce(z.runnable_ns, z.run_queue_ns) AS runnable_ns,
	r.ts_ns + r.dur_ns - z.woken_before_ns AS woken_ns,
	r.ts_ns + r.dur_ns - z.woken_before_ns + z.run_queue_ns AS ran_ns,
	w.waker_tid, w.waker_id, z.away_ns, w.slept_cpu, w.waker_cpu, w.ran_cpu
FROM sleep_row z
	LEFT JOIN op_row r ON r.op_id = z.op_id
	LEFT JOIN sleep_kind w ON w.kind_id = +z.kind_id;

CREATE VIEW message AS
SELECT g.message_id, k.object_id, coalesce(g.recv_op, 0) - g.send_distance AS send_op, g.recv_op,
	g.bytes, k.confidence, k.sender_id, k.receiver_id, g.in_send_ns, g.in_object_ns, g.in_runq_ns,
	g.recv_op - g.wait_distance AS wait_op
FROM message_row g LEFT JOIN message_kind k ON k.kind_id = +g.kind_id;

CREATE VIEW ops AS
SELECT op.op_id, op.ts_ns, op.dur_ns, op.blocked_ns, op.process_id, p.pid, op.tid, p.comm,
	s.name AS syscall, m.name AS mechanism, r.name AS role, op.object_id, o.name AS object,
	op.fd, op.requested, op.bytes, e.name AS error, op.finished, op.key,
	op.dur_ns - op.blocked_ns AS running_ns,
	CASE WHEN z.op_id IS NULL THEN 0 ELSE coalesce(z.waiting_ns,
		op.blocked_ns - coalesce(z.runnable_ns, z.run_queue_ns)) END AS waiting_ns,
	coalesce(z.runnable_ns, z.run_queue_ns, 0) AS runnable_ns,
	op.ts_ns + op.dur_ns - z.woken_before_ns AS woken_ns,
	op.ts_ns + op.dur_ns - z.woken_before_ns + z.run_queue_ns AS ran_ns,
	w.waker_tid, w.waker_id, coalesce(z.away_ns, 0) AS away_ns,
	CASE WHEN s.name IN ('poll', 'ppoll', 'select', 'pselect6', 'epoll_wait', 'epoll_pwait',
		'epoll_pwait2') THEN (SELECT count(*) FROM ready_object y WHERE y.op_id = op.op_id)
		END AS ready,
	w.slept_cpu, w.waker_cpu, w.ran_cpu
FROM op
	LEFT JOIN sleep_row z ON z.op_id = op.op_id
	LEFT JOIN sleep_kind w ON w.kind_id = +z.kind_id
	LEFT JOIN process p ON p.process_id = op.process_id
	LEFT JOIN syscall s ON s.syscall_id = op.syscall_id
	LEFT JOIN role r ON r.role_id = op.role_id
	LEFT JOIN object o ON o.object_id = op.object_id
	LEFT JOIN mechanism m ON m.mechanism_id = o.mechanism_id
	LEFT JOIN errno e ON e.errno_id = op.errno_id;

-- Where one call moves the bytes from or to a process that makes none, that call is both ends.
CREATE VIEW messages AS
SELECT message_id, mechanism, object_id, object, send_op, recv_op,
	sender_pid, sender_tid, sender, receiver_pid, receiver_tid, receiver,
	bytes, sent_ns, received_ns, received_ns - sent_ns AS transit_ns, confidence,
	sender_id, receiver_id, key, in_send_ns, in_object_ns, in_runq_ns,
	received_ns - sent_ns - in_send_ns - in_object_ns - in_runq_ns AS in_recv_ns, wait_op
FROM (
	SELECT g.message_id, m.name AS mechanism, g.object_id, o.name AS object,
		g.send_op, g.recv_op,
		sp.pid AS sender_pid, sk.tid AS sender_tid, sp.comm AS sender,
		rp.pid AS receiver_pid, rk.tid AS receiver_tid, rp.comm AS receiver, g.bytes,
		CASE WHEN s.op_id IS NULL AND g.sender_id IS NOT NULL THEN r.ts_ns
			ELSE s.ts_ns END AS sent_ns,
		CASE WHEN r.op_id IS NULL AND g.receiver_id IS NOT NULL THEN s.ts_ns + s.dur_ns
			ELSE r.ts_ns + r.dur_ns END AS received_ns,
		CASE WHEN g.confidence = 0 AND o.outside THEN 'inferred'
			WHEN g.confidence = 0 THEN 'exact'
			WHEN g.confidence = 1 THEN 'inferred'
			ELSE 'ambiguous' END AS confidence,
		coalesce(sk.process_id, g.sender_id) AS sender_id,
		coalesce(rk.process_id, g.receiver_id) AS receiver_id,
		coalesce(sk.key, rk.key) AS key,
		g.in_send_ns, g.in_object_ns, g.in_runq_ns, g.wait_op
	FROM message g
		LEFT JOIN object o ON o.object_id = g.object_id
		LEFT JOIN mechanism m ON m.mechanism_id = o.mechanism_id
		LEFT JOIN op_row s ON s.op_id = g.send_op
		LEFT JOIN op_kind sk ON sk.kind_id = +s.kind_id
		LEFT JOIN op_row r ON r.op_id = g.recv_op
		LEFT JOIN op_kind rk ON rk.kind_id = +r.kind_id
		LEFT JOIN process sp ON sp.process_id = coalesce(sk.process_id, g.sender_id)
		LEFT JOIN process rp ON rp.process_id = coalesce(rk.process_id, g.receiver_id)
);

-- Bytes are of data alone: what an eventfd counts is none.
CREATE VIEW edges AS
SELECT m.name AS mechanism, e.object_id, o.name AS object,
	sp.pid AS sender_pid, sp.comm AS sender, rp.pid AS receiver_pid, rp.comm AS receiver,
	e.kind, e.messages, CASE e.kind WHEN 'data' THEN e.bytes ELSE 0 END AS bytes,
	e.transit_p50_ns, e.transit_p90_ns, e.transit_p99_ns, e.transit_max_ns,
	e.first_ns, e.last_ns, e.sender_id, e.receiver_id,
	CASE WHEN o.outside THEN 0 ELSE e.exact END AS exact,
	CASE WHEN o.outside THEN e.exact + e.inferred ELSE e.inferred END AS inferred,
	e.ambiguous, e.transit_sum_ns, e.transit_hist,
	CASE WHEN o.outside OR e.kind <> 'data' THEN 0 ELSE e.exact_bytes END AS exact_bytes,
	CASE WHEN e.kind <> 'data' THEN 0 WHEN o.outside THEN e.exact_bytes + e.inferred_bytes
		ELSE e.inferred_bytes END AS inferred_bytes,
	CASE WHEN e.kind <> 'data' OR e.exact + e.inferred + e.ambiguous = 0 THEN 0
		ELSE e.bytes - e.exact_bytes - e.inferred_bytes END AS ambiguous_bytes,
	p0.sum_ns AS in_send_sum_ns, p0.p50_ns AS in_send_p50_ns, p0.p90_ns AS in_send_p90_ns,
	p0.p99_ns AS in_send_p99_ns, p0.max_ns AS in_send_max_ns,
	p1.sum_ns AS in_object_sum_ns, p1.p50_ns AS in_object_p50_ns, p1.p90_ns AS in_object_p90_ns,
	p1.p99_ns AS in_object_p99_ns, p1.max_ns AS in_object_max_ns,
	p2.sum_ns AS in_runq_sum_ns, p2.p50_ns AS in_runq_p50_ns, p2.p90_ns AS in_runq_p90_ns,
	p2.p99_ns AS in_runq_p99_ns, p2.max_ns AS in_runq_max_ns,
	p3.sum_ns AS in_recv_sum_ns, p3.p50_ns AS in_recv_p50_ns, p3.p90_ns AS in_recv_p90_ns,
	p3.p99_ns AS in_recv_p99_ns, p3.max_ns AS in_recv_max_ns
FROM edge e
	JOIN object o ON o.object_id = e.object_id
	JOIN mechanism m ON m.mechanism_id = o.mechanism_id
	LEFT JOIN process sp ON sp.process_id = e.sender_id
	LEFT JOIN process rp ON rp.process_id = e.receiver_id
	LEFT JOIN edge_part p0 ON p0.object_id = e.object_id AND p0.sender_id = e.sender_id
		AND p0.receiver_id = e.receiver_id AND p0.part = 0
	LEFT JOIN edge_part p1 ON p1.object_id = e.object_id AND p1.sender_id = e.sender_id
		AND p1.receiver_id = e.receiver_id AND p1.part = 1
	LEFT JOIN edge_part p2 ON p2.object_id = e.object_id AND p2.sender_id = e.sender_id
		AND p2.receiver_id = e.receiver_id AND p2.part = 2
	LEFT JOIN edge_part p3 ON p3.object_id = e.object_id AND p3.sender_id = e.sender_id
		AND p3.receiver_id = e.receiver_id AND p3.part = 3;

CREATE VIEW wakeups AS
SELECT m.name AS mechanism, w.object_id, o.name AS object,
	w.sender_id, sp.pid AS sender_pid, sp.comm AS sender,
	w.receiver_id, rp.pid AS receiver_pid, rp.comm AS receiver, w.crossed, w.wakeups, w.moved,
	w.transit_sum_ns, w.transit_p50_ns, w.transit_p90_ns, w.transit_p99_ns, w.transit_max_ns,
	w.in_runq_sum_ns, w.in_runq_p50_ns, w.in_runq_p90_ns, w.in_runq_p99_ns, w.in_runq_max_ns
FROM edge_wakeup w
	JOIN object o ON o.object_id = w.object_id
	JOIN mechanism m ON m.mechanism_id = o.mechanism_id
	LEFT JOIN process sp ON sp.process_id = w.sender_id
	LEFT JOIN process rp ON rp.process_id = w.receiver_id;

-- How sure the pairing is, by mechanism. What went to or came from the outside was not paired.
CREATE VIEW confidence AS
SELECT mechanism, sum(messages) AS messages, sum(bytes) AS bytes,
	sum(exact) AS exact, sum(inferred) AS inferred, sum(ambiguous) AS ambiguous,
	sum(exact_bytes) AS exact_bytes, sum(inferred_bytes) AS inferred_bytes,
	sum(ambiguous_bytes) AS ambiguous_bytes
FROM edges
WHERE exact + inferred + ambiguous > 0
GROUP BY mechanism;

CREATE VIEW mappings AS
SELECT a.mapping_id, m.name AS mechanism, a.object_id, o.name AS object,
	a.process_id, p.pid, p.comm, a.address, a.length, a.file_offset, a.protection,
	a.mapped_ns, a.unmapped_ns, a.how
FROM mapping a
	LEFT JOIN object o ON o.object_id = a.object_id
	LEFT JOIN mechanism m ON m.mechanism_id = o.mechanism_id
	LEFT JOIN process p ON p.process_id = a.process_id;

CREATE VIEW touches AS
SELECT m.name AS mechanism, t.object_id, o.name AS object, t.process_id, p.pid, p.comm,
	t.reads, t.writes
FROM touch t
	LEFT JOIN object o ON o.object_id = t.object_id
	LEFT JOIN mechanism m ON m.mechanism_id = o.mechanism_id
	LEFT JOIN process p ON p.process_id = t.process_id;

CREATE VIEW passed_fds AS
SELECT f.passing_id, f.carrier_id, c.name AS carrier, cm.name AS mechanism,
	f.object_id, o.name AS object, f.what, f.sent_ns, f.received_ns,
	f.sender_id, sp.pid AS sender_pid, sp.comm AS sender,
	f.receiver_id, rp.pid AS receiver_pid, rp.comm AS receiver,
	f.sender_fd, f.receiver_fd, om.name AS object_mechanism
FROM passing f
	LEFT JOIN object c ON c.object_id = f.carrier_id
	LEFT JOIN mechanism cm ON cm.mechanism_id = c.mechanism_id
	LEFT JOIN object o ON o.object_id = f.object_id
	LEFT JOIN mechanism om ON om.mechanism_id = o.mechanism_id
	LEFT JOIN process sp ON sp.process_id = f.sender_id
	LEFT JOIN process rp ON rp.process_id = f.receiver_id;

CREATE VIEW latency AS
SELECT m.name AS mechanism, r.name AS role, s.name AS syscall, c.count, c.errors, c.bytes,
	c.dur_p50_ns, c.dur_p90_ns, c.dur_p99_ns, c.dur_max_ns, c.blocked_ns,
	c.dur_sum_ns, c.dur_hist, c.timeouts,
	p0.sum_ns AS running_sum_ns, p0.p50_ns AS running_p50_ns, p0.p90_ns AS running_p90_ns,
	p0.p99_ns AS running_p99_ns, p0.max_ns AS running_max_ns,
	p1.sum_ns AS waiting_sum_ns, p1.p50_ns AS waiting_p50_ns, p1.p90_ns AS waiting_p90_ns,
	p1.p99_ns AS waiting_p99_ns, p1.max_ns AS waiting_max_ns,
	p2.sum_ns AS runnable_sum_ns, p2.p50_ns AS runnable_p50_ns, p2.p90_ns AS runnable_p90_ns,
	p2.p99_ns AS runnable_p99_ns, p2.max_ns AS runnable_max_ns
FROM call_stat c
	JOIN mechanism m ON m.mechanism_id = c.mechanism_id
	JOIN role r ON r.role_id = c.role_id
	JOIN syscall s ON s.syscall_id = c.syscall_id
	LEFT JOIN call_part p0 ON p0.mechanism_id = c.mechanism_id AND p0.role_id = c.role_id
		AND p0.syscall_id = c.syscall_id AND p0.part = 0
	LEFT JOIN call_part p1 ON p1.mechanism_id = c.mechanism_id AND p1.role_id = c.role_id
		AND p1.syscall_id = c.syscall_id AND p1.part = 1
	LEFT JOIN call_part p2 ON p2.mechanism_id = c.mechanism_id AND p2.role_id = c.role_id
		AND p2.syscall_id = c.syscall_id AND p2.part = 2;

-- The threads of the recorded processes that made a call or woke one which did. A file that does
-- not have their sums has them counted from its ops.
CREATE VIEW threads AS
SELECT t.process_id, p.pid, t.tid, p.comm, t.ops, t.first_ns, t.last_ns, t.dur_sum_ns, t.blocked_ns,
	t.waiting_sum_ns, t.runnable_sum_ns
FROM (
	SELECT process_id, tid, ops, first_ns, last_ns, dur_ns AS dur_sum_ns, blocked_ns,
		waiting_ns AS waiting_sum_ns, runnable_ns AS runnable_sum_ns
	FROM thread
	UNION ALL
	SELECT process_id, tid, count(ts_ns), min(ts_ns), max(ts_ns + dur_ns),
		CAST(total(dur_ns) AS INTEGER), CAST(total(blocked_ns) AS INTEGER),
		CAST(total(waiting_ns) AS INTEGER), CAST(total(runnable_ns) AS INTEGER)
	FROM (
		SELECT k.process_id, k.tid, r.ts_ns, r.dur_ns, r.blocked_ns,
			coalesce(z.waiting_ns, r.blocked_ns - coalesce(z.runnable_ns, z.run_queue_ns))
				AS waiting_ns,
			coalesce(z.runnable_ns, z.run_queue_ns) AS runnable_ns
		FROM (SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM thread)) CROSS JOIN op_row r
			LEFT JOIN op_kind k ON k.kind_id = +r.kind_id
			LEFT JOIN sleep_row z ON z.op_id = r.op_id
		UNION ALL
		SELECT w.waker_id, w.waker_tid, NULL, NULL, NULL, NULL, NULL
		FROM (SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM thread)) CROSS JOIN sleep_kind w
		WHERE w.waker_id IS NOT NULL
	)
	GROUP BY process_id, tid
) t LEFT JOIN process p ON p.process_id = t.process_id;

-- Which ops lie where: blocks of rows with consecutive ids, and what of them are the bounds. Rows
-- that no block was stored of are one without bounds.
CREATE VIEW op_blocks AS
SELECT first_op AS first_op_id, last_op AS last_op_id, last_op - first_op + 1 AS ops,
	first_start_ns, last_start_ns, first_end_ns, last_end_ns
FROM op_block
UNION ALL
SELECT after + 1, last, NULL, NULL, NULL, NULL, NULL
FROM (SELECT coalesce((SELECT max(last_op) FROM op_block), (SELECT min(op_id) FROM op_row) - 1) AS after,
	(SELECT max(op_id) FROM op_row) AS last)
WHERE last > after;

CREATE VIEW message_blocks AS
SELECT first_message AS first_message_id, last_message AS last_message_id,
	last_message - first_message + 1 AS messages, first_send AS first_send_op,
	last_send AS last_send_op, first_recv AS first_recv_op, last_recv AS last_recv_op,
	transit_max_ns
FROM message_block
UNION ALL
SELECT after + 1, last, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT coalesce((SELECT max(last_message) FROM message_block),
		(SELECT min(message_id) FROM message_row) - 1) AS after,
	(SELECT max(message_id) FROM message_row) AS last)
WHERE last > after;

-- The objects that ended each wait for readiness.
CREATE VIEW ready AS
SELECT y.op_id, y.object_id, o.name AS object, m.name AS mechanism, y.fd, y.events
FROM ready_object y
	LEFT JOIN object o ON o.object_id = y.object_id
	LEFT JOIN mechanism m ON m.mechanism_id = o.mechanism_id;

-- How full each direction of an object was. Levels are unknown where one side of it is outside.
CREATE VIEW pressure AS
SELECT mechanism, object_id, object, direction, capacity_bytes, capacity_messages,
	CASE WHEN known THEN max_bytes END AS max_bytes,
	CASE WHEN known THEN max_messages END AS max_messages,
	CASE WHEN known THEN mean_bytes END AS mean_bytes,
	CASE WHEN known THEN mean_messages END AS mean_messages,
	full_ns, empty_ns, full_refusals, empty_refusals, first_ns, last_ns,
	CASE WHEN last_ns > first_ns THEN min(1.0 * full_ns / (last_ns - first_ns), 1.0) END
		AS full_share,
	CASE WHEN last_ns > first_ns THEN min(1.0 * empty_ns / (last_ns - first_ns), 1.0) END
		AS empty_share,
	CASE WHEN known THEN max(coalesce(1.0 * max_bytes / nullif(capacity_bytes, 0), 0),
		coalesce(1.0 * max_messages / nullif(capacity_messages, 0), 0)) END AS max_fill,
	CASE WHEN known THEN max(coalesce(1.0 * mean_bytes / nullif(capacity_bytes, 0), 0),
		coalesce(1.0 * mean_messages / nullif(capacity_messages, 0), 0)) END AS mean_fill,
	CASE WHEN outside THEN 'inferred' ELSE 'exact' END AS confidence, sends, recvs,
	sender_id, sender_pid, sender, receiver_id, receiver_pid, receiver
FROM (
	SELECT m.name AS mechanism, o.name AS object, o.outside, sp.pid AS sender_pid,
		sp.comm AS sender, rp.pid AS receiver_pid, rp.comm AS receiver,
		NOT (o.outside AND (d.sends = 0 OR d.recvs = 0)) AS known, d.*
	FROM pressure_sum d
		JOIN object o ON o.object_id = d.object_id
		JOIN mechanism m ON m.mechanism_id = o.mechanism_id
		LEFT JOIN process sp ON sp.process_id = d.sender_id
		LEFT JOIN process rp ON rp.process_id = d.receiver_id
);

CREATE VIEW depth AS
SELECT mechanism, object_id, object, direction, start_ns, width_ns,
	CASE WHEN known THEN bytes END AS bytes, CASE WHEN known THEN messages END AS messages,
	CASE WHEN known THEN max_bytes END AS max_bytes,
	CASE WHEN known THEN max_messages END AS max_messages,
	full_ns, empty_ns, 1.0 * full_ns / width_ns AS full_share,
	1.0 * empty_ns / width_ns AS empty_share,
	CASE WHEN known THEN max(coalesce(1.0 * bytes / nullif(capacity_bytes, 0), 0),
		coalesce(messages / nullif(capacity_messages, 0), 0)) END AS fill,
	CASE WHEN outside THEN 'inferred' ELSE 'exact' END AS confidence
FROM (
	SELECT m.name AS mechanism, o.name AS object, o.outside,
		NOT (o.outside AND (d.sends = 0 OR d.recvs = 0)) AS known,
		d.capacity_bytes, d.capacity_messages, b.*
	FROM depth_bin b
		JOIN pressure_sum d ON d.object_id = b.object_id AND d.direction = b.direction
		JOIN object o ON o.object_id = b.object_id
		JOIN mechanism m ON m.mechanism_id = o.mechanism_id
);

CREATE VIEW ledger AS
SELECT mechanism, reason, seen, stored, lost FROM ledger_entry;
