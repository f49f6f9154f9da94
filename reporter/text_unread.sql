-- Objects that took more bytes than they gave, of those that keep bytes at all. Where a process
-- that is not traced may hold an end, the difference says nothing. A filter does not cut what an object took.
SELECT mechanism, name, object_id,
	sent_bytes - received_bytes, sent_bytes, received_bytes, closed_ns, left_behind,
	ipct_end(mechanism)
FROM whole_objects
WHERE object_id IN (SELECT object_id FROM objects) AND sent_bytes > received_bytes AND NOT outside AND ipct_keeps(mechanism)
ORDER BY sent_bytes - received_bytes DESC, object_id
LIMIT :rows;
