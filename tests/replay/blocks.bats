#!/usr/bin/env bats
# What reports find by the blocks of a trace file, and by the sums of threads, is what its rows say: a file
# whose blocks are gone, as one of format 2 is, gives the same reports, byte for byte.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export LC_ALL=C.UTF-8 COLUMNS=100
	ipctrace=$IPCT_BIN/ipctrace
	"$IPCT_BIN/test-capture" traffic made.cap 30000 60
	"$ipctrace" replay made.cap -o by_blocks.db
	cp by_blocks.db by_rows.db
	sqlite3 by_rows.db "DELETE FROM op_block; DELETE FROM message_block; DELETE FROM thread"
}

# both COMMAND...: with FILE as the file.
both() {
	"${@/FILE/by_blocks.db}" >by_blocks.txt
	"${@/FILE/by_rows.db}" >by_rows.txt
	[ -s by_blocks.txt ]
	cmp by_blocks.txt by_rows.txt
}

page() {
	"$ipctrace" report --html page.html "$@"
	cat page.html
}

@test "the blocks hold all rows, each once" {
	[ "$(sqlite3 by_blocks.db "SELECT count(*) > 5, sum(ops) = (SELECT count(*) FROM ops) FROM op_blocks")" = "1|1" ]
	[ "$(sqlite3 by_blocks.db "SELECT count(*) > 2, sum(messages) = (SELECT count(*) FROM messages) FROM message_blocks")" = "1|1" ]
	[ "$(sqlite3 by_rows.db "SELECT first_op_id, last_op_id = (SELECT count(*) FROM ops), ops IS NULL FROM op_blocks")" = "1|1|1" ]
	both sqlite3 FILE "SELECT * FROM threads"
}

@test "the page's calls, messages and counts" {
	both page FILE
}

@test "the chain of waits, of all of it and of a part" {
	both "$ipctrace" chain --list FILE
	both "$ipctrace" chain --process '#9' --from 10ms --to 12ms --list FILE
	both "$ipctrace" chain --message 7000 --list FILE
}

@test "reports of a span" {
	for span in "from=20ms to=21ms" "from=3600s" "to=1ms" "from=30ms latency=900us"; do
		filters=()
		for one in $span; do
			filters+=(--filter "$one")
		done
		both "$ipctrace" report "${filters[@]}" FILE
		both "$ipctrace" report --json "${filters[@]}" FILE
		both page "${filters[@]}" FILE
		both "$ipctrace" report --csv ops "${filters[@]}" FILE
	done
	[ "$("$ipctrace" report --filter from=20ms --filter to=21ms --csv op_blocks by_blocks.db 2>/dev/null | wc -l)" -lt 5 ]
}

@test "a span that has but the last call of a block, or the first one" {
	sqlite3 by_blocks.db "SELECT first_start_ns, last_start_ns FROM op_blocks" | tr '|' '\n' >times.txt
	[ "$(wc -l <times.txt)" -gt 10 ]
	while read -r time; do
		for view in latency edges; do
			both "$ipctrace" report --csv $view --filter "from=${time}ns" --filter "to=$((time + 1))ns" FILE
		done
		[ "$(wc -l <by_blocks.txt)" -le 2 ]
	done <times.txt
}
