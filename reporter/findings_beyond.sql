-- Mappings that reach far behind the end of their object, of which no page was ever there: by object and
-- process the longest such reach. The object can only be that small if all that changes its size was seen:
-- it has no name, nobody outside has it, nothing was lost, and no io_uring was there. Columns: see findings.c;
-- who mapped it is the sender; length, largest size, what is behind the last page. Parameters: beyond_bytes,
-- part_percent, page_bytes.
WITH reach AS (
	SELECT m.mechanism, m.object, m.object_id, m.process_id, m.pid, m.comm, m.length, o.largest,
		m.file_offset + m.length - max(m.file_offset,
			(o.largest + :page_bytes - 1) / :page_bytes * :page_bytes) AS beyond
	FROM mappings m JOIN whole_objects o ON o.object_id = m.object_id
	WHERE m.mechanism IN ('memfd', 'mmap_anon') AND o.largest IS NOT NULL
		AND o.created_ns IS NOT NULL AND NOT o.outside
		AND NOT EXISTS (SELECT 1 FROM ledger WHERE lost > 0)
		AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'io_uring_setups' AND CAST(value AS INTEGER) > 0)
)
SELECT 0, mechanism, object, object_id, pid, comm, 1, NULL, NULL, 1, process_id, NULL,
	count(*) OVER () - 1, length, largest, max(beyond) AS beyond
FROM reach
WHERE beyond >= :beyond_bytes AND beyond * 100.0 >= length * :part_percent
GROUP BY object_id, process_id
ORDER BY beyond DESC, object_id, process_id
LIMIT 1;
