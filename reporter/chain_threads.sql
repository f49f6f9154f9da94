-- Every thread that made an op or woke one that did, with its process. One pass over all ops.
SELECT t.process_id, t.tid, min(t.ts_ns), max(t.ts_ns + t.dur_ns), total(t.waiting_ns),
	p.pid, p.comm, p.start_ns, p.exit_ns, p.parent_id
FROM (
	SELECT process_id, tid, ts_ns, dur_ns, waiting_ns FROM ops
	UNION ALL
	SELECT waker_id, waker_tid, NULL, NULL, NULL FROM sleep WHERE waker_id IS NOT NULL
) t LEFT JOIN processes p ON p.process_id = t.process_id
GROUP BY t.process_id, t.tid
ORDER BY t.process_id, t.tid;
