#!/usr/bin/env bats
# How full channels are, and who waits for that, by the scenes of pressure.c. Each scene holds what it
# shows for 50 ms at least; how long it takes beyond that, nobody knows.

load common

hold_ns=50000000

# record_scene SCENE CHANNEL [PROGRAM...]: under views of the one direction that was used.
record_scene() {
	local scene=$1 channel=$2
	shift 2
	rm -f ipctrace.db
	"$ipctrace" record -q --capture run.cap -m "$channel" -- "$@" \
		"$bin/test-pressure" "$scene" "$channel" >truth.txt
	nothing_lost
	rm -f again.db
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
	check_sums
}

# What must hold in each file: sums are those of the bins, shares are shares.
check_sums() {
	[ -z "$(q "SELECT object_id, direction, full_ns, empty_ns FROM pressure
		WHERE full_ns OR empty_ns OR max_bytes OR max_messages
		EXCEPT SELECT object_id, direction, sum(full_ns), sum(empty_ns) FROM depth GROUP BY 1, 2")" ]
	[ -z "$(q "SELECT object_id, direction, max_bytes, max_messages FROM pressure
		WHERE full_ns OR empty_ns OR max_bytes OR max_messages
		EXCEPT SELECT object_id, direction, max(max_bytes), max(max_messages) FROM depth GROUP BY 1, 2")" ]
	[ -z "$(q "SELECT * FROM depth WHERE full_ns > width_ns OR empty_ns > width_ns OR bytes > max_bytes
		OR messages > max_messages OR start_ns % width_ns OR fill < 0")" ]
	[ -z "$(q "SELECT * FROM pressure WHERE NOT full_share BETWEEN 0 AND 1
		OR NOT empty_share BETWEEN 0 AND 1 OR mean_bytes > max_bytes OR full_ns > last_ns - first_ns")" ]
	[ "$(q "SELECT max(n) <= 128 FROM (SELECT count(*) n FROM depth GROUP BY object_id, direction)")" = 1 ]
}

# full CHANNEL CONDITION: a sender that waits, and the columns of the direction.
full() {
	record_scene full "$1"
	q "SELECT * FROM pressure"
	[ "$(q "SELECT count(*) FROM pressure WHERE full_ns >= $hold_ns AND NOT full_refusals
		AND confidence = 'exact' AND ($2)")" = 1 ]
	# it was full at some time in whole bins, if the scene held it for some of them
	[ "$(q "SELECT count(*) > 0 FROM depth WHERE full_share > 0.99 OR width_ns > $hold_ns / 2")" = 1 ]
}

@test "a pipe whose reader is late is full to the last byte" {
	full pipe "max_bytes = capacity_bytes AND capacity_bytes = 65536 AND max_fill = 1"
	[ "$(q "SELECT count(*) > 0 FROM depth WHERE bytes > 60000")" = 1 ]
}

@test "a UNIX stream whose reader is late is full, by its sender's buffer" {
	full unix_stream "max_bytes BETWEEN capacity_bytes / 2 AND 2 * capacity_bytes"
}

@test "UNIX packets fill their sender's buffer with more than their bytes" {
	full unix_seqpacket "max_bytes BETWEEN capacity_bytes / 4 AND capacity_bytes
		AND capacity_messages IS NULL AND max_messages = max_bytes / 1000"
}

@test "UNIX datagrams are limited in number" {
	full unix_dgram "max_messages >= capacity_messages AND max_messages <= capacity_messages + 1
		AND max_bytes = max_messages"
	[ "$(q "SELECT capacity_messages FROM pressure")" = $(($(</proc/sys/net/unix/max_dgram_qlen) + 1)) ]
}

@test "a TCP connection whose reader is late fills the buffers of both ends" {
	full tcp "capacity_bytes > 65536 AND max_bytes > 65536 AND max_bytes <= capacity_bytes"
}

@test "a POSIX queue holds as many messages as it was made for" {
	full posix_mq "max_messages = 10 AND capacity_messages = 10 AND max_bytes = 10000 AND max_fill = 1"
}

@test "a System V queue holds as many bytes as it may" {
	full sysv_mq "max_bytes > capacity_bytes - 1000 AND max_bytes <= capacity_bytes"
}

@test "who receives from what is empty waits" {
	for channel in pipe unix_stream unix_seqpacket unix_dgram tcp posix_mq sysv_mq; do
		record_scene empty $channel
		[ "$(q "SELECT count(*) FROM pressure WHERE empty_ns >= $hold_ns AND NOT full_ns
			AND sends = 1 AND max_messages = 1 AND max_bytes > 0")" = 1 ]
	done
}

@test "who is not to wait is refused, and that is counted" {
	for channel in pipe unix_stream unix_seqpacket unix_dgram tcp posix_mq sysv_mq; do
		record_scene refused $channel
		early=$(grep -c early truth.txt || true)
		[ "$(q "SELECT full_refusals, empty_refusals, full_ns, empty_ns FROM pressure")" = \
			"3 $((2 + early)) 0 0" ]
		# as many calls failed
		[ "$(q "SELECT count(*) FROM ops WHERE error IN ('EAGAIN', 'ENOMSG')")" = $((5 + early)) ]
		# and all that was inside was taken out
		[ "$(q "SELECT sum(sent_bytes) = sum(received_bytes) FROM objects")" = 1 ]
	done
}

@test "who waits for readiness waits for room" {
	for channel in pipe unix_stream tcp; do
		record_scene polled $channel
		[ "$(q "SELECT count(*) FROM pressure WHERE full_ns >= $hold_ns AND sends AND recvs
			AND full_refusals = (SELECT count(*) FROM ops WHERE role = 'send' AND error = 'EAGAIN')
			AND empty_refusals = (SELECT count(*) FROM ops WHERE role = 'recv' AND error = 'EAGAIN')")" = 1 ]
	done
}

@test "a writer that is never answered is blocked to the end" {
	# SIGTERM ends the program when the time is over; the writer ends with its reader
	run "$ipctrace" record -q -m pipe -d 1 -- sh -c 'dd if=/dev/zero bs=1M count=1 2>/dev/null | sleep 3'
	[ "$status" -eq 143 ]
	nothing_lost
	check_sums
	[ "$(q "SELECT count(*) FROM ops WHERE NOT finished AND role = 'send'")" = 1 ]
	[ "$(q "SELECT max_bytes, full_share > 0.5, recvs FROM pressure")" = "65536 1 0" ]
}

@test "programs that nobody here wrote: dd before a reader that sleeps" {
	"$ipctrace" record -q -- sh -c \
		'dd if=/dev/zero bs=1M count=64 2>/dev/null | (sleep 1; cat) >/dev/null'
	nothing_lost
	check_sums
	[ "$(q "SELECT full_ns > 500000000, max_fill, mean_fill > 0.5 FROM pressure")" = "1 1.0 1" ]
}
