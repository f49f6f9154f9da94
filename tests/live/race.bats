#!/usr/bin/env bats
# Several writers at once, with numbered messages: what is called exact is as the receivers saw it.

load common
load race

if [ "${IPCT_SCALE:-}" = small ]; then
	each=500
else
	each=4000
fi

# raced MECHANISM WRITERS READERS SIZE [processes]: record and judge; nothing exact may be wrong.
# Leaves the percentage of exact pairs in $exact.
raced() {
	local confidence pairs right all=0 sure=0

	rm -f ipctrace.db
	"$ipctrace" record -q -m "$1" -- "$bin/test-race" "$1" "$2" "$3" "$4" $((each * $2)) ${5:+"$5"} >truth
	nothing_lost
	while read -r confidence pairs right; do
		echo "# $*: $confidence $pairs, right $right" >&3
		all=$((all + pairs))
		[ "$confidence" != exact ] || sure=$pairs
		[ "$confidence" != exact ] || [ "$pairs" = "$right" ]
	done < <(race_judge truth)
	[ "$all" -gt 0 ]
	exact=$((100 * sure / all))
}

@test "TCP: what threads and processes send and receive at once is exact, also where it is torn" {
	for size in 16 20000; do
		for mode in "" processes; do
			raced tcp 4 2 $size $mode
			! grep -q btf_trace_tcp_sendmsg_locked /sys/kernel/btf/vmlinux || [ "$exact" = 100 ]
		done
	done
}

@test "FIFO: writers that wait side by side do not make each other's messages ambiguous" {
	raced fifo 4 1 4000
	[ "$exact" -ge 50 ]
	raced fifo 4 2 16 processes
}

@test "pipes and UNIX sockets, as threads and as processes" {
	for mechanism in pipe unix_stream unix_dgram unix_seqpacket; do
		raced $mechanism 4 1 16
		raced $mechanism 2 2 4000 processes
	done
}

@test "UDP sockets and eventfds" {
	raced udp 4 1 16
	raced eventfd 2 1 16
}
