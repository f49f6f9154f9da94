-- Where the transit of messages went, by mechanism and kind, the largest sum first: messages, p50 and
-- p99, the sum of all transits and of their four parts, and how many rows there are. Parameters: sort, rows.
SELECT mechanism, kind, CAST(total(messages) AS INTEGER),
	ipct_hist_at(ipct_hist_sum(transit_hist), 0.5) AS p50_ns,
	ipct_hist_at(ipct_hist_sum(transit_hist), 0.99) AS p99_ns,
	CAST(total(transit_sum_ns) AS INTEGER), CAST(total(in_send_sum_ns) AS INTEGER),
	CAST(total(in_object_sum_ns) AS INTEGER), CAST(total(in_runq_sum_ns) AS INTEGER),
	CAST(total(in_recv_sum_ns) AS INTEGER), count(*) OVER ()
FROM edges
WHERE in_send_sum_ns IS NOT NULL
GROUP BY mechanism, kind
ORDER BY CASE :sort WHEN 'name' THEN mechanism END,
	CASE :sort WHEN 'bytes' THEN total(bytes) WHEN 'messages' THEN total(messages)
		WHEN 'p50' THEN p50_ns WHEN 'p99' THEN p99_ns WHEN 'max' THEN max(transit_max_ns) END DESC,
	total(transit_sum_ns) DESC, mechanism, kind
LIMIT :rows;
