-- The processes that moved the most bytes, traced ones or not. Parameters: cut, rows.
WITH sent AS (
	SELECT sender_id AS process_id, CAST(total(bytes) AS INTEGER) AS bytes,
		CAST(total(CASE kind WHEN 'sync' THEN messages END) AS INTEGER) AS wakes
	FROM edges GROUP BY sender_id
), received AS (
	SELECT receiver_id AS process_id, CAST(total(bytes) AS INTEGER) AS bytes,
		CAST(total(CASE kind WHEN 'sync' THEN messages END) AS INTEGER) AS wakes
	FROM edges GROUP BY receiver_id
), mapped AS (
	SELECT process_id, count(*) AS mappings FROM mappings GROUP BY process_id
)
SELECT json_object(
	'process_id', CAST(p.process_id AS INTEGER),
	'pid', CAST(p.pid AS INTEGER),
	'ppid', CAST(p.ppid AS INTEGER),
	'comm', substr(CAST(p.comm AS TEXT), 1, :cut),
	'exe', substr(CAST(p.exe AS TEXT), 1, :cut),
	'cmdline', substr(CAST(p.cmdline AS TEXT), 1, :cut),
	'start_ns', CAST(p.start_ns AS INTEGER),
	'exit_ns', CAST(p.exit_ns AS INTEGER),
	'exit_status', CAST(p.exit_status AS INTEGER),
	'traced', CAST(p.traced AS INTEGER),
	'sent_bytes', coalesce(s.bytes, 0),
	'received_bytes', coalesce(r.bytes, 0),
	'wakes', coalesce(s.wakes, 0),
	'woken', coalesce(r.wakes, 0),
	'mappings', coalesce(m.mappings, 0))
FROM processes p
	LEFT JOIN sent s ON s.process_id = p.process_id
	LEFT JOIN received r ON r.process_id = p.process_id
	LEFT JOIN mapped m ON m.process_id = p.process_id
ORDER BY coalesce(s.bytes, 0) + coalesce(r.bytes, 0) DESC,
	coalesce(s.wakes, 0) + coalesce(r.wakes, 0) DESC, p.process_id
LIMIT :rows;
