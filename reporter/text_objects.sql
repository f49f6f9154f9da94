-- The objects with the most bytes. Writers and readers are counted for the rows shown only.
WITH top AS (
	SELECT * FROM objects
	ORDER BY bytes DESC, messages DESC, object_id
	LIMIT :rows
)
SELECT mechanism, name, object_id,
	(SELECT count(DISTINCT sender_id) FROM edges e WHERE e.object_id = top.object_id),
	(SELECT count(DISTINCT receiver_id) FROM edges e WHERE e.object_id = top.object_id),
	sends, recvs, capacity, messages, bytes, created_ns, closed_ns
FROM top
ORDER BY bytes DESC, messages DESC, object_id;
