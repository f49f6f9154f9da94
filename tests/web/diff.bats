#!/usr/bin/env bats
# `ipctrace diff --html FILE` in a real browser: what stands there is what --json says, charts are
# drawn, and nothing in hostile names runs. The recordings are those of the replay test.

load driver
load ../replay/trace_file

setup_file() {
	browser_find
	command -v awk >/dev/null || skip_file "awk is not installed"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export LC_ALL=C.UTF-8
}

# recording FILE [NAME=VALUE...]: see diff_rows.awk.
recording() {
	local file=$1 args=() arg
	shift
	for arg; do
		args+=(-v "$arg")
	done
	awk "${args[@]}" -f "$BATS_TEST_DIRNAME/../replay/diff_rows.awk" | trace_file "$file"
}

# browse CHECK: a.db and b.db, compared.
browse() {
	"$IPCT_BIN/ipctrace" diff --html page.html a.db b.db
	"$IPCT_BIN/ipctrace" diff --json a.db b.db >page.json
	node "$BATS_TEST_DIRNAME/diff.mjs" "$1" page.json page.html
}

@test "a slower edge: tables, charts and parts, light and dark" {
	recording a.db
	recording b.db transit=40000 workers=2
	browse changes
}

@test "the same twice: nothing changed" {
	recording a.db
	cp a.db b.db
	browse same
}

@test "what only one of them has" {
	recording a.db sender=old
	recording b.db sender=new
	browse alone
}

@test "nothing in hostile names runs, and all of it is shown as text" {
	recording a.db
	sqlite3 a.db "UPDATE process SET comm = '<img src=x onerror=alert(1)></script><script>alert(2)</script>' || char(8238);
		UPDATE object SET name = '/run/<b>\"&' || char(27) || x'ff';
		UPDATE syscall SET name = '<script>alert(3)</script>';
		UPDATE meta SET value = '<i>h' WHERE key = 'host'"
	cp a.db b.db
	sqlite3 b.db "UPDATE meta SET value = '</script><script>alert(4)</script>' WHERE key = 'host'"
	browse hostile
}

@test "a page that cannot be written leaves the old one" {
	recording a.db messages=50
	mkdir folder
	run "$IPCT_BIN/ipctrace" diff --html folder a.db a.db
	[ "$status" -eq 1 ]
	[[ $output = *"cannot write report 'folder'"* ]]
}
