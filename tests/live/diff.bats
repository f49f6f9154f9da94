#!/usr/bin/env bats
# `ipctrace diff` on recordings: two runs of the same have the same edges, whatever their pids, and what
# was changed for certain is found.

load common

# record FILE OPTION...: a workload over pipes, its sizes and counts are what the options say.
record() {
	"$ipctrace" record -q -o "$1" -- "$bin/ipctrace-workload" "${@:2}" -p pingpong pipe >/dev/null
}

# compare FILTER: of the edges with many messages.
compare() {
	"$ipctrace" diff --json a.db b.db >diff.json
	jq -e "[.items[] | select(.level == \"edge\" and .a.messages > 1000)] | $1" diff.json || {
		cat diff.json
		return 1
	}
}

@test "the same program twice: nothing is new or gone" {
	record a.db -m 2003 -s 512
	record b.db -m 2003 -s 512
	"$ipctrace" diff --json a.db b.db | jq -e 'all(.items[]; .status == "both")
		and all(.groups[]; .processes_a == .processes_b)'
	compare 'length > 0 and all(.[]; .a.messages == .b.messages and .a.bytes == .b.bytes)'
}

@test "messages of twice the size" {
	record a.db -m 2003 -s 512
	record b.db -m 2003 -s 1024
	compare 'length > 0 and all(.[].changes[] | select(.measure == "size");
		.significant and .a == 512 and .b == 1024)'
}

@test "three times as many messages" {
	record a.db -m 2003 -s 512
	record b.db -m 6007 -s 512
	compare 'length > 0 and all(.[].changes[] | select(.measure == "size"); .significant | not)'
	compare 'all(.[]; .b.messages > 2.9 * .a.messages)'
}
