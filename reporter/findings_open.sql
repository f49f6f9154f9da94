-- Processes that let their exit close many objects that they had made and not used for most of their life.
-- An object that is closed at the very time of the exit had a fd in that process until then. Where a record
-- was lost, that of a close may have been; io_uring closes unseen. Columns: see findings.c; the maker is the
-- sender; such objects, all that it made of the mechanism. Parameters: many_open, unused_percent.
WITH used AS (
	SELECT object_id, max(last_ns) AS last_ns FROM pressure GROUP BY object_id
), made AS (
	SELECT o.mechanism, o.object_id, p.process_id, p.pid, p.comm, o.closed_ns = p.exit_ns
		AND (o.closed_ns - max(coalesce(u.last_ns, 0), o.created_ns)) * 100
			>= (o.closed_ns - o.created_ns) * :unused_percent AS forgotten
	FROM whole_objects o JOIN whole_processes p ON p.process_id = o.creator_id
		LEFT JOIN used u ON u.object_id = o.object_id
	WHERE o.object_id IN (SELECT object_id FROM objects) AND p.exit_ns IS NOT NULL
		AND o.created_ns IS NOT NULL AND ipct_end(o.mechanism) = 'closed' AND ipct_keeps(o.mechanism)
		AND NOT EXISTS (SELECT 1 FROM ledger WHERE lost > 0)
		AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'io_uring_setups' AND CAST(value AS INTEGER) > 0)
)
SELECT 0, mechanism, NULL, min(object_id), pid, comm, 1, NULL, NULL, 1, process_id, NULL,
	count(*) OVER () - 1, total(forgotten) AS forgotten, count(*)
FROM made
GROUP BY process_id, mechanism
HAVING total(forgotten) >= :many_open
ORDER BY total(forgotten) DESC, process_id, mechanism
LIMIT 1;
