-- Sums over the whole trace, where the page's tables may show only a part. `paired` counts
-- messages and wake-ups whose both ends were traced, `outside` the calls to or from a process that
-- was not; `messages` those of data alone, `shared` the objects in memory that several processes map.
SELECT json_object(
	'processes', (SELECT count(*) FROM processes WHERE traced),
	'outsiders', (SELECT count(*) FROM processes WHERE NOT traced),
	'objects', (SELECT count(*) FROM objects),
	'calls', (SELECT count(*) FROM latency),
	'mappings', (SELECT count(*) FROM mappings),
	'passed', (SELECT count(*) FROM passed_fds),
	'left_behind', (SELECT count(*) FROM objects WHERE left_behind),
	'edges', count(*),
	'bytes', CAST(total(bytes) AS INTEGER),
	'messages', CAST(total(CASE WHEN kind = 'data' AND transit_max_ns IS NOT NULL THEN messages END)
		AS INTEGER),
	'wakes', CAST(total(CASE kind WHEN 'sync' THEN messages END) AS INTEGER),
	'shared', count(DISTINCT CASE kind WHEN 'shared' THEN object_id END),
	'paired', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN messages END) AS INTEGER),
	'outside', CAST(total(CASE WHEN kind <> 'shared' AND transit_max_ns IS NULL THEN messages END)
		AS INTEGER),
	'exact', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN exact END) AS INTEGER),
	'inferred', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN inferred END) AS INTEGER),
	'ambiguous', CAST(total(CASE WHEN transit_max_ns IS NOT NULL THEN ambiguous END) AS INTEGER))
FROM edges;
