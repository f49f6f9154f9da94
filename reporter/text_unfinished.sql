-- Calls that never returned, the longest first. Found by the index op_unfinished.
SELECT pid, comm, 1, tid, syscall,
	mechanism, object, object_id,
	requested, ts_ns, dur_ns
FROM ops
WHERE finished = 0
ORDER BY dur_ns DESC, op_id
LIMIT :rows;
