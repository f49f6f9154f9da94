-- Every pair of processes with edges of one kind, those of the busiest `:limit` processes with their
-- row and column in the matrix (processes as they began, from 1) and shown = 1. What stands in a
-- cell is the bytes of `data` or the wake-ups of `sync`. Parameters: kind, limit.
WITH flow AS (
	SELECT sender_id, receiver_id, sum(e.messages) AS messages, min(o.peer) AS peer,
		CASE :kind WHEN 'data' THEN sum(e.bytes) ELSE sum(e.messages) END AS value
	FROM edges e LEFT JOIN objects o ON o.object_id = e.object_id
	WHERE kind = :kind
	GROUP BY sender_id, receiver_id
), filled AS (
	SELECT * FROM flow WHERE value > 0
), busy AS (
	SELECT process_id, row_number() OVER (
		ORDER BY CASE :sort WHEN 'messages' THEN sum(messages) END DESC, sum(value) DESC, process_id) AS place
	FROM (SELECT sender_id AS process_id, value, messages FROM filled
		UNION ALL SELECT receiver_id, value, messages FROM filled)
	GROUP BY process_id
), placed AS (
	SELECT filled.*, s.place <= :limit AND r.place <= :limit AS shown
	FROM filled
		JOIN busy s ON s.process_id = sender_id
		JOIN busy r ON r.process_id = receiver_id
)
SELECT shown,
	dense_rank() OVER (PARTITION BY shown ORDER BY sender_id) AS line,
	dense_rank() OVER (PARTITION BY shown ORDER BY receiver_id) AS column,
	placed.value, placed.messages,
	coalesce(nullif(s.comm, ''), CASE WHEN NOT s.traced THEN peer END) AS sender, s.pid AS sender_pid, s.traced AS sender_traced,
	coalesce(nullif(r.comm, ''), CASE WHEN NOT r.traced THEN peer END) AS receiver, r.pid AS receiver_pid, r.traced AS receiver_traced,
	(SELECT count(*) FROM busy) AS processes, 0 AS objects
FROM placed
	LEFT JOIN processes s ON s.process_id = sender_id
	LEFT JOIN processes r ON r.process_id = receiver_id
ORDER BY shown DESC, line, column;
