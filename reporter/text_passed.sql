-- The fds that were passed: sender, receiver (four columns each, see cells.h), what was passed
-- (mechanism, name, object_id, or else words for it), over what (three columns), how many, when
-- first, the longest way, and how many rows there are. With :grouped, those between processes of
-- the same names over the same mechanism are one. Parameters: grouped, rows.
WITH named AS (
	SELECT f.*, coalesce(s.traced, 0) AS s_traced, coalesce(r.traced, 0) AS r_traced
	FROM passed_fds f
		LEFT JOIN processes s ON s.process_id = f.sender_id
		LEFT JOIN processes r ON r.process_id = f.receiver_id
)
SELECT min(sender_pid), sender, s_traced, count(DISTINCT sender_id),
	min(receiver_pid), receiver, r_traced, count(DISTINCT receiver_id),
	min(object_mechanism), min(object), min(object_id), min(what),
	count(DISTINCT coalesce(object_id, what)),
	mechanism, min(carrier), min(carrier_id), count(DISTINCT carrier_id),
	count(*), min(sent_ns), max(received_ns - sent_ns), count(*) OVER ()
FROM named
GROUP BY sender, s_traced, receiver, r_traced, mechanism, object_id IS NULL,
	CASE WHEN NOT :grouped THEN passing_id END
ORDER BY count(*) DESC, min(passing_id)
LIMIT :rows;
