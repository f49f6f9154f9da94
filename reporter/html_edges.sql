-- The edges with the most bytes. Parameters: cut, rows.
SELECT json_object(
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'object', substr(CAST(object AS TEXT), 1, :cut),
	'object_id', CAST(object_id AS INTEGER),
	'kind', substr(CAST(kind AS TEXT), 1, :cut),
	'sender_pid', CAST(sender_pid AS INTEGER),
	'sender', substr(CAST(sender AS TEXT), 1, :cut),
	'receiver_pid', CAST(receiver_pid AS INTEGER),
	'receiver', substr(CAST(receiver AS TEXT), 1, :cut),
	'messages', CAST(messages AS INTEGER),
	'bytes', CAST(bytes AS INTEGER),
	'p50_ns', CAST(transit_p50_ns AS INTEGER),
	'p90_ns', CAST(transit_p90_ns AS INTEGER),
	'p99_ns', CAST(transit_p99_ns AS INTEGER),
	'max_ns', CAST(transit_max_ns AS INTEGER),
	'first_ns', CAST(first_ns AS INTEGER),
	'last_ns', CAST(last_ns AS INTEGER),
	'inferred', CAST(inferred AS INTEGER),
	'ambiguous', CAST(ambiguous AS INTEGER))
FROM edges
ORDER BY bytes DESC, messages DESC, object_id, sender_id, receiver_id, kind
LIMIT :rows;
