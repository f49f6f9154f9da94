// SPDX-License-Identifier: BSD-2-Clause
// Makes trace files for the tests of the page, from the program's own schema: a few processes, who
// sends what to whom, and durations drawn from a fixed random sequence.
// As a program: node trace.mjs SCENARIO FILE.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const schemas = new URL('../../schemas/', import.meta.url);

// The same numbers each time (mulberry32).
export function random(seed) {
	let state = seed;

	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);

		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

// Durations as real ones are: most near the median, a long tail.
export function durations(next, n, median, spread = 0.5) {
	return Array.from({ length: n }, () => {
		const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
		const tail = next() < 0.02 ? 30 : 1;

		return Math.max(1, Math.round(median * tail * Math.exp(spread * normal)));
	});
}

function varint(n) {
	const bytes = [];

	for (let rest = BigInt(n); ; rest >>= 7n) {
		if (rest < 128n)
			return [...bytes, Number(rest)];
		bytes.push(Number(rest & 127n) | 128);
	}
}

function bucket(value) {
	const shift = Math.max(0, Math.floor(Math.log2(value || 1)) - 7);

	return 128 * shift + Math.floor(value / 2 ** shift);
}

// A histogram as schemas/hist.h has it in the file.
export function histogram(values) {
	const counts = new Map();
	let before = 0;
	const pairs = [];

	for (const value of values)
		counts.set(bucket(value), (counts.get(bucket(value)) ?? 0) + 1);
	for (const [number, n] of [...counts].sort(([a], [b]) => a - b)) {
		pairs.push(...varint(number - before), ...varint(n));
		before = number;
	}
	return Buffer.from([1, ...varint(values.length), ...varint(total(values)),
		...varint(Math.max(...values)), ...pairs]);
}

export function total(values) {
	return values.reduce((a, b) => a + b, 0);
}

export function quantile(values, q) {
	const sorted = [...values].sort((a, b) => a - b);

	return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

// A value as SQL: numbers, null, bytes as a blob, text as its bytes so that any of it passes.
function literal(value) {
	if (value === null || value === undefined)
		return 'NULL';
	if (typeof value === 'number' || typeof value === 'bigint')
		return String(value);
	if (value instanceof Uint8Array)
		return `x'${Buffer.from(value).toString('hex')}'`;
	return `CAST(x'${Buffer.from(value.latin1 ?? value, value.latin1 ? 'latin1' : 'utf8')
		.toString('hex')}' AS TEXT)`;
}

function insert(table, row) {
	const names = Object.keys(row);

	return `INSERT INTO ${table}(${names.join(',')}) VALUES(${
		names.map((name) => literal(row[name])).join(',')});`;
}

// Sum, percentiles and maximum, each with the given prefix.
function numbers(values, prefix = '') {
	return {
		[`${prefix}sum_ns`]: total(values), [`${prefix}p50_ns`]: quantile(values, 0.5),
		[`${prefix}p90_ns`]: quantile(values, 0.9), [`${prefix}p99_ns`]: quantile(values, 0.99),
		[`${prefix}max_ns`]: Math.max(...values),
	};
}

function stats(prefix, values) {
	return { ...numbers(values, `${prefix}_`), [`${prefix}_hist`]: histogram(values) };
}

const MECHANISMS = ['pipe', 'fifo'];
const NO_TIMES = { transit_sum_ns: null };

// The object of some edges { from, to, bytes, transit: [ns], messages, mechanism, name }.
function objectRow(object, edges) {
	const [{ mechanism = 'pipe', name = `pipe:[${4710 + object}]` }] = edges;
	const messages = total(edges.map((edge) => edge.transit?.length ?? edge.messages));
	const paired = edges.filter((edge) => edge.transit?.length);
	const bytes = total(edges.map((edge) => edge.bytes));

	return insert('object', { object_id: object, mechanism_id: MECHANISMS.indexOf(mechanism) + 1, name,
		kernel_id: 4710 + object, device: 14, created_ns: 899000 + object * 1000, closed_ns: 3.2e9,
		capacity: 65536, sends: messages, sent_bytes: bytes, recvs: messages, received_bytes: bytes,
		messages: total(paired.map((edge) => edge.transit.length)),
		paired_bytes: total(paired.map((edge) => edge.bytes)),
		processes: new Set(edges.flatMap(({ from, to }) => [from, to])).size,
		outside: paired.length === edges.length ? 0 : 1 });
}

function edgeRow(object, edge) {
	const messages = edge.transit?.length ?? edge.messages;
	const paired = edge.transit?.length ? messages : 0;

	return insert('edge', { object_id: object, sender_id: edge.from, receiver_id: edge.to, kind: 'data',
		messages, bytes: edge.bytes, exact: paired - (edge.ambiguous ?? 0), inferred: 0,
		ambiguous: edge.ambiguous ?? 0, first_ns: 2e6, last_ns: 3.1e9, exact_bytes: paired ? edge.bytes : 0,
		inferred_bytes: 0, ...paired ? stats('transit', edge.transit) : NO_TIMES });
}

// How much of each transit its parts take; the receive call takes the rest.
const PART_SHARES = [0.11, 0.53, 0.23];

function partRows(object, edge) {
	const parts = PART_SHARES.map((share) => edge.transit.map((ns) => Math.floor(ns * share)));
	const rest = edge.transit.map((ns, i) => ns - parts[0][i] - parts[1][i] - parts[2][i]);

	return [...parts, rest].map((values, part) => insert('edge_part', { object_id: object,
		sender_id: edge.from, receiver_id: edge.to, part, ...numbers(values) }));
}

// Edges of the same `object` (any value) share it; without one each has its own.
function edgesRows(edges) {
	const byObject = new Map();

	edges.forEach((edge, i) => {
		const key = edge.object ?? `own ${i}`;

		byObject.set(key, [...byObject.get(key) ?? [], edge]);
	});
	return [...byObject.values()].flatMap((some, i) =>
		[objectRow(i + 1, some), ...some.flatMap((edge) =>
			[edgeRow(i + 1, edge), ...edge.transit?.length ? partRows(i + 1, edge) : []])]);
}

// Of each call's time the shares that it ran, waited for the other side and for a CPU.
const CALL_SHARES = [0.3, 0.5, 0.17];

function callRows({ mechanism, role, syscall, values, bytes, errors = 0 }) {
	const key = { mechanism_id: MECHANISMS.indexOf(mechanism) + 1, role_id: role, syscall_id: syscall };

	return [insert('call_stat', { ...key, count: values.length, errors, bytes, ...stats('dur', values),
		blocked_ns: Math.round(total(values) * 0.7), timeouts: 0 }),
	...CALL_SHARES.map((share, part) => insert('call_part', { ...key, part,
		...numbers(values.map((ns) => Math.floor(ns * share))) }))];
}

const META = {
	version: '0.1.0', command: "sh -c 'tar c /usr/share/doc | gzip | sha256sum'", cwd: '/home/alice',
	host: 'buildhost', kernel: '6.1.0-13-amd64', arch: 'x86_64', cpus: 8, user: 'alice',
	start_realtime_ns: 1767225599000000000n, start_monotonic_ns: 5, duration_ns: 3210000000,
	exit_status: 0, ended: 'program', ring_bytes: 67108864, mechanisms: 'pipe,fifo', complete: 1,
};

export function makeTrace(path, { meta = {}, processes = [], edges = [], calls = [], ledger = [], sql = '' }) {
	const rows = [
		...Object.entries({ ...META, ...meta }).filter(([, value]) => value !== undefined)
			.map(([key, value]) => insert('meta', { key, value })),
		...MECHANISMS.map((name, i) => insert('mechanism', { mechanism_id: i + 1, name, title: name,
			family: 'pipe', sender: 'writer', receiver: 'reader' })),
		...['read', 'write', 'close'].map((name, i) => insert('syscall', { syscall_id: i + 1, name })),
		...['send', 'recv', 'close'].map((name, i) => insert('role', { role_id: i + 1, name })),
		...processes.map((row, i) => insert('process', { process_id: i + 1, traced: 1,
			pid: 4700 + i, ppid: 4700, start_ns: 1e6 * (i + 1), exit_ns: 3.1e9, exit_status: 0, ...row })),
		...edgesRows(edges),
		...calls.flatMap(callRows),
		...ledger.map(([mechanism, reason, seen, stored, lost]) =>
			insert('ledger_entry', { mechanism, reason, seen, stored, lost })),
	];
	const schema = ['trace.sql', 'views.sql', '../tests/replay/insert.sql'].map((name) => readFileSync(new URL(name, schemas), 'utf8'));

	execFileSync('sqlite3', ['-bail', path], { input: [
		`PRAGMA application_id=${0x69706374}; PRAGMA user_version=3; BEGIN;`,
		...schema, ...rows, sql, 'COMMIT;'].join('\n') });
}

function pipeline() {
	const next = random(7);

	return {
		processes: [{ comm: 'sh', cmdline: 'sh -c ...' }, { comm: 'tar', exe: '/usr/bin/tar',
			cmdline: 'tar c /usr/share/doc' }, { comm: 'gzip', exe: '/usr/bin/gzip', cmdline: 'gzip' },
		{ comm: 'sha256sum', exe: '/usr/bin/sha256sum', cmdline: 'sha256sum' },
		{ comm: 'bash', pid: 901, traced: 0, ppid: null, start_ns: null, exit_ns: null,
			exit_status: null }],
		edges: [
			{ from: 2, to: 3, bytes: 126425088, transit: durations(next, 12347, 84000) },
			{ from: 3, to: 4, bytes: 31415927, transit: durations(next, 1913, 41000, 0.8), ambiguous: 3 },
			{ from: 4, to: 5, bytes: 67, messages: 1 },
			{ from: 4, to: 2, bytes: 4099, transit: durations(next, 41, 9000), mechanism: 'fifo',
				name: '/tmp/back-channel' },
		],
		calls: [
			{ mechanism: 'pipe', role: 1, syscall: 2, bytes: 157841082, values: durations(next, 14261, 22000) },
			{ mechanism: 'pipe', role: 2, syscall: 1, bytes: 157841015, values: durations(next, 14263, 31000), errors: 2 },
			{ mechanism: 'fifo', role: 1, syscall: 2, bytes: 4099, values: durations(next, 41, 5000) },
			{ mechanism: 'pipe', role: 3, syscall: 3, bytes: 0, values: durations(next, 12, 700) },
		],
		ledger: [['fifo', 'stored', 41, 41, 0], ['pipe', 'stored', 28536, 28536, 0]],
	};
}

// A build: one process that feeds many, chains behind them, and one that collects.
function crowd(n = 60) {
	const next = random(11);
	const names = ['cc1', 'as', 'ld', 'sh', 'make', 'sed', 'grep', 'awk'];
	const processes = Array.from({ length: n }, (_, i) => ({
		comm: i === 0 ? 'make' : i === n - 1 ? 'collect' : names[i % names.length] }));
	const edges = [];
	const workers = Math.floor(n / 2);
	const send = (from, to, size) => edges.push({ from, to, mechanism: next() < 0.2 ? 'fifo' : 'pipe',
		bytes: Math.round(size * (0.2 + 2 * next())),
		transit: durations(next, 20 + Math.floor(200 * next()), 30000) });

	for (let i = 2; i <= workers; i++) {
		send(1, i, 40000);
		if (i + workers - 1 < n)
			send(i, i + workers - 1, 900000);
	}
	for (let i = workers + 1; i < n; i++)
		if (i % 3)
			send(i, n, 50000);
	send(n, 1, 4000);
	return { processes, edges, meta: { command: 'make -j8 all' },
		calls: [{ mechanism: 'pipe', role: 1, syscall: 2, bytes: 1, values: durations(next, 5000, 4000) }],
		ledger: [['pipe', 'stored', 10007, 10007, 0]] };
}

// Text that would like to be markup, bytes that are no text, and columns that hold what their types
// do not say: nothing in a file prevents any of it.
function hostile() {
	const broken = { latin1: '<b>\xff\xfe\xc0\xafbad' };
	const next = random(3);

	return {
		meta: { command: '</script><script>window.pwned=1</script>', host: '<!--<script>', cwd: broken,
			user: '{{constructor}}', kernel: '"><img src=x onerror=window.pwned=2>',
			complete: undefined, exit_status: 'no number', duration_ns: Buffer.from('blob') },
		processes: [
			{ comm: '</script><script>window.pwned=1</script>', cmdline: '<!-- \u2028\u2029 -->',
				exe: '"><img src=x onerror="window.pwned=3">' },
			{ comm: '{name|x}{pid|fake}', cmdline: broken, exe: Buffer.from('\x00\x01<svg onload=window.pwned=4>') },
			{ comm: '\u202egnp.exe\n\x1b[31m', cmdline: 'a\u0000b', pid: Buffer.from('pid') },
		],
		edges: [
			{ from: 1, to: 2, bytes: 9007199254740991, transit: durations(next, 101, 5000),
				name: '"><img src=x onerror=window.pwned=5>' },
			{ from: 2, to: 3, bytes: 70, transit: durations(next, 7, 5000), name: broken },
			{ from: 3, to: 3, bytes: 13, transit: [1], name: '\u2028<!--' },
		],
		ledger: [['<img src=x onerror=window.pwned=6>', '<script>', 3, 1, 1]],
		sql: "UPDATE edge SET transit_hist = x'0102030405' WHERE object_id = 2;"
			+ 'UPDATE mechanism SET name = \'<img src=x onerror=window.pwned=7>\' WHERE mechanism_id = 2;',
	};
}

function lossy() {
	return { ...pipeline(), meta: { exit_status: 9, complete: undefined, ended: 'signal' },
		ledger: [['pipe', 'stored', 28536, 28536, 0], ['pipe', 'ring_full', 1013, 0, 1013],
			['unknown', 'compat', 7, 0, 7]] };
}

// What `perf bench sched messaging -p` does: in each group every sender writes to the pipe of every
// receiver; all of them first tell the parent, over one pipe, that they are ready.
function messaging(groups, size = 20) {
	const next = random(5);
	const processes = [{ comm: 'perf' }];
	const edges = [];
	const member = () => processes.push({ comm: 'sched-messaging', parent_id: 1 });
	const ready = (from) => edges.push({ from, to: 1, bytes: 1, transit: durations(next, 1, 90000),
		object: 'ready' });

	for (let g = 0; g < groups; g++) {
		const receivers = Array.from({ length: size }, member);
		const senders = Array.from({ length: size }, member);

		[...receivers, ...senders].forEach(ready);
		for (const from of senders)
			for (const to of receivers) {
				const transit = durations(next, 3 + Math.floor(5 * next()), 50000);

				edges.push({ from, to, bytes: 101 * transit.length, transit, object: `to ${to}` });
			}
	}
	return { processes, edges, meta: { command: `perf bench sched messaging -p -g ${groups}` } };
}

// The same, where the processes of each group have a control group of their own, with a name that would like to
// be markup.
function cgroups() {
	const trace = messaging(2);

	return { ...trace, sql: trace.processes.map((_, i) => insert('process_cgroup', { process_id: i + 1,
		cgroup: i ? `/test.slice/<img src=x onerror=window.pwned=1>/group-${Math.ceil(i / 40)}.scope` : null }))
		.join('\n') };
}

// `n` processes and a way to connect them.
function shape(n, connect, more = {}) {
	const next = random(13);
	const processes = Array.from({ length: n }, (_, i) => ({ comm: `step${i + 1}`, ...more.process?.(i) }));
	const edges = [];

	connect((from, to, edge = {}) => edges.push({ from, to, bytes: Math.round(1e6 * (0.1 + next())),
		transit: durations(next, 7, 20000), ...edge }), next);
	return { processes, edges, meta: { command: more.command ?? 'sh -c ./shape' } };
}

function chain(n) {
	return shape(n, (send) => {
		for (let i = 1; i < n; i++)
			send(i, i + 1);
	});
}

function ring(n) {
	return shape(n, (send) => {
		for (let i = 1; i <= n; i++)
			send(i, i % n + 1, { mechanism: 'fifo', name: `/tmp/ring/${i}` });
	});
}

// The jobs of `make -j8` write to the one pipe that make reads.
function fan(n) {
	return shape(n + 1, (send) => {
		for (let i = 1; i <= n; i++)
			send(i + 1, 1, { object: 'output' });
	}, { process: (i) => i ? { comm: 'sh', parent_id: 1 } : { comm: 'make' }, command: 'make -j8' });
}

// `n` compilers that feed one assembler each; no two have the same parent.
function parents(n) {
	return shape(2 * n + 1, (send) => {
		for (let i = 1; i <= n; i++) {
			send(i, n + i);
			send(n + i, 2 * n + 1, { object: 'log' });
		}
	}, { process: (i) => ({ comm: i < n ? 'cc1' : i < 2 * n ? 'as' : 'log',
		ppid: 9000 + i % n }) });
}

function mesh(n, links) {
	return shape(n, (send, next) => {
		const one = () => 1 + Math.floor(n * next());

		for (let i = 0; i < links; i++)
			send(one(), one());
	});
}

// Every mechanism, as the tests of the other outputs have it.
function every() {
	const rows = new URL('../replay/every_mechanism.sql', import.meta.url);

	return { meta: Object.fromEntries(Object.keys(META).map((key) => [key, undefined])),
		sql: readFileSync(rows, 'utf8') };
}

// The pipeline, whose first pipe is half full for 1 s and then full for 1 s, of which tar waits for 0.75 s;
// and one that nobody is known to receive from.
function held() {
	const bins = [[0, 0, 0, 3e8], [1e9, 32768, 0, 0], [1.5e9, 32768, 0, 0], [2e9, 65536, 5e8, 0],
		[2.5e9, 65536, 2.5e8, 0]];

	return { ...pipeline(), sql: [
		insert('pressure_sum', { object_id: 1, direction: 0, capacity_bytes: 65536, max_bytes: 65536,
			max_messages: 17, full_ns: 7.5e8, empty_ns: 3e8, full_refusals: 4, empty_refusals: 0,
			first_ns: 0, last_ns: 3e9, mean_bytes: 32768, mean_messages: 8.5, sends: 12347, recvs: 12351,
			sender_id: 2, receiver_id: 3 }),
		...bins.map(([start_ns, bytes, full_ns, empty_ns]) => insert('depth_bin', { object_id: 1,
			direction: 0, start_ns, width_ns: 5e8, bytes, messages: bytes / 3855, max_bytes: bytes,
			max_messages: 17, full_ns, empty_ns })),
		insert('pressure_sum', { object_id: 3, direction: 0, capacity_bytes: 65536, max_bytes: 67,
			max_messages: 1, full_ns: 1e8, empty_ns: 0, full_refusals: 0, empty_refusals: 0, first_ns: 0,
			last_ns: 1e9, mean_bytes: 67, mean_messages: 1, sends: 5, recvs: 0, sender_id: 4 }),
		"UPDATE object SET outside = 1, name = '<img src=x onerror=window.pwned=1>' WHERE object_id = 3;",
	].join('\n') };
}

const op = (op_id, ts_ns, dur_ns, process_id, tid, more = {}) => insert('op', { op_id, ts_ns, dur_ns,
	blocked_ns: 0, process_id, tid, syscall_id: 2, role_id: 1, object_id: 1, bytes: 4099, finished: 1,
	...more });

// Makes the sums agree with the calls and messages that there are.
const COUNTED = `DELETE FROM call_part; DELETE FROM call_stat WHERE (mechanism_id, role_id, syscall_id) <> (1, 1, 2);
	UPDATE call_stat SET count = (SELECT count(*) FROM op);
	UPDATE edge SET exact = iif(object_id = 1, (SELECT count(*) FROM message), 0), ambiguous = 0;`;

// Calls of single threads: one that waited and was woken by the other end, one that failed, one that
// never returned, and a message; with names that would like to be markup.
function lanes() {
	const trace = pipeline();

	trace.processes[2].comm = '<img src=x onerror=window.pwned=1>';
	return { ...trace, sql: [
		op(11, 1e9, 1e7, 2, 4701),
		op(12, 9e8, 1.2e8, 3, 4702, { syscall_id: 1, role_id: 2, blocked_ns: 1.1e8 }),
		insert('sleep', { op_id: 12, waiting_ns: 1e8, runnable_ns: 8e6, woken_ns: 1.009e9,
			ran_ns: 1.017e9, waker_tid: 4701, waker_id: 2, away_ns: 0 }),
		op(13, 1.1e9, 3001, 3, 4799, { object_id: 2, bytes: 0, errno_id: 11 }),
		insert('errno', { errno_id: 11, name: '<b>EAGAIN</b>' }),
		op(14, 1.05e9, 9e8, 4, 4703, { object_id: 2, syscall_id: 1, role_id: 2, blocked_ns: 9e8, bytes: null,
			finished: 0 }),
		insert('message', { message_id: 1, object_id: 1, send_op: 11, recv_op: 12, bytes: 4099,
			confidence: 0, in_send_ns: 1000, in_object_ns: 1000, in_runq_ns: 1000 }),
		"UPDATE object SET name = '</script><b>two' WHERE object_id = 2;",
		COUNTED,
	].join('\n') };
}

// More calls than a page shows, of more threads: 53 senders that write one after the other, each
// message read 2 ms later, one of them a second later.
function busy() {
	const n = 9001;
	const slow = 4801;

	return { ...pipeline(), sql: `
		CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
			WHERE i < ${n - 1}) SELECT i FROM n;
		INSERT INTO op(op_id, ts_ns, dur_ns, blocked_ns, process_id, tid, syscall_id, role_id, object_id,
			bytes, finished)
		SELECT 2 * i + 1, 1000000 * i, 10007, 0, 2, 4701 + i % 53, 2, 1, 1, 4099, 1 FROM n UNION ALL
		SELECT 2 * i + 2, 1000000 * i + iif(i = ${slow}, 1000500000, 2000000), 5003, 0, 3, 4702, 1, 2, 1, 4099, 1
		FROM n;
		INSERT INTO message(message_id, object_id, send_op, recv_op, bytes, confidence, in_send_ns,
			in_object_ns, in_runq_ns)
		SELECT i + 1, 1, 2 * i + 1, 2 * i + 2, 4099, 0, 1000, 1000, 1000 FROM n;
		UPDATE edge SET transit_max_ns = 1e9 WHERE object_id = 1;
		DROP TABLE n;
		${COUNTED}` };
}

export const scenarios = {
	lanes,
	busy,
	held,
	every,
	pipeline, hostile, lossy,
	crowd: () => crowd(60),
	throng: () => crowd(230),
	multitude: () => crowd(900),
	swarm: () => crowd(1400),
	messaging: () => messaging(5),
	messaging2: () => messaging(2),
	cgroups,
	chain: () => chain(30),
	longchain: () => chain(90),
	ring: () => ring(8),
	fan: () => fan(64),
	parents: () => parents(70),
	mesh: () => mesh(100, 900),
	programs: () => mesh(150, 400),
	self: () => shape(1, (send) => send(1, 1)),
	twoway: () => shape(2, (send) => [send(1, 2), send(2, 1)]),
	outside: () => shape(4, (send) => {
		send(1, 2, { transit: undefined, messages: 3 });
		send(2, 3);
		send(3, 4, { transit: undefined, messages: 5 });
	}, { process: (i) => i % 3 ? {} : { traced: 0, ppid: null, start_ns: null, exit_ns: null } }),
	empty: () => ({}),
	nothing: () => ({ sql: 'DELETE FROM meta;' }),
};

if (process.argv[1] === fileURLToPath(import.meta.url))
	makeTrace(process.argv[3], scenarios[process.argv[2]]());
