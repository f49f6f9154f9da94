-- Pairs of recorded processes that take turns, each asleep until the other sends, on two CPUs: nearly every
-- message woke its receiver, on another CPU than the sender's. It must be that waking which takes the time:
-- most of the transits, and a good part of the time in which they talk at all. Where receivers have no CPU
-- for long findings_runq.sql says so, and where those that were woken on the same CPU were no sooner there the
-- crossing is not what it costs. The two ways go over one object, or over one each that goes one way only.
-- Counts are of both ways, and times of the slower one. Columns: see findings.c; wake-ups that crossed,
-- messages, the object of the way back, median transit, of that the time until the receiver ran, wake-ups on
-- the same CPU, their median transit. Parameters: many_wakeups, turns_percent, transit_percent, transit_ns,
-- late_ns, held_percent, many_paired.
WITH way AS (
	SELECT e.object_id, e.sender_id, e.receiver_id, e.mechanism, e.object, e.sender_pid, e.sender,
		e.receiver_pid, e.receiver, e.messages, e.first_ns, e.last_ns, c.wakeups, c.transit_p50_ns,
		c.transit_sum_ns, c.in_runq_p50_ns, c.in_runq_sum_ns, s.wakeups AS same,
		s.transit_p50_ns AS same_p50_ns,
		NOT EXISTS (SELECT 1 FROM whole_edges x WHERE x.object_id = e.object_id
			AND (x.sender_id <> e.sender_id OR x.receiver_id <> e.receiver_id)) AS alone
	FROM wakeups c
		JOIN whole_edges e ON e.object_id = c.object_id AND e.sender_id = c.sender_id
			AND e.receiver_id = c.receiver_id AND e.kind <> 'shared'
		LEFT JOIN wakeups s ON s.object_id = c.object_id AND s.sender_id = c.sender_id
			AND s.receiver_id = c.receiver_id AND NOT s.crossed AND s.wakeups >= :many_paired
	WHERE c.crossed AND c.wakeups >= :many_wakeups AND c.sender_id <> c.receiver_id
		AND c.wakeups * 100.0 >= e.messages * :turns_percent AND e.ambiguous * 2 <= e.messages
		AND c.in_runq_p50_ns < :late_ns
		AND c.in_runq_sum_ns * 100.0 >= c.transit_sum_ns * :transit_percent
		AND coalesce(s.transit_p50_ns < c.transit_p50_ns, 1)
), lane AS (
	SELECT *, count(*) OVER (PARTITION BY sender_id, receiver_id, alone) AS lanes FROM way
)
SELECT min(a.in_runq_sum_ns + b.in_runq_sum_ns, max(a.last_ns, b.last_ns) - min(a.first_ns, b.first_ns))
		AS weight_ns, a.mechanism, a.object, a.object_id,
	a.sender_pid, a.sender, 1, a.receiver_pid, a.receiver, 1, a.sender_id, a.receiver_id,
	count(*) OVER () - 1, a.wakeups + b.wakeups, a.messages + b.messages, b.object_id,
	a.transit_p50_ns, a.in_runq_p50_ns, coalesce(a.same, 0), a.same_p50_ns
FROM lane a JOIN lane b ON b.sender_id = a.receiver_id AND b.receiver_id = a.sender_id
	AND (b.object_id = a.object_id OR (a.alone AND b.alone AND a.lanes = 1 AND b.lanes = 1))
	AND (a.transit_p50_ns > b.transit_p50_ns
		OR (a.transit_p50_ns = b.transit_p50_ns AND a.sender_id < b.sender_id))
WHERE min(a.messages, b.messages) * 100.0 >= max(a.messages, b.messages) * :turns_percent
	AND a.in_runq_sum_ns + b.in_runq_sum_ns >= :transit_ns
	AND (a.in_runq_sum_ns + b.in_runq_sum_ns) * 100.0
		>= (max(a.last_ns, b.last_ns) - min(a.first_ns, b.first_ns)) * :held_percent
ORDER BY weight_ns DESC, a.object_id, a.sender_id
LIMIT 1;
