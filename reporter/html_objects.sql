-- The objects of each kind with the most bytes, or else messages. What an object that only wakes counts
-- is no bytes, and a part of a process is neither made nor closed. Parameters: cut, rows of each kind.
WITH placed AS (
	SELECT *, ipct_kind(mechanism) AS kind, row_number() OVER (PARTITION BY ipct_kind(mechanism)
		ORDER BY CASE :sort WHEN 'messages' THEN messages END DESC, bytes DESC, messages DESC, object_id) AS place
	FROM objects
)
SELECT json_object(
	'mechanism', substr(CAST(o.mechanism AS TEXT), 1, :cut),
	'name', substr(CAST(o.name AS TEXT), 1, :cut),
	'object_id', CAST(o.object_id AS INTEGER),
	'sent_bytes', CASE o.kind WHEN 'sync' THEN NULL ELSE CAST(o.sent_bytes AS INTEGER) END,
	'received_bytes', CASE o.kind WHEN 'sync' THEN NULL ELSE CAST(o.received_bytes AS INTEGER) END,
	'sends', CAST(o.sends AS INTEGER),
	'recvs', CAST(o.recvs AS INTEGER),
	'messages', CASE o.kind WHEN 'shared' THEN NULL ELSE CAST(o.messages AS INTEGER) END,
	'exact', CAST(o.exact AS INTEGER),
	'inferred', CAST(o.inferred AS INTEGER),
	'ambiguous', CAST(o.ambiguous AS INTEGER),
	'processes', CAST(o.processes AS INTEGER),
	'outside', CAST(o.outside AS INTEGER),
	'capacity', CAST(o.capacity AS INTEGER),
	'created_ns', CASE WHEN ipct_end(o.mechanism) IS NOT NULL THEN CAST(o.created_ns AS INTEGER) END,
	'closed_ns', CASE WHEN ipct_end(o.mechanism) IS NOT NULL THEN CAST(o.closed_ns AS INTEGER) END,
	'left_behind', CAST(o.left_behind AS INTEGER),
	'end', ipct_end(o.mechanism),
	'creator', substr(CAST(p.comm AS TEXT), 1, :cut),
	'creator_pid', CAST(p.pid AS INTEGER))
FROM placed o LEFT JOIN processes p ON p.process_id = o.creator_id
WHERE o.place <= :rows
ORDER BY o.kind <> 'data', o.bytes DESC, o.messages DESC, o.object_id;
