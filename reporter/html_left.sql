-- What was there when all had ended and no process held it. Parameters: cut, rows.
SELECT json_object(
	'mechanism', substr(CAST(o.mechanism AS TEXT), 1, :cut),
	'name', substr(CAST(o.name AS TEXT), 1, :cut),
	'capacity', CAST(o.capacity AS INTEGER),
	'holds', CASE WHEN ipct_keeps(o.mechanism)
		THEN max(CAST(o.sent_bytes AS INTEGER) - CAST(o.received_bytes AS INTEGER), 0) END,
	'creator', substr(CAST(p.comm AS TEXT), 1, :cut),
	'creator_pid', CAST(p.pid AS INTEGER),
	'created_ns', CAST(o.created_ns AS INTEGER))
FROM whole_objects o LEFT JOIN processes p ON p.process_id = o.creator_id
WHERE o.left_behind AND o.object_id IN (SELECT object_id FROM objects)
ORDER BY o.capacity DESC, o.object_id
LIMIT :rows;
