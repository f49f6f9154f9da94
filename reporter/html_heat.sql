-- How many messages with a known transit each mechanism has, the most first; its name as JSON, too.
-- Parameter: cut.
SELECT mechanism, json_quote(substr(CAST(mechanism AS TEXT), 1, :cut)) AS quoted,
	CAST(total(exact + inferred + ambiguous) AS INTEGER) AS messages
FROM edges
WHERE transit_sum_ns IS NOT NULL
GROUP BY mechanism
ORDER BY messages DESC, mechanism;
