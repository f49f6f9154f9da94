-- Who talks to whom, over whatever it is: two processes (four columns each, see cells.h), the bytes
-- from the first to the second and back, wake-ups both ways, whether anything went there and back,
-- the mechanisms that something went over and those that are shared, and how many rows there are. The first is the one that sent more. With :grouped,
-- processes of the same name are one. Parameters: sort, grouped, rows.
WITH named AS (
	SELECT e.mechanism, e.kind, e.bytes, e.messages, e.sender_id, e.receiver_id, e.sender_pid,
		e.receiver_pid, coalesce(s.traced, 0) AS s_traced, coalesce(r.traced, 0) AS r_traced,
		coalesce(nullif(e.sender, ''), CASE WHEN NOT s.traced THEN o.peer END) AS s_name,
		coalesce(nullif(e.receiver, ''), CASE WHEN NOT r.traced THEN o.peer END) AS r_name
	FROM edges e
		LEFT JOIN objects o ON o.object_id = e.object_id
		LEFT JOIN processes s ON s.process_id = e.sender_id
		LEFT JOIN processes r ON r.process_id = e.receiver_id
), keyed AS (
	SELECT *, CASE WHEN :grouped THEN s_traced || coalesce(s_name, '')
			ELSE printf('%020d', sender_id) END AS s_key,
		CASE WHEN :grouped THEN r_traced || coalesce(r_name, '')
			ELSE printf('%020d', receiver_id) END AS r_key
	FROM named
), turned AS (
	SELECT mechanism, kind, bytes, messages, 0 AS back, s_key AS a_key, r_key AS b_key,
		sender_id AS a_id, sender_pid AS a_pid, s_name AS a_name, s_traced AS a_traced,
		receiver_id AS b_id, receiver_pid AS b_pid, r_name AS b_name, r_traced AS b_traced
	FROM keyed WHERE s_key <= r_key
	UNION ALL
	SELECT mechanism, kind, bytes, messages, 1, r_key, s_key, receiver_id, receiver_pid, r_name,
		r_traced, sender_id, sender_pid, s_name, s_traced
	FROM keyed WHERE s_key > r_key
), part AS (
	SELECT a_key, b_key, mechanism, kind, total(bytes) AS bytes, total(messages) AS messages
	FROM turned
	GROUP BY a_key, b_key, mechanism, kind
), over AS (
	SELECT a_key, b_key, group_concat(CASE WHEN kind <> 'shared' THEN mechanism END, ', ') AS over,
		group_concat(CASE WHEN kind = 'shared' THEN mechanism END, ', ') AS shares
	FROM (SELECT * FROM part ORDER BY a_key, b_key, bytes DESC, messages DESC, mechanism, kind)
	GROUP BY a_key, b_key
), member AS (
	SELECT a_key, b_key, a_key AS key, a_id AS id FROM turned
	UNION SELECT a_key, b_key, b_key, b_id FROM turned
), size AS (
	SELECT a_key, b_key, key, count(*) AS count FROM member GROUP BY a_key, b_key, key
), pair AS (
	SELECT a_key, b_key, min(a_pid) AS a_pid, min(a_name) AS a_name, min(a_traced) AS a_traced,
		min(b_pid) AS b_pid, min(b_name) AS b_name, min(b_traced) AS b_traced,
		min(a_id) AS a_id, min(b_id) AS b_id,
		total(CASE WHEN NOT back AND kind = 'data' THEN bytes END) AS there,
		total(CASE WHEN back AND kind = 'data' THEN bytes END) AS here,
		max(NOT back AND kind <> 'shared') AS sent_there, max(back AND kind <> 'shared') AS sent_here,
		total(CASE WHEN NOT back AND kind = 'sync' THEN messages END) AS wakes_there,
		total(CASE WHEN back AND kind = 'sync' THEN messages END) AS wakes_here,
		total(messages) AS messages
	FROM turned
	GROUP BY a_key, b_key
), facing AS (
	SELECT pair.*, here > there OR (here = there AND wakes_here > wakes_there) AS back,
		a.count AS a_count, b.count AS b_count
	FROM pair
		JOIN size a ON a.a_key = pair.a_key AND a.b_key = pair.b_key AND a.key = pair.a_key
		JOIN size b ON b.a_key = pair.a_key AND b.b_key = pair.b_key AND b.key = pair.b_key
)
SELECT iif(back, b_pid, a_pid), iif(back, b_name, a_name), iif(back, b_traced, a_traced),
	iif(back, b_count, a_count),
	iif(back, a_pid, b_pid), iif(back, a_name, b_name), iif(back, a_traced, b_traced),
	iif(back, a_count, b_count),
	CAST(max(there, here) AS INTEGER), CAST(min(there, here) AS INTEGER),
	CAST(wakes_there + wakes_here AS INTEGER),
	iif(back, sent_here, sent_there), iif(back, sent_there, sent_here),
	over.over, over.shares, count(*) OVER ()
FROM facing JOIN over USING (a_key, b_key)
ORDER BY CASE :sort WHEN 'name' THEN iif(back, b_name, a_name) END,
	CASE :sort WHEN 'name' THEN iif(back, a_name, b_name) END,
	CASE :sort WHEN 'messages' THEN messages END DESC, there + here DESC, wakes_there + wakes_here DESC, a_id, b_id
LIMIT :rows;
