-- Directions of objects whose senders were held up: a sender waited for room for a noticeable share of
-- the time, was refused, or a limit of messages was reached. Those with the longest waits first. Sender
-- and receiver (pid, comm, traced; comm NULL: several), object (three columns, see cells.h), what it can
-- hold and what was the most inside, in messages if that limit is nearer; its mean fill, the shares of
-- time full and empty, refused sends, the fill over time, whether someone
-- outside has a hand in it, and how many rows there are.
-- The fill over time is 10 digits from the first op to the last one: 0 nothing, 1 to 7 how near to full,
-- 8 a sender waited for most of that time. Parameter: rows.
WITH held AS (
	SELECT *, coalesce(1.0 * max_messages / nullif(capacity_messages, 0), -1)
			>= coalesce(1.0 * max_bytes / nullif(capacity_bytes, 0), 0) AS by_messages,
		row_number() OVER (ORDER BY full_ns DESC, full_refusals DESC, max_fill DESC, object_id,
			direction) AS place,
		count(*) OVER () AS pieces
	FROM pressure
	WHERE full_share >= 0.01 OR full_refusals > 0 OR max_messages >= capacity_messages
), shown AS (
	SELECT * FROM held WHERE place <= :rows OR :rows < 0
), slot (n) AS (
	SELECT 0 UNION ALL SELECT n + 1 FROM slot WHERE n < 9
), part AS (
	SELECT object_id, direction, n, first_ns + (last_ns - first_ns) * n / 10 AS from_ns,
		first_ns + (last_ns - first_ns) * (n + 1) / 10 AS to_ns, first_ns, last_ns
	FROM shown, slot
), filled AS (
	-- a bin at an end of the time lies in it with a part only, and all that it says is of that part
	SELECT p.object_id, p.direction, p.n, p.to_ns - p.from_ns AS len_ns,
		(min(b.start_ns + b.width_ns, p.to_ns) - max(b.start_ns, p.from_ns)) * 1.0
			/ (min(b.start_ns + b.width_ns, p.last_ns) - max(b.start_ns, p.first_ns))
			* b.width_ns AS weight_ns, b.fill, b.full_share
	FROM part p JOIN depth b ON b.object_id = p.object_id AND b.direction = p.direction
		AND b.start_ns < p.to_ns AND b.start_ns + b.width_ns > p.from_ns
), level AS (
	SELECT object_id, direction, n, total(weight_ns * fill) / len_ns AS fill,
		total(weight_ns * full_share) / len_ns AS full_share
	FROM filled WHERE len_ns > 0
	GROUP BY object_id, direction, n
)
SELECT s.sender_pid, s.sender, 1, s.receiver_pid, s.receiver, 1, s.mechanism, s.object, s.object_id,
	s.by_messages, CASE WHEN s.by_messages THEN s.capacity_messages ELSE s.capacity_bytes END,
	CASE WHEN s.by_messages THEN s.max_messages ELSE s.max_bytes END, s.mean_fill, s.full_share,
	s.empty_share, s.full_refusals, s.sends, s.recvs,
	(SELECT group_concat(digit, '') FROM (
		SELECT CASE WHEN l.full_share >= 0.5 THEN 8 WHEN l.fill > 0
			THEN max(1, min(7, CAST(l.fill * 7 + 0.5 AS INTEGER))) ELSE 0 END AS digit
		FROM slot LEFT JOIN level l ON l.object_id = s.object_id AND l.direction = s.direction
			AND l.n = slot.n
		ORDER BY slot.n)),
	s.confidence <> 'exact', s.pieces
FROM shown s
ORDER BY s.place;
