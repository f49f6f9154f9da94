#!/usr/bin/env bats
# `ipctrace report` on small traces whose rows are known: text, JSON, CSV, usage.

bats_require_minimum_version 1.5.0
load trace_file

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR
	export TZ=Asia/Tokyo LC_ALL=C
}

report() {
	"$IPCT_BIN/ipctrace" report "$@"
}

# same EXPECTED: what the last `run` printed is exactly this.
same() {
	diff -u <(printf '%s\n' "$1") <(printf '%s\n' "$output")
}

# has LINE: it printed this line, whole.
has() {
	grep -qxF -- "$1" <<<"$output" || {
		printf 'no line "%s" in:\n%s\n' "$1" "$output"
		return 1
	}
}

# refute COMMAND...: it fails. (A line that begins with ! cannot fail a test.)
refute() {
	! "$@"
}

hasnt() {
	! grep -F -- "$1" <<<"$output"
}

# Names that attack a terminal, a page or a parser; also an end outside, and a NULL wherever one
# may be.
hostile_rows() {
	cat <<-'SQL'
		UPDATE meta SET value = 'sh -c ' || char(27) || '[31mred' || char(10) || 'next'
			WHERE key = 'command';
		INSERT INTO process VALUES
			(4, 4000, 1, 1234, char(27) || '[2J漢字', NULL,
				'evil ' || char(10) || CAST(x'ff' AS TEXT) || char(8238), NULL, NULL, NULL, 1, NULL),
			(5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL),
			(6, 77, NULL, NULL, 'bash', NULL, NULL, NULL, NULL, NULL, 0, NULL);
		INSERT INTO object VALUES
			(2, 2, '/run/a,"b"' || char(9), 3, 4, NULL, NULL, 4096, 10, 5000, 9, 4000, 9, 4000, 1, 0,
				0, NULL, NULL),
			(3, 1, NULL, NULL, NULL, NULL, 5000, 65536, 1, 100, 0, 0, 0, 0, 1, 1, 0, NULL, NULL);
		INSERT INTO edge VALUES
			(2, 4, 3, 'data', 9, 4000, 5, 3, 1, 900, 10, 20, 30, 40, 1, 2, NULL, 2300, 1300),
			(3, 5, 4, 'data', 10, 123, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 5, 6, NULL, 0, 0),
			(3, 4, 6, 'data', 10, 124, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 5, 6, NULL, 0, 0);
		INSERT INTO op VALUES
			(1, 1000000, 2300000000, 2290000000, 4, 4001, 1, 2, 2, 3, 65536, NULL, NULL, 0, NULL),
			(2, 1000001, 5, 0, 4, 4001, 1, 2, 2, 3, 65536, 7, NULL, 1, NULL);
		INSERT INTO ledger_entry VALUES ('fifo', 'stored', 18, 18, 0);
	SQL
}

@test "a pipeline as text, every line of it" {
	pipeline_rows | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	same "$(cat "$BATS_TEST_DIRNAME/report_pipeline.txt")"
}

@test "the same trace gives the same report, whatever the folder, zone and locale" {
	{ pipeline_rows; hostile_rows; } | trace_file t.db
	report t.db >one
	mkdir other
	cp t.db other/
	cd other
	TZ=America/New_York LC_ALL=C.UTF-8 report t.db >two
	cmp ../one two
}

@test "ipctrace.db is the file if none is named" {
	pipeline_rows | trace_file ipctrace.db
	run report
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "sh -c 'tar c . | gzip'" ]
}

@test "a trace without meta, rows or ledger is reported as what it is" {
	trace_file t.db </dev/null
	run report t.db
	[ "$status" -eq 0 ]
	has "(unknown command)"
	has "! recording was cut off: rows up to the last second (or it still runs)"
	has "  recorded  at an unknown time"
	has "  ledger    no entries in this file"
	has "NOTHING STORED"
	has "  No call was stored yet, or none before the recording was cut off."
	hasnt "PROCESSES"
	run report --json t.db
	[ "$(jq -c . <<<"$output")" = \
		'{"findings":[],"meta":{},"ledger":[],"processes":[],"objects":[],"edges":[],"latency":[],"mappings":[],"touches":[],"passed_fds":[],"confidence":[],"pressure":[],"depth":[],"wakeups":[]}' ]
}

@test "a recording without IPC says what was watched and which processes ran" {
	{
		pipeline_rows
		echo "DELETE FROM edge; DELETE FROM object; DELETE FROM call_stat;"
		echo "DELETE FROM ledger_entry;"
	} | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	has "NO IPC WAS RECORDED"
	has "  The program and its children made no call on any object that was watched: pipe,fifo."
	has "  1235  ├─ tar c .                 -         -   1.00 ms  3.10 s        0"
	hasnt "PIPES"
	hasnt "cut off"
}

@test "a recording that was cut off says so before anything else" {
	{
		pipeline_rows
		echo "DELETE FROM meta WHERE key IN ('complete', 'duration_ns', 'exit_status', 'ended');"
	} | trace_file t.db
	run report t.db
	[ "${lines[1]}" = "! recording was cut off: rows up to the last second (or it still runs)" ]
	hasnt "  ended "
}

@test "a loss is in the first lines, with reasons, and the ledger shows it" {
	{
		pipeline_rows
		echo "INSERT INTO ledger_entry VALUES ('pipe', 'ring_full', 45, 0, 45),"
		echo "	('fifo', 'objects_full', 7, 0, 7), ('fifo', 'stored', 11, 11, 0);"
	} | trace_file t.db
	run report t.db
	[ "${lines[1]}" = "! LOST 52 of 24,764 calls (<1%): counts are too low, messages are missing" ]
	has "!   45 on pipe: ring_full: the ring buffer was full; record with a larger --ring"
	has "!   7 on fifo: objects_full: more objects than a recording can tell apart"
	has "  ledger    pipe  24,746 seen = 24,701 stored + 45 lost"
	has "            fifo      18 seen =     11 stored +  7 lost"
}

@test "calls under way in a recording that still runs are no loss" {
	{
		pipeline_rows
		echo "DELETE FROM meta WHERE key IN ('complete', 'exit_status', 'ended');"
		echo "INSERT INTO ledger_entry VALUES ('pipe', 'under_way', 2, 0, 2);"
	} | trace_file t.db
	run report t.db
	has "! 2 of 24,703 calls were under way when the file was last written"
	has "  covers    3.21 s"
	has "  ledger    pipe  24,703 seen = 24,701 stored + 2 lost"
	hasnt "LOST"
	hasnt "  ended "
	sqlite3 t.db "INSERT INTO ledger_entry VALUES ('pipe', 'ring_full', 3, 0, 3)"
	run report t.db
	has "! LOST 3 of 24,706 calls (<1%): counts are too low, messages are missing"
	hasnt "under_way"
}

@test "a ledger that does not balance is not hidden" {
	{
		pipeline_rows
		echo "UPDATE ledger_entry SET seen = seen + 1;"
	} | trace_file t.db
	run report t.db
	[ "${lines[1]}" = "! the ledger does not balance: seen is not stored + lost" ]
}

@test "each way to end is named" {
	local ended
	for ended in disk_full store_failed cut signal duration no_exec; do
		{
			pipeline_rows
			echo "UPDATE meta SET value = '$ended' WHERE key = 'ended';"
			echo "DELETE FROM meta WHERE key = 'exit_status';"
		} | trace_file "$ended.db"
	done
	run report disk_full.db
	[ "${lines[1]}" = "! recording was cut off: no space was left for the trace file" ]
	has "  ended     exit status unknown after 3.21 s"
	run report store_failed.db
	[ "${lines[1]}" = "! recording was cut off: the trace file could not be written" ]
	run report cut.db
	[ "${lines[1]}" = "! recording was cut off: the capture that it was made from ends early" ]
	run report signal.db
	has "  ended     the program still ran after 3.21 s; recording stopped by a signal"
	run report duration.db
	has "  ended     the program still ran after 3.21 s; recording stopped when its time was over"
	run report no_exec.db
	has "  ended     the command could not be run after 3.21 s"
	hasnt "cut off"
}

@test "a mechanism that was watched and not seen takes no line of its own" {
	{
		pipeline_rows
		echo "INSERT INTO ledger_entry VALUES ('fifo', 'stored', 0, 0, 0), ('udp', 'stored', 0, 0, 0);"
	} | trace_file t.db
	run report t.db
	has "  ledger    pipe  24,701 seen = 24,701 stored + 0 lost"
	has "            nothing seen on fifo, udp"
	sqlite3 t.db "DELETE FROM ledger_entry WHERE mechanism = 'pipe'"
	run report t.db
	has "  ledger    nothing seen on fifo, udp"
	sqlite3 t.db "INSERT INTO ledger_entry SELECT 'm' || value, 'stored', 0, 0, 0 FROM json_each('[1, 2]')"
	run report t.db
	has "  ledger    nothing seen on any of the 4 that were watched"
	sqlite3 t.db "INSERT INTO ledger_entry VALUES ('pipe', 'stored', 1, 1, 0)"
	run report t.db
	has "            nothing seen on the other 4 that were watched"
}

@test "what was watched is said in the fewest words, and not where it was everything" {
	pipeline_rows | trace_file t.db
	run report t.db
	has "  watched   pipe, fifo"
	sqlite3 t.db "UPDATE meta SET value = 'pipe,fifo,posix_mq,sysv_mq,sysv_shm,posix_shm,memfd,mmap_file,'
		|| 'unix_stream,unix_dgram,unix_seqpacket,tcp,eventfd,signal,futex,sysv_sem,pty,process_vm'
		WHERE key = 'mechanisms'"
	run report t.db
	has "  watched   all but mmap_anon, udp"
	sqlite3 t.db "UPDATE meta SET value = value || ',mmap_anon,udp' WHERE key = 'mechanisms'"
	run report t.db
	hasnt "watched"
}

@test "exit statuses are those of wait(2)" {
	local status_and_text
	for status_and_text in "768:exit status 3" "9:killed by SIGKILL" "139:killed by SIGSEGV"; do
		rm -f t.db
		{
			pipeline_rows
			echo "UPDATE meta SET value = ${status_and_text%%:*} WHERE key = 'exit_status';"
		} | trace_file t.db
		run report t.db
		has "  ended     ${status_and_text#*:} after 3.21 s"
	done
}

@test "how sure the pairing is: nothing where all is exact, else by mechanism and object" {
	pipeline_rows | trace_file t.db
	run report t.db
	hasnt "PAIRING"
	hasnt "  pairing"
	rm t.db
	{ pipeline_rows; hostile_rows; } | trace_file t.db
	# What went to or came from the outside was not paired, and is nothing here.
	output=$(report --csv confidence t.db | tr -d '\r')
	same "mechanism,messages,bytes,exact,inferred,ambiguous,exact_bytes,inferred_bytes,ambiguous_bytes
fifo,9,4000,5,3,1,2300,1300,400
pipe,12347,126425088,12347,0,0,126425088,0,0"
	[ "$(sqlite3 t.db "SELECT object_id, exact, inferred, ambiguous, exact_bytes, inferred_bytes,
		ambiguous_bytes FROM objects")" = "1|12347|0|0|126425088|0|0
2|5|3|1|2300|1300|400
3|0|0|0|0|0|0" ]
	report --json t.db | jq -e '.confidence[0].mechanism == "fifo" and .objects[1].ambiguous == 1'
	# An end outside makes what was exact inferred.
	sqlite3 t.db 'UPDATE object SET outside = 1 WHERE object_id = 2'
	[ "$(sqlite3 t.db "SELECT exact, inferred, ambiguous, exact_bytes, inferred_bytes, ambiguous_bytes
		FROM objects WHERE object_id = 2
		UNION ALL SELECT exact, inferred, ambiguous, exact_bytes, inferred_bytes, ambiguous_bytes
		FROM confidence WHERE mechanism = 'fifo'")" = "0|8|1|0|3600|400
0|8|1|0|3600|400" ]
}

@test "no byte of a hostile name reaches the terminal, and columns stay straight" {
	{ pipeline_rows; hostile_rows; } | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	same "$(cat "$BATS_TEST_DIRNAME/report_hostile.txt")"
	refute grep -q $'[\x01-\x09\x0b-\x1f\x7f]' <<<"$output"
	iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
}

@test "bytes that came from outside are no messages" {
	{
		pipeline_rows
		echo "DELETE FROM edge;"
		echo "INSERT INTO process VALUES (9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL);"
		echo "INSERT INTO edge VALUES"
		echo "	(1, 9, 3, 'data', 5, 157, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 5, 6, NULL, 0, 0);"
	} | trace_file t.db
	run report t.db
	has "  traffic   157 B to or from outside"
	has "  In brackets: outside the recording; calls are counted there, not timed."
}

@test "colour and width are those of the terminal, and NO_COLOR is respected" {
	command -v script >/dev/null || skip "script(1) is not installed"
	{ pipeline_rows; hostile_rows; } | trace_file t.db
	TERM=xterm script -qec "stty cols 80; '$IPCT_BIN/ipctrace' report t.db" /dev/null </dev/null >colour
	grep -q $'^\033\[1msh -c' colour
	TERM=xterm NO_COLOR=1 script -qec "stty cols 80; '$IPCT_BIN/ipctrace' report t.db" /dev/null \
		</dev/null >plain
	refute grep -q $'\033' plain
	sed -e 's/\x1b\[[0-9;]*m//g' colour | cmp - plain
	[ "$(tr -d '\r' <plain | LC_ALL=C.UTF-8 wc -L)" -le 80 ]
	TERM=dumb script -qec "'$IPCT_BIN/ipctrace' report t.db" /dev/null </dev/null >dull
	refute grep -q $'\033' dull
}

@test "rows beyond the cap are counted, with the way to see them" {
	{
		pipeline_rows
		echo "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1239)"
		echo "INSERT INTO object SELECT i, 1, 'pipe:[' || i || ']', i, 14, i, i + 5, 65536, 1, 1, 1, 1, 1, 1, 2, 0, 0, NULL, NULL FROM n;"
		echo "INSERT INTO edge SELECT object_id, object_id, 3, 'data', 1, 1, 1, 0, 0, 9, 9, 9, 9, 9, 1, 2, NULL, 1, 0 FROM object WHERE object_id > 9;"
		echo "INSERT INTO process SELECT object_id, 10000 + object_id, 1, 1234, 'cc' || object_id, NULL, NULL, 5, 6, 0, 1, NULL FROM object WHERE object_id > 9;"
	} | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	has "  … and 1,211 more: ipctrace report --csv edges has all"
	has "  … and 1,211 more: ipctrace report --csv objects has all"
	has "  … and 1,213 more: ipctrace report --csv processes has all"
	# The processes that moved most are there, below the parent that moved nothing.
	has "   1234  sh -c 'tar c . | gzip'        -         -      0 ns  3.21 s        0"
	grep -q '├─ tar c \.' <<<"$output"
	[ "${#lines[@]}" -le 110 ]
	# Of one name they are one row.
	sqlite3 t.db "UPDATE process SET comm = 'cc' WHERE process_id > 9"
	run report t.db
	has "  cc ×1,230 → gzip[1236]  pipe ×1,230   1,230  1.20 KiB  1.12 TiB/s       -        -     9 ns   100%"
	hasnt "--csv edges has all"
	grep -qF "PIPES  who sends" <<<"$output"
}

@test "a circle of parents, or one a thousand deep, ends" {
	{
		echo "INSERT INTO process SELECT 1, 1, 2, 2, 'a', NULL, NULL, 0, 1, 0, 1, NULL"
		echo "	UNION ALL SELECT 2, 2, 1, 1, 'b', NULL, NULL, 0, 1, 0, 1, NULL;"
		echo "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 1003)"
		echo "INSERT INTO process SELECT i, i, i - 1, i - 1, 'deep' || i, NULL, NULL, 0, 1, 0, 1, NULL FROM n;"
	} | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	has "  … and 983 more: ipctrace report --csv processes has all"
	grep -q '└─ deep3 ' <<<"$output"
}

@test "values of types that no recorder writes do no harm" {
	{
		pipeline_rows
		echo "UPDATE meta SET value = x'00ff' WHERE key = 'host';"
		echo "UPDATE meta SET value = 'soon' WHERE key = 'duration_ns';"
		echo "UPDATE meta SET value = NULL WHERE key = 'user';"
		echo "UPDATE edge SET messages = -9223372036854775808, bytes = 9223372036854775807,"
		echo "	transit_p50_ns = 'fast', transit_max_ns = 1e300, kind = x'64';"
		echo "UPDATE process SET pid = 'one', comm = x'ff00ff', exit_status = 9e999;"
	} | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	run report --json t.db
	[ "$status" -eq 0 ]
	jq -e '.processes[0].comm == null and .processes[0].pid == "one"' <<<"$output"
	run report --csv processes t.db
	[ "$status" -eq 0 ]
}

@test "JSON holds the meta, the ledger and the aggregated views, and no histogram" {
	pipeline_rows | trace_file t.db
	sqlite3 t.db "UPDATE edge SET transit_hist = x'0102'; UPDATE call_stat SET dur_hist = x'01'"
	run report --json t.db
	[ "$status" -eq 0 ]
	[ "$(jq -c 'keys_unsorted' <<<"$output")" = \
		'["findings","meta","ledger","processes","objects","edges","latency","mappings","touches","passed_fds","confidence","pressure","depth","wakeups"]' ]
	jq -e '.meta.command == "sh -c '"'tar c . | gzip'"'" and .meta.cpus == 8' <<<"$output"
	jq -e '.ledger == [{"mechanism":"pipe","reason":"stored","seen":24701,"stored":24701,"lost":0}]' \
		<<<"$output"
	jq -e '.edges[0] | .sender == "tar" and .receiver_pid == 1236 and .bytes == 126425088
		and .exact == 12347 and (has("transit_hist") | not)' <<<"$output"
	jq -e '.latency | length == 3 and (.[0] | has("dur_hist") | not)' <<<"$output"
	jq -e '.objects[0].name == "pipe:[4711]" and .processes[2].exit_status == 13' <<<"$output"
}

@test "JSON keeps hostile names, as valid UTF-8" {
	{ pipeline_rows; hostile_rows; } | trace_file t.db
	report --json t.db >out.json
	iconv -f UTF-8 -t UTF-8 out.json >/dev/null
	refute grep -q $'[\x01-\x09\x0b-\x1f\x7f]' out.json
	jq -e '.meta.command == "sh -c \u001b[31mred\nnext"' out.json
	jq -e '.processes[3] | .comm == "\u001b[2J漢字" and .cmdline == "evil \n\ufffd\u202e"
		and .start_ns == null' out.json
	jq -e '.objects[1].name == "/run/a,\"b\"\t"' out.json
}

@test "each of the views comes as CSV, with the columns of the contract" {
	{ pipeline_rows; hostile_rows; } | trace_file t.db
	local view
	while IFS=: read -r view columns; do
		run report --csv "$view" t.db
		[ "$status" -eq 0 ]
		[[ "${lines[0]}" == "$columns"* ]]
		hasnt _hist
	done <<-'VIEWS'
		processes:process_id,pid,ppid,comm,exe,cmdline,start_ns,exit_ns,exit_status,traced
		objects:object_id,mechanism,name,kernel_id,created_ns,closed_ns,capacity,bytes,messages
		ops:op_id,ts_ns,dur_ns,blocked_ns,process_id,pid,tid,comm,syscall,mechanism,role
		messages:message_id,mechanism,object_id,object,send_op,recv_op,sender_pid,sender_tid
		edges:mechanism,object_id,object,sender_pid,sender,receiver_pid,receiver,kind,messages
		latency:mechanism,role,syscall,count,errors,bytes,dur_p50_ns,dur_p90_ns,dur_p99_ns
		ledger:mechanism,reason,seen,stored,lost
		mappings:mapping_id,mechanism,object_id,object,process_id,pid,comm,address,length,file_offset,protection,mapped_ns,unmapped_ns,how
		touches:mechanism,object_id,object,process_id,pid,comm,reads,writes
		passed_fds:passing_id,carrier_id,carrier,mechanism,object_id,object,what,sent_ns,received_ns,sender_id,sender_pid,sender
		ready:op_id,object_id,object,mechanism,fd,events
		pressure:mechanism,object_id,object,direction,capacity_bytes,capacity_messages,max_bytes,max_messages,mean_bytes,mean_messages,full_ns,empty_ns,full_refusals,empty_refusals,first_ns,last_ns,full_share,empty_share,max_fill,mean_fill,confidence
		depth:mechanism,object_id,object,direction,start_ns,width_ns,bytes,messages,max_bytes,max_messages,full_ns,empty_ns,full_share,empty_share,fill,confidence
		threads:process_id,pid,tid,comm,ops,first_ns,last_ns,dur_sum_ns,blocked_ns,waiting_sum_ns,runnable_sum_ns
		op_blocks:first_op_id,last_op_id,ops,first_start_ns,last_start_ns,first_end_ns,last_end_ns
		message_blocks:first_message_id,last_message_id,messages,first_send_op,last_send_op,first_recv_op,last_recv_op,transit_max_ns
	VIEWS
}

@test "CSV is RFC 4180: quotes, line ends, NULL and empty told apart, formulas left alone" {
	{
		pipeline_rows
		hostile_rows
		echo "UPDATE process SET comm = '', exe = '=1+1', cmdline = 'a' || char(13, 10) || 'b'"
		echo "	WHERE process_id = 5;"
	} | trace_file t.db
	report --csv processes t.db >p.csv
	grep -qxF $'5,,,"",=1+1,"a\r' p.csv
	grep -qxF $'b",,,,0,,,\r' p.csv
	report --csv objects t.db >o.csv
	grep -qF $'2,fifo,"/run/a,""b""\t",3,,,4096,5000,9,1' o.csv
	[ "$(report --csv ledger t.db | od -An -c | tr -d ' \n')" = \
		'mechanism,reason,seen,stored,lost\r\nfifo,stored,18,18,0\r\npipe,stored,24701,24701,0\r\n' ]
	report --csv ops t.db >ops.csv
	[ "$(sed -n 2p ops.csv)" = $'1,1000000,2300000000,2290000000,4,4000,4001,\033[2J漢字,read,fifo,recv,2,"/run/a,""b""\t",3,65536,,,0,,10000000,0,0,,,,,0,,,,\r' ]
}

@test "wrong usage exits 2 and says what is right" {
	pipeline_rows | trace_file t.db
	run report --csv op t.db
	[ "$status" -eq 2 ]
	[[ "$output" == *"no view 'op'; the views are processes, objects, ops, messages, edges, latency, ledger, mappings, touches, passed_fds"* ]]
	run report --colour
	[ "$status" -eq 2 ]
	run report t.db t.db
	[ "$status" -eq 2 ]
	[[ "$output" == *"one FILE at a time"* ]]
	run report --json --csv edges t.db
	[ "$status" -eq 2 ]
	run report --csv
	[ "$status" -eq 2 ]
}

@test "failures exit 1: no such file, not a trace, an output that takes nothing" {
	run report missing.db
	[ "$status" -eq 1 ]
	[[ "$output" == *"missing.db"* ]]
	echo "this is no database, it is only text that is long enough" >text.db
	run report text.db
	[ "$status" -eq 1 ]
	pipeline_rows | trace_file t.db
	run bash -c '"$IPCT_BIN/ipctrace" report t.db >/dev/full'
	[ "$status" -eq 1 ]
	[ "$output" = "ipctrace: cannot write to standard output: No space left on device" ]
}

@test "a trace that is damaged behind its first pages fails and does not parse as JSON" {
	{
		pipeline_rows
		echo "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
		echo "INSERT INTO process SELECT i, i, 1, 1, 'cc', NULL, 'x' || i, 5, 6, 0, 1, NULL FROM n;"
	} | trace_file t.db
	# Overwrite all but the first of the pages that hold processes.
	local page
	for page in $(sqlite3 t.db "SELECT pageno FROM dbstat WHERE name = 'process' AND path <> '/' LIMIT -1 OFFSET 1"); do
		dd if=/dev/urandom of=t.db bs=4096 seek=$((page - 1)) count=1 conv=notrunc status=none
	done
	run --separate-stderr report --json t.db
	[ "$status" -eq 1 ]
	# shellcheck disable=SC2154 # stderr is set by run
	[[ "$stderr" == "ipctrace: cannot read trace '"*"t.db': database disk image is malformed" ]]
	refute jq . <<<"$output"
}

@test "--help ends with three examples and exits 0" {
	run report --help
	[ "$status" -eq 0 ]
	[ "$(tail -n 3 <<<"$output" | grep -c '^  ipctrace report')" -eq 3 ]
	[[ "$output" == *"--gnuplot=DIR"* && "$output" == *"--html=FILE"* ]]
}

@test "each query of the report on a large table goes by an index or a view's totals" {
	trace_file t.db </dev/null
	plan=$(sqlite3 t.db "EXPLAIN QUERY PLAN $(sed 's/:rows/20/' "$SOURCE_DIR/reporter/text_unfinished.sql")")
	grep -q 'r USING INDEX op_unfinished' <<<"$plan"
	plan=$(sqlite3 t.db "EXPLAIN QUERY PLAN SELECT count(*) FROM ops WHERE finished = 0")
	grep -q 'r USING COVERING INDEX op_unfinished\|r USING INDEX op_unfinished' <<<"$plan"
	[ "$(grep -lE 'FROM (messages|ops)' "$SOURCE_DIR"/reporter/text_*.sql)" = \
		"$SOURCE_DIR/reporter/text_unfinished.sql" ]
}

# op is o, s and r in the views, message is g: by their ids alone, and without an index made for it.
@test "what the page and the chain read of calls and messages goes by blocks" {
	trace_file t.db </dev/null
	for query in html_timeline chain_ops; do
		{
			echo "EXPLAIN QUERY PLAN"
			sed 's/:[a-z]\+/20/g' "$SOURCE_DIR/reporter/$query.sql"
		} | sqlite3 t.db >plan.txt
		grep -q 'SEARCH r USING INTEGER PRIMARY KEY (rowid' plan.txt
		grep -q 'SEARCH g USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)' plan.txt
		refute grep -E 'SCAN (r|op_row|g|message_row)( |$)|g USING AUTOMATIC' plan.txt
	done
}

@test "processes show their cgroups where these differ" {
	pipeline_rows | trace_file t.db
	sqlite3 t.db "INSERT INTO process_cgroup VALUES (1, '/x'), (2, '/x'), (3, NULL)"
	[ "$(report t.db | grep -c cgroup)" = 0 ]
	[ "$(report --csv processes t.db | head -n 1 | tr -d '\r')" = \
		process_id,pid,ppid,comm,exe,cmdline,start_ns,exit_ns,exit_status,traced,parent_id,cpu_ns,cgroup ]
	sqlite3 t.db "UPDATE process_cgroup SET cgroup = '/y' || char(27) || 'z' WHERE process_id = 2"
	report t.db >text
	[ "$(grep -c 'exit  *cgroup$' text)" = 1 ]
	[ "$(grep -c ' /x$' text)" = 1 ]
	[ "$(grep -cF '/y\ez' text)" = 1 ]
	[ "$(report --json t.db | jq -c '[.processes[].cgroup]')" = '["/x","/y\u001bz",null]' ]
}

@test "processes that are alike are one row where there are too many, and the others keep theirs" {
	{
		pipeline_rows
		echo "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 59)"
		echo "INSERT INTO process SELECT i, 1000 + i, CASE WHEN i < 50 THEN 2 ELSE 3 END, 1235, 'work', NULL, 'work ' || i, 5000000, 6000000, 0, 1, NULL FROM n;"
		echo "INSERT INTO process VALUES (90, 9000, 10, 1010, 'child', NULL, 'child', 5000000, 6000000, 3, 1, NULL);"
		echo "INSERT INTO edge SELECT 1, process_id, 2, 'data', 1, 1024, 1, 0, 0, 9, 9, 9, 9, 9, 1, 2, NULL, 0, 0 FROM process WHERE comm = 'work' AND process_id % 2;"
	} | trace_file t.db
	run report t.db
	[ "$(grep -E '─ (work|child)' <<<"$output" | awk '{ sub(/^ *[0-9]+ [^a-z]*/, ""); sub(/ +[0-9.]+ ms.*/, ""); print }')" = \
		"work 10                  -         -
child                 -         -
work ×20          20.0 KiB         -
work ×19                 -         -
work ×5                  -         -
work ×5           5.00 KiB         -" ]
	hasnt "processes has all"
	has "  ×: so many of the same name together; ipctrace report --csv processes has each"
	run report --top 0 t.db
	[ "$(sed -n '/^PROCESSES/,/^$/p' <<<"$output" | grep -c work)" -eq 50 ]
}
