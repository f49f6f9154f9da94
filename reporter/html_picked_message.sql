-- One message, as the page's table has it: [sent, transit, bytes, in the send call, in the object, in the run
-- queue, confidence, mechanism, object]. Parameters: cut, message.
SELECT json_array(CAST(sent_ns AS INTEGER), CAST(transit_ns AS INTEGER), CAST(bytes AS INTEGER),
	CAST(in_send_ns AS INTEGER), CAST(in_object_ns AS INTEGER), CAST(in_runq_ns AS INTEGER),
	confidence, substr(CAST(mechanism AS TEXT), 1, :cut), substr(CAST(object AS TEXT), 1, :cut))
FROM messages
WHERE message_id = :message;
