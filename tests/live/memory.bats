#!/usr/bin/env bats
# Shared memory and futexes, by the scenes of memory.c and by programs of others.

load common

memory=$bin/test-memory
mechanisms="('sysv_shm', 'posix_shm', 'memfd', 'mmap_file', 'mmap_anon')"

# Segments outlive the programs that make them, also those of a test that has failed.
teardown() {
	umount merged 2>/dev/null || true
	rm -f /dev/shm/ipctrace-* /dev/shm/sem.ipctrace-*
	type -P ipcs >/dev/null || return 0
	ipcs -m | awk '$1 ~ /^0x001b2c3[def]$/ { print $2 }' | xargs -r -n 1 ipcrm -m
}

record() {
	"$ipctrace" record -q --capture run.cap -- "$@" >truth.txt
	nothing_lost
	# the capture gives the same file
	rm -f again.db
	"$ipctrace" replay run.cap -o again.db
	same "$(sqlite3 ipctrace.db .dump)" "$(sqlite3 again.db .dump)"
}

# record_scene NAME [MECHANISMS]: all calls that the scene says it made, and no others.
record_scene() {
	record "$memory" "$1"
	same "$(sort truth.txt)" "$(q "SELECT syscall, role, count(*) FROM ops
		WHERE mechanism IN ${2:-$mechanisms} GROUP BY 1, 2" | sort)"
}

# Who maps what, how and for how long; in pages, and without addresses.
mappings() {
	q "SELECT comm, length / 4096, file_offset / 4096, protection, how,
			CASE WHEN unmapped_ns IS NULL THEN 'lasts' ELSE 'ends' END
		FROM mappings ORDER BY mapping_id"
}

# Edges by the order of processes: sender receiver messages bytes.
edges() {
	q "SELECT sender_id, receiver_id, kind, messages, bytes, transit_p50_ns IS NULL FROM edges
		WHERE mechanism IN ${1:-$mechanisms} ORDER BY 1, 2"
}

@test "posix_shm: made, mapped, read and written, removed" {
	record_scene posix
	same "/dev/shm/ipctrace-memory 20480 1 0 1 3 2
/dev/shm/ipctrace-memory-none - - 0 - 0 0" \
		"$(q "SELECT name, ifnull(capacity, '-'), ifnull(creator_id, '-'), left_behind,
			ifnull(created_ns < closed_ns, '-'), sent_bytes, received_bytes
			FROM objects ORDER BY 1")"
	same "1 0 r-- mprotect ends
1 0 rw- mmap ends
2 1 rw- mmap ends
3 0 r-- mmap ends
3 0 rw- fork lasts" "$(mappings | cut -d' ' -f2- | sort)"
	same "EEXIST
ENOENT
ENOENT" "$(q "SELECT error FROM ops WHERE error IS NOT NULL ORDER BY 1")"
}

@test "sysv_shm: by key, removed while it is attached, gone when it is detached" {
	record_scene sysv
	same "key 0x001b2c3d 12288 1 0 1" "$(q "SELECT name, capacity, creator_id, left_behind,
		closed_ns > created_ns FROM objects WHERE kernel_id IS NOT NULL")"
	# detached after it was removed
	[ "$(q "SELECT count(*) FROM objects, ops WHERE syscall = 'shmctl' AND ts_ns > closed_ns")" = 0 ]
	same "3 rw- shmat
3 rw- fork
3 r-- shmat" "$(q "SELECT length / 4096, protection, how FROM mappings ORDER BY mapping_id")"
	same "EINVAL
ENOENT" "$(q "SELECT error FROM ops WHERE error IS NOT NULL ORDER BY 1")"
	# two of three pages, one by each; and the first one by the other
	same "0 2
1 0" "$(q "SELECT reads, writes FROM touches ORDER BY process_id")"
}

@test "memfd: sealed, and handed on" {
	record_scene memfd
	same "memfd:a buffer 8192 1 1" \
		"$(q "SELECT name, capacity, creator_id, closed_ns > created_ns FROM objects")"
	[ "$(q "SELECT count(*) FROM ops WHERE syscall = 'fcntl' AND error IS NULL")" = 1 ]
	[ "$(q "SELECT group_concat(error) FROM ops WHERE error IS NOT NULL")" = EPERM ]
	# what the one wrote and then unmapped, the other reads later
	same "1 2 shared 0 0 1" "$(edges)"
}

@test "mmap_file: a range of a file, and nothing that is private" {
	record_scene file
	same "$PWD/memory.file 16384" "$(q "SELECT name, capacity FROM objects")"
	same "2 1 rw- mmap ends
2 1 rw- fork lasts
1 2 r-- mmap ends" "$(mappings | cut -d' ' -f2-)"
	same "1 2 shared 0 0 1
2 1 shared 0 0 1" "$(edges)"
}

@test "mmap_file: on an overlay, where a mapping is of the file below" {
	mkdir lower upper work merged
	mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none merged 2>why.txt ||
		skip "no overlay here: $(head -1 why.txt)"
	"$ipctrace" record -q -- sh -c 'cd merged && exec "$0" file' "$memory" >truth.txt
	umount merged
	same "$(sort truth.txt)" "$(q "SELECT syscall, role, count(*) FROM ops
		WHERE mechanism IN $mechanisms GROUP BY 1, 2" | sort)"
	same "$PWD/merged/memory.file" "$(q "SELECT name FROM objects WHERE mechanism = 'mmap_file'")"
}

@test "mmap_anon: inherited at fork" {
	record_scene anon
	same "mmap_anon 8192 1 1
mmap_anon 4096 1 1" "$(q "SELECT mechanism, capacity, created_ns > 0, name LIKE 'mmap_anon:[%]'
		FROM objects ORDER BY object_id")"
	same "1 2 shared 0 0 1
1 2 shared 0 0 1
1 3 shared 0 0 1
1 3 shared 0 0 1
2 1 shared 0 0 1
2 1 shared 0 0 1
2 3 shared 0 0 1
2 3 shared 0 0 1
3 1 shared 0 0 1
3 1 shared 0 0 1" "$(edges)"
	# both wrote to one object each, and had both
	same "1 0
0 1" "$(q "SELECT sum(object_id = 1), sum(object_id = 2) FROM touches
		WHERE process_id IN (2, 3) AND writes GROUP BY process_id ORDER BY process_id")"
}

@test "parts of a mapping: unmapped, protected, not inherited, moved" {
	record_scene parts
	same "1 0-1 rw- mmap ends
1 1-2 rw- mmap lasts
1 2-3 rw- mmap ends
1 3-4 rw- mmap lasts
1 4-5 rw- mmap ends
1 5-6 rw- mmap lasts
1 6-7 rw- mmap lasts
1 7-10 rw- mmap ends
1 4-5 r-- mprotect lasts
1 0-1 rw- mremap lasts
1 7-9 rw- mremap lasts
2 0-2 rw- fork lasts
2 3-4 rw- fork lasts
2 5-6 rw- fork lasts
2 7-9 rw- fork lasts
2 9-10 rw- fork ends
2 4-5 r-- fork lasts" "$(q "SELECT process_id,
			(file_offset / 4096) || '-' || ((file_offset + length) / 4096), protection, how,
			CASE WHEN unmapped_ns IS NULL THEN 'lasts' ELSE 'ends' END
		FROM mappings ORDER BY process_id, how = 'mremap', protection DESC, how DESC,
			file_offset")"
}

@test "one call over several objects, holes and private memory" {
	record_scene ranges
	[ "$(q "SELECT count(*) FROM mappings WHERE unmapped_ns")" = 3 ]
	[ "$(q "SELECT count(*) FROM objects WHERE closed_ns")" = 3 ]
}

@test "an object that outlives exec, and one that does not" {
	record "$memory" exec
	same "memfd:over exec 2 1
mmap_anon 1 1" "$(q "SELECT CASE mechanism WHEN 'memfd' THEN o.name ELSE mechanism END, count(*),
			sum(unmapped_ns IS NOT NULL)
		FROM mapping JOIN objects o USING (object_id) GROUP BY o.object_id")"
	# the one was over at the exec, the other at the end
	[ "$(q "SELECT o.closed_ns < p.exit_ns - 10000000 FROM objects o, processes p
		WHERE mechanism = 'mmap_anon'")" = 1 ]
	[ "$(q "SELECT o.closed_ns = p.exit_ns FROM objects o, processes p
		WHERE mechanism = 'memfd'")" = 1 ]
}

@test "an inode number that is used again is another object" {
	record "$memory" inode-reuse
	same "5 5" "$(q "SELECT count(*), sum(closed_ns > 0) FROM objects")"
	echo "# inode numbers: $(q "SELECT count(DISTINCT kernel_id) FROM objects")" >&3
}

@test "a name or a key that is used again is another object" {
	record "$memory" name-reuse
	same "posix_shm 3 4096,8192,12288
sysv_shm 3 4096,8192,12288" "$(q "SELECT mechanism, count(*), group_concat(capacity) FROM
		(SELECT * FROM objects ORDER BY object_id) WHERE left_behind = 0 GROUP BY 1")"
}

@test "an object that outlives its maker" {
	record "$memory" outlive
	# from who could write to those who read later, and not between these
	same "2 3 shared 0 0 1
2 4 shared 0 0 1" "$(edges)"
	[ "$(q "SELECT count(*) FROM edges e, processes p
		WHERE p.process_id = 2 AND e.first_ns > p.exit_ns")" = 2 ]
	same "2 0" "$(q "SELECT creator_id, left_behind FROM objects")"
}

@test "what is left behind is marked" {
	record "$memory" left
	same "/dev/shm/ipctrace-gone 0
/dev/shm/ipctrace-left 1
key 0x001b2c3f 1" "$(q "SELECT name, left_behind FROM objects WHERE name NOT LIKE 'id %' ORDER BY 1")"
	[ "$(q "SELECT left_behind FROM objects WHERE name LIKE 'id %'")" = 0 ]
}

@test "who can only read shares nothing" {
	record "$memory" readonly
	same "1 r-- mmap
2 r-- fork
2 r-- mmap" "$(q "SELECT process_id, protection, how FROM mappings ORDER BY mapping_id")"
	same "$PWD/memory.read" "$(q "SELECT name FROM objects")"
	[ "$(q "SELECT count(*) FROM edges")" = 0 ]
}

@test "first touches, page by page" {
	record "$memory" touch
	same "1 3 9
2 1 5" "$(q "SELECT process_id, reads, writes FROM touches ORDER BY 1")"
}

@test "private mappings, libraries and programs are no shared memory" {
	record sh -c 'ls -l / | sort; (cat /proc/self/maps; true)'
	[ "$(q "SELECT count(*) FROM mappings")" = 0 ]
	[ "$(q "SELECT count(*) FROM ops WHERE mechanism IN $mechanisms OR mechanism = 'futex'")" = 0 ]
	if type -P python3 >/dev/null; then
		record python3 -c 'import threading; t = threading.Thread(); t.start(); t.join()'
		[ "$(q "SELECT count(*) FROM mappings")" = 0 ]
		[ "$(q "SELECT count(*) FROM ops WHERE mechanism = 'futex'")" = 0 ]
	fi
}

@test "a selection: what is not in it is not there" {
	"$ipctrace" record -q -m posix_shm -- "$memory" memfd >/dev/null
	[ "$(q "SELECT count(*) FROM ops")" = 0 ]
	"$ipctrace" record -q -m memfd -- "$memory" memfd >/dev/null
	[ "$(q "SELECT count(*) FROM ops")" = 9 ]
	[ "$(q "SELECT count(*) FROM touches")" = 2 ]
	# the words of futexes are found in objects that are not watched
	"$ipctrace" record -q -m futex -- "$memory" herd >/dev/null
	same "wait 7
wake 4" "$(q "SELECT role, count(*) FROM ops GROUP BY 1")"
}

# What the processes of a scene of futexes did: all calls, and who woke whom.
record_futexes() {
	record "$memory" "$1"
	# a message is from the start of a wake to the end of a wait, and lies over their ends
	[ "$(q "SELECT count(*) FROM messages WHERE mechanism = 'futex' AND (transit_ns <= 0
		OR confidence != 'exact' OR bytes != 0)")" = 0 ]
}

woken() {
	q "SELECT sender_id, receiver_id, substr(object, instr(object, '+')), messages FROM edges
		WHERE mechanism = 'futex' ORDER BY 1, 2, 3"
}

@test "futex: who wakes whom, in a circle" {
	record_futexes chain
	same "1 2 +0x4 7
2 3 +0x8 7
3 4 +0xc 7
4 5 +0x10 7
5 1 +0x0 7" "$(woken)"
	[ "$(q "SELECT count(DISTINCT kind) FROM edges WHERE kind = 'sync' AND mechanism = 'futex'")" = 1 ]
}

@test "futex: one call wakes five; calls in vain have no message" {
	record_futexes herd
	same "$(sort truth.txt)" "$(q "SELECT syscall, role, count(*) FROM ops
		WHERE mechanism = 'futex' GROUP BY 1, 2" | sort)"
	same "5 1" "$(q "SELECT count(*), count(DISTINCT send_op) FROM messages")"
	same "EAGAIN
ETIMEDOUT" "$(q "SELECT error FROM ops WHERE error IS NOT NULL ORDER BY 1")"
}

@test "futex: bitsets, two words, from one word to another" {
	record_futexes commands
	same "$(sort truth.txt)" "$(q "SELECT syscall, role, count(*) FROM ops
		WHERE mechanism = 'futex' GROUP BY 1, 2" | sort)"
	same "4 3" "$(q "SELECT count(*), count(DISTINCT send_op) FROM messages")"
	# who woke the one that was moved did so at its new word
	[ "$(q "SELECT substr(o.name, instr(o.name, '+')) FROM messages m JOIN ops s ON s.op_id = m.send_op
		JOIN objects o ON o.object_id = s.object_id WHERE s.object_id != m.object_id
		AND o.name LIKE '%+0x14'")" = +0x14 ]
}

@test "futex: the calls of newer kernels" {
	"$memory" newer >/dev/null 2>&1 || skip "this kernel has no futex_waitv"
	record_futexes newer
	same "$(sort truth.txt)" "$(q "SELECT syscall, role, count(*) FROM ops
		WHERE mechanism = 'futex' GROUP BY 1, 2" | sort)"
	[ "$(q "SELECT count(*) FROM messages")" = "$(grep -c wait truth.txt)" ]
}

@test "futex: semaphores, by the memory that holds them" {
	record_futexes semaphores
	same "1 2 mmap_anon 11
2 1 /dev/shm/sem.ipctrace-sem+0x0 11" "$(q "SELECT sender_id, receiver_id,
			CASE WHEN object LIKE 'mmap_anon%' THEN 'mmap_anon' ELSE object END, messages
		FROM edges WHERE mechanism = 'futex' ORDER BY 1")"
}

@test "futex: a mutex and a condition variable of two processes" {
	record_futexes monitor
	[ "$(q "SELECT count(*) FROM objects WHERE mechanism = 'futex'
		AND name NOT LIKE '/dev/shm/ipctrace-monitor+0x10__'")" = 0 ]
	# each wait that was ended by a wake has its message
	same "$(q "SELECT count(*) FROM ops WHERE mechanism = 'futex' AND role = 'wait' AND error IS NULL")" \
		"$(q "SELECT count(*) FROM messages")"
	[ "$(q "SELECT count(*) > 100 FROM messages")" = 1 ]
}

@test "futex: private ones are not seen" {
	record_futexes private
	[ "$(q "SELECT count(*) FROM ops WHERE mechanism = 'futex'")" = 0 ]
	same "$(q "SELECT seen FROM ledger WHERE mechanism = 'futex'")" 0
}

# strace_counts CALL...: how often the traced program makes each, as strace prints it.
strace_counts() {
	awk -v calls="$*" '
		BEGIN { split(calls, want, " "); for (i in want) on[want[i]] = 1 }
		{ call = $2; sub(/\(.*/, "", call) }
		!(call in on) || /resumed>/ { next }
		call == "mmap" && !/MAP_SHARED/ { next }
		call == "futex" && /_PRIVATE/ { next }
		call ~ /^open/ && !/\/dev\/shm\// { next }
		call ~ /^(unlink|link)/ && !/\/dev\/shm\// { next }
		call == "ftruncate" && /<\/(tmp|work|root)/ { next }
		{ n[call]++ }
		END { for (call in n) print call, n[call] }' trace.txt | sort
}

@test "mappings that do not fit what is mapped stand out, those that do not" {
	found() {
		record "$memory" "$1"
		"$ipctrace" report --json | jq -r '.findings[] | [.kind, .text] | join(" ")' |
			sed "s/test-memory\[[0-9]*\]/memory/"
	}
	same "beyond_end memory mapped 256 KiB of memfd:short, which never had more than 4.00 KiB: a touch of the last 252 KiB is SIGBUS; and 1 more such" \
		"$(found beyond)"
	same "" "$(found grows)"
	same "4096 262144" "$(q "SELECT capacity, largest FROM objects")"
	same "part_pages 101 memfd objects of 61 B on average, made by memory and mapped, take 101 pages: 2 would hold all that is in them" \
		"$(found slivers | grep part_pages)"
	same "" "$(found pages | grep part_pages)"
}

@test "op counts are those of strace" {
	local calls="shmget shmat shmdt shmctl memfd_create ftruncate mmap link unlink openat futex"
	local list

	strace -o /dev/null true 2>/dev/null || skip "strace does not work here"
	list="'${calls// /\', \'}'"
	for scene in posix sysv memfd file anon parts semaphores herd commands name-reuse; do
		strace -f -y -o trace.txt -e trace="${calls// /,}" "$memory" $scene >/dev/null
		"$ipctrace" record -q -- "$memory" $scene >/dev/null
		same "$(strace_counts "$calls")" "$(q "SELECT syscall, count(*) FROM ops
			WHERE syscall IN ($list) AND role != 'unmap' OR syscall = 'shmdt'
			GROUP BY 1" | sort)"
		rm ipctrace.db
	done
}
