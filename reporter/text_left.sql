-- What outlived its processes: object (three columns, see cells.h), its size, bytes in it, who made
-- it (three columns), when, and how many rows there are. Parameter: rows.
SELECT o.mechanism, o.name, o.object_id, o.capacity,
	CASE WHEN ipct_keeps(o.mechanism) THEN max(o.sent_bytes - o.received_bytes, 0) END,
	p.pid, p.comm, p.traced, o.created_ns, count(*) OVER ()
FROM whole_objects o LEFT JOIN processes p ON p.process_id = o.creator_id
WHERE o.left_behind AND o.object_id IN (SELECT object_id FROM objects)
ORDER BY o.capacity DESC, o.object_id
LIMIT :rows;
