#!/usr/bin/env bats
# How full channels were, as `ipctrace report` says it: text, JSON, CSV and plots, from rows whose numbers
# are known. What the page says of it is in tests/web.

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

# The pipeline, whose pipe is empty for 1 s, half full for 1 s and full for 1 s, of which tar waits 0.75 s.
pressure_rows() {
	pipeline_rows
	cat <<-'SQL'
		INSERT INTO pressure_sum VALUES
			(1, 0, 65536, NULL, 65536, 17, 750000000, 300000000, 0, 4, 0, 3000000000, 32768.0, 8.5,
				12347, 12351, 2, 3);
		INSERT INTO depth_bin VALUES
			(1, 0, 0, 500000000, 0, 0, 0, 0, 0, 300000000),
			(1, 0, 1000000000, 500000000, 32768, 8.5, 40000, 9, 0, 0),
			(1, 0, 1500000000, 500000000, 32768, 8.5, 40000, 9, 0, 0),
			(1, 0, 2000000000, 500000000, 65536, 17, 65536, 17, 500000000, 0),
			(1, 0, 2500000000, 500000000, 65536, 17, 65536, 17, 250000000, 0);
	SQL
}

# A queue that is full by its number of messages and refuses; a FIFO whose reader is outside; one that
# nobody waited for.
others() {
	cat <<-'SQL'
		INSERT INTO mechanism VALUES (3, 'posix_mq', 'POSIX message queue', 'queue', 'sender', 'receiver');
		INSERT INTO object VALUES
			(2, 3, '/jobs' || char(27) || '[31m', 9, 14, 1, 2, 81920, 9, 90, 9, 90, 9, 90, 2, 0, 0, NULL, NULL),
			(3, 2, '/tmp/out', 8, 14, 1, 2, 65536, 9, 90, 0, 0, 0, 0, 1, 1, 0, NULL, NULL),
			(4, 2, '/tmp/idle', 7, 14, 1, 2, 65536, 9, 90, 9, 90, 9, 90, 2, 0, 0, NULL, NULL);
		INSERT INTO pressure_sum VALUES
			(2, 0, 81920, 10, 90, 10, 0, 0, 1234, 0, 0, 1000, 45.0, 5.0, 1300, 66, NULL, 3),
			(3, 0, 65536, NULL, 90, 9, 500000000, 0, 0, 0, 0, 1000000000, 45.0, 5.0, 9, 0, 2, NULL),
			(4, 0, 65536, NULL, 90, 9, 0, 900, 0, 1, 0, 1000, 45.0, 5.0, 9, 9, 2, 3);
		INSERT INTO depth_bin VALUES
			(2, 0, 0, 1000, 45, 5, 90, 10, 0, 0),
			(3, 0, 0, 1000000000, 45, 5, 90, 9, 500000000, 0),
			(4, 0, 0, 1000, 45, 5, 90, 9, 0, 900);
	SQL
}

@test "text: whose senders waited, the longest waits first" {
	pressure_rows | trace_file t.db
	run report t.db
	[ "$status" -eq 0 ]
	has "BACK-PRESSURE  full: share of time in which a sender waited for room (█); empty: a receiver"
	has "  from        to          over            holds      most  mean  full  empty  over time"
	has "  tar[1235] → gzip[1236]  pipe:[4711]  64.0 KiB  64.0 KiB   50%   25%    10%     ▂▄▄▅███"
}

@test "text: limits of messages, refusals, ends outside; and nothing of who never held up" {
	{ pressure_rows; others; } | trace_file t.db
	run report t.db
	[ "$(sed -n '/^BACK-PRESSURE/,/^$/p' <<<"$output" | sed 1d)" = \
"  from        to          over                     holds      most  full  empty  refused  over time
  tar[1235] → gzip[1236]  pipe:[4711]           64.0 KiB  64.0 KiB   25%    10%        -     ▂▄▄▅███
  tar[1235] → (outside)   fifo /tmp/out         64.0 KiB         -   50%     0%        -  ██████████
  (several) → gzip[1236]  posix_mq /jobs\\e[31m   10 msgs   10 msgs    0%     0%    1,234  ▄▄▄▄▄▄▄▄▄▄" ] || {
		sed -n '/^BACK-PRESSURE/,/^$/p' <<<"$output"
		false
	}
}

@test "text: no line is longer than a terminal of 80 columns" {
	{ pressure_rows; others; } | trace_file t.db
	script -qec "stty cols 80; NO_COLOR=1 '$IPCT_BIN/ipctrace' report t.db" /dev/null |
		tr -d '\r' | sed -n '/^BACK-PRESSURE/,/^$/p' >lines.txt
	[ "$(wc -l <lines.txt)" -ge 5 ]
	[ "$(wc -L <lines.txt)" -le 80 ]
}

@test "a recording in which no sender waited, and one of an older version, have no such section" {
	pipeline_rows | trace_file t.db
	[ -z "$(report t.db | grep BACK-PRESSURE)" ]
	report --gnuplot out t.db
	[ ! -e out/depth.tsv ]
	trace_to_format_2 t.db
	[ -z "$(report t.db | grep BACK-PRESSURE)" ]
	[ "$(report --csv depth t.db | wc -l)" = 1 ]
}

@test "JSON and CSV have the shares; what is not known is NULL" {
	{ pressure_rows; others; } | trace_file t.db
	report --json t.db >t.json
	jq -e '.pressure[0] | .full_share == 0.25 and .empty_share == 0.1 and .max_fill == 1
		and .mean_fill == 0.5 and .sender == "tar" and .receiver_pid == 1236 and .confidence == "exact"' t.json
	jq -e '.pressure[1] | .sender == null and .max_fill == 1 and .mean_fill == 0.5' t.json
	jq -e '.pressure[2] | .max_bytes == null and .mean_fill == null and .full_share == 0.5
		and .confidence == "inferred"' t.json
	jq -e '[.depth[] | select(.object_id == 1) | .fill] == [0, 0.5, 0.5, 1, 1]' t.json
	jq -e '[.depth[] | select(.object_id == 1) | .full_share] == [0, 0, 0, 1, 0.5]' t.json
	[ "$(report --csv depth t.db | tr -d '\r' | sed -n 3p)" = \
		"pipe,1,pipe:[4711],0,1000000000,500000000,32768,8.5,40000,9,0,0,0.0,0.0,0.5,exact" ]
}

@test "plots: a lane for each, from the first op to the last" {
	{ pressure_rows; others; } | trace_file t.db
	report --gnuplot out t.db
	grep -qxF '# n = 3 channels whose senders had to wait, the longest waits first' out/depth.tsv
	[ "$(grep -v '^#' out/depth.tsv | cut -f 1-6,9-10 | uniq)" = \
"1	tar (1235) → gzip (1236)	pipe:[4711]	64.0 KiB	0.5000	0.2500	0.0000	0.0000
1	tar (1235) → gzip (1236)	pipe:[4711]	64.0 KiB	0.5000	0.2500	0.5000	0.0000
1	tar (1235) → gzip (1236)	pipe:[4711]	64.0 KiB	0.5000	0.2500	1.0000	1.0000
1	tar (1235) → gzip (1236)	pipe:[4711]	64.0 KiB	0.5000	0.2500	1.0000	0.5000
2	tar (1235) → not traced	/tmp/out	64.0 KiB	0.0000	0.5000	0.0000	0.5000
3	several → gzip (1236)	/jobs\\\\e[31m	10 messages	0.5000	0.0000	0.5000	0.0000" ] || {
		grep -v '^#' out/depth.tsv
		false
	}
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	[ -s out/depth.png ]
	grep -qF '>tar (1235) → gzip (1236)<' out/depth.svg
	mv out/depth.svg before.svg
	said=$(cd out && gnuplot --default-settings depth.gp 2>&1)
	[ -z "$said" ]
	cmp out/depth.svg before.svg
}
