#!/usr/bin/env bats
# process_vm_readv and process_vm_writev: bytes, and both processes, though only one makes a call.

load common

@test "the memory of a child is read and written" {
	"$ipctrace" record -q -m process_vm --capture run.cap -- "$bin/test-process_vm" >pids
	nothing_lost
	read -r parent child <pids
	same "$parent $child 13 793
$child $parent 13 793" "$(q "SELECT sender_pid, receiver_pid, messages, bytes FROM edges
		ORDER BY sender_pid = $child")"
	[ "$(q "SELECT count(*) FROM messages WHERE confidence = 'exact' AND transit_ns > 0")" = 26 ]
	same "61 EFAULT test-process_vm[$child]
61 ESRCH (no object)" "$(q "SELECT requested, error, object FROM ops WHERE error IS NOT NULL ORDER BY error")"
	[ "$(q "SELECT count(*) FROM processes WHERE NOT traced")" = 0 ]
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
}

@test "one's own memory" {
	"$ipctrace" record -q -m process_vm -- "$bin/test-process_vm" self >pids
	nothing_lost
	read -r parent child <pids
	[ "$parent" = "$child" ]
	[ "$(q "SELECT sender_pid, receiver_pid, messages FROM edges")" = "$parent $parent 26" ]
}
