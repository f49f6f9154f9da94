-- How sure the pairing is, by mechanism, unless all of it is exact: messages and how many are exact,
-- inferred, ambiguous, the same of bytes, and how many rows there are. A mechanism without bytes has
-- NULL for those, and so has what no message is. Parameter: rows.
SELECT mechanism, messages, exact, nullif(inferred, 0), nullif(ambiguous, 0),
	nullif(bytes, 0), CASE WHEN bytes THEN exact_bytes END, nullif(inferred_bytes, 0),
	nullif(ambiguous_bytes, 0), count(*) OVER ()
FROM confidence
WHERE EXISTS (SELECT 1 FROM confidence WHERE inferred OR ambiguous)
ORDER BY bytes DESC, messages DESC, mechanism
LIMIT :rows;
