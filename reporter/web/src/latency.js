// The latency section: histograms and percentile curves of all mechanisms by one measure, or of whatever
// mechanisms, objects and edges the reader picks, and the same in a table. All is drawn from what the
// program has already merged.
import { lostText } from './caption.js';
import { drawHistogram, drawPercentiles } from './curves.js';
import { latency, mechanismTitle, mechanismsOf, sum, totals } from './data.js';
import { byId, element, radioChoose, radioSwitch } from './dom.js';
import { isShown, onFilter } from './filter.js';
import { count, duration, plural, processName, shortened, visible } from './format.js';
import { Picker } from './picker.js';
import { curveClass, keepDrawn, lineType, mechanismTint } from './theme.js';

const MEASURES = {
	transit: { title: 'Transit', long: 'Transit of messages', noun: 'message',
		note: 'Transit is from the start of the send to the end of the receive, or from the call that '
			+ 'wakes to the end of the wait. ' },
	send: { title: 'Sends', long: 'Duration of send calls', noun: 'call', note: '' },
	recv: { title: 'Receives', long: 'Duration of receive calls', noun: 'call', note: '' },
	wake: { title: 'Wakes', long: 'Duration of waking calls', noun: 'call', note: '' },
	wait: { title: 'Waits', long: 'Duration of waiting calls', noun: 'call', note: '' },
};
const CURVES_MAX = 8; // of a measure; more cannot be told apart
const TINTS = 8; // for picked curves, then the same with other lines
const LINES = ['solid', 'dashed', 'dotted'];
const NAME_CHARS = 44;

// Objects of the same name have numbers, as --filter takes them.
const namesakes = new Map();

for (const { of, object, object_id: id } of latency)
	if (of !== 'mechanism')
		namesakes.set(object, (namesakes.get(object) ?? new Set()).add(id));

function objectName({ mechanism, object, object_id: id }) {
	return visible(`${object ?? mechanismTitle(mechanism)}${namesakes.get(object).size > 1 ? ` #${id}` : ''}`);
}

// What a distribution is of, and a second line: how it is measured, or over what.
const NAMES = {
	mechanism: (d) => [visible(mechanismTitle(d.mechanism)), MEASURES[d.measure]?.title.toLowerCase()],
	object: (d) => [objectName(d), `${visible(mechanismTitle(d.mechanism))}, ${plural(d.edges, 'edge')}`],
	edge: (d) => [`${processName(d.sender, d.sender_pid)} → ${processName(d.receiver, d.receiver_pid)}`,
		objectName(d)],
};
const items = latency.map((d) => {
	const [name, more] = NAMES[d.of](d);

	return { d, name, more };
});
const mechanismsBy = (name) => items.filter(({ d }) => d.of === 'mechanism' && d.measure === name);
const order = Object.keys(MEASURES);

items.sort((a, b) => order.indexOf(a.d.measure) - order.indexOf(b.d.measure));

let measure;
let picker;
let picked = null; // a set of items; null: all mechanisms by the measure

// What is chosen and not left out by the filter, with its colour and line.
function chosen() {
	const isIn = ({ d }) => isShown(d.mechanism);

	if (picked)
		return items.filter((item) => picked.has(item)).map((item, i) => ({ ...item,
			full: `${item.name}, ${item.more}`, tint: `series-${i % TINTS}`,
			line: LINES[Math.floor(i / TINTS) % LINES.length] })).filter(isIn);
	const of = mechanismsBy(measure).filter(isIn);

	return mechanismsOf(of.map(({ d }) => d)).map((name) => of.find(({ d }) => d.mechanism === name))
		.map((item) => ({ ...item, full: item.name, tint: mechanismTint(item.d.mechanism),
			line: lineType(item.d.mechanism) }));
}

// Those with the most values have curves, or all that were picked.
function shown() {
	const all = chosen();
	const most = [...all].sort((a, b) => b.d.n - a.d.n).slice(0, picked ? all.length : CURVES_MAX);

	return all.filter((item) => most.includes(item));
}

function key(curve) {
	return element('i', { class: curveClass(curve) });
}

function legend(curves) {
	return element('span', { class: 'legend' }, ...curves.map((curve) =>
		element('span', {}, key(curve), shortened(curve.full, 2 * NAME_CHARS))));
}

function outsideText() {
	return totals.outside > 0 ? ` ${plural(totals.outside, 'call')} to or from a process outside the recording ${
		totals.outside === 1 ? 'has' : 'have'} no transit.` : '';
}

function caption(curves) {
	const { noun, note } = MEASURES[measure];
	const listed = (some) => some.map(({ name, d }) => `${name} ${count(d.n)}`).join(', ');
	const others = chosen().filter((item) => !curves.some(({ d }) => d === item.d));

	if (picked)
		return [legend(curves), 'The table has the number of values of each. ', lostText(), ` ${MEASURES.transit.note}`];
	return [
		legend(curves),
		`n = ${plural(sum(curves.map(({ d }) => d), 'n'), noun)}${curves.length > 1 ? ` (${listed(curves)})` : ''}. `,
		lostText(),
		others.length ? ` Without a curve, but in the table: ${listed(others)}.` : '',
		measure === 'transit' ? outsideText() : '',
		note ? ` ${note}` : '',
	];
}

function summaryTable(rows, title) {
	const columns = [['n', 'n', count], ['mean_ns', 'Mean', duration], ['p50_ns', 'p50', duration],
		['p90_ns', 'p90', duration], ['p99_ns', 'p99', duration], ['p999_ns', 'p99.9', duration],
		['max_ns', 'Max', duration]];

	return element('table', { class: 'narrow' },
		element('caption', { class: 'hidden' }, title),
		element('thead', {}, element('tr', {},
			element('th', { scope: 'col' }, picked ? 'What' : 'Mechanism'),
			...picked ? [element('th', { scope: 'col' }, 'Measure or object')] : [],
			...columns.map(([, name]) => element('th', { scope: 'col', class: 'number' }, name)))),
		element('tbody', {}, ...rows.map((row) => element('tr', {},
			element('th', { scope: 'row' }, picked ? key(row) : null, row.name),
			...picked ? [element('td', {}, row.more)] : [],
			...columns.map(([field, , show]) => element('td', { class: 'number',
				'data-value': row.d[field] }, show(row.d[field])))))));
}

function draw() {
	const curves = shown().map((curve) => ({ ...curve, name: shortened(curve.full, NAME_CHARS) }));

	drawHistogram(byId('histogram'), curves);
	drawPercentiles(byId('percentiles'), curves);
}

function show() {
	const curves = shown();
	const title = picked ? 'Compared' : MEASURES[measure].long;

	for (const id of ['histogram', 'percentiles']) {
		byId(`${id}-title`).textContent = `${title}: ${id}`;
		byId(id).setAttribute('aria-label', `${title}: ${id} of ${curves.map(({ full }) => full).join(', ')}; `
			+ 'the table below has the figures');
	}
	byId('histogram-caption').replaceChildren(...caption(curves));
	byId('percentiles-caption').replaceChildren(...caption(curves).slice(0, 3));
	byId('latency-table').replaceChildren(chosen().length ? summaryTable(chosen(), title)
		: element('p', { class: 'empty' }, 'Nothing is picked, or the switch of mechanisms leaves it out.'));
	picker.mark(chosen());
	draw();
}

function showMeasure(name) {
	measure = name;
	picked = null;
	radioChoose('latency-switch', name);
	show();
}

// From then on only what the reader picks is shown.
function pick(item, isOn) {
	picked ??= new Set(mechanismsBy(measure));
	if (isOn)
		picked.add(item);
	else
		picked.delete(item);
	radioChoose('latency-switch', null);
	show();
}

function pickNone() {
	picked = new Set();
	radioChoose('latency-switch', null);
	show();
}

function pickLists() {
	const of = (level) => items.filter(({ d }) => d.of === level);
	const title = (name, some) => some.length && some.length < some[0].d.all
		? `${name}, the ${count(some.length)} of ${count(some[0].d.all)} with the most time in transit` : name;

	return [['Mechanisms', of('mechanism')], ['Objects', of('object')], ['Edges', of('edge')]]
		.filter(([, some]) => some.length).map(([name, some]) => ({ title: title(name, some), items: some }));
}

export function latencyCharts() {
	const names = Object.keys(MEASURES).filter((name) => mechanismsBy(name).length);

	if (!names.length) {
		byId('latency-table').parentElement.querySelector('.pair').remove();
		byId('latency-picker').remove();
		byId('latency-switch').hidden = true;
		byId('latency-table').append(element('p', { class: 'empty' },
			`No message and no call has a duration. ${lostText()}`));
		return;
	}
	radioSwitch('latency-switch', 'Measure', names.map((name) => [name, MEASURES[name].title]), showMeasure);
	picker = new Picker(byId('latency-picker'), pickLists(), { pick, none: pickNone,
		reset: () => showMeasure(measure) });
	for (const id of ['histogram', 'percentiles'])
		byId(id).setAttribute('role', 'img');
	[measure] = names;
	show();
	keepDrawn(draw);
	onFilter(show);
}
