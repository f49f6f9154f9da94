-- The balance of each mechanism.
SELECT mechanism, sum(seen), sum(stored), sum(lost)
FROM ledger
GROUP BY mechanism
ORDER BY sum(seen) DESC, mechanism;
