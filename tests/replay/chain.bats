#!/usr/bin/env bats
# `ipctrace chain` on small traces whose rows are known: text, JSON, the list, usage, damage.

bats_require_minimum_version 1.5.0
load trace_file

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR
	export LC_ALL=C
}

chain() {
	"$IPCT_BIN/ipctrace" chain "$@"
}

# A client waits twice on a socket for a server: first for 40 ms, of which the server waits 25 ms on
# a pipe for a worker and the worker runs; then for 10 ms of which the server runs.
waits() {
	cat <<-'SQL'
		INSERT INTO meta VALUES ('duration_ns', 100000000), ('complete', 1);
		INSERT INTO mechanism VALUES (6, 'unix_stream', 'UNIX stream', 'socket', 'sender', 'receiver');
		INSERT INTO process (process_id, pid, parent_id, comm, start_ns, exit_ns, traced) VALUES
			(1, 101, NULL, 'client', 0, 100000000, 1),
			(2, 102, 1, 'server', 0, 100000000, 1),
			(3, 103, 1, 'worker', 0, 100000000, 1);
		INSERT INTO object (object_id, mechanism_id, name, sends, sent_bytes, recvs, received_bytes,
			messages, paired_bytes, processes, outside) VALUES
			(1, 6, '/run/x.sock', 0, 0, 0, 0, 0, 0, 0, 0),
			(2, 1, 'pipe:[4711]', 0, 0, 0, 0, 0, 0, 0, 0);
		INSERT INTO op (op_id, ts_ns, dur_ns, blocked_ns, process_id, tid, syscall_id, role_id,
			object_id, finished) VALUES
			(1, 15000000, 30000000, 30000000, 2, 102, 1, 2, 2, 1),
			(2, 10000000, 42000000, 42000000, 1, 101, 1, 2, 1, 1),
			(3, 60000000, 10000000, 10000000, 1, 101, 1, 2, 1, 1),
			(4, 90000000, 1000, 0, 1, 101, 2, 1, 1, 1),
			(5, 90000000, 1000, 0, 2, 102, 2, 1, 1, 1),
			(6, 90000000, 1000, 0, 3, 103, 2, 1, 2, 1);
		INSERT INTO sleep VALUES
			(1, 25000000, 5000000, 40000000, 45000000, 103, 3, 0, 0, 1, 0),
			(2, 40000000, 2000000, 50000000, 52000000, 102, 2, 3000000, 0, 1, 1),
			(3, 10000000, 0, 70000000, 70000000, 102, 2, 0, 1, 1, 1);
		INSERT INTO ledger_entry VALUES ('pipe', 'stored', 6, 6, 0);
	SQL
}

@test "a chain as text, every line of it" {
	waits | trace_file t.db
	run chain t.db
	[ "$status" -eq 0 ]
	diff -u - <(printf '%s\n' "$output") <<-'EOF'
		client[101]: 100 ms, from 0 ns to 100 ms of the recording
		  chosen    the program that was recorded
		  others    server[102] waited 25.0 ms

		THE LONGEST WAIT  and what it was for
		  client[101] waited 50.0 ms (50%) in read on unix_stream /run/x.sock
		    for server[102], which waited 25.0 ms (25%) in read on pipe:[4711]
		      for worker[103], which ran 25.0 ms (25%)

		WHERE THE TIME WENT  below a wait: what its waker did meanwhile
		      time share    times
		    100 ms  100%           client[101]
		   50.0 ms   50%        2    waited in read on unix_stream /run/x.sock for server[102]
		   25.0 ms   25%        1      waited in read on pipe:[4711] for worker[103]
		   25.0 ms   25%                 ran
		   20.0 ms   20%               ran
		   5.00 ms    5%               was ready and waited for a CPU
		   35.0 ms   35%             ran
		   10.0 ms    9%             not recorded: before its first or after its last call
		   3.00 ms    3%             was asleep or preempted outside of recorded calls
		   2.00 ms    2%             was ready and waited for a CPU

		WHOSE TIME IT WAS  each moment of the span once
		  process         time  share      ran  for a CPU  off CPU  not seen
		  client[101]  50.0 ms    50%  35.0 ms    2.00 ms  3.00 ms   10.0 ms
		  server[102]  25.0 ms    25%  20.0 ms    5.00 ms        -         -
		  worker[103]  25.0 ms    25%  25.0 ms          -        -         -
	EOF
}

@test "every piece, in the order of time" {
	waits | trace_file t.db
	run chain --list --from 9ms --to 48ms t.db
	[ "$status" -eq 0 ]
	diff -u - <(printf '%s\n' "$output") <<-'EOF'
		        at, ms       time
		      9.000000    1.00 ms  client[101] was asleep or preempted outside of recorded calls
		                           client[101] waited in read on unix_stream /run/x.sock for server[102]:
		     10.000000    5.00 ms    server[102] ran
		                             server[102] waited in read on pipe:[4711] for worker[103]:
		     15.000000    25.0 ms      worker[103] ran
		     40.000000    5.00 ms    server[102] was ready and waited for a CPU
		     45.000000    3.00 ms    server[102] ran
	EOF
}

@test "as JSON: the sums of all levels, and the pieces" {
	waits | trace_file t.db
	chain --json --list t.db >t.json
	jq -e '
		def sums: (.parts == null or ([.parts[].time_ns] | add) == .time_ns)
			and all(.parts[]?; sums);
		.time_ns == 100000000 and sums
		and ([.pieces[] | .to_ns - .from_ns] | add) == .time_ns' t.json
	jq -e '.parts[] | select(.kind == "waited") | .for.comm == "server" and .call == "read"
		and .mechanism == "unix_stream" and .object == "/run/x.sock" and .count == 2' t.json
	[ "$(chain --json t.db | jq 'has("pieces")')" = false ]
}

# head OPTION...: the first line.
head_of() {
	chain "$@" t.db | head -n 1
}

@test "a process by pid, name and number, a thread, a span" {
	waits | trace_file t.db
	sqlite3 t.db "INSERT INTO process (process_id, pid, comm, start_ns, traced) VALUES (4, 102, '103', 0, 1);
		INSERT INTO op (op_id, ts_ns, dur_ns, blocked_ns, process_id, tid, syscall_id, role_id,
			object_id, finished) VALUES (7, 5, 5, 0, 4, 99, 1, 2, 2, 1)"
	[ "$(head_of -p 101)" = "client[101]: 100 ms, from 0 ns to 100 ms of the recording" ]
	[ "$(head_of --process=worker)" = "worker[103]: 100 ms, from 0 ns to 100 ms of the recording" ]
	[ "$(head_of -p '#2' --from 10ms)" = "server[102]: 90.0 ms, from 10.0 ms to 100 ms of the recording" ]
	[ "$(head_of --from 0.01s --to 20000us)" = \
		"client[101]: 10.0 ms, from 10.0 ms to 20.0 ms of the recording" ]
	[ "$(head_of --thread 99)" = "103[102] thread 99: 5 ns, from 5 ns to 10 ns of the recording" ]
	# a pid that was used again
	run chain -p 102 t.db
	[ "${lines[0]}" = "server[102]: 100 ms, from 0 ns to 100 ms of the recording" ]
	[ "${lines[1]}" = "  chosen    of several processes that can be meant, the one that waited most" ]
}

@test "the program that was recorded, unless it hardly waited" {
	waits | trace_file t.db
	sqlite3 t.db "UPDATE sleep_row SET waiting_ns = 1000 WHERE kind_id IN
		(SELECT kind_id FROM sleep_kind WHERE waker_id = 2)"
	run chain t.db
	[ "${lines[0]}" = "server[102]: 100 ms, from 0 ns to 100 ms of the recording" ]
	[ "${lines[1]}" = "  chosen    the thread that waited most in recorded calls" ]
}

# fails STATUS TEXT OPTION...
fails() {
	run chain "${@:3}"
	[ "$status" -eq "$1" ] || return 1
	grep -qF -- "$2" <<<"$output" || { echo "$output"; return 1; }
}

@test "wrong usage" {
	waits | trace_file t.db
	fails 2 "is no time" --from 5 t.db
	fails 2 "is no time" --to 5m t.db
	fails 2 "is no time" --from -5ms t.db
	fails 2 "is no time" --from 1e30s t.db
	fails 2 "--from must be before --to" --from 5ms --to 5ms t.db
	fails 2 "is no number" --thread x t.db
	fails 2 "is no number" --top -1 t.db
	fails 2 "--message says itself" --message 1 -p 101 t.db
	fails 2 "one FILE at a time" t.db t.db
}

@test "what is not there" {
	waits | trace_file t.db
	fails 1 "no process 'x' made a recorded call" -p x t.db
	fails 1 "no process '#9' made a recorded call" -p '#9' t.db
	fails 1 "no thread 7 made a recorded call" -t 7 t.db
	fails 1 "process '101' has no thread 102" -p 101 -t 102 t.db
	fails 1 "client[101] has no time there: it is recorded from 0 ns to 100 ms" --from 1s t.db
	fails 1 "there is no message 5" --message 5 t.db
	fails 1 "cannot open trace 'none.db': No such file or directory" none.db
	trace_file empty.db </dev/null
	fails 1 "there is no recorded call to follow" empty.db
	trace_to_format_2 t.db
	fails 1 "did not note who woke whom" t.db
}

@test "names that attack a terminal, numbers that are none" {
	waits | trace_file t.db
	sqlite3 t.db "UPDATE process SET comm = char(27) || '[2J' || char(10) || x'ff' WHERE process_id = 2;
		UPDATE object SET name = '/run/' || char(27) || ']0;x' || char(7) || char(8238);
		UPDATE syscall SET name = 'read' || char(9)"
	chain t.db >text
	chain --list t.db >list
	[ -z "$(tr -d '\n -~' <text | LC_ALL=C tr -d '\200-\377')" ]
	[ -z "$(tr -d '\n -~' <list | LC_ALL=C tr -d '\200-\377')" ]
	grep -qF '\e[2J\n' text
	chain --json --list t.db | jq -e .time_ns
	# any number in any column: nothing breaks, and the sums are those of the span
	for value in -1 9223372036854775807 -9223372036854775808 "'text'" 1e300 "x'00'" 50000000; do
		for column in op_row.{ts_ns,dur_ns,blocked_ns,kind_id,finished} op_kind.{process_id,tid,object_id} \
			sleep_row.{waiting_ns,runnable_ns,woken_before_ns,run_queue_ns,kind_id,away_ns} \
			sleep_kind.{waker_tid,waker_id}; do
			table=${column%.*}
			sqlite3 t.db "CREATE TABLE keep AS SELECT * FROM $table; UPDATE $table SET ${column#*.} = $value"
			run chain --json t.db
			[ "$status" = 0 ] || [[ $status = 1 && $table = op_* ]] ||
				{ echo "$column = $value: $output"; return 1; }
			[ "$status" = 1 ] || jq -e '.time_ns == .to_ns - .from_ns
				and ([.parts[].time_ns] | add) == .time_ns' <<<"$output" >/dev/null
			sqlite3 t.db "DELETE FROM $table; INSERT INTO $table SELECT * FROM keep; DROP TABLE keep"
		done
	done
}

@test "a truncated trace" {
	waits | trace_file t.db
	for keep in 1 100 4096 $(($(stat -c %s t.db) - 4096)); do
		head -c "$keep" t.db >cut.db
		run chain cut.db
		[ "$status" -eq 1 ]
	done
}

@test "80 columns" {
	command -v script >/dev/null || skip "script(1) is not installed"
	waits | trace_file t.db
	sqlite3 t.db "UPDATE object SET name = '/run/' || hex(zeroblob(200)) WHERE object_id = 1"
	for option in "" --list; do
		TERM=xterm script -qec "stty cols 80; '$IPCT_BIN/ipctrace' chain $option t.db" /dev/null |
			sed 's/\x1b\[[0-9;]*m//g' | tr -d '\r' >text
		[ -s text ]
		[ "$(LC_ALL=C.UTF-8 wc -L <text)" -le 80 ]
	done
}
