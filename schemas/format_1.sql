-- Lets a trace file of format 1 be read like one of format 2: what format 2 added stands before its
-- tables as temporary views. format_2.sql comes after it.

CREATE TEMP VIEW op_kind AS
SELECT op_id AS kind_id, process_id, tid, syscall_id, role_id, object_id, fd, requested, errno_id,
	NULL AS key
FROM main.op;

CREATE TEMP VIEW object AS
SELECT object_id, mechanism_id, name, kernel_id, device, created_ns, closed_ns, capacity, sends,
	sent_bytes, recvs, received_bytes, messages, paired_bytes, processes, outside,
	0 AS left_behind, NULL AS creator_id, NULL AS peer
FROM main.object;

CREATE TEMP VIEW message_kind AS
SELECT message_id AS kind_id, object_id, confidence, NULL AS sender_id, NULL AS receiver_id
FROM main.message;

CREATE TEMP VIEW mapping AS
SELECT 0 AS mapping_id, 0 AS object_id, 0 AS process_id, 0 AS address, 0 AS length,
	0 AS file_offset, '' AS protection, 0 AS mapped_ns, 0 AS unmapped_ns, '' AS how
WHERE 0;

CREATE TEMP VIEW touch AS
SELECT 0 AS object_id, 0 AS process_id, 0 AS reads, 0 AS writes WHERE 0;

CREATE TEMP VIEW passing AS
SELECT 0 AS passing_id, 0 AS carrier_id, 0 AS object_id, '' AS what, 0 AS sent_ns,
	0 AS received_ns, 0 AS sender_id, 0 AS receiver_id, 0 AS sender_fd, 0 AS receiver_fd
WHERE 0;
