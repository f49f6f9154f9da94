-- Directions of objects most of whose receives were not to wait and found nothing. What they cost is an
-- estimate: the mean time that a receive spends on a CPU. Columns: see findings.c; receives that found
-- nothing, all receives. Parameters: many_idle, empty_percent.
WITH cost AS (
	SELECT mechanism, 1.0 * sum(running_sum_ns) / sum(count) AS recv_ns
	FROM whole_latency WHERE role = 'recv' GROUP BY mechanism
)
SELECT CAST(coalesce(p.empty_refusals * c.recv_ns, 0) AS INTEGER) AS weight_ns, p.mechanism, p.object, p.object_id,
	p.sender_pid, p.sender, 1, p.receiver_pid, p.receiver, 1, p.sender_id, p.receiver_id,
	count(*) OVER () - 1, p.empty_refusals, p.recvs
FROM pressure p LEFT JOIN cost c ON c.mechanism = p.mechanism
WHERE p.empty_refusals >= :many_idle AND p.empty_refusals * 100 >= p.recvs * :empty_percent
ORDER BY weight_ns DESC, p.empty_refusals DESC, p.object_id, p.direction
LIMIT 1;
