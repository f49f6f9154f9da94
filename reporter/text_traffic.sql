-- The whole recording in one row: bytes and messages between traced processes, bytes to and from
-- others, then calls, time inside them, time off CPU, objects and traced processes.
SELECT sum(CASE WHEN s.traced AND r.traced THEN e.bytes END),
	sum(CASE WHEN s.traced AND r.traced THEN e.messages END),
	sum(CASE WHEN s.traced AND r.traced THEN 0 ELSE e.bytes END),
	(SELECT sum(count) FROM latency),
	(SELECT sum(dur_sum_ns) FROM latency),
	(SELECT sum(blocked_ns) FROM latency),
	(SELECT count(*) FROM objects),
	(SELECT count(*) FROM processes WHERE traced)
FROM edges e
	LEFT JOIN processes s ON s.process_id = e.sender_id
	LEFT JOIN processes r ON r.process_id = e.receiver_id
WHERE e.kind = 'data';
