#!/usr/bin/env bats
# What recording costs: the loops that are timed at the start and leave nothing behind, the CPU
# time of what was recorded, and --calibrate.

load common
load ../page_data

busy=$bin/test-cost

# meta KEY [FILE]
meta() {
	q "SELECT value FROM meta WHERE key = '$1'" "${@:2}"
}

# plausible KEY: a whole number of nanoseconds, more than nothing and below a millisecond.
plausible() {
	[ "$(q "SELECT typeof(value) = 'integer' AND value > 0 AND value < 1000000 FROM meta
		WHERE key = '$1'")" = 1 ]
}

# near MEASURED_NS TRUE_NS: within 20 ms and 10 %.
near() {
	local off=$(($1 - $2))
	[ "${off#-}" -le $((20000000 + $2 / 10)) ] || { echo "$1 ns instead of $2 ns"; return 1; }
}

# same_again: the capture gives the same file.
same_again() {
	"$ipctrace" replay run.cap -o again.db
	sqlite3 ipctrace.db .dump >live.sql
	sqlite3 again.db .dump >again.sql
	cmp live.sql again.sql
	rm again.db
}

@test "the cost of a call is in meta, and its loops left no trace" {
	for mechanisms in pipe eventfd unix_stream pipe,unix_dgram,tcp,futex,signal; do
		"$ipctrace" record -q -m $mechanisms -c run.cap -- "$workload" pipe >truth.txt
		plausible probe_call_ns
		plausible probe_other_call_ns
		[ "$(meta probe_measured)" = "${mechanisms%%,*}" ]
		[ -z "$(meta probe_unmeasured)" ]
		nothing_lost
		case $mechanisms in
		pipe*) same "$(grep -v '^#' truth.txt | grep ^pipe | sort)" "$(observed pipe)" ;;
		*) [ "$(q "SELECT count(*) FROM ops")" = 0 ] ;;
		esac
		[ "$(q "SELECT coalesce(min(process_id), 1) FROM processes")" = 1 ]
		[ "$(q "SELECT coalesce(min(object_id), 1) FROM objects")" = 1 ]
		[ "$(q "SELECT count(*) FROM processes WHERE comm LIKE 'ipctrace'")" = 0 ]
		[ "$(meta probe_ns)" = $(($(meta probe_call_ns) * $(q "SELECT count(*) FROM ops"))) ]
		same_again
	done
}

@test "where no call is quick enough, only the cost of others is known" {
	for mechanisms in tcp futex signal; do
		"$ipctrace" record -q -m $mechanisms -c run.cap -- true
		plausible probe_other_call_ns
		[ -z "$(meta probe_call_ns)$(meta probe_measured)$(meta probe_unmeasured)$(meta probe_ns)" ]
		nothing_lost
		"$ipctrace" report >report.txt
		grep -q '^  probes .* a call that is not recorded; for a recorded one' report.txt
		same_again
	done
}

@test "with the smallest ring" {
	"$ipctrace" record -q --ring 4K -- true
	plausible probe_call_ns
	balanced
	same "0 0" "$(q "SELECT (SELECT count(*) FROM objects), (SELECT sum(lost) FROM ledger)")"
}

@test "doctor prints it" {
	run "$ipctrace" doctor
	[ "$status" = 0 ]
	[[ $output =~ "cost of a call"\ +at\ least\ [0-9]+\ ns\ if\ it\ is\ recorded,\ [0-9]+\ ns\ if\ not ]]
}

@test "the reports say it" {
	"$ipctrace" record -q -- sh -c 'seq 100000 | cat >/dev/null'
	"$ipctrace" report >report.txt
	grep -qE '^  probes +at least [0-9.]+ .?s a call: .* in [0-9,]+ calls, <?[0-9]+% of .* CPU time$' report.txt
	"$ipctrace" report --json >report.json
	jq -e '.meta | .probe_call_ns > 0 and .probe_ns > 0 and .cpu_ns > 0' report.json
	"$ipctrace" report --html report.html
	page_data report.html >page.json
	grep -qF "\"probe_call_ns\":$(meta probe_call_ns)" page.json
	grep -qF "\"cpu_ns\":$(meta cpu_ns)" page.json
	"$ipctrace" report --gnuplot plots || [ -e plots/mechanisms.tsv ]
	grep -q '^# probes: at least ' plots/mechanisms.tsv
}

@test "CPU time of a process with several threads" {
	"$ipctrace" record -q -- "$busy" run 3 200 >truth.txt
	near "$(meta cpu_ns)" "$(cat truth.txt)"
	same "$(meta cpu_ns)" "$(q "SELECT sum(cpu_ns) FROM processes WHERE traced")"
}

@test "CPU time of processes that live short" {
	"$ipctrace" record -q -- "$busy" short 100 2 >truth.txt
	near "$(meta cpu_ns)" "$(cat truth.txt)"
	same 101 "$(q "SELECT count(cpu_ns) FROM processes WHERE traced")"
}

@test "CPU time of a process that is killed in all its threads" {
	for _ in 1 2 3; do
		"$ipctrace" record -q -- "$busy" killed 3 200 >truth.txt
		near "$(meta cpu_ns)" "$(cat truth.txt)"
	done
}

@test "CPU time of processes that still run at the end" {
	env --default-signal=INT "$ipctrace" record -q -c run.cap -- "$busy" stay 3 200 >truth.txt &
	pid=$!
	until [ -s truth.txt ]; do sleep 0.05; done
	while kill -INT $pid; do sleep 0.05; done # the second one ends the recording
	status=0
	wait $pid || status=$?
	for left in $(q "SELECT pid FROM processes WHERE traced AND exit_ns IS NULL"); do
		kill -9 "$left"
	done
	[ "$status" = 130 ]
	near "$(meta cpu_ns)" "$(cat truth.txt)"
	same "2 0" "$(q "SELECT count(cpu_ns), count(exit_ns) FROM processes WHERE traced")"
	same_again
}

@test "calibration: untraced and recorded in turn, and the last recording is kept" {
	"$ipctrace" record --calibrate=2 -c run.cap -- sh -c 'echo run >>runs; seq 2000 | cat >/dev/null' 2>said.txt
	same 5 "$(wc -l <runs)"
	same "ipctrace.db run.cap runs said.txt" "$(echo *)"
	same 2 "$(meta calibrate_rounds)"
	[ "$(q "SELECT count(*) FROM meta WHERE key IN ('calibrate_untraced_ns', 'calibrate_traced_ns')
		AND value > 0")" = 2 ]
	[ "$(q "SELECT a.value * 1.0 > 0 AND a.value * 1.0 BETWEEN b.value * 1.0 AND c.value * 1.0
		FROM meta a, meta b, meta c WHERE a.key = 'calibrate_ratio'
		AND b.key = 'calibrate_ratio_min' AND c.key = 'calibrate_ratio_max'")" = 1 ]
	grep -qF "$(meta calibrate_ratio) times as long when traced" said.txt
	"$ipctrace" report >report.txt
	grep -qF "took      $(meta calibrate_ratio) times as long" report.txt
	nothing_lost
	same_again
}

@test "calibration: a program that fails ends it with its status" {
	echo old >ipctrace.db
	status=0
	"$ipctrace" record --calibrate=2 -- sh -c 'echo run >>runs; exit 7' 2>said.txt || status=$?
	same "7 1" "$status $(wc -l <runs)"
	grep -q "ended with status 7" said.txt
	rm runs
	status=0
	"$ipctrace" record --calibrate=2 -- \
		sh -c 'echo run >>runs; [ $(wc -l <runs) -lt 3 ] || kill -9 $$' 2>said.txt || status=$?
	same "137 3" "$status $(wc -l <runs)"
	same "ipctrace.db runs said.txt" "$(echo *)"
	same old "$(cat ipctrace.db)"
	status=0
	"$ipctrace" record --calibrate -- ./no-such-program 2>said.txt || status=$?
	same 127 "$status"
	same "ipctrace.db runs said.txt" "$(echo *)"
}

@test "calibration: a file as standard input is read in each run" {
	seq 1000 >in
	"$ipctrace" record -q --calibrate=1 -- sh -c 'wc -l >>counts' <in
	same "1000 1000 1000" "$(xargs <counts)"
}

# Stop it in the untraced run, in the recorded one, and while the probes are loaded between them.
@test "calibration: a signal ends it and nothing is left" {
	for run in 2 3; do
		for signal in INT TERM; do
			rm -f runs
			env --default-signal=INT "$ipctrace" record --calibrate=2 -- \
				sh -c 'echo run >>runs; [ $(wc -l <runs) -lt '$run' ] || exec sleep 1000' 2>said.txt &
			pid=$!
			until [ "$(wc -l <runs 2>/dev/null || echo 0)" = $run ]; do sleep 0.05; done
			kill -$signal $pid
			status=0
			wait $pid || status=$?
			same $((128 + $(kill -l $signal))) "$status"
			same "runs said.txt" "$(echo *)"
		done
	done
	rm -f runs
	env --default-signal=INT "$ipctrace" record --calibrate=2 -- \
		sh -c 'echo run >>runs' 2>said.txt &
	pid=$!
	until grep -q 'round 1 of 2, traced' said.txt; do sleep 0.01; done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	same 130 "$status"
	same "runs said.txt" "$(echo *)"
}

@test "wrong numbers of rounds, and what does not go together" {
	for rounds in 0 -1 x 3x 101; do
		run "$ipctrace" record --calibrate=$rounds -- touch ran
		[ "$status" = 125 ]
		[[ $output == *"is no number of rounds between 1 and 100"* ]]
	done
	run "$ipctrace" record --calibrate -d 1 -- touch ran
	[ "$status" = 125 ]
	[ ! -e ran ]
}

@test "killed while it measures, it leaves nothing that runs" {
	"$ipctrace" record -q -- touch ran &
	pid=$!
	# the child that will be the program is there, and is let go after the loops
	until child=$(cat /proc/$pid/task/$pid/children) && [ -n "$child" ]; do :; done
	kill -9 $pid
	wait $pid || true
	while [ -e "/proc/${child% }" ]; do sleep 0.05; done
	[ ! -e ran ]
}
