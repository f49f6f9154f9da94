// Where the time of messages went: their transit in its four parts, as a section of bars by mechanism
// and by edge, as a small bar in a table, and as all numbers of one edge.
import { sumOf, stackLegend, stackedBar, tipOn } from './bars.js';
import { lostText } from './caption.js';
import { mechanismTitle, parts } from './data.js';
import { byId, element, radioSwitch } from './dom.js';
import { isShown, onFilter } from './filter.js';
import { count, duration, percent, plural, processName, visible } from './format.js';
import { swatch } from './theme.js';

export const TRANSIT = [
	{ key: 'send', title: 'In the send call', note: 'From the start of the call until the data was in' },
	{ key: 'object', title: 'In the object', note: 'Nobody was busy with it: the receiver did other '
		+ 'things, or had no CPU for them' },
	{ key: 'runq', title: 'In the run queue', note: 'From the waking of the receiver to its running' },
	{ key: 'recv', title: 'In the receive call', note: 'The rest, from then on' },
];

export const CALL = [
	{ key: 'running', title: 'Running', note: 'On a CPU' },
	{ key: 'waiting', title: 'Waiting', note: 'Asleep until another acts: room, data, a waking' },
	{ key: 'runnable', title: 'Runnable', note: 'In the run queue: ready, and waiting for a CPU' },
	{ key: 'other', title: 'Other sleep', note: 'For a lock, memory or a disk' },
];

const BARS_AT_FIRST = 12;
const SUM = 0; // the place of a number in a part: then p50, p90, p99 and max
const NUMBERS = ['Sum', 'p50', 'p90', 'p99', 'Max'];

const sums = (row) => row.parts.map((part) => part[SUM]);
const mean = (row) => row.messages > 0 ? row.sum_ns / row.messages : 0;
const UNITS = {
	share: { title: 'Share', of: (row) => sumOf(sums(row)) > 0 ? 1 : 0 },
	mean: { title: 'Mean', of: mean },
	sum: { title: 'Sum', of: (row) => row.sum_ns },
};
let unit = 'share';
let isWhole = false; // all bars that the page has are shown

// What the parts of a call's time add up to, as far as they are known.
export function callParts({ running_ns, waiting_ns, runnable_ns, sum_ns }) {
	return [running_ns, waiting_ns, runnable_ns,
		Math.max(sum_ns - running_ns - waiting_ns - runnable_ns, 0)];
}

function several(comm, pid, n) {
	return n > 1 ? `${processName(comm, null)} ×${count(n)}` : processName(comm, pid);
}

function endsName(row) {
	return `${several(row.sender, row.sender_pid, row.senders)} → ${
		several(row.receiver, row.receiver_pid, row.receivers)}`;
}

function objectName(row) {
	return row.objects > 1 ? `${mechanismTitle(row.mechanism)} ×${count(row.objects)}`
		: visible(row.object ?? mechanismTitle(row.mechanism));
}

function nounOf({ kind }) {
	return kind === 'sync' ? 'wake-up' : 'message';
}

// A row's parts as text: the mean of each, its share, and where it is known its tail.
export function partsTip(title, row) {
	const whole = sumOf(sums(row));

	return { title, rows: [
		...TRANSIT.map((part, i) => [part.title, `${duration(row.parts[i][SUM] / row.messages)} (${
			percent(whole > 0 ? Math.max(row.parts[i][SUM], 0) / whole : 0)})`]),
		['Mean transit', duration(mean(row))],
		['p50 / p99 / max', [row.p50_ns, row.p99_ns, row.max_ns].map(duration).join(' / ')],
	] };
}

// All numbers of the transit and its parts; of parts that were summed over several edges there is no more
// than the sum.
export function partsTable(row) {
	const known = row.parts.some((numbers) => numbers.slice(1).some((ns) => ns !== null)) ? NUMBERS
		: NUMBERS.slice(0, 1);
	const line = (title, numbers, extra = null) => element('tr', {},
		element('th', { scope: 'row' }, extra, title),
		...[sumOf(sums(row)) > 0 ? numbers[SUM] / row.sum_ns : null].map((share) => element('td',
			{ class: 'number' }, share === null ? '–' : percent(share))),
		...numbers.slice(0, known.length).map((ns) => element('td', { class: 'number',
			...typeof ns === 'number' ? { 'data-value': ns } : {} }, duration(ns))));

	return element('table', { class: 'narrow' },
		element('caption', { class: 'hidden' }, 'Parts of the transit, by percentile'),
		element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Part'),
			...['Share', ...known].map((name) => element('th', { scope: 'col', class: 'number' }, name)))),
		element('tbody', {},
			...TRANSIT.map((part, i) => line(part.title, row.parts[i],
				element('i', { class: `swatch square part-${part.key}`, title: part.note }))),
			line('Transit', [row.sum_ns, row.p50_ns, row.p90_ns, row.p99_ns, row.max_ns])));
}

// The small bar of a table's row.
export function partsBar(row) {
	return stackedBar(TRANSIT, sums(row));
}

// What opens under an edge of the table.
export function partsDetail(row) {
	return element('div', { class: 'parts-detail' },
		element('p', {}, `Where the ${duration(mean(row))} of the mean transit went`),
		stackedBar(TRANSIT, sums(row), { labelled: true }), partsTable(row));
}

function label(row) {
	if (row.level === 'mechanism')
		return element('span', { class: 'bar-name' }, swatch(row.mechanism),
			visible(mechanismTitle(row.mechanism)));
	return element('span', { class: 'bar-name' }, swatch(row.mechanism), endsName(row),
		element('small', {}, objectName(row)));
}

function barRow(row, most) {
	const title = row.level === 'mechanism' ? visible(mechanismTitle(row.mechanism))
		: `${endsName(row)}, ${objectName(row)}`;
	const bar = stackedBar(TRANSIT, sums(row), { labelled: true,
		length: most > 0 ? UNITS[unit].of(row) / most : 0 });
	const node = element('li', { class: 'bar-row', tabIndex: 0 }, label(row), bar,
		element('span', { class: 'bar-value' }, duration(unit === 'sum' ? row.sum_ns : mean(row)),
			element('small', {}, `${unit === 'sum' ? 'in' : row.messages === 1 ? 'of' : 'mean of'} ${
				plural(row.messages, nounOf(row))}`)));

	return tipOn(node, () => partsTip(title, row));
}

function shownOf(level) {
	return parts.filter((row) => row.level === level && isShown(row.mechanism));
}

function barList(title, rows) {
	const most = Math.max(...rows.map(UNITS[unit].of));

	return element('div', {}, element('h3', {}, title),
		element('ol', { class: 'bars', 'aria-label': title }, ...rows.map((row) => barRow(row, most))));
}

function tableOf(rows) {
	const numbers = (row) => [row.messages, row.sum_ns, ...sums(row)];

	return element('table', { class: 'narrow' },
		element('caption', { class: 'hidden' }, 'Sums of the parts of the transit, by mechanism and by edge'),
		element('thead', {}, element('tr', {},
			...['Mechanism', 'From', 'To', 'Over'].map((name) => element('th', { scope: 'col' }, name)),
			...['Messages', 'Transit', ...TRANSIT.map(({ title }) => title)].map((name) =>
				element('th', { scope: 'col', class: 'number' }, name)))),
		element('tbody', {}, ...rows.map((row) => element('tr', {},
			...[mechanismTitle(row.mechanism), ...row.level === 'edge'
				? [several(row.sender, row.sender_pid, row.senders),
					several(row.receiver, row.receiver_pid, row.receivers), objectName(row)]
				: ['all', 'all', 'all']].map((text, i) => i ? element('td', {}, visible(text))
				: element('th', { scope: 'row' }, visible(text))),
			...numbers(row).map((n, i) => element('td', { class: 'number', 'data-value': n },
				i ? duration(n) : count(n)))))));
}

function caption(edges, shown) {
	const all = edges[0]?.bars ?? 0;
	const grouped = edges.some((row) => row.edges > 1)
		? ' Edges between processes of the same names over the same mechanism share a bar.' : '';

	return [`${unit === 'share' ? 'Shares of the summed transit'
		: unit === 'mean' ? 'Mean transit' : 'Summed transit'}, the largest sums first. ${
		shown.length < all ? `Shown are ${count(shown.length)} of ${count(all)} by edge. ` : ''}`, lostText(),
	grouped];
}

function show() {
	const [mechanisms, edges] = [shownOf('mechanism'), shownOf('edge')];
	const shown = isWhole ? edges : edges.slice(0, BARS_AT_FIRST);
	const more = byId('parts-more');

	byId('parts-bars').replaceChildren(...mechanisms.length > 1 ? [barList('By mechanism', mechanisms)] : [],
		...shown.length ? [barList('By edge', shown)]
			: [element('p', { class: 'empty' }, 'Nothing of what is chosen above has a transit.')]);
	byId('parts-caption').replaceChildren(...caption(edges, shown));
	byId('parts-table').replaceChildren(element('summary', {}, 'These bars as a table'),
		element('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Parts of the transit' },
			tableOf([...mechanisms, ...shown])));
	more.hidden = shown.length === edges.length;
	more.textContent = `Show ${count(edges.length)} bars`;
}

// The section; none where the file has no parts, as those of older versions.
export function partsSection() {
	byId('parts').hidden = !parts.length;
	if (!parts.length)
		return;
	radioSwitch('parts-switch', 'Length', Object.entries(UNITS).map(([name, { title }]) => [name, title]),
		(name) => {
			unit = name;
			show();
		});
	byId('parts-more').addEventListener('click', () => {
		isWhole = true;
		show();
	});
	byId('parts-legend').append(stackLegend(TRANSIT));
	show();
	onFilter(show);
}
