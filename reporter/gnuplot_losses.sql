-- The balance of the recording, and what was lost by reason.
SELECT reason, sum(seen) AS seen, sum(lost) AS lost
FROM ledger
GROUP BY reason
ORDER BY lost DESC, reason;
