-- The fds that were passed, in the order of time. Parameters: cut, rows.
SELECT json_object(
	'mechanism', substr(CAST(mechanism AS TEXT), 1, :cut),
	'carrier', substr(CAST(carrier AS TEXT), 1, :cut),
	'sender_pid', CAST(sender_pid AS INTEGER),
	'sender', substr(CAST(sender AS TEXT), 1, :cut),
	'receiver_pid', CAST(receiver_pid AS INTEGER),
	'receiver', substr(CAST(receiver AS TEXT), 1, :cut),
	'object_mechanism', substr(CAST(object_mechanism AS TEXT), 1, :cut),
	'object', substr(CAST(coalesce(object, what) AS TEXT), 1, :cut),
	'sender_fd', CAST(sender_fd AS INTEGER),
	'receiver_fd', CAST(receiver_fd AS INTEGER),
	'sent_ns', CAST(sent_ns AS INTEGER),
	'received_ns', CAST(received_ns AS INTEGER),
	'took_ns', CAST(received_ns - sent_ns AS INTEGER))
FROM passed_fds
ORDER BY sent_ns, passing_id
LIMIT :rows;
