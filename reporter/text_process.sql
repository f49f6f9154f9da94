-- One process as the tree shows it. With :cgroups there are several cgroups, and it matters in which it is.
SELECT pid, comm, cmdline, start_ns, exit_ns, exit_status, CASE WHEN :cgroups THEN cgroup END
FROM processes
WHERE process_id = :process_id;
