-- Every kind of call, with where its time went, in the order in which ops are looked up.
SELECT mechanism, role, syscall, count, bytes, errors, dur_hist,
	running_sum_ns, waiting_sum_ns, runnable_sum_ns
FROM latency
ORDER BY mechanism, role, syscall;
