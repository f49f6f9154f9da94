-- How many bytes of which object each process maps: in the form of gnuplot_flow.sql, with an object in
-- the place of the sender and the number of mappings in that of messages. Shown are the `:limit`
-- objects that most processes map, and the `:limit` processes with the most mappings.
WITH mapped AS (
	SELECT object_id, process_id, sum(length) AS value, count(*) AS mappings
	FROM mappings
	GROUP BY object_id, process_id
), thing AS (
	SELECT object_id, row_number() OVER (ORDER BY count(*) DESC, sum(value) DESC, object_id) AS place
	FROM mapped GROUP BY object_id
), part AS (
	SELECT process_id, row_number() OVER (ORDER BY sum(mappings) DESC, process_id) AS place
	FROM mapped GROUP BY process_id
), placed AS (
	SELECT mapped.*, thing.place AS thing_place,
		thing.place <= :limit AND part.place <= :limit AND value > 0 AS shown
	FROM mapped JOIN thing USING (object_id) JOIN part USING (process_id)
)
SELECT shown,
	dense_rank() OVER (PARTITION BY shown ORDER BY thing_place) AS line,
	dense_rank() OVER (PARTITION BY shown ORDER BY placed.process_id) AS column,
	placed.value, placed.mappings,
	CASE WHEN coalesce(o.name, '') = '' THEN o.mechanism || ' #' || o.object_id
		WHEN substr(o.name, 1, length(o.mechanism) + 1) = o.mechanism || ':' THEN o.name
		ELSE o.mechanism || ' ' || o.name END, NULL, 1,
	p.comm, p.pid, p.traced,
	(SELECT count(*) FROM part) AS processes, (SELECT count(*) FROM thing) AS objects
FROM placed
	LEFT JOIN objects o ON o.object_id = placed.object_id
	LEFT JOIN processes p ON p.process_id = placed.process_id
ORDER BY shown DESC, line, column;
