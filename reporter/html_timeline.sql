-- The timeline: the calls nearest to the moment when the slowest message was received, or without a
-- message the first ones; of their threads the two of that message and then the busiest; and the
-- messages of these calls, the slowest first. The slowest message is one of the edge with the longest
-- transit. Only those blocks of ops and messages are read that can have what is looked for: of the
-- blocks nearest by their furthest call so many as have enough calls bound how far the others may lie.
-- With a filter it is not known how many of a block's calls are left, so that all are read. One row.
-- Files of before format 3 do not have the parts of a call's sleep: all of it is other sleep then.
-- Parameters: cut; nodes, the most threads; links, the most calls, and the most messages.
-- Rows are short, for the page is to be small. A call is [lane, start, duration, place in calls, place in
-- objects, bytes], and where it slept, failed or never returned then [waiting, runnable, other sleep, until
-- woken, place in wakers, error, finished]. Starts count from from_ns. A message is [place of the send in
-- ops, place of the receive, bytes], and where one of the two is not there then [sender's lane, end of the
-- send call, receiver's lane, received, transit].
WITH longest AS (
	SELECT object_id, sender_id, receiver_id, transit_max_ns
	FROM edges
	WHERE transit_max_ns IS NOT NULL
	ORDER BY transit_max_ns DESC, object_id, sender_id, receiver_id
	LIMIT 1
), slowest AS MATERIALIZED (
	SELECT m.*
	FROM longest e
		CROSS JOIN message_blocks b ON coalesce(b.transit_max_ns >= e.transit_max_ns, 1)
		CROSS JOIN messages m ON m.message_id BETWEEN b.first_message_id AND b.last_message_id
			AND +m.object_id = e.object_id AND m.sender_id = e.sender_id
			AND m.receiver_id = e.receiver_id
	ORDER BY m.transit_ns DESC, m.message_id
	LIMIT 1
), centre AS MATERIALIZED (
	SELECT coalesce((SELECT received_ns FROM slowest), 0) AS at
), block AS MATERIALIZED (
	SELECT first_op_id, last_op_id, ops, max(first_start_ns - at, at - last_end_ns, 0) AS least_ns,
		max(last_start_ns - at, at - first_end_ns, 0) AS most_ns
	FROM centre CROSS JOIN op_blocks
), bound AS MATERIALIZED (
	SELECT min(most_ns) AS most_ns
	FROM (SELECT most_ns, sum(ops) OVER (ORDER BY most_ns) AS ops FROM block WHERE most_ns IS NOT NULL)
	WHERE ops >= :links
), near AS MATERIALIZED (
	SELECT op_id, max(ts_ns - at, at - ts_ns - dur_ns, 0) AS gap_ns
	FROM centre CROSS JOIN bound CROSS JOIN block b ON coalesce(b.least_ns <= bound.most_ns, 1)
		CROSS JOIN ops o ON o.op_id BETWEEN b.first_op_id AND b.last_op_id
	ORDER BY gap_ns, op_id
	LIMIT :links
), total AS MATERIALIZED (
	SELECT (SELECT total(count) FROM latency) AS ops,
		(SELECT total(exact) + total(inferred) + total(ambiguous) FROM edges) AS messages
), found AS MATERIALIZED (
	SELECT o.* FROM near n CROSS JOIN ops o ON o.op_id = n.op_id
), span AS MATERIALIZED (
	SELECT CASE WHEN near < ops THEN max(first_ns, at - gap_ns) ELSE first_ns END AS from_ns,
		CASE WHEN near < ops THEN min(last_ns, at + gap_ns) ELSE last_ns END AS to_ns
	FROM (SELECT min(ts_ns) AS first_ns, max(ts_ns + dur_ns) AS last_ns FROM found),
		(SELECT count(*) AS near, max(max(gap_ns), 1000) AS gap_ns FROM near), centre, total
), thread AS MATERIALIZED (
	SELECT process_id, tid, min(pid) AS pid, min(comm) AS comm, sum(ops) AS ops, max(is_end) AS is_end
	FROM (SELECT process_id, tid, pid, comm, 1 AS ops, 0 AS is_end FROM found
		UNION ALL SELECT sender_id, sender_tid, sender_pid, sender, 0, 1 FROM slowest
		UNION ALL SELECT receiver_id, receiver_tid, receiver_pid, receiver, 0, 1 FROM slowest)
	WHERE tid IS NOT NULL
	GROUP BY process_id, tid
), lane AS MATERIALIZED (
	SELECT *, row_number() OVER (ORDER BY process_id, tid) - 1 AS lane
	FROM (SELECT * FROM thread ORDER BY is_end DESC, ops DESC, process_id, tid LIMIT :nodes)
), shown AS MATERIALIZED (
	SELECT o.*, l.lane, dense_rank() OVER (ORDER BY mechanism, role, syscall) - 1 AS call,
		dense_rank() OVER (ORDER BY object_id) - 1 AS thing,
		row_number() OVER (ORDER BY ts_ns, op_id) - 1 AS place
	FROM found o JOIN lane l ON l.process_id = o.process_id AND l.tid = o.tid
), waker AS MATERIALIZED (
	SELECT waker_tid, waker_id, comm, row_number() OVER (ORDER BY waker_tid, waker_id) - 1 AS waker
	FROM (SELECT DISTINCT waker_tid, waker_id FROM shown WHERE waker_tid IS NOT NULL)
		LEFT JOIN processes ON process_id = waker_id
), shown_block AS MATERIALIZED (
	SELECT DISTINCT first_op_id, last_op_id
	FROM shown CROSS JOIN block ON op_id BETWEEN first_op_id AND last_op_id
), arrow AS MATERIALIZED (
	SELECT m.*, s.lane AS from_lane, r.lane AS to_lane,
		(SELECT place FROM shown WHERE op_id = send_op) AS send_place,
		(SELECT place FROM shown WHERE op_id = recv_op) AS recv_place
	FROM message_blocks b
		CROSS JOIN messages m ON m.message_id BETWEEN b.first_message_id AND b.last_message_id
		CROSS JOIN lane s ON s.process_id = m.sender_id AND s.tid = m.sender_tid
		CROSS JOIN lane r ON r.process_id = m.receiver_id AND r.tid = m.receiver_tid
	WHERE (b.transit_max_ns IS NULL
			OR EXISTS (SELECT 1 FROM shown_block WHERE last_op_id >= b.first_send_op
				AND first_op_id <= b.last_send_op)
			OR EXISTS (SELECT 1 FROM shown_block WHERE last_op_id >= b.first_recv_op
				AND first_op_id <= b.last_recv_op))
		AND (send_op IN (SELECT op_id FROM shown) OR recv_op IN (SELECT op_id FROM shown))
	ORDER BY transit_ns DESC, message_id
	LIMIT :links
)
SELECT json_object(
	'from_ns', (SELECT CAST(from_ns AS INTEGER) FROM span),
	'to_ns', (SELECT CAST(to_ns AS INTEGER) FROM span),
	'has_parts', (SELECT json(iif(user_version >= 3, 'true', 'false')) FROM pragma_user_version),
	'slowest_ns', (SELECT CAST(transit_ns AS INTEGER) FROM slowest),
	'slowest_place', (SELECT place FROM shown WHERE op_id = (SELECT recv_op FROM slowest)),
	'all_ops', (SELECT CAST(ops AS INTEGER) FROM total),
	'all_messages', (SELECT CAST(messages AS INTEGER) FROM total),
	'all_threads', (SELECT count(*) FROM thread),
	'lanes', (SELECT json_group_array(json_object('process_id', CAST(process_id AS INTEGER),
			'tid', CAST(tid AS INTEGER), 'pid', CAST(pid AS INTEGER),
			'process', substr(CAST(comm AS TEXT), 1, :cut)))
		FROM (SELECT * FROM lane ORDER BY lane)),
	'wakers', (SELECT json_group_array(json_object('tid', CAST(waker_tid AS INTEGER),
			'process_id', CAST(waker_id AS INTEGER),
			'process', substr(CAST(comm AS TEXT), 1, :cut)))
		FROM (SELECT * FROM waker ORDER BY waker)),
	'objects', (SELECT json_group_array(substr(CAST(object AS TEXT), 1, :cut))
		FROM (SELECT min(object) AS object FROM shown GROUP BY thing ORDER BY thing)),
	'calls', (SELECT json_group_array(json_object(
			'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
			'role', substr(CAST(role AS TEXT), 1, :cut),
			'syscall', substr(CAST(syscall AS TEXT), 1, :cut)))
		FROM (SELECT DISTINCT call, mechanism, role, syscall FROM shown ORDER BY call)),
	'ops', (SELECT json_group_array(CASE WHEN blocked_ns = 0 AND error IS NULL AND finished
			THEN json_array(lane, CAST(ts_ns - from_ns AS INTEGER), CAST(dur_ns AS INTEGER), call,
				thing, CAST(bytes AS INTEGER))
			ELSE json_array(lane, CAST(ts_ns - from_ns AS INTEGER), CAST(dur_ns AS INTEGER), call,
				thing, CAST(bytes AS INTEGER), CAST(waiting_ns AS INTEGER),
				CAST(runnable_ns AS INTEGER),
				CAST(max(blocked_ns - waiting_ns - runnable_ns, 0) AS INTEGER),
				CAST(woken_ns - ts_ns AS INTEGER), waker, substr(CAST(error AS TEXT), 1, :cut),
				CAST(finished AS INTEGER)) END)
		FROM (SELECT s.*, from_ns, waker
			FROM span CROSS JOIN shown s LEFT JOIN waker w ON w.waker_tid = s.waker_tid
				AND w.waker_id IS s.waker_id
			ORDER BY place)),
	'messages', (SELECT json_group_array(CASE WHEN send_place >= 0 AND recv_place >= 0
			THEN json_array(send_place, recv_place, CAST(bytes AS INTEGER))
			ELSE json_array(send_place, recv_place, CAST(bytes AS INTEGER), from_lane,
				CAST(coalesce((SELECT ts_ns + dur_ns FROM ops o WHERE o.op_id = a.send_op),
					sent_ns) - from_ns AS INTEGER),
				to_lane, CAST(received_ns - from_ns AS INTEGER), CAST(transit_ns AS INTEGER)) END)
		FROM (SELECT arrow.*, from_ns FROM span CROSS JOIN arrow ORDER BY sent_ns, message_id) a));
