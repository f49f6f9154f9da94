#!/usr/bin/env bats
# Pseudo-terminals: who is at which end, and when the bytes are the same at both.

load common

# record_scene NAME: record it, and replay to the same file.
record_scene() {
	"$ipctrace" record -q -m pty --capture run.cap -- "$bin/test-terminal" "$1" >said
	nothing_lost
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
}

@test "raw: every byte is exact, in both directions" {
	record_scene raw
	read -r parent child rounds <said
	[ "$(q "SELECT count(*) FROM messages WHERE confidence != 'exact'")" = 0 ]
	same "$parent $child 1616
$child $parent $(q "SELECT sum(bytes) FROM ops WHERE role = 'send' AND pid = $child")" \
		"$(q "SELECT sender_pid, receiver_pid, bytes FROM edges ORDER BY sender_pid = $child")"
	[ "$rounds" = "$(q "SELECT count(DISTINCT send_op) FROM messages WHERE sender_pid = $parent")" ]
	[ "$(q "SELECT name LIKE '/dev/pts/%' AND creator_id = 1 FROM objects")" = 1 ]
}

@test "cooked: both ends are right, and nothing is called exact" {
	record_scene cooked
	read -r parent child rounds <said
	[ "$(q "SELECT count(*) FROM messages WHERE confidence = 'exact'")" = 0 ]
	[ "$(q "SELECT count(*) FROM messages WHERE sender_pid = $parent AND receiver_pid = $child")" -ge \
		$((rounds * 9 / 10)) ]
	[ "$(q "SELECT count(*) FROM messages WHERE sender_pid = $child AND receiver_pid = $parent")" -ge \
		$((rounds * 9 / 10)) ]
}

@test "a new pair at the place of an older one is another object" {
	record_scene reuse
	[ "$(q "SELECT count(*) FROM objects")" = 11 ]
	[ "$(q "SELECT count(*), sum(bytes), min(confidence) FROM messages")" = "11 11 exact" ]
	[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL")" = 0 ]
}

@test "what is flushed is received by nobody" {
	record_scene flush
	[ "$(q "SELECT sum(bytes) FROM messages")" = 5 ]
	[ "$(q "SELECT requested FROM ops JOIN messages ON op_id = send_op")" = 5 ]
}

@test "calls are those of strace" {
	strace -o /dev/null true 2>/dev/null || skip "strace does not work here"
	strace -f -y -o trace.txt -e trace=read,write,ioctl,close "$bin/test-terminal" raw >/dev/null
	"$ipctrace" record -q -m pty -- "$bin/test-terminal" raw >/dev/null
	for call in read write ioctl close; do
		same "$(grep -cE "^[0-9]+ +$call\([0-9]+<(/dev/ptmx|/dev/pts/|/dev/pts/ptmx)" trace.txt)" \
			"$(q "SELECT count(*) FROM ops WHERE syscall = '$call'")"
	done
}
