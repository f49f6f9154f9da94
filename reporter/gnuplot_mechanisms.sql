-- How much each mechanism was used: the number of messages, of wake-ups, or of mappings, the bytes of
-- data, objects, and processes at either end. One that was watched in vain is left out.
WITH talk AS (
	SELECT mechanism, sum(CASE kind WHEN 'shared' THEN 0 ELSE messages END) AS messages,
		sum(bytes) AS bytes
	FROM edges GROUP BY mechanism
), mapped AS (
	SELECT mechanism, count(*) AS mappings FROM mappings GROUP BY mechanism
), part AS (
	SELECT mechanism, sender_id AS process_id FROM edges
	UNION SELECT mechanism, receiver_id FROM edges
	UNION SELECT mechanism, process_id FROM mappings
), crowd AS (
	SELECT mechanism, count(*) AS processes FROM part GROUP BY mechanism
), used AS (
	SELECT mechanism, count(*) AS objects FROM objects GROUP BY mechanism
)
SELECT used.mechanism, ipct_kind(used.mechanism) AS kind,
	CAST(total(CASE ipct_kind(used.mechanism) WHEN 'shared' THEN mappings ELSE messages END)
		AS INTEGER) AS uses,
	CAST(total(bytes) AS INTEGER), objects, coalesce(processes, 0)
FROM used
	LEFT JOIN talk USING (mechanism)
	LEFT JOIN mapped USING (mechanism)
	LEFT JOIN crowd USING (mechanism)
GROUP BY used.mechanism
ORDER BY instr('data sync shared', kind), uses DESC, used.mechanism;
