-- The edges of each kind with the most bytes, or else messages. What passes no bytes has none, and what
-- is shared has no messages either. An end outside that has no name goes by its address. The parts of the
-- transit are as in html_parts.sql. Parameters: cut, rows of each kind.
WITH placed AS (
	SELECT e.*, coalesce(nullif(e.sender, ''), CASE WHEN NOT s.traced THEN o.peer END) AS s_name,
		coalesce(nullif(e.receiver, ''), CASE WHEN NOT r.traced THEN o.peer END) AS r_name,
		row_number() OVER (PARTITION BY kind
		ORDER BY CASE :sort WHEN 'messages' THEN e.messages WHEN 'total' THEN e.transit_sum_ns
			WHEN 'p50' THEN e.transit_p50_ns WHEN 'p99' THEN e.transit_p99_ns
			WHEN 'max' THEN e.transit_max_ns END DESC, e.bytes DESC, e.messages DESC, e.object_id, sender_id, receiver_id) AS place
	FROM edges e
		LEFT JOIN objects o ON o.object_id = e.object_id
		LEFT JOIN processes s ON s.process_id = e.sender_id
		LEFT JOIN processes r ON r.process_id = e.receiver_id
)
SELECT json_object(
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'object', substr(CAST(object AS TEXT), 1, :cut),
	'object_id', CAST(object_id AS INTEGER),
	'kind', substr(CAST(kind AS TEXT), 1, :cut),
	'sender_id', CAST(sender_id AS INTEGER),
	'receiver_id', CAST(receiver_id AS INTEGER),
	'sender_pid', CAST(sender_pid AS INTEGER),
	'sender', substr(CAST(s_name AS TEXT), 1, :cut),
	'receiver_pid', CAST(receiver_pid AS INTEGER),
	'receiver', substr(CAST(r_name AS TEXT), 1, :cut),
	'messages', CASE kind WHEN 'shared' THEN NULL ELSE CAST(messages AS INTEGER) END,
	'bytes', CASE kind WHEN 'data' THEN CAST(bytes AS INTEGER) END,
	'p50_ns', CAST(transit_p50_ns AS INTEGER),
	'p90_ns', CAST(transit_p90_ns AS INTEGER),
	'p99_ns', CAST(transit_p99_ns AS INTEGER),
	'max_ns', CAST(transit_max_ns AS INTEGER),
	'sum_ns', CAST(transit_sum_ns AS INTEGER),
	'parts', CASE WHEN in_send_sum_ns IS NOT NULL THEN json_array(
		json_array(CAST(in_send_sum_ns AS INTEGER),
			CAST(in_send_p50_ns AS INTEGER), CAST(in_send_p90_ns AS INTEGER),
			CAST(in_send_p99_ns AS INTEGER), CAST(in_send_max_ns AS INTEGER)),
		json_array(CAST(in_object_sum_ns AS INTEGER),
			CAST(in_object_p50_ns AS INTEGER), CAST(in_object_p90_ns AS INTEGER),
			CAST(in_object_p99_ns AS INTEGER), CAST(in_object_max_ns AS INTEGER)),
		json_array(CAST(in_runq_sum_ns AS INTEGER),
			CAST(in_runq_p50_ns AS INTEGER), CAST(in_runq_p90_ns AS INTEGER),
			CAST(in_runq_p99_ns AS INTEGER), CAST(in_runq_max_ns AS INTEGER)),
		json_array(CAST(in_recv_sum_ns AS INTEGER),
			CAST(in_recv_p50_ns AS INTEGER), CAST(in_recv_p90_ns AS INTEGER),
			CAST(in_recv_p99_ns AS INTEGER), CAST(in_recv_max_ns AS INTEGER))) END,
	'first_ns', CAST(first_ns AS INTEGER),
	'last_ns', CAST(last_ns AS INTEGER),
	'inferred', CAST(inferred AS INTEGER),
	'ambiguous', CAST(ambiguous AS INTEGER))
FROM placed
WHERE place <= :rows
ORDER BY CASE kind WHEN 'data' THEN 0 WHEN 'sync' THEN 1 ELSE 2 END, place;
