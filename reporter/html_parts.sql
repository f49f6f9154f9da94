-- Where the transit of messages went, as bars of two levels: by mechanism and kind, and by edge, each
-- with the largest sums first. More than three edges between processes of the same names over the same
-- mechanism are one bar where there are more than 20 edges. Of several edges the percentiles of the
-- parts are not known, but their sums and longest are. A part is [sum, p50, p90, p99, max].
-- Parameters: cut; links, the most bars of a level.
WITH named AS (
	SELECT e.*, coalesce(nullif(e.sender, ''), CASE WHEN NOT s.traced THEN o.peer END) AS s_name,
		coalesce(nullif(e.receiver, ''), CASE WHEN NOT r.traced THEN o.peer END) AS r_name
	FROM edges e
		LEFT JOIN objects o ON o.object_id = e.object_id
		LEFT JOIN processes s ON s.process_id = e.sender_id
		LEFT JOIN processes r ON r.process_id = e.receiver_id
	WHERE e.in_send_sum_ns IS NOT NULL
), alike AS (
	SELECT *, count(*) OVER () > 20
		AND count(*) OVER (PARTITION BY mechanism, kind, s_name, r_name) > 3 AS many
	FROM named
), leveled AS (
	SELECT *, 'edge' AS level, CASE WHEN NOT many THEN object_id END AS one_object,
		CASE WHEN NOT many THEN sender_id END AS one_sender,
		CASE WHEN NOT many THEN receiver_id END AS one_receiver, s_name AS s_key, r_name AS r_key,
		CASE WHEN many THEN transit_hist END AS merged_hist
	FROM alike
	UNION ALL
	SELECT *, 'mechanism', NULL, NULL, NULL, NULL, NULL, transit_hist FROM alike
), bar AS (
	SELECT level, mechanism, kind, count(*) AS edges, min(object) AS object,
		count(DISTINCT object_id) AS objects, min(sender_pid) AS sender_pid, min(s_name) AS sender,
		count(DISTINCT sender_id) AS senders, min(receiver_pid) AS receiver_pid,
		min(r_name) AS receiver, count(DISTINCT receiver_id) AS receivers,
		total(messages) AS messages, total(transit_sum_ns) AS sum_ns,
		CASE count(*) WHEN 1 THEN max(transit_p50_ns)
			ELSE ipct_hist_at(ipct_hist_sum(merged_hist), 0.5) END AS p50_ns,
		CASE count(*) WHEN 1 THEN max(transit_p90_ns)
			ELSE ipct_hist_at(ipct_hist_sum(merged_hist), 0.9) END AS p90_ns,
		CASE count(*) WHEN 1 THEN max(transit_p99_ns)
			ELSE ipct_hist_at(ipct_hist_sum(merged_hist), 0.99) END AS p99_ns,
		max(transit_max_ns) AS max_ns,
		json_array(CAST(total(in_send_sum_ns) AS INTEGER),
			CASE count(*) WHEN 1 THEN CAST(max(in_send_p50_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_send_p90_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_send_p99_ns) AS INTEGER) END,
			CAST(max(in_send_max_ns) AS INTEGER)) AS in_send,
		json_array(CAST(total(in_object_sum_ns) AS INTEGER),
			CASE count(*) WHEN 1 THEN CAST(max(in_object_p50_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_object_p90_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_object_p99_ns) AS INTEGER) END,
			CAST(max(in_object_max_ns) AS INTEGER)) AS in_object,
		json_array(CAST(total(in_runq_sum_ns) AS INTEGER),
			CASE count(*) WHEN 1 THEN CAST(max(in_runq_p50_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_runq_p90_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_runq_p99_ns) AS INTEGER) END,
			CAST(max(in_runq_max_ns) AS INTEGER)) AS in_runq,
		json_array(CAST(total(in_recv_sum_ns) AS INTEGER),
			CASE count(*) WHEN 1 THEN CAST(max(in_recv_p50_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_recv_p90_ns) AS INTEGER) END,
			CASE count(*) WHEN 1 THEN CAST(max(in_recv_p99_ns) AS INTEGER) END,
			CAST(max(in_recv_max_ns) AS INTEGER)) AS in_recv,
		min(object_id) AS object_id, min(sender_id) AS sender_id, min(receiver_id) AS receiver_id
	FROM leveled
	GROUP BY level, mechanism, kind, s_key, r_key, one_object, one_sender, one_receiver
), placed AS (
	SELECT *, count(*) OVER (PARTITION BY level) AS bars,
		row_number() OVER (PARTITION BY level ORDER BY sum_ns DESC, messages DESC, mechanism, kind,
			object_id, sender_id, receiver_id) AS place
	FROM bar
)
SELECT json_object(
	'level', level,
	'bars', bars,
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'kind', substr(CAST(kind AS TEXT), 1, :cut),
	'edges', edges,
	'object', substr(CAST(object AS TEXT), 1, :cut),
	'objects', objects,
	'sender_pid', CAST(sender_pid AS INTEGER),
	'sender', substr(CAST(sender AS TEXT), 1, :cut),
	'senders', senders,
	'receiver_pid', CAST(receiver_pid AS INTEGER),
	'receiver', substr(CAST(receiver AS TEXT), 1, :cut),
	'receivers', receivers,
	'messages', CAST(messages AS INTEGER),
	'sum_ns', CAST(sum_ns AS INTEGER),
	'p50_ns', CAST(p50_ns AS INTEGER),
	'p90_ns', CAST(p90_ns AS INTEGER),
	'p99_ns', CAST(p99_ns AS INTEGER),
	'max_ns', CAST(max_ns AS INTEGER),
	'parts', json_array(json(in_send), json(in_object), json(in_runq), json(in_recv)))
FROM placed
WHERE place <= :links
ORDER BY level DESC, place;
