-- Queues that held as many messages as they can, and a sender met that limit: it waited or was refused.
-- Where someone outside takes messages as well, their number inside is not sure. Columns: see findings.c;
-- the limit, time that senders waited, refused sends, all sends.
SELECT full_ns, mechanism, object, object_id, sender_pid, sender, 1, receiver_pid, receiver, 1,
	sender_id, receiver_id, count(*) OVER () - 1, capacity_messages, full_ns, full_refusals, sends
FROM pressure
WHERE confidence = 'exact' AND max_messages >= capacity_messages AND (full_ns > 0 OR full_refusals > 0)
ORDER BY full_ns DESC, full_refusals DESC, object_id, direction
LIMIT 1;
