// The tables of the comparison's page.
import { change, groups, interval, isBench, itemName, itemObject, items, measureName, measured, rows }
	from './diff_data.js';
import { byId, element } from './dom.js';
import { bytes, count, duration, visible } from './format.js';
import { table } from './table.js';

function changeCell({ ratio, significant, worse }) {
	const arrow = significant ? (ratio > 1 ? '▲ ' : '▼ ') : '';
	const kind = !significant ? 'same' : worse > 0 ? 'worse' : worse < 0 ? 'better' : 'changed';

	return ratio === null ? null : element('span', { class: `change ${kind}` }, `${arrow}${change(ratio)}`);
}

function quality({ q, method }) {
	if (q === null)
		return method === 'too few' ? 'not tested' : null;
	return q < 0.0001 ? '< 0.0001' : q.toFixed(4);
}

const size = ({ ratio }) => (ratio > 0 ? Math.abs(Math.log(ratio)) : null);
const process = (key) => (row) => element('span', { class: 'process' }, row[key]);

const COLUMNS = [
	{ key: 'who', title: 'What', show: process('who') },
	{ key: 'object', title: isBench ? 'Setting' : 'Object', show: (row) => element('span', { class: 'path' }, row.object) },
	{ key: 'measure', title: 'Measure', show: ({ item, measure }) => measureName(item, measure) },
	{ key: 'a', title: 'A', kind: 'number', show: ({ a, measure }) => measured(a, measure) },
	{ key: 'b', title: 'B', kind: 'number', show: ({ b, measure }) => measured(b, measure) },
	{ key: 'ratio', title: 'Change', kind: 'number', sortBy: size, show: changeCell,
		note: 'Sorted by how large it is, up or down' },
	{ key: 'low', title: '95 % interval', kind: 'number', show: interval },
	{ key: 'q', title: 'q', kind: 'number', show: quality, note: 'Share of chance among changes up to this one' },
	{ key: 'mostly', title: 'Mostly', show: ({ item, measure }) =>
		(['p50', 'p99', 'mean'].includes(measure) ? item.mostly : null),
	note: 'The part of the time in which most of the change of the mean is' },
];

function changes() {
	table('changes', 'What changed', COLUMNS, rows.filter(({ significant }) => significant),
		{ caption: 'What became worse first, then what became better, then the rest.',
			empty: 'Nothing changed beyond noise.' });
}

function all() {
	table('all', 'All comparisons', COLUMNS, rows,
		{ caption: 'Also what did not change, and what could not be tested because there is too little of it.',
			empty: 'There is nothing that both have.' });
}

function alone() {
	const one = items.filter(({ status, level }) => status !== 'both' && level !== 'mechanism')
		.map((item) => {
			const side = item.status === 'gone' ? 'a' : 'b';
			const { messages, calls, bytes: size_ } = item[side];

			return { mechanism: item.mechanism, where: side.toUpperCase(), who: visible(itemName(item)),
				object: visible(itemObject(item)), number: messages ?? calls, bytes: size_,
				p50: item.changes.find(({ measure }) => measure === 'p50')?.[side] ?? null };
		});

	table('alone', 'Only one of them has', [
		{ key: 'where', title: 'Only in' },
		{ key: 'who', title: 'What', show: process('who') },
		{ key: 'object', title: 'Object', show: (row) => element('span', { class: 'path' }, row.object) },
		{ key: 'number', title: 'Messages or calls', kind: 'number', show: (row) => count(row.number) },
		{ key: 'bytes', title: 'Bytes', kind: 'number', show: (row) => bytes(row.bytes) },
		{ key: 'p50', title: 'p50', kind: 'number', show: (row) => (row.p50 === null ? null : duration(row.p50)) },
	], one, { caption: 'What has no counterpart by program, mechanism and object.',
		empty: 'Both have the same edges and calls.' });
}

function programs() {
	table('groups', 'Processes', [
		{ key: 'label', title: 'Program', show: ({ label }) => element('span', { class: 'process' }, visible(label)) },
		{ key: 'parents', title: 'Started by', show: ({ parents }) => visible(parents.replace(/\/$/, '')) },
		{ key: 'processes_a', title: 'A', kind: 'number', show: (row) => count(row.processes_a) },
		{ key: 'processes_b', title: 'B', kind: 'number', show: (row) => count(row.processes_b) },
	], groups, { caption: 'Processes that were taken for the same: by program, place in the tree and what '
		+ 'they send and receive.', empty: 'No process was recorded.' });
}

export function diffTables() {
	changes();
	alone();
	if (isBench)
		byId('groups').remove();
	else
		programs();
	all();
}
