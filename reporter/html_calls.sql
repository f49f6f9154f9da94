-- Durations of the system calls by mechanism and role. Parameters: cut, rows.
SELECT json_object(
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'role', substr(CAST(role AS TEXT), 1, :cut),
	'syscall', substr(CAST(syscall AS TEXT), 1, :cut),
	'count', CAST(count AS INTEGER),
	'errors', CAST(errors AS INTEGER),
	'bytes', CASE WHEN role IN ('send', 'recv') AND ipct_kind(mechanism) <> 'sync'
		THEN CAST(bytes AS INTEGER) END,
	'p50_ns', CAST(dur_p50_ns AS INTEGER),
	'p90_ns', CAST(dur_p90_ns AS INTEGER),
	'p99_ns', CAST(dur_p99_ns AS INTEGER),
	'max_ns', CAST(dur_max_ns AS INTEGER),
	'sum_ns', CAST(dur_sum_ns AS INTEGER),
	'blocked_ns', CAST(blocked_ns AS INTEGER),
	'running_ns', CAST(running_sum_ns AS INTEGER),
	'waiting_ns', CAST(waiting_sum_ns AS INTEGER),
	'runnable_ns', CAST(runnable_sum_ns AS INTEGER),
	'timeouts', CAST(timeouts AS INTEGER))
FROM latency
ORDER BY CASE :sort WHEN 'bytes' THEN bytes WHEN 'total' THEN dur_sum_ns WHEN 'p50' THEN dur_p50_ns
	WHEN 'p99' THEN dur_p99_ns WHEN 'max' THEN dur_max_ns END DESC, count DESC, mechanism, role, syscall
LIMIT :rows;
