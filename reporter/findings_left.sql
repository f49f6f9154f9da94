-- What recorded processes made, none removed, and none can remove any more: all of them have ended. Where a
-- record was lost, that of a removal may have been. Columns: see findings.c; the maker is the sender; size.
SELECT 0, o.mechanism, o.name, o.object_id, p.pid, p.comm, p.traced, NULL, NULL, 1, p.process_id, NULL,
	count(*) OVER () - 1, o.capacity
FROM whole_objects o JOIN whole_processes p ON p.process_id = o.creator_id
WHERE o.left_behind AND o.object_id IN (SELECT object_id FROM objects)
	AND (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'complete') = 1
	AND NOT EXISTS (SELECT 1 FROM ledger WHERE lost > 0)
	AND NOT EXISTS (SELECT 1 FROM whole_processes WHERE traced AND exit_ns IS NULL)
ORDER BY o.capacity DESC, o.object_id
LIMIT 1;
