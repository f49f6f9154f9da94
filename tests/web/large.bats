#!/usr/bin/env bats
# The page of a recording that is too large to show: 1,000,000 calls of 500 processes. It stays small, says
# what it leaves out, and its numbers are those of all of it. Nothing here depends on how fast the machine is.

load driver

setup_file() {
	browser_find
	cd "$BATS_FILE_TMPDIR" || return
	"$IPCT_BIN/test-capture" traffic large.cap 1000000 500
	"$IPCT_BIN/ipctrace" replay large.cap -o large.db
	rm large.cap
	"$IPCT_BIN/ipctrace" report --html large.html large.db
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	export LC_ALL=C.UTF-8
}

@test "the page of a million calls is below its limits, says its caps, and counts them all" {
	node "$BATS_TEST_DIRNAME/large.mjs" large.db large.html
}

@test "more calls do not make the page larger, nor the report's memory" {
	"$IPCT_BIN/test-capture" traffic small.cap 100000 500
	"$IPCT_BIN/ipctrace" replay small.cap -o small.db
	(ulimit -v 262144 && "$IPCT_BIN/ipctrace" report --html again.html large.db)
	cmp large.html again.html
	(ulimit -v 262144 && "$IPCT_BIN/ipctrace" report large.db >large.txt)
	"$IPCT_BIN/ipctrace" report --html small.html small.db
	[ "$(stat -c %s large.html)" -lt $(($(stat -c %s small.html) * 11 / 10)) ]
}
