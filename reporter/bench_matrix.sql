-- One table of the text report of a bench: mechanisms by size, untraced. A mechanism that carries no
-- bytes has its value under no size. Parameters: pattern, cpus, wait.
SELECT r.mechanism, CASE m.carries WHEN 'bytes' THEN r.size ELSE -1 END AS place,
	r.rtt_p50_ns, r.rtt_p50_min_ns, r.rtt_p50_max_ns, r.rtt_p99_ns,
	r.messages_per_s, r.messages_per_s_min, r.messages_per_s_max, r.bytes_per_s
FROM results r
	JOIN mechanism m ON m.name = r.mechanism
WHERE r.pattern = :pattern AND r.cpus = :cpus AND r.wait = :wait AND NOT r.traced
ORDER BY m.mechanism_id, place;
