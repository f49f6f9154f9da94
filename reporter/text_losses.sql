-- What was lost and why, the most first.
SELECT mechanism, reason, lost
FROM ledger
WHERE lost > 0
ORDER BY lost DESC, mechanism, reason
LIMIT :rows;
