#!/usr/bin/env bats
# `ipctrace report` on a recording in which every mechanism was used (every_mechanism.sql): each is
# in each output, with the right processes at both ends; what only wakes or shares claims no bytes;
# hostile names are text.

bats_require_minimum_version 1.5.0
load trace_file

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	trace_file t.db <"$BATS_TEST_DIRNAME/every_mechanism.sql"
	# The names, as mechanisms.def has them.
	grep -oE '^MECHANISM\([A-Z_]+, "[a-z_]+"' "$SOURCE_DIR/schemas/mechanisms.def" |
		cut -d '"' -f 2 >names
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	unset NO_COLOR
	export LC_ALL=C.UTF-8
}

report() {
	"$IPCT_BIN/ipctrace" report "$@"
}

sql() {
	sqlite3 -readonly t.db "$1"
}

tabs() {
	sqlite3 -readonly -tabs t.db "$1"
}

# csv_rows FILE COLUMN: that column of each row, read as CSV: a name may hold a line feed.
csv_rows() {
	python3 -c 'if True:
		import csv, sys
		for row in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")):
			print(repr(row[sys.argv[2]]).strip(chr(39)))' "$@"
}

# has LINE: it printed this line, whole.
has() {
	grep -qxF -- "$1" <<<"$output" || {
		printf 'no line "%s" in:\n%s\n' "$1" "$output"
		return 1
	}
}

# refute COMMAND...: it fails. (A line that begins with ! cannot fail a test.)
refute() {
	! "$@"
}

# section TITLE: its rows, blanks squeezed.
section() {
	sed -n "/^$1  /,/^\$/p" <<<"$output" | sed -e 's/^ *//' -e 's/  */ /g'
}

# The report on a terminal of so many columns.
on_terminal() {
	TERM=xterm NO_COLOR=1 script -qec "stty cols $1; '$IPCT_BIN/ipctrace' report t.db" /dev/null \
		</dev/null | tr -d '\r'
}

@test "the recording has all mechanisms" {
	diff names <(sql "SELECT name FROM mechanism ORDER BY mechanism_id")
	[ -z "$(sql "SELECT name FROM mechanism WHERE name NOT IN (SELECT mechanism FROM edges)")" ]
}

# Each line of the expected text: a section, a colon, the beginning of one of its rows.
@test "text: both ends of every mechanism" {
	local title row
	output=$(on_terminal 200)
	while IFS=: read -r title row; do
		section "$title" | grep -qF -- "$row" || {
			printf 'no "%s" in %s of:\n%s\n' "$row" "$title" "$output"
			return 1
		}
	done <<-'ROWS'
		PIPES:server[1001] → everything[1000] pipe:[4711] 211 844 KiB
		PIPES:client[1002] → server[1001] fifo /run/everything/log,"1"\t 41 4.52 KiB
		PIPES:</script>\e[2J[1006] → </script>\e[2J[1006] pipe:[4711] 7 91 B
		PIPES:(outside) → bash[1007] pipe #24 2 20 B
		MESSAGE QUEUES:client[1003] → server[1001] posix_mq /jobs 101 25.2 KiB
		MESSAGE QUEUES:server[1001] → client[1004] sysv_mq key 0x00001234 41 5.12 KiB
		SOCKETS:sender ×20 → receiver ×20 unix_stream ×400 29,840 2.87 MiB
		SOCKETS:client[1002] → server[1001] unix_stream /run/everything.sock 211 210 KiB
		SOCKETS:client[1005] → server[1001] unix_dgram @everything/log 7 490 B
		SOCKETS:everything[1000] → server[1001] unix_seqpacket:[4722] 41 13.3 KiB
		SOCKETS:client[1002] → client[1003] tcp 127.0.0.1:40022 → 127.0.0.1:5432 211 1.65 MiB
		SOCKETS:server[1001] → (192.0.2.1:443) tcp 198.51.100.7:51234 → 192.0.2.1:443 31 31.0 KiB
		SOCKETS:client[1004] → (postgres[77]) unix_stream /run/postgresql/.s.PGSQL.5432 3 300 B
		SOCKETS:client[1004] → server[1001] udp [::1]:50514 → [::1]:514 101 50.5 KiB
		PASSED FDS:client[1002] → server[1001] memfd:frames unix_stream /run/everything.sock 1
		PASSED FDS:client[1004] → (postgres[77]) posix_shm /dev/shm/ring unix_stream /run/postgresql
		PASSED FDS:everything[1000] → server[1001] <b>socket</b>\e[31m unix_seqpacket:[4722] 1
		TERMINALS:bash[1007] → everything[1000] pty /dev/pts/4 41 451 B
		MEMORY OF OTHER PROCESSES:server[1001] → client[1005] process_vm 7 448 KiB
		SYNCHRONISATION:client[1002] → server[1001] eventfd:[4725] 211 91.6 µs
		SYNCHRONISATION:server[1001] → client[1002] signal 7 2.28 µs
		SYNCHRONISATION:(postgres[77]) → client[1002] signal 2 - - - -
		SYNCHRONISATION:server[1001] → client[1003] futex /dev/shm/ring+0x40 41 9.87 µs
		SYNCHRONISATION:client[1004] → client[1005] sysv_sem id 3 13 416 µs
		SHARED MEMORY:posix_shm /dev/shm/ring 4.00 MiB server[1001] made, mmap rw- 3.20 s 17 1,024
		SHARED MEMORY:client[1003] mmap r-- 2.50 s - -
		SHARED MEMORY:sysv_shm key 0x00005678 1.00 MiB server[1001] made, shmat rw- 3.19 s 0 256 left behind
		SHARED MEMORY:memfd:frames 7.91 MiB client[1002] made, mmap rw- 3.10 s 0 2,025
		SHARED MAPPINGS:mmap_anon:[4719] 64.0 KiB everything[1000] made, mmap rw- 3.21 s 0 16
		SHARED MAPPINGS:receiver ×20 fork rw- 2.99 s 20 21
		SHARED MAPPINGS:mmap_file /var/lib/everything/index.db 32.0 MiB client[1005] mmap r-- > 3.10 s
		LEFT BEHIND:posix_mq /jobs 80.0 KiB 0 B server[1001] 1.00 ms
		LEFT BEHIND:sysv_shm key 0x00005678 1.00 MiB - server[1001] 1.00 ms
		LEFT BEHIND:sysv_sem id 3 - - server[1001] 1.00 ms
		STILL BLOCKED AT THE END:client[1004] 1004 semop sysv_sem id 3 - 3.00 ms 3.20 s
		STILL ON THE WAY:udp [::1]:50514 → [::1]:514 1.00 KiB 51.5 KiB 50.5 KiB dropped by the last close
		STILL ON THE WAY:sysv_mq key 0x00001234 128 B 5.25 KiB 5.12 KiB removed with it
	ROWS
}

@test "text: every mechanism has its calls and its balance" {
	local name
	run report t.db
	while read -r name; do
		[ "$name" = sysv_mq ] || [ "$name" = sysv_sem ] || section LEDGER | grep -q "^$name "
	done <names
	has "            nothing seen on sysv_mq, sysv_sem"
	# One call in several roles is told apart.
	section CALLS | grep -q '^sysv_sem futex (wait) 211 - '
	section CALLS | grep -q '^sysv_sem futex (wake) 211 - '
}

@test "text: what only wakes or shares claims no bytes, and what is never opened was not left open" {
	run report t.db
	section SYNCHRONISATION >sync
	refute grep -qE '[0-9] ([KMG]i)?B\b' sync
	section OBJECTS >objects
	grep -qx 'eventfd:\[4725\] 2 → 1 - 312 - 1.00 ms 3.00 s 100%' objects
	grep -qx 'signal client\[1002\] 2 → 1 - 7 - - - 100%' objects
	grep -qx 'futex /dev/shm/ring+0x40 2 → 3 - 463 - - - 99%' objects
	grep -qx 'process_vm server\[1001\] 1 → 1 - 7 448 KiB - - 100%' objects
	grep -qx 'sysv_sem id 3 2 → 2 - 26 - 1.00 ms left behind 100%' objects
	grep -qx 'pty /dev/pts/4 2 → 2 4.00 KiB 82 574 B 1.00 ms left open 100%' objects
	# The bytes of CALLS are those of sends and receives.
	refute grep -E '^(mmap_|posix_shm|memfd|sysv_shm|eventfd|signal|futex|sysv_sem).*iB' <(section CALLS)
	has "  traffic   6.13 MiB in 31,465 messages; 315 KiB to or from outside"
	has "  besides   810 wake-ups; 5 objects in shared memory"
	[ "$(sql "SELECT sum(messages) FROM edges WHERE kind = 'sync'")" -eq 810 ]
}

@test "text: who talks to whom, over everything" {
	output=$(on_terminal 200)
	section "WHO TALKS TO WHOM" >pairs
	grep -qx 'server\[1001\] ⇄ client ×4 457 KiB 321 KiB 782 process_vm, unix_stream, .*; shares memfd, .*' pairs
	grep -qx 'everything\[1000\] ↔ sender ×20 - - - shares mmap_anon' pairs
	grep -qx '(192.0.2.1:443) ⇄ server\[1001\] 284 KiB 31.0 KiB - tcp' pairs
	grep -qx 'client ×2 ⇄ (postgres\[77\]) 300 B - 2 unix_stream, signal' pairs
}

@test "text: what this kernel cannot trace and what io_uring hides is said first" {
	run report t.db
	[ "${lines[3]}" = "! this kernel cannot trace sysv_mq, sysv_sem" ]
	[ "${lines[4]}" = "!   the kernel has no BTF of struct ipc_namespace" ]
	[ "${lines[5]}" = "!   <i>a second</i> \\e[31mreason" ]
	[ "${lines[6]}" = "! 2 io_urings were set up: what is done through them is not seen" ]
}

@test "text: fits 80, 120 and 200 columns, and no byte of a name acts" {
	local columns
	command -v script >/dev/null || skip "script(1) is not installed"
	for columns in 80 120 200; do
		on_terminal "$columns" >"text.$columns"
		[ "$(wc -L <"text.$columns")" -le "$columns" ]
		refute grep -q $'[\x01-\x09\x0b-\x1f\x7f]' "text.$columns"
	done
	grep -qF 'memfd:<img src=x onerror=window.pwned=1>' text.200
}

# rows VIEW: its rows in the JSON report.
rows() {
	jq -r "$1"' | @tsv' all.json
}

@test "JSON has every mechanism, mapping, touch and passed fd, as SQL has them" {
	report --json t.db >all.json
	diff <(sort names) <(rows '.edges | map(.mechanism) | unique[] | [.]' | sort)
	diff <(sort names) <(rows '.latency | map(.mechanism) | unique[] | [.]' | sort)
	diff <(rows '.edges[] | [.object_id, .sender_id, .receiver_id, .kind, .messages, .bytes]' | sort) \
		<(tabs "SELECT object_id, sender_id, receiver_id, kind, messages, bytes FROM edges" | sort)
	diff <(rows '.mappings[] | [.mapping_id, .pid, .length, .protection, .how]') \
		<(tabs "SELECT mapping_id, pid, length, protection, how FROM mappings
			ORDER BY mapping_id")
	diff <(rows '.touches[] | [.object_id, .process_id, .reads, .writes]') \
		<(tabs "SELECT object_id, process_id, reads, writes FROM touches
			ORDER BY object_id, process_id")
	diff <(rows '.passed_fds[] | [.carrier_id, .object_id, .sender_pid, .sender_fd, .receiver_fd]') \
		<(tabs "SELECT carrier_id, object_id, sender_pid, sender_fd, receiver_fd
			FROM passed_fds ORDER BY passing_id")
	jq -e '[.edges[] | select(.kind != "data") | .bytes] | add == 0' all.json
	jq -e '[.edges[] | select(.kind == "shared") | .messages, .transit_max_ns] | unique == [null, 0]' all.json
	jq -e '.meta.not_traceable == "sysv_mq,sysv_sem" and .meta.io_uring_setups == 2' all.json
	jq -e '.meta.not_traceable_why | endswith("<i>a second</i> \u001b[31mreason")' all.json
	jq -e '.passed_fds[3].what == "<b>socket</b>\u001b[31m"' all.json
	jq -e '[.objects[] | select(.left_behind == 1) | .object_id] == [3, 5, 18]' all.json
	refute grep -q $'[\x01-\x09\x0b-\x1f\x7f]' all.json
}

@test "CSV has every view, with as many rows as SQL" {
	local view column
	while read -r view column; do
		report --csv "$view" t.db >"$view.csv"
		[ "$(csv_rows "$view.csv" "$column" | wc -l)" -eq "$(sql "SELECT count(*) FROM $view")" ]
	done <<-'VIEWS'
		processes process_id
		objects object_id
		ops op_id
		messages message_id
		edges object_id
		latency count
		ledger seen
		mappings mapping_id
		touches reads
		passed_fds passing_id
	VIEWS
	diff <(sort names) <(csv_rows edges.csv mechanism | sort -u)
	grep -q '^4,12,unix_seqpacket:\[4722\],unix_seqpacket,,,<b>socket</b>' passed_fds.csv
}

@test "CSV: a key is in messages and ops, the creator and what was left behind in objects" {
	head -n 1 ops.csv | grep -q ',finished,key,'
	head -n 1 messages.csv | grep -q ',key,'
	head -n 1 objects.csv | grep -q ',left_behind,creator_id,peer'
	grep -q '^16,signal,client\[1002\],1002,,' objects.csv
}

# cells PLOT: the lines of a plot's data file without comments.
cells() {
	grep -v '^#' "plots/$1.tsv"
}

@test "plots: every mechanism is named, wake-ups and mappings have their own, all from SQL" {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	report --gnuplot plots t.db
	diff <(sort names) <(cells mechanisms | cut -f 2 | sort)
	while read -r name; do
		grep -qF ">$name<" plots/mechanisms.svg
	done <names
	diff <(cells mechanisms | awk -F '\t' '$3 != "shared" { print $2 "\t" $4 "\t" $5 }' | sort) \
		<(tabs "SELECT mechanism, sum(messages), sum(bytes) FROM edges WHERE kind <> 'shared'
			GROUP BY mechanism" | sort)
	diff <(cells mechanisms | awk -F '\t' '$3 == "shared" { print $2 "\t" $4 "\t" $5 }' | sort) \
		<(tabs "SELECT mechanism, count(*), 0 FROM mappings GROUP BY mechanism" | sort)
	diff <(cells wakes | cut -f 3 | sort -n) <(tabs "SELECT sum(messages) FROM edges
		WHERE kind = 'sync' GROUP BY sender_id, receiver_id ORDER BY 1")
	cells wakes | grep -qF $'\t2\t2\tpostgres (77)*\tclient (1002)'
	cells shared | grep -qF $'\t33554432\t1\tmmap_file /var/lib/everything/ind…\tclient (1005)'
	diff <(cells flow | cut -f 3 | awk '{ n += $1 } END { print n }') <(sql "WITH flow AS (
			SELECT sender_id AS s, receiver_id AS r, sum(bytes) AS n FROM edges
			WHERE kind = 'data' GROUP BY s, r HAVING n > 0
		), top AS (SELECT id FROM (SELECT s AS id, n FROM flow UNION ALL SELECT r, n FROM flow)
			GROUP BY id ORDER BY sum(n) DESC, id LIMIT 40)
		SELECT sum(n) FROM flow WHERE s IN top AND r IN top")
	grep -qF '>not shown, with fewer messages: pty 82, ' plots/cdf.svg
	# Nothing in a name is code or markup.
	refute grep -P '[\x00-\x08\x0b-\x1f\x7f"]' plots/*.tsv
	grep -qF '&lt;/script>\e[2J (1006)' plots/shared.svg
	for plot in mechanisms wakes shared cdf; do
		[ -s "plots/$plot.png" ]
		same=$(cd plots && gnuplot --default-settings "$plot.gp" 2>&1)
		[ -z "$same" ]
	done
}

@test "plots: what an older report left of wake-ups and mappings goes" {
	pipeline_rows | trace_file pipes.db
	[ -s plots/wakes.tsv ]
	PATH=/nonexistent "$IPCT_BIN/ipctrace" report --gnuplot plots pipes.db
	[ ! -e plots/wakes.tsv ] && [ ! -e plots/wakes.svg ] && [ ! -e plots/shared.png ]
}
