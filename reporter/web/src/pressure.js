// Back-pressure: how full each direction of an object was over time, as small charts in a table's rows
// and as a large one below a row, and for how much of the time somebody waited for that.
import { tipOn } from './bars.js';
import { mechanismTitle, pressure } from './data.js';
import { byId, element, svg } from './dom.js';
import { NONE, bytes, count, duration, instant, percent, plural, processName, visible } from './format.js';
import { table } from './table.js';

// The places of a bin's numbers; the start is in widths of a bin.
const [START, FILL, FULL, EMPTY, BYTES, MESSAGES] = [0, 1, 2, 3, 4, 5];
// Above the fill is a strip for the time in which senders waited.
const SMALL = { width: 132, height: 22, strip: 5 };
const LARGE = { width: 900, height: 150, strip: 10 };

// Is the limit of messages the one that is nearer?
function byMessages(row) {
	const share = (most, capacity) => capacity > 0 ? most / capacity : -1;

	return share(row.max_messages, row.capacity_messages) >= 0
		&& share(row.max_messages, row.capacity_messages) >= share(row.max_bytes, row.capacity_bytes);
}

function amount(row, kind) {
	const value = row[`${kind}_${byMessages(row) ? 'messages' : 'bytes'}`];

	if (value === null)
		return NONE;
	if (byMessages(row))
		return plural(Number(value.toPrecision(3)), 'message');
	return bytes(Math.round(value));
}

function who(row, end) {
	const calls = end === 'sender' ? row.sends : row.recvs;

	if (row[end] !== null || row[`${end}_pid`] !== null)
		return processName(row[end], row[`${end}_pid`]);
	return calls > 0 ? 'several' : row.confidence === 'exact' ? 'nobody' : '(outside)';
}

// What each bin looks like: where it lies in the time from the first op to the last one, from 0 to 1,
// and how full it was there; a bin at an end counts as if it had only the part within.
function stretches(row) {
	const whole = row.last_ns - row.first_ns;

	return row.bins.map((bin) => {
		const from = Math.max(bin[START] * row.width_ns, row.first_ns);
		const to = Math.min((bin[START] + 1) * row.width_ns, row.last_ns);
		const scale = to > from ? row.width_ns / (to - from) : 0;
		const part = (share) => Math.min((share ?? 0) * scale, 1);

		return { bin, from: whole > 0 ? (from - row.first_ns) / whole : 0,
			to: whole > 0 ? (to - row.first_ns) / whole : 1,
			fill: part(bin[FILL]), full: part(bin[FULL]), empty: part(bin[EMPTY]) };
	}).filter(({ from, to }) => to > from);
}

// Steps: the outline of the fill, closed along the bottom.
function outline(parts, { width, height, strip }) {
	const x = (at) => (at * width).toFixed(2);
	const y = (fill) => (height - fill * (height - strip - 1)).toFixed(2);
	let before = null;
	let path = '';

	for (const { from, to, fill } of parts) {
		path += before === null ? `M${x(from)} ${height}` : from > before + 1e-9
			? `V${height}H${x(from)}` : '';
		path += `V${y(fill)}H${x(to)}`;
		before = to;
	}
	return before === null ? '' : `${path}V${height}Z`;
}

function shades(parts, { width, strip }) {
	return parts.filter(({ full }) => full > 0).map(({ from, to, full }) => svg('rect', {
		class: 'fill-full', x: (from * width).toFixed(2), y: 0, width: ((to - from) * width).toFixed(2),
		height: strip, opacity: full.toFixed(3) }));
}

function chart(row, size, more = []) {
	const parts = stretches(row);

	return svg('svg', { class: 'fill-chart', viewBox: `0 0 ${size.width} ${size.height}`,
		preserveAspectRatio: 'none', role: 'img', 'aria-label': `Fill over time: ${spoken(row)}` },
	...shades(parts, size), svg('path', { class: 'fill-level', d: outline(parts, size) }), ...more);
}

function share(value) {
	return value === null ? NONE : percent(value);
}

function spoken(row) {
	return `mean ${share(row.mean_fill)}, most ${share(row.max_fill)}, full for ${
		share(row.full_share)}, empty for ${share(row.empty_share)} of the time`;
}

function tip(row) {
	return { title: `${who(row, 'sender')} → ${who(row, 'receiver')}`, rows: [
		['Over', visible(row.object ?? mechanismTitle(row.mechanism))],
		['Holds', amount(row, 'capacity')],
		['Most inside', `${amount(row, 'max')} (${share(row.max_fill)})`],
		['Mean inside', `${amount(row, 'mean')} (${share(row.mean_fill)})`],
		['Full', `${duration(row.full_ns)} (${share(row.full_share)})`],
		['Empty', `${duration(row.empty_ns)} (${share(row.empty_share)})`],
	] };
}

// What there is to say of a bin, as [name, value].
function binFacts(row, { bin, fill, full, empty }) {
	return [
		['Mean fill', bin[FILL] === null ? NONE : percent(fill)],
		['Most inside', byMessages(row) ? plural(bin[MESSAGES] ?? 0, 'message') : bytes(bin[BYTES])],
		['Senders waited', percent(full)], ['Receivers waited', percent(empty)],
	];
}

function binTip(row, part) {
	return { title: `${instant(part.bin[START] * row.width_ns)}, ${duration(row.width_ns)} wide`,
		rows: binFacts(row, part) };
}

// The bins for those who do not see the chart.
function binTable(row) {
	const parts = stretches(row);

	return element('details', {}, element('summary', {}, 'This chart as a table'),
		element('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Fill over time' },
			element('table', { class: 'narrow' },
				element('caption', { class: 'caption' }, `Bins of ${duration(row.width_ns)}`),
				element('thead', {}, element('tr', {}, ...['Start', ...binFacts(row, parts[0]).map(([name]) => name)]
					.map((name) => element('th', { scope: 'col', class: 'number' }, name)))),
				element('tbody', {}, ...parts.map((part) => element('tr', {},
					element('th', { scope: 'row', class: 'number' }, instant(part.bin[START] * row.width_ns)),
					...binFacts(row, part).map(([, value]) => element('td', { class: 'number' }, value))))))));
}

// The large chart: with its scale, and a tooltip for each bin.
function detail(row) {
	const { width, height } = LARGE;
	const targets = stretches(row).map((part) => tipOn(svg('rect', { class: 'fill-target',
		x: (part.from * width).toFixed(2), y: 0, width: ((part.to - part.from) * width).toFixed(2), height }),
	() => binTip(row, part)));

	return element('div', { class: 'fill-detail' },
		element('p', { class: 'fill-scale' }, element('span', {}, row.max_fill === null ? 'capacity'
			: `${amount(row, 'capacity')}`), element('span', { class: 'legend' },
			element('span', {}, element('i', { class: 'swatch square fill-level-key' }), 'inside'),
			element('span', {}, element('i', { class: 'swatch square fill-full-key' }),
				'a sender waited for room'))),
		chart(row, LARGE, targets),
		element('p', { class: 'fill-scale' }, element('span', {}, instant(row.first_ns)),
			element('span', {}, instant(row.last_ns))),
		...targets.length ? [binTable(row)] : []);
}

function columns() {
	const number = (key, title, show, note) => ({ key, title, kind: 'number', show, note });
	const ends = (key) => ({ key, title: key === 'sender' ? 'Sender' : 'Receiver',
		show: (row) => element('span', { class: 'process' }, who(row, key)),
		sortBy: (row) => who(row, key).toLowerCase() });

	return [
		ends('sender'), ends('receiver'),
		{ key: 'object', title: 'Over', show: (row) => element('span', { class: 'path' },
			row.object === null || row.object === '' ? NONE : visible(row.object),
			element('small', {}, mechanismTitle(row.mechanism))) },
		number('capacity_bytes', 'Holds', (row) => amount(row, 'capacity'), 'What it can hold'),
		number('max_bytes', 'Most', (row) => amount(row, 'max'), 'The most that was inside'),
		number('mean_fill', 'Mean', (row) => share(row.mean_fill), 'Mean inside, of what it can hold'),
		number('full_share', 'Full', (row) => share(row.full_share),
			'Share of the time in which a sender waited for room'),
		number('empty_share', 'Empty', (row) => share(row.empty_share),
			'Share of the time in which a receiver waited for something'),
		...pressure.some((row) => row.full_refusals > 0) ? [number('full_refusals', 'Refused',
			(row) => count(row.full_refusals), 'Sends that were not to wait and failed')] : [],
		...pressure.some((row) => row.bins) ? [{ key: 'full_ns', title: 'Over time', kind: 'bar',
			show: (row) => row.bins && row.bins.length ? tipOn(chart(row, SMALL), () => tip(row)) : null,
			detail, note: 'How full it was from the first call to the last one; a click enlarges it' }] : [],
	];
}

// The section; none where nobody ever waited or was refused.
export function pressureSection() {
	byId('pressure').hidden = !pressure.length;
	if (!pressure.length)
		return;
	table('pressure', 'Back-pressure', columns(), pressure, {
		caption: 'How full each direction of a channel was, where somebody waited for that. Above the '
			+ `fill is the time in which a sender waited for room. The longest waits first.${
				pressure.length < pressure[0].directions
					? ` ${count(pressure.length)} of ${count(pressure[0].directions)}.` : ''}`,
		empty: 'Nobody waited.',
	});
}
