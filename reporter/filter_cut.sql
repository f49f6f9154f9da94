-- Edges counted anew from the messages that a span or a least latency leaves.

CREATE TEMP TABLE filter_edge (
	mechanism TEXT, object_id INTEGER, object TEXT, sender_pid INTEGER, sender TEXT,
	receiver_pid INTEGER, receiver TEXT, kind TEXT, messages INTEGER, bytes INTEGER,
	transit_p50_ns INTEGER, transit_p90_ns INTEGER, transit_p99_ns INTEGER, transit_max_ns INTEGER,
	first_ns INTEGER, last_ns INTEGER, sender_id INTEGER, receiver_id INTEGER,
	exact INTEGER, inferred INTEGER, ambiguous INTEGER, transit_sum_ns INTEGER, transit_hist BLOB,
	exact_bytes INTEGER, inferred_bytes INTEGER, ambiguous_bytes INTEGER,
	in_send_sum_ns INTEGER, in_send_p50_ns INTEGER, in_send_p90_ns INTEGER, in_send_p99_ns INTEGER,
	in_send_max_ns INTEGER,
	in_object_sum_ns INTEGER, in_object_p50_ns INTEGER, in_object_p90_ns INTEGER,
	in_object_p99_ns INTEGER, in_object_max_ns INTEGER,
	in_runq_sum_ns INTEGER, in_runq_p50_ns INTEGER, in_runq_p90_ns INTEGER, in_runq_p99_ns INTEGER,
	in_runq_max_ns INTEGER,
	in_recv_sum_ns INTEGER, in_recv_p50_ns INTEGER, in_recv_p90_ns INTEGER, in_recv_p99_ns INTEGER,
	in_recv_max_ns INTEGER
);

WITH format AS (
	SELECT user_version >= 3 AS has_parts FROM pragma_user_version
), sums AS (
	SELECT object_id, sender_id, receiver_id, count(*) AS messages, sum(bytes) AS bytes,
		min(sent_ns) AS first_ns, max(received_ns) AS last_ns,
		count(*) FILTER (WHERE confidence = 'exact') AS exact,
		count(*) FILTER (WHERE confidence = 'inferred') AS inferred,
		count(*) FILTER (WHERE confidence = 'ambiguous') AS ambiguous,
		coalesce(sum(bytes) FILTER (WHERE confidence = 'exact'), 0) AS exact_bytes,
		coalesce(sum(bytes) FILTER (WHERE confidence = 'inferred'), 0) AS inferred_bytes,
		coalesce(sum(bytes) FILTER (WHERE confidence = 'ambiguous'), 0) AS ambiguous_bytes,
		sum(max(transit_ns, 0)) AS transit_sum, max(max(transit_ns, 0)) AS transit_max,
		ipct_hist(transit_ns) AS transit,
		sum(max(in_send_ns, 0)) AS in_send_sum, max(max(in_send_ns, 0)) AS in_send_max,
		ipct_hist(in_send_ns) AS in_send,
		sum(max(in_object_ns, 0)) AS in_object_sum, max(max(in_object_ns, 0)) AS in_object_max,
		ipct_hist(in_object_ns) AS in_object,
		sum(max(in_runq_ns, 0)) AS in_runq_sum, max(max(in_runq_ns, 0)) AS in_runq_max,
		ipct_hist(in_runq_ns) AS in_runq,
		sum(max(in_recv_ns, 0)) AS in_recv_sum, max(max(in_recv_ns, 0)) AS in_recv_max,
		ipct_hist(in_recv_ns) AS in_recv
	FROM message_blocks b
		CROSS JOIN messages m ON m.message_id BETWEEN b.first_message_id AND b.last_message_id
	GROUP BY object_id, sender_id, receiver_id
)
INSERT INTO filter_edge
SELECT e.mechanism, e.object_id, e.object, e.sender_pid, e.sender, e.receiver_pid, e.receiver, e.kind,
	s.messages, CASE e.kind WHEN 'data' THEN s.bytes ELSE 0 END,
	ipct_hist_at(transit, 0.5), ipct_hist_at(transit, 0.9), ipct_hist_at(transit, 0.99), transit_max,
	s.first_ns, s.last_ns, e.sender_id, e.receiver_id, s.exact, s.inferred, s.ambiguous,
	transit_sum, transit,
	CASE WHEN e.kind <> 'data' THEN 0 WHEN has_parts THEN s.exact_bytes END,
	CASE WHEN e.kind <> 'data' THEN 0 WHEN has_parts THEN s.inferred_bytes END,
	CASE WHEN e.kind <> 'data' THEN 0 WHEN has_parts THEN s.ambiguous_bytes END,
	in_send_sum, ipct_hist_at(in_send, 0.5), ipct_hist_at(in_send, 0.9), ipct_hist_at(in_send, 0.99),
	in_send_max,
	in_object_sum, ipct_hist_at(in_object, 0.5), ipct_hist_at(in_object, 0.9),
	ipct_hist_at(in_object, 0.99), in_object_max,
	in_runq_sum, ipct_hist_at(in_runq, 0.5), ipct_hist_at(in_runq, 0.9), ipct_hist_at(in_runq, 0.99),
	in_runq_max,
	in_recv_sum, ipct_hist_at(in_recv, 0.5), ipct_hist_at(in_recv, 0.9), ipct_hist_at(in_recv, 0.99),
	in_recv_max
FROM sums s CROSS JOIN whole_edges e ON e.object_id = s.object_id AND e.sender_id = s.sender_id
	AND e.receiver_id = s.receiver_id AND e.kind <> 'shared', format;

-- Of an end outside, the calls of the other end are counted that are no end of a message.
CREATE TEMP TABLE filter_outside (
	object_id INTEGER, process_id INTEGER, gives INTEGER, sender_id INTEGER, receiver_id INTEGER,
	kind TEXT, PRIMARY KEY (object_id, process_id, gives)
);
INSERT OR IGNORE INTO filter_outside
SELECT e.object_id, iif(s.traced, sender_id, receiver_id), s.traced, sender_id, receiver_id, kind
FROM edges e JOIN whole_processes s ON s.process_id = e.sender_id
WHERE kind <> 'shared' AND transit_sum_ns IS NULL AND (SELECT latency FROM filter_any);

CREATE TEMP TABLE filter_paired (op_id INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO filter_paired
SELECT iif(which.is_send, send_op, recv_op)
FROM (SELECT 1 AS is_send UNION ALL SELECT 0) which
	CROSS JOIN message_blocks b
	CROSS JOIN whole_messages m ON m.message_id BETWEEN b.first_message_id AND b.last_message_id
WHERE +m.object_id IN (SELECT object_id FROM filter_outside)
	AND iif(which.is_send, send_op, recv_op) IS NOT NULL;

INSERT INTO filter_edge (mechanism, object_id, object, sender_pid, sender, receiver_pid, receiver,
	kind, messages, bytes, first_ns, last_ns, sender_id, receiver_id, exact, inferred, ambiguous,
	exact_bytes, inferred_bytes, ambiguous_bytes)
SELECT e.mechanism, e.object_id, e.object, e.sender_pid, e.sender, e.receiver_pid, e.receiver, e.kind,
	s.messages, CASE e.kind WHEN 'data' THEN s.bytes ELSE 0 END, s.first_ns, s.last_ns,
	e.sender_id, e.receiver_id, 0, 0, 0, e.exact_bytes, e.inferred_bytes, e.ambiguous_bytes
FROM (
	SELECT x.object_id, x.sender_id, x.receiver_id, count(*) AS messages, sum(o.bytes) AS bytes,
		min(o.ts_ns) AS first_ns, max(o.ts_ns + o.dur_ns) AS last_ns
	FROM op_blocks b CROSS JOIN whole_ops o ON o.op_id BETWEEN b.first_op_id AND b.last_op_id
		CROSS JOIN filter_outside x ON x.object_id = o.object_id
		AND x.process_id = o.process_id
		AND (CASE WHEN x.gives THEN o.role IN ('send', 'wake') ELSE o.role IN ('recv', 'wait') END)
	WHERE (o.bytes > 0 OR (x.kind = 'sync' AND o.error IS NULL))
		AND ((SELECT from_ns FROM filter_span) IS NULL OR o.ts_ns >= (SELECT from_ns FROM filter_span))
		AND ((SELECT to_ns FROM filter_span) IS NULL OR o.ts_ns < (SELECT to_ns FROM filter_span))
		AND o.op_id NOT IN (SELECT op_id FROM filter_paired)
	GROUP BY x.object_id, x.sender_id, x.receiver_id
) s CROSS JOIN whole_edges e ON e.object_id = s.object_id AND e.sender_id = s.sender_id
	AND e.receiver_id = s.receiver_id AND e.kind <> 'shared';

-- What is shared is there from when something can have passed to when the receiver looked last.
INSERT INTO filter_edge
SELECT * FROM edges
WHERE kind = 'shared' AND (SELECT latency FROM filter_any)
	AND ((SELECT from_ns FROM filter_span) IS NULL OR last_ns >= (SELECT from_ns FROM filter_span))
	AND ((SELECT to_ns FROM filter_span) IS NULL OR first_ns < (SELECT to_ns FROM filter_span));

DROP VIEW temp.edges;
CREATE TEMP VIEW edges AS SELECT * FROM filter_edge;
