-- Every traced process, its parent, and the bytes that it sent and received.
SELECT p.process_id, p.parent_id, coalesce(s.bytes, 0), coalesce(r.bytes, 0)
FROM processes p
	LEFT JOIN (
		SELECT sender_id AS process_id, sum(bytes) AS bytes
		FROM edges WHERE kind = 'data' GROUP BY sender_id
	) s ON s.process_id = p.process_id
	LEFT JOIN (
		SELECT receiver_id AS process_id, sum(bytes) AS bytes
		FROM edges WHERE kind = 'data' GROUP BY receiver_id
	) r ON r.process_id = p.process_id
WHERE p.traced
ORDER BY p.process_id;
