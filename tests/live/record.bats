#!/usr/bin/env bats
# The command `record` itself: options, signals, exit statuses, files, and what it does when
# something is wrong.

load common

# refuses STATUS TEXT COMMAND...: it ends with this status and says this.
refuses() {
	local status_wanted=$1 text=$2
	shift 2
	run "$@"
	[ "$status" = "$status_wanted" ] || { echo "status $status: $output"; return 1; }
	[[ $output == *"$text"* ]] || { echo "said: $output"; return 1; }
}

@test "the exit status is the program's own" {
	refuses 7 "" "$ipctrace" record -q -- sh -c 'exit 7'
	refuses 137 "" "$ipctrace" record -q -- sh -c 'kill -9 $$'
	[ "$(q "SELECT value FROM meta WHERE key = 'exit_status'")" = 9 ]
	"$ipctrace" record -q -- true
}

@test "a program that is not there, or cannot be run, leaves the older file alone" {
	"$ipctrace" record -q -- true
	before=$(md5sum ipctrace.db)
	refuses 127 "cannot run 'no-such-program': command not found" "$ipctrace" record -- no-such-program
	refuses 126 "cannot run '/etc/passwd': Permission denied" "$ipctrace" record -- /etc/passwd
	refuses 126 "Is a directory" "$ipctrace" record -- /etc/
	same "$before" "$(md5sum ipctrace.db)"
}

@test "wrong usage is said and ends with 125" {
	refuses 125 "no command to record" "$ipctrace" record
	refuses 125 "invalid option" "$ipctrace" record --no-such-option -- true ||
		refuses 125 "unrecognized option" "$ipctrace" record --no-such-option -- true
	refuses 125 "no mechanism or family 'smoke'" "$ipctrace" record -m pipe,smoke -- true
	refuses 125 "is no size" "$ipctrace" record --ring 7X -- true
	refuses 125 "is no number of seconds" "$ipctrace" record -d soon -- true
	refuses 125 "no user 'no-such-user'" "$ipctrace" record -u no-such-user -- true
	refuses 2 "no command 'no-such'" "$ipctrace" no-such
}

@test "help ends with three examples, for each command" {
	for command in record report chain replay doctor; do
		run "$ipctrace" $command --help
		[ "$status" = 0 ]
		[[ $output == *Examples:* ]]
		[ "$(sed -n '/Examples:/,$p' <<<"$output" | grep -c 'ipctrace')" -ge 3 ]
	done
}

@test "an output folder that is not there, or is no folder, or the output is one" {
	refuses 125 "cannot create trace 'nowhere/x.db': No such file or directory" \
		"$ipctrace" record -o nowhere/x.db -- touch ran
	mkdir folder
	refuses 125 "cannot create trace 'folder': Is a directory" "$ipctrace" record -o folder -- touch ran
	touch file
	refuses 125 "Not a directory" "$ipctrace" record -o file/x.db -- touch ran
	[ ! -e ran ]
}

@test "a capture that cannot be written" {
	refuses 125 "cannot write capture 'nowhere/x.cap'" "$ipctrace" record -c nowhere/x.cap -- touch ran
	[ ! -e ran ]
	refuses 125 "cannot write capture '/dev/full'" "$ipctrace" record -c /dev/full -- true
}

@test "without privilege the one thing that is missing is said" {
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" 2>/dev/null || true
	refuses 125 "no permission to load BPF programs" \
		setpriv --reuid=65534 --regid=65534 --clear-groups "$ipctrace" record -o /dev/shm/none.db -- true
	[[ $output == *doctor* ]]
	[ ! -e /dev/shm/none.db ]
	refuses 1 "MISSING" setpriv --reuid=65534 --regid=65534 --clear-groups "$ipctrace" doctor
	[[ $output == *privilege* ]]
}

@test "without BTF that is said" {
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	refuses 125 "offers no type information" unshare -m sh -c \
		'mount -t tmpfs none /sys/kernel/btf && exec "$0" record -- true' "$ipctrace"
	refuses 1 "MISSING" unshare -m sh -c \
		'mount -t tmpfs none /sys/kernel/btf && exec "$0" doctor' "$ipctrace"
	[[ $output == *"BTF"* ]]
}

@test "doctor finds nothing missing here" {
	run "$ipctrace" doctor
	[ "$status" = 0 ]
	[[ $output != *MISSING* ]]
	[[ $output == *"Recording works"* ]]
}

@test "an older file is kept as .old" {
	"$ipctrace" record -q -- sh -c 'true | true'
	"$ipctrace" record -q -- true
	[ "$(q "SELECT count(*) > 0 FROM ops" ipctrace.db.old)" = 1 ]
	[ "$(q "SELECT count(*) FROM ops")" = 0 ]
	[ "$(ls)" = "ipctrace.db
ipctrace.db.old" ]
}

@test "the file is ours by its numbers, and whole" {
	"$ipctrace" record -q -- sh -c 'true | true'
	[ "$(q "PRAGMA application_id")" = $((0x69706374)) ]
	[ "$(q "PRAGMA user_version")" = 3 ]
	[ "$(q "PRAGMA integrity_check")" = ok ]
	[ "$(q "PRAGMA journal_mode")" = delete ]
	same "program 1" "$(q "SELECT (SELECT value FROM meta WHERE key = 'ended'), (SELECT value FROM meta WHERE key = 'complete')")"
}

@test "under sudo the files belong to the user who called" {
	SUDO_UID=65534 SUDO_GID=65534 "$ipctrace" record -q -c run.cap -- true
	[ "$(stat -c %u:%g ipctrace.db)" = 65534:65534 ]
	[ "$(stat -c %u:%g run.cap)" = 65534:65534 ]
}

@test "the program runs as another user" {
	[ "$("$ipctrace" record -q -u nobody -- id -un)" = nobody ]
	[ "$(q "SELECT value FROM meta WHERE key = 'user'")" = nobody ]
}

@test "the program's standard input, output and error are untouched; quiet is quiet" {
	"$ipctrace" record -q -- sh -c 'cat; echo err >&2' <<<in >out 2>err
	[ "$(cat out)" = in ]
	[ "$(cat err)" = err ]
	"$ipctrace" record -- true 2>err
	[ "$(wc -l <err)" = 2 ]
}

@test "mechanisms are selected" {
	"$ipctrace" record -q -m fifo -- sh -c 'true | cat; mkfifo f; cat f & echo x >f; wait' >/dev/null
	same fifo "$(q "SELECT DISTINCT mechanism FROM ops")"
	same fifo "$(q "SELECT DISTINCT mechanism FROM ledger")"
	"$ipctrace" record -q -m pipe -- sh -c 'true | cat; mkfifo g; cat g & echo x >g; wait' >/dev/null
	same pipe "$(q "SELECT DISTINCT mechanism FROM ops")"
}

@test "a time limit ends the recording, with calls that never returned, and then the program" {
	refuses 143 "" "$ipctrace" record -q -d 1.5 -- sh -c 'echo $$ >pid; sleep 1000 | cat & wait'
	same "cat read 0" "$(q "SELECT comm, syscall, finished FROM ops WHERE finished = 0")"
	[ "$(q "SELECT dur_ns > 100000000 AND blocked_ns > 0 FROM ops WHERE finished = 0")" = 1 ]
	same duration "$(q "SELECT value FROM meta WHERE key = 'ended'")"
	sleep 0.2
	for pid in $(q "SELECT pid FROM processes WHERE traced"); do
		[ ! -e "/proc/$pid" ] || [ "$(cut -d' ' -f3 "/proc/$pid/stat")" = Z ]
	done
}

@test "an open of a FIFO that never returns" {
	mkfifo lonely
	refuses 143 "" "$ipctrace" record -q -d 1 -- cat lonely
	same "openat open 0 fifo $PWD/lonely" \
		"$(q "SELECT syscall, role, finished, mechanism, object FROM ops")"
	nothing_lost
	"$ipctrace" record -q -- sh -c 'cat lonely &
		until grep -q "(cat) S" /proc/$!/stat; do sleep 0.05; done; sleep 0.1; kill -9 $!; wait'
	same "openat open 0 fifo $PWD/lonely" \
		"$(q "SELECT syscall, role, finished, mechanism, object FROM ops WHERE finished = 0")"
	nothing_lost
}

@test "SIGINT and SIGTERM reach the program" {
	for signal in INT TERM; do
		cat >wait.sh <<-SH
			trap 'echo got >signal; exit 3' $signal
			echo ready >ready
			while :; do sleep 0.05; done
		SH
		rm -f ready signal
		# a background job of a script ignores SIGINT: env gives it back its default
		env --default-signal=INT "$ipctrace" record -q -- bash wait.sh &
		pid=$!
		until [ -e ready ]; do sleep 0.05; done
		kill -$signal $pid
		status=0
		wait $pid || status=$?
		[ $status = 3 ]
		[ -e signal ]
	done
}

@test "a second signal ends the recording at once, with the file complete" {
	env --default-signal=INT "$ipctrace" record -q -- \
		bash -c 'trap "" INT; echo $$ >ready; sleep 1000 | cat' &
	pid=$!
	until [ -s ready ]; do sleep 0.05; done
	sleep 1
	kill -INT $pid
	sleep 0.2
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ $status = 130 ]
	same "signal 1" "$(q "SELECT (SELECT value FROM meta WHERE key = 'ended'), (SELECT value FROM meta WHERE key = 'complete')")"
	[ "$(q "SELECT count(*) FROM ops WHERE finished = 0")" = 1 ]
	for left in $(q "SELECT pid FROM processes WHERE traced AND exit_ns IS NULL"); do
		kill -9 "$left" || true
	done
}

@test "readers may read while it records, and a killed recorder leaves the file whole" {
	"$ipctrace" record -q -- "$calls" many 100000000 &
	pid=$!
	for _ in $(seq 100); do
		sleep 0.1
		rows=$(q "SELECT count(*) FROM ops" 2>/dev/null) || continue
		[ "${rows:-0}" -gt 1000 ] && break
	done
	[ "$rows" -gt 1000 ]
	"$ipctrace" report >live.txt
	program=$(q "SELECT pid FROM processes LIMIT 1")
	kill -9 $pid
	wait $pid || true
	kill -9 "$program"
	[ "$(q "PRAGMA integrity_check")" = ok ]
	[ "$(q "SELECT count(*) FROM ops")" -ge "$rows" ]
	[ "$(q "SELECT count(*) FROM meta WHERE key = 'complete'")" = 0 ]
	balanced
	# messages are those of the stored ops, and sums agree
	[ "$(q "SELECT count(*) FROM messages WHERE sender_pid IS NULL OR receiver_pid IS NULL")" = 0 ]
	same "$(q "SELECT count(*) FROM messages")" "$(q "SELECT sum(messages) FROM edges")"
	run "$ipctrace" report
	[ "$status" = 0 ]
	[[ $output == *"cut off"* ]]
}
