-- The edges of one family and kind, those with the most bytes first: sender, receiver (four columns
-- each, see cells.h), object (four), then messages, bytes, time from first to last, transit, pairing,
-- the sum of all transits and of their four parts, and how many rows there are. With :grouped, more
-- than three edges between processes of the same names over the same mechanism are one row. An object
-- that is a part of one of the two goes by the name of its mechanism. With :timed, those whose transit
-- is known in parts, the largest sum first. Histograms are read where there are several to be added. Parameters: sort, family, kind (NULL: all), timed, grouped, rows.
WITH named AS (
	SELECT e.*, CASE WHEN ipct_end(e.mechanism) IS NULL AND (e.object LIKE '%[' || e.sender_pid || ']'
			OR e.object LIKE '%[' || e.receiver_pid || ']')
			THEN e.mechanism ELSE e.object END AS called, coalesce(nullif(e.sender, ''), CASE WHEN NOT s.traced THEN o.peer END) AS s_name,
		coalesce(nullif(e.receiver, ''), CASE WHEN NOT r.traced THEN o.peer END) AS r_name,
		coalesce(s.traced, 0) AS s_traced, coalesce(r.traced, 0) AS r_traced,
		CASE WHEN :grouped THEN e.transit_hist END AS group_hist
	FROM edges e
		LEFT JOIN objects o ON o.object_id = e.object_id
		LEFT JOIN processes s ON s.process_id = e.sender_id
		LEFT JOIN processes r ON r.process_id = e.receiver_id
	WHERE (:family IS NULL OR ipct_family(e.mechanism) = :family) AND (:kind IS NULL OR e.kind = :kind)
		AND (NOT :timed OR e.in_send_sum_ns IS NOT NULL)
), alike AS (
	SELECT *, :grouped AND count(*) OVER (PARTITION BY mechanism, kind, s_name, s_traced, r_name,
		r_traced) > 3 AS many
	FROM named
)
SELECT min(sender_pid), s_name, s_traced, count(DISTINCT sender_id),
	min(receiver_pid), r_name, r_traced, count(DISTINCT receiver_id),
	mechanism, min(called), min(object_id), count(DISTINCT object_id),
	CAST(total(messages) AS INTEGER), CAST(total(bytes) AS INTEGER), max(last_ns) - min(first_ns),
	CASE count(*) WHEN 1 THEN max(transit_p50_ns)
		ELSE ipct_hist_at(ipct_hist_sum(CASE WHEN many THEN group_hist END), 0.5) END AS p50_ns,
	CASE count(*) WHEN 1 THEN max(transit_p99_ns)
		ELSE ipct_hist_at(ipct_hist_sum(CASE WHEN many THEN group_hist END), 0.99) END AS p99_ns,
	max(transit_max_ns),
	CAST(total(exact) AS INTEGER),
	CAST(total(exact) + total(inferred) + total(ambiguous) AS INTEGER),
	CAST(total(transit_sum_ns) AS INTEGER), CAST(total(in_send_sum_ns) AS INTEGER),
	CAST(total(in_object_sum_ns) AS INTEGER), CAST(total(in_runq_sum_ns) AS INTEGER),
	CAST(total(in_recv_sum_ns) AS INTEGER), count(*) OVER ()
FROM alike
GROUP BY mechanism, kind, s_name, s_traced, r_name, r_traced, many,
	CASE WHEN NOT many THEN object_id END,
	CASE WHEN NOT many THEN sender_id END,
	CASE WHEN NOT many THEN receiver_id END
ORDER BY CASE :sort WHEN 'name' THEN s_name END, CASE :sort WHEN 'name' THEN r_name END,
	CASE :sort WHEN 'bytes' THEN total(bytes) WHEN 'messages' THEN total(messages)
		WHEN 'total' THEN total(transit_sum_ns) WHEN 'p50' THEN p50_ns WHEN 'p99' THEN p99_ns
		WHEN 'max' THEN max(transit_max_ns) END DESC,
	CASE WHEN :timed THEN total(transit_sum_ns) END DESC, total(bytes) DESC, total(messages) DESC, min(object_id), min(sender_id), min(receiver_id)
LIMIT :rows;
