-- The flow graph: who sent to whom, who woke whom, who shares memory with whom, as { nodes, links }
-- and how many there are in the trace. A node is one process, or with :grouped all processes that run
-- the same program, have the same parent and the same part in the traffic (only send, only receive,
-- both, neither). Where that still leaves more than :nodes of them, the parent is left out of it.
-- A link of kind shared goes neither way, from the node with the lower number; it has mappings instead
-- of messages.
-- Parameters: cut; grouped; nodes and links, the most of each: those with the most bytes. Single
-- processes are left out altogether where there are more than :nodes.
WITH edge AS (
	SELECT e.*, e.kind <> 'shared' AS moves, o.peer
	FROM edges e LEFT JOIN objects o ON o.object_id = e.object_id
), part AS (
	SELECT sender_id AS process_id, moves AS sends, 0 AS receives, bytes AS sent, 0 AS received,
		CASE kind WHEN 'sync' THEN messages END AS wakes, 0 AS woken, messages, peer
	FROM edge
	UNION ALL
	SELECT receiver_id, 0, moves, 0, bytes, 0, CASE kind WHEN 'sync' THEN messages END, messages, peer
	FROM edge
), talker AS (
	SELECT t.process_id, CAST(p.pid AS INTEGER) AS pid,
		CAST(coalesce(nullif(p.comm, ''), CASE WHEN NOT p.traced THEN min(t.peer) END) AS TEXT) AS comm,
		coalesce(CAST(p.traced AS INTEGER), 0) AS traced,
		coalesce(p.parent_id, 'pid ' || p.ppid) AS parent,
		max(t.sends) AS sends, max(t.receives) AS receives, total(t.sent) AS sent,
		total(t.received) AS received, total(t.wakes) AS wakes, total(t.woken) AS woken,
		total(t.messages) AS messages
	FROM part t LEFT JOIN processes p ON p.process_id = t.process_id
	GROUP BY t.process_id
), family AS (
	SELECT (SELECT count(*) FROM (SELECT DISTINCT comm, traced, sends, receives, parent
		FROM talker)) <= :nodes AS counts
), member AS (
	SELECT t.*, dense_rank() OVER (ORDER BY comm, traced, sends, receives,
		CASE WHEN counts THEN parent END,
		CASE WHEN NOT :grouped THEN process_id END) AS node_id
	FROM talker t, family
), numbered AS (
	SELECT *, row_number() OVER (PARTITION BY node_id ORDER BY process_id) AS number
	FROM member
), node AS (
	SELECT node_id, min(comm) AS comm, min(traced) AS traced, max(sends) AS sends,
		max(receives) AS receives, count(*) AS processes,
		json_group_array(pid) FILTER (WHERE number <= 20 AND pid IS NOT NULL) AS pids,
		total(sent) AS sent, total(received) AS received, total(wakes) AS wakes,
		total(woken) AS woken, total(messages) AS messages
	FROM numbered
	GROUP BY node_id
), shown_node AS (
	SELECT *
	FROM node
	WHERE :grouped OR (SELECT count(*) FROM node) <= :nodes
	ORDER BY sent + received DESC, messages DESC, node_id
	LIMIT :nodes
), tied AS (
	SELECT e.*, iif(moves, s.node_id, min(s.node_id, r.node_id)) AS from_node,
		iif(moves, r.node_id, max(s.node_id, r.node_id)) AS to_node
	FROM edge e
		JOIN member s ON s.process_id = e.sender_id
		JOIN member r ON r.process_id = e.receiver_id
), link AS (
	SELECT from_node AS sender, to_node AS receiver, mechanism, kind,
		total(bytes) AS bytes, total(messages) AS messages, count(*) AS edges,
		count(DISTINCT object_id) AS objects, min(object) AS object,
		max(transit_max_ns) AS max_ns,
		CASE count(*) WHEN 1 THEN max(transit_p50_ns) END AS p50_ns,
		CASE count(*) WHEN 1 THEN max(transit_p99_ns) END AS p99_ns
	FROM tied
	GROUP BY from_node, to_node, mechanism, kind
), sharer AS (
	SELECT from_node AS sender, to_node AS receiver, mechanism, object_id, sender_id AS process_id
	FROM tied WHERE NOT moves
	UNION SELECT from_node, to_node, mechanism, object_id, receiver_id FROM tied WHERE NOT moves
), mapped AS (
	SELECT object_id, process_id, count(*) AS mappings FROM mappings GROUP BY object_id, process_id
), sharing AS (
	SELECT sender, receiver, mechanism, 'shared' AS kind, sum(mappings) AS mappings
	FROM sharer JOIN mapped USING (object_id, process_id)
	GROUP BY sender, receiver, mechanism
), shown_link AS (
	SELECT *
	FROM link LEFT JOIN sharing USING (sender, receiver, mechanism, kind)
	WHERE sender IN (SELECT node_id FROM shown_node)
		AND receiver IN (SELECT node_id FROM shown_node)
	ORDER BY bytes DESC, messages DESC, sender, receiver, mechanism, kind
	LIMIT :links
)
SELECT json_object(
	'all_nodes', (SELECT count(*) FROM node),
	'all_links', (SELECT count(*) FROM link),
	'by_parent', (SELECT counts FROM family),
	'nodes', (SELECT json_group_array(json_object(
		'id', node_id,
		'comm', substr(comm, 1, :cut),
		'traced', traced,
		'sends', sends,
		'receives', receives,
		'processes', processes,
		'pids', json(pids),
		'sent', CAST(sent AS INTEGER),
		'received', CAST(received AS INTEGER),
		'wakes', CAST(wakes AS INTEGER),
		'woken', CAST(woken AS INTEGER))) FROM shown_node),
	'links', (SELECT json_group_array(json_object(
		'sender', sender,
		'receiver', receiver,
		'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
		'kind', substr(CAST(kind AS TEXT), 1, :cut),
		'bytes', CASE kind WHEN 'data' THEN CAST(bytes AS INTEGER) END,
		'messages', CASE kind WHEN 'shared' THEN NULL ELSE CAST(messages AS INTEGER) END,
		'mappings', mappings,
		'edges', edges,
		'objects', objects,
		'object', substr(CAST(object AS TEXT), 1, :cut),
		'p50_ns', CAST(p50_ns AS INTEGER),
		'p99_ns', CAST(p99_ns AS INTEGER),
		'max_ns', CAST(max_ns AS INTEGER))) FROM shown_link));
