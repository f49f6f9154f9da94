-- Calls by the time that was spent in them.
SELECT mechanism, syscall, role, count, errors, bytes,
	dur_p50_ns, dur_p90_ns, dur_p99_ns, dur_max_ns, dur_sum_ns, blocked_ns
FROM latency
ORDER BY dur_sum_ns DESC, count DESC, mechanism, role, syscall
LIMIT :rows;
