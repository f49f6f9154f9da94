#!/usr/bin/env bats
# Each system call, and each way in which processes, fds and objects come and go, by the scenes
# of calls.c.

load common

# record_calls SCENE: all calls that the scene says it made, and no others.
record_calls() {
	"$ipctrace" record -q -- "$calls" "$1" >truth.txt
	same "$(sort truth.txt)" \
		"$(q "SELECT syscall, role, count(*), coalesce(sum(bytes), 0) FROM ops
		      WHERE NOT (syscall = 'write' AND fd = 1) GROUP BY 1, 2" | sort)"
	nothing_lost
}

@test "every call that moves bytes" {
	record_calls moves
	same "104 2483 exact" "$(q "SELECT count(*), sum(bytes), confidence FROM messages GROUP BY 3")"
	# asked for 58, got 58; asked for 1, refused
	[ "$(q "SELECT DISTINCT requested FROM ops WHERE syscall = 'readv'")" = 23 ]
	[ "$(q "SELECT DISTINCT error FROM ops WHERE syscall = 'pread64'")" = ESPIPE ]
}

@test "every call that makes, copies or closes an fd" {
	record_calls fds
	[ "$(q "SELECT count(*) FROM objects WHERE capacity = 8192 AND closed_ns > created_ns")" = 7 ]
}

@test "a FIFO, opened in each way; what is left in it when all close is gone" {
	record_calls fifo
	same "5 95 19
5 55 11" "$(q "SELECT count(*), sum(bytes), bytes FROM messages GROUP BY 3 ORDER BY 3 DESC")"
	same "exact" "$(q "SELECT DISTINCT confidence FROM messages")"
	[ "$(q "SELECT count(*) FROM ops WHERE error = 'EEXIST'")" = 1 ]
	[ "$(q "SELECT name FROM objects WHERE messages > 0")" = "$PWD/calls.fifo" ]
}

@test "an inode number that is used again is another object" {
	"$ipctrace" record -q -- "$calls" inode-reuse
	same "1 7
2 14
3 21" "$(q "SELECT messages, bytes FROM objects ORDER BY object_id")"
}

@test "an fd number that is used again is another object" {
	"$ipctrace" record -q -- "$calls" fd-reuse
	same "$(seq 11)" "$(q "SELECT bytes FROM objects ORDER BY object_id")"
	[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL")" = 0 ]
}

@test "a thread that uses another thread's fd" {
	"$ipctrace" record -q -- "$calls" threads
	same "5 5 exact" "$(q "SELECT count(*), count(DISTINCT sender_tid), confidence FROM messages")"
	[ "$(q "SELECT count(*) FROM processes")" = 1 ]
}

@test "a thousand processes" {
	"$ipctrace" record -q -- "$calls" forks
	nothing_lost
	[ "$(q "SELECT count(*) FROM processes WHERE traced AND exit_status = 0")" = 1010 ]
	same "1009 1009 exact" "$(q "SELECT count(*), sum(bytes), confidence FROM messages")"
	[ "$(q "SELECT count(*) FROM edges WHERE messages = 1")" = 1009 ]
}

@test "an object that outlives exec, and one end that does not" {
	"$ipctrace" record -q -- "$calls" exec
	same "23 exact" "$(q "SELECT bytes, confidence FROM messages")"
	[ "$(q "SELECT count(*) FROM exec")" = 2 ]
	# closed by close_range, well before the process ended
	[ "$(q "SELECT exit_ns - closed_ns > 10000000 FROM objects, processes")" = 1 ]
}

@test "calls that signals interrupt, restart and kill" {
	"$ipctrace" record -q -- "$calls" signals
	same " 0 1
 1 1
ERESTARTSYS 1 2" "$(q "SELECT error, finished, count(*) FROM ops WHERE role = 'recv' GROUP BY 1, 2")"
	# the killed one was off the CPU nearly all its time
	[ "$(q "SELECT dur_ns > 100000000 AND blocked_ns > dur_ns * 0.9 AND blocked_ns <= dur_ns
		FROM ops WHERE NOT finished")" = 1 ]
}

@test "packets: what a receive leaves is gone and shifts nothing" {
	"$ipctrace" record -q -- "$calls" packets
	same "3 30 10
3 150 50" "$(q "SELECT count(*), sum(bytes), bytes FROM messages GROUP BY 3")"
}

@test "concurrent writers: a message that is called exact is from whom it says" {
	for scene in race race-when-full; do
		"$ipctrace" record -q -- "$calls" $scene >order
		nothing_lost
		q "SELECT sender_pid, confidence FROM messages ORDER BY recv_op" >paired
		[ "$(wc -l <order)" = 20012 ]
		paste -d' ' order paired | awk -v scene=$scene '
			{ n[$3]++; if ($1 == $2) right[$3]++ }
			END { for (c in n) printf "# %s: %s %d, right %d\n", scene, c, n[c], right[c]
			      exit n["exact"] != right["exact"] || !n["exact"] }' >&3
	done
}

@test "32-bit system calls are counted and never decoded wrong" {
	status=0
	"$ipctrace" record -q -- "$calls" compat || status=$?
	[ $status != 139 ] || skip "this kernel has no 32-bit system calls"
	[ $status = 0 ]
	balanced
	same "11 0 11" "$(q "SELECT seen, stored, lost FROM ledger WHERE reason = 'compat_32bit'")"
	same "pipe2 write" "$(q "SELECT group_concat(syscall, ' ') FROM (SELECT syscall FROM ops ORDER BY syscall)")"
}

@test "off-CPU time lies within the call, for every op" {
	"$ipctrace" record -q -- sh -c 'seq 200000 | sort -r | wc -l' >/dev/null
	[ "$(q "SELECT count(*) FROM ops WHERE blocked_ns < 0 OR blocked_ns > dur_ns")" = 0 ]
	[ "$(q "SELECT sum(blocked_ns) > 0 FROM ops")" = 1 ]
}
