-- The rounds of a bench in which nobody was traced. Round trips, where peers take turns.
SELECT mechanism, pattern, wait || ', ' || cpus || ' CPU' || CASE cpus WHEN 'cross' THEN 's' ELSE '' END,
	size, round, messages, bytes, elapsed_ns, coalesce(rtt_hist, one_way_hist)
FROM rounds
WHERE NOT traced
ORDER BY round, mechanism, pattern, wait, cpus, size;
