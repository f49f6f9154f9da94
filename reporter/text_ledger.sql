-- The balance of each mechanism, and how much of the loss is only not stored yet.
SELECT mechanism, sum(seen), sum(stored), sum(lost),
	sum(CASE WHEN reason = 'under_way' THEN lost ELSE 0 END)
FROM ledger
GROUP BY mechanism
ORDER BY sum(seen) DESC, mechanism;
