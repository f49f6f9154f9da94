// The tables at the end of the page: edges, objects, calls, processes.
import { calls, confidence, edges, left, mappings, mechanismTitle, objects, passed, processes, totals }
	from './data.js';
import { stackedBar, tipOn } from './bars.js';
import { element } from './dom.js';
import { NONE, count, duration, exitStatus, instant, percent, processName, visible } from './format.js';
import { CALL, TRANSIT, callParts, partsBar, partsDetail } from './parts.js';
import { table } from './table.js';

const text = (key, title, more = {}) => ({ key, title, ...more });
const number = (key, title, more = {}) =>
	({ key, title, kind: 'number', show: (row) => count(row[key]), ...more });
const time = (key, title, more = {}) =>
	number(key, title, { show: (row) => duration(row[key]), ...more });
const moment = (key, title, more = {}) =>
	number(key, title, { show: (row) => instant(row[key]), ...more });

const mechanism = {
	key: 'mechanism', title: 'Mechanism', show: (row) => mechanismTitle(row.mechanism),
};

// A process name with its pid in grey behind it.
function processCell(comm, pid) {
	if (comm === undefined)
		return NONE;
	const name = processName(comm, null);

	return element('span', { class: 'process' }, name,
		pid === null ? '' : element('span', { class: 'pid' }, ` ${pid}`));
}

function end(key, title) {
	return {
		key, title,
		show: (row) => processCell(row[key], row[`${key}_pid`]),
		sortBy: (row) => processName(row[key], null).toLowerCase() + String(row[`${key}_pid`] ?? 0)
			.padStart(12, '0'),
	};
}

function path(key, title) {
	return { key, title, show: (row) => element('span', { class: 'path' },
		row[key] === null || row[key] === '' ? NONE : visible(row[key])) };
}

// How sure the pairing can be.
const CONFIDENCE = [
	{ key: 'exact', title: 'Exact', note: 'The two calls are known to have moved the same bytes' },
	{ key: 'inferred', title: 'Inferred', note: 'Someone outside the recording may have had a hand in it' },
	{ key: 'ambiguous', title: 'Ambiguous', note: 'Another call moved bytes the same way at the same time' },
];

// What is not exact is said, with its number.
function pairing(row) {
	if (row.kind === 'shared')
		return 'shared memory';
	if (row.max_ns === null)
		return 'not paired';
	const parts = [['inferred', row.inferred], ['ambiguous', row.ambiguous]]
		.filter(([, n]) => n > 0)
		.map(([name, n]) => n === row.messages ? name : `${count(n)} ${name}`);

	return parts.length ? parts.join(', ') : 'exact';
}

// Of an object, whose messages to and from the outside were not paired.
function objectPairing(row) {
	const messages = row.exact + row.inferred + row.ambiguous;

	return messages ? pairing({ ...row, messages }) : NONE;
}

function shownOf(rows, all, order) {
	return rows.length < all ? ` The ${count(rows.length)} of ${count(all)} with the most ${order}.` : '';
}

// What wakes or is shared stands in the same table.
function edgeNotes() {
	const has = (name) => edges.some(({ kind }) => kind === name);

	return (has('sync') ? ' Of what only wakes, the messages are wake-ups.' : '')
		+ (has('shared') ? ' What two processes share in memory has no message: no call shows the stores.'
			: '');
}

// When an object ended, or how it stood with it at the end; a part of a process has none of its own.
function endOf({ end, left_behind, closed_ns }) {
	if (left_behind)
		return 'left behind';
	if (closed_ns === null && end !== null)
		return end === 'removed' ? 'not removed' : 'left open';
	return instant(closed_ns);
}

function edgeTable() {
	table('edges', 'Edges', [
		end('sender', 'Sender'), end('receiver', 'Receiver'), mechanism, path('object', 'Object'),
		number('bytes', 'Bytes'), number('messages', 'Messages'),
		time('p50_ns', 'p50', { note: 'Half of the messages took at most this from send to receive' }),
		time('p90_ns', 'p90'), time('p99_ns', 'p99'), time('max_ns', 'Max'),
		text('confidence', 'Pairing', { show: pairing, sortBy: pairing }),
		...edges.some(({ parts }) => parts) ? [{ key: 'sum_ns', title: 'Where it went', kind: 'bar',
			show: (row) => row.parts && partsBar(row), detail: partsDetail,
			note: 'The parts of the transit; a click shows their numbers' }] : [],
	], edges, {
		caption: 'All messages from one process to another over one object; times are from the start of '
			+ `the send to the end of the receive.${edgeNotes()}${
				shownOf(edges, totals.edges, edges.some(({ kind }) => kind !== 'data')
					? 'bytes or wake-ups of their kind' : 'bytes')}`,
		legend: edges.some(({ parts }) => parts) ? TRANSIT : null,
		empty: 'No process sent anything to another.',
	});
}

function confidenceTable() {
	table('confidence', 'Pairing', [
		mechanism, number('messages', 'Messages'),
		...CONFIDENCE.map(({ key, title, note }) => number(key, title, { note })),
		text('share', 'Exact of all', { show: (row) => `${Math.floor(1000 * row.exact / row.messages) / 10} %`,
			sortBy: (row) => row.exact / row.messages }),
		number('bytes', 'Bytes'),
		...CONFIDENCE.map(({ key, title, note }) =>
			number(`${key}_bytes`, `${title}, bytes`, { note })),
	], confidence, {
		caption: 'How sure it is which receive took what which send put in, of messages and wake-ups '
			+ 'between recorded processes.',
		empty: 'Nothing was paired.',
	});
}

function objectTable() {
	table('objects', 'Objects', [
		mechanism, path('name', 'Name'),
		number('sent_bytes', 'Sent', { note: 'Bytes' }),
		number('received_bytes', 'Received', { note: 'Bytes' }),
		number('sends', 'Sends'), number('recvs', 'Receives'), number('messages', 'Messages'),
		text('confidence', 'Pairing', { show: objectPairing, sortBy: objectPairing }),
		number('processes', 'Processes'), number('capacity', 'Capacity', { note: 'Bytes' }),
		moment('created_ns', 'Made'), moment('closed_ns', 'Ended', { show: endOf,
			note: 'When the last fd was closed, or when it was removed' }),
	], objects, {
		caption: 'What data, wake-ups and memory went through, with the calls of traced processes only.'
			+ shownOf(objects, totals.objects, 'bytes'),
		empty: 'No object was used.',
	});
}

// Where the time in calls went; older files know only how much of it was off the CPU.
function callTimes() {
	const known = calls.some(({ waiting_ns }) => waiting_ns !== null);

	if (!known)
		return [time('blocked_ns', 'Off CPU', {
			note: 'Part of the total in which the thread did not run' })];
	return [
		...CALL.slice(0, -1).map(({ key, title, note }) => time(`${key}_ns`, title, { note })),
		...calls.some(({ timeouts }) => timeouts > 0)
			? [number('timeouts', 'Time-outs', { note: 'Waits that ended with nothing ready' })] : [],
		{ key: 'waiting_ns', title: 'Parts', kind: 'bar', show: (row) => row.waiting_ns === null ? null
			: tipOn(stackedBar(CALL, callParts(row)), () => callTip(row)) },
	];
}

function callTip(row) {
	const values = callParts(row);

	return { title: `${mechanismTitle(row.mechanism)} ${row.syscall}`, rows: [
		...CALL.map(({ title }, i) => [title, `${duration(values[i])} (${
			percent(row.sum_ns > 0 ? values[i] / row.sum_ns : 0)})`]),
		['Total', duration(row.sum_ns)]] };
}

function callTable() {
	table('calls', 'Calls', [
		mechanism, text('role', 'Role'), text('syscall', 'Call'), number('count', 'Count'),
		number('errors', 'Errors'), number('bytes', 'Bytes'),
		time('p50_ns', 'p50'), time('p90_ns', 'p90'), time('p99_ns', 'p99'), time('max_ns', 'Max'),
		time('sum_ns', 'Total'), ...callTimes(),
	], calls, {
		caption: 'How long system calls took.' + shownOf(calls, totals.calls, 'calls'),
		legend: calls.some(({ waiting_ns }) => waiting_ns !== null) ? CALL : null, isDense: true,
		empty: 'No call was recorded.',
	});
}

function processTable() {
	table('processes', 'Processes', [
		{ key: 'comm', title: 'Name', show: (row) => element('span', { class: 'process' },
			processName(row.comm, null)) },
		number('pid', 'PID', { show: (row) => row.pid === null ? NONE : String(row.pid) }),
		number('ppid', 'Parent', { show: (row) => row.ppid === null ? NONE : String(row.ppid) }),
		number('sent_bytes', 'Bytes sent'), number('received_bytes', 'Bytes received'),
		...totals.wakes ? [number('wakes', 'Wakes'), number('woken', 'Woken')] : [],
		...totals.mappings ? [number('mappings', 'Mappings')] : [],
		moment('start_ns', 'Start'), moment('exit_ns', 'End'),
		text('exit_status', 'Exit', { show: (row) => row.traced ? exitStatus(row.exit_status)
			: 'not traced' }),
		path('cmdline', 'Command line'),
	], processes, {
		caption: `Traced processes, and those outside that hold an end of an object.${
			shownOf(processes, totals.processes + totals.outsiders, 'bytes')}`,
		empty: 'No process was recorded.',
	});
}

// Where there is none of it, there is no section.
function sectionIfAny(id, rows, fill) {
	document.getElementById(id).hidden = !rows.length;
	if (rows.length)
		fill();
}

function mappingTable() {
	table('mappings', 'Mappings', [
		mechanism, path('object', 'Object'), end('process', 'Process'),
		text('protection', 'Access'), text('how', 'By'), number('length', 'Bytes mapped'),
		number('file_offset', 'From offset'), moment('mapped_ns', 'Mapped'),
		moment('unmapped_ns', 'Unmapped'),
		number('reads', 'Read', { note: 'Pages that the process first touched by reading' }),
		number('writes', 'Written', { note: 'Pages that the process first touched by writing' }),
	], mappings, {
		caption: 'Who maps which memory that can be shared. Read and written are pages by first touch, of '
			+ `the process in all its mappings of the object; later stores are not seen.${
				mappings.length < totals.mappings
					? ` ${count(mappings.length)} of ${count(totals.mappings)}.` : ''}`,
		empty: 'Nothing was mapped.',
	});
}

function passedTable() {
	table('passed', 'Passed fds', [
		end('sender', 'From'), end('receiver', 'To'),
		{ key: 'object_mechanism', title: 'What', show: (row) => row.object_mechanism === null ? NONE
			: mechanismTitle(row.object_mechanism) },
		path('object', 'Object'), path('carrier', 'Over'),
		number('sender_fd', 'Fd there', { show: (row) => fd(row.sender_fd) }),
		number('receiver_fd', 'Fd here', { show: (row) => fd(row.receiver_fd) }),
		moment('sent_ns', 'Sent'), moment('received_ns', 'Received'), time('took_ns', 'Took'),
	], passed, {
		caption: `Open files that one process gave to another in a message (SCM_RIGHTS).${
			passed.length < totals.passed
				? ` The first ${count(passed.length)} of ${count(totals.passed)}.` : ''}`,
		empty: 'No fd was passed.',
	});
}

function fd(number) {
	return number === null ? NONE : String(number);
}

function leftTable() {
	table('left', 'Left behind', [
		mechanism, path('name', 'Name'), number('capacity', 'Bytes'), number('holds', 'Holds'),
		end('creator', 'Made by'), moment('created_ns', 'Made'),
	], left, {
		caption: 'There at the end and held by no process: ipcrm or rm takes it away.',
		empty: 'Nothing was left behind.',
	});
}

export function tables() {
	edgeTable();
	sectionIfAny('mappings', mappings, mappingTable);
	sectionIfAny('passed', passed, passedTable);
	sectionIfAny('left', left, leftTable);
	sectionIfAny('confidence', confidence, confidenceTable);
	objectTable();
	callTable();
	processTable();
}
