-- Every traced process, its parent, the bytes that it sent and received, and how often it woke
-- another and was woken.
WITH given AS (
	SELECT sender_id AS process_id, sum(CASE kind WHEN 'data' THEN bytes END) AS bytes,
		sum(CASE kind WHEN 'sync' THEN messages END) AS wakes
	FROM edges GROUP BY sender_id
), taken AS (
	SELECT receiver_id AS process_id, sum(CASE kind WHEN 'data' THEN bytes END) AS bytes,
		sum(CASE kind WHEN 'sync' THEN messages END) AS wakes
	FROM edges GROUP BY receiver_id
)
SELECT p.process_id, p.parent_id, coalesce(g.bytes, 0), coalesce(t.bytes, 0),
	coalesce(g.wakes, 0), coalesce(t.wakes, 0)
FROM processes p
	LEFT JOIN given g ON g.process_id = p.process_id
	LEFT JOIN taken t ON t.process_id = p.process_id
WHERE p.traced
ORDER BY p.process_id;
