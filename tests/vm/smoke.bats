#!/usr/bin/env bats
# Inside the virtual machine, before the live tests: the kernel has what recording needs, and one
# small recording is right.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$IPCT_BIN:$PATH
}

@test "the kernel has BTF" {
	[ -s /sys/kernel/btf/vmlinux ]
}

@test "doctor finds everything" {
	run ipctrace doctor
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "three bytes through a pipe are one exact message" {
	ipctrace record -q -o a.db -- sh -c 'echo hi | cat' >out
	[ "$(cat out)" = hi ]
	run sqlite3 a.db "SELECT sender, receiver, bytes, confidence FROM messages"
	echo "$output"
	[ "$output" = "sh|cat|3|exact" ]
}

@test "the ledger balances and nothing is lost" {
	ipctrace record -q -o a.db -- sh -c 'echo hi | cat'
	run sqlite3 a.db "SELECT sum(seen) > 0, sum(seen) = sum(stored), sum(lost) FROM ledger"
	echo "$output"
	[ "$output" = "1|1|0" ]
}
