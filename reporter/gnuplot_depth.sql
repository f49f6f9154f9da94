-- How full the directions of objects were over time whose senders were held up, those with the longest
-- waits first: which one, how many there are, sender and receiver (pid, comm, calls), object (mechanism,
-- name), capacity in bytes and messages, whether the latter is the nearer limit, mean and most inside as
-- shares of it; then a bin: start and end, and of that time the mean fill and the share full; whether someone
-- outside has a hand in it. A bin at an
-- end of the time from the first op to the last one counts as if it had only the part within.
-- Parameter: limit.
WITH held AS (
	SELECT *, coalesce(1.0 * max_messages / nullif(capacity_messages, 0), -1)
			>= coalesce(1.0 * max_bytes / nullif(capacity_bytes, 0), 0) AS by_messages,
		row_number() OVER (ORDER BY full_ns DESC, full_refusals DESC, max_fill DESC, object_id,
			direction) AS place,
		count(*) OVER () AS directions
	FROM pressure
	WHERE (full_share >= 0.01 OR full_refusals > 0 OR max_messages >= capacity_messages)
		AND last_ns > first_ns
), bin AS (
	SELECT h.*, b.start_ns, b.width_ns, b.fill, b.full_share AS bin_full,
		max(b.start_ns, h.first_ns) AS from_ns, min(b.start_ns + b.width_ns, h.last_ns) AS to_ns
	FROM held h JOIN depth b ON b.object_id = h.object_id AND b.direction = h.direction
	WHERE h.place <= :limit
)
SELECT dense_rank() OVER (ORDER BY place), directions, sender_pid, sender, sends, receiver_pid, receiver,
	recvs, mechanism, object, capacity_bytes, capacity_messages, by_messages, mean_fill, full_share,
	from_ns, to_ns,
	min(coalesce(fill, 0) * width_ns / (to_ns - from_ns), 1),
	min(bin_full * width_ns / (to_ns - from_ns), 1), confidence <> 'exact'
FROM bin
WHERE to_ns > from_ns
ORDER BY place, start_ns;
