-- Pairs of processes with one pipe each way, both used over the same time and by nobody else. Columns: see
-- findings.c; messages one way and back, the object of the way back. Parameter: both_ways.
WITH private AS (
	SELECT object_id FROM whole_edges
	WHERE mechanism = 'pipe' AND kind = 'data'
	GROUP BY object_id HAVING count(*) = 1
), lane AS (
	SELECT e.*, count(*) OVER (PARTITION BY sender_id, receiver_id) AS lanes
	FROM edges e
	WHERE mechanism = 'pipe' AND kind = 'data' AND sender_id <> receiver_id
		AND transit_sum_ns IS NOT NULL AND inferred = 0 AND messages >= :both_ways
		AND object_id IN private
)
SELECT 0, a.mechanism, a.object, a.object_id, a.sender_pid, a.sender, 1, a.receiver_pid, a.receiver, 1,
	a.sender_id, a.receiver_id, count(*) OVER () - 1, a.messages, b.messages, b.object_id
FROM lane a JOIN lane b ON b.sender_id = a.receiver_id AND b.receiver_id = a.sender_id
	AND b.object_id > a.object_id AND a.first_ns < b.last_ns AND b.first_ns < a.last_ns
WHERE a.lanes = 1 AND b.lanes = 1
ORDER BY a.messages + b.messages DESC, a.object_id
LIMIT 1;
