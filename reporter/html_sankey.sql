-- Where the bytes went: from whom, over which object, to whom. A side is one process, or where there are
-- more than twice :nodes of them all that run the same program. A middle is one object, or likewise all
-- of a mechanism. Those with the most bytes stand for themselves, all others of a place, and in the
-- middle of a mechanism, together: no byte is left out. Those have an id of 0 or less. A path is [id of
-- the sender, of the middle, of the receiver, bytes, messages, edges].
-- Parameters: cut; nodes, the most that stand for themselves at each of the three places.
WITH edge AS MATERIALIZED (
	SELECT e.sender_id, e.receiver_id, e.object_id, e.object, e.mechanism, e.bytes, e.messages,
		o.peer
	FROM edges e LEFT JOIN objects o ON o.object_id = e.object_id
	WHERE e.kind = 'data' AND e.bytes > 0
), talker AS MATERIALIZED (
	SELECT t.process_id, CAST(p.pid AS INTEGER) AS pid, coalesce(p.traced, 0) AS traced,
		CAST(coalesce(nullif(p.comm, ''), CASE WHEN NOT p.traced THEN min(peer) END) AS TEXT) AS comm
	FROM (SELECT sender_id AS process_id, peer FROM edge UNION SELECT receiver_id, peer FROM edge) t
		LEFT JOIN processes p ON p.process_id = t.process_id
	GROUP BY t.process_id
), many AS MATERIALIZED (
	SELECT (SELECT count(*) FROM talker) > 2 * :nodes AS processes,
		(SELECT count(DISTINCT object_id) FROM edge) > 2 * :nodes AS objects
), side AS MATERIALIZED (
	SELECT process_id, pid, comm, traced,
		dense_rank() OVER (ORDER BY comm, traced, CASE WHEN NOT processes THEN process_id END) AS id
	FROM talker, many
), middle AS MATERIALIZED (
	SELECT object_id, object, mechanism, dense_rank() OVER (ORDER BY mechanism) AS mechanism_id,
		dense_rank() OVER (ORDER BY mechanism, CASE WHEN NOT objects THEN object_id END) AS id
	FROM (SELECT object_id, min(object) AS object, mechanism FROM edge GROUP BY object_id), many
), flow AS MATERIALIZED (
	SELECT s.id AS s, m.id AS m, r.id AS r, bytes
	FROM edge e
		JOIN side s ON s.process_id = sender_id
		JOIN middle m ON m.object_id = e.object_id
		JOIN side r ON r.process_id = receiver_id
), kept AS MATERIALIZED (
	SELECT place, id
	FROM (SELECT *, row_number() OVER (PARTITION BY place ORDER BY bytes DESC, id) AS number
		FROM (SELECT 's' AS place, s AS id, total(bytes) AS bytes FROM flow GROUP BY s
			UNION ALL SELECT 'm', m, total(bytes) FROM flow GROUP BY m
			UNION ALL SELECT 'r', r, total(bytes) FROM flow GROUP BY r))
	WHERE number <= :nodes
), sender AS MATERIALIZED (
	SELECT *, coalesce((SELECT k.id FROM kept k WHERE place = 's' AND k.id = side.id), 0) AS node FROM side
	WHERE process_id IN (SELECT sender_id FROM edge)
), receiver AS MATERIALIZED (
	SELECT *, coalesce((SELECT k.id FROM kept k WHERE place = 'r' AND k.id = side.id), 0) AS node FROM side
	WHERE process_id IN (SELECT receiver_id FROM edge)
), object AS MATERIALIZED (
	SELECT *, coalesce((SELECT k.id FROM kept k WHERE place = 'm' AND k.id = middle.id), -mechanism_id) AS node
	FROM middle
), path AS (
	SELECT s.node AS s, m.node AS m, r.node AS r, total(bytes) AS bytes, total(messages) AS messages,
		count(*) AS edges
	FROM edge e
		JOIN sender s ON s.process_id = sender_id
		JOIN object m ON m.object_id = e.object_id
		JOIN receiver r ON r.process_id = receiver_id
	GROUP BY s.node, m.node, r.node
), end AS (
	SELECT 's' AS place, * FROM sender UNION ALL SELECT 'r', * FROM receiver
)
SELECT json_object(
	'by_program', (SELECT processes FROM many),
	'by_mechanism', (SELECT objects FROM many),
	'ends', (SELECT json_group_array(json_object(
		'place', place,
		'id', node,
		'comm', CASE WHEN node THEN substr(comm, 1, :cut) END,
		'pid', CASE processes WHEN 1 THEN pid END,
		'traced', traced,
		'processes', processes))
		FROM (SELECT place, node, min(comm) AS comm, min(pid) AS pid, max(traced) AS traced,
				count(*) AS processes
			FROM end GROUP BY place, node)),
	'middles', (SELECT json_group_array(json_object(
		'id', node,
		'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
		'object', CASE objects WHEN 1 THEN substr(CAST(object AS TEXT), 1, :cut) END,
		'objects', objects))
		FROM (SELECT node, min(mechanism) AS mechanism, min(object) AS object, count(*) AS objects
			FROM object GROUP BY node)),
	'paths', (SELECT json_group_array(json_array(s, m, r, CAST(bytes AS INTEGER),
			CAST(messages AS INTEGER), edges))
		FROM (SELECT * FROM path ORDER BY bytes DESC, s, m, r)));
