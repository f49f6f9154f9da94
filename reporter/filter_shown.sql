-- The objects and processes that anything which the filter leaves is about.

CREATE TEMP TABLE filter_shown_object (object_id INTEGER PRIMARY KEY);
INSERT INTO filter_shown_object
SELECT object_id FROM filter_object
WHERE ((SELECT process FROM filter_any) AND (SELECT time FROM filter_any))
	OR object_id IN (SELECT object_id FROM filter_call UNION SELECT object_id FROM edges
		UNION SELECT object_id FROM mappings UNION SELECT object_id FROM touches
		UNION SELECT object_id FROM passed_fds UNION SELECT carrier_id FROM passed_fds);

CREATE TEMP TABLE filter_shown_process (process_id INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO filter_shown_process
SELECT process_id FROM (
	SELECT process_id FROM filter_process
	UNION SELECT process_id FROM filter_call
	UNION SELECT sender_id FROM edges UNION SELECT receiver_id FROM edges
	UNION SELECT process_id FROM mappings UNION SELECT process_id FROM touches
	UNION SELECT sender_id FROM passed_fds UNION SELECT receiver_id FROM passed_fds)
WHERE process_id IS NOT NULL;

CREATE TEMP VIEW processes AS
SELECT * FROM whole_processes
WHERE process_id IN (SELECT process_id FROM filter_shown_process);

CREATE TEMP VIEW threads AS
SELECT * FROM whole_threads
WHERE process_id IN (SELECT process_id FROM filter_shown_process);

CREATE TEMP VIEW wakeups AS
SELECT * FROM whole_wakeups
WHERE (object_id, sender_id, receiver_id) IN (SELECT object_id, sender_id, receiver_id FROM edges);

CREATE TEMP VIEW pressure AS
SELECT * FROM whole_pressure
WHERE object_id IN (SELECT object_id FROM filter_shown_object);

CREATE TEMP VIEW depth AS
SELECT * FROM whole_depth
WHERE object_id IN (SELECT object_id FROM filter_shown_object)
	AND ((SELECT from_ns FROM filter_span) IS NULL
		OR start_ns + width_ns > (SELECT from_ns FROM filter_span))
	AND ((SELECT to_ns FROM filter_span) IS NULL OR start_ns < (SELECT to_ns FROM filter_span));

CREATE TEMP TABLE filter_object_crowd (object_id INTEGER PRIMARY KEY, processes INTEGER);
INSERT INTO filter_object_crowd
SELECT object_id, count(*) FROM (SELECT object_id, process_id FROM filter_call
	UNION SELECT object_id, process_id FROM mappings)
WHERE NOT (SELECT time FROM filter_any)
GROUP BY object_id;

CREATE TEMP TABLE filter_object_call (
	object_id INTEGER PRIMARY KEY, sends INTEGER, sent_bytes INTEGER,
	recvs INTEGER, received_bytes INTEGER
);
INSERT INTO filter_object_call
SELECT object_id,
	coalesce(sum(count) FILTER (WHERE role IN ('send', 'wake')), 0),
	coalesce(sum(bytes) FILTER (WHERE role IN ('send', 'wake')), 0),
	coalesce(sum(count) FILTER (WHERE role = 'recv' OR role = 'wait' AND NOT looks), 0),
	coalesce(sum(bytes) FILTER (WHERE role = 'recv' OR role = 'wait' AND NOT looks), 0)
FROM (SELECT *, syscall IN ('poll', 'ppoll', 'select', 'pselect6', 'epoll_wait', 'epoll_pwait',
		'epoll_pwait2') AS looks FROM filter_call)
WHERE NOT (SELECT time FROM filter_any)
GROUP BY object_id;

CREATE TEMP TABLE filter_object_message (
	object_id INTEGER PRIMARY KEY, messages INTEGER, bytes INTEGER, exact INTEGER, inferred INTEGER,
	ambiguous INTEGER, exact_bytes INTEGER, inferred_bytes INTEGER, ambiguous_bytes INTEGER
);
INSERT INTO filter_object_message
SELECT object_id, coalesce(sum(messages) FILTER (WHERE transit_sum_ns IS NOT NULL), 0),
	sum(bytes), sum(exact), sum(inferred), sum(ambiguous),
	sum(exact_bytes), sum(inferred_bytes), sum(ambiguous_bytes)
FROM edges
WHERE NOT (SELECT time FROM filter_any)
GROUP BY object_id;

-- With a span or a least latency what an object counts is of the calls and messages that are left.
CREATE TEMP VIEW objects AS
SELECT o.object_id, o.mechanism, o.name, o.kernel_id, o.created_ns, o.closed_ns, o.capacity,
	CASE WHEN cut THEN max(coalesce(c.sent_bytes, 0), coalesce(c.received_bytes, 0),
			coalesce(m.bytes, 0))
		ELSE o.bytes END AS bytes,
	CASE WHEN cut THEN coalesce(m.messages, 0) ELSE o.messages END AS messages,
	CASE WHEN cut THEN coalesce(p.processes, 0) ELSE o.processes END AS processes,
	CASE WHEN cut THEN coalesce(c.sends, 0) ELSE o.sends END AS sends,
	CASE WHEN cut THEN coalesce(c.sent_bytes, 0) ELSE o.sent_bytes END AS sent_bytes,
	CASE WHEN cut THEN coalesce(c.recvs, 0) ELSE o.recvs END AS recvs,
	CASE WHEN cut THEN coalesce(c.received_bytes, 0) ELSE o.received_bytes END AS received_bytes,
	o.outside, o.device, o.left_behind, o.creator_id, o.peer,
	CASE WHEN cut THEN coalesce(m.exact, 0) ELSE o.exact END AS exact,
	CASE WHEN cut THEN coalesce(m.inferred, 0) ELSE o.inferred END AS inferred,
	CASE WHEN cut THEN coalesce(m.ambiguous, 0) ELSE o.ambiguous END AS ambiguous,
	CASE WHEN cut AND m.object_id IS NULL THEN 0 WHEN cut THEN m.exact_bytes
		ELSE o.exact_bytes END AS exact_bytes,
	CASE WHEN cut AND m.object_id IS NULL THEN 0 WHEN cut THEN m.inferred_bytes
		ELSE o.inferred_bytes END AS inferred_bytes,
	CASE WHEN cut AND m.object_id IS NULL THEN 0 WHEN cut THEN m.ambiguous_bytes
		ELSE o.ambiguous_bytes END AS ambiguous_bytes,
	o.largest
FROM (SELECT *, NOT (SELECT time FROM filter_any) AS cut FROM whole_objects
		WHERE object_id IN (SELECT object_id FROM filter_shown_object)) o
	LEFT JOIN filter_object_crowd p ON p.object_id = o.object_id
	LEFT JOIN filter_object_call c ON c.object_id = o.object_id
	LEFT JOIN filter_object_message m ON m.object_id = o.object_id;
