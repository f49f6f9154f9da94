#!/usr/bin/env bats
# Message queues of both kinds, semaphores and eventfds, by the scenes of queues.c.

load common

queues=$bin/test-queues

# record_calls SCENE MECHANISM: all calls on the mechanism that the scene says it made, no others.
record_calls() {
	"$ipctrace" record -q --capture run.cap -m "$2" -- "$queues" "$1" >truth.txt
	same "$(sort truth.txt)" \
		"$(q "SELECT syscall, role, count(*), coalesce(sum(bytes), 0) FROM ops GROUP BY 1, 2" | sort)"
	nothing_lost
	rm -f again.db
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
}

# For each message that was received: receiver, its how manieth, sender, its how manieth, how sure.
paired() {
	q "WITH s AS (SELECT op_id, tid, row_number() OVER (PARTITION BY tid ORDER BY op_id) n
		FROM ops WHERE role = 'send' AND error IS NULL AND finished),
	   r AS (SELECT op_id, tid, row_number() OVER (PARTITION BY tid ORDER BY op_id) n
		FROM ops WHERE role = 'recv' AND error IS NULL AND finished)
	   SELECT r.tid, r.n, s.tid, s.n, confidence FROM messages
		JOIN s ON s.op_id = send_op JOIN r ON r.op_id = recv_op"
}

# race SCENE MECHANISM: what is called exact is from whom it says, and it is nearly all.
race() {
	"$ipctrace" record -q -m "$2" -- "$queues" "$1" >truth.txt
	nothing_lost
	[ "$(wc -l <truth.txt)" = $((4 * 1009)) ]
	paired >paired.txt
	awk -v scene="$1" '
		NR == FNR { truth[$1, $2] = $3 " " $4; n++; next }
		($1, $2) in truth { count[$5]++; right[$5] += truth[$1, $2] == $3 " " $4 }
		END { printf "# %s: %d received", scene, n
		      for (c in count) printf ", %s %d of which %d right", c, count[c], right[c]
		      printf "\n"
		      exit count["exact"] != right["exact"] || count["exact"] < 0.99 * n }' \
		truth.txt paired.txt >&3
}

@test "every call on POSIX message queues" {
	record_calls mq-calls posix_mq
	same "EAGAIN EBADF EEXIST EFAULT EMSGSIZE ENOENT" \
		"$(q "SELECT group_concat(error, ' ') FROM (SELECT DISTINCT error FROM ops WHERE error IS NOT NULL ORDER BY 1)")"
	same "22 55 exact" "$(q "SELECT count(*), sum(bytes), confidence FROM messages GROUP BY 3")"
	same "/ipctrace-test 640 0 0 1" "$(q "SELECT name, capacity, outside, left_behind, created_ns < closed_ns
		FROM objects WHERE messages")"
	[ "$(q "SELECT count(*) FROM ops WHERE object = '(no object)'")" = $((11 * 3 + 2)) ]
	# the priority is shown, also of a receive that did not ask for it
	same "$(seq 0 10)" "$(q "SELECT DISTINCT key FROM messages ORDER BY 1")"
	same "$(seq 0 10)" "$(q "SELECT DISTINCT key FROM ops WHERE role = 'recv' AND error IS NULL ORDER BY 1")"
}

@test "every call on System V message queues: peeks, cut messages, failures" {
	record_calls msg-calls sysv_mq
	# peeked at: 30 and 40; cut: 20 of 40; taken: 30 and 0
	same "0 11
20 11
30 22
40 11
8192 11" "$(q "SELECT bytes, count(*) FROM messages WHERE confidence = 'exact' GROUP BY 1")"
	[ "$(q "SELECT count(*) FROM messages WHERE key != CASE WHEN bytes IN (20, 40) THEN 5 ELSE 3 END")" = 0 ]
	[ "$(q "SELECT count(*) FROM objects WHERE created_ns < closed_ns AND NOT outside AND NOT left_behind")" = 11 ]
	[ "$(q "SELECT min(name) FROM objects WHERE messages")" = "key 0x0001e240" ]
}

@test "every call on semaphores" {
	record_calls sem-calls sysv_sem
	[ "$(q "SELECT count(DISTINCT object_id) FROM objects WHERE closed_ns > created_ns")" = 7 ]
	same "0
1" "$(q "SELECT DISTINCT key FROM ops WHERE key IS NOT NULL ORDER BY 1")"
}

@test "every call on eventfds: initial counts, several writes for a read, semaphores" {
	record_calls eventfd-calls eventfd
	same "35 0 exact" "$(q "SELECT count(*), sum(bytes), confidence FROM messages GROUP BY 3")"
	# two writes and the initial count were read at once
	[ "$(q "SELECT count(*) FROM (SELECT recv_op FROM messages GROUP BY 1 HAVING count(*) = 2)")" = 7 ]
	same "sync 35 0" "$(q "SELECT kind, sum(messages), sum(bytes) FROM edges GROUP BY 1")"
}

@test "op counts are those of strace" {
	strace -o /dev/null true 2>/dev/null || skip "strace does not work here"
	local calls=mq_open,mq_unlink,mq_timedsend,mq_timedreceive,mq_notify,mq_getsetattr,msgget,msgsnd,msgrcv,msgctl,semget,semop,semtimedop,semctl,eventfd,eventfd2
	for scene in mq-calls msg-calls sem-calls eventfd-calls; do
		strace -f -o trace.txt -e trace=$calls "$queues" $scene >/dev/null
		"$ipctrace" record -q -m posix_mq,sysv_mq,sysv_sem,eventfd -- "$queues" $scene >/dev/null
		same "$(sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.* = (-1 )?([0-9]+|E[A-Z0-9]*).*/\1 \3/p' trace.txt |
			sed -E 's/ [0-9]+$/ /' | sort | uniq -c | sed 's/^ *//')" \
			"$(q "SELECT count(*), syscall, error FROM ops WHERE syscall NOT IN
				('read', 'write', 'writev', 'close') GROUP BY 2, 3 ORDER BY 2, 3")"
	done
}

@test "concurrent senders with shuffled priorities, concurrent receivers" { race mq-race posix_mq; }
@test "the same of threads" { race mq-threads posix_mq; }
@test "concurrent senders with shuffled types, receivers that ask in each way" { race msg-race sysv_mq; }

@test "who let whom go on: semaphores that one process alone gives" {
	"$ipctrace" record -q -m sysv_sem -- "$queues" sem-race >truth.txt
	nothing_lost
	q "SELECT w.key, s.pid, confidence FROM messages m
		JOIN ops s ON s.op_id = m.send_op JOIN ops w ON w.op_id = m.recv_op" >paired.txt
	local waits
	waits=$(q "SELECT count(*) FROM ops WHERE role = 'wait' AND error IS NULL AND blocked_ns > 0")
	awk -v waits="$waits" '
		NR == FNR { giver[$1] = $2; next }
		{ n[$3]++; right[$3] += giver[$1] == $2 }
		END { printf "# sem-race: %d slept", waits
		      for (c in n) printf ", %s %d of which %d right", c, n[c], right[c]
		      printf "\n"
		      exit n["exact"] != right["exact"] || n["exact"] < 0.9 * waits }' truth.txt paired.txt >&3
}

@test "one semctl that lets three go" {
	"$ipctrace" record -q -m sysv_sem -- "$queues" sem-set
	same "3 3 1 exact" "$(q "SELECT count(*), count(DISTINCT receiver_pid), count(DISTINCT send_op), confidence FROM messages")"
	[ "$(q "SELECT DISTINCT syscall FROM ops JOIN messages ON send_op = op_id")" = semctl ]
	[ "$(q "SELECT count(*) FROM messages WHERE transit_ns <= 0")" = 0 ]
	same "sync 3 0" "$(q "SELECT kind, sum(messages), sum(bytes) FROM edges GROUP BY 1")"
}

@test "eventfd: what several writers added to what one reader took" {
	"$ipctrace" record -q -m eventfd -- "$queues" eventfd-race >truth.txt
	nothing_lost
	# of the reads all of whose messages are sure: from how many writes of each writer
	q "WITH w AS (SELECT pid, rank() OVER (ORDER BY pid) i FROM ops WHERE role = 'send' GROUP BY pid),
	   r AS (SELECT op_id, row_number() OVER (ORDER BY op_id) n FROM ops WHERE role = 'recv')
	   SELECT n, sum(i = 1), sum(i = 2), sum(i = 3), sum(confidence != 'exact') FROM messages
		JOIN w ON sender_pid = w.pid JOIN r ON op_id = recv_op GROUP BY 1" >paired.txt
	awk '	NR == FNR { truth[$1] = $2 " " $3 " " $4; next }
		{ n++; if ($5 == 0) { sure++; right += truth[$1] == $2 " " $3 " " $4 } }
		END { printf "# eventfd-race: %d reads, of %d all is exact, %d right\n", n, sure, right
		      exit sure != right || !sure }' truth.txt paired.txt >&3
}

@test "an id that is used again is another object" {
	[ -e /proc/sys/kernel/msg_next_id ] || skip "this kernel cannot be told which id is next"
	"$ipctrace" record -q -m sysv_mq -- "$queues" msg-reuse
	same "1 0
2 1
3 2" "$(q "SELECT sends, messages FROM objects ORDER BY object_id")"
	[ "$(q "SELECT count(DISTINCT kernel_id) FROM objects")" = 1 ]
	[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL")" = 0 ]
	same exact "$(q "SELECT DISTINCT confidence FROM messages")"
}

@test "a queue from before, with messages in it" {
	"$queues" msg-make
	"$ipctrace" record -q -m sysv_mq -- "$queues" msg-inherited || { "$queues" msg-remove; false; }
	"$queues" msg-remove
	# what was there has no sender here; what was sent here is paired right
	same "5 7" "$(q "SELECT count(*), bytes FROM messages GROUP BY 2")"
	[ "$(q "SELECT sum(s.n != r.n) FROM messages
		JOIN (SELECT op_id, row_number() OVER (ORDER BY op_id) n FROM ops WHERE role = 'send') s
			ON s.op_id = send_op
		JOIN (SELECT op_id, row_number() OVER (ORDER BY op_id) n FROM ops
			WHERE role = 'recv' AND bytes = 7) r ON r.op_id = recv_op")" = 0 ]
	same "1 1 0" "$(q "SELECT outside, created_ns IS NULL, left_behind FROM objects")"
}

@test "a receiver that is not traced" {
	"$queues" msg-make
	"$queues" msg-take &
	"$ipctrace" record -q -m sysv_mq -- "$queues" msg-given
	wait $!
	"$queues" msg-remove
	[ "$(q "SELECT count(*) FROM messages")" = 0 ]
	[ "$(q "SELECT outside FROM objects")" = 1 ]
	same "5 65 test-queues 0" "$(q "SELECT messages, bytes, comm, traced FROM edges
		JOIN processes ON process_id = receiver_id")"
}

@test "what is left behind" {
	"$ipctrace" record -q -m posix_mq,sysv_mq,sysv_sem --capture run.cap -- "$queues" left
	"$queues" left-remove
	same "/ipctrace-test 0 1
/ipctrace-test-left 1 1
key 0x0001e240 1 0
key 0x0001e240 1 0
key 0x0001e241 0 1" "$(q "SELECT name, left_behind, closed_ns IS NOT NULL FROM objects WHERE kernel_id IS NOT NULL ORDER BY name, mechanism")"
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
}

@test "poll and select on a queue are waits that take nothing" {
	"$ipctrace" record -q -m posix_mq,pipe -- "$queues" poll
	# of those that found nothing, on the pipe that was asked for first
	same "pipe poll 2 0
posix_mq poll 1 1
posix_mq select 1 1" "$(q "SELECT mechanism, syscall, count(*), sum(ready) FROM ops WHERE role = 'wait' GROUP BY 1, 2" |
		sed s/pselect6/select/)"
	same "1 1 exact" "$(q "SELECT count(*), bytes, confidence FROM messages")"
	same "1 1" "$(q "SELECT recvs, received_bytes FROM objects WHERE messages")"
	nothing_lost
}

@test "receives that a handler interrupts or a signal kills; an exec closes a queue" {
	"$ipctrace" record -q -m posix_mq,sysv_mq -- "$queues" unfinished
	same " 0 1
EINTR 1 1" "$(q "SELECT error, finished, count(*) FROM ops WHERE role = 'recv' GROUP BY 1, 2" |
		sed 's/ERESTARTNOHAND/EINTR/')"
	[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL AND kernel_id")" = 0 ]
	nothing_lost
}

@test "a queue that notifies by a signal" {
	"$ipctrace" record -q -m posix_mq,signal -- "$queues" notify
	same "mq_timedsend mq_timedreceive 1 3 exact" "$(q "SELECT s.syscall, r.syscall, m.bytes, m.key, m.confidence
		FROM messages m JOIN ops s ON s.op_id = send_op JOIN ops r ON r.op_id = recv_op
		WHERE m.mechanism = 'posix_mq'")"
	nothing_lost
}
