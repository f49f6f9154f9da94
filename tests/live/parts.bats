#!/usr/bin/env bats
# Where the time of a message went: scenes of which it is known, whatever the machine's speed.

load common

# record_scene SCENE MECHANISM: sets sender, receiver, rounds and long_ns.
record_scene() {
	rm -rf fifo ./*.db
	"$ipctrace" record -q -m "$2" -- "$bin/test-parts" "$1" "$2" >said
	nothing_lost
	read -r sender receiver rounds long_ns <said
}

# The receiver's message of each round has a part of at least so long.
each_has() {
	local n
	n=$(q "SELECT count(*) FROM messages WHERE mechanism = '$1' AND sender_pid = $sender
		AND receiver_pid = $receiver AND $2 >= $long_ns")
	[ "$n" = "$rounds" ] || {
		echo "$1: $n of $rounds have $2"
		q "SELECT * FROM messages"
		return 1
	}
}

@test "a receiver that gets no CPU has it in the run queue, by every mechanism" {
	[ "$(nproc)" -gt 1 ] || skip "needs two CPUs"
	for mechanism in pipe fifo unix_stream unix_seqpacket unix_dgram tcp udp posix_mq sysv_mq \
		eventfd sysv_sem futex signal; do
		record_scene runq "$mechanism"
		each_has "$mechanism" in_runq_ns
		# the same in the receive call, and who woke it
		[ "$(q "SELECT count(*) FROM ops WHERE pid = $receiver AND runnable_ns >= $long_ns
			AND waker_tid = $sender AND waker_id = 1
			AND ran_ns - woken_ns >= $long_ns")" = "$rounds" ]
		[ "$(q "SELECT in_runq_max_ns >= $long_ns AND in_runq_p50_ns >= $long_ns * 0.99
				AND in_runq_sum_ns >= $rounds * $long_ns
			FROM edges WHERE mechanism = '$mechanism' AND receiver_pid = $receiver
				AND sender_pid = $sender")" = 1 ]
		[ "$(q "SELECT sum(runnable_sum_ns) >= $rounds * $long_ns FROM latency
			WHERE mechanism = '$mechanism' AND role IN ('recv', 'wait')")" = 1 ]
	done
}

@test "a message whose receiver comes late lay in the object" {
	for mechanism in pipe fifo unix_stream unix_seqpacket unix_dgram tcp udp posix_mq sysv_mq \
		eventfd signal; do
		record_scene late "$mechanism"
		each_has "$mechanism" in_object_ns
		[ "$(q "SELECT sum(waiting_ns) FROM ops WHERE pid = $receiver
			AND role IN ('recv', 'wait') AND waiting_ns >= $long_ns" | grep -v '^$')" = "" ]
	done
}
