-- The edges with the most bytes: sender, receiver, object (three columns each, see cells.h), then
-- kind, messages, bytes, time from first to last, transit, pairing.
SELECT e.sender_pid, e.sender, s.traced,
	e.receiver_pid, e.receiver, r.traced,
	e.mechanism, e.object, e.object_id,
	e.kind, e.messages, e.bytes, e.last_ns - e.first_ns,
	e.transit_p50_ns, e.transit_p99_ns, e.transit_max_ns,
	e.exact, e.exact + e.inferred + e.ambiguous
FROM edges e
	LEFT JOIN processes s ON s.process_id = e.sender_id
	LEFT JOIN processes r ON r.process_id = e.receiver_id
ORDER BY e.bytes DESC, e.messages DESC, e.object_id, e.sender_id, e.receiver_id, e.kind
LIMIT :rows;
