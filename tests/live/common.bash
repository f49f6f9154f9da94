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
}

nothing_lost() {
	balanced "$@" && [ "$(q "SELECT sum(lost) FROM ledger" "$@")" = 0 ]
}

# The same text, or a diff and a failure.
same() {
	diff <(echo "$1") <(echo "$2")
}
