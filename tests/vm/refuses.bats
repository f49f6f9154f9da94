#!/usr/bin/env bats
# Inside the virtual machine, on kernels too old to record on: doctor and record say exactly what
# is missing, and the program to be recorded never starts.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$IPCT_BIN:$PATH
}

@test "doctor names the task storage that this kernel lacks" {
	run ipctrace doctor
	echo "$output"
	[ "$status" -eq 1 ]
	grep -i 'task storage' <<<"$output"
	grep -F '5.11' <<<"$output"
}

@test "record says the same, points to doctor, and does not start the program" {
	run ipctrace record -o a.db -- touch started
	echo "$output"
	[ "$status" -eq 125 ]
	grep -i 'task storage' <<<"$output"
	grep -F 'ipctrace doctor' <<<"$output"
	[ ! -e started ]
}

@test "report and replay need no kernel at all" {
	run ipctrace report nowhere.db
	echo "$output"
	[ "$status" -eq 1 ]
	grep -F "nowhere.db" <<<"$output"
}
