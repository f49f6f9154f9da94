-- Calls by the time that was spent in them. The role is named where one call has several. Bytes are
-- of calls that move any: what is mapped or asked for is not moved. Where it is not known what the
-- time off the CPU was spent on, that is one number. Parameters: sort, rows.
SELECT mechanism, CASE WHEN count(*) OVER (PARTITION BY mechanism, syscall) > 1
		THEN syscall || ' (' || role || ')' ELSE syscall END,
	count, nullif(errors, 0),
	CASE WHEN role IN ('send', 'recv') AND ipct_kind(mechanism) <> 'sync' THEN bytes END,
	dur_p50_ns, dur_p90_ns, dur_p99_ns, dur_max_ns, dur_sum_ns,
	CASE WHEN waiting_sum_ns IS NULL THEN blocked_ns END, waiting_sum_ns, runnable_sum_ns,
	nullif(timeouts, 0)
FROM latency
ORDER BY CASE :sort WHEN 'name' THEN mechanism END, CASE :sort WHEN 'name' THEN syscall END,
	CASE :sort WHEN 'messages' THEN count WHEN 'bytes' THEN bytes WHEN 'p50' THEN dur_p50_ns
		WHEN 'p99' THEN dur_p99_ns WHEN 'max' THEN dur_max_ns END DESC,
	dur_sum_ns DESC, count DESC, mechanism, role, syscall
LIMIT :rows;
