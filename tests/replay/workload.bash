# What the tests of ipctrace-workload share: strace's word against the workload's own.

setup() {
	IPCT_BIN=${IPCT_BIN:-$BATS_TEST_DIRNAME/../../build}
	workload=$IPCT_BIN/ipctrace-workload
	export TMPDIR=$BATS_TEST_TMPDIR
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown() {
	# No run may leave a FIFO, a socket or a file behind.
	! mountpoint -q queues || umount queues
	[ -z "$(find "$BATS_TEST_TMPDIR" -name 'ipctrace-workload.*')" ]
}

need_strace() {
	strace -f -o works.txt true 2>why.txt || skip "strace does not work here: $(head -1 why.txt)"
}

# Leaks cannot be looked for under ptrace; the runs without strace look for them.
traced() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f "$@"
}

# Run under strace with all arguments and compare what the two say, of all mechanisms. The memory
# that the harness shares and its waiting for signals are only told where they could be mistaken
# for the workload's; calls that the C library makes on its own cannot be told.
same_as_strace() {
	local mechanism
	traced -y -v -s 0 -o calls.txt "$workload" "$@" >truth.txt
	grep -v -e '^#' -e ' message ' truth.txt | LC_ALL=C sort >said.txt
	[ -s said.txt ]
	awk -v main="$1" -f "$BATS_TEST_DIRNAME/strace-truth.awk" calls.txt |
		LC_ALL=C sort >seen.txt
	for mechanism in mmap_anon signal; do
		grep -q "^$mechanism " said.txt || sed -i "/^$mechanism /d" seen.txt
	done
	mechanism=$(sed -n 's/^# uncounted //p' truth.txt)
	[ -z "$mechanism" ] || sed -i "/^$mechanism /d" seen.txt
	if ! diff said.txt seen.txt; then
		echo "differs from strace: $*"
		return 1
	fi
}

# The variants of a mechanism, as --help has them.
variants() {
	"$workload" --help | awk -v name="$1" '
		/^  [a-z]/ { ours = 0; for (i = 1; i <= NF; i++) { sub(",", "", $i); if ($i == name) ours = 1 } }
		/^    [a-z]/ && ours { print $1 }'
}

# The whole of every mechanism's name that --help has.
mechanisms() {
	"$workload" --help | sed -n '/^Mechanisms/,/^$/p' | grep '^  [a-z]' | tr -d ' ' | tr ',' '\n'
}
