#!/usr/bin/env bats
# What stands out in a recording, as `ipctrace report` says it: for each kind of finding rows that just show
# it, and rows that just do not. All outputs say the same sentences.

bats_require_minimum_version 1.5.0
load trace_file
load ../page_data

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR
	export LC_ALL=C.UTF-8
}

report() {
	"$IPCT_BIN/ipctrace" report "$@"
}

# An ordinary recording, with a few mechanisms more and an end outside: nothing stands out in it.
base() {
	pipeline_rows
	cat <<-'SQL'
		INSERT INTO mechanism VALUES (3, 'posix_mq', 'POSIX message queue', 'queue', 'sender', 'receiver'),
			(4, 'tcp', 'TCP', 'socket', 'sender', 'receiver'),
			(5, 'posix_shm', 'POSIX shared memory', 'shm', 'writer', 'reader'),
			(6, 'unix_stream', 'Unix stream socket', 'socket', 'sender', 'receiver'),
			(7, 'memfd', 'memfd', 'shm', 'writer', 'reader');
		INSERT INTO syscall VALUES (5, 'epoll_wait');
		INSERT INTO role VALUES (5, 'wait');
		INSERT INTO process VALUES (1000000000, 99, NULL, NULL, 'outsider', NULL, NULL, NULL, NULL, NULL, 0, NULL);
	SQL
}

# object ID MECHANISM_ID NAME SENDS BYTES RECVS [OUTSIDE]: all bytes were received.
object() {
	echo "INSERT INTO object VALUES ($1, $2, '$3', 40$1, 14, 1000000, 3000000000, 65536, $4, $5, $6, $5,
		$6, $5, 2, ${7:-0}, 0, 2, NULL);"
}

# pressure ID COLUMN=VALUE...: a direction in which nothing stands out, but for what is given; 1 s long.
pressure() {
	local id=$1 set
	shift
	set=$(IFS=,; echo "$*")
	echo "INSERT INTO pressure_sum VALUES ($id, 0, 65536, NULL, 1000, 1, 0, 0, 0, 0, 0, 1000000000, 10.0, 0.5,
		2000, 2000, 2, 3);
		UPDATE pressure_sum SET $set WHERE object_id = $id;"
}

# edge ID FROM TO MESSAGES [TRANSIT_SUM [AMBIGUOUS [FIRST LAST]]]: of 10 bytes each.
edge() {
	local ambiguous=${6:-0}
	echo "INSERT INTO edge VALUES ($1, $2, $3, 'data', $4, 10 * $4, $4 - $ambiguous, 0, $ambiguous, ${5:-1000},
		1, 1, 1, 1, ${7:-1000000}, ${8:-3000000000}, NULL, 10 * $4, 0);"
}

# part ID PART SUM P50: of the edge of tar to gzip.
part() {
	echo "INSERT INTO edge_part VALUES ($1, 2, 3, $2, $3, $4, $4, $4, $4);"
}

# finds KIND... <ROWS: these findings are there, in this order.
finds() {
	{ base; cat; } | { rm -f t.db; trace_file t.db; }
	report --json t.db >t.json
	[ "$(jq -r '[.findings[].kind] | join(" ")' t.json)" = "$*" ] || {
		echo "not '$*' but:"
		jq .findings t.json
		return 1
	}
}

# says SENTENCE: the first finding is this one.
says() {
	[ "$(jq -r '.findings[0].text' t.json)" = "$1" ] || {
		jq -r '.findings[0].text' t.json
		return 1
	}
}

@test "nothing stands out in an ordinary recording, and nothing is said" {
	finds </dev/null
	[ "$(report t.db | grep -c FINDINGS)" = 0 ]
}

@test "senders that waited for room" {
	pressure 1 full_ns=200000000 | finds full
	says "pipe:[4711] (tar[1235] → gzip[1236]) had no room: senders waited 200 ms, 20% of the time"
	pressure 1 full_ns=199999999 | finds
	pressure 1 full_ns=10000000 last_ns=20000000 | finds full
	pressure 1 full_ns=9999999 last_ns=20000000 | finds
}

@test "sends that were refused" {
	pressure 1 full_refusals=100 sends=1000 recvs=1000 sender_id=NULL | finds full
	says "pipe:[4711] (to gzip[1236]) had no room: 100 of 1,000 sends were refused"
	pressure 1 full_refusals=99 sends=300 recvs=300 | finds
	pressure 1 full_refusals=100 sends=1001 recvs=1001 | finds
}

@test "a queue at its limit of messages, if a sender met it" {
	queue() {
		object 2 3 /jobs 2000 9000 2000 "$1"
		shift
		pressure 2 capacity_messages=10 "$@"
	}
	queue 0 max_messages=10 full_ns=5000 full_refusals=1 | finds limit
	says "posix_mq /jobs (tar[1235] → gzip[1236]) was at its limit of 10 messages: senders waited 5.00 µs; 1 of 2,000 sends was refused"
	[ "$(jq -r '.findings[0] | .show, .object_id, .sender_id, .receiver_id' t.json | xargs)" = \
		"--filter object=#2 2 2 3" ]
	queue 0 max_messages=9 full_ns=5000 full_refusals=1 | finds
	queue 0 max_messages=10 | finds
	queue 1 max_messages=10 full_ns=5000 full_refusals=1 | finds # someone outside may have taken some
}

@test "many small sends that could have been fewer" {
	small() { # SENDS BYTES RECVS COLUMN=VALUE...
		object 2 1 'pipe:[4712]' "$1" "$2" "$3" "${OUTSIDE:-0}"
		pressure 2 sends="$1" recvs="$3" "${@:4}"
	}
	small 1000 256000 500 | finds tiny_sends
	says "1,000 sends of 256 B on average over pipe:[4712] (tar[1235] → gzip[1236]), for 500 receives: fewer, larger ones would do"
	small 1000 256001 500 | finds
	small 999 999 499 | finds
	small 1000 1000 501 mean_messages=1.9 | finds # each may have been waited for
	small 1000 1000 1000 mean_messages=2 | finds tiny_sends
	small 1100 1000 500 full_refusals=101 | finds
	OUTSIDE=1 small 1000 1000 500 | finds
}

@test "small sends over a socket: bytes of that direction alone, and no unread ones are forgotten" {
	socket() { # SENT_BYTES RECEIVED_BYTES
		object 2 6 'unix_stream:[4712]' 2000 0 2000
		echo "UPDATE object SET sent_bytes = $1, received_bytes = $2 WHERE object_id = 2;"
		pressure 2 sends=1000 recvs=500
		edge 2 2 3 500
	}
	socket 1000000 1000000 | finds tiny_sends
	says "1,000 sends of 5 B on average over unix_stream:[4712] (tar[1235] → gzip[1236]), for 500 receives: fewer, larger ones would do"
	socket 1000000 700000 | finds
}

@test "TCP between recorded processes" {
	tcp() { # MESSAGES BACK RECEIVER
		object 2 4 '127.0.0.1:5 → 127.0.0.1:6' 1000 1000 1000
		edge 2 2 "$3" "$1"
		[ "$2" = 0 ] || edge 2 "$3" 2 "$2"
	}
	tcp 600 400 3 | finds local_tcp
	says "tar[1235] and gzip[1236], on one machine, talk over TCP: 1,000 messages, 9.77 KiB, 1 connection; a Unix socket needs no network stack"
	[ "$(jq -r '.findings[0].show' t.json)" = "--filter mechanism=tcp --filter process=#2" ]
	tcp 600 399 3 | finds
	tcp 1000 0 1000000000 | finds
	tcp 1000 0 2 | finds
}

@test "waits for readiness that find nothing" {
	waits() { # TIMEOUTS COUNT
		echo "INSERT INTO call_stat VALUES (4, 5, 5, $2, 0, 0, 900, 1, 1, 1, 1, 0, NULL, $1);"
	}
	waits 1000 2000 | finds idle_waits
	says "1,000 of 2,000 calls of epoll_wait on tcp ended with nothing ready"
	waits 999 1998 | finds
	waits 1000 2001 | finds
	{ waits 1000 2000; echo "UPDATE meta SET value = 101000000000 WHERE key = 'duration_ns';"; } | finds
	{ waits 1000 2000; echo "UPDATE meta SET value = 100000000000 WHERE key = 'duration_ns';"; } | finds idle_waits
	report --json --filter mechanism=tcp,pipe t.db | jq -e '.findings == []'
}

@test "receives that find nothing" {
	pressure 1 empty_refusals=1000 recvs=1333 sends=333 | finds empty_receives
	says "1,000 of 1,333 receives from pipe:[4711] (tar[1235] → gzip[1236]) found nothing"
	pressure 1 empty_refusals=1000 recvs=1334 sends=333 | finds
	pressure 1 empty_refusals=999 recvs=1000 sends=333 | finds
}

@test "what was left behind, where nothing can have removed it unseen" {
	left() {
		object 2 5 /dev/shm/ring 0 0 0
		echo "UPDATE object SET left_behind = $1, capacity = 1048576 WHERE object_id = 2; ${2:-}"
	}
	left 1 | finds left_behind
	says "posix_shm /dev/shm/ring (1.00 MiB), made by tar[1235], was left behind: no recorded process removed it"
	left 0 | finds
	left 1 "INSERT INTO ledger_entry VALUES ('posix_shm', 'ring_full', 1, 0, 1);" | finds
	left 1 "UPDATE process SET exit_ns = NULL, exit_status = NULL WHERE process_id = 3;" | finds
	left 1 "DELETE FROM meta WHERE key = 'complete';" | finds
}

@test "mappings far behind the end of what is mapped" {
	mapped() { # LENGTH LARGEST [OFFSET [OUTSIDE]]
		object 2 7 memfd:pool 0 0 0 "${4:-0}"
		echo "INSERT INTO object_size VALUES (2, $2);
			INSERT INTO mapping VALUES (1, 2, 3, 65536, $1, ${3:-0}, 'rw-', 2000000, NULL, 'mmap');"
	}
	mapped 131072 65536 | finds beyond_end
	says "gzip[1236] mapped 128 KiB of memfd:pool, which never had more than 64.0 KiB: a touch of the last 64.0 KiB is SIGBUS"
	[ "$(jq -r '.findings[0] | .show, .sender_id, .receiver_id' t.json | xargs)" = "--filter object=#2 3 null" ]
	mapped 126976 61441 | finds # the last page is there as a whole
	mapped 126976 61440 | finds beyond_end
	mapped 135168 65537 | finds
	mapped 131072 65537 | finds
	mapped 65536 1 4096 | finds beyond_end # all of it
	mapped 65536 69632 4096 | finds
	mapped 131072 65536 0 1 | finds # someone outside may make it larger
	{ mapped 131072 65536; echo "UPDATE object SET created_ns = NULL WHERE object_id = 2;"; } | finds
	{ mapped 131072 65536; echo "UPDATE object SET mechanism_id = 5 WHERE object_id = 2;"; } | finds # by its name
	{ mapped 131072 65536; echo "DELETE FROM object_size;"; } | finds
	{ mapped 131072 65536; echo "INSERT INTO ledger_entry VALUES ('memfd', 'ring_full', 1, 0, 1);"; } | finds
	{ mapped 131072 65536; echo "INSERT INTO meta VALUES ('io_uring_setups', 1);"; } | finds
	{ mapped 131072 65536; echo "INSERT INTO mapping SELECT 2, object_id, 2, address, 2 * length, 0, 'r--', 3000000,
		NULL, 'mremap' FROM mapping;"; } | finds beyond_end
	jq -e '.findings[0] | .alike == 1 and .sender_id == 2' t.json
}

@test "many pieces of shared memory that are each smaller than their pages" {
	pieces() { # HOW_MANY BYTES [ROWS]
		cat <<-SQL
			CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 9 + $1)
				SELECT i FROM n;
			INSERT INTO object SELECT i, 7, 'memfd:' || i, i, 14, 1000000, 2000000, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0,
				2, NULL FROM n;
			INSERT INTO object_size SELECT i, $2 FROM n;
			INSERT INTO mapping SELECT i, i, 2, 65536, 4096, 0, 'rw-', 1000000, 2000000, 'mmap' FROM n;
			${3:-}
		SQL
	}
	pieces 100 64 | finds part_pages
	says "100 memfd objects of 64 B on average, made by tar[1235] and mapped, take 100 pages: 2 would hold all that is in them"
	[ "$(jq -r '.findings[0].show' t.json)" = "--filter mechanism=memfd --filter process=#2" ]
	pieces 99 64 | finds
	pieces 100 2048 | finds part_pages
	pieces 100 2049 | finds
	pieces 100 4160 | finds # 200 pages for 102
	pieces 104 4096 | finds
	pieces 100 64 "DELETE FROM mapping WHERE mapping_id = 10;" | finds
	pieces 100 64 "UPDATE object SET outside = 1 WHERE object_id = 10;" | finds
	pieces 100 64 "UPDATE object SET creator_id = 3 WHERE object_id = 10;" | finds
	pieces 100 64 "INSERT INTO ledger_entry VALUES ('memfd', 'ring_full', 1, 0, 1);" | finds
	pieces 100 64 "INSERT INTO meta VALUES ('io_uring_setups', 1);" | finds
}

@test "what was forgotten, and closed by the exit alone" {
	sockets() { # HOW_MANY CLOSED [ROWS]
		cat <<-SQL
			WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 9 + $1)
			INSERT INTO object SELECT i, 6, 'unix_stream:[' || i || ']', i, 14, 1000000000, $2, 65536, 0, 0,
				0, 0, 0, 0, 1, 0, 0, 2, NULL FROM n;
			${3:-}
		SQL
	}
	sockets 100 3100000000 | finds never_closed
	says "tar[1235] never closed 100 of the 100 unix_stream objects that it made, long after their last use"
	sockets 99 3100000000 | finds
	sockets 100 3099999999 | finds
	sockets 100 NULL | finds
	sockets 100 3100000000 "INSERT INTO pressure_sum VALUES (10, 0, 65536, NULL, 1000, 1, 0, 0, 0, 0,
		1000000000, 1210000001, 10.0, 0.5, 9, 9, 2, 3);" | finds
	sockets 100 3100000000 "INSERT INTO pressure_sum VALUES (10, 0, 65536, NULL, 1000, 1, 0, 0, 0, 0,
		1000000000, 1210000000, 10.0, 0.5, 9, 9, 2, 3);" | finds never_closed
	sockets 100 3100000000 "INSERT INTO ledger_entry VALUES ('pipe', 'ring_full', 1, 0, 1);" | finds
	sockets 100 3100000000 "INSERT INTO meta VALUES ('io_uring_setups', 1);" | finds
}

@test "two pipes as one two-way channel" {
	pipes() { # EDGE_BACK...
		object 2 1 'pipe:[4712]' 100 1000 100
		object 3 1 'pipe:[4713]' 100 1000 100
		edge 2 2 3 100
		edge "$@"
	}
	echo "DELETE FROM edge;" >drop.sql # tar's own pipe to gzip would be a second one there
	{ cat drop.sql; pipes 3 3 2 100; } | finds two_pipes
	says "tar[1235] and gzip[1236] use two pipes as one channel, 100 messages there and 100 back: one socketpair would do"
	[ "$(jq -r '.findings[0].show' t.json)" = "--filter object=#2 --filter object=#3" ]
	pipes 3 3 2 100 | finds
	{ cat drop.sql; pipes 3 3 2 99; } | finds
	{ cat drop.sql; pipes 3 2 3 100; } | finds
	{ cat drop.sql; pipes 3 3 2 100; edge 3 1 2 1; } | finds
	{ cat drop.sql; pipes 3 3 2 100 1000 0 3000000000 3100000000; } | finds # one after the other
}

@test "messages whose receivers had no CPU" {
	runq() { # MESSAGES TRANSIT IN_RUNQ [AMBIGUOUS [P99]]
		object 2 1 'pipe:[4712]' "$1" 1000 "$1"
		edge 2 2 3 "$1" "$2" "${4:-0}"
		part 2 2 "$3" "${5:-1000000}"
	}
	runq 100 20000000 10000000 50 | finds run_queue
	says "100 messages over pipe:[4712] (tar[1235] → gzip[1236]) spent 50% of their transit waiting for a CPU, p99 1.00 ms"
	runq 99 20000000 10000000 | finds
	runq 100 20000001 10000000 | finds
	runq 100 19000000 9999999 | finds
	runq 100 20000000 10000000 51 | finds
	runq 100 20000000 10000000 0 999999 | finds
}

@test "peers that wake each other on another CPU, if that is what takes the time" {
	wakeups() { # OBJECT FROM TO CROSSED WAKEUPS TRANSIT_P50 IN_RUNQ_P50
		echo "INSERT INTO edge_wakeup VALUES ($1, $2, $3, $4, $5, 0, $6 * $5, $6, $6, $6, $6,
			$7 * $5, $7, $7, $7, $7);"
	}
	# the heavier way of the two, all of them in 50 ms
	turns() { # CROSSED MESSAGES TRANSIT_P50 IN_RUNQ_P50 [AMBIGUOUS]
		object 2 6 'unix_stream:[4712]' 4000 10 4000
		edge 2 2 3 "$2" 1000 "${5:-0}" 0 50000000
		edge 2 3 2 "$2" 1000 0 0 50000000
		wakeups 2 2 3 1 "$1" "$3" "$4"
		wakeups 2 3 2 1 1000 6000 6000
	}
	turns 1000 1000 20000 10000 | finds cross_cpu
	says "tar[1235] and gzip[1236] take turns on two CPUs: 2,000 of 2,000 messages woke the other one on another CPU, 20.0 µs (p50) from send to receive, 10.0 µs of it until that one ran"
	jq -e '.findings[0] | .show == "--filter object=#2" and .weight_ns == 16000000 and .alike == 0' t.json
	turns 999 999 20000 10000 | finds
	turns 1000 1334 20000 10000 | finds
	turns 1000 1333 20000 10000 | finds cross_cpu
	turns 1000 1000 20001 10000 | finds
	turns 1000 1000 20000 10000 501 | finds
	turns 1000 1000 1500000 1000000 | finds # no CPU, and not only far from it
	{ turns 1000 1000 20000 10000; echo "UPDATE edge SET last_ns = 80000000 WHERE object_id = 2;"; } | finds cross_cpu
	{ turns 1000 1000 20000 10000; echo "UPDATE edge SET last_ns = 80000001 WHERE object_id = 2;"; } | finds
	{ turns 1000 1000 20000 10000; echo "DELETE FROM edge_wakeup WHERE sender_id = 3;"; } | finds # one way
	{ turns 1400 1400 20000 10000; echo "DELETE FROM edge WHERE object_id = 2 AND sender_id = 3;"; edge 2 3 2 1000; } | finds
	# those that stayed on one CPU say whether the crossing is what it takes
	{ turns 1000 1100 20000 10000; wakeups 2 2 3 0 100 3000 2000; } | finds cross_cpu
	says "tar[1235] and gzip[1236] take turns on two CPUs: 2,000 of 2,200 messages woke the other one on another CPU, 20.0 µs (p50) from send to receive, 10.0 µs of it until that one ran; the 100 that stayed on one took 3.00 µs"
	{ turns 1000 1100 20000 10000; wakeups 2 2 3 0 100 20000 2000; } | finds
	{ turns 1000 1100 20000 10000; wakeups 2 2 3 0 99 20000 2000; } | finds cross_cpu
	# one object each way, which nobody else uses
	two() {
		object 2 2 /run/there 2000 10 2000
		object 3 2 /run/back 2000 10 2000
		edge 2 2 3 1000 1000 0 0 50000000
		edge 3 3 2 1000 1000 0 0 50000000
		wakeups 2 2 3 1 1000 20000 10000
		wakeups 3 3 2 1 1000 6000 6000
	}
	two | finds cross_cpu
	[ "$(jq -r '.findings[0].show' t.json)" = "--filter object=#2 --filter object=#3" ]
	{ two; edge 3 1 2 1; } | finds
	# to one process itself it is between its threads
	{ two; echo "UPDATE edge SET receiver_id = 2, sender_id = 2 WHERE object_id > 1;
		UPDATE edge_wakeup SET receiver_id = 2, sender_id = 2;"; } | finds
}

@test "messages that lay there" {
	lying() { # MESSAGES TRANSIT IN_OBJECT P50
		object 2 1 'pipe:[4712]' "$1" 1000 "$1"
		edge 2 2 3 "$1" "$2"
		part 2 1 "$3" "$4"
	}
	lying 100 200000000 100000000 1000000 | finds slow_receiver
	says "100 messages over pipe:[4712] (tar[1235] → gzip[1236]) lay there for 1.00 ms (p50), 50% of their transit, until taken"
	lying 99 200000000 100000000 1000000 | finds
	lying 100 200000001 100000000 1000000 | finds
	lying 100 200000000 100000000 999999 | finds
	{ lying 100 200000000 100000000 1000000; pressure 2 full_ns=200000000; } | finds full
}

# Three kinds, one of them twice, and a name that would do harm if it could.
several() {
	pressure 1 full_ns=200000000 empty_refusals=1000 recvs=1200
	object 2 2 "/tmp/'||char(27)||'[31m<script>x()'||char(10)||'" 9 90 9
	pressure 2 full_ns=900000000
	object 3 5 /dev/shm/ring 0 0 0
	echo "UPDATE object SET left_behind = 1 WHERE object_id = 3;"
	echo "UPDATE process SET comm = '<b>' || char(27) WHERE process_id = 2;"
}

@test "the heaviest first, one of a kind; text, JSON and page say the same" {
	several | finds full empty_receives left_behind
	jq -e '.findings[0] | .object_id == 2 and .alike == 1 and .weight_ns == 900000000' t.json
	says 'fifo /tmp/\e[31m<script>x()\n (<b>\e[1235] → gzip[1236]) had no room: senders waited 900 ms, 90% of the time; and 1 more such'
	report t.db | sed -n '/^FINDINGS/,/^$/p' >text
	[ -z "$(tr -d '\n' <text | tr -dc '\000-\037')" ]
	tr -s ' \n' ' ' <text >joined
	report --html t.html t.db
	page_data t.html >page.json
	jq -e --slurpfile t t.json '.findings == $t[0].findings' page.json
	[ "$(grep -cF "<script>x" t.html)" = 0 ]
	jq -r '.findings[] | .text + " " + .show' t.json | while read -r line; do
		grep -qF -- "! $line" joined || { echo "$line"; cat joined; exit 1; }
	done
	[ "$(grep -c '^  ! ' text)" = 3 ]
}

@test "text: 80 columns hold it, and --top has fewer" {
	several | finds full empty_receives left_behind
	script -qec "stty cols 80; NO_COLOR=1 '$IPCT_BIN/ipctrace' report t.db" /dev/null | tr -d '\r' |
		sed -n '/^FINDINGS/,/^$/p' >lines.txt
	[ "$(wc -l <lines.txt)" -ge 6 ]
	[ "$(wc -L <lines.txt)" -le 80 ]
	[ "$(report --top 1 t.db | grep -c '^  ! ')" = 1 ]
	report --top 1 t.db | grep -qxF "  … and 2 more: ipctrace report --json has all"
}

@test "a filter leaves the findings of what it leaves" {
	several | finds full empty_receives left_behind
	report --json --filter 'object=#1' t.db | jq -e '[.findings[] | [.kind, .object_id]]
		== [["full", 1], ["empty_receives", 1]]'
	report --json --filter mechanism=posix_shm t.db | jq -e '[.findings[].kind] == ["left_behind"]'
}

@test "files of an older format have no findings that need what they lack" {
	several | finds full empty_receives left_behind
	sqlite3 t.db "DROP VIEW pressure; DROP VIEW depth; DROP TABLE pressure_sum; DROP TABLE depth_bin;
		PRAGMA user_version = 2"
	report --json t.db | jq -e '[.findings[].kind] == ["left_behind"]'
}
