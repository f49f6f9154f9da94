-- One process as the tree shows it.
SELECT pid, comm, cmdline, start_ns, exit_ns, exit_status
FROM processes
WHERE process_id = :process_id;
