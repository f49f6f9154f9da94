-- Directions of byte streams into which many small sends went that nobody took one by one: on average two
-- or more lay inside, or one receive took two or more. So they could have been joined.
-- Bytes are at most so many: those that reached the receivers, and all that no one received. What it cost
-- is an estimate: the mean time that such a send spends on a CPU. Columns: see findings.c; sends, bytes,
-- receives. Parameters: many_sends, tiny_bytes.
WITH cost AS (
	SELECT mechanism, 1.0 * sum(running_sum_ns) / sum(count) AS send_ns
	FROM whole_latency WHERE role = 'send' GROUP BY mechanism
), small AS (
	SELECT p.*, p.sends - p.full_refusals AS put, CASE WHEN o.mechanism IN ('pipe', 'fifo') THEN o.sent_bytes
		ELSE coalesce((SELECT sum(e.bytes) FROM whole_edges e WHERE e.object_id = p.object_id
				AND e.sender_id = p.sender_id AND e.kind = 'data'), o.sent_bytes)
			+ max(o.sent_bytes - o.received_bytes, 0) END AS sent_bytes
	FROM pressure p JOIN whole_objects o ON o.object_id = p.object_id
	WHERE p.mechanism IN ('pipe', 'fifo', 'unix_stream', 'tcp') AND p.confidence = 'exact'
		AND p.sends - p.full_refusals >= :many_sends AND p.recvs > 0
		AND (p.mean_messages >= 2 OR p.recvs * 2 <= p.sends - p.full_refusals)
)
SELECT CAST(coalesce(s.put * c.send_ns, 0) AS INTEGER) AS weight_ns, s.mechanism, s.object, s.object_id,
	s.sender_pid, s.sender, 1, s.receiver_pid, s.receiver, 1, s.sender_id, s.receiver_id,
	count(*) OVER () - 1, s.put, s.sent_bytes, s.recvs
FROM small s LEFT JOIN cost c ON c.mechanism = s.mechanism
WHERE s.sent_bytes <= s.put * :tiny_bytes
ORDER BY weight_ns DESC, s.put DESC, s.object_id, s.direction
LIMIT 1;
