#!/usr/bin/env bats
# `ipctrace replay` as a program: the rows of two made-up recordings, the same each time, and
# everything that can be wrong with a capture or an output. test_capture.c has the exhaustive part:
# a cut at every byte, and flipped bits.

bats_require_minimum_version 1.5.0

# shellcheck disable=SC2154 # stderr is set by run

setup() {
	IPCT_BIN=${IPCT_BIN:-$BATS_TEST_DIRNAME/../../build}
	cd "$BATS_TEST_TMPDIR" || exit
	export LC_ALL=C
}

replay() {
	"$IPCT_BIN/ipctrace" replay "$@"
}

# sample NAME: NAME.cap
sample() {
	"$IPCT_BIN/test-capture" "$1" "$1.cap"
}

# views FILE VIEW...: their rows; histograms as hex.
views() {
	local file=$1 view columns

	shift
	for view; do
		columns='*'
		[ "$view" = edges ] && columns="mechanism, object, sender_pid, receiver_pid, kind, messages,
			bytes, transit_p50_ns, transit_p99_ns, transit_max_ns, first_ns, last_ns, exact,
			inferred, ambiguous, hex(transit_hist)"
		[ "$view" = latency ] && columns="mechanism, role, syscall, count, errors, bytes, dur_p50_ns,
			dur_p99_ns, dur_max_ns, blocked_ns, hex(dur_hist)"
		echo "-- $view"
		sqlite3 -nullvalue - "$file" "SELECT $columns FROM $view"
	done
}

# Every row that the file has.
rows() {
	views "$1" meta processes exec objects edges latency ledger ops messages
}

# refused CAPTURE TEXT: replay fails, says exactly one thing with TEXT in it, and leaves no file.
refused() {
	run --separate-stderr replay "$1" -o out.db
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$(grep -c '^ipctrace: ' <<<"$stderr")" = 1 ]
	grep -qF -- "$2" <<<"$stderr"
	[ ! -e out.db ]
}

@test "replay is silent and leaves one file" {
	sample pipeline
	mkdir out
	run --separate-stderr replay pipeline.cap -o out/trace.db
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	[ "$(ls -A out)" = trace.db ]
	[ "$(sqlite3 out/trace.db 'PRAGMA integrity_check')" = ok ]
}

@test "the rows of the pipeline are the expected ones" {
	sample pipeline
	replay pipeline.cap -o p.db
	views p.db meta processes exec objects edges latency ledger |
		diff -u "$BATS_TEST_DIRNAME/replay_pipeline.txt" -
	# 1009 lines of 61 bytes, and 97 bytes for each three of them
	[ "$(sqlite3 p.db "SELECT sum(bytes) FROM ops WHERE role = 'send'")" = $((1009 * 61 + 337 * 97)) ]
	[ "$(sqlite3 p.db "SELECT object, sum(bytes), min(confidence), max(confidence) FROM messages
		GROUP BY 1")" = "pipe:[7001]|$((1009 * 61))|exact|exact
pipe:[7002]|$((337 * 97))|exact|exact" ]
}

@test "the rows of the FIFO are the expected ones" {
	sample fifo
	replay fifo.cap -o f.db
	rows f.db | diff -u "$BATS_TEST_DIRNAME/replay_fifo.txt" -
}

@test "replaying again gives the same rows" {
	for name in pipeline fifo; do
		sample $name
		replay $name.cap -o 1.db
		replay $name.cap -o 2.db
		rows 1.db >1.rows
		rows 2.db >2.rows
		[ "$(wc -l <1.rows)" -gt 200 ]
		cmp 1.rows 2.rows
		rm 1.db 2.db
	done
}

@test "a capture can come through a pipe" {
	sample pipeline
	replay /dev/stdin -o piped.db < <(cat pipeline.cap)
	replay pipeline.cap -o p.db
	cmp <(rows p.db) <(rows piped.db)
}

@test "the report of a replayed capture has its edges" {
	sample pipeline
	replay pipeline.cap -o p.db
	run --separate-stderr "$IPCT_BIN/ipctrace" report p.db
	[ "$status" -eq 0 ]
	grep -qE 'made\[1002\] +→ up\[1003\] .* 60.1 KiB .* 100%' <<<"$output"
	grep -qE 'up\[1003\] +→ count\[1004\] .* 31.9 KiB .* 100%' <<<"$output"
}

@test "not a capture" {
	refused none.cap "cannot open capture 'none.cap': No such file or directory"
	refused . "cannot read capture '.': Is a directory"
	: >empty.cap
	refused empty.cap "'empty.cap' is not a capture of ipctrace"
	echo "something else, and longer than a head" >text.cap
	refused text.cap "'text.cap' is not a capture of ipctrace"
	sample short
	replay short.cap -o short.db
	refused short.db "'short.db' is not a capture of ipctrace"
}

@test "a capture that may not be read" {
	[ "$(id -u)" = 0 ] && skip "root may read everything"
	sample short
	chmod 0 short.cap
	refused short.cap "cannot open capture 'short.cap': Permission denied"
}

@test "a capture of another version" {
	sample short
	printf '\x63' | dd of=short.cap bs=1 seek=8 conv=notrunc status=none
	refused short.cap "capture 'short.cap' has records of version 99; this ipctrace reads version "
}

@test "a capture that is cut" {
	sample fifo
	for len in 1 7 8 15 16 100; do
		head -c $len fifo.cap >cut.cap
		if [ $len -lt 8 ]; then
			refused cut.cap "'cut.cap' is not a capture of ipctrace"
		else
			refused cut.cap "capture 'cut.cap' is cut within its head"
		fi
	done
	head -c -1 fifo.cap >cut.cap
	run --separate-stderr replay cut.cap -o out.db
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$stderr" = "ipctrace: capture 'cut.cap' is cut: it has no end
  hint: 'out.db' holds the 216 calls before that place" ]
	[ "$(sqlite3 out.db 'SELECT count(*) FROM ops')" = 216 ]
	[ "$(sqlite3 out.db "SELECT value FROM meta WHERE key = 'ended'")" = cut ]
}

@test "a capture with something else in its middle" {
	sample fifo
	dd if=/dev/zero of=fifo.cap bs=1 seek=20000 count=3000 conv=notrunc status=none
	run --separate-stderr replay fifo.cap -o out.db
	[ "$status" -eq 1 ]
	grep -q "^ipctrace: capture 'fifo.cap' is damaged after byte 0 of its records: Invalid argument$" \
		<<<"$stderr"
	[ "$(sqlite3 out.db 'SELECT count(*) > 100 FROM ops')" = 1 ]
	[ "$(sqlite3 out.db 'PRAGMA integrity_check')" = ok ]
}

@test "the output exists already" {
	sample short
	echo precious >there.db
	run --separate-stderr replay short.cap -o there.db
	[ "$status" -eq 1 ]
	grep -q "^ipctrace: cannot create trace 'there.db': File exists$" <<<"$stderr"
	[ "$(cat there.db)" = precious ]
	run --separate-stderr replay short.cap -o /dev/full
	[ "$status" -eq 1 ]
	grep -q "^ipctrace: cannot create trace '/dev/full': File exists$" <<<"$stderr"
	[ -c /dev/full ]
	ln -s nowhere link.db
	run --separate-stderr replay short.cap -o link.db
	[ "$status" -eq 1 ]
	[ ! -e nowhere ]
}

@test "the output's folder is missing" {
	sample short
	run --separate-stderr replay short.cap -o no/such/folder/out.db
	[ "$status" -eq 1 ]
	grep -q "^ipctrace: cannot create trace 'no/such/folder/out.db': No such file or directory$" \
		<<<"$stderr"
}

@test "the output's disk is full" {
	mkdir small
	mount -t tmpfs -o size=64k none small 2>why.txt || skip "no small tmpfs: $(head -1 why.txt)"
	sample short
	run --separate-stderr replay short.cap -o small/out.db
	left=$(ls -A small)
	umount small
	[ "$status" -eq 1 ]
	grep -q "^ipctrace: cannot create trace 'small/out.db': No space left on device$" <<<"$stderr"
	[ -z "$left" ]
}

# How far it comes depends on the size of the tables; that it says how far does not.
@test "the disk becomes full while storing" {
	mkdir small
	sample pipeline
	for size in 375k 395k 430k; do
		mount -t tmpfs -o size=$size none small 2>why.txt ||
			skip "no small tmpfs: $(head -1 why.txt)"
		run --separate-stderr replay pipeline.cap -o small/out.db
		cp -r small saved
		umount small
		[ "$status" -eq 1 ]
		grep -q "^ipctrace: cannot .* trace '.*small/out.db': No space left on device$" <<<"$stderr"
		[ "$(sqlite3 saved/out.db 'PRAGMA integrity_check')" = ok ]
		[ -z "$(sqlite3 saved/out.db 'SELECT * FROM ledger WHERE seen != stored + lost')" ]
		grep -qF "'small/out.db' holds the $(sqlite3 saved/out.db 'SELECT count(*) FROM ops') calls" \
			<<<"$stderr"
		rm -r saved
	done
}

@test "wrong usage ends with 2" {
	for arguments in "" "x.cap" "-o out.db" "a.cap b.cap -o out.db" "--no-such-option"; do
		# shellcheck disable=SC2086 # several words
		run --separate-stderr replay $arguments
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[ -n "$stderr" ]
	done
}

@test "help ends with three examples" {
	run --separate-stderr replay --help
	[ "$status" -eq 0 ]
	[ "$(sed -n '/^Examples:/,$p' <<<"$output" | grep -c '^  .*ipctrace')" = 3 ]
}
