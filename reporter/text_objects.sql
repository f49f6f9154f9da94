-- The objects with the most bytes, those of shared memory and what stands for failed calls left out:
-- object (four columns, see cells.h), how many senders and receivers, sends, receives, capacity,
-- messages, bytes, when made and closed, whether left behind, how such objects end, how many messages
-- are exact (NULL: there are none, or all are, of all objects), of how many, and how many rows there
-- are. With :grouped, more than three objects of one mechanism between processes of the same names are
-- one row. Parameters: sort, grouped, rows.
WITH ends AS (
	SELECT object_id, count(DISTINCT sender_id) AS senders, count(DISTINCT receiver_id) AS receivers,
		min(sender) || '/' || max(sender) || '/' || min(receiver) || '/' || max(receiver) AS programs
	FROM edges
	GROUP BY object_id
), alike AS (
	SELECT o.*, ends.senders, ends.receivers, ends.programs,
		:grouped AND count(*) OVER (PARTITION BY mechanism, programs, left_behind) > 3 AS many
	FROM objects o LEFT JOIN ends USING (object_id)
	WHERE ipct_kind(o.mechanism) <> 'shared' AND name IS NOT '(no object)'
)
SELECT mechanism, min(name), min(object_id), count(*),
	CASE WHEN many THEN (SELECT count(DISTINCT e.sender_id) FROM edges e JOIN alike a USING (object_id)
		WHERE a.many AND a.mechanism = alike.mechanism AND a.programs IS alike.programs)
		ELSE coalesce(senders, 0) END,
	CASE WHEN many THEN (SELECT count(DISTINCT e.receiver_id) FROM edges e JOIN alike a USING (object_id)
		WHERE a.many AND a.mechanism = alike.mechanism AND a.programs IS alike.programs)
		ELSE coalesce(receivers, 0) END,
	CAST(total(sends) AS INTEGER), CAST(total(recvs) AS INTEGER), max(capacity),
	CAST(total(messages) AS INTEGER),
	CASE ipct_kind(mechanism) WHEN 'data' THEN CAST(total(bytes) AS INTEGER) END,
	CASE count(created_ns) WHEN count(*) THEN min(created_ns) END,
	CASE count(closed_ns) WHEN count(*) THEN max(closed_ns) END, left_behind,
	ipct_end(mechanism),
	CASE WHEN total(messages) > 0 AND sum(total(inferred) + total(ambiguous)) OVER () > 0
		THEN CAST(total(exact) AS INTEGER) END,
	CAST(total(exact) + total(inferred) + total(ambiguous) AS INTEGER), count(*) OVER ()
FROM alike
GROUP BY mechanism, left_behind, many, CASE WHEN many THEN programs ELSE object_id END
ORDER BY CASE :sort WHEN 'name' THEN min(name) END,
	CASE :sort WHEN 'bytes' THEN total(bytes) WHEN 'messages' THEN total(messages) END DESC,
	ipct_kind(mechanism) = 'data' DESC,
	total(CASE ipct_kind(mechanism) WHEN 'data' THEN bytes END) DESC, total(messages) DESC, min(object_id)
LIMIT :rows;
