-- Directions of objects whose senders were held up for long or refused often for want of room, but those
-- at a limit of messages, which findings_limit.sql has. A UDP sender never waits for its receiver.
-- Columns: see findings.c; time that senders waited, their share of time in millionths, refused sends, all
-- sends. Parameters: held_percent, held_ns, many_refused, refused_percent.
SELECT full_ns, mechanism, object, object_id, sender_pid, sender, 1, receiver_pid, receiver, 1,
	sender_id, receiver_id, count(*) OVER () - 1,
	full_ns, CAST(full_share * 1000000 AS INTEGER), full_refusals, sends
FROM pressure
WHERE mechanism NOT IN ('udp', 'eventfd')
	AND ((full_share * 100 >= :held_percent AND full_ns >= :held_ns)
		OR (full_refusals >= :many_refused AND full_refusals * 100 >= sends * :refused_percent))
	AND NOT coalesce(confidence = 'exact' AND max_messages >= capacity_messages, 0)
ORDER BY full_ns DESC, full_refusals DESC, object_id, direction
LIMIT 1;
