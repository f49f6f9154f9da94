-- The edges whose messages the page has some of: of the edges from one program to another over the same
-- mechanism the one with the longest transit, so that an arrow between groups has its slowest message; then
-- those with the most bytes, and of equal ones the slowest. Parameter: edges, the most of them.
WITH placed AS (
	SELECT object_id, sender_id, receiver_id, bytes, transit_max_ns,
		row_number() OVER (PARTITION BY mechanism, kind, sender, receiver
			ORDER BY transit_max_ns DESC, object_id, sender_id, receiver_id) > 1 AS faster
	FROM edges
	WHERE transit_max_ns IS NOT NULL
)
SELECT object_id, sender_id, receiver_id
FROM placed
ORDER BY faster, bytes DESC, transit_max_ns DESC, object_id, sender_id, receiver_id
LIMIT :edges;
