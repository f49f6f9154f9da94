#!/usr/bin/env bats
# How much the verifier has to do before a recording can begin, which is nearly all of its start. It is
# counted in instructions, that are the same for one kernel whatever else the machine does.

load common

# For all programs together: 87,000 are verified on Linux 6.18, 91,000 on 6.1. A loop, or a large function
# that is not global (bpf/core.h), soon costs as much as all others.
budget=110000

# "program instructions" of each program that ipctrace has loaded, from the fds of the command's parent
loaded() {
	"$ipctrace" record -q "$@" -- sh -c 'cat /proc/$PPID/fdinfo/* 2>/dev/null' | awk '
		/^prog_type:/ { n++ }
		/^verified_insns:/ { print n, $2 }'
}

@test "all programs are loaded for fewer than $budget instructions of the verifier" {
	loaded >programs
	[ "$(wc -l <programs)" -ge 16 ] # 6.1 lacks three
	sum=$(awk '{ sum += $2 } END { print sum }' programs)
	echo "verified: $sum"
	[ "$sum" -gt 10000 ]
	[ "$sum" -lt "$budget" ]
}

@test "what a mechanism alone does not need is not loaded" {
	loaded >all
	loaded -m pipe >pipes
	[ "$(wc -l <pipes)" = 8 ]
	[ "$(awk '{ n += $2 } END { print n }' pipes)" -lt "$(awk '{ n += $2 } END { print n }' all)" ]
}
