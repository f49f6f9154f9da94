-- How sure the pairing is, by mechanism. Bytes of what only wakes are none. Parameter: cut.
SELECT json_object(
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'messages', CAST(messages AS INTEGER),
	'exact', CAST(exact AS INTEGER),
	'inferred', CAST(inferred AS INTEGER),
	'ambiguous', CAST(ambiguous AS INTEGER),
	'bytes', CASE WHEN bytes THEN CAST(bytes AS INTEGER) END,
	'exact_bytes', CASE WHEN bytes THEN CAST(exact_bytes AS INTEGER) END,
	'inferred_bytes', CASE WHEN bytes THEN CAST(inferred_bytes AS INTEGER) END,
	'ambiguous_bytes', CASE WHEN bytes THEN CAST(ambiguous_bytes AS INTEGER) END)
FROM confidence
ORDER BY bytes DESC, messages DESC, mechanism;
