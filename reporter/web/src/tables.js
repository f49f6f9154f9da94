// The tables at the end of the page: edges, objects, calls, processes.
import { calls, edges, mechanismTitle, objects, processes, totals } from './data.js';
import { element } from './dom.js';
import { NONE, count, duration, exitStatus, instant, processName, visible } from './format.js';
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

// How sure the pairing is: what is not exact is said, with its number.
function confidence(row) {
	if (row.max_ns === null)
		return 'not paired';
	const parts = [['inferred', row.inferred], ['ambiguous', row.ambiguous]]
		.filter(([, n]) => n > 0)
		.map(([name, n]) => n === row.messages ? name : `${count(n)} ${name}`);

	return parts.length ? parts.join(', ') : 'exact';
}

function shownOf(rows, all, order) {
	return rows.length < all ? ` The ${count(rows.length)} of ${count(all)} with the most ${order}.` : '';
}

function edgeTable() {
	table('edges', 'Edges', [
		end('sender', 'Sender'), end('receiver', 'Receiver'), mechanism, path('object', 'Object'),
		number('bytes', 'Bytes'), number('messages', 'Messages'),
		time('p50_ns', 'p50', { note: 'Half of the messages took at most this from send to receive' }),
		time('p90_ns', 'p90'), time('p99_ns', 'p99'), time('max_ns', 'Max'),
		text('confidence', 'Pairing', { show: confidence, sortBy: confidence }),
	], edges, {
		caption: 'All messages from one process to another over one object; times are from the start of '
			+ `the send to the end of the receive.${shownOf(edges, totals.edges, 'bytes')}`,
		empty: 'No process sent anything to another.',
	});
}

function objectTable() {
	table('objects', 'Objects', [
		mechanism, path('name', 'Name'),
		number('sent_bytes', 'Bytes sent'), number('received_bytes', 'Bytes received'),
		number('sends', 'Sends'), number('recvs', 'Receives'), number('messages', 'Messages'),
		number('processes', 'Processes'), number('capacity', 'Capacity'),
		moment('created_ns', 'Created'), moment('closed_ns', 'Closed'),
	], objects, {
		caption: 'What data went through, with the calls of traced processes only.'
			+ shownOf(objects, totals.objects, 'bytes'),
		empty: 'No object was used.',
	});
}

function callTable() {
	table('calls', 'Calls', [
		mechanism, text('role', 'Role'), text('syscall', 'Call'), number('count', 'Count'),
		number('errors', 'Errors'), number('bytes', 'Bytes'),
		time('p50_ns', 'p50'), time('p90_ns', 'p90'), time('p99_ns', 'p99'), time('max_ns', 'Max'),
		time('sum_ns', 'Total'),
		time('blocked_ns', 'Off CPU', { note: 'Part of the total in which the thread did not run' }),
	], calls, {
		caption: 'How long system calls took.' + shownOf(calls, totals.calls, 'calls'),
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

export function tables() {
	edgeTable();
	objectTable();
	callTable();
	processTable();
}
