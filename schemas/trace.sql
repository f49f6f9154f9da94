-- The tables of a trace file. Users' SQL goes through views.sql; these may change with the
-- format version (user_version). Times are nanoseconds from the start of the recording
-- (CLOCK_MONOTONIC), sizes are bytes.

-- What was recorded, where and when: one row a fact, see docs/trace-file.md for the keys.
CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value
) WITHOUT ROWID;

-- The rows of mechanisms.def; meta says which of them this recording watched.
CREATE TABLE mechanism (
	mechanism_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,       -- public name: pipe, fifo, ...
	title TEXT NOT NULL,      -- for headings
	family TEXT NOT NULL,     -- pipe, queue, shm, mmap, socket, sync, pty, process_vm
	sender TEXT NOT NULL,     -- what reports call the sending process
	receiver TEXT NOT NULL
);

CREATE TABLE syscall (
	syscall_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL
);

CREATE TABLE role (
	role_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL
);

-- Names of the error numbers, as the recording machine has them.
CREATE TABLE errno (
	errno_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL
);

-- A traced process, or an untraced one that holds an end of an object.
CREATE TABLE process (
	process_id INTEGER PRIMARY KEY,
	pid INTEGER,              -- NULL if not known
	parent_id INTEGER,        -- process_id of the parent, NULL if it is not traced
	ppid INTEGER,
	comm TEXT,                -- since the last exec
	exe TEXT,
	cmdline TEXT,             -- arguments as a shell would take them, cut at 512 bytes
	start_ns INTEGER,         -- fork; NULL if before the recording
	exit_ns INTEGER,          -- end of its last thread; NULL if after the recording
	exit_status INTEGER,      -- as wait(2) gives it
	traced INTEGER NOT NULL,
	cpu_ns INTEGER            -- CPU time of all its threads; NULL if not known
);

-- The cgroup (of version 2) of a traced process, as of its last fork or exec.
CREATE TABLE process_cgroup (
	process_id INTEGER PRIMARY KEY,
	cgroup TEXT               -- path from where cgroups are mounted; NULL: not known
);

-- Every program that a process ran, one after the other.
CREATE TABLE exec (
	process_id INTEGER NOT NULL,
	ts_ns INTEGER NOT NULL,
	comm TEXT,
	exe TEXT,
	cmdline TEXT
);

-- One kernel thing through which data or control passes.
CREATE TABLE object (
	object_id INTEGER PRIMARY KEY,
	mechanism_id INTEGER NOT NULL,
	name TEXT,                -- a path, or the kernel's own name such as pipe:[4711]
	kernel_id INTEGER,        -- inode number
	device INTEGER,           -- major << 20 | minor of its file system
	created_ns INTEGER,       -- NULL if it was there before the recording
	closed_ns INTEGER,        -- last traced fd closed; NULL if one was left open
	capacity INTEGER,         -- bytes that it can hold
	sends INTEGER NOT NULL,   -- ops that put bytes in
	sent_bytes INTEGER NOT NULL,
	recvs INTEGER NOT NULL,
	received_bytes INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	paired_bytes INTEGER NOT NULL, -- bytes of its messages
	processes INTEGER NOT NULL,    -- traced processes that made an op on it
	outside INTEGER NOT NULL, -- 1: a process that is not traced may hold an end of it
	left_behind INTEGER NOT NULL DEFAULT 0, -- 1: at the end still there and held by no one
	creator_id INTEGER,       -- process_id of who made it, NULL if not known
	peer TEXT                 -- address of an end that is not traced, such as 192.0.2.1:443
);

-- The largest size that a piece of shared memory was seen with; object.capacity is the last one.
CREATE TABLE object_size (
	object_id INTEGER PRIMARY KEY,
	largest INTEGER NOT NULL
);

-- One system call by one thread on one object, with what many of these have in common in op_kind.
-- The view `op` puts the two together.
CREATE TABLE op_row (
	op_id INTEGER PRIMARY KEY,
	kind_id INTEGER NOT NULL,
	ts_ns INTEGER NOT NULL,
	dur_ns INTEGER NOT NULL,
	blocked_ns INTEGER NOT NULL, -- off CPU inside the call
	bytes INTEGER,            -- that the kernel took or gave; NULL where the call moves none
	finished INTEGER NOT NULL -- 0: never returned to its caller
);

-- Who made which call on what, and with which result: two kinds can be alike.
CREATE TABLE op_kind (
	kind_id INTEGER PRIMARY KEY,
	process_id INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	syscall_id INTEGER NOT NULL,
	role_id INTEGER NOT NULL,
	object_id INTEGER NOT NULL,
	fd INTEGER,
	requested INTEGER,        -- bytes asked for, -1: as many as the op moved; NULL where it asks for none
	errno_id INTEGER,         -- NULL: no error
	key INTEGER               -- priority, type, signal or semaphore number; NULL: none
);

-- Finds the few calls that never returned among millions.
CREATE INDEX op_unfinished ON op_row(kind_id) WHERE finished = 0;

-- Where the time went that an op's thread was not on a CPU for; ops without a row never left it.
-- What is left of blocked_ns was spent asleep for a lock, memory or a disk.
-- The view `sleep` has the times as such.
CREATE TABLE sleep_row (
	op_id INTEGER PRIMARY KEY,
	waiting_ns INTEGER,       -- of blocked_ns: asleep until someone else acts; NULL: all but what is ready
	runnable_ns INTEGER,      -- of blocked_ns: ready, and waiting for a CPU; NULL: run_queue_ns alone
	woken_before_ns INTEGER,  -- end of the last such sleep, before the end of the op; NULL: there was none
	run_queue_ns INTEGER,     -- from there until the thread was on a CPU again; NULL likewise
	kind_id INTEGER,          -- who ended it; NULL likewise
	away_ns INTEGER NOT NULL  -- off the CPU since the op before this one of the thread
);

-- Who ends sleeps, and on which CPUs.
CREATE TABLE sleep_kind (
	kind_id INTEGER PRIMARY KEY,
	waker_tid INTEGER NOT NULL, -- 0: no thread, but an interrupt
	waker_id INTEGER,         -- process_id of that thread; NULL: it is not traced
	slept_cpu INTEGER NOT NULL, -- that the thread went to that sleep on
	waker_cpu INTEGER NOT NULL, -- that it was woken from
	ran_cpu INTEGER           -- that it then was on; NULL: it never was
);

-- The objects that ended a wait for readiness, with the fd that was waited for.
CREATE TABLE ready_object (
	op_id INTEGER NOT NULL,
	object_id INTEGER NOT NULL,
	fd INTEGER NOT NULL,
	events INTEGER NOT NULL,  -- as poll(2) and epoll_wait(2) give them
	PRIMARY KEY (op_id, object_id, fd)
) WITHOUT ROWID;

-- Bytes that one send put in and one receive took out, or one wake-up (bytes 0). The view `message`
-- has its object and its sends by number.
CREATE TABLE message_row (
	message_id INTEGER PRIMARY KEY,
	kind_id INTEGER NOT NULL,
	recv_op INTEGER,
	send_distance INTEGER,    -- recv_op (0 if NULL) less the op_id of the send; NULL: no call sent it
	bytes INTEGER NOT NULL,
	-- Where its transit went; what is left was spent in the receive call.
	in_send_ns INTEGER NOT NULL,   -- in the send call
	in_object_ns INTEGER NOT NULL, -- in the object
	in_runq_ns INTEGER NOT NULL,   -- from the waking of the receiver to its running
	wait_distance INTEGER     -- recv_op less the op_id of the wait for readiness that the waking was from
);

-- What many messages have in common: two kinds can be alike.
CREATE TABLE message_kind (
	kind_id INTEGER PRIMARY KEY,
	object_id INTEGER NOT NULL,
	confidence INTEGER NOT NULL, -- 0 exact; 1 inferred; 2 ambiguous
	sender_id INTEGER,        -- process_id of a sender that made no call: else NULL
	receiver_id INTEGER       -- the same of a receiver
);

-- What lies in each block of rows of the two tables above, kept up to date while storing, so that
-- reports read the blocks alone that can have what they look for. op_ids and message_ids have no gaps.
CREATE TABLE op_block (
	first_op INTEGER PRIMARY KEY,
	last_op INTEGER NOT NULL,
	first_start_ns INTEGER NOT NULL, -- the earliest start of its ops, and the latest
	last_start_ns INTEGER NOT NULL,
	first_end_ns INTEGER NOT NULL,   -- the same of their ends
	last_end_ns INTEGER NOT NULL
);

CREATE TABLE message_block (
	first_message INTEGER PRIMARY KEY,
	last_message INTEGER NOT NULL,
	first_send INTEGER,       -- smallest and largest op_id of its sends; NULL: they have none
	last_send INTEGER,
	first_recv INTEGER,       -- the same of its receives, and of the waits for readiness before them
	last_recv INTEGER,
	transit_max_ns INTEGER NOT NULL
);

-- Every thread that made an op, or that woke one which did.
CREATE TABLE thread (
	process_id INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	ops INTEGER NOT NULL,
	first_ns INTEGER,         -- start of its first op; NULL: it made none
	last_ns INTEGER,          -- end of its last one
	dur_ns INTEGER NOT NULL,  -- of all its ops, as the next
	blocked_ns INTEGER NOT NULL,
	waiting_ns INTEGER NOT NULL,
	runnable_ns INTEGER NOT NULL,
	PRIMARY KEY (process_id, tid)
) WITHOUT ROWID;

-- All messages from one process to another over one object, kept up to date while storing.
-- An end that is not traced counts ops instead of messages and has no transit. What two
-- processes share has neither messages nor bytes nor transit.
CREATE TABLE edge (
	object_id INTEGER NOT NULL,
	sender_id INTEGER NOT NULL,   -- process_id
	receiver_id INTEGER NOT NULL,
	kind TEXT NOT NULL,           -- data, sync, shared
	messages INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	exact INTEGER NOT NULL,       -- messages by confidence
	inferred INTEGER NOT NULL,
	ambiguous INTEGER NOT NULL,
	transit_sum_ns INTEGER,
	transit_p50_ns INTEGER,
	transit_p90_ns INTEGER,
	transit_p99_ns INTEGER,
	transit_max_ns INTEGER,
	first_ns INTEGER,             -- start of the first send
	last_ns INTEGER,              -- end of the last receive
	transit_hist BLOB,            -- schemas/hist.h
	exact_bytes INTEGER NOT NULL DEFAULT 0, -- bytes by confidence; the rest is ambiguous
	inferred_bytes INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (object_id, sender_id, receiver_id, kind)
) WITHOUT ROWID;

-- The parts of an edge's transits.
CREATE TABLE edge_part (
	object_id INTEGER NOT NULL,
	sender_id INTEGER NOT NULL,
	receiver_id INTEGER NOT NULL,
	part INTEGER NOT NULL,    -- 0 in the send call, 1 in the object, 2 in the run queue, 3 in the receive call
	sum_ns INTEGER NOT NULL,
	p50_ns INTEGER NOT NULL,
	p90_ns INTEGER NOT NULL,
	p99_ns INTEGER NOT NULL,
	max_ns INTEGER NOT NULL,
	PRIMARY KEY (object_id, sender_id, receiver_id, part)
) WITHOUT ROWID;

-- Receivers on an edge that slept and were woken by the sending thread in its send call, apart by
-- whether they then ran on another CPU than the one that they were woken from.
CREATE TABLE edge_wakeup (
	object_id INTEGER NOT NULL,
	sender_id INTEGER NOT NULL,
	receiver_id INTEGER NOT NULL,
	crossed INTEGER NOT NULL, -- 1: on another CPU
	wakeups INTEGER NOT NULL,
	moved INTEGER NOT NULL,   -- of these, to another CPU than the one that they had slept on
	transit_sum_ns INTEGER NOT NULL, -- of the messages that they were woken for
	transit_p50_ns INTEGER NOT NULL,
	transit_p90_ns INTEGER NOT NULL,
	transit_p99_ns INTEGER NOT NULL,
	transit_max_ns INTEGER NOT NULL,
	in_runq_sum_ns INTEGER NOT NULL, -- part of the transit: from the waking to running
	in_runq_p50_ns INTEGER NOT NULL,
	in_runq_p90_ns INTEGER NOT NULL,
	in_runq_p99_ns INTEGER NOT NULL,
	in_runq_max_ns INTEGER NOT NULL,
	PRIMARY KEY (object_id, sender_id, receiver_id, crossed)
) WITHOUT ROWID;

-- How full one direction of an object was over time, in bins of the same width. Bins without a row
-- say nothing: it was empty and nobody waited. Widths are powers of two, and bins begin at multiples.
CREATE TABLE depth_bin (
	object_id INTEGER NOT NULL,
	direction INTEGER NOT NULL, -- the end that it goes to: 0, or 1 of objects with two ends
	start_ns INTEGER NOT NULL,
	width_ns INTEGER NOT NULL,
	bytes INTEGER NOT NULL,     -- inside, mean over the bin
	messages REAL NOT NULL,
	max_bytes INTEGER NOT NULL,
	max_messages INTEGER NOT NULL,
	full_ns INTEGER NOT NULL,   -- in which at least one sender waited for room
	empty_ns INTEGER NOT NULL,  -- in which at least one receiver waited for something
	PRIMARY KEY (object_id, direction, start_ns)
) WITHOUT ROWID;

-- The sums of that over the whole recording.
CREATE TABLE pressure_sum (
	object_id INTEGER NOT NULL,
	direction INTEGER NOT NULL,
	capacity_bytes INTEGER,     -- that it can hold: docs/trace-file.md; NULL: not known
	capacity_messages INTEGER,  -- the same; NULL: no such limit
	max_bytes INTEGER NOT NULL,
	max_messages INTEGER NOT NULL,
	full_ns INTEGER NOT NULL,
	empty_ns INTEGER NOT NULL,
	full_refusals INTEGER NOT NULL,  -- sends that were not to wait and failed: EAGAIN
	empty_refusals INTEGER NOT NULL, -- receives
	first_ns INTEGER,           -- start of the first send or receive
	last_ns INTEGER,            -- end of the last one, or until when something was inside
	mean_bytes REAL,            -- inside, between the two
	mean_messages REAL,
	sends INTEGER NOT NULL,     -- ops of either role
	recvs INTEGER NOT NULL,
	sender_id INTEGER,          -- process_id; NULL: nobody sent, or several did
	receiver_id INTEGER,
	PRIMARY KEY (object_id, direction)
) WITHOUT ROWID;

-- A shared mapping of an object in one process's memory, while it lasted.
CREATE TABLE mapping (
	mapping_id INTEGER PRIMARY KEY,
	object_id INTEGER NOT NULL,
	process_id INTEGER NOT NULL,
	address INTEGER,
	length INTEGER,
	file_offset INTEGER,
	protection TEXT,          -- as in /proc/PID/maps: rw-, r--, r-x
	mapped_ns INTEGER,        -- NULL if before the recording
	unmapped_ns INTEGER,      -- NULL: still mapped when its process or the recording ended
	how TEXT                  -- mmap, fork, shmat, mremap
);

-- Page faults on the shared mappings of an object, by process: its first touches.
CREATE TABLE touch (
	object_id INTEGER NOT NULL,
	process_id INTEGER NOT NULL,
	reads INTEGER NOT NULL,
	writes INTEGER NOT NULL,
	PRIMARY KEY (object_id, process_id)
) WITHOUT ROWID;

-- A fd that one process passed to another in a message (SCM_RIGHTS).
CREATE TABLE passing (
	passing_id INTEGER PRIMARY KEY,
	carrier_id INTEGER NOT NULL, -- object_id of the socket that it went over
	object_id INTEGER,        -- what was passed; NULL: no object of this recording
	what TEXT,                -- what that is then, such as a path
	sent_ns INTEGER,
	received_ns INTEGER,
	sender_id INTEGER,        -- process_id
	receiver_id INTEGER,
	sender_fd INTEGER,
	receiver_fd INTEGER
);

-- Durations of finished calls, kept up to date while storing.
CREATE TABLE call_stat (
	mechanism_id INTEGER NOT NULL,
	role_id INTEGER NOT NULL,
	syscall_id INTEGER NOT NULL,
	count INTEGER NOT NULL,       -- all ops, also unfinished ones
	errors INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	dur_sum_ns INTEGER NOT NULL,
	dur_p50_ns INTEGER,
	dur_p90_ns INTEGER,
	dur_p99_ns INTEGER,
	dur_max_ns INTEGER,
	blocked_ns INTEGER NOT NULL,
	dur_hist BLOB,                -- schemas/hist.h
	timeouts INTEGER NOT NULL DEFAULT 0, -- waits for readiness that ended with nothing ready
	PRIMARY KEY (mechanism_id, role_id, syscall_id)
) WITHOUT ROWID;

-- The parts of the durations of finished calls.
CREATE TABLE call_part (
	mechanism_id INTEGER NOT NULL,
	role_id INTEGER NOT NULL,
	syscall_id INTEGER NOT NULL,
	part INTEGER NOT NULL,    -- 0 on a CPU, 1 waiting for the other side, 2 ready for a CPU
	sum_ns INTEGER NOT NULL,
	p50_ns INTEGER NOT NULL,
	p90_ns INTEGER NOT NULL,
	p99_ns INTEGER NOT NULL,
	max_ns INTEGER NOT NULL,
	PRIMARY KEY (mechanism_id, role_id, syscall_id, part)
) WITHOUT ROWID;

-- The balance: every op that the kernel side saw is stored or counted as lost.
CREATE TABLE ledger_entry (
	mechanism TEXT NOT NULL,  -- a mechanism, or 'unknown' where no one could say
	reason TEXT NOT NULL,     -- stored, or why not: docs/trace-file.md
	seen INTEGER NOT NULL,
	stored INTEGER NOT NULL,
	lost INTEGER NOT NULL,
	PRIMARY KEY (mechanism, reason)
) WITHOUT ROWID;
