-- Objects that took more bytes than they gave. Where a process that is not traced may hold an
-- end, the difference says nothing.
SELECT mechanism, name, object_id,
	sent_bytes - received_bytes, sent_bytes, received_bytes, closed_ns
FROM objects
WHERE sent_bytes > received_bytes AND NOT outside
ORDER BY sent_bytes - received_bytes DESC, object_id
LIMIT :rows;
