-- The flow graph for Graphviz, nodes first and then links, the largest first. A node is a process; or,
-- where there are more than :nodes of them or more than :links links, all that run the same program and
-- have the same part in it (only send, only receive, both, or neither). A link is all that went from one
-- to another over one mechanism. Memory that the same nodes share is a node as well, with a link to each
-- of them. Columns: is it a link; of a node its number, name, processes or objects, least pid, traced,
-- and the mechanism of memory; of a link the numbers of its two nodes, mechanism, kind, objects, name of
-- the one object, messages, bytes, p99 of the transits, and how many links there are.
-- Parameters: sort; nodes, links; rows, the most links that are shown.
WITH edge AS (
	SELECT e.*, o.peer FROM edges e LEFT JOIN objects o ON o.object_id = e.object_id
), part AS (
	SELECT sender_id AS process_id, kind <> 'shared' AS sends, 0 AS receives, peer FROM edge
	UNION ALL SELECT receiver_id, 0, kind <> 'shared', peer FROM edge
), talker AS (
	SELECT t.process_id, p.pid, coalesce(p.traced, 0) AS traced, max(sends) AS sends,
		max(receives) AS receives,
		coalesce(nullif(p.comm, ''), CASE WHEN NOT p.traced THEN min(peer) END) AS name
	FROM part t LEFT JOIN processes p ON p.process_id = t.process_id
	GROUP BY t.process_id
), size AS (
	SELECT (SELECT count(*) FROM talker) <= :nodes AND (SELECT count(*) FROM (SELECT DISTINCT
		sender_id, receiver_id, mechanism FROM edge WHERE kind <> 'shared')) <= :links AS small
), member AS (
	SELECT talker.*, dense_rank() OVER (ORDER BY name, traced, sends, receives,
		CASE WHEN small THEN process_id END) AS node
	FROM talker, size
), sharer AS (
	SELECT e.object_id, e.mechanism, e.object, m.node
	FROM edge e JOIN member m ON m.process_id IN (e.sender_id, e.receiver_id)
	WHERE e.kind = 'shared'
	GROUP BY e.object_id, m.node
), heap AS (
	SELECT *, (SELECT max(node) FROM member) + dense_rank() OVER (ORDER BY mechanism, nodes) AS node
	FROM (SELECT object_id, mechanism, object, group_concat(node) AS nodes
		FROM (SELECT * FROM sharer ORDER BY object_id, node) GROUP BY object_id)
), link AS (
	SELECT s.node AS from_node, r.node AS to_node, e.mechanism, e.kind,
		count(DISTINCT e.object_id) AS objects, min(e.object) AS object,
		total(e.messages) AS messages, total(e.bytes) AS bytes,
		total(e.transit_sum_ns) AS total_ns, max(e.transit_max_ns) AS max_ns,
		CASE count(*) WHEN 1 THEN max(e.transit_p50_ns)
			ELSE ipct_hist_at(ipct_hist_sum(e.transit_hist), 0.5) END AS p50_ns,
		CASE count(*) WHEN 1 THEN max(e.transit_p99_ns)
			ELSE ipct_hist_at(ipct_hist_sum(e.transit_hist), 0.99) END AS p99_ns
	FROM edge e
		JOIN member s ON s.process_id = e.sender_id
		JOIN member r ON r.process_id = e.receiver_id
	WHERE e.kind <> 'shared'
	GROUP BY s.node, r.node, e.mechanism, e.kind
	UNION ALL
	SELECT s.node, h.node, h.mechanism, 'shared', count(*), min(h.object), 0, 0, 0, 0, 0, NULL
	FROM sharer s JOIN heap h ON h.object_id = s.object_id
	GROUP BY s.node, h.node, h.mechanism
), placed AS (
	SELECT *, count(*) OVER () AS links, row_number() OVER (
		ORDER BY CASE :sort WHEN 'messages' THEN messages WHEN 'total' THEN total_ns
				WHEN 'max' THEN max_ns WHEN 'p50' THEN p50_ns WHEN 'p99' THEN p99_ns END DESC,
			bytes DESC, messages DESC, from_node, to_node, mechanism, kind) AS place
	FROM link
), shown AS (
	SELECT * FROM placed WHERE place <= :rows OR :rows < 0
)
SELECT 0, node, name, count(*), min(pid), traced, NULL, NULL, NULL, NULL, NULL, 0 AS place
FROM member
WHERE node IN (SELECT from_node FROM shown UNION SELECT to_node FROM shown)
GROUP BY node
UNION ALL
SELECT 0, node, min(object), count(*), NULL, 1, mechanism, NULL, NULL, NULL, NULL, 0
FROM heap
WHERE node IN (SELECT to_node FROM shown)
GROUP BY node
UNION ALL
SELECT 1, from_node, to_node, mechanism, kind, objects, object, CAST(messages AS INTEGER),
	CAST(bytes AS INTEGER), p99_ns, links, place
FROM shown
ORDER BY 1, place, 2;
