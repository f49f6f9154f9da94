-- The flow graph: who sent to whom, who woke whom, who shares memory with whom, so fine that the page
-- can group it: rows of `processes`, and of `edges` between them, those with the most bytes first. One row.
--
-- Fine is the single process, and the single object. Where that makes more than :nodes processes or
-- :links edges (level 0), first the edges between the same two over the same mechanism become one
-- (level 1), then all but the :single processes with the most bytes are bundled: those of one program,
-- parent and control group with the same part in the traffic (only send, only receive, both, neither)
-- make one row (level 2). Only what is still more than the limits is left out, and counted.
--
-- Rows are short, for the page is to be small. A process is [pids, name, traced, place in parents, place in
-- cgroups, number of processes, process_id]; of several there are the least 20 pids, and no process_id. An
-- edge is [place of the sender in processes, of the receiver, place in ways, place in objects or null,
-- edges, objects, messages, bytes, sum of the transits, p50, p90, p99, max, sums in the send call, in the
-- object and in the run queue, bins of the transits (bins.h), mappings of the sender, of the receiver].
-- What is not known or does not apply is null; nulls at the end are left out where all from sum on are.
-- Parameters: cut; nodes, links, single.
WITH edge AS MATERIALIZED (
	SELECT e.object_id, e.sender_id, e.receiver_id, e.mechanism, e.kind, e.messages, e.bytes,
		e.transit_sum_ns, e.transit_p50_ns, e.transit_p90_ns, e.transit_p99_ns, e.transit_max_ns,
		e.transit_hist, e.in_send_sum_ns, e.in_object_sum_ns, e.in_runq_sum_ns, e.object,
		e.kind <> 'shared' AS moves, o.peer
	FROM edges e LEFT JOIN objects o ON o.object_id = e.object_id
), part AS (
	SELECT sender_id AS process_id, moves AS sends, 0 AS receives, bytes, messages, peer FROM edge
	UNION ALL
	SELECT receiver_id, 0, moves, bytes, messages, peer FROM edge
), talker AS MATERIALIZED (
	SELECT t.process_id, CAST(p.pid AS INTEGER) AS pid,
		CAST(coalesce(nullif(p.comm, ''), CASE WHEN NOT p.traced THEN min(t.peer) END) AS TEXT) AS comm,
		coalesce(CAST(p.traced AS INTEGER), 0) AS traced, p.parent_id, p.ppid,
		coalesce(p.parent_id, 'pid ' || p.ppid) AS parent, CAST(p.cgroup AS TEXT) AS cgroup,
		max(t.sends) AS sends, max(t.receives) AS receives,
		row_number() OVER (ORDER BY total(t.bytes) DESC, total(t.messages) DESC, t.process_id) AS place
	FROM part t LEFT JOIN processes p ON p.process_id = t.process_id
	GROUP BY t.process_id
), level AS MATERIALIZED (
	SELECT CASE
		WHEN (SELECT count(*) FROM talker) > :nodes THEN 2
		WHEN (SELECT count(*) FROM edge) <= :links THEN 0
		WHEN (SELECT count(*) FROM (SELECT DISTINCT sender_id, receiver_id, mechanism, kind
			FROM edge)) <= :links THEN 1
		ELSE 2 END AS level
), member AS MATERIALIZED (
	SELECT t.*, dense_rank() OVER (ORDER BY comm, traced, sends, receives, parent, cgroup,
		CASE WHEN level < 2 OR place <= :single THEN process_id END) AS node
	FROM talker t, level
), numbered AS (
	SELECT *, row_number() OVER (PARTITION BY node ORDER BY pid) AS number FROM member
), node AS (
	SELECT node, min(comm) AS comm, min(traced) AS traced, min(parent) AS parent, min(parent_id) AS parent_id,
		min(ppid) AS ppid, min(cgroup) AS cgroup, count(*) AS processes, min(place) AS place,
		json_group_array(pid) FILTER (WHERE number <= 20 AND pid IS NOT NULL) AS pids,
		CASE count(*) WHEN 1 THEN min(process_id) END AS process_id
	FROM numbered
	GROUP BY node
), shown_node AS MATERIALIZED (
	SELECT *, row_number() OVER (ORDER BY place) - 1 AS number,
		dense_rank() OVER (ORDER BY parent) - 1 AS parent_number,
		dense_rank() OVER (ORDER BY cgroup) - 1 AS cgroup_number
	FROM (SELECT * FROM node ORDER BY place LIMIT :nodes)
), link AS MATERIALIZED (
	SELECT s.node AS from_node, r.node AS to_node, mechanism, kind,
		CASE level WHEN 0 THEN object_id END AS one_object, min(object) AS object, count(*) AS edges,
		count(DISTINCT object_id) AS objects, total(messages) AS messages, total(bytes) AS bytes,
		min(e.sender_id) AS sender_id, min(e.receiver_id) AS receiver_id,
		CASE WHEN max(transit_max_ns) IS NOT NULL THEN total(transit_sum_ns) END AS sum_ns,
		max(transit_max_ns) AS max_ns, max(transit_p50_ns) AS p50_ns, max(transit_p90_ns) AS p90_ns,
		max(transit_p99_ns) AS p99_ns, sum(in_send_sum_ns) AS send_ns, sum(in_object_sum_ns) AS object_ns,
		sum(in_runq_sum_ns) AS runq_ns,
		CASE count(*) WHEN 1 THEN max(transit_hist) ELSE ipct_hist_sum(transit_hist) END AS hist
	FROM edge e
		JOIN member s ON s.process_id = e.sender_id
		JOIN member r ON r.process_id = e.receiver_id
		JOIN level
	GROUP BY from_node, to_node, mechanism, kind, one_object
), shown_link AS MATERIALIZED (
	SELECT l.*, s.number AS sender, r.number AS receiver,
		dense_rank() OVER (ORDER BY mechanism, kind) - 1 AS way
	FROM link l
		JOIN shown_node s ON s.node = l.from_node
		JOIN shown_node r ON r.node = l.to_node
	ORDER BY bytes DESC, messages DESC, from_node, to_node, mechanism, kind, one_object
	LIMIT :links
), thing AS MATERIALIZED (
	SELECT one_object, min(object) AS object, row_number() OVER (ORDER BY one_object) - 1 AS number
	FROM shown_link
	WHERE one_object IS NOT NULL
	GROUP BY one_object
), mapped AS MATERIALIZED (
	SELECT object_id, process_id, count(*) AS mappings FROM mappings GROUP BY object_id, process_id
), percentiles AS (
	SELECT l.*, t.number AS thing,
		CASE edges WHEN 1 THEN p50_ns ELSE ipct_hist_at(hist, 0.5) END AS all_p50_ns,
		CASE edges WHEN 1 THEN p90_ns ELSE ipct_hist_at(hist, 0.9) END AS all_p90_ns,
		CASE edges WHEN 1 THEN p99_ns ELSE ipct_hist_at(hist, 0.99) END AS all_p99_ns
	FROM shown_link l LEFT JOIN thing t ON t.one_object = l.one_object
)
SELECT json_object(
	'level', (SELECT level FROM level),
	'all_processes', (SELECT count(*) FROM talker),
	'all_edges', (SELECT count(*) FROM edge),
	'parents', (SELECT json_group_array(json_array(substr(CAST(p.comm AS TEXT), 1, :cut),
			CAST(coalesce(p.pid, n.ppid) AS INTEGER)))
		FROM (SELECT parent, min(parent_id) AS parent_id, min(ppid) AS ppid FROM shown_node
			GROUP BY parent ORDER BY parent) n LEFT JOIN processes p ON p.process_id = n.parent_id),
	'cgroups', (SELECT json_group_array(substr(CAST(cgroup AS TEXT), 1, :cut))
		FROM (SELECT DISTINCT cgroup FROM shown_node ORDER BY cgroup)),
	'objects', (SELECT json_group_array(json_array(CAST(one_object AS INTEGER),
			substr(CAST(object AS TEXT), 1, :cut)))
		FROM (SELECT * FROM thing ORDER BY number)),
	'ways', (SELECT json_group_array(json_array(substr(CAST(mechanism AS TEXT), 1, :cut),
			substr(CAST(kind AS TEXT), 1, :cut)))
		FROM (SELECT DISTINCT way, mechanism, kind FROM shown_link ORDER BY way)),
	'processes', (SELECT json_group_array(json_array(json(pids), substr(comm, 1, :cut), traced,
			CASE WHEN parent IS NOT NULL THEN parent_number END,
			CASE WHEN cgroup IS NOT NULL THEN cgroup_number END, processes,
			CAST(process_id AS INTEGER)))
		FROM (SELECT * FROM shown_node ORDER BY number)),
	'edges', (SELECT json_group_array(CASE
			WHEN kind = 'shared' THEN json_array(sender, receiver, way, thing, edges, objects, NULL, NULL,
				NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
				(SELECT mappings FROM mapped m WHERE m.object_id = one_object
					AND m.process_id = l.sender_id),
				(SELECT mappings FROM mapped m WHERE m.object_id = one_object
					AND m.process_id = l.receiver_id))
			WHEN sum_ns IS NULL THEN json_array(sender, receiver, way, thing, edges, objects,
				CAST(messages AS INTEGER), CASE kind WHEN 'data' THEN CAST(bytes AS INTEGER) END)
			ELSE json_array(sender, receiver, way, thing, edges, objects,
				CAST(messages AS INTEGER), CASE kind WHEN 'data' THEN CAST(bytes AS INTEGER) END,
				CAST(sum_ns AS INTEGER), CAST(all_p50_ns AS INTEGER), CAST(all_p90_ns AS INTEGER),
				CAST(all_p99_ns AS INTEGER), CAST(max_ns AS INTEGER), CAST(send_ns AS INTEGER),
				CAST(object_ns AS INTEGER), CAST(runq_ns AS INTEGER), json(ipct_hist_bins(hist)))
			END) FROM percentiles l));
