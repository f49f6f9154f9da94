#!/usr/bin/env bats
# `ipctrace report --dot FILE`: the graph of traces whose rows are known, and what Graphviz makes of it.

bats_require_minimum_version 1.5.0
load trace_file

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export LC_ALL=C.UTF-8
}

report() {
	"$IPCT_BIN/ipctrace" report --dot "$@"
}

every_mechanism() {
	cat "$BATS_TEST_DIRNAME/every_mechanism.sql"
}

# refute COMMAND...: it fails. (A line that begins with ! cannot fail a test.)
refute() {
	! "$@"
}

# renders FILE: Graphviz takes it without a word, and its SVG is well-formed.
renders() {
	command -v dot >/dev/null || skip "Graphviz is not installed"
	[ -z "$(dot -Tsvg "$1" -o out.svg 2>&1)" ]
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' out.svg
}

@test "a pipeline: two boxes, an arrow with what went over it" {
	pipeline_rows | trace_file t.db
	run report g.dot t.db
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(grep -c '^	n[0-9]' g.dot)" -eq 3 ]
	grep -qxF '	n1 [label="gzip\n1236"];' g.dot
	grep -qxF '	n2 [label="tar\n1235"];' g.dot
	grep -qxF '	n2 -> n1 [color="#2f74c0", penwidth=6.00, label="pipe\n121 MiB in 12,347\np99 1.23 ms"];' g.dot
	grep -qxF "	label=\"sh -c 'tar c . | gzip'\";" g.dot
	renders g.dot
	grep -qF '>121 MiB in 12,347<' out.svg
}

@test "- is stdout, and the same bytes" {
	pipeline_rows | trace_file t.db
	report g.dot t.db
	report - t.db | cmp - g.dot
}

@test "a colour for each mechanism, those of the page" {
	sed -n 's/^	--mechanism-[0-9]*: *\(#[0-9a-f]*\);.*/\1/p' "$SOURCE_DIR/reporter/web/page.css" | head -20 >page
	sed -n '/colours\[IPCT_MECH_COUNT\]/,/};/p' "$SOURCE_DIR/reporter/dot.c" | grep -o '#[0-9a-f]*' | sed 1d >graph
	[ "$(wc -l <page)" -eq 20 ]
	cmp page graph
}

@test "every mechanism; wake-ups dashed, memory an ellipse, an end outside dashed" {
	every_mechanism | trace_file t.db
	report g.dot t.db
	renders g.dot
	grep -q 'shape=ellipse, style=filled, color="#e0863b", label="posix_shm' g.dot
	[ "$(grep -c 'dir=none, style=dotted' g.dot)" -gt 1 ]
	grep -q 'style=dashed, label="futex' g.dot
	grep -q 'label="postgres\\n77", style="rounded,dashed"' g.dot
	# Of every mechanism that anything passed over there is an arrow or an ellipse.
	for mechanism in $(sqlite3 t.db "SELECT DISTINCT mechanism FROM edges"); do
		grep -qF "label=\"$mechanism" g.dot
	done
}

@test "hundreds of processes are grouped by program and part" {
	{
		pipeline_rows
		echo "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 409)"
		echo "INSERT INTO process SELECT i, 1000 + i, 1, 1, 'work', NULL, NULL, 5, 6, 0, 1, NULL FROM n;"
		echo "INSERT INTO edge SELECT 1, process_id, process_id + 200, 'data', 2, 1024, 2, 0, 0, 4000, 9, 9, 9, 9, 1, 2, NULL, 1, 0 FROM process WHERE process_id BETWEEN 10 AND 209;"
	} | trace_file t.db
	report g.dot t.db
	[ "$(grep -c 'label="work\\n× 200"' g.dot)" -eq 2 ]
	[ "$(grep -c -- '->' g.dot)" -eq 2 ]
	grep -qF 'label="pipe\n200 KiB in 400' g.dot
	renders g.dot
}

@test "what has no room: how many, and by what the rest was chosen" {
	pipeline_rows | trace_file t.db
	"$IPCT_BIN/ipctrace" report --dot g.dot --top 1 --sort messages t.db
	refute grep -q top g.dot
	sqlite3 t.db "INSERT INTO edge SELECT 1, 3, 2, 'data', 99999, 5, 2, 0, 0, 4000, 9, 9, 9, 9, 1, 2, NULL, 1, 0"
	"$IPCT_BIN/ipctrace" report --dot g.dot --top 1 --sort messages t.db
	grep -qF '\nthe top 1 of 2 arrows by messages' g.dot
	[ "$(grep -c -- '->' g.dot)" -eq 1 ]
	grep -qF '5 B in 99,999' g.dot
}

@test "nothing that passed: a graph that says so" {
	trace_file t.db </dev/null
	report g.dot t.db
	grep -qF 'nothing passed from one process to another' g.dot
	renders g.dot
}

@test "hostile names are text and never code" {
	pipeline_rows | trace_file t.db
	sqlite3 t.db "UPDATE process SET comm = 'x\"]; evil [label=\"' || char(10) || '\N\\' || char(27) || '&lt;<b>' WHERE process_id = 2;
		UPDATE process SET comm = '<<b>y</b>>' WHERE process_id = 3;
		UPDATE object SET name = '/run/\\\"]; }' || char(9);
		UPDATE meta SET value = 'a\" URL=\"javascript:1' || char(0) WHERE key = 'command'"
	report g.dot t.db
	[ "$(grep -c '^	n[0-9]' g.dot)" -eq 3 ]
	refute grep -q '[^\\]"\]; evil' g.dot
	refute grep -qP '[\x00-\x08\x0b-\x1f]' g.dot
	renders g.dot
	[ "$(grep -c 'class="node"' out.svg)" -eq 2 ]
	grep -qF '&amp;lt;' out.svg
	refute grep -qi 'xlink:href' out.svg
}

@test "failures: a folder that is not there, one that cannot be written" {
	pipeline_rows | trace_file t.db
	run report none/g.dot t.db
	[ "$status" -eq 1 ]
	[ "$output" = "ipctrace: cannot write graph 'none/g.dot': No such file or directory" ]
	run --separate-stderr report - t.db >/dev/full
	run bash -c '"$IPCT_BIN/ipctrace" report --dot - t.db >/dev/full'
	[ "$status" -eq 1 ]
}
