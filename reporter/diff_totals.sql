-- The whole recording in one row: duration, CPU time, messages, bytes, calls, lost calls, processes.
SELECT (SELECT value FROM meta WHERE key = 'duration_ns' AND typeof(value) = 'integer'),
	(SELECT CAST(total(cpu_ns) AS INTEGER) FROM processes HAVING count(cpu_ns)),
	(SELECT CAST(total(messages) AS INTEGER) FROM edges WHERE kind <> 'shared'),
	(SELECT CAST(total(bytes) AS INTEGER) FROM edges),
	(SELECT CAST(total(count) AS INTEGER) FROM latency),
	(SELECT CAST(total(lost) AS INTEGER) FROM ledger WHERE reason <> 'under_way'),
	(SELECT count(*) FROM processes WHERE traced);
