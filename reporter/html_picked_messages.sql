-- All messages over some objects. Parameter: objects, their object_ids as a JSON array.
SELECT object_id, sender_id, receiver_id, message_id, sent_ns, transit_ns
FROM messages
WHERE object_id IN (SELECT value FROM json_each(:objects)) AND transit_ns IS NOT NULL;
