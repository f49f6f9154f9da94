-- Lets tests insert whole ops, sleeps and messages, as the views of these names have them, where the
-- tables have them in pieces. Each gets a kind of its own. Sleeps come after their ops.

CREATE TRIGGER op_insert INSTEAD OF INSERT ON op BEGIN
	INSERT INTO op_kind VALUES (new.op_id, new.process_id, new.tid, new.syscall_id, new.role_id,
		new.object_id, new.fd, new.requested, new.errno_id, new.key);
	INSERT INTO op_row VALUES (new.op_id, new.op_id, new.ts_ns, new.dur_ns, new.blocked_ns, new.bytes,
		new.finished);
END;

CREATE TRIGGER op_delete INSTEAD OF DELETE ON op BEGIN
	DELETE FROM op_row WHERE op_id = old.op_id;
	DELETE FROM op_kind WHERE kind_id = old.op_id;
END;

CREATE TRIGGER sleep_insert INSTEAD OF INSERT ON sleep BEGIN
	INSERT INTO sleep_kind SELECT new.op_id, new.waker_tid, new.waker_id, coalesce(new.slept_cpu, 0),
		coalesce(new.waker_cpu, 0), new.ran_cpu
		WHERE new.woken_ns IS NOT NULL;
	INSERT INTO sleep_row SELECT op_id, new.waiting_ns, new.runnable_ns,
		ts_ns + dur_ns - new.woken_ns, new.ran_ns - new.woken_ns,
		CASE WHEN new.woken_ns IS NOT NULL THEN op_id END, new.away_ns
		FROM op_row WHERE op_id = new.op_id;
END;

CREATE TRIGGER message_insert INSTEAD OF INSERT ON message BEGIN
	INSERT INTO message_kind VALUES (new.message_id, new.object_id, new.confidence, new.sender_id,
		new.receiver_id);
	INSERT INTO message_row VALUES (new.message_id, new.message_id, new.recv_op,
		coalesce(new.recv_op, 0) - new.send_op, new.bytes, new.in_send_ns, new.in_object_ns,
		new.in_runq_ns, new.recv_op - new.wait_op);
END;

CREATE TRIGGER message_delete INSTEAD OF DELETE ON message BEGIN
	DELETE FROM message_row WHERE message_id = old.message_id;
	DELETE FROM message_kind WHERE kind_id = old.message_id;
END;
