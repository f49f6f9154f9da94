-- Makes a trace file one of format 2, without its views: what format 3 added is dropped.
DROP TABLE sleep;
DROP TABLE ready_object;
DROP TABLE edge_part;
DROP TABLE call_part;
DROP TABLE depth_bin;
DROP TABLE pressure_sum;
DROP TABLE edge_wakeup;
DROP TABLE process_cgroup;
ALTER TABLE process DROP COLUMN cpu_ns;
ALTER TABLE message DROP COLUMN in_send_ns;
ALTER TABLE message DROP COLUMN in_object_ns;
ALTER TABLE message DROP COLUMN in_runq_ns;
ALTER TABLE message DROP COLUMN wait_op;
ALTER TABLE edge DROP COLUMN exact_bytes;
ALTER TABLE edge DROP COLUMN inferred_bytes;
ALTER TABLE call_stat DROP COLUMN timeouts;
PRAGMA user_version = 2;
