#!/usr/bin/env bats
# `ipctrace bench --no-trace` and its reports, on matrices of a few short runs. Nothing is said here
# about how fast anything is.

load ../page_data

# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

setup() {
	IPCT_BIN=${IPCT_BIN:-$BATS_TEST_DIRNAME/../../build}
	ipctrace=$IPCT_BIN/ipctrace
	export TMPDIR=$BATS_TEST_TMPDIR LC_ALL=C
	unset NO_COLOR
	cd "$BATS_TEST_TMPDIR" || exit
}

q() {
	sqlite3 -separator ' ' "${2:-b.db}" "$1"
}

bench() {
	"$ipctrace" bench --no-trace -o b.db "$@"
}

# A matrix that takes a moment.
small() {
	bench -m pipe,posix_shm,signal --sizes 100,5000 --patterns pingpong,stream --cpus same \
		--wait block --rounds 2 --messages 50 "$@"
}

@test "each case has each round, sizes are as they were, and nothing stays behind" {
	small -q
	[ "$(q "SELECT value FROM meta WHERE key = 'complete'")" = 1 ]
	[ "$(q "SELECT count(*) FROM bench_case WHERE status = 'ran'")" = 10 ]
	[ "$(q "SELECT count(*), min(round), max(round), sum(traced) FROM run")" = "20 1 2 0" ]
	[ "$(q "SELECT DISTINCT mechanism, size FROM results ORDER BY 1, 2")" = "pipe 100
pipe 5000
posix_shm 100
posix_shm 5000
signal 8" ]
	# 50 of each sender: both speak where they take turns.
	[ "$(q "SELECT count(*) FROM rounds WHERE messages != iif(pattern = 'stream', 50, 100)
		OR bytes != messages * size OR elapsed_ns <= 0")" = 0 ]
	[ "$(ls)" = b.db ]
}

@test "rounds go over all cases in turn" {
	small -q
	[ "$(q "SELECT group_concat(round || '.' || case_id, ' ') FROM
		(SELECT * FROM run ORDER BY started_ns)")" = \
	"$(q "SELECT group_concat(round || '.' || case_id, ' ') FROM
		(SELECT * FROM run ORDER BY round, case_id)")" ]
}

@test "round trips have whole histograms, and percentiles in order" {
	small -q
	[ "$(q "SELECT count(*) FROM run JOIN bench_case USING (case_id) WHERE pattern = 'pingpong'
		AND (rtt_hist IS NULL OR one_way_hist IS NULL OR rtt_p50_ns > rtt_p90_ns
		OR rtt_p90_ns > rtt_p99_ns OR rtt_p99_ns > rtt_max_ns OR one_way_p50_ns <= 0)")" = 0 ]
	[ "$(q "SELECT count(*) FROM run JOIN bench_case USING (case_id) WHERE pattern = 'stream'
		AND rtt_hist IS NOT NULL")" = 0 ]
}

@test "what cannot be done is listed with the reason" {
	bench -q -m pipe,udp,futex,sysv_mq --sizes 70000 --patterns duplex --cpus same --rounds 1 \
		--messages 20
	[ "$(q "SELECT count(*) FROM skipped")" = "$(q "SELECT count(*) FROM bench_case")" ]
	[ "$(q "SELECT count(*) FROM skipped WHERE reason IS NULL")" = 0 ]
	[ "$(q "SELECT reason FROM skipped WHERE mechanism = 'pipe' AND wait = 'block'")" = \
		"pipe has no object with two directions" ]
	[ "$(q "SELECT reason FROM skipped WHERE mechanism = 'pipe' AND wait = 'spin'")" = \
		"on one core, who spins keeps the other from running" ]
	q "SELECT reason FROM skipped WHERE mechanism = 'udp'" | grep -q "over the limit of a datagram"
}

@test "a limit names the sysctl that sets it, and the limits are those of this machine" {
	max=$(cat /proc/sys/kernel/msgmax)
	[ "$max" -lt 67000000 ] || skip "this machine has no limit on System V messages"
	bench -q -m sysv_mq --sizes $((max + 1)) --patterns stream --cpus same --wait block \
		--rounds 1 --messages 20
	q "SELECT reason FROM skipped" | grep -q "sysctl kernel.msgmax"
	[ "$(q "SELECT value FROM limits WHERE set_by = 'kernel.msgmax'")" = "$max" ]
}

@test "the text's numbers are those of SQL" {
	small -q
	run --separate-stderr "$ipctrace" report b.db
	[ "$status" -eq 0 ] && [ -z "$stderr" ]
	[[ $output == "ipctrace bench"* ]]
	[[ $output == *"10 of 10 ran, in 2 rounds"* ]]
	[[ $output == *"BEST FOR EACH SIZE"*"ROUND TRIP, pingpong, one core, blocking"* ]]
	# The rate of posix_shm at 5000 bytes, to three digits, is in its row.
	rate=$(q "SELECT printf('%.2f', bytes_per_s / 1048576) FROM results
		WHERE mechanism = 'posix_shm' AND pattern = 'stream' AND size = 5000")
	row=$(sed -n '/^BYTES A SECOND/,/^$/p' <<<"$output" | grep posix_shm)
	[[ $row == *iB/s*iB/s ]]
	shown=$(awk '{ print $(NF - 1), $NF }' <<<"$row")
	awk -v shown="$shown" -v rate="$rate" 'BEGIN {
		split(shown, s, " "); f = s[2] == "GiB/s" ? 1024 : s[2] == "KiB/s" ? 1 / 1024 : 1
		d = s[1] * f / rate; exit !(d > 0.99 && d < 1.01) }'
	grep -q "not here\|fs.pipe-max-size" <<<"$output"
}

@test "JSON and CSV hold the views" {
	small -q
	"$ipctrace" report --json b.db >b.json
	[ "$(sqlite3 :memory: "SELECT json_array_length(readfile('b.json'), '\$.results')")" = 10 ]
	[ "$(sqlite3 :memory: "SELECT json_extract(readfile('b.json'), '\$.meta.rounds')")" = 2 ]
	[ "$("$ipctrace" report --csv rounds b.db | wc -l)" = 21 ]
	run -2 "$ipctrace" report --csv edges b.db
	[[ $output == *"is a bench, which has no view 'edges'"* ]]
	run -2 "$ipctrace" report --gnuplot plots b.db
	[[ $output == *"no --gnuplot"* ]]
}

@test "the page holds the results, and strings cannot end their element" {
	small -q
	q "UPDATE meta SET value = '</script><script>alert(1)</script>' WHERE key = 'command'"
	"$ipctrace" report --html b.html b.db
	[ "$(grep -c 'alert(1)</script>' b.html)" = 0 ]
	[ "$(page_data b.html | jq '.crossovers | type')" = '"array"' ]
}

@test "the same file gives the same report" {
	small -q
	"$ipctrace" report b.db >first.txt
	"$ipctrace" report b.db >second.txt
	cmp first.txt second.txt
}

@test "an interrupted bench keeps what there is, says so and exits with 128 + the signal" {
	"$ipctrace" bench --no-trace -o b.db -m pipe --sizes 64 --patterns pingpong --cpus same \
		--wait block --rounds 1000 --messages 20 2>messages.txt &
	pid=$!
	# read-only: a file that sqlite3 makes would be in the way
	until [ "$(sqlite3 -readonly b.db "SELECT count(*) > 2 FROM run" 2>/dev/null)" = 1 ]; do
		kill -0 $pid || { cat messages.txt; false; }
		sleep 0.1
	done
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 143 ] || { echo "status $status"; cat messages.txt; false; }
	grep -q "stopped by a signal" messages.txt
	[ "$(q "SELECT value FROM meta WHERE key = 'complete'")" = 0 ]
	"$ipctrace" report b.db >report.txt
	grep -q "the bench was stopped before its end" report.txt
	[ "$(find . -name '*bench-*' | wc -l)" = 0 ]
}

@test "an older file is kept" {
	echo old >b.db
	small -q
	[ "$(cat b.db.old)" = old ]
}

@test "a damaged, cut or foreign bench file is refused" {
	small -q
	cp b.db cut.db
	truncate -s 8192 cut.db
	run -1 "$ipctrace" report cut.db
	[[ $output == *"cannot open bench 'cut.db': it is cut short"* ]]
	cp b.db later.db
	sqlite3 later.db "PRAGMA user_version = 99"
	run -1 "$ipctrace" report later.db
	[[ $output == *"written by a newer ipctrace"* ]]
	cp b.db other.db
	sqlite3 other.db "DROP TABLE run"
	run -1 "$ipctrace" report other.db
	[[ $output == *"its tables are not those of a bench"* ]]
	cp b.db noise.db
	dd if=/dev/urandom of=noise.db bs=1 seek=4096 count=8000 conv=notrunc status=none
	run -1 "$ipctrace" report noise.db
	[[ $output == *"noise.db"* ]]
}

@test "wrong usage is said, with status 2" {
	for wrong in "-m none" "--sizes 0" "--sizes 65M" "--sizes 1K," "--patterns hang" "--cpus two" \
		"--wait poll" "--rounds 0" "--messages x" "--seconds 0" "--seconds 1 --messages 1" "word"; do
		# shellcheck disable=SC2086
		run -2 bench $wrong
	done
	[ ! -e b.db ]
}

@test "sizes are taken in order and once, with K and M" {
	bench -q -m pipe --sizes 2K,64,2048,1K --patterns stream --cpus same --wait block --rounds 1 \
		--messages 20
	[ "$(q "SELECT group_concat(size, ' ') FROM (SELECT size FROM results ORDER BY case_id)")" = \
		"64 1024 2048" ]
}

@test "who spins does so on both sides: no call sleeps" {
	[ "$(nproc)" -ge 2 ] || skip "this needs two CPUs"
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -y -o calls.txt "$IPCT_BIN/ipctrace-workload" pipe --pattern stream --wait spin \
		--pin cross --messages 50 --size 100000 >truth.txt || skip "strace does not work here"
	grep -q 'write(.*pipe:.*EAGAIN\|write(.*pipe:.*) = [0-9]' calls.txt
	[ "$(grep -c 'F_SETFL.*O_NONBLOCK' calls.txt)" = 2 ]
}

@test "the workload's result: what it sent, the time it took, and round trips" {
	"$IPCT_BIN/ipctrace-workload" pipe --pattern pingpong --messages 101 --size 67 --check header \
		--result r.txt >truth.txt
	grep -qx "size 67" r.txt
	grep -qx "messages 202" r.txt
	grep -qx "bytes 13534" r.txt
	[ "$(grep -c '^peer p[io]ng [0-9]*$' r.txt)" = 2 ]
	# version 1, then the count as a varint: 101.
	grep -q "^rtt 0165" r.txt
	grep -q "^one-way 0165" r.txt
}
