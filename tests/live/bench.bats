#!/usr/bin/env bats
# `ipctrace bench` with traced rounds: where the time went, and what the probes cost.

# shellcheck disable=SC2154
load common

@test "traced rounds give the parts of a transit, which add up" {
	"$ipctrace" bench -q -m pipe,unix_dgram,posix_shm --sizes 64 --patterns pingpong --cpus same \
		--rounds 2 --messages 100 -o b.db
	[ "$(q "SELECT count(*), sum(traced) FROM run" b.db)" = "12 6" ]
	[ "$(q "SELECT count(*) FROM part WHERE in_send_ns + in_object_ns + in_runq_ns + in_recv_ns
		!= transit_ns OR messages <= 0" b.db)" = 0 ]
	# Of what moves data itself each message is there; memory is waited for by a futex.
	[ "$(q "SELECT mechanism, through, kind, messages FROM parts WHERE kind = 'data'
		ORDER BY 1" b.db)" = "pipe pipe data 400
unix_dgram unix_dgram data 400" ]
	[ "$(q "SELECT DISTINCT through FROM parts WHERE mechanism = 'posix_shm'" b.db)" = futex ]
	[ "$(q "SELECT count(*) FROM probes WHERE ratio > 0" b.db)" = 3 ]
	[ "$(ls)" = b.db ]
	"$ipctrace" report b.db >report.txt
	grep -q "WHERE THE TIME WENT" report.txt
	grep -q "COST OF THE PROBES" report.txt
}

@test "without root there are no traced rounds, and that is said" {
	id nobody >/dev/null || skip "there is no user nobody"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	# Where nobody may not go, the programs must not lie.
	open=$(mktemp -d /tmp/ipctrace-test-bench.XXXXXX)
	cp "$ipctrace" "$workload" "$open"
	chmod 777 "$open"
	cd "$open"
	run setpriv --reuid nobody --clear-groups "$open/ipctrace" bench -m pipe --sizes 64 \
		--patterns stream --cpus same --wait block --rounds 1 --messages 20 -o b.db
	[ "$status" -eq 0 ]
	[[ $output == *"only root can record"* ]]
	[ "$(q "SELECT sum(traced), count(*) FROM run" b.db)" = "0 1" ]
	[ "$(q "SELECT value FROM meta WHERE key = 'untraced_why'" b.db)" = "only root can record" ]
	rm -r "$open"
}

@test "--quick has every mechanism, with both ways to wait where that makes sense" {
	"$ipctrace" bench -q --quick --rounds 1 --messages 20 -o b.db
	[ "$(q "SELECT count(DISTINCT mechanism) FROM results" b.db)" = 20 ]
	[ "$(q "SELECT count(*) FROM bench_case WHERE status NOT IN ('ran', 'skipped')" b.db)" = 0 ]
	[ "$(q "SELECT value FROM meta WHERE key = 'complete'" b.db)" = 1 ]
}
