-- Sums over the whole trace, where the page's tables may show only a part. `paired` counts
-- messages whose both ends were traced, `outside` the calls to or from a process that was not.
SELECT json_object(
	'processes', (SELECT count(*) FROM processes WHERE traced),
	'outsiders', (SELECT count(*) FROM processes WHERE NOT traced),
	'objects', (SELECT count(*) FROM objects),
	'calls', (SELECT count(*) FROM latency),
	'edges', count(*),
	'bytes', CAST(total(bytes) AS INTEGER),
	'paired', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN messages END) AS INTEGER),
	'outside', CAST(total(CASE WHEN transit_max_ns IS NULL THEN messages END) AS INTEGER),
	'exact', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN exact END) AS INTEGER),
	'inferred', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN inferred END) AS INTEGER),
	'ambiguous', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN ambiguous END) AS INTEGER))
FROM edges;
