#!/usr/bin/env bats
# `ipctrace report --html FILE` of a bench, in a real browser. The checks are in bench.mjs.

load driver

setup_file() {
	browser_find
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export LC_ALL=C.UTF-8
	"$IPCT_BIN/ipctrace" bench -q --no-trace -o b.db -m pipe,posix_mq,mmap_anon,eventfd --sizes 64,4K,16M \
		--patterns pingpong,stream --cpus same --rounds 2 --messages 20
}

@test "a bench's page opens: its tables are those of SQL, its switches work, nothing is requested" {
	"$IPCT_BIN/ipctrace" report --html b.html b.db
	node "$BATS_TEST_DIRNAME/bench.mjs" b.db b.html
}

@test "hostile strings in a bench do not execute" {
	sqlite3 b.db "UPDATE meta SET value = '<img src=x onerror=executed=1></script><script>executed=1</script>'
			WHERE key IN ('command', 'host');
		UPDATE mechanism SET cleanup = '<script>executed=1</script>', holder = '<img src=x onerror=executed=1>';
		UPDATE bench_case SET reason = '</script><script>executed=1</script>' WHERE reason NOT NULL;"
	"$IPCT_BIN/ipctrace" report --html b.html b.db
	node "$BATS_TEST_DIRNAME/bench.mjs" b.db b.html
}
