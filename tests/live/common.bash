# What the live tests share. They need root and BPF; where these are missing each test is skipped
# and says why. Bats loads this with `load common`.

bin=${IPCT_BIN:?the folder with the built programs}
ipctrace=$bin/ipctrace
workload=$bin/ipctrace-workload
calls=$bin/test-calls
sockets=$bin/test-sockets

# Emulated machines are slow: IPCT_SCALE=small makes the large tests small.
if [ "${IPCT_SCALE:-}" = small ]; then
	many=20000
else
	many=1000000
fi

setup() {
	[ "$(id -u)" = 0 ] || skip "recording needs root"
	[ -e /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# q SQL [FILE]: rows with a space between the columns.
q() {
	sqlite3 -separator ' ' "${2:-ipctrace.db}" "$1"
}

# observed MECHANISM [FILE]: what the file says of it, in the form of the workload's truth:
# mechanism role count bytes.
observed() {
	local mechanism=$1
	shift
	q "SELECT mechanism, role, count(*), coalesce(sum(bytes), 0) FROM ops
	   WHERE mechanism = '$mechanism' GROUP BY 1, 2
	   UNION ALL
	   SELECT mechanism, 'message', count(*), sum(bytes) FROM messages
	   WHERE mechanism = '$mechanism' GROUP BY 1" "$@" | sort
}

# The ledger balances in every row and in sum, and nothing is unaccounted for.
balanced() {
	local bad
	bad=$(q "SELECT * FROM ledger WHERE seen != stored + lost OR reason = 'unaccounted'" "$@")
	[ -z "$bad" ] || { echo "ledger does not balance: $bad"; return 1; }
	[ "$(q "SELECT sum(stored) FROM ledger" "$@")" = "$(q "SELECT count(*) FROM ops" "$@")" ]
	adds_up "$@"
}

# The parts of each message are its transit, and those of each op its duration; a sleep ends within
# its call, and sums are those of the rows.
adds_up() {
	local bad
	bad=$(q "SELECT 'message', message_id, transit_ns, in_send_ns, in_object_ns, in_runq_ns,
			in_recv_ns
		FROM messages WHERE in_send_ns + in_object_ns + in_runq_ns + in_recv_ns IS NOT transit_ns
			OR min(in_send_ns, in_object_ns, in_runq_ns) < 0
			OR (in_recv_ns < 0 AND transit_ns > 0)
		UNION ALL
		SELECT 'op', op_id, dur_ns, running_ns, waiting_ns, runnable_ns, blocked_ns
		FROM ops WHERE min(running_ns, waiting_ns, runnable_ns, away_ns) < 0
			OR waiting_ns + runnable_ns > blocked_ns OR running_ns + blocked_ns <> dur_ns
			OR woken_ns NOT BETWEEN ts_ns AND ts_ns + dur_ns
			OR ran_ns NOT BETWEEN woken_ns AND ts_ns + dur_ns
		UNION ALL
		SELECT 'edge', object_id, transit_sum_ns, in_send_sum_ns, in_object_sum_ns,
			in_runq_sum_ns, in_recv_sum_ns
		FROM edges WHERE transit_sum_ns IS NOT NULL AND messages > 0 AND
			in_send_sum_ns + in_object_sum_ns + in_runq_sum_ns + in_recv_sum_ns
				IS NOT transit_sum_ns
		LIMIT 5" "$@")
	[ -z "$bad" ] || { echo "parts do not add up: $bad"; return 1; }
}

nothing_lost() {
	balanced "$@" && [ "$(q "SELECT sum(lost) FROM ledger" "$@")" = 0 ]
}

# The same text, or a diff and a failure.
same() {
	diff <(echo "$1") <(echo "$2")
}
