#!/usr/bin/env bats
# `ipctrace chain` on recordings of scenes of which it is known who waited for whom.

load common

chain=$bin/test-chain

# parts FILTER: what jq's FILTER gives of the chain of the last recording.
parts() {
	jq -r "$1" chain.json
}

# follow SCENE [OPTION...]: record it, and keep its chain; the pieces make the span.
follow() {
	"$ipctrace" record -q -- "$chain" "$1"
	shift
	"$ipctrace" chain --json --list "$@" >chain.json
	adds_up
}

# Every level of the sums, and the pieces, without gap or overlap.
adds_up() {
	jq -e '
		def sums: (.parts == null or ([.parts[].time_ns] | add) == .time_ns)
			and all(.parts[]?; sums);
		.time_ns == .to_ns - .from_ns and sums
		and ([.pieces[] | .to_ns - .from_ns] | add) == .time_ns
		and .pieces[0].from_ns == .from_ns and .pieces[-1].to_ns == .to_ns
		and (.pieces as $p | all(range(1; $p | length); $p[. - 1].to_ns == $p[.].from_ns))
	' chain.json
}

# hop MECHANISM CALL COMM: jq for the wait for that process.
hop() {
	echo ".parts[] | select(.kind == \"waited\" and .mechanism == \"$1\" and .call == \"$2\"
		and .for.comm == \"$3\")"
}

@test "four processes over a socket, a pipe and a futex, hop by hop" {
	follow hops
	socket=$(hop unix_stream recvfrom server)
	pipe="$socket | $(hop pipe read worker)"
	futex="$pipe | $(hop futex futex burner)"
	[ "$(parts "[$socket | .count] | add")" -ge 5 ]
	[ "$(parts "[$pipe | .count] | add")" -ge 5 ]
	[ "$(parts "[$futex | .count] | add")" -ge 5 ]
	# most of the burner's 7 times 50 ms of CPU time: all others were about to sleep then
	ran="[$futex | .parts[] | select(.kind == \"ran\") | .time_ns] | add"
	[ "$(parts "($ran) >= 200000000")" = true ]
	# nobody else ran as long
	[ "$(parts "($ran) == ([.. | objects | select(.kind == \"ran\" and .count) | .time_ns] | max)")" = true ]
}

@test "the same as text: the sentence, the hops, whose time it was" {
	"$ipctrace" record -q -- "$chain" hops
	"$ipctrace" chain >text
	sentence=$(sed -n '/^THE LONGEST WAIT/,/^$/p' text | tr -s '\n ' ' ')
	[[ $sentence == *" test-chain["*"] waited "*" in recvfrom on unix_stream:["* ]]
	[[ $sentence == *" for server["*"], which waited "*" in read on pipe:["* ]]
	[[ $sentence == *" for worker["*"], which waited "*" in futex on futex "* ]]
	[[ $sentence == *" for burner["*"], which "*"%) " ]]
	sed -n '/^WHOSE TIME/,$p' text | grep -q '^  burner\['
	"$ipctrace" chain --process worker | grep -q 'waited in futex on futex .* for burner'
	"$ipctrace" chain --list | grep -q 'worker\[.* waited in futex on fut.* for burner\[.*\]:'
}

@test "a message: what its receiver waited for while it was on its way" {
	"$ipctrace" record -q -- "$chain" hops
	id=$(q "SELECT message_id FROM messages WHERE sender = 'server' AND mechanism = 'unix_stream'
		ORDER BY message_id LIMIT 1")
	"$ipctrace" chain --message "$id" --json >one.json
	[ "$(jq -r .thread.comm one.json)" = test-chain ]
	[ "$(jq '.to_ns - .from_ns' one.json)" = \
		"$(q "SELECT transit_ns FROM messages WHERE message_id = $id")" ]
}

@test "TCP over loopback: the sender wakes, though a softirq delivers" {
	follow tcp
	[ "$(parts "[$(hop tcp recvfrom server) | .count] | add")" -ge 5 ]
	ran="[$(hop tcp recvfrom server) | .parts[] | select(.kind == \"ran\") | .time_ns] | add"
	[ "$(parts "($ran) >= 200000000")" = true ]
}

@test "a time-out and a sleep that is no IPC" {
	follow timer --process test-chain
	[ "$(parts '[.parts[] | select(.kind == "timeout" and .call == "recvfrom") | .count] | add')" = 3 ]
	[ "$(parts '[.parts[] | select(.kind == "timeout") | .time_ns] | add >= 300000000')" = true ]
	[ "$(parts '[.parts[] | select(.kind == "away") | .time_ns] | add >= 300000000')" = true ]
	"$ipctrace" chain -p test-chain | grep -q "waited in recvfrom on .* for a time-out"
	"$ipctrace" chain -p test-chain | grep -q "was asleep or preempted outside of recorded calls"
}

@test "a process that is not traced" {
	mkfifo go ready
	(
		read -r pid <ready
		# 0: read(2)
		until read -r call _ <"/proc/$pid/syscall" && [ "$call" = 0 ]; do :; done
		echo >go
	) 3>&- &
	follow outside --process test-chain
	wait
	[ "$(parts '[.parts[] | select(.kind == "untraced" and .mechanism == "fifo") | .count] | add')" = 1 ]
	"$ipctrace" chain -p test-chain | grep -q "waited in read on fifo .*/go for .* (not traced)"
}

@test "pseudo-terminals, where a thread of the kernel wakes: on to the sender" {
	"$ipctrace" record -q -- "$workload" pty --pattern pingpong --messages 101 >/dev/null
	tid=$(q "SELECT tid FROM ops WHERE mechanism = 'pty' AND syscall = 'read' AND waiting_ns > 0
		GROUP BY tid ORDER BY sum(waiting_ns) DESC LIMIT 1")
	"$ipctrace" chain --json --list --thread "$tid" >chain.json
	adds_up
	[ "$(parts '[.parts[] | select(.kind == "waited" and .mechanism == "pty") | .count] | add')" -gt 50 ]
	[ "$(parts '[.. | objects | select(.kind == "circle") | .time_ns] | add // 0')" = 0 ]
}

@test "a server that waits for readiness: the wait names the connection and the client" {
	"$ipctrace" record -q -- "$chain" epoll
	"$ipctrace" chain --json --list --process server >chain.json
	adds_up
	[ "$(parts "[$(hop unix_stream epoll_wait client) | .count] | add")" -ge 5 ]
}
