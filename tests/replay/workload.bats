#!/usr/bin/env bats
# ipctrace-workload says of itself what it did. Here strace says whether that is true, for every
# pattern and variant, and the content check is made to fail by calls that strace tampers with.

# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

load workload

# For each size in $1 and number of threads in $2.
matrix() {
	local sizes=$1 threads=$2 pattern=$3 mechanism variant size n
	for mechanism in pipe fifo; do
		for variant in plain vector splice dup; do
			for size in $sizes; do
				for n in $threads; do
					same_as_strace $mechanism --pattern "$pattern" \
						--variant $variant --size "$size" --threads "$n" \
						--messages 101
				done
			done
		done
	done
}

@test "pingpong: counts and bytes are those of strace" {
	need_strace
	matrix "1 61 4096 100003" 3 pingpong
}

@test "stream: counts and bytes are those of strace" {
	need_strace
	matrix "1 61 4096 100003" 3 stream
}

@test "fanin: counts and bytes are those of strace" {
	need_strace
	matrix "1 61 4096" "1 3 7" fanin
}

@test "fanout: counts and bytes are those of strace" {
	need_strace
	matrix "1 61 4096 100003" "1 3 7" fanout
}

@test "threads as peers, self and receive sizes: counts and bytes are those of strace" {
	need_strace
	for mechanism in pipe fifo; do
		for pattern in pingpong stream fanin fanout self hang; do
			same_as_strace $mechanism --pattern $pattern --peers threads --messages 101
		done
		for pattern in fanin fanout; do
			same_as_strace $mechanism --pattern $pattern --peers threads --variant dup
			same_as_strace $mechanism --pattern $pattern --peers threads --variant splice
		done
		same_as_strace $mechanism --pattern self --messages 101
		for n in 1 17 61 67 8191; do
			same_as_strace $mechanism --receive-size $n --messages 101
		done
	done
}

@test "the sums of strace -c are those of the truth" {
	need_strace
	calls() { awk -v call="$1" '$NF == call { n = $4 } END { print n + 0 }' "$2"; }
	said() { awk -v role="$1" '$2 == role { n = $3 } END { print n + 0 }' truth.txt; }
	# What the loader and a sanitizer do on their own.
	traced -c -o before.txt "$workload" --version >/dev/null
	for mechanism in pipe fifo; do
		for pattern in pingpong stream fanin fanout; do
			traced -c -o sums.txt "$workload" $mechanism --pattern $pattern >truth.txt
			# The truth itself takes one write, as the version does.
			for pair in read:recv write:send close:close openat:open; do
				grown=$(($(calls ${pair%:*} sums.txt) - $(calls ${pair%:*} before.txt)))
				[ "$grown" -eq "$(said ${pair#*:})" ]
			done
			[ $(($(calls pipe2 sums.txt) + $(calls mknodat sums.txt))) -eq "$(said create)" ]
		done
	done
}

@test "every run of the same options counts the same" {
	for mechanism in pipe fifo; do
		for pattern in pingpong stream fanin fanout; do
			for variant in plain vector splice dup; do
				for i in 1 2 3 4 5; do
					"$workload" $mechanism --pattern $pattern --variant $variant \
						>truth.txt
					grep -v -e '^# peer-' -e '^# rtt-' truth.txt >run$i.txt
					[ -s run$i.txt ]
					diff run1.txt run$i.txt
				done
			done
		done
	done
}

@test "the truth has the numbers that the options call for" {
	"$workload" pipe --pattern pingpong --messages 1009 --size 61 >truth.txt
	grep -x "pipe create 2 0" truth.txt
	grep -x "pipe send 2018 123098" truth.txt
	grep -x "pipe recv 2020 123098" truth.txt
	grep -x "pipe message 2018 123098" truth.txt
	grep -x "# single-writer-messages 2018" truth.txt
	"$workload" fifo --pattern fanin --threads 7 --messages 1009 --size 61 >truth.txt
	grep -x "fifo send 7063 430843" truth.txt
	grep -x "fifo open 8 0" truth.txt
	grep -x "fifo message 7063 430843" truth.txt
	grep -x "# single-writer-messages 0" truth.txt
	"$workload" pipe --pattern fanout --threads 7 --variant splice >truth.txt
	grep -x "# objects 14" truth.txt
	grep -x "pipe message 2018 123098" truth.txt
}

@test "messages of partial receives are counted by the bytes that they share" {
	# Lock step: 61 bytes by 17 are four receives, each a message.
	"$workload" pipe --pattern pingpong --receive-size 17 --messages 101 >truth.txt
	grep -x "pipe message 808 12322" truth.txt
	# Messages larger than a pipe: every byte is in one pair, in no fewer pairs than receives.
	"$workload" fifo --size 100003 --messages 101 --receive-size 1048576 >truth.txt
	[ "$(awk '$2 == "message" { print $4 }' truth.txt)" -eq 10100303 ]
	awk '$2 == "message" { pairs = $3 } $2 == "recv" { receives = $3 - 1 }
		END { exit pairs < receives || pairs < 101 || pairs >= receives + 101 }' truth.txt
}

@test "a message that is lost, changed or out of place is found" {
	need_strace
	# A write that never happened although it says so.
	run --separate-stderr traced -o calls.txt -e inject=write:retval=61:when=5 \
		"$workload" pipe
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"receiver 0: expected message 4 of sender 0, got one that says: message 5"* ]]
	# A read that says it took a message and left the buffer alone.
	run --separate-stderr traced -o calls.txt -e inject=readv:retval=61:when=9 \
		"$workload" fifo --variant vector
	[ "$status" -eq 1 ]
	[[ $stderr == *"receiver 0: expected message 8 of sender 0"* ]]
	# The last one missing.
	run --separate-stderr traced -o calls.txt -e inject=writev:retval=61:when=1009 \
		"$workload" pipe --variant vector
	[ "$status" -eq 1 ]
	[[ $stderr == *"message 1008 of sender 0 never came"* ]]
}

@test "calls that fail are counted, and one that a signal interrupted is made again" {
	need_strace
	traced -o calls.txt -e inject=writev:error=EINTR:when=5 \
		"$workload" pipe --variant vector >truth.txt
	grep -x "pipe send 1010 61549" truth.txt
	grep -x "pipe message 1009 61549" truth.txt
	run --separate-stderr traced -o calls.txt -e inject=writev:error=EIO:when=5 \
		"$workload" fifo --variant vector
	[ "$status" -eq 1 ]
	[[ $stderr == *"sender 0: cannot send: Input/output error"* ]]
	run --separate-stderr traced -o calls.txt -e inject=mknodat:error=ENOSPC \
		"$workload" fifo
	[ "$status" -eq 1 ]
	[[ $stderr == *"cannot make fifo 0: No space left on device"* ]]
}

@test "hang: the peers are killed in their calls, which are counted as unfinished" {
	for mechanism in pipe fifo; do
		"$workload" $mechanism --pattern hang --messages 20 >truth.txt
		grep -x "$mechanism recv 1 0" truth.txt
		grep -x "# unfinished-recv 1" truth.txt
		"$workload" $mechanism --pattern hang --messages 20 --variant splice >truth.txt
		grep -x "$mechanism recv 2 0" truth.txt
		grep -x "# unfinished-send 1" truth.txt
	done
}

@test "a signal ends all peers and removes the FIFOs" {
	for peers in processes threads; do
		"$workload" fifo --pattern hang --messages 60000 --peers $peers >truth.txt 3>&- &
		pid=$!
		for i in $(seq 500); do
			[ -n "$(find . -name fifo0)" ] && [ -n "$(pgrep -P $pid)" ] && break
			sleep 0.01
		done
		children=$(pgrep -P $pid)
		[ -n "$children" ]
		kill -TERM $pid
		status=0
		wait $pid || status=$?
		[ "$status" -eq 143 ]
		for child in $children; do
			run ! kill -0 "$child" # gone with it
		done
		[ -z "$(find . -name fifo0)" ]
	done
}

@test "wrong usage ends with 2 and says why" {
	wrong() {
		local what=$1
		shift
		run --separate-stderr "$workload" "$@"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $stderr == *"$what"* ]]
	}
	wrong "which mechanism?"
	wrong "no mechanism 'smoke'" smoke
	wrong "no pattern 'x'" pipe --pattern x
	wrong "pipe has no variant 'x'" pipe --variant x
	wrong "--peers must be" pipe --peers x
	wrong "--size must be a number from 1" pipe --size 0
	wrong "--messages must be a number" pipe --messages -1
	wrong "--messages must be a number" pipe --messages 7x
	wrong "--threads must be a number from 1 to 128" pipe --threads 129
	wrong "one mechanism at a time" pipe fifo
	wrong "not atomic" pipe --pattern fanin --size 4097
	wrong "no place for the relay" pipe --pattern self --variant splice
	wrong "unrecognized option" pipe --smoke
	wrong "--wait must be 'block', 'poll' or 'spin', not 'x'" pipe --wait x
	wrong "--pin must be" pipe --pin x
	wrong "pipe cannot wait by 'poll' with variant 'splice'" pipe --wait poll --variant splice
	wrong "pipe has no object with two directions" pipe --pattern duplex
}

@test "help ends with three examples" {
	"$workload" --help >help.txt
	[ "$(sed -n '/^Examples:/,$p' help.txt | grep -c '^  ')" -eq 3 ]
	run ! grep -E '.{80}' help.txt
}
