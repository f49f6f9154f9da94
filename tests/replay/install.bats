#!/usr/bin/env bats
# `cmake --install` gives a tool that needs neither the source nor the build folder.

bin=${IPCT_BIN:?the folder with the built programs}
source=$(cd "${BATS_TEST_DIRNAME}/../.." && pwd)

load trace_file

setup() {
	command -v cmake >/dev/null || skip "cmake is not installed"
	cmake --install "$bin" --prefix "$BATS_TEST_TMPDIR/usr" >/dev/null
	cd "$BATS_TEST_TMPDIR"
}

# away COMMAND...: run it where the source and build folders are empty, if we may mount.
away() {
	if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
		unshare -m bash -c 'mount -t tmpfs none "$1" && [ ! -e "$2" ] || mount -t tmpfs none "$2"
			shift 2; exec "$@"' away "$source" "$bin" "$@"
	else
		"$@"
	fi
}

@test "the programs and manual pages are there" {
	[ -x usr/bin/ipctrace ]
	[ -x usr/bin/ipctrace-workload ]
	for command in record report chain replay doctor; do
		grep -q "^.SH EXAMPLES" usr/share/man/man1/ipctrace-$command.1
	done
	grep -q "SH NAME" usr/share/man/man1/ipctrace.1
}

@test "every output works away from the source" {
	trace_file x.db </dev/null
	away usr/bin/ipctrace report x.db >text
	[ -s text ]
	away usr/bin/ipctrace report --html x.html x.db
	grep -q '<script' x.html
	away usr/bin/ipctrace report --json x.db | jq -e .ledger >/dev/null
	away usr/bin/ipctrace report --csv edges x.db | grep -q transit_p50_ns
	away usr/bin/ipctrace --version
	away usr/bin/ipctrace-workload pipe --messages 3 | grep -q 'pipe send 3'
}

@test "recording works away from the source" {
	[ "$(id -u)" = 0 ] || skip "recording needs root"
	[ -e /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
	away usr/bin/ipctrace record -q -- sh -c 'true | cat'
	[ "$(sqlite3 ipctrace.db 'SELECT count(*) > 0 FROM ops')" = 1 ]
}
