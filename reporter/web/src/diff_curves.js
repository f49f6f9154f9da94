// The distributions of one edge, mechanism or kind of call on both sides, over each other, and the
// parts of their means.
import { drawHistogram, drawPercentiles } from './curves.js';
import { change, itemName, itemObject, items } from './diff_data.js';
import { byId, element } from './dom.js';
import { count, duration, percent, visible } from './format.js';
import { keepDrawn } from './theme.js';

const SIDES = [['a', 'A', 'part-send', 'dashed'], ['b', 'B', 'part-object', 'solid']];
const PARTS = { in_send_ns: 'In the send call', in_object_ns: 'In the object', in_runq_ns: 'In the run queue',
	in_recv_ns: 'In the receive call', running_ns: 'Running', waiting_ns: 'Waiting',
	runnable_ns: 'Ready without a CPU' };
const shown = items.filter((item) => item.distribution_a || item.distribution_b);
let item = shown[0];

// The sides that have any values, with how they are drawn.
function sides() {
	return SIDES.map(([key, name, tint, line]) => ({ key, name, tint, line, d: item[`distribution_${key}`] }))
		.filter(({ d }) => d);
}

function legend() {
	return element('span', { class: 'legend' }, ...sides().map(({ key, name }) =>
		element('span', {}, element('i', { class: `swatch side-${key}` }), name)));
}

// The parts of the mean on both sides. A part is known of all that have a duration.
function partsTable() {
	const { a, b, distribution_a: of_a, distribution_b: of_b } = item;
	const keys = Object.keys(PARTS).filter((key) => a && b && key in a && key in b);

	if (!keys.length || !of_a || !of_b)
		return [];
	const row = (title, x, y) => element('tr', {}, element('th', { scope: 'row' }, title),
		...[duration(x), duration(y), x > 0 && y > 0 ? change(y / x) : '–', `${y < x ? '−' : '+'}${
			duration(Math.abs(y - x))}`].map((text) => element('td', { class: 'number' }, text)));

	return [element('table', { class: 'narrow' },
		element('caption', { class: 'hidden' }, 'Parts of the mean'),
		element('thead', {}, element('tr', {}, ...['Part of the mean', 'A', 'B', 'Change', 'Difference'].map(
			(title, i) => element('th', { scope: 'col', class: i ? 'number' : '' }, title)))),
		element('tbody', {}, ...keys.map((key) => row(PARTS[key], a[key] / of_a.n, b[key] / of_b.n)),
			row('Mean', of_a.mean_ns, of_b.mean_ns)))];
}

function show() {
	const n = sides().map(({ name, d }) => `${name} ${count(d.n)}`).join(', ');

	byId('curves-caption').replaceChildren(legend(), `n = ${n}.`);
	byId('curves-superiority').textContent = item.superiority === null ? ''
		: `Of a random pair, the one of B takes longer with ${percent(item.superiority)}; 50 % if nothing changed.`;
	byId('curves-parts').replaceChildren(...partsTable());
	drawHistogram(byId('curves-histogram'), sides());
	drawPercentiles(byId('curves-percentiles'), sides());
}

export function diffCurves() {
	const choice = byId('curves-choice');

	if (!item) {
		byId('curves').remove();
		return;
	}
	choice.append(...shown.map((it, i) => element('option', { value: String(i) },
		visible([itemName(it), itemObject(it)].filter((text) => text).join(' · ')))));
	choice.addEventListener('change', () => {
		item = shown[Number(choice.value)];
		show();
	});
	for (const id of ['curves-histogram', 'curves-percentiles']) {
		byId(id).setAttribute('role', 'img');
		byId(id).setAttribute('aria-label', 'Chart of both sides; the tables have percentiles');
	}
	keepDrawn(show);
}
