#!/usr/bin/env bats
# Where the time of messages and calls went, as `ipctrace report` says it: text, JSON, CSV and plots,
# from rows whose numbers are known. What the page says of it is in tests/web.

bats_require_minimum_version 1.5.0
load trace_file

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR
	export LC_ALL=C.UTF-8
}

report() {
	"$IPCT_BIN/ipctrace" report "$@"
}

# has LINE: it printed this line, whole.
has() {
	grep -qxF -- "$1" <<<"$output" || {
		printf 'no line "%s" in:\n%s\n' "$1" "$output"
		return 1
	}
}

hasnt() {
	! grep -F -- "$1" <<<"$output"
}

# The pipeline, with the parts of its transits, which add up to 1,524,150,000 ns, and of its calls.
parts_rows() {
	pipeline_rows
	cat <<-'SQL'
		INSERT INTO edge_part VALUES
			(1, 2, 3, 0, 200000000, 11000, 12000, 13000, 14000),
			(1, 2, 3, 1, 900000000, 21000, 22000, 23000, 24000),
			(1, 2, 3, 2, 300000000, 31000, 32000, 33000, 34000),
			(1, 2, 3, 3, 124150000, 41000, 42000, 43000, 44000);
		INSERT INTO call_part VALUES
			(1, 1, 2, 0, 200000000, 1, 2, 3, 4), (1, 1, 2, 1, 1500000000, 5, 6, 7, 8),
			(1, 1, 2, 2, 300000000, 9, 10, 11, 12),
			(1, 2, 1, 0, 600000000, 1, 2, 3, 4), (1, 2, 1, 1, 200000000, 5, 6, 7, 8),
			(1, 2, 1, 2, 90000000, 9, 10, 11, 12),
			(1, 3, 3, 0, 4000, 1, 2, 3, 4), (1, 3, 3, 1, 0, 0, 0, 0, 0),
			(1, 3, 3, 2, 0, 0, 0, 0, 0);
	SQL
}

# What comes back over a FIFO: a smaller sum, a larger mean. Seven wake-ups, the largest sum.
other_mechanisms() {
	cat <<-'SQL'
		INSERT INTO mechanism VALUES (13, 'eventfd', 'eventfd', 'sync', 'waker', 'woken');
		INSERT INTO object VALUES
			(2, 2, '/tmp/back', 9, 14, NULL, NULL, 65536, 4, 40, 4, 40, 4, 40, 2, 0, 0, NULL, NULL),
			(3, 13, 'eventfd:[8]', 8, NULL, NULL, NULL, NULL, 7, 56, 7, 56, 7, 56, 2, 0, 0, NULL, NULL);
		INSERT INTO edge VALUES
			(2, 3, 2, 'data', 4, 40, 4, 0, 0, 1000000000, 1, 2, 3, 4, 5, 6, NULL, 40, 0),
			(3, 3, 2, 'sync', 7, 56, 7, 0, 0, 2100000000, 1, 2, 3, 4, 5, 6, NULL, 0, 0);
		INSERT INTO edge_part VALUES
			(2, 3, 2, 0, 500000000, 0, 0, 0, 0), (2, 3, 2, 1, 0, 0, 0, 0, 0),
			(2, 3, 2, 2, 0, 0, 0, 0, 0), (2, 3, 2, 3, 500000000, 0, 0, 0, 0),
			(3, 3, 2, 0, 0, 0, 0, 0, 0), (3, 3, 2, 1, 0, 0, 0, 0, 0),
			(3, 3, 2, 2, 2100000000, 0, 0, 0, 0), (3, 3, 2, 3, 0, 0, 0, 0, 0);
	SQL
}

@test "text: the mean transit and the shares of its parts, in the first lines and by edge" {
	parts_rows | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	has "  transit   mean 123 µs: send 13%, object 59%, run queue 20%, receive 8%"
	has "WHERE THE TIME WENT  █ in send calls ▓ in objects ▒ run queue ░ in receive calls"
	has "  from        to          over           mean  send  object  runq  recv"
	has "  tar[1235] → gzip[1236]  pipe:[4711]  123 µs   13%     59%   20%    8%  ██▓▓▓▓▓▓▓▒▒░"
	hasnt "BY EDGE"
}

@test "text: calls have the shares of waiting for another and for a CPU" {
	parts_rows | trace_file t.db
	run report t.db
	has "  calls     24,701 on 1 object by 3 processes; 3.00 s: 56% waiting, 12% runq"
	has "  mechanism  call    count  errors      p50      p90      p99      max    total  waiting  runq"
	has "  pipe       write  12,347       -  90.0 µs   400 µs  1.10 ms  9.00 ms   2.10 s      71%   14%"
	has "  pipe       read   12,350       1  40.0 µs   100 µs   900 µs  8.00 ms   900 ms      22%   10%"
	hasnt "blocked"
	sqlite3 t.db "UPDATE call_stat SET timeouts = 41 WHERE syscall_id = 1"
	run report t.db
	grep -q 'errors  timeouts ' <<<"$output"
	grep -q 'read   12,350       1        41 ' <<<"$output"
}

@test "text: of several mechanisms each has a line, the largest sum first" {
	{ parts_rows; other_mechanisms; } | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	# Messages of data alone: (1,524,150,000 + 1,000,000,000) / 12,351.
	has "  transit   mean 204 µs: send 28%, object 35%, run queue 12%, receive 25%"
	[ "$(sed -n '/^WHERE THE TIME WENT  /,/^$/p' <<<"$output" | awk 'NR > 2 && NF { print $1, $2, $(NF - 6), $(NF - 5), $NF }')" = \
		"eventfd 7 300 ms ▒▒▒▒▒▒▒▒▒▒▒▒
pipe 12,347 123 µs ██▓▓▓▓▓▓▓▒▒░
fifo 4 250 ms ██████░░░░░░" ]
	[ "$(sed -n '/^WHERE THE TIME WENT, BY EDGE  /,/^$/p' <<<"$output" | awk 'NR > 2 && NF { print $1, $3, $4 }')" = \
		"gzip[1236] tar[1235] eventfd:[8]
tar[1235] gzip[1236] pipe:[4711]
gzip[1236] tar[1235] fifo" ]
}

@test "text: eight edges at most, like ones together, and how many more" {
	{
		parts_rows
		echo "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 69)"
		echo "INSERT INTO object SELECT i, 1, 'pipe:[' || i || ']', i, 14, i, i + 5, 65536, 1, 1, 1, 1, 1, 1, 2, 0, 0, NULL, NULL FROM n;"
		echo "INSERT INTO process SELECT object_id, 10000 + object_id, 1, 1234, 'cc' || object_id, NULL, NULL, 5, 6, 0, 1, NULL FROM object WHERE object_id > 9;"
		echo "INSERT INTO edge SELECT object_id, object_id, 3, 'data', 2, 1, 2, 0, 0, 4000, 9, 9, 9, 9, 1, 2, NULL, 1, 0 FROM object WHERE object_id > 9;"
		echo "INSERT INTO edge_part SELECT object_id, object_id, 3, value, 1000, 1, 2, 3, 4 FROM object, json_each('[0, 1, 2, 3]') WHERE object_id > 9;"
	} | trace_file t.db
	run report t.db
	section=$(sed -n '/^WHERE THE TIME WENT  /,/^$/p' <<<"$output")
	[ "$(grep -c '→ gzip\[1236\]' <<<"$section")" -eq 8 ]
	grep -qxF '  … and 53 more: ipctrace report --csv edges has all' <<<"$section"
	sqlite3 t.db "UPDATE process SET comm = 'cc' WHERE process_id > 9"
	run report t.db
	section=$(sed -n '/^WHERE THE TIME WENT  /,/^$/p' <<<"$output")
	grep -qxF '  cc ×60    → gzip[1236]  pipe ×60     2.00 µs   25%     25%   25%   25%  ███▓▓▓▒▒▒░░░' <<<"$section"
	[ "$(wc -l <<<"$section")" -eq 5 ]
}

@test "text: bars have colour on a terminal alone, and there is none below 100 columns" {
	command -v script >/dev/null || skip "script(1) is not installed"
	parts_rows | trace_file t.db
	TERM=xterm script -qec "stty cols 100; '$IPCT_BIN/ipctrace' report t.db" /dev/null </dev/null >colour
	grep -qF $'\033[34m██\033[0m\033[0m\033[33m▓▓▓▓▓▓▓\033[0m' colour
	TERM=xterm NO_COLOR=1 script -qec "stty cols 100; '$IPCT_BIN/ipctrace' report t.db" /dev/null \
		</dev/null >plain
	sed -e 's/\x1b\[[0-9;]*m//g' colour | cmp - plain
	TERM=dumb script -qec "stty cols 80; '$IPCT_BIN/ipctrace' report t.db" /dev/null </dev/null >narrow
	[ "$(wc -L <narrow)" -le 80 ]
	grep -q '59%   20%    8%.$' narrow
}

@test "a file without parts has no section of them, and says what was blocked" {
	pipeline_rows | trace_file t.db
	run report t.db
	hasnt "WHERE THE TIME WENT"
	hasnt "  transit "
	hasnt "waiting,"
	has "  calls     24,701 on 1 object by 3 processes; 3.00 s in them, 73% blocked"
	report --gnuplot out t.db
	[ ! -e out/parts.tsv ]
}

@test "values that no recorder writes do no harm" {
	{
		parts_rows
		echo "UPDATE edge SET messages = 0, transit_sum_ns = -5;"
		echo "UPDATE edge_part SET sum_ns = -9223372036854775808 WHERE part = 0;"
		echo "UPDATE edge_part SET sum_ns = 'much', max_ns = 1e300 WHERE part = 1;"
		echo "UPDATE call_part SET sum_ns = x'00ff' WHERE part = 1;"
	} | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	report --html t.html t.db
	report --gnuplot out t.db
}

@test "JSON and CSV have every number of the parts" {
	parts_rows | trace_file t.db
	report --json t.db >all.json
	jq -e '.edges[0] | [.in_send_sum_ns, .in_object_p50_ns, .in_runq_p90_ns, .in_recv_p99_ns, .in_send_max_ns]
		== [200000000, 21000, 32000, 43000, 14000]' all.json
	jq -e '.edges[0] | .in_send_sum_ns + .in_object_sum_ns + .in_runq_sum_ns + .in_recv_sum_ns
		== .transit_sum_ns' all.json
	jq -e '.latency[] | select(.syscall == "write") | [.running_sum_ns, .waiting_sum_ns, .runnable_sum_ns,
		.running_p50_ns, .waiting_p99_ns, .runnable_max_ns, .timeouts]
		== [200000000, 1500000000, 300000000, 1, 7, 12, 0]' all.json
	local view part number
	for view in edges:send edges:object edges:runq edges:recv latency:running latency:waiting latency:runnable; do
		part=${view#*:}
		for number in sum p50 p90 p99 max; do
			report --csv "${view%:*}" t.db | head -n 1 | tr -d '\r' | tr , '\n' |
				grep -qxE "(in_)?${part}_${number}_ns"
		done
	done
	report --csv ops t.db | head -n 1 |
		grep -q ',running_ns,waiting_ns,runnable_ns,woken_ns,ran_ns,waker_tid,waker_id,away_ns,ready'
	report --csv messages t.db | head -n 1 | grep -q ',in_send_ns,in_object_ns,in_runq_ns,in_recv_ns,wait_op'
	report --csv processes t.db | head -n 1 | grep -q ',cpu_ns'
}

@test "plot: a bar for each mechanism and edge, with sums in nanoseconds" {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	parts_rows | trace_file one.db
	{ parts_rows; other_mechanisms; } | trace_file t.db
	report --gnuplot one one.db
	[ "$(grep -v '^#' one/parts.tsv)" = \
		$'1\tedge\ttar (1235) -> gzip (1236), pipe:[4711]\t12347\t1524150000\t200000000\t900000000\t300000000\t124150000' ]
	grep -qxF '# n = 12,347 messages with a known transit; the largest sums first' one/parts.tsv
	report --gnuplot out t.db
	[ "$(grep -v '^#' out/parts.tsv | cut -f 1-5)" = \
		$'1\tmechanism\teventfd\t7\t2100000000
2\tmechanism\tpipe\t12347\t1524150000
3\tmechanism\tfifo\t4\t1000000000
4\tedge\tgzip (1236) -> tar (1235), eventfd:[8]\t7\t2100000000
5\tedge\ttar (1235) -> gzip (1236), pipe:[4711]\t12347\t1524150000
6\tedge\tgzip (1236) -> tar (1235), /tmp/back\t4\t1000000000' ]
	grep -qxF '# n = 12,351 messages, 7 wake-ups with a known transit; the largest sums first' out/parts.tsv
	grep -qF '>mean 123 µs, n = 12,347<' out/parts.svg
	grep -qF '>tar (1235) -> gzip (1236), pipe:[4711]<' out/parts.svg
	[ -s out/parts.png ]
	mv out/parts.svg before.svg
	said=$(cd out && gnuplot --default-settings parts.gp 2>&1)
	[ -z "$said" ]
	cmp out/parts.svg before.svg
	# One that an older report left goes with its data.
	report --gnuplot out one.db
	[ "$(grep -vc '^#' out/parts.tsv)" -eq 1 ]
}
