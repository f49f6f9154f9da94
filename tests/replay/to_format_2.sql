-- Makes a trace file one of format 2, without its views: what format 3 added is dropped, and ops and
-- messages are whole again.
CREATE TABLE op (op_id INTEGER PRIMARY KEY, ts_ns INTEGER NOT NULL, dur_ns INTEGER NOT NULL,
	blocked_ns INTEGER NOT NULL, process_id INTEGER NOT NULL, tid INTEGER NOT NULL,
	syscall_id INTEGER NOT NULL, role_id INTEGER NOT NULL, object_id INTEGER NOT NULL, fd INTEGER,
	requested INTEGER, bytes INTEGER, errno_id INTEGER, finished INTEGER NOT NULL, key INTEGER);
INSERT INTO op SELECT op_id, ts_ns, dur_ns, blocked_ns, process_id, tid, syscall_id, role_id,
	object_id, fd, CASE requested WHEN -1 THEN bytes ELSE requested END, bytes, errno_id,
	finished, key
FROM op_row JOIN op_kind USING (kind_id);
CREATE TABLE message (message_id INTEGER PRIMARY KEY, object_id INTEGER NOT NULL, send_op INTEGER,
	recv_op INTEGER, bytes INTEGER NOT NULL, confidence INTEGER NOT NULL, sender_id INTEGER,
	receiver_id INTEGER);
INSERT INTO message SELECT message_id, object_id, coalesce(recv_op, 0) - send_distance, recv_op, bytes,
	confidence, sender_id, receiver_id
FROM message_row JOIN message_kind USING (kind_id);
DROP TABLE op_row;
DROP TABLE op_kind;
DROP TABLE message_row;
DROP TABLE message_kind;
DROP TABLE sleep_row;
DROP TABLE sleep_kind;
DROP TABLE ready_object;
DROP TABLE edge_part;
DROP TABLE call_part;
DROP TABLE depth_bin;
DROP TABLE pressure_sum;
DROP TABLE op_block;
DROP TABLE message_block;
DROP TABLE thread;
DROP TABLE edge_wakeup;
DROP TABLE process_cgroup;
DROP TABLE object_size;
ALTER TABLE process DROP COLUMN cpu_ns;
ALTER TABLE edge DROP COLUMN exact_bytes;
ALTER TABLE edge DROP COLUMN inferred_bytes;
ALTER TABLE call_stat DROP COLUMN timeouts;
PRAGMA user_version = 2;
