-- Who maps what, the objects that most processes map first, with the first touches of the process.
-- Parameters: cut, rows.
WITH crowd AS (
	SELECT object_id, count(DISTINCT process_id) AS processes FROM mappings GROUP BY object_id
), touched AS (
	SELECT object_id, process_id, total(reads) AS reads, total(writes) AS writes
	FROM touches GROUP BY object_id, process_id
)
SELECT json_object(
	'mechanism', substr(CAST(a.mechanism AS TEXT), 1, :cut),
	'object', substr(CAST(a.object AS TEXT), 1, :cut),
	'object_id', CAST(a.object_id AS INTEGER),
	'process_pid', CAST(a.pid AS INTEGER),
	'process', substr(CAST(a.comm AS TEXT), 1, :cut),
	'protection', substr(CAST(a.protection AS TEXT), 1, :cut),
	'how', substr(CAST(a.how AS TEXT), 1, :cut),
	'length', CAST(a.length AS INTEGER),
	'file_offset', CAST(a.file_offset AS INTEGER),
	'mapped_ns', CAST(a.mapped_ns AS INTEGER),
	'unmapped_ns', CAST(a.unmapped_ns AS INTEGER),
	'reads', CAST(t.reads AS INTEGER),
	'writes', CAST(t.writes AS INTEGER))
FROM mappings a
	LEFT JOIN crowd ON crowd.object_id = a.object_id
	LEFT JOIN touched t ON t.object_id = a.object_id AND t.process_id = a.process_id
ORDER BY crowd.processes DESC, a.object_id, a.mapped_ns, a.mapping_id
LIMIT :rows;
