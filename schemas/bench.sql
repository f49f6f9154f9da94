-- The tables of a bench file. Users' SQL goes through bench_views.sql; these may change with the
-- format version (user_version). Times are nanoseconds, sizes are bytes.

-- Where, when and how: one row a fact, see docs/bench-file.md for the keys.
CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value
) WITHOUT ROWID;

-- What each mechanism is: the rows of mechanisms.def that this bench ran.
CREATE TABLE mechanism (
	mechanism_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	title TEXT NOT NULL,
	family TEXT NOT NULL,
	directions TEXT NOT NULL, -- one, two, any
	reach TEXT NOT NULL,      -- related, any
	address TEXT NOT NULL,
	carries TEXT NOT NULL,    -- bytes, or what else
	boundaries TEXT NOT NULL,
	ordering TEXT NOT NULL,
	holder TEXT NOT NULL,
	copies INTEGER,           -- by the kernel; NULL: it carries no content
	cleanup TEXT              -- NULL: nothing stays
);

-- The limits of limits.def, as they were on this machine.
CREATE TABLE limit_found (
	limit_id INTEGER PRIMARY KEY,
	mechanism_id INTEGER NOT NULL,
	what TEXT NOT NULL,
	unit TEXT,
	name TEXT,                -- of a sysctl or RLIMIT_; NULL: nobody can change it
	value TEXT                -- NULL: this machine does not have it
);

-- One row of the matrix.
CREATE TABLE bench_case (
	case_id INTEGER PRIMARY KEY,
	mechanism_id INTEGER NOT NULL,
	pattern TEXT NOT NULL,    -- pingpong, duplex, stream, fanin, fanout
	wait TEXT NOT NULL,       -- block, spin
	cpus TEXT NOT NULL,       -- same, cross
	size_asked INTEGER,       -- NULL: the mechanism has no size to choose
	messages INTEGER,         -- of each sender in each round; NULL until it was warmed up
	status TEXT NOT NULL,     -- waiting, ran, skipped, failed
	reason TEXT               -- why it was skipped, or failed
);

-- One run of a case.
CREATE TABLE run (
	case_id INTEGER NOT NULL,
	traced INTEGER NOT NULL,
	round INTEGER NOT NULL,   -- from 1
	started_ns INTEGER NOT NULL, -- since the bench began
	size INTEGER NOT NULL,    -- of each message, as it was; 0: no content
	messages INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	elapsed_ns INTEGER NOT NULL, -- from the first send to the last receive
	rtt_p50_ns INTEGER,       -- round trips, where peers take turns
	rtt_p90_ns INTEGER,
	rtt_p99_ns INTEGER,
	rtt_max_ns INTEGER,
	one_way_p50_ns INTEGER,   -- from before the send to after the receive
	one_way_p90_ns INTEGER,
	one_way_p99_ns INTEGER,
	one_way_max_ns INTEGER,
	rtt_hist BLOB,
	one_way_hist BLOB,
	PRIMARY KEY (case_id, traced, round)
);

-- Where the transit of messages went, as the trace of a traced run shows it: the sums over all
-- messages between the peers.
CREATE TABLE part (
	case_id INTEGER NOT NULL,
	round INTEGER NOT NULL,
	mechanism TEXT NOT NULL,  -- of what passed: its own, or what peers woke each other with
	kind TEXT NOT NULL,       -- data, sync
	messages INTEGER NOT NULL,
	transit_ns INTEGER NOT NULL,
	in_send_ns INTEGER NOT NULL,
	in_object_ns INTEGER NOT NULL,
	in_runq_ns INTEGER NOT NULL,
	in_recv_ns INTEGER NOT NULL,
	PRIMARY KEY (case_id, round, mechanism, kind)
) WITHOUT ROWID;
