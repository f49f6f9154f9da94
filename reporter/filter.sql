-- What `report --filter` keeps. Every public view of the temp schema was renamed to whole_NAME; here it
-- comes back under its own name with the rows that the filter leaves. Before this, filter.c filled
--	filter_term(key, value)     mechanism, process, cgroup, object: a row for each that is wanted
--	filter_span(from_ns, to_ns, least_ns)   one row; NULL: not asked for
-- Rows are kept as they are where the filter takes or leaves a message, or a call, as a whole group.
-- A span or a least latency cuts such groups: then filter_cut.sql counts anew, after this.

CREATE TEMP TABLE filter_object (object_id INTEGER PRIMARY KEY);
INSERT INTO filter_object
SELECT object_id FROM whole_objects o
WHERE (NOT EXISTS (SELECT 1 FROM filter_term WHERE key = 'mechanism')
		OR mechanism IN (SELECT value FROM filter_term WHERE key = 'mechanism'))
	AND (NOT EXISTS (SELECT 1 FROM filter_term WHERE key = 'object')
		OR EXISTS (SELECT 1 FROM filter_term WHERE key = 'object'
			AND (o.name = value OR o.name GLOB value OR '#' || o.object_id = value)));

CREATE TEMP TABLE filter_process (process_id INTEGER PRIMARY KEY);
INSERT INTO filter_process
SELECT process_id FROM whole_processes p
WHERE (NOT EXISTS (SELECT 1 FROM filter_term WHERE key = 'process')
		OR EXISTS (SELECT 1 FROM filter_term WHERE key = 'process'
			AND (p.comm = value OR p.comm GLOB value OR p.exe GLOB '*/' || value
				OR p.pid || '' = value OR '#' || p.process_id = value)))
	AND (NOT EXISTS (SELECT 1 FROM filter_term WHERE key = 'cgroup')
		OR EXISTS (SELECT 1 FROM filter_term WHERE key = 'cgroup'
			AND (p.cgroup = value OR p.cgroup GLOB value)))
	AND EXISTS (SELECT 1 FROM filter_term WHERE key IN ('process', 'cgroup'));

-- Any process: none was asked for.
CREATE TEMP VIEW filter_any AS
SELECT NOT EXISTS (SELECT 1 FROM filter_term WHERE key IN ('process', 'cgroup')) AS process,
	from_ns IS NULL AND to_ns IS NULL AND least_ns IS NULL AS time, least_ns IS NULL AS latency
FROM filter_span;

-- The blocks that a span leaves anything of, for those who would else read all rows. Which of a block's
-- rows are left is not known.
CREATE TEMP TABLE filter_op_block (
	first_op_id INTEGER PRIMARY KEY, last_op_id INTEGER, ops INTEGER, first_start_ns INTEGER,
	last_start_ns INTEGER, first_end_ns INTEGER, last_end_ns INTEGER
);
INSERT INTO filter_op_block
SELECT first_op_id, last_op_id, NULL, first_start_ns, last_start_ns, first_end_ns, last_end_ns
FROM whole_op_blocks, filter_span
WHERE (from_ns IS NULL OR last_start_ns IS NULL OR last_start_ns >= from_ns)
	AND (to_ns IS NULL OR first_start_ns IS NULL OR first_start_ns < to_ns);
CREATE TEMP VIEW op_blocks AS SELECT * FROM filter_op_block;

CREATE TEMP TABLE filter_message_block (
	first_message_id INTEGER PRIMARY KEY, last_message_id INTEGER, messages INTEGER,
	first_send_op INTEGER, last_send_op INTEGER, first_recv_op INTEGER, last_recv_op INTEGER,
	transit_max_ns INTEGER
);
INSERT INTO filter_message_block
SELECT first_message_id, last_message_id, NULL, first_send_op, last_send_op, first_recv_op,
	last_recv_op, transit_max_ns
FROM filter_span CROSS JOIN whole_message_blocks m
WHERE from_ns IS NULL AND to_ns IS NULL OR transit_max_ns IS NULL
	OR EXISTS (SELECT 1 FROM filter_op_block o
		WHERE o.last_op_id >= first_send_op AND o.first_op_id <= last_send_op)
	OR EXISTS (SELECT 1 FROM filter_op_block o
		WHERE o.last_op_id >= first_recv_op AND o.first_op_id <= last_recv_op);
CREATE TEMP VIEW message_blocks AS SELECT * FROM filter_message_block;

-- A call counts where it began, and by how long it took.
CREATE TEMP VIEW ops AS
SELECT * FROM whole_ops
WHERE object_id IN (SELECT object_id FROM filter_object)
	AND ((SELECT process FROM filter_any) OR process_id IN (SELECT process_id FROM filter_process))
	AND ((SELECT from_ns FROM filter_span) IS NULL OR ts_ns >= (SELECT from_ns FROM filter_span))
	AND ((SELECT to_ns FROM filter_span) IS NULL OR ts_ns < (SELECT to_ns FROM filter_span))
	AND ((SELECT least_ns FROM filter_span) IS NULL OR dur_ns >= (SELECT least_ns FROM filter_span));

-- A message where it was sent, and by its transit.
CREATE TEMP VIEW messages AS
SELECT * FROM whole_messages
WHERE object_id IN (SELECT object_id FROM filter_object)
	AND ((SELECT process FROM filter_any) OR sender_id IN (SELECT process_id FROM filter_process)
		OR receiver_id IN (SELECT process_id FROM filter_process))
	AND ((SELECT from_ns FROM filter_span) IS NULL OR sent_ns >= (SELECT from_ns FROM filter_span))
	AND ((SELECT to_ns FROM filter_span) IS NULL OR sent_ns < (SELECT to_ns FROM filter_span))
	AND ((SELECT least_ns FROM filter_span) IS NULL
		OR transit_ns >= (SELECT least_ns FROM filter_span));

CREATE TEMP VIEW edges AS
SELECT * FROM whole_edges
WHERE object_id IN (SELECT object_id FROM filter_object)
	AND ((SELECT process FROM filter_any) OR sender_id IN (SELECT process_id FROM filter_process)
		OR receiver_id IN (SELECT process_id FROM filter_process));

-- Of memory that a process maps, what the others do with it matters as well. A latency has none of it.
CREATE TEMP VIEW mappings AS
SELECT * FROM whole_mappings
WHERE object_id IN (SELECT object_id FROM filter_object)
	AND ((SELECT process FROM filter_any) OR object_id IN (SELECT object_id FROM whole_mappings
		WHERE process_id IN (SELECT process_id FROM filter_process)))
	AND ((SELECT from_ns FROM filter_span) IS NULL OR unmapped_ns IS NULL
		OR unmapped_ns >= (SELECT from_ns FROM filter_span))
	AND ((SELECT to_ns FROM filter_span) IS NULL
		OR coalesce(mapped_ns, 0) < (SELECT to_ns FROM filter_span))
	AND (SELECT latency FROM filter_any);

-- Nobody knows when a page was touched.
CREATE TEMP VIEW touches AS
SELECT * FROM whole_touches
WHERE object_id IN (SELECT object_id FROM filter_object)
	AND (((SELECT process FROM filter_any) AND (SELECT time FROM filter_any))
		OR (object_id, process_id) IN (SELECT object_id, process_id FROM mappings));

CREATE TEMP VIEW passed_fds AS
SELECT * FROM whole_passed_fds
WHERE (carrier_id IN (SELECT object_id FROM filter_object)
		OR object_id IN (SELECT object_id FROM filter_object))
	AND ((SELECT process FROM filter_any) OR sender_id IN (SELECT process_id FROM filter_process)
		OR receiver_id IN (SELECT process_id FROM filter_process))
	AND ((SELECT from_ns FROM filter_span) IS NULL OR sent_ns >= (SELECT from_ns FROM filter_span))
	AND ((SELECT to_ns FROM filter_span) IS NULL OR sent_ns < (SELECT to_ns FROM filter_span))
	AND ((SELECT least_ns FROM filter_span) IS NULL
		OR received_ns - sent_ns >= (SELECT least_ns FROM filter_span));

-- A wait can be on another object than the one that was ready.
CREATE TEMP VIEW ready AS
SELECT * FROM whole_ready
WHERE object_id IN (SELECT object_id FROM filter_object)
	AND (((SELECT process FROM filter_any) AND (SELECT time FROM filter_any))
		OR EXISTS (SELECT 1 FROM whole_ops o WHERE o.op_id = whole_ready.op_id
			AND ((SELECT process FROM filter_any)
				OR o.process_id IN (SELECT process_id FROM filter_process))
			AND ((SELECT from_ns FROM filter_span) IS NULL
				OR o.ts_ns >= (SELECT from_ns FROM filter_span))
			AND ((SELECT to_ns FROM filter_span) IS NULL
				OR o.ts_ns < (SELECT to_ns FROM filter_span))
			AND ((SELECT least_ns FROM filter_span) IS NULL
				OR o.dur_ns >= (SELECT least_ns FROM filter_span))));

-- The calls that are left, from which `latency` comes.
CREATE TEMP TABLE filter_call (
	object_id INTEGER, process_id INTEGER, mechanism TEXT, role TEXT, syscall TEXT, count INTEGER,
	errors INTEGER, bytes INTEGER, blocked_ns INTEGER, timeouts INTEGER, dur_hist BLOB,
	running_hist BLOB, waiting_hist BLOB, runnable_hist BLOB,
	dur_sum_ns INTEGER, running_sum_ns INTEGER, waiting_sum_ns INTEGER, runnable_sum_ns INTEGER,
	dur_max_ns INTEGER, running_max_ns INTEGER, waiting_max_ns INTEGER, runnable_max_ns INTEGER
);
INSERT INTO filter_call
SELECT object_id, process_id, mechanism, role, syscall, count(*),
	count(error) FILTER (WHERE finished), coalesce(sum(bytes) FILTER (WHERE finished), 0),
	sum(blocked_ns), count(*) FILTER (WHERE ready = 0 AND error IS NULL AND finished),
	ipct_hist(dur_ns) FILTER (WHERE finished), ipct_hist(running_ns) FILTER (WHERE finished),
	ipct_hist(waiting_ns) FILTER (WHERE finished), ipct_hist(runnable_ns) FILTER (WHERE finished),
	sum(dur_ns) FILTER (WHERE finished), sum(max(running_ns, 0)) FILTER (WHERE finished),
	sum(waiting_ns) FILTER (WHERE finished), sum(runnable_ns) FILTER (WHERE finished),
	max(dur_ns) FILTER (WHERE finished), max(max(running_ns, 0)) FILTER (WHERE finished),
	max(waiting_ns) FILTER (WHERE finished), max(runnable_ns) FILTER (WHERE finished)
FROM op_blocks b CROSS JOIN ops o ON o.op_id BETWEEN b.first_op_id AND b.last_op_id
GROUP BY object_id, process_id, role, syscall;

CREATE TEMP TABLE filter_latency (
	mechanism TEXT, role TEXT, syscall TEXT, count INTEGER, errors INTEGER, bytes INTEGER,
	dur_p50_ns INTEGER, dur_p90_ns INTEGER, dur_p99_ns INTEGER, dur_max_ns INTEGER,
	blocked_ns INTEGER, dur_sum_ns INTEGER, dur_hist BLOB, timeouts INTEGER,
	running_sum_ns INTEGER, running_p50_ns INTEGER, running_p90_ns INTEGER, running_p99_ns INTEGER,
	running_max_ns INTEGER, waiting_sum_ns INTEGER, waiting_p50_ns INTEGER, waiting_p90_ns INTEGER,
	waiting_p99_ns INTEGER, waiting_max_ns INTEGER, runnable_sum_ns INTEGER,
	runnable_p50_ns INTEGER, runnable_p90_ns INTEGER, runnable_p99_ns INTEGER,
	runnable_max_ns INTEGER
);
-- Files of format 2 and earlier do not know the parts.
WITH format AS (
	SELECT user_version >= 3 AS has_parts FROM pragma_user_version
), sums AS (
	SELECT mechanism, role, syscall, sum(count) AS count, sum(errors) AS errors, sum(bytes) AS bytes,
		sum(blocked_ns) AS blocked_ns, sum(timeouts) AS timeouts,
		ipct_hist_sum(dur_hist) AS dur, ipct_hist_sum(running_hist) AS running,
		ipct_hist_sum(waiting_hist) AS waiting, ipct_hist_sum(runnable_hist) AS runnable,
		sum(dur_sum_ns) AS dur_sum, sum(running_sum_ns) AS running_sum,
		sum(waiting_sum_ns) AS waiting_sum, sum(runnable_sum_ns) AS runnable_sum,
		max(dur_max_ns) AS dur_max, max(running_max_ns) AS running_max,
		max(waiting_max_ns) AS waiting_max, max(runnable_max_ns) AS runnable_max
	FROM filter_call
	GROUP BY mechanism, role, syscall
)
INSERT INTO filter_latency
SELECT mechanism, role, syscall, count, errors, bytes,
	ipct_hist_at(dur, 0.5), ipct_hist_at(dur, 0.9), ipct_hist_at(dur, 0.99), dur_max,
	blocked_ns, coalesce(dur_sum, 0), dur, CASE WHEN has_parts THEN timeouts END,
	CASE WHEN has_parts THEN running_sum END,
	CASE WHEN has_parts THEN ipct_hist_at(running, 0.5) END,
	CASE WHEN has_parts THEN ipct_hist_at(running, 0.9) END,
	CASE WHEN has_parts THEN ipct_hist_at(running, 0.99) END,
	CASE WHEN has_parts THEN running_max END,
	CASE WHEN has_parts THEN waiting_sum END,
	CASE WHEN has_parts THEN ipct_hist_at(waiting, 0.5) END,
	CASE WHEN has_parts THEN ipct_hist_at(waiting, 0.9) END,
	CASE WHEN has_parts THEN ipct_hist_at(waiting, 0.99) END,
	CASE WHEN has_parts THEN waiting_max END,
	CASE WHEN has_parts THEN runnable_sum END,
	CASE WHEN has_parts THEN ipct_hist_at(runnable, 0.5) END,
	CASE WHEN has_parts THEN ipct_hist_at(runnable, 0.9) END,
	CASE WHEN has_parts THEN ipct_hist_at(runnable, 0.99) END,
	CASE WHEN has_parts THEN runnable_max END
FROM sums, format;

CREATE TEMP VIEW latency AS SELECT * FROM filter_latency;
