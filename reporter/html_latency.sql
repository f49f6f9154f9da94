-- Every histogram, those to be merged next to each other. Parameter: cut.
SELECT 'transit' AS measure, json_quote(substr(CAST(mechanism AS TEXT), 1, :cut)) AS mechanism,
	transit_hist AS hist
FROM edges WHERE transit_hist IS NOT NULL
UNION ALL
SELECT role, json_quote(substr(CAST(mechanism AS TEXT), 1, :cut)), dur_hist
FROM latency WHERE role IN ('send', 'recv', 'wait', 'wake') AND dur_hist IS NOT NULL
ORDER BY measure DESC, mechanism;
