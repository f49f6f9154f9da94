#!/usr/bin/env bats
# `ipctrace report` with --filter, --sort and --top: what each key leaves is what SQL finds in the raw
# views with the same conditions, and all outputs share it.

bats_require_minimum_version 1.5.0
load trace_file
load ../page_data

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR
	export LC_ALL=C.UTF-8
	filter_rows | trace_file t.db
}

report() {
	"$IPCT_BIN/ipctrace" report "$@"
}

sql() {
	sqlite3 -cmd '.mode csv' t.db "$@" | tr -d '\r'
}

# A shell; client[102] and client[103] send to server[101] over a socket each and get answers; tar[104]
# writes to gzip[105] over a pipe, and to an end outside. 1,009 messages a direction, one each
# millisecond, with transits that grow; every call is there, and both ends share a segment.
filter_rows() {
	cat <<-'SQL'
		INSERT INTO mechanism VALUES (10, 'unix_stream', 'UNIX stream socket', 'socket', 'sender', 'receiver'),
			(6, 'posix_shm', 'POSIX shared memory', 'shm', 'mapper', 'mapper');
		INSERT INTO syscall VALUES (14, 'sendto'), (15, 'recvfrom');
		INSERT INTO meta VALUES ('command', 'sh -c x'), ('complete', 1), ('duration_ns', 3000000000);
		INSERT INTO process VALUES
			(1, 100, NULL, 90, 'sh', '/bin/sh', 'sh -c x', 0, 3000000000, 0, 1, NULL),
			(2, 101, 1, 100, 'server', '/usr/bin/server', 'server', 1000, 3000000000, 0, 1, NULL),
			(3, 102, 1, 100, 'client', '/opt/client-1.0', 'client', 1000, 3000000000, 0, 1, NULL),
			(4, 103, 1, 100, 'client', '/opt/client-1.0', 'client', 1000, 3000000000, 0, 1, NULL),
			(5, 104, 1, 100, 'tar', '/bin/tar', 'tar c .', 1000, 3000000000, 0, 1, NULL),
			(6, 105, 1, 100, 'gzip', '/bin/gzip', 'gzip', 1000, 3000000000, 0, 1, NULL),
			(1000000000, 77, NULL, NULL, 'tail', NULL, NULL, NULL, NULL, NULL, 0, NULL);
		INSERT INTO object VALUES
			(1, 10, '/run/x.sock', 11, 14, 500, 3000000000, 212992, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, NULL),
			(2, 10, '/run/y.sock', 12, 14, 500, 3000000000, 212992, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, NULL),
			(3, 1, 'pipe:[4711]', 4711, 14, 500, 3000000000, 65536, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, NULL),
			(4, 1, 'pipe:[4712]', 4712, 14, NULL, NULL, 65536, 0, 0, 0, 0, 0, 0, 1, 1, 0, NULL, NULL),
			(5, 6, '/dev/shm/ring', 5, 14, 500, NULL, 4096, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, NULL);
		CREATE TEMP TABLE way (w, object_id, sender, receiver, send_call, recv_call, mechanism);
		INSERT INTO way VALUES (0, 1, 3, 2, 14, 15, 10), (1, 1, 2, 3, 14, 15, 10), (2, 2, 4, 2, 14, 15, 10),
			(3, 2, 2, 4, 14, 15, 10), (4, 3, 5, 6, 2, 1, 1);
		CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1008)
			SELECT i FROM n;
		-- op 10 i + 2 w sends and the next receives; 17 calls to the outside
		INSERT INTO op SELECT 1 + 10 * i + 2 * w, 1000000 * i + 1000 * w, 500 + i, 0, sender, 100, send_call,
			1, object_id, 3, 10 + i, 10 + i, NULL, 1, NULL FROM n, way;
		INSERT INTO op SELECT 2 + 10 * i + 2 * w, 1000000 * i + 1000 * w + 200, 1000 + 700 * i * (w + 1), i,
			receiver, 100, recv_call, 2, object_id, 3, 65536, 10 + i, NULL, 1, NULL FROM n, way;
		INSERT INTO sleep SELECT op_id, blocked_ns / 2, blocked_ns / 4, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL FROM op
			WHERE blocked_ns > 100;
		INSERT INTO op SELECT 20001 + i, 60000000 * i, 1500, 0, 5, 104, 2, 1, 4, 1, 9, 9, NULL, 1, NULL
			FROM n WHERE i < 17;
		INSERT INTO message SELECT 1 + 5 * i + w, object_id, 1 + 10 * i + 2 * w, 2 + 10 * i + 2 * w, 10 + i,
			CASE WHEN i % 10 = 7 THEN 1 ELSE 0 END, NULL, NULL, 100, 50, 25, NULL FROM n, way;
		INSERT INTO edge SELECT object_id, sender, receiver, 'data', 1009, total(10 + i), 908, 101, 0,
			total(1200 + 700 * i * (w + 1)), 1, 2, 3, max(1200 + 700 * i * (w + 1)), min(1000000 * i + 1000 * w),
			max(1000000 * i + 1000 * w + 200 + 1000 + 700 * i * (w + 1)), NULL, 0, 0 FROM n, way GROUP BY w;
		INSERT INTO edge VALUES (4, 5, 1000000000, 'data', 17, 153, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 0,
			960001500, NULL, 0, 0),
			(5, 2, 3, 'shared', 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 200000000, 900000000, NULL, 0, 0);
		INSERT INTO mapping VALUES (1, 5, 2, 4096, 4096, 0, 'rw-', 100000000, 950000000, 'mmap'),
			(2, 5, 3, 4096, 4096, 0, 'rw-', 200000000, 900000000, 'mmap');
		INSERT INTO touch VALUES (5, 2, 3, 1), (5, 3, 1, 1);
		INSERT INTO passing VALUES (1, 1, 3, NULL, 300000000, 300001000, 3, 2, 5, 6);
		INSERT INTO call_stat SELECT o.mechanism_id, role_id, syscall_id, count(*), 0, sum(bytes),
			sum(dur_ns), 1, 2, 3, max(dur_ns), sum(blocked_ns), NULL, 0
			FROM op JOIN object o USING (object_id) GROUP BY 1, 2, 3;
		UPDATE object SET messages = (SELECT count(*) FROM message m WHERE m.object_id = object.object_id),
			sends = (SELECT count(*) FROM op WHERE op.object_id = object.object_id AND role_id = 1),
			sent_bytes = (SELECT coalesce(sum(bytes), 0) FROM op WHERE op.object_id = object.object_id AND role_id = 1),
			recvs = (SELECT count(*) FROM op WHERE op.object_id = object.object_id AND role_id = 2),
			received_bytes = (SELECT coalesce(sum(bytes), 0) FROM op WHERE op.object_id = object.object_id AND role_id = 2);
		INSERT INTO ledger_entry VALUES ('pipe', 'stored', 2035, 2035, 0), ('unix_stream', 'stored', 8072, 8072, 0);
	SQL
}

# leaves MESSAGES OPS FILTER...: of the messages and calls that is what matches these conditions, row by
# row; and edges and latency are their sums.
leaves() {
	local messages=$1 ops=$2 filters=() key
	shift 2
	for key; do
		filters+=(--filter "$key")
	done
	report --csv messages "${filters[@]}" t.db | tr -d '\r' | sed 1d >got
	sql "SELECT * FROM messages WHERE $messages ORDER BY message_id" >want
	cmp got want
	report --csv ops "${filters[@]}" t.db | tr -d '\r' | sed 1d >got
	sql "SELECT * FROM ops WHERE $ops ORDER BY op_id" >want
	cmp got want
	report --json "${filters[@]}" t.db >j
	jq -r '.edges[] | select(.transit_sum_ns != null)
		| [.object_id, .sender_id, .receiver_id, .messages, .bytes, .exact, .inferred, .transit_sum_ns,
			.transit_max_ns] | @csv' j | sort >got
	sql "SELECT object_id, sender_id, receiver_id, count(*), sum(bytes), sum(confidence = 'exact'),
		sum(confidence = 'inferred'), sum(transit_ns), max(transit_ns) FROM messages
		WHERE $messages GROUP BY 1, 2, 3" | sort >want
	diff got want
	jq -r '.latency[] | [.mechanism, .role, .syscall, .count, .bytes, .dur_sum_ns, .dur_max_ns, .blocked_ns]
		| @csv' j | tr -d '"' | sort >got
	sql "SELECT mechanism, role, syscall, count(*), sum(bytes), sum(dur_ns), max(dur_ns), sum(blocked_ns)
		FROM ops WHERE $ops GROUP BY 1, 2, 3" | sort >want
	diff got want
	[ -s want ]
}

# objects_are IDS FILTER...: those are left, with comma between.
objects_are() {
	local ids=$1 filters=() key
	shift
	for key; do
		filters+=(--filter "$key")
	done
	[ "$(report --json "${filters[@]}" t.db | jq -c '[.objects[].object_id]')" = "[$ids]" ]
}

@test "mechanism: names and families" {
	leaves "mechanism = 'pipe'" "mechanism = 'pipe'" mechanism=pipe
	leaves "mechanism = 'unix_stream'" "mechanism = 'unix_stream'" mechanism=socket
	leaves 1 1 mechanism=pipe,socket
	leaves 1 1 mechanism=pipe mechanism=unix_stream
	objects_are 3,4 mechanism=pipe
	objects_are 5 mechanism=shm
}

@test "process: a pid, a name, a pattern, a process_id, at either end" {
	for who in server 101 '#2' 'ser*' 's[e]rver'; do
		leaves "sender_id = 2 OR receiver_id = 2" "process_id = 2" "process=$who"
	done
	leaves "3 IN (sender_id, receiver_id) OR 4 IN (sender_id, receiver_id)" "process_id IN (3, 4)" process=client
	leaves "3 IN (sender_id, receiver_id) OR 4 IN (sender_id, receiver_id)" "process_id IN (3, 4)" \
		process='client-1*'
	leaves "2 IN (sender_id, receiver_id) OR 5 = sender_id" "process_id IN (2, 5)" process=server process=tar
	# Those that it talked to are still known as what they are.
	[ "$(report --json --filter process=server t.db | jq -c '[.processes[].process_id]')" = "[2,3,4]" ]
	# The pipe was passed to it.
	objects_are 1,2,3,5 process=server
	objects_are 4 process=tail
	[ "$(report --json --filter process=tail t.db | jq -c '[.edges[] | .messages, .sender]')" = '[17,"tar"]' ]
}

@test "cgroup: a path or a pattern, of the same process that process= is" {
	sqlite3 t.db "INSERT INTO process_cgroup VALUES (1, '/'), (2, '/a'), (3, '/a/b'), (4, NULL), (5, '/c')"
	leaves "5 = sender_id" "process_id = 5" cgroup=/c
	leaves "2 IN (sender_id, receiver_id) OR 5 = sender_id" "process_id IN (2, 5)" cgroup=/a cgroup=/c
	leaves "3 IN (sender_id, receiver_id)" "process_id = 3" cgroup='/a/*'
	leaves "3 IN (sender_id, receiver_id)" "process_id = 3" cgroup='/a*' process=client
	[ "$(report --json --filter cgroup=/c --filter process=server t.db 2>/dev/null |
		jq -c '[.processes[], .edges[], .latency[]]')" = "[]" ]
	[ "$(report --json --filter cgroup=/a t.db | jq -c '[.processes[].process_id]')" = "[2,3,4]" ]
}

@test "object: a name with brackets, a pattern, an object_id" {
	for what in 'pipe:[4711]' '#3' '*4711*'; do
		leaves "object_id = 3" "object_id = 3" "object=$what"
	done
	leaves "object_id IN (1, 2)" "object_id IN (1, 2)" object='/run/*.sock'
	objects_are 1,2 object='/run/*.sock'
	[ "$(report --json --filter 'object=#3' t.db | jq -c '[.passed_fds[].passing_id]')" = "[1]" ]
}

@test "a span: what was sent and what began in it" {
	leaves "sent_ns >= 250000000" "ts_ns >= 250000000" from=250ms
	leaves "sent_ns < 250000000" "ts_ns < 250000000" to=0.25s
	leaves "sent_ns >= 100001000 AND sent_ns < 300004000" "ts_ns >= 100001000 AND ts_ns < 300004000" \
		from=100001us to=300004us
}

@test "a span: two halves are the whole" {
	all=$(report --json t.db | jq '[.edges[].messages] | add')
	one=$(report --json --filter to=500001234ns t.db | jq '[.edges[].messages] | add')
	two=$(report --json --filter from=500001234ns t.db | jq '[.edges[].messages] | add')
	[ "$all" -eq $((one + two)) ]
	[ "$all" -eq 5062 ]
}

@test "a span: an end outside, what is shared, passed fds" {
	# Calls at 0, 60, 120, ... ms.
	[ "$(report --json --filter from=100ms --filter to=400ms t.db |
		jq -c '.edges[] | select(.object_id == 4) | [.messages, .bytes, .first_ns, .last_ns, .transit_max_ns]')" = \
		"[5,45,120000000,360001500,null]" ]
	[ "$(report --json --filter to=200ms t.db | jq -c '[.edges[] | select(.kind == "shared")] | length')" = 0 ]
	[ "$(report --json --filter to=200ms t.db | jq -c '[.mappings[].mapping_id]')" = "[1]" ]
	[ "$(report --json --filter to=201ms t.db | jq -c '[.edges[] | select(.kind == "shared")] | length')" = 1 ]
	[ "$(report --json --filter from=300ms t.db | jq -c '.passed_fds | length')" = 1 ]
	[ "$(report --json --filter from=301ms t.db | jq -c '.passed_fds | length')" = 0 ]
}

@test "a span from the very start: every number is that of the whole recording" {
	cat >same.py <<'EOF'
import csv, sys
whole, span = (list(csv.DictReader(open(name))) for name in ('whole', 'span'))
assert whole and len(whole) == len(span), (len(whole), len(span))
assert whole[0].keys() == span[0].keys()
counted = [key for key in whole[0] if '_p' not in key
           and not key.startswith(('in_', 'running', 'waiting', 'runnable', 'exact_', 'inferred_', 'ambiguous_'))]
for one, other in zip(whole, span):
    for key in counted:
        assert one[key] == other[key], (sys.argv[1], key, one[key], other[key])
EOF
	for view in objects edges latency mappings touches passed_fds confidence; do
		report --csv "$view" t.db >whole
		report --csv "$view" --filter from=0s t.db >span
		# The percentiles and parts that were made up were not counted.
		python3 same.py "$view"
	done
}

@test "latency: messages by their transit, calls by their duration; nothing that has none" {
	leaves "transit_ns >= 300000" "dur_ns >= 300000" latency=300us
	[ "$(report --json --filter latency=1ns t.db | jq -c '[.mappings, .touches] | map(length)')" = "[0,0]" ]
	[ "$(report --json --filter latency=1ns t.db | jq '[.edges[] | select(.transit_max_ns == null)] | length')" = 0 ]
}

@test "several keys must all hold" {
	leaves "object_id = 2 AND sender_id = 4 OR object_id = 2 AND receiver_id = 4" "object_id = 2 AND process_id = 4" \
		mechanism=socket process=103
	leaves "mechanism = 'unix_stream' AND 2 IN (sender_id, receiver_id) AND object_id = 1 AND sent_ns >= 20000000
			AND sent_ns < 900000000 AND transit_ns >= 100000" \
		"process_id = 2 AND object_id = 1 AND ts_ns >= 20000000 AND ts_ns < 900000000 AND dur_ns >= 100000" \
		mechanism=socket process=server object=/run/x.sock from=20ms to=900ms latency=100us
}

@test "percentiles and parts are those of the messages that are left" {
	report --json --filter from=200ms --filter to=700ms --filter object=/run/x.sock t.db >j
	for q in 50 90 99; do
		want=$(sql "SELECT transit_ns FROM messages WHERE object_id = 1 AND sender_id = 3 AND sent_ns >= 200000000
			AND sent_ns < 700000000 ORDER BY transit_ns LIMIT 1 OFFSET 500 * $q / 100 - 1")
		jq -e --argjson want "$want" --arg key "transit_p${q}_ns" \
			'.edges[] | select(.sender_id == 3) | (.[$key] / $want - 1) | -0.005 < . and . < 0.005' j
	done
	jq -e '.edges[] | select(.sender_id == 3) | .in_send_sum_ns == 50000 and .in_object_p99_ns == 50
		and .in_send_sum_ns + .in_object_sum_ns + .in_runq_sum_ns + .in_recv_sum_ns == .transit_sum_ns' j
	jq -e '[.latency[] | select(.role == "recv") | .waiting_sum_ns > 0 and .running_max_ns > 0] == [true]' j
}

@test "all outputs have the same messages, and say by what they are filtered" {
	filter=(--filter mechanism=socket --filter from=100ms --filter to=200ms)
	words="mechanism=socket from=100ms to=200ms"
	report "${filter[@]}" t.db >text
	[ "$(sed -n 2p text)" = "  filter    $words (ledger and cost: of the whole recording)" ]
	grep -q '^  traffic .* in 400 messages$' text
	grep -q '^ .* pipe  *2,035 seen = 2,035 stored + 0 lost$' text
	report --json "${filter[@]}" t.db >j
	[ "$(sed -n 2p j)" = "\"filter\": \"$words\"," ]
	[ "$(jq '[.edges[].messages] | add' j)" -eq 400 ]
	[ "$(jq '[.ledger[].seen] | add' j)" -eq 10107 ]
	report --csv edges "${filter[@]}" t.db | awk -F, 'NR > 1 { sum += $9 } END { exit sum != 400 }'
	report --html p.html "${filter[@]}" t.db
	page_data p.html >data
	grep -qF "\"filter\":\"$words\"" data
	grep -qF '"messages":400' data
	report --gnuplot out "${filter[@]}" t.db 2>said
	grep -qF "# only $words; lost in the whole recording: 0 of 10,107 calls seen" out/flow.tsv
	for plot in flow cdf sizes heat; do
		grep -qP "^$plot\t\d+\tn = 400 messages.*\tonly $words;" out/captions.tsv
	done
	report --dot - "${filter[@]}" t.db >g.dot
	grep -qF "only $words" g.dot
	[ "$(grep -c -- '->' g.dot)" -eq 4 ]
}

@test "without a filter nothing says filter" {
	report t.db >text
	report --json t.db >j
	report --dot - t.db >g.dot
	[ "$(grep -ci filter text j g.dot | awk -F: '{ sum += $2 } END { print sum }')" -eq 0 ]
}

@test "a filter that matches nothing says so and exits 0" {
	run --separate-stderr report --filter object=/nowhere t.db
	[ "$status" -eq 0 ]
	grep -qx "NOTHING MATCHES THE FILTER" <<<"$output"
	[ "$stderr" = "nothing in the recording matches the filter" ]
	run --separate-stderr report --csv edges --filter latency=1000s t.db
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = "nothing in the recording matches the filter" ]
	report --gnuplot out --dot g.dot --html p.html --filter process=nobody t.db
}

# fails WORDS ARGUMENT...: wrong usage, and what is right.
fails() {
	local words=$1
	shift
	run report "$@" t.db
	[ "$status" -eq 2 ]
	grep -qF -- "$words" <<<"$output"
}

@test "wrong syntax exits 2 and says what is right" {
	fails "'pipe' is no filter: KEY=VALUE, such as mechanism=pipe" --filter pipe
	fails "'process=' is no filter" --filter process=
	fails "no filter 'pid'; they are mechanism=, process=, cgroup=, object=, from=, to= and latency=" --filter pid=4
	fails "no mechanism 'pip'; they are pipe, fifo" --filter mechanism=fifo,pip
	fails "'5' is no time: a number and s, ms, us or ns" --filter from=5
	fails "'-1s' is no time" --filter latency=-1s
	fails "one from= at a time" --filter from=1s --filter from=2s
	fails "from= must be before to=" --filter to=1s --filter from=1s
	fails "no order 'size'; the orders are bytes, messages, total, p50, p99, max, name" --sort size
	fails "'-1' is no number of rows" --top=-1
	fails "'all' is no number of rows" --top all
	fails "all print: one at a time" --json --dot -
}

@test "SQL and patterns in a filter's words act on nothing" {
	run --separate-stderr report --filter "object='; DROP TABLE edge; --" t.db
	[ "$status" -eq 0 ]
	run --separate-stderr report --filter $'process=\e[31mred\n%' t.db
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = '  filter    process=\e[31mred\n% (ledger and cost: of the whole recording)' ]
	[ "$(sql "SELECT count(*) FROM edges")" -eq 7 ]
}

@test "a filter reads files of format 2 as well" {
	trace_to_format_2 t.db
	report --json --filter from=100ms --filter to=200ms t.db >j
	[ "$(jq '[.edges[].messages] | add' j)" -eq 502 ]
	jq -e '.edges[0] | .in_send_sum_ns == null and .exact_bytes == null' j
	jq -e '.latency[0] | .waiting_sum_ns == null and .timeouts == null' j
}

@test "--sort: JSON, CSV and text have the same order" {
	for key in messages total max p99; do
		column=$(case $key in messages) echo messages ;; total) echo transit_sum_ns ;; *) echo "transit_${key}_ns" ;; esac)
		want=$(sql "SELECT object_id || ':' || sender_id FROM edges WHERE kind <> 'shared'
			ORDER BY $column DESC, bytes DESC, object_id, sender_id" | paste -sd' ')
		[ "$(report --json --sort "$key" t.db |
			jq -r '[.edges[] | select(.kind != "shared") | "\(.object_id):\(.sender_id)"] | join(" ")')" = "$want" ]
	done
	[ "$(report --csv latency --sort max t.db | sed 1d | cut -d, -f10 | tr -d '\r')" = \
		"$(report --csv latency --sort max t.db | sed 1d | cut -d, -f10 | tr -d '\r' | sort -rn)" ]
	[ "$(report --csv objects --sort name t.db | sed 1d | cut -d, -f3)" = \
		"$(report --csv objects t.db | sed 1d | cut -d, -f3 | sort)" ]
	report --sort max t.db | sed -n '/^SOCKETS/,/^$/p' | sed -n 3p | grep -q '^  server\[101\] → client\[103\]'
	report --sort name t.db | sed -n '/^SOCKETS/,/^$/p' | sed -n 3p | grep -q '^  client'
}

@test "--top: so many rows of each section, 0 all of them" {
	report --top 1 t.db >text
	[ "$(sed -n '/^SOCKETS/,/^$/p' text | grep -c ' → ')" -eq 1 ]
	[ "$(sed -n '/^PROCESSES/,/^$/p' text | grep -c '%\|[0-9] ms\|[0-9] s')" -eq 1 ]
	[ "$(report --json --top 2 t.db | jq -c '[.edges, .objects, .processes] | map(length)')" = "[2,2,2]" ]
	[ "$(report --csv ops --top 3 t.db | wc -l)" -eq 4 ]
	{
		echo "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 69)"
		echo "INSERT INTO process SELECT i, 1000 + i, CASE WHEN i > 10 THEN i - 1 ELSE 1 END, 1, 'p' || i, NULL, NULL, 5, 6, 0, 1, NULL FROM n;"
	} | sqlite3 t.db
	[ "$(report --top 0 t.db | grep -c '─ p')" -ge 50 ]
	[ "$(report --top 0 t.db | grep -c '^  … and')" -eq 0 ]
}
