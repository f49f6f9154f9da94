-- Processes that made many small pieces of shared memory: each takes whole pages, and most of these is not
-- used. Pieces are as large as they ever were, see findings_beyond.sql. Columns: see findings.c; the maker is
-- the sender; pieces, their bytes, pages that they take, pages that would hold all their bytes. Parameters:
-- many_parts, part_percent, page_bytes.
WITH piece AS (
	SELECT o.mechanism, o.object_id, p.process_id, p.pid, p.comm, o.largest,
		(o.largest + :page_bytes - 1) / :page_bytes AS pages
	FROM whole_objects o JOIN whole_processes p ON p.process_id = o.creator_id
	WHERE o.mechanism IN ('posix_shm', 'memfd', 'sysv_shm') AND o.largest > 0
		AND o.created_ns IS NOT NULL AND NOT o.outside
		AND o.object_id IN (SELECT object_id FROM objects)
		AND o.object_id IN (SELECT object_id FROM mappings)
		AND NOT EXISTS (SELECT 1 FROM ledger WHERE lost > 0)
		AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'io_uring_setups' AND CAST(value AS INTEGER) > 0)
)
SELECT 0, mechanism, NULL, min(object_id), pid, comm, 1, NULL, NULL, 1, process_id, NULL,
	count(*) OVER () - 1, count(*), sum(largest), sum(pages),
	(sum(largest) + :page_bytes - 1) / :page_bytes AS fit
FROM piece
GROUP BY process_id, mechanism
HAVING count(*) >= :many_parts AND fit * 100 <= sum(pages) * :part_percent
ORDER BY sum(pages) - fit DESC, process_id, mechanism
LIMIT 1;
