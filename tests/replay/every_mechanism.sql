-- A recording in which every mechanism was used, made up: rows for trace_file.bash and trace.mjs, behind
-- their name tables. 20 senders write to 20 receivers over 400 sockets; a server and four clients
-- use the rest. There are ends outside the recording, hostile names, objects left behind, passed
-- fds, and a ledger with a loss.
INSERT OR REPLACE INTO mechanism VALUES
	(1, 'pipe', 'Pipe', 'pipe', 'writer', 'reader'),
	(2, 'fifo', 'FIFO', 'pipe', 'writer', 'reader'),
	(3, 'posix_mq', 'POSIX message queue', 'queue', 'sender', 'receiver'),
	(4, 'sysv_mq', 'System V message queue', 'queue', 'sender', 'receiver'),
	(5, 'sysv_shm', 'System V shared memory', 'shm', 'mapper', 'mapper'),
	(6, 'posix_shm', 'POSIX shared memory', 'shm', 'mapper', 'mapper'),
	(7, 'memfd', 'Anonymous memory file', 'shm', 'mapper', 'mapper'),
	(8, 'mmap_file', 'Shared file mapping', 'mmap', 'mapper', 'mapper'),
	(9, 'mmap_anon', 'Shared anonymous mapping', 'mmap', 'mapper', 'mapper'),
	(10, 'unix_stream', 'UNIX stream socket', 'socket', 'sender', 'receiver'),
	(11, 'unix_dgram', 'UNIX datagram socket', 'socket', 'sender', 'receiver'),
	(12, 'unix_seqpacket', 'UNIX sequenced packet socket', 'socket', 'sender', 'receiver'),
	(13, 'tcp', 'TCP connection', 'socket', 'sender', 'receiver'),
	(14, 'udp', 'UDP socket', 'socket', 'sender', 'receiver'),
	(15, 'eventfd', 'eventfd', 'sync', 'waker', 'waiter'),
	(16, 'signal', 'Signal', 'sync', 'sender', 'receiver'),
	(17, 'futex', 'Futex in shared memory', 'sync', 'waker', 'waiter'),
	(18, 'sysv_sem', 'System V semaphore', 'sync', 'waker', 'waiter'),
	(19, 'pty', 'Pseudo-terminal', 'pty', 'writer', 'reader'),
	(20, 'process_vm', 'Memory of another process', 'process_vm', 'source', 'destination');
INSERT OR REPLACE INTO syscall VALUES (1, 'read'), (2, 'write'), (3, 'close'), (4, 'openat'),
	(5, 'mq_timedsend'), (6, 'mq_timedreceive'), (7, 'msgsnd'), (8, 'msgrcv'), (9, 'shmget'),
	(10, 'shmat'), (11, 'mmap'), (12, 'munmap'), (13, 'memfd_create'), (14, 'sendto'),
	(15, 'recvfrom'), (16, 'sendmsg'), (17, 'recvmsg'), (18, 'connect'), (19, 'accept4'),
	(20, 'futex'), (21, 'semop'), (22, 'kill'), (23, 'signal_deliver'), (24, 'process_vm_readv'),
	(25, 'socketpair');
INSERT OR REPLACE INTO role VALUES (1, 'send'), (2, 'recv'), (3, 'close'), (4, 'open'), (5, 'create'),
	(6, 'map'), (7, 'unmap'), (8, 'wake'), (9, 'wait'), (10, 'control');
INSERT INTO meta VALUES
	('version', '0.1.0'), ('command', './everything --clients 4'), ('cwd', '/home/alice'),
	('host', 'buildhost'), ('kernel', '6.12.9-amd64'), ('arch', 'x86_64'), ('cpus', 8),
	('user', 'alice'), ('start_realtime_ns', 1767225599000000000), ('start_monotonic_ns', 5),
	('duration_ns', 3210000000), ('exit_status', 0), ('ended', 'program'),
	('mechanisms', 'pipe,fifo,posix_mq,sysv_mq,sysv_shm,posix_shm,memfd,mmap_file,mmap_anon,'
		|| 'unix_stream,unix_dgram,unix_seqpacket,tcp,udp,eventfd,signal,futex,sysv_sem,pty,process_vm'),
	('io_uring_setups', 2), ('not_traceable', 'sysv_mq,sysv_sem'),
	('not_traceable_why', 'the kernel has no BTF of struct ipc_namespace' || char(10)
		|| '<i>a second</i> ' || char(27) || '[31mreason'), ('complete', 1);

-- Processes: 1 the program, 2 the server, 3 to 6 clients, 7 hostile, 8 a terminal's shell, 11 to 30
-- senders, 31 to 50 receivers; outside: a database, and two that nobody knows.
INSERT INTO process VALUES
	(1, 1000, NULL, 900, 'everything', '/usr/bin/everything', './everything --clients 4', 0,
		3210000000, 0, 1, NULL),
	(2, 1001, 1, 1000, 'server', '/usr/bin/everything', 'server', 1000000, 3200000000, 0, 1, NULL),
	(7, 1006, 1, 1000, '</script>' || char(27) || '[2J', NULL, '<b>x</b>' || char(10), 3000000, NULL,
		NULL, 1, NULL),
	(8, 1007, 1, 1000, 'bash', '/bin/bash', 'bash -i', 4000000, 3100000000, 9, 1, NULL),
	(1000000000, 77, NULL, NULL, 'postgres', NULL, NULL, NULL, NULL, NULL, 0, NULL),
	(1000000001, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL),
	(1000000002, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL);
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
INSERT INTO process SELECT 3 + i, 1002 + i, 1, 1000, 'client', '/usr/bin/everything', 'client ' || i,
	2000000 + i, 3100000000, 0, 1, NULL FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
INSERT INTO process SELECT 11 + i, 1010 + i, 1, 1000, CASE WHEN i < 20 THEN 'sender' ELSE 'receiver' END,
	'/usr/bin/everything', CASE WHEN i < 20 THEN 'sender' ELSE 'receiver' END, 5000000 + i, 3000000000,
	0, 1, NULL FROM n;

-- What several edges took: number, sum, p50, p90, p99, maximum and histogram of their times.
CREATE TEMP TABLE shape (shape, n, total, p50, p90, p99, most, hist);
INSERT INTO shape VALUES
(0, 7, 17727, 2283, 3900, 3900, 3900,
	x'0107bf8a01bc1ed70401320104010101010130013401'),
(1, 41, 390353, 9873, 15114, 21242, 21242,
	x'0129d1e917faa501cd05011e0106010301110129010601070107010801020102010a01060102010c0103011601040107010a01040101020401010107020201010106010101010103010701170115011301020106011e01'),
(2, 101, 3656994, 34633, 63914, 90339, 100240,
	x'0165a29adf01908f06c9060105013c0105010601090118010c0101010901090101010502130101010e01060107010501030104010701030102010801080101010101010101010501040105010d01010104020201030106010701020104010d020401010207040301040202010102020101010401050102010201010101010101010304020201020102010a010701020102010701030201010301060102010801040103011001030101010b01030202010b01010117011301'),
(3, 211, 24381214, 91629, 232149, 460288, 573951,
	x'01d3019e8ed00bff8323c2070106010d01260108010601070108010d0101010202080103010c01080108010c0105010101030102010401040107010a0108010301040101020101030206010601010101010401020103010101030201010201010102010201090103020601050204020401020201010401020205010601030102010a01020105010101010104020201010204010201010201020301030101010202010202020102030202020202050104010301010101010101020103010101010101010401020103010301020303010101010204010101060101010301030103010201070101010601090101020302010101020202020102010202020101010101010101020101010203010201020201010101010103010402020101020101020301010302020101010501010107010a010601020201010b010301040104010202010101010501050105010401080102010801020101010701060115012b01010124010801'),
(4, 13, 5757871, 416111, 666380, 752040, 752040,
	x'010dafb7df02a8f32dc90b01110112012a011a010a0111011b011e01080108010e011501');


-- object, mechanism, name, kernel id, capacity, creator, left behind, peer
CREATE TEMP TABLE thing (object, mechanism, name, kernel_id, capacity, creator, left_behind, peer);
INSERT INTO thing VALUES
	(1, 1, 'pipe:[4711]', 4711, 65536, 1, 0, NULL),
	(2, 2, '/run/everything/log,"1"' || char(9), 4712, 65536, 2, 0, NULL),
	(3, 3, '/jobs', 4713, 81920, 2, 1, NULL),
	(4, 4, 'key 0x00001234', 32768, 16384, 2, 0, NULL),
	(5, 5, 'key 0x00005678', 65537, 1048576, 2, 1, NULL),
	(6, 6, '/dev/shm/ring', 4716, 4194304, 2, 0, NULL),
	(7, 7, 'memfd:frames', 4717, 8294400, 3, 0, NULL),
	(8, 8, '/var/lib/everything/index.db', 4718, 33554432, NULL, 0, NULL),
	(9, 9, 'mmap_anon:[4719]', 4719, 65536, 1, 0, NULL),
	(10, 10, '/run/everything.sock', 4720, 212992, 2, 0, NULL),
	(11, 11, '@everything/log', 4721, 212992, 2, 0, NULL),
	(12, 12, 'unix_seqpacket:[4722]', 4722, 212992, 1, 0, NULL),
	(13, 13, '127.0.0.1:40022 → 127.0.0.1:5432', 4723, 131072, 3, 0, NULL),
	(14, 14, '[::1]:50514 → [::1]:514', 4724, 212992, 2, 0, NULL),
	(15, 15, 'eventfd:[4725]', 4725, NULL, 1, 0, NULL),
	(16, 16, 'client[1002]', 1002, NULL, NULL, 0, NULL),
	(17, 17, '/dev/shm/ring+0x40', NULL, NULL, NULL, 0, NULL),
	(18, 18, 'id 3', 3, NULL, 2, 1, NULL),
	(19, 19, '/dev/pts/4', 4729, 4096, 1, 0, NULL),
	(20, 20, 'server[1001]', 1001, NULL, NULL, 0, NULL),
	(21, 13, '198.51.100.7:51234 → 192.0.2.1:443', 4731, 131072, 2, 0, '192.0.2.1:443'),
	(22, 10, '/run/postgresql/.s.PGSQL.5432', 4732, 212992, 3, 0, NULL),
	(23, 7, 'memfd:<img src=x onerror=window.pwned=1>', 4733, 4096, 7, 0, NULL),
	(24, 1, NULL, NULL, 65536, NULL, 0, NULL);
INSERT INTO object
SELECT object, mechanism, name, kernel_id, 1, CASE WHEN creator IS NULL THEN NULL ELSE 1000000 + object END,
	CASE WHEN left_behind THEN NULL ELSE 3000000000 + object END, capacity, 0, 0, 0, 0, 0, 0, 2,
	object IN (21, 22, 24), left_behind, creator, peer
FROM thing;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 399)
INSERT INTO object SELECT 100 + i, 10, 'unix_stream:[' || (5000 + i) || ']', 5000 + i, 1, 6000000, 2900000000,
	212992, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, NULL FROM n;

-- object, from, to, kind, bytes of a message, shape, how many of its messages are ambiguous
CREATE TEMP TABLE talk (object, sender, receiver, kind, size, shape, ambiguous);
INSERT INTO talk VALUES
	(1, 2, 1, 'data', 4096, 3, 2), (2, 3, 2, 'data', 113, 1, 0), (2, 4, 2, 'data', 113, 1, 5),
	(3, 3, 2, 'data', 256, 2, 0), (3, 4, 2, 'data', 256, 2, 0), (4, 2, 5, 'data', 128, 1, 0),
	(10, 3, 2, 'data', 1021, 3, 0), (10, 2, 3, 'data', 17, 3, 0), (11, 6, 2, 'data', 70, 0, 0),
	(12, 1, 2, 'data', 331, 1, 0), (13, 3, 4, 'data', 8192, 3, 0), (13, 4, 3, 'data', 64, 3, 0),
	(14, 5, 2, 'data', 512, 2, 0), (19, 8, 1, 'data', 11, 1, 0), (19, 1, 8, 'data', 3, 1, 0),
	(20, 2, 6, 'data', 65536, 0, 0), (1, 7, 7, 'data', 13, 0, 0),
	(15, 3, 2, 'sync', 1, 3, 0), (15, 4, 2, 'sync', 3, 2, 0), (16, 2, 3, 'sync', 0, 0, 0),
	(17, 2, 3, 'sync', 0, 3, 0), (17, 3, 2, 'sync', 0, 3, 0), (17, 2, 4, 'sync', 0, 1, 1),
	(18, 5, 6, 'sync', 0, 4, 0), (18, 6, 5, 'sync', 0, 4, 0);
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 399)
INSERT INTO talk SELECT 100 + i, 11 + i / 20, 31 + i % 20, 'data', 101, i % 5, 0 FROM n;
INSERT INTO edge
SELECT object, sender, receiver, kind, n, n * size, n - ambiguous, 0, ambiguous, total, p50, p90, p99,
	most, 10000000 + object, 2900000000 + object, hist, (n - ambiguous) * size, 0
FROM talk JOIN shape USING (shape);
-- Ends outside: calls are counted, nothing is timed.
INSERT INTO edge VALUES
	(21, 2, 1000000001, 'data', 31, 31744, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 20000000, 90000000, NULL, 0, 0),
	(21, 1000000001, 2, 'data', 29, 290816, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 20000000, 91000000, NULL, 0, 0),
	(22, 5, 1000000000, 'data', 3, 300, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 30000000, 31000000, NULL, 0, 0),
	(24, 1000000002, 8, 'data', 2, 20, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 30000000, 31000000, NULL, 0, 0),
	(16, 1000000000, 3, 'sync', 2, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 40000000, 41000000, NULL, 0, 0);

-- mapping, object, process, length, protection, from, until, how
INSERT INTO mapping VALUES
	(1, 5, 2, 140000000000000, 1048576, 0, 'rw-', 1100000, 3190000000, 'shmat'),
	(2, 5, 3, 140000000000000, 1048576, 0, 'r--', 2100000, NULL, 'shmat'),
	(3, 5, 4, 140000000000000, 1048576, 0, 'r--', 2200000, 2900000000, 'shmat'),
	(4, 6, 2, 140100000000000, 4194304, 0, 'rw-', 1200000, NULL, 'mmap'),
	(5, 6, 3, 140100000000000, 4194304, 0, 'rw-', 2300000, 3000000000, 'mmap'),
	(6, 6, 4, 140100000000000, 2097152, 2097152, 'r--', 2300000, 2500000000, 'mmap'),
	(7, 7, 3, 140200000000000, 8294400, 0, 'rw-', 2400000, NULL, 'mmap'),
	(8, 7, 2, 140200000000000, 8294400, 0, 'r--', 2600000, NULL, 'mmap'),
	(9, 8, 5, 140300000000000, 16777216, 16777216, 'rw-', 3000000, 3050000000, 'mmap'),
	(10, 8, 6, 140300000000000, 33554432, 0, 'r--', NULL, NULL, 'mmap'),
	(11, 9, 1, 140400000000000, 65536, 0, 'rw-', 500000, NULL, 'mmap'),
	(12, 23, 7, 140500000000000, 4096, 0, 'rwx', 3100000, NULL, 'mremap');
INSERT INTO mapping SELECT process_id + 20, 9, process_id, 140400000000000, 65536, 0, 'rw-', start_ns, NULL,
	'fork' FROM process WHERE process_id BETWEEN 11 AND 50;
INSERT INTO touch VALUES
	(5, 2, 0, 256), (5, 3, 256, 0), (5, 4, 131, 0), (6, 2, 17, 1024), (6, 3, 0, 7), (7, 3, 0, 2025),
	(7, 2, 2025, 0), (8, 5, 11, 5), (8, 6, 8192, 0), (9, 1, 0, 16), (23, 7, 0, 1);
INSERT INTO touch SELECT 9, process_id, 1, process_id % 3 FROM process WHERE process_id BETWEEN 11 AND 50;
INSERT INTO edge
SELECT DISTINCT a.object_id, a.process_id, b.process_id, 'shared', 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL,
	NULL, NULL, NULL, 0, 0
FROM mapping a JOIN mapping b ON b.object_id = a.object_id AND b.process_id > a.process_id;

INSERT INTO passing VALUES
	(1, 10, 7, NULL, 2500000, 2550000, 3, 2, 9, 14), (2, 10, NULL, '/etc/passwd', 2600000, 2650000, 3, 2, 10, 15),
	(3, 22, 6, NULL, 2700000, NULL, 5, 1000000000, 4, NULL),
	(4, 12, NULL, '<b>socket</b>' || char(27) || '[31m', 2800000, 2900000, 1, 2, 3, 5);

UPDATE object SET
	sends = coalesce((SELECT sum(messages) FROM edge e WHERE e.object_id = object.object_id
		AND kind = 'data' AND sender_id < 1000000000), 0),
	sent_bytes = coalesce((SELECT sum(bytes) FROM edge e WHERE e.object_id = object.object_id
		AND sender_id < 1000000000), 0),
	recvs = coalesce((SELECT sum(messages) FROM edge e WHERE e.object_id = object.object_id
		AND kind = 'data' AND receiver_id < 1000000000), 0),
	received_bytes = coalesce((SELECT sum(bytes) FROM edge e WHERE e.object_id = object.object_id
		AND receiver_id < 1000000000), 0),
	messages = coalesce((SELECT sum(messages) FROM edge e WHERE e.object_id = object.object_id
		AND transit_sum_ns IS NOT NULL), 0),
	paired_bytes = coalesce((SELECT sum(bytes) FROM edge e WHERE e.object_id = object.object_id
		AND transit_sum_ns IS NOT NULL), 0),
	processes = (SELECT count(DISTINCT p) FROM (SELECT object_id AS o, sender_id AS p FROM edge
		UNION ALL SELECT object_id, receiver_id FROM edge UNION ALL SELECT object_id, process_id
		FROM mapping) WHERE o = object.object_id);
-- Two datagrams that nobody received, and a shared object that was also written to as a file.
UPDATE object SET sends = sends + 2, sent_bytes = sent_bytes + 1024 WHERE object_id = 14;
UPDATE object SET sends = 1, sent_bytes = 100 WHERE object_id = 6;
UPDATE object SET received_bytes = 0 WHERE object_id = 20;
-- A queue that was removed with something in it, and what was open at the end.
UPDATE object SET sent_bytes = sent_bytes + 128, sends = sends + 1 WHERE object_id = 4;
UPDATE object SET closed_ns = NULL WHERE object_id IN (10, 19);

INSERT INTO call_stat
SELECT mechanism_id, role, call, n, CASE WHEN call = 2 THEN 3 ELSE 0 END, n * 71, total, p50, p90, p99, most,
	total / 3, hist, 0
FROM mechanism JOIN shape ON shape = mechanism_id % 5
	JOIN (SELECT 1 AS role, 'data' AS kind, 14 AS call UNION SELECT 2, 'data', 15 UNION SELECT 8, 'sync', 20
		UNION SELECT 9, 'sync', 20 UNION SELECT 6, 'shared', 11 UNION SELECT 7, 'shared', 12
		UNION SELECT 3, 'data', 3) ON kind = CASE WHEN family = 'sync' THEN 'sync'
		WHEN family IN ('shm', 'mmap') THEN 'shared' ELSE 'data' END;
INSERT INTO op VALUES
	(1, 2500000, 90000, 80000, 3, 1002, 5, 1, 3, 4, 256, 256, NULL, 1, 7),
	(2, 2510000, 90000, 80000, 2, 1001, 6, 2, 3, 5, 8192, 256, NULL, 1, 7),
	(3, 2600000, 41000, 0, 6, 1005, 24, 2, 20, NULL, 65536, 65536, NULL, 1, NULL),
	(4, 2700000, 12000, 0, 2, 1001, 22, 8, 16, NULL, NULL, NULL, NULL, 1, 10),
	(5, 3000000, 3200000000, 3199000000, 5, 1004, 21, 9, 18, NULL, NULL, NULL, NULL, 0, 0);
INSERT INTO message VALUES (1, 3, 1, 2, 256, 0, NULL, NULL, 0, 0, 0, NULL), (2, 20, NULL, 3, 65536, 0, 2, NULL, 0, 0, 0, NULL),
	(3, 14, NULL, NULL, 512, 0, NULL, NULL, 0, 0, 0, NULL);
INSERT INTO ledger_entry SELECT name, 'stored', 1009 + mechanism_id, 1009 + mechanism_id, 0 FROM mechanism;
UPDATE ledger_entry SET seen = 0, stored = 0 WHERE mechanism IN ('sysv_mq', 'sysv_sem');
INSERT INTO ledger_entry VALUES ('tcp', 'ring_full', 17, 0, 17);
DROP TABLE talk; DROP TABLE thing; DROP TABLE shape;
