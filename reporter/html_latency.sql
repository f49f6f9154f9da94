-- Histograms with what each is of; those to be merged stand next to each other. By mechanism all of
-- them, by object and by edge those with the largest sums of transits. is_first: the row is not once
-- more in another level. Parameters: cut; nodes, the most objects; links, the most edges.
WITH timed AS (
	SELECT e.*, coalesce(nullif(e.sender, ''), CASE WHEN NOT s.traced THEN o.peer END) AS s_name,
		coalesce(nullif(e.receiver, ''), CASE WHEN NOT r.traced THEN o.peer END) AS r_name
	FROM edges e
		LEFT JOIN objects o ON o.object_id = e.object_id
		LEFT JOIN processes s ON s.process_id = e.sender_id
		LEFT JOIN processes r ON r.process_id = e.receiver_id
	WHERE e.transit_hist IS NOT NULL
), object AS (
	SELECT object_id, count(*) AS edges, total(transit_sum_ns) AS sum_ns, count(*) OVER () AS objects,
		row_number() OVER (ORDER BY total(transit_sum_ns) DESC, object_id) AS place
	FROM edges
	WHERE transit_hist IS NOT NULL
	GROUP BY object_id
	ORDER BY place
	LIMIT :nodes
), edge AS (
	SELECT object_id, sender_id, receiver_id, count(*) OVER () AS edges,
		row_number() OVER (ORDER BY transit_sum_ns DESC, object_id, sender_id, receiver_id) AS place
	FROM edges
	WHERE transit_hist IS NOT NULL
	ORDER BY place
	LIMIT :links
), level AS (
	SELECT 0 AS level, 0 AS place, json_object(
		'of', 'mechanism',
		'measure', measure,
		'mechanism', mechanism) AS description, hist
	FROM (SELECT 'transit' AS measure, substr(CAST(mechanism AS TEXT), 1, :cut) AS mechanism,
			transit_hist AS hist
		FROM edges
		UNION ALL
		SELECT role, substr(CAST(mechanism AS TEXT), 1, :cut), dur_hist
		FROM latency WHERE role IN ('send', 'recv', 'wait', 'wake'))
	WHERE hist IS NOT NULL
	UNION ALL
	SELECT 1, place, json_object(
		'of', 'object',
		'measure', 'transit',
		'all', objects,
		'place', place,
		'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
		'object', substr(CAST(t.object AS TEXT), 1, :cut),
		'object_id', CAST(object_id AS INTEGER),
		'edges', edges), transit_hist
	FROM object JOIN timed t USING (object_id)
	UNION ALL
	SELECT 2, place, json_object(
		'of', 'edge',
		'measure', 'transit',
		'all', edges,
		'place', place,
		'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
		'object', substr(CAST(object AS TEXT), 1, :cut),
		'object_id', CAST(object_id AS INTEGER),
		'sender_pid', CAST(sender_pid AS INTEGER),
		'sender', substr(CAST(s_name AS TEXT), 1, :cut),
		'receiver_pid', CAST(receiver_pid AS INTEGER),
		'receiver', substr(CAST(r_name AS TEXT), 1, :cut)), transit_hist
	FROM edge JOIN timed USING (object_id, sender_id, receiver_id)
)
SELECT description, hist, level = 0 AS is_first
FROM level
ORDER BY level, place, description;
