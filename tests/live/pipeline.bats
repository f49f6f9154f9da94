#!/usr/bin/env bats
# Programs that nobody here wrote.

load common

@test "a three-stage shell pipeline has exactly its edges, with the bytes of wc -c" {
	"$ipctrace" record -q -- sh -c 'seq 1 100000 | sort -r | sha256sum' >/dev/null
	bytes=$(seq 1 100000 | wc -c)
	same "seq sort pipe $bytes
sort sha256sum pipe $bytes" "$(q "SELECT sender, receiver, mechanism, bytes FROM edges ORDER BY first_ns")"
	[ "$(q "SELECT count(*) FROM messages WHERE confidence != 'exact'")" = 0 ]
	nothing_lost
	same "sh seq sort sha256sum" \
		"$(q "SELECT group_concat(comm, ' ') FROM (SELECT comm FROM processes WHERE traced ORDER BY start_ns)")"
}

@test "the text report of it says the same" {
	"$ipctrace" record -q -- sh -c 'seq 1 1000 | wc -l' >/dev/null
	run "$ipctrace" report
	[ "$status" = 0 ]
	[[ $output == *"seen = "*"stored + 0 lost"* ]]
	[[ $output == *"seq["*"wc["* ]]
}

@test "the first system call after exec is seen" {
	"$ipctrace" record -q -- dd if=/dev/stdin of=/dev/null bs=64 count=1 status=none < <(head -c 64 /dev/zero)
	[ "$(q "SELECT count(*) FROM ops WHERE syscall = 'read' AND bytes = 64")" = 1 ]
	# the recorder's own calls between fork and exec are not
	same "$(q "SELECT DISTINCT comm FROM ops")" dd
}

@test "an inherited pipe has an untraced other end" {
	seq 1 1000 >numbers
	# shellcheck disable=SC2002 # the pipe is the point
	cat numbers | "$ipctrace" record -q -- wc -c >/dev/null
	same "3893 1" "$(q "SELECT bytes, outside FROM objects WHERE mechanism = 'pipe'")"
	same "0 wc 3893 data" \
		"$(q "SELECT p.traced, receiver, bytes, kind FROM edges JOIN processes p ON p.process_id = sender_id
		      WHERE transit_p50_ns IS NULL")"
}

@test "the untraced reader of our output is named" {
	"$ipctrace" record -q -- sh -c 'sleep 0.2; seq 1 1000' | cat >/dev/null
	run q "SELECT sender, receiver_pid IS NOT NULL, bytes FROM edges"
	same "seq 1 3893" "$output"
}

@test "a FIFO that someone outside opens makes its messages no more than inferred" {
	mkfifo ours
	"$ipctrace" record -q -- sh -c 'exec 3<>ours; echo traced >&3; sleep 0.6; head -c 7 <&3 >/dev/null' &
	pid=$!
	sleep 0.4
	exec 4<>ours
	wait $pid
	exec 4>&-
	same inferred "$(q "SELECT DISTINCT confidence FROM messages")"
	[ "$(q "SELECT outside FROM objects WHERE mechanism = 'fifo'")" = 1 ]
}

@test "pids are those of the recorder's pid namespace" {
	unshare -p -f --mount-proc true 2>/dev/null || skip "no pid namespaces here"
	unshare -p -f --mount-proc "$ipctrace" record -q -- sh -c 'echo $$ >pid; true | true'
	same "$(cat pid)" "$(q "SELECT pid FROM processes WHERE parent_id IS NULL AND traced")"
	same "1" "$(q "SELECT ppid FROM processes WHERE parent_id IS NULL AND traced")"
	[ "$(q "SELECT max(pid) < 100 FROM processes WHERE traced")" = 1 ]
}

@test "a server and three clients that open FIFOs anew for each message" {
	cat >server.sh <<-'SH'
		mkfifo req a b c
		(while read -r who what; do echo "answer $what" >$who; done <req) &
		exec 9>req
		for who in a b c; do
		    (for i in 1 2 3 4 5 6 7; do echo "$who $i" >&9; until read -r x <$who; do :; done; done) &
		    clients="$clients $!"
		done
		wait $clients
		exec 9>&-
		wait
	SH
	"$ipctrace" record -q -m fifo -- bash server.sh
	nothing_lost
	# every byte is paired, and none was received before it was sent
	same "273 273 273" "$(q "SELECT sum(sent_bytes), sum(received_bytes), sum(bytes) FROM objects")"
	same 273 "$(q "SELECT sum(bytes) FROM messages WHERE transit_ns > 0")"
	[ "$(q "SELECT sum(outside) FROM objects")" = 0 ]
}

@test "make -j, whose job server is one pipe that all share" {
	command -v make >/dev/null || skip "make is not installed"
	printf 'all: a b c d e f g\n%%:\n\t@sleep 0.0$*; true\n' >Makefile
	sed -i 's/0\.0\$\*/0.01/' Makefile
	"$ipctrace" record -q -- make -j3 >/dev/null
	balanced
	[ "$(q "SELECT exit_status FROM processes WHERE comm = 'make' LIMIT 1")" = 0 ]
}

@test "Python multiprocessing over pipes" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	cat >pool.py <<-'PY'
		import os
		r, w = os.pipe()
		for n in range(17):
		    pid = os.fork()
		    if pid == 0:
		        os.write(w, b"x" * (n + 1))
		        os._exit(0)
		    os.waitpid(pid, 0)
		total = len(os.read(r, 65536))
		assert total == sum(range(1, 18))
	PY
	"$ipctrace" record -q -m pipe -- python3 pool.py
	nothing_lost
	# the interpreter's start may use pipes of its own
	same "17 17 153" "$(q "SELECT count(*), count(DISTINCT sender_pid), sum(bytes) FROM messages
		GROUP BY object_id ORDER BY count(DISTINCT sender_pid) DESC LIMIT 1")"
}
