#!/usr/bin/env bats
# ipctrace-workload on every mechanism beyond pipes and FIFOs: its truth against strace, its checks,
# the system's limits, what it leaves behind.

# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

load workload

# against_strace "MECHANISM..." "PATTERN..." [OPTION...]: in every variant.
against_strace() {
	local mechanisms=$1 patterns=$2 mechanism variant pattern
	shift 2
	for mechanism in $mechanisms; do
		for variant in $(variants "$mechanism"); do
			for pattern in $patterns; do
				same_as_strace "$mechanism" --variant "$variant" \
					--pattern "$pattern" --messages 23 "$@"
			done
		done
	done
}

four="pingpong stream fanin fanout"

@test "the workload knows every mechanism" {
	sed -n 's/^MECHANISM([A-Z_]*, "\([a-z_]*\)".*/\1/p' \
		"$BATS_TEST_DIRNAME/../../schemas/mechanisms.def" | sort >all.txt
	mechanisms | sort >known.txt
	[ "$(wc -l <all.txt)" -ge 20 ]
	diff all.txt known.txt
}

@test "queues: counts and bytes are those of strace" {
	need_strace
	against_strace "posix_mq sysv_mq" "$four self"
	against_strace "posix_mq sysv_mq" fanin --size 4096
}

@test "UNIX sockets: counts and bytes are those of strace" {
	need_strace
	against_strace "unix_stream unix_dgram unix_seqpacket" "$four duplex self"
	against_strace unix_stream "stream duplex" --size 300007
}

@test "TCP and UDP: counts and bytes are those of strace" {
	need_strace
	against_strace "tcp udp" "$four duplex self"
	against_strace tcp "stream duplex" --size 300007
}

@test "eventfd, signal, futex, sysv_sem: counts and bytes are those of strace" {
	need_strace
	against_strace "eventfd futex sysv_sem" "$four self"
	against_strace signal "$four"
	against_strace eventfd "stream pingpong" --size 5
}

@test "shared memory: counts and bytes are those of strace, also of what peers wait by" {
	need_strace
	against_strace "sysv_shm posix_shm memfd mmap_file mmap_anon" "pingpong fanin"
	against_strace "memfd mmap_anon" "stream fanout self"
}

@test "pty and process_vm: counts and bytes are those of strace" {
	need_strace
	against_strace "pty process_vm" "$four self"
	against_strace pty "duplex stream" --size 10007
}

@test "threads as peers: counts and bytes are those of strace" {
	need_strace
	for mechanism in posix_mq sysv_mq unix_stream unix_dgram unix_seqpacket tcp udp eventfd futex \
		sysv_sem sysv_shm posix_shm memfd mmap_file mmap_anon pty process_vm; do
		for pattern in pingpong fanin fanout; do
			same_as_strace $mechanism --pattern $pattern --peers threads --messages 23
		done
	done
	same_as_strace tcp --variant v6 --pattern duplex --peers threads --messages 23
	same_as_strace mmap_file --variant eventfd --pattern fanout --peers threads --messages 23
}

@test "poll and spin: counts and bytes are those of strace" {
	need_strace
	for wait in poll spin; do
		for mechanism in pipe fifo posix_mq unix_stream unix_dgram unix_seqpacket tcp udp \
			eventfd pty; do
			for pattern in pingpong fanin; do
				same_as_strace $mechanism --pattern $pattern --wait $wait --messages 23
				grep -x "# wait $wait" truth.txt
			done
		done
		for mechanism in unix_stream tcp udp pty; do
			same_as_strace $mechanism --pattern duplex --wait $wait --messages 23
		done
		same_as_strace signal --variant signalfd --pattern pingpong --wait $wait --messages 23
	done
	for mechanism in sysv_mq sysv_sem sysv_shm process_vm; do
		same_as_strace $mechanism --pattern pingpong --wait spin --messages 23
	done
	same_as_strace signal --wait spin --messages 23
	# each receive has a poll before it
	"$workload" unix_seqpacket --wait poll >truth.txt
	grep -x "unix_seqpacket wait 1010 0" truth.txt
	grep -x "unix_seqpacket recv 1010 61549" truth.txt
}

@test "spinning on shared memory takes no calls" {
	for mechanism in sysv_shm posix_shm memfd mmap_file mmap_anon; do
		"$workload" $mechanism --pattern pingpong --wait spin >truth.txt
		run ! grep -E '^(futex|eventfd|sysv_sem) ' truth.txt
		grep -x "# passed 2018 123098" truth.txt
	done
}

@test "hang: the peers are killed in their calls, which are counted as unfinished" {
	need_strace
	for mechanism in posix_mq sysv_mq unix_stream unix_dgram tcp udp eventfd signal futex sysv_sem \
		posix_shm mmap_anon pty; do
		same_as_strace $mechanism --pattern hang --messages 20
		grep -E '^# unfinished-(recv|wait) 1$' truth.txt
	done
	run --separate-stderr "$workload" mmap_anon --pattern hang --wait spin
	[ "$status" -eq 2 ]
	[[ $stderr == *"never sleeps"* ]]
}

@test "messages of every size arrive as they were sent" {
	for mechanism in posix_mq sysv_mq sysv_shm posix_shm memfd mmap_file mmap_anon unix_stream \
		unix_dgram unix_seqpacket tcp udp pty process_vm; do
		for size in 1 17 1021 2048; do
			for pattern in pingpong fanin; do
				"$workload" $mechanism --pattern $pattern --size $size --messages 31 >truth.txt
				grep -x "# message-size $size" truth.txt
			done
		done
	done
	for mechanism in sysv_shm posix_shm memfd mmap_file mmap_anon unix_stream tcp process_vm; do
		"$workload" $mechanism --size 1000003 --messages 7 >truth.txt
		grep -E '^# passed [0-9]+ 7000021$' truth.txt
	done
	for mechanism in unix_dgram unix_seqpacket udp; do
		"$workload" $mechanism --size 65507 --messages 101 >truth.txt
		grep -x "$mechanism message 101 6616207" truth.txt
	done
}

@test "every run of the same options counts the same, where that is promised" {
	for options in "posix_mq --variant priorities --pattern fanin" "sysv_mq --variant types" \
		"unix_dgram --pattern fanin" "unix_seqpacket --pattern fanout" "udp --pattern pingpong" \
		"unix_stream --variant msg" "sysv_sem --pattern fanin" "memfd --variant sysv_sem"; do
		for i in 1 2 3; do
			# shellcheck disable=SC2086 # several words
			"$workload" $options >truth.txt
			grep -v -e '^# peer-' -e '^# rtt-' truth.txt >run$i.txt
			[ -s run$i.txt ]
			diff run1.txt run$i.txt
		done
	done
}

@test "the truth has the numbers that the options call for" {
	"$workload" posix_mq --pattern fanin --threads 7 >truth.txt
	grep -x "posix_mq create 1 0" truth.txt
	grep -x "posix_mq open 8 0" truth.txt
	grep -x "posix_mq send 7063 430843" truth.txt
	grep -x "posix_mq message 7063 430843" truth.txt
	"$workload" tcp --pattern duplex >truth.txt
	grep -x "tcp send 2018 123098" truth.txt
	grep -x "tcp control 3 0" truth.txt # bind, listen, and the shutdown of who hangs up first
	grep -x "# objects 1" truth.txt
	"$workload" sysv_sem --pattern pingpong >truth.txt
	grep -x "sysv_sem wait 2018 0" truth.txt
	grep -x "sysv_sem wake 2018 0" truth.txt
	grep -x "sysv_sem message 2018 0" truth.txt
	grep -x "# message-size 0" truth.txt
	"$workload" eventfd --pattern pingpong --size 3 >truth.txt
	grep -x "eventfd send 2018 16144" truth.txt
	grep -x "eventfd message 2018 0" truth.txt
	"$workload" eventfd --variant semaphore --size 3 >truth.txt
	grep -x "eventfd recv 3027 24216" truth.txt
	"$workload" memfd --variant passed >truth.txt
	grep -x "unix_stream message 2 2" truth.txt
	# the fd's two messages, and none of the memory: no call moves bytes there
	run ! grep "^memfd message" truth.txt
	"$workload" posix_shm --variant posix_sem >truth.txt
	grep -x "# uncounted futex" truth.txt
}

@test "a futex message is a sleeper that was woken" {
	need_strace
	traced -y -v -s 0 -o calls.txt "$workload" futex --pattern pingpong --messages 101 >truth.txt
	slept=$(grep -cE 'FUTEX_WAIT, .*= 0$|<\.\.\. futex resumed>\) += 0$' calls.txt)
	woke=$(awk '/FUTEX_WAKE/ || /futex resumed/ { if (/= 1$/) n++ } END { print n + 0 }' calls.txt)
	[ "$woke" -gt 0 ]
	grep -x "futex message $woke 0" truth.txt
	[ "$slept" -ge "$woke" ]
}

@test "a message that is lost or changed is found" {
	need_strace
	wrong() {
		local inject=$1 says=$2
		shift 2
		run --separate-stderr traced -o calls.txt -e "inject=$inject" "$workload" "$@"
		[ "$status" -eq 1 ] || { echo "not found: $*"; return 1; }
		[ -z "$output" ]
		[[ $stderr == *"$says"* ]] || { echo "$stderr"; return 1; }
	}
	# a send that never happened although it says so
	wrong sendto:retval=61:when=5 "expected message 4 of sender 0, got one that says: message 5" \
		unix_seqpacket
	wrong mq_timedsend:retval=0:when=5 "expected message 4 of sender 0" posix_mq
	wrong msgsnd:retval=0:when=5 "of sender 0 before all others" sysv_mq --variant types
	# a receive that left the buffer alone
	wrong recvfrom:retval=61:when=9 "expected message 8 of sender 0" tcp
	wrong recvmsg:retval=61:when=9 "expected message 8 of sender 0" udp --variant msg
	wrong mq_timedreceive:retval=61:when=9 "receiver 0" posix_mq --variant priorities
	wrong msgrcv:retval=61:when=9 "expected message 8 of sender 0" sysv_mq
	wrong process_vm_writev:retval=61:when=3 "expected message 2 of sender 0" process_vm
	wrong process_vm_readv:retval=60:when=3 "only 60 of 61 bytes" process_vm --variant read
	# failures
	wrong mq_open:error=ENOSPC "fs.mqueue.queues_max" posix_mq
	wrong semget:error=ENOSPC "kernel.sem" sysv_sem
	wrong shmat:error=ENOMEM "cannot make sysv_shm 0: Cannot allocate memory" sysv_shm
}

@test "limits are errors that say what sets them" {
	refused() {
		local says=$1
		shift
		run --separate-stderr "$workload" "$@"
		[ "$status" -eq 1 ]
		[ -z "$output" ]
		[[ $stderr == *"$says"* ]] || { echo "$stderr"; return 1; }
	}
	max=$(cat /proc/sys/fs/mqueue/msgsize_max)
	refused "over the limit of $max; sysctl fs.mqueue.msgsize_max" posix_mq --size $((max + 1))
	max=$(cat /proc/sys/kernel/msgmax)
	refused "over the limit of $max; sysctl kernel.msgmax" sysv_mq --size $((max + 1))
	refused "over the limit of a datagram, 65507" udp --size 65508
	refused "over the limit of a datagram, 65527" udp --size 65528 --variant v6
	max=$(cat /proc/sys/net/core/wmem_max)
	refused "net.core.wmem_max" unix_dgram --size $((2 * max + 1))
	refused "net.core.wmem_max" unix_seqpacket --size $((2 * max + 1)) --variant named
	(ulimit -q 1000 && refused "RLIMIT_MSGQUEUE" posix_mq)
	TMPDIR=$BATS_TEST_TMPDIR/$(printf 'x%.0s' {1..100})
	mkdir "$TMPDIR"
	refused "TMPDIR is too long" unix_stream --variant named
}

@test "what makes no sense is refused and says why" {
	wrong() {
		local what=$1
		shift
		run --separate-stderr "$workload" "$@"
		[ "$status" -eq 2 ]
		[[ ${stderr//$'\n'/ } == *"$what"* ]] || { echo "$stderr"; return 1; }
	}
	wrong "a semaphore carries nothing" sysv_sem --size 8
	wrong "a futex carries nothing" futex --size 8
	wrong "a signal carries" signal --size 8
	wrong "between processes" signal --peers threads
	wrong "between processes" signal --pattern self
	wrong "cannot wait by 'poll'" sysv_mq --wait poll
	wrong "cannot wait by 'poll'" mmap_anon --wait poll
	wrong "cannot wait by 'spin'" futex --wait spin
	wrong "--receive-size cannot be less" udp --receive-size 60
	wrong "at least 16 bytes" posix_mq --variant priorities --size 15
	wrong "not atomic" tcp --pattern fanin --size 5000
	wrong "no object with two directions" posix_mq --pattern duplex
}

# left PID: what the system still has of a run. Others make and remove such things at the same time,
# so names are looked up, not listed.
left() {
	local pid=$1 key name
	key=$(printf '0x%08x' $(((0x49570000 + (pid << 8)) & 0xffffffff)))
	ipcs -q -m -s | grep "^$key"
	for name in /dev/shm/ipctrace-workload.$pid.0 queues/ipctrace-workload.$pid.0; do
		[ ! -e "$name" ] || echo "$name"
	done
	find "$BATS_TEST_TMPDIR" -xdev -name 'ipctrace-workload.*'
}

# Start a workload that hangs, and wait until its peers are there.
start_hanging() {
	"$workload" "$@" --pattern hang --messages 60000 >truth.txt 2>said.txt 3>&- &
	pid=$!
	for i in $(seq 500); do
		[ "$(pgrep -c -P $pid)" -eq 2 ] && [ -n "$(left $pid)" ] && break
		sleep 0.01
	done
	peers=$(pgrep -P $pid) || { echo "no peers: $* $(<said.txt)"; return 1; }
}

@test "nothing is left behind, whoever is killed" {
	# Only root can look at the queues.
	if mkdir queues && mount -t mqueue none queues 2>/dev/null; then
		queues=posix_mq
	else
		rmdir queues
	fi
	for options in $queues sysv_mq sysv_shm posix_shm mmap_file sysv_sem unix_stream+--variant+named \
		unix_dgram+--variant+named memfd+--variant+sysv_sem mmap_anon+--variant+sysv_sem; do
		for victim in nobody supervisor peer; do
			# shellcheck disable=SC2086 # several words
			start_hanging ${options//+/ }
			[ -n "$(left $pid)" ] || { echo "$options: $(<said.txt) $(ipcs)"; return 1; }
			status=0
			case $victim in
			nobody) kill -INT $pid ;;
			supervisor) kill -TERM $pid ;;
			peer) kill -KILL "${peers%%$'\n'*}" ;;
			esac
			wait $pid || status=$?
			[ "$status" -ne 0 ]
			run left $pid
			[ -z "$output" ] || { echo "$options $victim: $output"; return 1; }
			for peer in $peers; do
				run ! kill -0 "$peer"
			done
		done
	done
}

@test "the log says who received what from whom" {
	"$workload" unix_dgram --variant named --pattern fanin --threads 5 --messages 101 --log got.txt \
		>truth.txt
	[ "$(wc -l <got.txt)" -eq 505 ]
	receiver=$(sed -n 's/^# peer-receiver-0 //p' truth.txt)
	# receives 0, 1, 2 ... of the one receiver, and each sender's messages in order
	awk -v receiver="$receiver" '$1 != receiver || $2 != NR - 1 || $5 != 61 || $4 != next_of[$3]++ \
		{ print "line " NR ": " $0; bad = 1 } END { exit bad }' got.txt
	diff <(sed -n 's/^# peer-sender-[0-9] //p' truth.txt | sort) \
		<(cut -d' ' -f3 got.txt | sort -u)
	# messages that came out of order are told in the order in which they came
	"$workload" posix_mq --variant priorities --messages 101 --log got.txt >truth.txt
	[ "$(cut -d' ' -f4 got.txt | sort -n | tr '\n' ' ')" = "$(seq -s' ' 0 100) " ]
	# whatever receives there are in between
	"$workload" tcp --pattern pingpong --receive-size 17 --messages 11 --log got.txt >truth.txt
	[ "$(wc -l <got.txt)" -eq 22 ]
	[ "$(cut -d' ' -f2 got.txt | sort -n | tail -1)" -ge 43 ]
	run --separate-stderr "$workload" pipe --log /nowhere/at.all
	[ "$status" -eq 1 ]
	[[ $stderr == *"cannot open '/nowhere/at.all'"* ]]
}

@test "pingpong prints the round trips that it measured" {
	for mechanism in pipe posix_shm signal; do
		"$workload" $mechanism --pattern pingpong >truth.txt
		grep -x "# round-trips 1009" truth.txt
		awk '/^# rtt-p/ { if ($3 < last) exit 1; last = $3; n++ }
			/^# rtt-max-ns/ { if ($3 < last) exit 1; n++ }
			END { exit n != 4 || last == 0 }' truth.txt
	done
	"$workload" pipe >truth.txt
	run ! grep rtt truth.txt
}

@test "peers run on the CPUs that --pin chose" {
	need_strace
	read -ra cpus <<<"$(awk '/^Cpus_allowed_list/ { n = split($2, part, ",")
		for (i = 1; i <= n; i++) { split(part[i], r, "-"); for (c = r[1]; c <= (r[2] == "" ? r[1] : r[2]); c++) printf "%d ", c } }' \
		/proc/self/status)"
	traced -e trace=sched_setaffinity -o calls.txt "$workload" pipe --pin same >truth.txt
	grep -x "# pin same ${cpus[0]}" truth.txt
	[ "$(grep -c "sched_setaffinity(.*\[${cpus[0]}\]" calls.txt)" -eq 2 ]
	if [ "${#cpus[@]}" -gt 1 ]; then
		traced -e trace=sched_setaffinity -o calls.txt "$workload" tcp --pattern fanin --pin cross \
			>truth.txt
		grep -x "# pin cross ${cpus[0]} ${cpus[1]}" truth.txt
		[ "$(grep -c "sched_setaffinity(.*\[${cpus[0]}\]" calls.txt)" -eq 2 ]
		[ "$(grep -c "sched_setaffinity(.*\[${cpus[1]}\]" calls.txt)" -eq 2 ]
	fi
	run --separate-stderr taskset -c "${cpus[0]}" "$workload" pipe --pin cross
	[ "$status" -eq 1 ]
	[[ $stderr == *"--pin cross needs two CPUs"* ]]
}
