-- The transits in the order of time, nearly; of many one in :stride, chosen by a number that has
-- nothing to do with their order.
SELECT object_id, sender_id, receiver_id, sent_ns, transit_ns, bytes
FROM messages
WHERE (:stride = 1 OR (message_id * 2654435761 >> 8) % :stride = 0) AND transit_ns >= 0
ORDER BY message_id;
