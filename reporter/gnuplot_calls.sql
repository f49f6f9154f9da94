-- How long the finished calls took, for each mechanism and call: the `:limit` kinds that took
-- most time in all, with the number of kinds that are left out. The role is named only where the
-- same call has several.
WITH calls AS (
	SELECT mechanism, syscall, role, count, dur_p50_ns, dur_p90_ns, dur_p99_ns,
		count(*) OVER (PARTITION BY mechanism, syscall) AS roles,
		row_number() OVER (ORDER BY CASE :sort WHEN 'messages' THEN count
			WHEN 'bytes' THEN bytes WHEN 'p50' THEN dur_p50_ns WHEN 'p99' THEN dur_p99_ns
			WHEN 'max' THEN dur_max_ns END DESC, dur_sum_ns DESC, mechanism, syscall, role) AS place,
		count(*) OVER () AS kinds,
		sum(count) OVER () AS all_calls
	FROM latency
	WHERE dur_p50_ns IS NOT NULL
)
SELECT mechanism, syscall, CASE WHEN roles > 1 THEN role END AS role, count,
	dur_p50_ns, dur_p90_ns, dur_p99_ns, kinds, all_calls
FROM calls
WHERE place <= :limit
ORDER BY mechanism, place;
