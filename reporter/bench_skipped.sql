-- What did not run, like reasons together. Parameter: rows.
SELECT mechanism, group_concat(DISTINCT pattern), group_concat(DISTINCT cpus),
	group_concat(DISTINCT wait), group_concat(DISTINCT size), status,
	coalesce(reason, 'the bench ended before'), count(*), count(*) OVER ()
FROM (
	-- One reason for many mechanisms is said once.
	SELECT CASE WHEN count(*) OVER (PARTITION BY status, reason, pattern, cpus, wait, size) > 1
		THEN 'several' ELSE mechanism END AS mechanism, pattern, cpus, wait, size, status,
		reason
	FROM skipped
)
GROUP BY status, reason, mechanism
ORDER BY status, mechanism, reason
LIMIT :rows;
