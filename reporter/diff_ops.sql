-- The durations of finished calls, chosen as messages are.
SELECT mechanism, role, syscall, ts_ns, dur_ns, coalesce(bytes, 0)
FROM ops
WHERE (:stride = 1 OR (op_id * 2654435761 >> 8) % :stride = 0) AND finished AND dur_ns >= 0
ORDER BY op_id;
