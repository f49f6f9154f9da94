-- Every message with a known transit. There can be millions: they are read once, in no order.
SELECT mechanism, bytes, sent_ns, transit_ns FROM messages WHERE transit_ns IS NOT NULL;
