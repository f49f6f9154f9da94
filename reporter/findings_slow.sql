-- Edges whose messages lay in the object for most of their transit, half of them for long, with room for
-- more: where senders were held up, findings_full.sql says that. Else as findings_runq.sql; columns: sum of that part, of the
-- transits, messages, the part's median. Parameters: as there, and held_percent.
SELECT min(in_object_sum_ns, max(last_ns - first_ns, 0)) AS weight_ns, mechanism, object, object_id,
	sender_pid, sender, 1, receiver_pid, receiver, 1, sender_id, receiver_id, count(*) OVER () - 1,
	in_object_sum_ns, transit_sum_ns, messages, in_object_p50_ns
FROM edges e
WHERE kind = 'data' AND messages >= :many_paired AND ambiguous * 2 <= messages
	AND in_object_p50_ns >= :late_ns AND in_object_sum_ns >= :transit_ns
	AND in_object_sum_ns * 100.0 >= transit_sum_ns * :transit_percent * 1.0
	AND NOT EXISTS (SELECT 1 FROM pressure p WHERE p.object_id = e.object_id
		AND p.full_share * 100 >= :held_percent)
ORDER BY weight_ns DESC, object_id, sender_id, receiver_id
LIMIT 1;
