-- Calls by the time that was spent in them. The role is named where one call has several. Bytes are
-- of calls that move any: what is mapped or asked for is not moved. Parameter: rows.
SELECT mechanism, CASE WHEN count(*) OVER (PARTITION BY mechanism, syscall) > 1
		THEN syscall || ' (' || role || ')' ELSE syscall END,
	count, errors,
	CASE WHEN role IN ('send', 'recv') AND ipct_kind(mechanism) <> 'sync' THEN bytes END,
	dur_p50_ns, dur_p90_ns, dur_p99_ns, dur_max_ns, dur_sum_ns, blocked_ns
FROM latency
ORDER BY dur_sum_ns DESC, count DESC, mechanism, role, syscall
LIMIT :rows;
