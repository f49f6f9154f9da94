-- What was lost and why, the most first.
SELECT mechanism, reason, lost
FROM ledger
WHERE lost > 0 AND reason <> 'under_way'
ORDER BY lost DESC, mechanism, reason
LIMIT :rows;
