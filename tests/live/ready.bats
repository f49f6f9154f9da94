#!/usr/bin/env bats
# Waits for readiness, by the scenes of ready.c, and of a server that nobody here wrote.

load common

ready=$bin/test-ready

# The waits of a recording, in the form that the scenes print.
waits() {
	q "SELECT syscall || coalesce((SELECT ' ' || group_concat(fd || ':' || events, ' ')
			FROM (SELECT fd, events FROM ready r WHERE r.op_id = o.op_id ORDER BY fd)), '')
		FROM ops o WHERE role = 'wait' AND ready IS NOT NULL ${1:-} ORDER BY op_id"
}

# record_waits SCENE [ARGUMENT]: the waits are those that the scene says it made, in their order.
record_waits() {
	"$ipctrace" record -q --capture run.cap -- "$ready" "$@" >truth.txt
	same "$(cat truth.txt)" "$(waits)"
	nothing_lost
	# each is on an object that it reports, unless it reports none
	[ "$(q "SELECT count(*) FROM ops o WHERE ready AND NOT EXISTS (SELECT 1 FROM ready r
		WHERE r.op_id = o.op_id AND r.object_id = o.object_id AND r.fd = o.fd)")" = 0 ]
	rm -f again.db
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
}

@test "each call on each mechanism that has fds: found, and timed out" {
	for mechanism in pipe fifo posix_mq unix_stream unix_dgram unix_seqpacket tcp udp eventfd \
		signal pty; do
		rm -f fifo
		record_waits calls $mechanism
		same "$mechanism 14 7" "$(q "SELECT mechanism, count(*), sum(ready = 0) FROM ops
			WHERE ready IS NOT NULL GROUP BY 1")"
		same "$(for call in epoll_pwait epoll_pwait2 epoll_wait poll ppoll pselect6 select; do
			echo "$mechanism $call 2 1"
		done)" "$(q "SELECT mechanism, syscall, count, timeouts FROM latency
			WHERE timeouts ORDER BY 1, 2")"
		[ "$(q "SELECT count(*) FROM messages")" = 0 ]
	done
}

@test "several are ready: all of them, and no other" {
	record_waits several
	[ "$(q "SELECT count(*) FROM ready JOIN ops USING (op_id) WHERE syscall = 'poll'")" = 4 ]
}

@test "hundreds of fds" { record_waits many; }

@test "epoll: data of all kinds, and fds that come and go" { record_waits epoll; }

@test "a recording of one mechanism has waits on that alone" {
	"$ipctrace" record -q -m pipe -- "$ready" several
	same "pipe" "$(q "SELECT DISTINCT mechanism FROM ready")"
	[ "$(waits | grep -c .)" = 7 ]
	rm ipctrace.db
	"$ipctrace" record -q -m pipe -- "$ready" calls tcp
	[ "$(q "SELECT count(*) FROM ops WHERE ready IS NOT NULL OR syscall LIKE 'epoll%'")" = 0 ]
	nothing_lost
}

@test "waits that never returned are ops on what they asked for" {
	record_waits killed
	same "7 0" "$(q "SELECT count(*), sum(finished) FROM ops WHERE ready IS NOT NULL")"
	[ "$(q "SELECT sum(timeouts) FROM latency")" = 0 ]
}

@test "a poll that is stopped and goes on is one op" {
	record_waits stopped
	[ "$(q "SELECT count(*) FROM ops WHERE ready = 1 AND finished AND error IS NULL")" = 1 ]
}

@test "a message that is taken after a wait has its waking from there" {
	for call in poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2; do
		rm -f ipctrace.db
		record_waits woken $call
		same "$call 1 1" "$(q "SELECT w.syscall, m.in_runq_ns = w.ran_ns - w.woken_ns,
				w.woken_ns >= m.sent_ns
			FROM messages m JOIN ops w ON w.op_id = m.wait_op")"
		# the second receive slept itself
		same "1 1" "$(q "SELECT m.in_runq_ns = r.ran_ns - r.woken_ns, r.woken_ns >= m.sent_ns
			FROM messages m JOIN ops r ON r.op_id = m.recv_op
			WHERE m.wait_op IS NULL AND r.syscall = 'read'")"
		[ "$(q "SELECT count(*) FROM messages WHERE transit_ns
			!= in_send_ns + in_object_ns + in_runq_ns + in_recv_ns")" = 0 ]
	done
}

# The server's waits are those that it says it had; those that slept lent their waking to a receive.
serve() {
	"$ipctrace" record -q -- "$ready" server "$1" >truth.txt
	same "$(cat truth.txt)" "$(waits)"
	same "$(awk '{ n += NF - 1 } END { print n }' truth.txt)" "$(q "SELECT count(*) FROM ready")"
	[ "$(q "SELECT count(*) FROM messages m JOIN ops r ON r.op_id = m.recv_op
		WHERE m.wait_op AND NOT EXISTS (SELECT 1 FROM ready y
			WHERE y.op_id = m.wait_op AND y.object_id = m.object_id AND y.fd = r.fd)")" = 0 ]
	nothing_lost
}

@test "an epoll server with a hundred UNIX clients" { serve unix; }
@test "an epoll server with a hundred TCP clients" { serve tcp; }

@test "a server that nobody here wrote: its waits are those that strace counts" {
	command -v redis-server >/dev/null || skip "redis-server is not installed"
	command -v strace >/dev/null || skip "strace is not installed"
	local port=$((20011 + BASHPID % 10007))
	cat >serve.sh <<-END
		redis-server --port $port --unixsocket redis.sock --save "" --appendonly no >redis.log &
		until redis-cli -s redis.sock ping >ping.log 2>&1; do :; done
		redis-benchmark -s redis.sock -q -n 500 -c 7 -t set,get >bench.log
		redis-benchmark -p $port -q -n 500 -c 7 -t set,get >>bench.log
		redis-cli -s redis.sock shutdown nosave
		wait
	END
	"$ipctrace" record -q -- strace -f -qq -e trace=epoll_wait,epoll_pwait,epoll_ctl -o calls.txt \
		sh serve.sh
	same "$(grep -oE ' epoll_[a-z]+\(' calls.txt | sort | uniq -c | awk '{ print substr($2, 1, length($2) - 1), $1 }')" \
		"$(q "SELECT syscall, count(*) FROM ops WHERE syscall LIKE 'epoll%' GROUP BY 1 ORDER BY 1")"
	# each event that a wait gave is a row
	same "$(grep -E 'epoll_p?wait' calls.txt | grep -oE '= [0-9]+$' | awk '{ n += $2 } END { print n }')" \
		"$(q "SELECT count(*) FROM ready JOIN ops USING (op_id) WHERE syscall LIKE 'epoll%'")"
	same "tcp unix_stream" "$(q "SELECT group_concat(mechanism, ' ') FROM
		(SELECT DISTINCT mechanism FROM messages WHERE wait_op ORDER BY 1)")"
	nothing_lost
}
