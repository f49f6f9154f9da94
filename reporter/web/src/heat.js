// The heat map: when messages were sent and how long they took, a cell for each span of time and bin of
// the transit, coloured by the number of messages.
import * as echarts from 'echarts/core';
import { CustomChart } from 'echarts/charts';
import { lostText } from './caption.js';
import { axis, chartOption, timeAxis } from './curves.js';
import { heat, mechanismTitle } from './data.js';
import { byId, element, tooltip } from './dom.js';
import { isShown, onFilter } from './filter.js';
import { compact, count, duration, percent, plural, visible } from './format.js';
import { chartOn, colour, keepDrawn } from './theme.js';

echarts.use([CustomChart]);

const STOPS = 7; // colours in the style sheet, from few messages to many
const SPANS = 20; // rows of the table
const [START, LOW, COUNT] = [0, 1, 2];
const ALL = 'all';
const TIMES = [['s', 1e9], ['ms', 1e6], ['µs', 1e3]];
let chosen = ALL;

const columnStart = (column) => heat.first_ns + column * heat.column_ns;
const rowLow = (row) => 10 ** (row / heat.rows_decade);
const mapsShown = () => heat.maps.filter(({ mechanism }, i) =>
	(chosen === ALL || chosen === String(i)) && (mechanism === null || isShown(mechanism)));

// [column, row, messages] of the chosen maps together.
function cells(maps) {
	const sums = new Map();

	for (const map of maps)
		for (let i = 0, at = 0; i < map.cells.length; i += 2) {
			at += map.cells[i];
			sums.set(at, (sums.get(at) ?? 0) + map.cells[i + 1]);
		}
	return [...sums].sort(([a], [b]) => a - b).map(([at, n]) =>
		[Math.floor(at / heat.rows), at % heat.rows, n]);
}

function channels(name) {
	return colour(name).match(/[\da-f]{2}/gi).map((hex) => parseInt(hex, 16));
}

// The colour of a count: its logarithm as a share of the largest one's.
function colours(most) {
	const stops = Array.from({ length: STOPS }, (_, i) => channels(`heat-${i}`));

	return (n) => {
		const at = most > 1 ? Math.log(n) / Math.log(most) * (STOPS - 1) : STOPS - 1;
		const below = Math.min(Math.floor(at), STOPS - 2);
		const mixed = stops[below].map((from, i) => Math.round(from + (stops[below + 1][i] - from) * (at - below)));

		return `rgb(${mixed.join(',')})`;
	};
}

// One unit for the whole time axis.
function timeOfRecording(from, to) {
	const [unit, size] = TIMES.find(([, least]) => to - from >= least) ?? ['ns', 1];

	return axis(`when it was sent, in ${unit} from the start of the recording`, {
		label: { formatter: (ns) => Number((ns / size).toPrecision(6)).toString(), showMinLabel: false,
			showMaxLabel: false },
		axis: { type: 'value', min: from, max: to, nameGap: 30, splitLine: { show: false } } });
}

function cellTip([column, row, n], share) {
	const [from, to] = [columnStart(column), columnStart(column + 1)];

	return tooltip(`Sent from ${(from / 1e9).toFixed(6)} s to ${(to / 1e9).toFixed(6)} s`, [
		['Transit', `${duration(rowLow(row))} to ${duration(rowLow(row + 1))}`],
		['Messages', count(n)], ['Of this span', percent(share)]]);
}

function cellOption(fill) {
	return (params, api) => {
		const [x, low] = api.coord([columnStart(api.value(START)), rowLow(api.value(LOW))]);
		const [right, high] = api.coord([columnStart(api.value(START) + 1), rowLow(api.value(LOW) + 1)]);

		return { type: 'rect', shape: { x, y: high, width: right - x + 0.5, height: low - high + 0.5 },
			style: { fill: fill(api.value(COUNT)) }, emphasis: { style: { stroke: colour('text'), lineWidth: 1.5 } } };
	};
}

function option(all) {
	const most = Math.max(...all.map((cell) => cell[COUNT]));
	const rows = all.map((cell) => cell[LOW]);
	const perColumn = new Map();
	const fill = colours(most);

	for (const [column, , n] of all)
		perColumn.set(column, (perColumn.get(column) ?? 0) + n);
	const range = { min: 10 ** Math.floor(Math.min(...rows) / heat.rows_decade),
		max: 10 ** Math.ceil((Math.max(...rows) + 1) / heat.rows_decade) };
	const from = columnStart(0);
	const to = columnStart(heat.columns);
	const made = chartOption(timeOfRecording(from, to > from ? to : from + 1), timeAxis('transit time', range, { nameGap: 50 }),
		[{ type: 'custom', data: all, renderItem: cellOption(fill), clip: true, progressive: 0,
			encode: { x: -1, y: -1 } }], null);

	made.tooltip = { ...made.tooltip, trigger: 'item',
		formatter: ({ data }) => cellTip(data, data[COUNT] / perColumn.get(data[START])) };
	return made;
}

function scale(all) {
	const most = Math.max(...all.map((cell) => cell[COUNT]));

	return [element('span', { class: 'heat-name' }, 'Messages in a cell'), '1',
		element('span', { class: 'heat-bar' }), count(most)];
}

// Spans of several columns: how many messages, and between what most of them took.
function spans(all) {
	const width = heat.columns / SPANS;

	return Array.from({ length: SPANS }, (_, i) => {
		const of = all.filter(([column]) => Math.floor(column / width) === i).sort((a, b) => a[LOW] - b[LOW]);
		const n = of.reduce((sum, cell) => sum + cell[COUNT], 0);
		const at = (q) => {
			let before = 0;

			return of.find((cell) => (before += cell[COUNT]) >= q * n)[LOW];
		};

		return { from: columnStart(i * width), n, rows: n ? [at(0.5), at(0.99), at(1)] : [] };
	}).filter(({ n }) => n);
}

function tableOf(all) {
	const range = (row) => `${duration(rowLow(row))} to ${duration(rowLow(row + 1))}`;

	return element('table', { class: 'narrow' },
		element('caption', { class: 'caption' }, `Spans of ${duration(heat.column_ns * heat.columns / SPANS)}, and `
			+ 'the bins of transit in which the median, the 99th percentile and the longest are'),
		element('thead', {}, element('tr', {}, ...['Sent from', 'Messages', 'Median', 'p99', 'Longest'].map((name) =>
			element('th', { scope: 'col', class: 'number' }, name)))),
		element('tbody', {}, ...spans(all).map(({ from, n, rows }) => element('tr', {},
			element('th', { scope: 'row', class: 'number' }, `${(from / 1e9).toFixed(6)} s`),
			element('td', { class: 'number', 'data-value': n }, count(n)),
			...rows.map((row) => element('td', { class: 'number' }, range(row)))))));
}

function mapName({ mechanism }) {
	return mechanism === null ? 'Other mechanisms' : visible(mechanismTitle(mechanism));
}

function caption(maps) {
	const n = maps.reduce((sum, map) => sum + map.n, 0);
	const counted = heat.every > 1 ? `, about one in ${count(heat.every)}, chosen by a hash of its number, of the ${
		count(heat.all)} of the recording` : '';

	return [`n = ${plural(n, 'message')} and wake-ups with a known transit${counted}. ${lostText()} A cell is ${
		duration(heat.column_ns)} wide and a tenth of a power of ten high.${
		heat.maps.length > 1 ? ` ${maps.map((map) => `${mapName(map)} ${count(map.n)}`).join(', ')}.` : ''}`];
}

function draw() {
	const all = cells(mapsShown());
	const node = byId('heat-chart');

	node.hidden = !all.length;
	if (!all.length)
		return;
	const chart = chartOn(node);

	chart.resize();
	chart.setOption(option(all), true);
}

function show() {
	const maps = mapsShown();
	const all = cells(maps);

	byId('heat-none').hidden = all.length > 0;
	byId('heat-scale').hidden = !all.length;
	byId('heat-caption').replaceChildren(...caption(maps));
	byId('heat-scale').replaceChildren(...all.length ? scale(all) : []);
	byId('heat-table').replaceChildren(element('summary', {}, 'This map as a table'),
		element('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Latency by spans of time' },
			tableOf(all)));
	draw();
}

// The section; none where nothing has a transit.
export function heatMap() {
	const choice = byId('heat-choice');

	byId('heat').hidden = !heat?.maps.length;
	if (!heat?.maps.length)
		return;
	choice.append(element('option', { value: ALL }, 'All mechanisms'),
		...heat.maps.map((map, i) => element('option', { value: String(i) }, mapName(map))));
	choice.hidden = heat.maps.length < 2;
	choice.addEventListener('change', () => {
		chosen = choice.value;
		show();
	});
	byId('heat-chart').setAttribute('role', 'img');
	byId('heat-chart').setAttribute('aria-label', 'Heat map of the transit over time; the table below it has its figures');
	show();
	keepDrawn(draw);
	onFilter(show);
}
