// The head of the page: what was recorded, what is wrong with it, and the ledger.
import { KNOWN_MECHANISMS, balance, ledger, mechanismTitle, mechanisms, meta, totals, unreadableHistograms }
	from './data.js';
import { byId, element } from './dom.js';
import { NONE, bytes, compact, count, date, duration, exitStatus, percent, plural, visible }
	from './format.js';

const IDLE_MAX = 3; // rows without a call in the ledger
const ROWS_OPEN = 8;

function text(value) {
	return value === null || value === undefined || value === '' ? NONE : visible(value);
}

const complete = String(meta.complete) === '1';
const PROBES_HIGH = 0.25; // from here on the probes change what they measure
const STOPPED = { signal: 'recording stopped by a signal',
	duration: 'recording stopped when its time was over' };

function howItEnded() {
	const status = meta.ended in STOPPED && typeof meta.exit_status !== 'number' ? 'still running'
		: exitStatus(meta.exit_status);

	return meta.ended in STOPPED ? `${status}; ${STOPPED[meta.ended]}` : status;
}

// Names, comma separated in the file, as a list of titles; or how many that is, or all but which.
function watched() {
	const names = typeof meta.mechanisms === 'string' ? meta.mechanisms.split(/,\s*/) : [];
	const others = mechanisms.slice(0, KNOWN_MECHANISMS).filter(({ name }) => !names.includes(name));

	if (!names.length)
		return NONE;
	if (!others.length)
		return `all ${KNOWN_MECHANISMS} mechanisms`;
	return others.length < KNOWN_MECHANISMS / 2 ? `all but ${others.map(({ name }) => name).join(', ')}`
		: names.map(visible).join(', ');
}

// What the probes added to the recorded calls as a share of all CPU time, or null.
function probesShare() {
	return meta.probe_ns > 0 && meta.cpu_ns > 0 ? meta.probe_ns / meta.cpu_ns : null;
}

function probesCost() {
	const share = probesShare();

	if (meta.probe_unmeasured)
		return `not measured: ${visible(meta.probe_unmeasured)}`;
	if (!(meta.probe_call_ns > 0))
		return meta.probe_other_call_ns > 0
			? `${duration(meta.probe_other_call_ns)} a call that is not recorded` : NONE;
	return `at least ${duration(meta.probe_call_ns)} a call${share === null ? ''
		: `, ${percent(share)} of the CPU time`}`;
}

// What --calibrate found, if it was asked for.
function slowdown() {
	const { calibrate_ratio: ratio, calibrate_ratio_min: least, calibrate_ratio_max: most } = meta;

	return ratio ? [['Took', `${visible(ratio)} times as long as unrecorded (${visible(least)} to ${
		visible(most)} in ${plural(meta.calibrate_rounds, 'round')})`]] : [];
}

function facts() {
	const machine = [meta.kernel ? `Linux ${visible(meta.kernel)}` : NONE, text(meta.arch),
		typeof meta.cpus === 'number' ? plural(meta.cpus, 'CPU') : NONE];

	return [
		['Recorded', typeof meta.start_realtime_ns === 'number' ? date(meta.start_realtime_ns) : NONE],
		['Duration', typeof meta.duration_ns === 'number' ? duration(meta.duration_ns) : NONE],
		['Exit status', howItEnded()],
		['Host', text(meta.host)],
		['Machine', machine.filter((part) => part !== NONE).join(', ') || NONE],
		['User', text(meta.user)],
		['Folder', text(meta.cwd)],
		['Watched', watched()],
		['Probes', probesCost()],
		...slowdown(),
	];
}

// How much there is in the whole trace, in large digits.
function sums() {
	return [['processes', count(totals.processes)], ['objects', count(totals.objects)],
		['messages', compact(totals.messages)], ['moved', bytes(totals.bytes)],
		...totals.wakes ? [['wake-ups', compact(totals.wakes)]] : [],
		...totals.shared ? [['shared in memory', compact(totals.shared)]] : []]
		.map(([name, value]) => figure(name, value));
}

function notice(kind, title, message) {
	return element('p', { class: `notice ${kind}`, role: 'note' },
		element('strong', {}, title), ` ${message}`);
}

function notices() {
	const { seen, stored, lost } = balance();
	const list = [];

	if (meta.filter)
		list.push(notice('warn', `Only what matches ${visible(meta.filter)}.`,
			'The ledger and the cost are of the whole recording.'));
	if (lost > 0)
		list.push(notice('bad', `${plural(lost, 'call')} lost, ${percent(lost / seen)} of all seen.`,
			'Every number below is too low by what they would have added; '
			+ 'the ledger says where and why.'));
	if (seen !== stored + lost)
		list.push(notice('bad', 'The ledger does not balance.',
			'Seen is not stored + lost: the file was changed or is damaged.'));
	if (!complete)
		list.push(notice('warn', 'This recording was cut off.',
			'Its recorder did not get to the end, or it still runs. What it stored until then, '
			+ 'up to the last second, is here.'));
	if (meta.ended === 'disk_full')
		list.push(notice('bad', 'Recording stopped early:', 'no space was left for the trace file.'));
	list.push(...blindNotices());
	if (probesShare() > PROBES_HIGH)
		list.push(notice('warn', `The probes took ${percent(probesShare())} of the CPU time or more.`,
			'All times are too long. Recording fewer mechanisms (-m) costs less.'));
	if (unreadableHistograms)
		list.push(notice('warn', `${plural(unreadableHistograms, 'histogram')} could not be read.`,
			'The latency charts are without them.'));
	return list;
}

// What this kernel cannot trace, and what goes past every probe.
function blindNotices() {
	const names = text(meta.not_traceable).replaceAll(/,\s*/g, ', ');
	const why = String(meta.not_traceable_why ?? '').split('\n').filter((line) => line)
		.map(visible).join('; ');
	const rings = Number(meta.io_uring_setups);
	const list = [];

	if (names !== NONE)
		list.push(notice('warn', `This kernel cannot trace ${names}.`, why ? `It says: ${why}.` : ''));
	else if (why)
		list.push(notice('warn', 'This kernel shows less than it could.', `Not seen: ${why}.`));
	if (rings > 0)
		list.push(notice('warn', `${plural(rings, 'io_uring')} ${rings === 1 ? 'was' : 'were'} set up.`,
			`What is done through ${rings === 1 ? 'it' : 'them'} is not seen.`));
	return list;
}

function figure(name, value, kind = '') {
	return element('div', { class: `figure ${kind}` }, element('span', { class: 'value' }, value),
		element('span', { class: 'name' }, name));
}

function sign(character) {
	return element('span', { class: 'sign' }, character);
}

const idle = ledger.filter(({ seen, lost }) => seen === 0 && lost === 0);

function ledgerTable(shown) {
	const rows = shown.map((row) => element('tr', { class: row.lost > 0 ? 'bad' : '' },
		element('td', {}, visible(mechanismTitle(row.mechanism))),
		element('td', {}, text(row.reason).replaceAll('_', ' ')),
		...['seen', 'stored', 'lost'].map((key) =>
			element('td', { class: 'number', 'data-value': row[key] }, count(row[key])))));

	return element('table', { class: 'narrow' },
		element('thead', {}, element('tr', {},
			...['Mechanism', 'Reason'].map((title) => element('th', { scope: 'col' }, title)),
			...['Seen', 'Stored', 'Lost'].map((title) =>
				element('th', { scope: 'col', class: 'number' }, title)))),
		element('tbody', {}, ...rows));
}

// A long table is folded, but for what was lost.
function ledgerDetails() {
	const shown = idle.length > IDLE_MAX ? ledger.filter((row) => !idle.includes(row)) : ledger;
	const bad = shown.filter(({ lost }) => lost > 0);
	const note = idle.length > IDLE_MAX
		? element('p', { class: 'caption' }, `Nothing seen on ${plural(idle.length, 'mechanism')} that ${
			idle.length === 1 ? 'was' : 'were'} watched.`) : null;

	if (shown.length <= ROWS_OPEN)
		return element('div', {}, ledgerTable(shown), note);
	return element('div', {}, bad.length ? ledgerTable(bad) : null,
		element('details', {}, element('summary', {}, 'Each mechanism'), ledgerTable(shown), note));
}

function ledgerBox() {
	const { seen, stored, lost } = balance();

	if (!ledger.length)
		return [element('p', { class: 'empty' }, complete
			? 'No call on a watched mechanism was seen.'
			: 'The recording ended before its ledger was written.')];
	return [
		element('div', { class: 'equation', 'aria-label':
			`${count(seen)} calls seen = ${count(stored)} stored + ${count(lost)} lost`, role: 'img' },
		figure('calls seen', count(seen)), sign('='), figure('stored', count(stored)), sign('+'),
		figure('lost', count(lost), lost ? 'bad' : 'good')),
		ledgerDetails(),
	];
}

export function header() {
	const command = meta.command ? visible(meta.command) : 'Unknown command';

	document.title = `${command} – ipctrace`;
	byId('command').textContent = command;
	byId('facts').append(...facts().map(([name, value]) =>
		element('div', {}, element('dt', {}, name), element('dd', {}, value))));
	byId('sums').append(...sums());
	byId('notices').append(...notices());
	byId('ledger').append(...ledgerBox());
	byId('footer').append(`Written by ipctrace${meta.version ? `; recorded by version ${visible(meta.version)}` : ''}. `
		+ 'Charts: Apache ECharts (Apache License 2.0), layout: dagre (MIT); '
		+ 'their licences stand in this page’s source. This page loads nothing from anywhere.');
}
