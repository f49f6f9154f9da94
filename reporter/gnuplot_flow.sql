-- Every pair of processes that bytes went between, those of the busiest `:limit` processes with
-- their row and column in the matrix (processes as they began, from 1) and shown = 1.
WITH flow AS (
	SELECT sender_id, receiver_id, sum(bytes) AS bytes, sum(messages) AS messages
	FROM edges
	WHERE kind = 'data' AND bytes > 0
	GROUP BY sender_id, receiver_id
), busy AS (
	SELECT process_id, row_number() OVER (ORDER BY sum(bytes) DESC, process_id) AS place
	FROM (SELECT sender_id AS process_id, bytes FROM flow
		UNION ALL SELECT receiver_id, bytes FROM flow)
	GROUP BY process_id
), placed AS (
	SELECT flow.*, s.place <= :limit AND r.place <= :limit AS shown
	FROM flow
		JOIN busy s ON s.process_id = sender_id
		JOIN busy r ON r.process_id = receiver_id
)
SELECT shown,
	dense_rank() OVER (PARTITION BY shown ORDER BY sender_id) AS line,
	dense_rank() OVER (PARTITION BY shown ORDER BY receiver_id) AS column,
	placed.bytes, placed.messages,
	s.comm AS sender, s.pid AS sender_pid, s.traced AS sender_traced,
	r.comm AS receiver, r.pid AS receiver_pid, r.traced AS receiver_traced,
	(SELECT count(*) FROM busy) AS processes
FROM placed
	LEFT JOIN processes s ON s.process_id = sender_id
	LEFT JOIN processes r ON r.process_id = receiver_id
ORDER BY shown DESC, line, column;
