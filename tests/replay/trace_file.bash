# Makes trace files by hand, for tests of what reads them. Sourced by .bats files; SQL for the
# rows comes on stdin.

SOURCE_DIR=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# trace_file FILE: an empty trace (its tables, views and names) with the rows that stdin inserts.
trace_file() {
	{
		echo "PRAGMA application_id=$((0x69706374)); PRAGMA user_version=3; BEGIN;"
		cat "$SOURCE_DIR"/schemas/{trace,views}.sql "$SOURCE_DIR/tests/replay/insert.sql"
		cat <<-'SQL'
			INSERT INTO mechanism VALUES
				(1, 'pipe', 'Pipe', 'pipe', 'writer', 'reader'),
				(2, 'fifo', 'FIFO', 'pipe', 'writer', 'reader');
			INSERT INTO syscall VALUES (1, 'read'), (2, 'write'), (3, 'close'), (4, 'openat');
			INSERT INTO role VALUES (1, 'send'), (2, 'recv'), (3, 'close'), (4, 'open');
			INSERT INTO errno VALUES (11, 'EAGAIN'), (32, 'EPIPE');
		SQL
		cat
		echo "COMMIT;"
	} | sqlite3 -bail "$1"
}

# trace_to_format_2 FILE: make it a file of format 2; without its views, which readers do not use.
trace_to_format_2() {
	sqlite3 "$1" "SELECT 'DROP VIEW ' || name || ';' FROM sqlite_schema WHERE type = 'view'" | sqlite3 "$1"
	sqlite3 -bail "$1" <"$SOURCE_DIR/tests/replay/to_format_2.sql" || skip "this sqlite3 drops no column"
}

# The rows of a finished recording of `sh -c 'tar c . | gzip'` in which nothing went wrong.
pipeline_rows() {
	cat <<-'SQL'
		INSERT INTO meta VALUES
			('version', '0.1.0'), ('command', 'sh -c ''tar c . | gzip'''),
			('cwd', '/home/alice'), ('host', 'buildhost'), ('kernel', '6.1.0-13-amd64'),
			('arch', 'x86_64'), ('cpus', 8), ('user', 'alice'),
			('start_realtime_ns', 1767225599000000000), ('start_monotonic_ns', 5),
			('duration_ns', 3210000000), ('exit_status', 0), ('ended', 'program'),
			('mechanisms', 'pipe,fifo'), ('complete', 1);
		INSERT INTO process VALUES
			(1, 1234, NULL, 1200, 'sh', '/bin/sh', 'sh -c ''tar c . | gzip''', 0, 3210000000, 0, 1, NULL),
			(2, 1235, 1, 1234, 'tar', '/bin/tar', 'tar c .', 1000000, 3100000000, 0, 1, NULL),
			(3, 1236, 1, 1234, 'gzip', '/bin/gzip', 'gzip', 1100000, 3200000000, 13, 1, NULL);
		INSERT INTO object VALUES
			(1, 1, 'pipe:[4711]', 4711, 14, 900000, 3200000000, 65536, 12347, 126425088,
				12350, 126425088, 12347, 126425088, 2, 0, 0, NULL, NULL);
		INSERT INTO edge VALUES
			(1, 2, 3, 'data', 12347, 126425088, 12347, 0, 0, 1524150000, 123456, 300000,
				1230000, 12300000, 2000000, 3100000000, NULL, 126425088, 0);
		INSERT INTO call_stat VALUES
			(1, 1, 2, 12347, 0, 126425088, 2100000000, 90000, 400000, 1100000, 9000000,
				1900000000, NULL, 0),
			(1, 2, 1, 12350, 1, 126425088, 900000000, 40000, 100000, 900000, 8000000,
				300000000, NULL, 0),
			(1, 3, 3, 4, 0, 0, 4000, 900, 1200, 1200, 1200, 0, NULL, 0);
		INSERT INTO ledger_entry VALUES ('pipe', 'stored', 24701, 24701, 0);
	SQL
}
