-- The objects through which the most bytes went. Parameters: cut, rows.
SELECT json_object(
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'name', substr(CAST(name AS TEXT), 1, :cut),
	'object_id', CAST(object_id AS INTEGER),
	'sent_bytes', CAST(sent_bytes AS INTEGER),
	'received_bytes', CAST(received_bytes AS INTEGER),
	'sends', CAST(sends AS INTEGER),
	'recvs', CAST(recvs AS INTEGER),
	'messages', CAST(messages AS INTEGER),
	'processes', CAST(processes AS INTEGER),
	'outside', CAST(outside AS INTEGER),
	'capacity', CAST(capacity AS INTEGER),
	'created_ns', CAST(created_ns AS INTEGER),
	'closed_ns', CAST(closed_ns AS INTEGER))
FROM objects
ORDER BY bytes DESC, messages DESC, object_id
LIMIT :rows;
