#!/usr/bin/env bats
# UNIX sockets: each call, and each way in which sockets, addresses and their holders come and go,
# by the scenes of sockets.c.

load common

# record_scene SCENE TYPE [ARGUMENT...]: what it prints goes to out.txt.
record_scene() {
	"$ipctrace" record -q -- "$sockets" "$@" >out.txt
	nothing_lost
}

# Kernels before 6.2 do not tell where a datagram goes, nor how many a splice makes.
kernel_tells() {
	[ "$(printf '6.2\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.2 ]
}

# messages MECHANISM: each message's size and confidence, in the order of sending.
messages() {
	q "SELECT bytes, confidence FROM messages WHERE mechanism = 'unix_$1' ORDER BY send_op" |
		tr '\n' ',' | sed 's/,$//'
}

# strace_same CALLS SCENE TYPE: as many calls by strace's count as in the trace file.
strace_same() {
	command -v strace >/dev/null || return 0
	strace -f -c -U name,calls -o strace.txt -e trace="$1" "$sockets" "$2" "$3" >/dev/null
	same "$(awk '$2 ~ /^[0-9]+$/ && $1 != "total" { print $1, $2 }' strace.txt | sort)" \
		"$(q "SELECT syscall, count(*) FROM ops
		      WHERE instr(',$1,', ',' || syscall || ',') GROUP BY 1" | sort)"
}

@test "every call that moves bytes" {
	for type in stream dgram seqpacket; do
		record_scene moves $type
		same "$(sort out.txt)" \
			"$(q "SELECT syscall, role, count(*), coalesce(sum(bytes), 0) FROM ops
			      WHERE NOT (syscall = 'write' AND fd = 1) GROUP BY 1, 2" | sort)"
		strace_same sendto,recvfrom,sendmsg,recvmsg,sendmmsg,recvmmsg,shutdown,socketpair \
			moves $type
		[ $type = stream ] || kernel_tells || continue
		# what lies in between is one message for each call, but three for sendmmsg, and
		# on a stream as many as there are cuts
		[ "$(q "SELECT sum(bytes) FROM messages WHERE mechanism = 'unix_$type'")" = \
			$((13 * (17 + 23 + 23 + 19 + 23 + 23 + 31 + 29))) ]
		[ $type = stream ] || [ "$(q "SELECT count(*) FROM messages
			WHERE mechanism = 'unix_$type'")" = $((13 * 10)) ]
		same exact "$(q "SELECT DISTINCT confidence FROM messages")"
	done
}

@test "connections by a path and by an abstract name" {
	for type in stream seqpacket; do
		record_scene connects $type
		same "$(sort out.txt)" \
			"$(q "SELECT syscall, role, count(*), coalesce(sum(bytes), 0) FROM ops
			      WHERE mechanism = 'unix_$type' GROUP BY 1, 2" | sort)"
		strace_same socket,bind,listen,connect,accept,accept4,sendto,recvfrom connects $type
		same "28 196 exact" "$(q "SELECT count(*), sum(bytes), confidence FROM messages")"
		same "@sockets-abstract 14
sockets.path 14" "$(q "SELECT name, sum(messages) FROM objects WHERE messages GROUP BY 1")"
		same 14 "$(q "SELECT count(*) FROM objects WHERE messages = 2 AND processes = 2")"
	done
}

@test "datagrams by address, by connection, and to several in one call" {
	kernel_tells || skip "this kernel does not tell where a datagram goes"
	record_scene mailbox dgram
	same "@sockets-mail 4 17
sockets.mail 3 11" "$(q "SELECT object, count(*), sum(bytes) FROM messages GROUP BY 1")"
	same "1 2 3 4 5 6 7" "$(q "SELECT group_concat(bytes, ' ') FROM
		(SELECT bytes FROM messages ORDER BY send_op, bytes)")"
	same "exact" "$(q "SELECT DISTINCT confidence FROM messages")"
	same "2" "$(q "SELECT count(*) FROM edges")"
}

@test "a relative name in two folders is two sockets" {
	kernel_tells || skip "this kernel does not tell where a datagram goes"
	record_scene relative dgram
	same "5 25 exact
5 30 exact" "$(q "SELECT count(*), sum(bytes), confidence FROM messages GROUP BY object_id ORDER BY 2")"
	same "10" "$(q "SELECT count(*) FROM messages JOIN ops s ON s.op_id = send_op
			WHERE s.bytes = messages.bytes")"
}

@test "clients that have closed before they are accepted" {
	for type in stream seqpacket; do
		record_scene late $type
		same "11 exact,12 exact,13 exact,14 exact,15 exact,16 exact,17 exact" \
			"$(messages $type)"
		same "7 sockets.late" "$(q "SELECT count(*), name FROM objects WHERE messages = 1")"
	done
}

@test "an inherited fd, a copy of it, another thread, after exec" {
	for type in stream dgram seqpacket; do
		record_scene lives $type
		same "1 exact,2 exact,3 exact,4 exact" "$(messages $type)"
		[ "$(q "SELECT count(DISTINCT sender_pid) FROM messages")" = 3 ]
		[ "$(q "SELECT count(DISTINCT sender_tid) FROM messages")" = 4 ]
		[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL")" = 0 ]
	done
}

@test "fds and an address that are used again" {
	for type in stream dgram seqpacket; do
		record_scene reuse $type
		same "$(seq 11 | sed 's/$/ exact/' | tr '\n' ',' | sed 's/,$//')" "$(messages $type)"
		[ "$(q "SELECT count(*) FROM objects WHERE messages = 1")" = 11 ]
		[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL")" = 0 ]
	done
}

@test "pairs whose addresses are given out again" {
	for type in stream seqpacket; do
		record_scene pairs $type
		same "40 2 $((2 * 41 * 20)) exact" "$(q "SELECT count(DISTINCT object_id),
				count(*) / count(DISTINCT object_id), sum(bytes), confidence
			FROM messages GROUP BY confidence")"
		[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL")" = 0 ]
	done
}

@test "peeks, what is cut off, empty messages, the end" {
	record_scene boundaries stream
	same "5 exact,5 exact,5 exact,7 exact,19 exact" "$(messages stream)"
	record_scene boundaries dgram
	same "5 exact,5 exact,5 exact,7 exact,11 exact,13 exact,0 exact,17 exact,19 exact" \
		"$(messages dgram)"
	record_scene boundaries seqpacket
	same "5 exact,5 exact,5 exact,7 exact,11 exact,13 exact,0 exact,17 exact,19 exact" \
		"$(messages seqpacket)"
}

@test "calls that fail move no number" {
	for type in stream dgram seqpacket; do
		record_scene errors $type
		full=$(cat out.txt)
		same "exact $((full + 3)) $((full * 1000 + 6))" \
			"$(q "SELECT confidence, count(*), sum(bytes) FROM messages GROUP BY 1")"
		same 0 "$(q "SELECT count(*) FROM messages JOIN ops s ON s.op_id = send_op
			     JOIN ops r ON r.op_id = recv_op WHERE s.bytes != r.bytes")"
		[ "$(q "SELECT count(*) FROM ops WHERE error IN
			('EAGAIN', 'EFAULT', 'EPIPE', 'ECONNREFUSED', 'ENOTCONN')")" -ge 6 ]
	done
}

@test "another peer, and what the old one sent is dropped" {
	record_scene reconnect dgram
	same "1 exact,4 inferred,5 inferred,6 inferred,7 inferred,8 inferred" "$(messages dgram)"
}

# sizes_right NAME: of an exact message both ends have the same size, which no other has.
sizes_right() {
	q "SELECT confidence, count(*), sum(s.bytes = r.bytes) FROM messages
	   JOIN ops s ON s.op_id = send_op JOIN ops r ON r.op_id = recv_op
	   WHERE messages.mechanism LIKE 'unix%' GROUP BY 1" >right
	awk -v name="$1" '{ print "# " name ": " $0 " right" }' right >&3
	same 4000 "$(awk '{ n += $2 } END { print n }' right)"
	awk '$1 == "exact" { exact = $2; wrong = $2 - $3 } END { exit wrong || !exact }' right
}

@test "concurrent senders: a message that is called exact is the one that was sent" {
	for type in dgram seqpacket; do
		record_scene race $type
		sizes_right "$type, one socket for all"
	done
	record_scene race-own dgram
	sizes_right "dgram, each its own"
	same "exact" "$(cut -d' ' -f1 right)"
}

@test "concurrent senders of several messages a call" {
	for scene in "race-several dgram" "race-several seqpacket" "race-several-own dgram"; do
		record_scene $scene
		same 4000 "$(q "SELECT count(*) FROM messages WHERE mechanism LIKE 'unix%'")"
		q "SELECT confidence, count(*) FROM messages WHERE mechanism LIKE 'unix%' GROUP BY 1" |
			sed "s/^/# $scene: /" >&3
		# the size says who sent it
		same 1 "$(q "SELECT count(DISTINCT (bytes - 1) / 1000 || ' ' || sender_pid) =
			count(DISTINCT (bytes - 1) / 1000) FROM messages
			WHERE mechanism LIKE 'unix%' AND confidence = 'exact'")"
		# and in which of its calls
		same 0 "$(q "WITH call AS (SELECT op_id, row_number() OVER
				(PARTITION BY process_id ORDER BY ts_ns) - 1 AS nth
				FROM ops WHERE syscall = 'sendmmsg')
			SELECT count(*) FROM messages JOIN call ON op_id = send_op
			WHERE nth != (bytes - 1) % 1000 / 5 AND confidence = 'exact'")"
	done
}

@test "concurrent senders on a stream" {
	record_scene race-stream stream
	q "SELECT sender_pid, confidence FROM messages WHERE mechanism = 'unix_stream'
	   ORDER BY recv_op" >paired
	paste -d' ' out.txt paired | awk '
		{ n[$3]++; if ($1 == $2) right[$3]++ }
		END { for (c in n) printf "# stream: %s %d, right %d\n", c, n[c], right[c]
		      exit n["exact"] != right["exact"] || !n["exact"] }' >&3
}

@test "fds that are passed on, and used by who got them" {
	for type in stream dgram seqpacket; do
		record_scene pass $type
		same "pipe  1
unix_seqpacket  1
 /etc/passwd 1
pipe  1
unix_seqpacket  1" "$(q "SELECT object_mechanism, what, receiver_id > sender_id FROM passed_fds
		ORDER BY passing_id")"
		same "unix_$type 2 2 3" "$(q "SELECT mechanism, count(DISTINCT carrier_id),
			count(DISTINCT object_id), count(DISTINCT sender_pid || receiver_pid) + 1
			FROM passed_fds")"
		[ "$(q "SELECT count(*) FROM passed_fds WHERE received_ns > sent_ns
			AND sender_fd > 2 AND receiver_fd > 2")" = 5 ]
		# the messages of what was passed are between those who had it in the end
		same "7 exact,13 exact" "$(q "SELECT bytes, confidence FROM messages
			WHERE bytes > 1 ORDER BY bytes" | tr ' \n' ' ,' | sed 's/,$//')"
		[ "$(q "SELECT count(*) FROM messages WHERE bytes = 7 AND
			receiver_id = (SELECT max(receiver_id) FROM passed_fds)")" = 1 ]
		[ "$(q "SELECT count(*) FROM objects WHERE closed_ns IS NULL")" = 0 ]
	done
}

@test "fds without room, looked at, and left" {
	for type in stream dgram seqpacket; do
		record_scene pass-cut $type
		# two of five have arrived, one twice, one not at all
		same "4 4" "$(q "SELECT count(*) - 4, sum(received_ns IS NOT NULL) FROM passed_fds")"
		[ "$(q "SELECT count(*) FROM passed_fds WHERE sent_ns IS NULL")" = 0 ]
		same "2 exact" "$(q "SELECT count(*), confidence FROM messages
			WHERE mechanism = 'pipe'")"
	done
}

@test "a socket that was there before, with messages in it" {
	for type in stream dgram seqpacket; do
		"$sockets" inherit $type "$ipctrace" record -q -- "$sockets" inherited $type
		nothing_lost
		case $type in
		dgram) same "8 inferred" "$(messages $type)" ;;
		*) same "8 inferred,4 inferred" "$(messages $type)" ;;
		esac
	done
}

@test "a server or a client that is not traced" {
	for type in stream dgram seqpacket; do
		for traced in client server; do
			rm -f ready ipctrace.db
			if [ $traced = client ]; then
				"$sockets" server $type "$PWD/sockets.server" >ready 3>&- &
			else
				"$ipctrace" record -q -- "$sockets" server $type \
					"$PWD/sockets.server" >ready 3>&- &
			fi
			pid=$!
			for _ in $(seq 100); do [ -s ready ] || sleep 0.1; done
			if [ $traced = client ]; then
				"$ipctrace" record -q -- "$sockets" client $type "$PWD/sockets.server"
			else
				"$sockets" client $type "$PWD/sockets.server"
			fi
			wait $pid
			nothing_lost
			[ "$(q "SELECT count(*) FROM messages")" = 0 ]
			same "1 5 15
1 5 20" "$(q "SELECT count(*), sum(messages), sum(bytes) FROM edges GROUP BY bytes ORDER BY bytes")"
			[ "$(q "SELECT count(*) FROM objects WHERE name = '$PWD/sockets.server'")" -ge 1 ]
		done
	done
}
