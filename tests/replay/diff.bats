#!/usr/bin/env bats
# `ipctrace diff` on small traces whose rows are known: what changed, what did not, what only one side
# has, the exit status, usage, damage.

bats_require_minimum_version 1.5.0
load trace_file

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NO_COLOR
	export LC_ALL=C
}

diff_() {
	"$IPCT_BIN/ipctrace" diff "$@"
}

# recording FILE [NAME=VALUE...]: see diff_rows.awk.
recording() {
	local file=$1 args=() arg
	shift
	rm -f "$file"
	for arg; do
		args+=(-v "$arg")
	done
	awk "${args[@]}" -f "$BATS_TEST_DIRNAME/diff_rows.awk" | trace_file "$file"
}

# fails STATUS TEXT OPTION...
fails() {
	run diff_ "${@:3}"
	[ "$status" -eq "$1" ] || return 1
	grep -qF -- "$2" <<<"$output" || { echo "$output"; return 1; }
}

# changes FILE...: level, measure, ratio and direction of each significant change.
changes() {
	diff_ --json "$@" | jq -r '.items[] as $i | $i.changes[] | select(.significant)
		| "\($i.level) \(.measure) \(.ratio * 100 | round) \(.worse)"'
}

@test "the same file twice" {
	recording a.db
	run diff_ a.db a.db
	[ "$status" -eq 0 ]
	diff -u - <(printf '%s\n' "$output") <<-'EOT'
		  A         a.db
		  B         a.db
		                    A        B  change
		  duration     200 ms   200 ms    0.0%
		  CPU time    2.00 µs  2.00 µs    0.0%
		  messages      2,000    2,000    0.0%
		  bytes       195 KiB  195 KiB    0.0%
		  calls         4,000    4,000    0.0%
		  lost calls        0        0       -
		  processes         2        2    0.0%

		NO SIGNIFICANT CHANGE
		  3 of 3 edges, mechanisms and calls did not change, in 18 comparisons.
		  --all shows them.
		  One run of each cannot show how runs differ; 10% is taken for it. --also-a FILE adds one.
	EOT
}

@test "other pids and inodes are the same processes and objects" {
	recording a.db
	recording b.db pid=9000 inode=99
	[ -z "$(changes a.db b.db)" ]
	diff_ --json a.db b.db | jq -e '[.items[].status] == ["both", "both", "both"]'
}

@test "a slower edge: which, how much, and where the time went" {
	recording a.db
	recording b.db transit=40000 pid=300
	run diff_ a.db b.db
	[ "$status" -eq 0 ]
	diff -u - <(sed -n '/WHAT/,/^$/p' <<<"$output") <<-'EOT'
		WHAT CHANGED  beyond 5% and beyond noise (q < 0.01)
		                                    A        B   change  95% interval        q
		  client → worker       p50   14.9 µs  59.5 µs  ▲ +300%  +203%..+428%  <0.0001
		  pipe                  mean  14.9 µs  59.8 µs  ▲ +300%  +130%..+596%  <0.0001
		  mostly in the object

	EOT
	[ "$(changes a.db b.db)" = "$(printf '%s\n' 'edge p50 400 1' 'edge mean 400 1')" ]
	# and the other way round it is an improvement
	[ "$(changes b.db a.db)" = "$(printf '%s\n' 'edge p50 25 -1' 'edge mean 25 -1')" ]
}

@test "a change that is within what runs differ by, and what says how much that is" {
	recording a.db
	recording b.db transit=11000
	[ -z "$(changes a.db b.db)" ]
	changes --run-noise 0 a.db b.db | grep -qx 'edge p50 111 1'
	[ -z "$(changes --run-noise 0 --min-effect 12 a.db b.db)" ]
}

@test "a run that varies as much in itself" {
	recording a.db slow=4
	recording b.db transit=20000 slow=2
	[ -z "$(changes --run-noise 0 a.db b.db)" ]
}

@test "several runs of a side find what one run cannot" {
	recording a1.db
	recording a2.db transit=10100
	recording a3.db transit=9900
	recording b1.db transit=11500
	recording b2.db transit=11600
	recording b3.db transit=11550
	[ -z "$(changes a1.db b1.db)" ]
	changes --also-a a2.db --also-a a3.db --also-b b2.db --also-b b3.db a1.db b1.db | grep -qx 'edge p50 116 1'
	# ... and runs that differ among each other find nothing
	recording a3.db transit=14000
	[ -z "$(changes --also-a a2.db --also-a a3.db --also-b b2.db --also-b b3.db a1.db b1.db)" ]
}

@test "larger messages, and more of them" {
	recording a.db
	recording b.db bytes=200
	changes a.db b.db | grep -qx 'edge size 200 0'
	changes a.db b.db | grep -qx 'edge bytes 200 0'
	recording b.db messages=4000
	changes a.db b.db | grep -qx 'edge count 200 0'
	[ "$(changes a.db b.db | grep -c size)" -eq 0 ]
}

@test "what only one of them has" {
	recording a.db sender=old
	recording b.db sender=new
	run diff_ a.db b.db
	[ "$status" -eq 0 ]
	diff -u - <(sed -n '/^GONE/,/^$/p; /^NEW/,/^$/p' <<<"$output") <<-'EOT'
		GONE  only A has it
		                      messages    bytes      p50
		  old → worker  pipe     2,000  195 KiB  14.9 µs

		NEW  only B has it
		                      messages    bytes      p50
		  new → worker  pipe     2,000  195 KiB  14.9 µs

	EOT
	diff_ --json a.db b.db | jq -e '[.items[] | select(.level == "edge") | .status] | sort == ["gone", "new"]'
}

@test "equal processes are one group, and their number is compared" {
	recording a.db workers=3 messages=700
	recording b.db workers=5 messages=700
	run diff_ a.db b.db
	sed -n '/^PROCESSES/,/^$/p' <<<"$output" | grep -Eqx '  worker +3 +5'
	diff_ --json a.db b.db | jq -e '.groups | map(select(.label == "worker"))
		== [{"processes_a": 3, "processes_b": 5, "label": "worker", "program": "worker", "parents": ""}]'
}

@test "the exit status that a CI asks for" {
	recording a.db
	recording b.db transit=40000
	diff_ a.db b.db
	run diff_ --fail-above 100 a.db b.db
	[ "$status" -eq 1 ]
	[[ $output = *"ipctrace: 2 measures became worse by more than 100%"* ]]
	diff_ --fail-above 400 a.db b.db
	diff_ --fail-above 100 b.db a.db
	diff_ --fail-above 0 a.db a.db
	run diff_ --fail-above 100 --metric p50 a.db b.db
	[ "$status" -eq 1 ]
	[[ $output = *"1 measure became worse"* ]]
	diff_ --fail-above 100 --metric p99 a.db b.db
}

@test "how many rows, and all of them" {
	recording a.db
	recording b.db transit=40000 bytes=300
	[ "$(diff_ --top 1 a.db b.db | grep -c ' more: --top 0 shows all')" -eq 1 ]
	[ "$(diff_ --top 0 a.db b.db | grep -c 'more: ')" -eq 0 ]
	diff_ --all a.db a.db | grep -q 'WHAT DID NOT CHANGE'
	diff_ --all a.db a.db | grep -q 'client → worker'
}

@test "JSON of all of it" {
	recording a.db
	recording b.db transit=40000
	diff_ --json a.db b.db >t.json
	jq -e '.recordings | map(.side) == ["a", "b"]' t.json
	jq -e '.items[] | select(.level == "edge") | .a.messages == 2000 and .a.exact == 2000
		and .superiority == 1 and .mostly == "in the object"' t.json
	jq -e '.items[] | select(.level == "edge") | .changes[] | select(.measure == "p50")
		| .low < .ratio and .ratio < .high and .q >= .p and .method == "blocks"' t.json
}

# bench FILE: a small one, in four rounds.
bench() {
	"$IPCT_BIN/ipctrace" bench -q --no-trace --rounds 4 -m pipe --sizes 64 --messages 300 --cpus same \
		--wait block -o "$1"
}

@test "two benches: cases by their rounds" {
	bench a.db
	sqlite3 a.db "UPDATE run SET elapsed_ns = 10000000 + 100000 * round" # however busy the machine is
	cp a.db b.db
	[ -z "$(changes a.db b.db)" ]
	sqlite3 b.db "UPDATE run SET elapsed_ns = elapsed_ns * 50"
	[ "$(changes a.db b.db)" = "$(printf '%s\n' 'case rate 2 1' 'case rate 2 1')" ]
	[ "$(changes b.db a.db)" = "$(printf '%s\n' 'case rate 5000 -1' 'case rate 5000 -1')" ]
	diff_ a.db b.db | grep -Eq '^  pipe (pingpong|stream) of 64 B +rate '
	run diff_ --fail-above 100 --metric rate a.db b.db
	[ "$status" -eq 1 ]
	diff_ --fail-above 100 --metric p50 a.db b.db
	diff_ --json a.db b.db | jq -e '(.recordings | length == 8) and .of == "benches" and (.items
		| map(.pattern) | sort == ["pingpong", "stream"])'
	sqlite3 b.db "DELETE FROM run; DELETE FROM bench_case"
	diff_ a.db b.db | grep -q '^GONE'
	diff_ b.db b.db
}

@test "a bench is not compared with a recording" {
	bench a.db
	recording b.db messages=50
	fails 1 "'b.db' is a recording, and what it is compared with is none" a.db b.db
	fails 1 "'a.db' is a bench, and what it is compared with is none" b.db a.db
}

@test "what makes them hard to compare is said" {
	recording a.db
	recording b.db
	sqlite3 b.db "UPDATE meta SET value = 'elsewhere' WHERE key = 'host';
		DELETE FROM meta WHERE key = 'complete';
		INSERT INTO ledger_entry VALUES ('pipe', 'ring_full', 5, 0, 5)"
	run diff_ a.db b.db
	[[ $output = *"! another host: h; elsewhere"* ]]
	[[ $output = *"! B was cut off, or still runs"* ]]
	[[ $output = *"! B lost 5 calls: its counts are too small"* ]]
	diff_ --json a.db b.db | jq -e '.notes | length == 3'
}

@test "names that attack a terminal or a page" {
	recording a.db
	sqlite3 a.db "UPDATE process SET comm = char(27) || '[2J' || char(10) || x'ff' || '</script>';
		UPDATE object SET name = '/run/' || char(27) || ']0;x' || char(7) || char(8238);
		UPDATE syscall SET name = 'read' || char(9);
		UPDATE meta SET value = char(27) || 'x' WHERE key = 'host'"
	recording b.db
	for options in "" --all; do
		diff_ $options a.db b.db >text
		[ -z "$(tr -d '\n -~' <text | LC_ALL=C tr -d '\200-\377')" ]
	done
	diff_ --json a.db b.db | jq -e '.items | length > 0'
}

@test "numbers that are none" {
	recording a.db messages=50
	for row in "edge messages" "edge bytes" "edge transit_hist" "edge sender_id" "edge first_ns" \
		"edge last_ns" "op_row ts_ns" "op_row dur_ns" "op_row bytes" "op_row kind_id" "op_kind process_id" "process parent_id" \
		"call_stat count" "call_stat dur_hist" "call_stat errors" "edge_part sum_ns"; do
		for value in -1 9223372036854775807 -9223372036854775808 "'text'" 1e300 "x'00'" 0; do
			cp a.db b.db
			# what breaks a key was no change
			sqlite3 b.db "UPDATE OR IGNORE ${row% *} SET ${row#* } = $value"
			run diff_ --json a.db b.db
			[ "$status" -eq 0 ] || { echo "$row = $value: $output"; return 1; }
			jq -e .items <<<"$output" >/dev/null || { echo "$row = $value"; return 1; }
			diff_ --all b.db a.db >/dev/null
		done
	done
}

@test "wrong usage" {
	recording a.db messages=50
	fails 2 "two recordings are needed" a.db
	fails 2 "two recordings: A and B" a.db a.db a.db
	fails 2 "is no percentage" --fail-above x a.db a.db
	fails 2 "is no percentage" --min-effect -1 a.db a.db
	fails 2 "is no percentage" --run-noise nan a.db a.db
	fails 2 "no metric 'p42'" --metric p42 a.db a.db
	fails 2 "is no number" --top x a.db a.db
}

@test "files that are missing, damaged or empty" {
	recording a.db messages=50
	fails 1 "cannot open trace 'none.db': No such file or directory" a.db none.db
	fails 1 "cannot open trace 'none.db': No such file or directory" none.db a.db
	for keep in 1 100 4096 $(($(stat -c %s a.db) - 4096)); do
		head -c "$keep" a.db >cut.db
		fails 1 "cut.db" a.db cut.db
	done
	trace_file empty.db </dev/null
	diff_ a.db empty.db | grep -q 'there is nothing that both have'
	diff_ empty.db empty.db
}

@test "neither file is changed" {
	recording a.db messages=50
	recording b.db messages=50
	sha256sum a.db b.db >sums
	diff_ --all a.db b.db
	sha256sum --quiet -c sums
	[ "$(ls)" = "$(printf 'a.db\nb.db\nsums')" ]
}

@test "80 columns, and colour on a terminal only" {
	command -v script >/dev/null || skip "script(1) is not installed"
	recording a.db sender=a-name-of-15-cha worker=another-of-15-c
	recording b.db sender=a-name-of-15-cha worker=another-of-15-c transit=40000
	TERM=xterm script -qec "stty cols 80; '$IPCT_BIN/ipctrace' diff --all a.db b.db" /dev/null | tr -d '\r' >colour
	grep -qF $'\e[1;31m▲ +300%' colour
	sed 's/\x1b\[[0-9;]*m//g' colour >text
	[ "$(LC_ALL=C.UTF-8 wc -L <text)" -le 80 ]
	diff_ a.db b.db >text
	[ "$(grep -c $'\e' text)" -eq 0 ]
}
