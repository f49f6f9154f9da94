-- What was recorded, and what of it a filter leaves. Parameter: cut, the length of the longest text in characters.
WITH fact AS (
	SELECT key, value FROM meta UNION ALL SELECT 'filter', words FROM report_filter
)
SELECT json_group_object(key, CASE typeof(value)
	WHEN 'integer' THEN value
	WHEN 'null' THEN NULL
	ELSE substr(CAST(value AS TEXT), 1, :cut) END)
FROM fact
WHERE key IN ('version', 'command', 'cwd', 'host', 'kernel', 'arch', 'cpus', 'user',
	'start_realtime_ns', 'duration_ns', 'exit_status', 'ended', 'ring_bytes', 'mechanisms',
	'complete', 'filter', 'not_traceable', 'not_traceable_why', 'io_uring_setups',
	'probe_call_ns', 'probe_other_call_ns', 'probe_unmeasured', 'probe_ns', 'cpu_ns',
	'calibrate_rounds', 'calibrate_ratio', 'calibrate_ratio_min', 'calibrate_ratio_max',
	'calibrate_cpu_ratio');
