#!/usr/bin/env bats
# The ledger: seen = stored + lost, whatever happens.

load common

@test "millions of calls at full speed: none lost at the default ring size" {
	"$ipctrace" record -q -- "$calls" many "$many"
	nothing_lost
	same "$((2 * many + 1))" "$(q "SELECT count(*) FROM ops")"
	same "$many exact" "$(q "SELECT messages, CASE WHEN exact = messages THEN 'exact' END FROM edges")"
}

@test "a tiny ring overflows: the rest is counted, and what was stored is paired right" {
	"$ipctrace" record -q --ring 4K --capture run.cap -- "$calls" many $((many / 5))
	balanced
	[ "$(q "SELECT lost > 0 FROM ledger WHERE reason = 'ring_full' AND mechanism = 'pipe'")" = 1 ]
	same "$((2 * (many / 5) + 1))" "$(q "SELECT sum(seen) FROM ledger WHERE mechanism = 'pipe'")"
	# Each write is one byte and each read takes it: no message may join a write to a later read.
	[ "$(q "SELECT count(*) FROM messages WHERE bytes != 1")" = 0 ]
	[ "$(q "SELECT count(*) FROM messages m JOIN op s ON s.op_id = m.send_op JOIN op r ON r.op_id = m.recv_op
		WHERE EXISTS (SELECT 1 FROM op x WHERE x.op_id > s.op_id AND x.op_id < r.op_id)")" = 0 ]
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump | md5sum)" "$(sqlite3 again.db .dump | md5sum)"
	run "$ipctrace" report
	[[ $output == *LOST* ]]
}

@test "a full disk: said once, the program goes on, what was stored is whole, the ledger balances" {
	mkdir small
	mount -t tmpfs -o size=14m none small 2>/dev/null || skip "no tmpfs can be mounted here"
	status=0
	"$ipctrace" record -o small/full.db -- sh -c "'$calls' many 300000; echo went on >on" 2>said || status=$?
	cp small/full.db full.db || true
	left=$(ls small)
	umount small
	[ $status = 125 ]
	[ -e on ]
	same "full.db" "$left"
	[ "$(grep -c "cannot write trace 'small/full.db': No space left on device" said)" = 1 ]
	[ "$(q "PRAGMA integrity_check" full.db)" = ok ]
	[ "$(q "SELECT count(*) > 1000 FROM ops" full.db)" = 1 ]
	[ "$(q "SELECT lost > 0 FROM ledger WHERE reason = 'disk_full'" full.db)" = 1 ]
	balanced full.db
	same disk_full "$(q "SELECT value FROM meta WHERE key = 'ended'" full.db)"
	run "$ipctrace" report full.db
	[ "$status" = 0 ]
	[[ $output == *"no space was left"* ]]
}

@test "a disk that is full from the start" {
	mkdir none
	mount -t tmpfs -o size=32k none none 2>/dev/null || skip "no tmpfs can be mounted here"
	run "$ipctrace" record -o none/x.db -- touch ran
	umount none
	[ "$status" = 125 ]
	[[ $output == *"No space left on device"* ]]
	[ ! -e ran ]
}
