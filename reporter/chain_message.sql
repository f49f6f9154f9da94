-- One message, and who received it.
SELECT sent_ns, received_ns, receiver_id, receiver_tid FROM messages WHERE message_id = :message_id;
