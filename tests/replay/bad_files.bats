#!/usr/bin/env bats
# Files that are not what they should be: one clear message, exit status 1, nothing on stdout.

ipctrace=${IPCT_BIN:?the folder with the built programs}/ipctrace

load trace_file

setup() {
	cd "$BATS_TEST_TMPDIR"
	pipeline_rows | trace_file good.db
}

# refused TEXT FILE: each output refuses FILE and says TEXT.
refused() {
	local option
	for option in "" --json "--csv ops" "--html out.html" "--gnuplot out"; do
		status=0
		# shellcheck disable=SC2086 # options and their arguments
		"$ipctrace" report $option "$2" >out 2>err || status=$?
		[ $status = 1 ] || { echo "report $option: status $status"; return 1; }
		grep -qF -- "$1" err || { echo "report $option said:"; cat err; return 1; }
		[ ! -s out ]
		[ ! -e out.html ]
	done
}

@test "no such file, a folder, an empty file, another kind of file" {
	refused "cannot open trace 'none.db': No such file or directory" none.db
	mkdir folder
	refused "cannot open trace 'folder'" folder
	: >empty.db
	refused "empty.db" empty.db
	seq 10000 >text.db
	refused "text.db" text.db
	sqlite3 other.db "CREATE TABLE t (x)"
	refused "other.db" other.db
}

@test "a trace of a newer version says which it is and which this program reads" {
	sqlite3 good.db "PRAGMA user_version = 7"
	refused "newer" good.db
	refused "7" good.db
}

@test "a truncated trace is refused, wherever it is cut" {
	size=$(stat -c %s good.db)
	for keep in 1 50 99 100 511 4095 4096 8192 $((size / 2)) $((size - 4096)) $((size - 1)); do
		head -c $keep good.db >cut.db
		refused "cut.db" cut.db
	done
}

@test "a file that is not a capture, and a capture that is no trace" {
	for file in none.cap good.db; do
		status=0
		"$ipctrace" replay $file -o out.db 2>err || status=$?
		[ $status = 1 ]
		grep -q "$file" err
		[ ! -e out.db ]
	done
	# the name and version of a real one, and no texts
	"$IPCT_BIN/test-capture" short short.cap
	{ head -c 12 short.cap; printf '\0\0\0\0'; } >head.cap
	refused "head.cap" head.cap
	status=0
	"$ipctrace" replay head.cap -o out.db 2>err || status=$?
	[ $status = 1 ]
	grep -q "capture 'head.cap' is cut" err
}
