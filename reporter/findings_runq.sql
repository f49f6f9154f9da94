-- Edges whose messages spent most of their transit in the run queue: the receiver was woken and had no CPU.
-- Short delays are what any waking takes, and may be most of a transit that is short as well.
-- Where most pairings are ambiguous the transits are not sure. The weight is no longer than the time that
-- the edge was in use, as many messages can wait at once. Columns: see findings.c; sum of that part, of the
-- transits, messages, the part's 99th percentile. Parameters: transit_percent, transit_ns, late_ns, many_paired.
SELECT min(in_runq_sum_ns, max(last_ns - first_ns, 0)) AS weight_ns, mechanism, object, object_id,
	sender_pid, sender, 1, receiver_pid, receiver, 1, sender_id, receiver_id, count(*) OVER () - 1,
	in_runq_sum_ns, transit_sum_ns, messages, in_runq_p99_ns
FROM edges
WHERE kind IN ('data', 'sync') AND messages >= :many_paired AND ambiguous * 2 <= messages
	AND in_runq_p99_ns >= :late_ns AND in_runq_sum_ns >= :transit_ns
	AND in_runq_sum_ns * 100.0 >= transit_sum_ns * :transit_percent * 1.0
ORDER BY weight_ns DESC, object_id, sender_id, receiver_id
LIMIT 1;
