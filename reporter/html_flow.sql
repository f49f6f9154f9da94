-- The flow graph: edges between the processes that moved the most bytes, those over several
-- objects added up. Parameters: cut, nodes and links (the most processes and edges).
WITH link AS (
	SELECT sender_id, receiver_id, mechanism, kind,
		CAST(total(bytes) AS INTEGER) AS bytes,
		CAST(total(messages) AS INTEGER) AS messages,
		count(*) AS objects,
		min(object) AS object,
		max(transit_max_ns) AS max_ns,
		CASE count(*) WHEN 1 THEN max(transit_p50_ns) END AS p50_ns,
		CASE count(*) WHEN 1 THEN max(transit_p99_ns) END AS p99_ns
	FROM edges
	GROUP BY sender_id, receiver_id, mechanism, kind
), node AS (
	SELECT process_id
	FROM (
		SELECT sender_id AS process_id, bytes, messages FROM link
		UNION ALL
		SELECT receiver_id, bytes, messages FROM link
	)
	GROUP BY process_id
	ORDER BY total(bytes) DESC, total(messages) DESC, process_id
	LIMIT :nodes
)
SELECT json_object(
	'mechanism', substr(CAST(l.mechanism AS TEXT), 1, :cut),
	'kind', substr(CAST(l.kind AS TEXT), 1, :cut),
	'bytes', l.bytes,
	'messages', l.messages,
	'objects', l.objects,
	'object', substr(CAST(l.object AS TEXT), 1, :cut),
	'p50_ns', CAST(l.p50_ns AS INTEGER),
	'p99_ns', CAST(l.p99_ns AS INTEGER),
	'max_ns', CAST(l.max_ns AS INTEGER),
	'sender_id', CAST(l.sender_id AS INTEGER),
	'sender', substr(CAST(s.comm AS TEXT), 1, :cut),
	'sender_pid', CAST(s.pid AS INTEGER),
	'sender_traced', CAST(s.traced AS INTEGER),
	'receiver_id', CAST(l.receiver_id AS INTEGER),
	'receiver', substr(CAST(r.comm AS TEXT), 1, :cut),
	'receiver_pid', CAST(r.pid AS INTEGER),
	'receiver_traced', CAST(r.traced AS INTEGER))
FROM link l
	LEFT JOIN processes s ON s.process_id = l.sender_id
	LEFT JOIN processes r ON r.process_id = l.receiver_id
WHERE l.sender_id IN (SELECT process_id FROM node)
	AND l.receiver_id IN (SELECT process_id FROM node)
ORDER BY l.bytes DESC, l.messages DESC, l.sender_id, l.receiver_id, l.mechanism, l.kind
LIMIT :links;
