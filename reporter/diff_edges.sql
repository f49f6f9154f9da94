-- Every edge, with where its transits went, in the order in which messages are looked up.
SELECT object_id, sender_id, receiver_id, kind, mechanism, object, messages, bytes,
	exact, inferred, ambiguous, first_ns, last_ns, transit_hist,
	in_send_sum_ns, in_object_sum_ns, in_runq_sum_ns, in_recv_sum_ns
FROM edges
ORDER BY object_id, sender_id, receiver_id, kind;
