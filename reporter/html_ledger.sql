-- The balance, a row for each mechanism and reason; what is stored comes first. Parameter: cut.
SELECT json_object(
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'reason', substr(CAST(reason AS TEXT), 1, :cut),
	'seen', CAST(seen AS INTEGER),
	'stored', CAST(stored AS INTEGER),
	'lost', CAST(lost AS INTEGER))
FROM ledger
ORDER BY mechanism, reason <> 'stored', reason;
