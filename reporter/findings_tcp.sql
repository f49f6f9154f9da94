-- Pairs of recorded processes that talk over TCP: both are on the machine of the recording, whatever their
-- addresses are. Columns: see findings.c; messages, bytes, connections. Parameter: tcp_messages.
WITH pair AS (
	SELECT min(sender_id, receiver_id) AS one_id, max(sender_id, receiver_id) AS other_id,
		min(object_id) AS object_id, sum(messages) AS messages, sum(bytes) AS bytes,
		count(DISTINCT object_id) AS connections,
		min(sum(transit_sum_ns), max(last_ns) - min(first_ns)) AS weight_ns
	FROM edges
	WHERE mechanism = 'tcp' AND kind = 'data' AND sender_id <> receiver_id
	GROUP BY one_id, other_id
)
SELECT max(coalesce(weight_ns, 0), 0) AS weight_ns, 'tcp', NULL, object_id, a.pid, a.comm, 1, b.pid, b.comm, 1,
	one_id, other_id, count(*) OVER () - 1, messages, bytes, connections
FROM pair JOIN processes a ON a.process_id = one_id AND a.traced
	JOIN processes b ON b.process_id = other_id AND b.traced
WHERE messages >= :tcp_messages
ORDER BY weight_ns DESC, messages DESC, one_id, other_id
LIMIT 1;
