#!/usr/bin/env bats
# One recording of all the workloads, in every output.

load common
load ../page_data

mechanisms="pipe fifo posix_mq sysv_mq sysv_shm posix_shm memfd mmap_file mmap_anon unix_stream
	unix_dgram unix_seqpacket tcp udp eventfd signal futex sysv_sem pty process_vm"

record_mixed() {
	# shellcheck disable=SC2086 # a list
	"$ipctrace" record -q -o mixed.db --capture mixed.cap -- sh -c '
		workload=$1
		shift
		for mechanism; do
			"$workload" "$mechanism" --pattern pingpong --messages 101 || exit
		done' sh "$workload" $mechanisms >truth.txt
}

@test "all workloads in one recording: every mechanism, in every output, and the same again by replay" {
	record_mixed
	nothing_lost mixed.db
	[ -z "$(q "SELECT DISTINCT reason FROM ledger WHERE reason NOT IN ('stored')" mixed.db)" ]
	"$ipctrace" report mixed.db >report.txt
	"$ipctrace" report --json mixed.db >report.json
	"$ipctrace" report --html report.html mixed.db
	page_data report.html >page.json
	"$ipctrace" report --csv objects mixed.db >objects.csv
	for mechanism in $mechanisms; do
		[ "$(q "SELECT count(*) > 0 FROM ops WHERE mechanism = '$mechanism'" mixed.db)" = 1 ]
		[ "$(q "SELECT count(*) > 0 FROM edges WHERE mechanism = '$mechanism'
			AND sender_pid IS NOT NULL AND receiver_pid IS NOT NULL" mixed.db)" = 1 ]
		grep -qw "$mechanism" report.txt
		[ "$(jq "[.edges[] | select(.mechanism == \"$mechanism\")] | length > 0" report.json)" = true ]
		jq -e --arg name "$mechanism" '.objects | (.columns | index("mechanism")) as $column
			| any(.rows[]; .[$column] == $name)' page.json
		grep -qw "$mechanism" objects.csv
	done
	"$ipctrace" replay mixed.cap -o again.db
	same "$(sqlite3 mixed.db .dump)" "$(sqlite3 again.db .dump)"
}

@test "what two processes exchange names these two and no other" {
	record_mixed
	# the peers of each workload, by its own account
	awk '/^# peer-(ping|pong)-0 / { print $3 }' truth.txt | sort >peers
	for mechanism in $mechanisms; do
		q "SELECT DISTINCT sender_tid FROM messages WHERE mechanism = '$mechanism' AND sender_tid != 0
		   UNION SELECT receiver_tid FROM messages WHERE mechanism = '$mechanism'
		   AND receiver_tid != 0" mixed.db | sort >seen
		[ -z "$(comm -23 seen peers)" ] || [ "$mechanism" = signal ]
	done
}

@test "what is not selected is not there" {
	"$ipctrace" record -q -m queue,futex -o some.db -- sh -c '"$1" posix_mq && "$1" memfd && "$1" pipe' \
		sh "$workload" >/dev/null
	nothing_lost some.db
	same "futex
posix_mq" "$(q "SELECT DISTINCT mechanism FROM ops ORDER BY 1" some.db)"
	[ "$(q "SELECT value FROM meta WHERE key = 'mechanisms'" some.db)" = posix_mq,sysv_mq,futex ]
}
