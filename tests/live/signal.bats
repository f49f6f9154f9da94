#!/usr/bin/env bats
# Signals between processes: who sent each, to whom, and what is none of our business.

load common

# The messages as the scenes print them: MESSAGE SIGNAL SENDER RECEIVER COUNT.
messages() {
	q "SELECT 'MESSAGE', key, sender_pid, receiver_pid, count(*) FROM messages
	   WHERE mechanism = 'signal' AND confidence = 'exact' GROUP BY 2, 3, 4" | sort
}

# record_scene NAME: what the scene says of its messages is what the file says, and nothing more.
record_scene() {
	"$ipctrace" record -q -m signal --capture run.cap -- "$bin/test-signals" "$1" >said
	nothing_lost
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
	same "$(grep ^MESSAGE said | sort)" "$(messages)"
}

@test "queued signals from several senders, taken by sigwaitinfo: each from whom the kernel says" {
	record_scene wait
	same "$(grep ^ORDER said)" \
		"$(q "SELECT 'ORDER', sender_pid FROM messages JOIN ops ON op_id = recv_op ORDER BY ts_ns")"
}

@test "several signals in one read of a signalfd" {
	record_scene signalfd
	[ "$(q "SELECT count(*) FROM ops WHERE syscall = 'read'")" = 5 ]
	same "$(grep ^ORDER said)" "$(q "SELECT 'ORDER', sender_pid FROM messages ORDER BY message_id")"
}

@test "a standard signal that is pending is sent many times and delivered once" {
	"$ipctrace" record -q -m signal -- "$bin/test-signals" merged >said
	nothing_lost
	same "$(cat said)" "$(q "SELECT 'MERGED', key, sender_pid, receiver_pid FROM messages")"
	[ "$(q "SELECT count(*) FROM ops WHERE syscall = 'kill'")" = 7 ]
	[ "$(q "SELECT count(*) FROM ops WHERE syscall = 'signal_deliver'")" = 1 ]
}

@test "one kill of a group has a receiver for each process; tgkill and pidfd_send_signal" {
	record_scene group
	[ "$(q "SELECT count(*) FROM ops WHERE syscall = 'kill'")" = 1 ]
	[ "$(q "SELECT count(DISTINCT send_op) FROM messages")" = 3 ]
	[ "$(q "SELECT count(*) FROM edges WHERE kind = 'sync' AND bytes = 0")" = 5 ]
}

@test "to oneself, signal 0 and the kernel's own are no ops; a kill that fails is one" {
	record_scene nothing
	[ "$(q "SELECT group_concat(syscall || ' ' || error) FROM ops")" = "kill ESRCH" ]
}

@test "a signal to one thread of several" {
	record_scene thread
	[ "$(q "SELECT DISTINCT receiver_tid FROM messages")" = "$(awk '/^THREAD/ { print $2 }' said)" ]
}

@test "a program that is killed by a program outside is not charged to anyone inside" {
	"$ipctrace" record -q -m signal -- sleep 10 &
	local recorder=$! child
	for _ in $(seq 100); do
		child=$(pgrep -P "$recorder" -x sleep) && break
		sleep 0.05
	done
	kill -TERM "$child"
	wait "$recorder" || [ $? = 143 ]
	nothing_lost
	[ "$(q "SELECT count(*) FROM messages")" = 0 ]
}
