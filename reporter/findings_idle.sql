-- Waits for readiness, most of which ended with nothing ready, and often: by mechanism and call. Of a part
-- of the recording it is not known whether anything else was ready, so with a filter there is none.
-- Columns: see findings.c; timeouts, calls, their name. Parameters: many_idle, idle_percent, idle_per_s.
WITH span AS (
	SELECT CAST((SELECT value FROM meta WHERE key = 'duration_ns') AS INTEGER) AS ns
)
SELECT CAST(coalesce(running_sum_ns, 0) * 1.0 * timeouts / count AS INTEGER) AS weight_ns, mechanism, NULL, NULL,
	NULL, NULL, 1, NULL, NULL, 1, NULL, NULL, count(*) OVER () - 1, timeouts, count, syscall
FROM latency, span
WHERE timeouts >= :many_idle AND timeouts * 100 >= count * :idle_percent
	AND span.ns > 0 AND timeouts * 1e9 >= span.ns * 1.0 * :idle_per_s
	AND NOT EXISTS (SELECT 1 FROM report_filter)
ORDER BY weight_ns DESC, timeouts DESC, mechanism, syscall
LIMIT 1;
