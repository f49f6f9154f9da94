-- Every traced process, its parent, the bytes that it sent and received, how often it woke another and
-- was woken, and how many processes that is. With :grouped, more than three of the same name and parent
-- that have no children, and that all send or all receive more, are one: the first. Parameter: grouped.
WITH given AS (
	SELECT sender_id AS process_id, sum(CASE kind WHEN 'data' THEN bytes END) AS bytes,
		sum(CASE kind WHEN 'sync' THEN messages END) AS wakes
	FROM edges GROUP BY sender_id
), taken AS (
	SELECT receiver_id AS process_id, sum(CASE kind WHEN 'data' THEN bytes END) AS bytes,
		sum(CASE kind WHEN 'sync' THEN messages END) AS wakes
	FROM edges GROUP BY receiver_id
), member AS (
	SELECT p.process_id, p.parent_id, p.comm, coalesce(g.bytes, 0) AS sent,
		coalesce(t.bytes, 0) AS received, coalesce(g.wakes, 0) AS wakes,
		coalesce(t.wakes, 0) AS woken,
		p.process_id IN (SELECT parent_id FROM processes WHERE parent_id IS NOT NULL) AS has_children
	FROM processes p
		LEFT JOIN given g ON g.process_id = p.process_id
		LEFT JOIN taken t ON t.process_id = p.process_id
	WHERE p.traced
), alike AS (
	SELECT *, :grouped AND NOT has_children AND count(*) OVER (
		PARTITION BY parent_id, comm, has_children, sent > received) > 3 AS many
	FROM member
)
SELECT min(process_id), parent_id, sum(sent), sum(received), sum(wakes), sum(woken), count(*)
FROM alike
GROUP BY parent_id, CASE WHEN many THEN comm END, CASE WHEN many THEN sent > received END, many,
	CASE WHEN NOT many THEN process_id END
ORDER BY min(process_id);
