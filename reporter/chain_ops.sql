-- The ops that were off the CPU, in them or before them, from the first one that ends after :from
-- on. Reads no op that was not.
--
-- Who sent what ended a wait is known from the message where it was delivered by an interrupt or
-- a thread of the kernel: such a wait goes on with the sender, if that acted while it lasted. Only
-- those blocks of messages are read whose receives have such a wait among them.
WITH begin AS MATERIALIZED (
	SELECT min(first_op_id) AS op_id FROM op_blocks WHERE last_end_ns IS NULL OR last_end_ns > :from
), sent AS MATERIALIZED (
	SELECT z.op_id, s.process_id, s.tid, min(s.ts_ns), s.ts_ns + s.dur_ns AS end_ns
	FROM begin
		CROSS JOIN message_blocks b ON b.transit_max_ns IS NULL OR EXISTS (
			SELECT 1 FROM sleep w
			WHERE w.op_id BETWEEN max(b.first_recv_op, begin.op_id) AND b.last_recv_op
				AND w.woken_ns IS NOT NULL AND w.waker_id IS NULL)
		CROSS JOIN messages g ON g.message_id BETWEEN b.first_message_id AND b.last_message_id
		CROSS JOIN sleep z ON z.op_id = coalesce(g.wait_op, g.recv_op)
		CROSS JOIN ops s ON s.op_id = g.send_op
	WHERE z.waker_id IS NULL AND s.ts_ns BETWEEN z.woken_ns - z.waiting_ns AND z.woken_ns
	GROUP BY z.op_id
)
SELECT o.ts_ns, o.ts_ns + o.dur_ns, o.waiting_ns, o.runnable_ns,
	o.blocked_ns - o.waiting_ns - o.runnable_ns, o.away_ns, o.woken_ns, o.ran_ns, sent.end_ns,
	o.process_id, o.tid, coalesce(sent.process_id, o.waker_id), coalesce(sent.tid, o.waker_tid),
	o.object_id, o.syscall, o.finished,
	o.ready = 0 AND o.error IS NULL OR o.error IN ('ETIMEDOUT', 'EAGAIN')
FROM sleep z
	CROSS JOIN ops o ON o.op_id = z.op_id
	LEFT JOIN sent ON sent.op_id = z.op_id
WHERE z.op_id >= (SELECT op_id FROM begin) AND o.ts_ns + o.dur_ns > :from
ORDER BY z.op_id;
