-- How full each direction of an object was: those with the longest waits of senders first, then those
-- that refused, then those whose receivers waited. The first ones have their bins as [start in widths of a
-- bin, mean fill, share of time full, share of time empty, most bytes and messages inside].
-- Parameters: cut; rows; links, how many have bins.
WITH placed AS (
	SELECT *, row_number() OVER (ORDER BY full_ns DESC, full_refusals DESC, empty_ns DESC, object_id,
			direction) AS place,
		count(*) OVER () AS directions
	FROM pressure
	WHERE (sends > 0 OR recvs > 0) AND (full_ns > 0 OR full_refusals > 0 OR empty_ns > 0
		OR empty_refusals > 0 OR max_messages >= capacity_messages)
)
SELECT json_object(
	'directions', directions,
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'object', substr(CAST(object AS TEXT), 1, :cut),
	'sender', substr(CAST(sender AS TEXT), 1, :cut),
	'sender_pid', CAST(sender_pid AS INTEGER),
	'receiver', substr(CAST(receiver AS TEXT), 1, :cut),
	'receiver_pid', CAST(receiver_pid AS INTEGER),
	'sends', CAST(sends AS INTEGER),
	'recvs', CAST(recvs AS INTEGER),
	'capacity_bytes', CAST(capacity_bytes AS INTEGER),
	'capacity_messages', CAST(capacity_messages AS INTEGER),
	'max_bytes', CAST(max_bytes AS INTEGER),
	'max_messages', CAST(max_messages AS INTEGER),
	'mean_bytes', CAST(mean_bytes AS REAL),
	'mean_messages', CAST(mean_messages AS REAL),
	'mean_fill', CAST(mean_fill AS REAL),
	'max_fill', CAST(max_fill AS REAL),
	'full_ns', CAST(full_ns AS INTEGER),
	'empty_ns', CAST(empty_ns AS INTEGER),
	'full_share', CAST(full_share AS REAL),
	'empty_share', CAST(empty_share AS REAL),
	'full_refusals', CAST(full_refusals AS INTEGER),
	'empty_refusals', CAST(empty_refusals AS INTEGER),
	'first_ns', CAST(first_ns AS INTEGER),
	'last_ns', CAST(last_ns AS INTEGER),
	'confidence', confidence,
	'width_ns', CASE WHEN place <= :links THEN
		(SELECT CAST(max(width_ns) AS INTEGER) FROM depth b
			WHERE b.object_id = p.object_id AND b.direction = p.direction) END,
	'bins', CASE WHEN place <= :links THEN json(
		(SELECT json_group_array(json_array(start_ns / width_ns, round(fill, 3), round(full_share, 3),
			round(empty_share, 3), max_bytes, max_messages))
		FROM (SELECT * FROM depth b
			WHERE b.object_id = p.object_id AND b.direction = p.direction
			ORDER BY start_ns))) END)
FROM placed p
WHERE place <= :rows
ORDER BY place;
