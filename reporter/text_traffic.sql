-- The whole recording in one row: bytes and messages between traced processes, bytes to and from
-- others, wake-ups, objects in memory that processes share, messages and wake-ups whose pairing is
-- exact, inferred, ambiguous, then calls, time inside them, time off CPU, of that the time waiting for
-- the other side and for a CPU (NULL: not known), objects and traced processes.
SELECT CAST(total(CASE WHEN e.kind = 'data' AND s.traced AND r.traced THEN e.bytes END) AS INTEGER),
	CAST(total(CASE WHEN e.kind = 'data' AND s.traced AND r.traced THEN e.messages END) AS INTEGER),
	CAST(total(CASE WHEN e.kind = 'data' AND NOT (coalesce(s.traced, 0) AND coalesce(r.traced, 0))
		THEN e.bytes END) AS INTEGER),
	CAST(total(CASE WHEN e.kind = 'sync' THEN e.messages END) AS INTEGER),
	count(DISTINCT CASE WHEN e.kind = 'shared' THEN e.object_id END),
	CAST(total(e.exact) AS INTEGER), CAST(total(e.inferred) AS INTEGER),
	CAST(total(e.ambiguous) AS INTEGER),
	(SELECT sum(count) FROM latency),
	(SELECT sum(dur_sum_ns) FROM latency),
	(SELECT sum(blocked_ns) FROM latency),
	(SELECT sum(waiting_sum_ns) FROM latency),
	(SELECT sum(runnable_sum_ns) FROM latency),
	(SELECT count(*) FROM objects),
	(SELECT count(*) FROM processes WHERE traced)
FROM edges e
	LEFT JOIN processes s ON s.process_id = e.sender_id
	LEFT JOIN processes r ON r.process_id = e.receiver_id;
