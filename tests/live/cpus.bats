#!/usr/bin/env bats
# Where the woken ran: CPUs and cgroups, of which the tests say what they are.

load common

# pinned HOW MECHANISM: a ping-pong with both peers on the 'same' CPU or on two ('cross').
pinned() {
	"$ipctrace" record -q -m "$2" -- \
		"$workload" --pattern=pingpong --pin="$1" --messages=997 "$2" >/dev/null
	nothing_lost
}

@test "wake-ups between pinned peers are on the CPUs that they are pinned to" {
	[ "$(nproc)" -gt 1 ] || skip "needs two CPUs"
	for mechanism in pipe fifo unix_stream unix_dgram unix_seqpacket tcp udp posix_mq sysv_mq eventfd \
		sysv_sem futex; do
		pinned same "$mechanism"
		[ "$(q "SELECT count(*) FROM wakeups WHERE crossed OR moved")" = 0 ]
		[ "$(q "SELECT count(*) FROM wakeups WHERE wakeups > 0 AND wakeups <= 997")" = 2 ]
		[ "$(q "SELECT count(*) FROM ops
			WHERE woken_ns > 0 AND waker_tid > 0 AND slept_cpu = ran_cpu AND waker_cpu = ran_cpu")" \
			-ge "$(q "SELECT sum(wakeups) FROM wakeups")" ]
		pinned cross "$mechanism"
		[ "$(q "SELECT count(*) FROM wakeups WHERE NOT crossed OR moved")" = 0 ]
		[ "$(q "SELECT count(*) FROM wakeups WHERE wakeups > 0 AND wakeups <= 997")" = 2 ]
		# two CPUs, and each wakes the other one
		[ "$(q "SELECT count(*) FROM (SELECT DISTINCT waker_cpu, ran_cpu FROM ops
			WHERE waker_id IS NOT NULL AND waker_id != process_id AND role IN ('recv', 'wait'))")" = 2 ]
	done
}

@test "a process that is moved before it execs is in the cgroup that it was moved to" {
	root=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
	[ -n "$root" ] || skip "no cgroup2 is mounted"
	name="ipctrace-$$ \"<b>"
	mkdir "$root/$name" "$root/$name/two" 2>/dev/null || skip "no cgroup can be made here"
	start=$(sed -n 's/^0:://p' /proc/self/cgroup)
	record() {
		# shellcheck disable=SC2016 # the traced shells expand it
		"$ipctrace" record -q -- sh -c '
			sh -c "echo \$\$ >\"\$1/cgroup.procs\"; exec seq 1000" sh "$1" |
			sh -c "echo \$\$ >\"\$1/two/cgroup.procs\"; exec wc -l" sh "$1"' sh "$root/$name"
	}
	run record
	rmdir "$root/$name/two" "$root/$name"
	[ "$status" = 0 ]
	same "sh|$start
seq|/$name
wc|/$name/two" "$(sqlite3 ipctrace.db "SELECT comm, cgroup FROM processes WHERE traced ORDER BY start_ns")"
	# the names are as safe as others are
	"$ipctrace" report --json | jq -e --arg c "/$name" '[.processes[] | select(.cgroup == $c)] | length == 1' >/dev/null
	"$ipctrace" report --csv processes | grep -qF "\"/${name//\"/\"\"}\""
}

@test "peers that take turns on two CPUs stand out, on one CPU or one way they do not" {
	[ "$(nproc)" -gt 1 ] || skip "needs two CPUs"
	found() {
		"$ipctrace" report --json | jq -r '.findings[] | select(.kind == "cross_cpu") | .text'
	}
	"$ipctrace" record -q -- "$workload" -p pingpong --pin=same -m 20000 pipe >/dev/null
	[ -z "$(found)" ]
	# a stream goes one way: its receiver works while the sender does
	"$ipctrace" record -q -- "$workload" -p stream --pin=cross -m 20000 pipe >/dev/null
	[ -z "$(found)" ]
	"$ipctrace" record -q -- "$workload" -p pingpong --pin=cross -m 20000 pipe >/dev/null
	[ "$(q "SELECT min(100.0 * in_runq_sum_ns / transit_sum_ns) < 50 FROM wakeups WHERE crossed")" = 0 ] ||
		skip "waking takes less than half of the transit here"
	[[ $(found) == *"take turns on two CPUs"* ]]
}
