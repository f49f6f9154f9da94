-- Every thread that made an op or woke one that did, with its process.
SELECT t.process_id, t.tid, t.first_ns, t.last_ns, t.waiting_sum_ns,
	p.pid, p.comm, p.start_ns, p.exit_ns, p.parent_id
FROM threads t LEFT JOIN processes p ON p.process_id = t.process_id
ORDER BY t.process_id, t.tid;
