#!/usr/bin/env bats
# Recordings of the bundled workloads against the truth that they print, and against strace.

load common

# truth: what a recording can tell of the workload's truth. A wake-up carries no bytes, and who gave
# a semaphore's unit is known if another slept for it.
truth() {
	grep -v '^#' truth.txt | sed -E '
		s/^(eventfd message [0-9]+) .*/\1 0/
		/^(sysv_sem|udp) message/d' | sort
}

# Of UDP, messages can lack a partner on a busy machine: docs/design.md.
enough_datagrams() {
	awk -v seen="$(q "SELECT count(*) FROM messages WHERE mechanism = 'udp'")" \
		'$1 == "udp" && $2 == "message" { exit seen * 100 < $3 * 95 }' truth.txt
}

# record_truth MECHANISM PATTERN [OPTION...]: record the workload and compare all that it knows.
record_truth() {
	local mechanism=$1 pattern=$2
	shift 2
	"$ipctrace" record -q --capture run.cap -- \
		"$workload" "$mechanism" --pattern "$pattern" "$@" >truth.txt
	same "$(truth)" "$(observed "$mechanism" | grep -vE '^(sysv_sem|udp) message')"
	enough_datagrams
	nothing_lost
	# every message of an object that one process writes is sure
	[ "$(q "SELECT count(*) FROM messages WHERE confidence != 'exact' AND object_id IN
		(SELECT object_id FROM ops WHERE role = 'send' GROUP BY 1
		 HAVING count(DISTINCT process_id) = 1)")" = 0 ]
	# sums of edges, objects and calls are those of the rows
	same "$(q "SELECT count(*), sum(bytes) FROM messages")" \
		"$(q "SELECT sum(messages), sum(bytes) FROM edges WHERE transit_sum_ns NOT NULL")"
	same "$(q "SELECT role, syscall, count(*), sum(error IS NOT NULL), sum(blocked_ns) FROM ops
		   GROUP BY 1, 2 ORDER BY 1, 2")" \
		"$(q "SELECT role, syscall, count, errors, blocked_ns FROM latency ORDER BY 1, 2")"
	# a message is on its way from its send's start to its receive's end, unless the pairing is a guess
	[ "$(q "SELECT count(*) FROM messages WHERE transit_ns != received_ns - sent_ns
		OR (transit_ns <= 0 AND confidence != 'ambiguous')")" = 0 ]
	# the capture gives the same file
	rm -f again.db
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
}

@test "pipe pingpong is recorded exactly" { record_truth pipe pingpong; }
@test "pipe stream is recorded exactly" { record_truth pipe stream; }
@test "pipe fanin is recorded exactly" { record_truth pipe fanin --threads 7; }
@test "pipe fanout is recorded exactly" { record_truth pipe fanout --threads 7; }
@test "fifo pingpong is recorded exactly" { record_truth fifo pingpong; }
@test "fifo stream is recorded exactly" { record_truth fifo stream; }
@test "fifo fanin is recorded exactly" { record_truth fifo fanin --threads 7; }
@test "fifo fanout is recorded exactly" { record_truth fifo fanout --threads 7; }

@test "unix_stream pingpong is recorded exactly" { record_truth unix_stream pingpong; }
@test "unix_stream duplex is recorded exactly" { record_truth unix_stream duplex; }
@test "unix_stream stream is recorded exactly" { record_truth unix_stream stream; }
@test "unix_stream fanin is recorded exactly" { record_truth unix_stream fanin --threads 7; }
@test "unix_stream fanout is recorded exactly" { record_truth unix_stream fanout --threads 7; }
@test "unix_dgram pingpong is recorded exactly" { record_truth unix_dgram pingpong; }
@test "unix_dgram duplex is recorded exactly" { record_truth unix_dgram duplex; }
@test "unix_dgram stream is recorded exactly" { record_truth unix_dgram stream; }
@test "unix_dgram fanin is recorded exactly" { record_truth unix_dgram fanin --threads 7; }
@test "unix_dgram fanout is recorded exactly" { record_truth unix_dgram fanout --threads 7; }
@test "unix_seqpacket pingpong is recorded exactly" { record_truth unix_seqpacket pingpong; }
@test "unix_seqpacket duplex is recorded exactly" { record_truth unix_seqpacket duplex; }
@test "unix_seqpacket stream is recorded exactly" { record_truth unix_seqpacket stream; }
@test "unix_seqpacket fanin is recorded exactly" { record_truth unix_seqpacket fanin --threads 7; }
@test "unix_seqpacket fanout is recorded exactly" { record_truth unix_seqpacket fanout --threads 7; }

@test "UNIX sockets by each kind of call and of address" {
	for mechanism in unix_stream unix_dgram unix_seqpacket; do
		for variant in rw vector msg mmsg named abstract; do
			record_truth $mechanism fanin --variant $variant
		done
	done
}

@test "posix_mq pingpong is recorded exactly" { record_truth posix_mq pingpong; }
@test "posix_mq stream is recorded exactly" { record_truth posix_mq stream; }
@test "posix_mq fanin is recorded exactly" { record_truth posix_mq fanin --threads 7; }
@test "posix_mq fanout is recorded exactly" { record_truth posix_mq fanout --threads 7; }
@test "sysv_mq pingpong is recorded exactly" { record_truth sysv_mq pingpong; }
@test "sysv_mq stream is recorded exactly" { record_truth sysv_mq stream; }
@test "sysv_mq fanin is recorded exactly" { record_truth sysv_mq fanin --threads 7; }
@test "sysv_mq fanout is recorded exactly" { record_truth sysv_mq fanout --threads 7; }
@test "eventfd pingpong is recorded exactly" { record_truth eventfd pingpong; }
@test "eventfd stream is recorded exactly" { record_truth eventfd stream; }
@test "eventfd fanin is recorded exactly" { record_truth eventfd fanin --threads 7; }
@test "eventfd fanout is recorded exactly" { record_truth eventfd fanout --threads 7; }
@test "sysv_sem pingpong is recorded exactly" { record_truth sysv_sem pingpong; }
@test "sysv_sem fanout is recorded exactly" { record_truth sysv_sem fanout --threads 7; }

@test "priorities and types, all mixed up, of several senders" {
	record_truth posix_mq fanin --variant priorities --threads 5
	[ "$(q "SELECT count(DISTINCT key) FROM messages WHERE confidence = 'exact'")" = 7 ]
	record_truth sysv_mq fanin --variant types --threads 5
	[ "$(q "SELECT count(DISTINCT key) FROM messages WHERE confidence = 'exact'")" = 7 ]
}

@test "polling before each send and receive, and spinning" {
	for mechanism in pipe fifo posix_mq unix_stream unix_dgram unix_seqpacket tcp udp eventfd; do
		record_truth $mechanism pingpong --wait poll
	done
	# ... each poll reports the object, and the receives after it go on from its waking
	[ "$(q "SELECT count(*) FROM ops WHERE syscall = 'poll' AND ready != 1")" = 0 ]
	[ "$(q "SELECT count(*) FROM messages WHERE wait_op")" -gt 0 ]
	record_truth unix_stream fanin --wait poll --threads 7
	record_truth unix_stream pingpong --wait spin
}

@test "queues, eventfds and semaphores in other ways" {
	record_truth posix_mq pingpong --peers threads
	record_truth eventfd stream --variant semaphore
	record_truth sysv_sem fanout --variant timed
}
# The same of memory that processes share: the truth names futexes and the like as well.
record_shared() {
	local mechanism=$1 pattern

	for pattern in pingpong stream fanin fanout; do
		rm -f ipctrace.db
		"$ipctrace" record -q -- "$workload" "$mechanism" --pattern $pattern >truth.txt
		same "$(grep -v '^#' truth.txt | sort)" \
			"$(for name in $(grep -v '^#' truth.txt | cut -d' ' -f1 | sort -u); do
				observed "$name"
			done | sort)"
		nothing_lost
		[ "$(q "SELECT count(*) FROM edges WHERE kind = 'shared' AND (messages OR bytes)")" = 0 ]
	done
}

@test "sysv_shm is recorded exactly" { record_shared sysv_shm; }
@test "posix_shm is recorded exactly" { record_shared posix_shm; }
@test "memfd is recorded exactly" { record_shared memfd; }
@test "mmap_file is recorded exactly" { record_shared mmap_file; }
@test "mmap_anon is recorded exactly" { record_shared mmap_anon; }
@test "futex is recorded exactly" { record_shared futex; }
@test "tcp is recorded exactly" {
	for pattern in pingpong stream fanin fanout; do
		rm -f ./*.db
		record_truth tcp $pattern
	done
}

@test "udp is recorded exactly" {
	for pattern in pingpong stream fanin fanout; do
		rm -f ./*.db
		record_truth udp $pattern
	done
}

@test "sends larger than the pipe, and receives that take them in parts" {
	record_truth pipe stream --size 100003 --messages 101
	record_truth fifo stream --size 300007 --messages 31
	[ "$(q "SELECT count(*) > 31 FROM messages")" = 1 ]
}

@test "threads as peers" {
	record_truth pipe pingpong --peers threads
	[ "$(q "SELECT count(DISTINCT sender_tid) FROM messages")" = 2 ]
	[ "$(q "SELECT count(DISTINCT sender_pid) FROM messages")" = 1 ]
}

@test "readv and writev" { record_truth pipe stream --variant vector; }
@test "splice from pipe to pipe" { record_truth pipe stream --variant splice; }

@test "op counts are those of strace" {
	strace -o /dev/null true 2>/dev/null || skip "strace does not work here"
	for mechanism in pipe fifo; do
		strace -f -o trace.txt -e trace=read,write,close,pipe,pipe2,mknod,mknodat -y \
			"$workload" $mechanism --pattern fanin --threads 5 >/dev/null
		"$ipctrace" record -q -- "$workload" $mechanism --pattern fanin --threads 5 >/dev/null
		for call in read write close; do
			same "$(grep -cE "^[0-9]+ +$call\([0-9]+<(pipe:|[^>]*/fifo[0-9]+>)" trace.txt)" \
				"$(q "SELECT count(*) FROM ops WHERE syscall = '$call'")"
		done
	done
}
