// Latency and throughput over the size of messages, a curve for each mechanism, with the spread of
// the rounds as a bar at each point.
import * as echarts from 'echarts/core';
import { CustomChart } from 'echarts/charts';
import { bench, mechanismTitle, mechanismsOf } from '../data.js';
import { byId, radioSwitch, tooltip } from '../dom.js';
import { isShown, onFilter } from '../filter.js';
import { duration, visible } from '../format.js';
import { axis, chartOption } from '../curves.js';
import { chartOn, colour, fontFamily, keepDrawn, lineType, mechanismColour } from '../theme.js';
import { CPUS, WAITS, perSecond, rate, size } from './words.js';

echarts.use([CustomChart]);

const LABEL_ROOM = 200; // pixels beside the chart for the curves' names
const NAME_HEIGHT = 15;

// The largest first.
const TIMES = [['s', 1e9], ['ms', 1e6], ['µs', 1e3], ['ns', 1]];
const SIZES = [['GiB/s', 2 ** 30], ['MiB/s', 2 ** 20], ['KiB/s', 2 ** 10], ['B/s', 1]];
const COUNTS = [['M/s', 1e6], ['k/s', 1e3], ['/s', 1]];

const LATENCIES = {
	rtt_p50: { label: 'p50', title: 'Round trip, median', key: 'rtt_p50_ns', least: 'rtt_p50_min_ns',
		most: 'rtt_p50_max_ns', show: duration, units: TIMES },
	rtt_p99: { label: 'p99', title: 'Round trip, 99 of 100 take at most', key: 'rtt_p99_ns',
		least: 'rtt_p99_min_ns', most: 'rtt_p99_max_ns', show: duration, units: TIMES },
	one_way: { label: 'One way', title: 'One way, median', key: 'one_way_p50_ns',
		least: 'one_way_p50_min_ns', most: 'one_way_p50_max_ns', show: duration, units: TIMES },
};
const THROUGHPUTS = {
	bytes: { label: 'Bytes', title: 'Bytes a second', key: 'bytes_per_s', least: 'bytes_per_s_min',
		most: 'bytes_per_s_max', show: rate, units: SIZES, isMore: true },
	messages: { label: 'Messages', title: 'Messages a second', key: 'messages_per_s',
		least: 'messages_per_s_min', most: 'messages_per_s_max', show: perSecond, units: COUNTS, isMore: true },
};

const untraced = bench.results.filter((row) => !row.traced);
const carriers = new Set(bench.facts.filter((row) => row.carries === 'bytes').map((row) => row.mechanism));
const chosen = { cpus: null, wait: null };

// The words of an axis that the bench has, in the order of `order`.
function words(key, rows, order) {
	const used = new Set(rows.map((row) => row[key]));

	return order.filter((word) => used.has(word));
}

class Figure {
	constructor(id, measures, rows) {
		Object.assign(this, { id, measures, rows, node: byId(`${id}-chart`) });
		this.patterns = words('pattern', rows, ['pingpong', 'duplex', 'stream', 'fanin', 'fanout']);
		this.pattern = this.patterns[0];
		this.measure = measures[Object.keys(measures)[0]];
		this.node.setAttribute('role', 'img');
		this.node.setAttribute('aria-label', 'Chart; the table of all results has the same figures');
		radioSwitch(id === 'latency' ? 'turns-switch' : 'stream-switch', 'Pattern',
			this.patterns.map((name) => [name, name]), (name) => {
				this.pattern = name;
				this.draw();
			});
		radioSwitch(`${id}-switch`, 'Show', Object.entries(measures).map(([name, { label }]) =>
			[name, label]), (name) => {
			this.measure = measures[name];
			this.draw();
		});
	}

	// What the switches select, that has a value.
	selected() {
		return this.rows.filter((row) => row.pattern === this.pattern && row.cpus === chosen.cpus
			&& row.wait === chosen.wait && isShown(row.mechanism) && row[this.measure.key] > 0);
	}

	text() {
		const rows = this.selected();
		const others = rows.filter((row) => !carriers.has(row.mechanism));
		const { title, show, key } = this.measure;

		byId(`${this.id}-title`).textContent = `${title}: ${this.pattern}, ${CPUS[chosen.cpus]}, ${
			WAITS[chosen.wait]}`;
		byId(`${this.id}-caption`).textContent = rows.length
			? `Median of ${Math.max(...rows.map((row) => row.rounds))} rounds; bars from the least to the `
				+ `most of them. ${this.measure.isMore ? 'Higher' : 'Lower'} is better. ${others.length
					? `Without content, and so without a size: ${others.map((row) =>
						`${visible(mechanismTitle(row.mechanism))} ${show(row[key])}`).join(', ')}.` : ''}`
			: 'Nothing was measured for this choice.';
	}

	draw() {
		const rows = this.selected().filter((row) => carriers.has(row.mechanism) && row.size > 0);
		const chart = chartOn(this.node);

		this.text();
		chart.resize();
		if (!rows.length)
			chart.clear();
		else
			chart.setOption(this.option(rows), true);
	}

	option(rows) {
		const curves = mechanismsOf(rows).map((mechanism) => ({ mechanism,
			rows: rows.filter((row) => row.mechanism === mechanism).sort((a, b) => a.size - b.size) }));
		const option = chartOption(sizeAxis(rows), this.valueAxis(rows),
			[...curves.map((curve) => this.curve(curve)), ...curves.map((curve) => this.spread(curve)),
				this.names(curves)],
			(params) => this.tip(params));

		option.grid.right = LABEL_ROOM;
		option.grid.left = 84;
		return option;
	}

	// The axis is of logarithms, so that it need not begin and end at powers of ten.
	valueAxis(rows) {
		const values = rows.flatMap((row) => [row[this.measure.least], row[this.measure.most]])
			.filter((value) => value > 0).map(Math.log10);
		const [low, high] = [Math.min(...values), Math.max(...values)];
		const room = Math.max((high - low) * 0.06, 0.05);
		const customValues = roundTicks(this.measure.units, low - room, high + room);

		return axis('', { axis: { type: 'value', min: low - room, max: high + room, splitLine: { show: true,
			lineStyle: { color: colour('grid') } },
		axisLabel: { color: colour('muted'), customValues, formatter: (log) => this.tick(10 ** log) },
		axisTick: { customValues, lineStyle: { color: colour('line') } } } });
	}

	tick(n) {
		const [unit, of] = this.measure.units.find(([, x]) => n >= x * 0.999)
			?? this.measure.units[this.measure.units.length - 1];

		return `${Number((n / of).toPrecision(3))} ${unit}`;
	}

	curve({ mechanism, rows }) {
		return {
			type: 'line', name: mechanismTitle(mechanism), color: mechanismColour(mechanism),
			data: rows.map((row) => [Math.log2(row.size), Math.log10(row[this.measure.key]), row]),
			symbol: 'circle', symbolSize: 6, showSymbol: true, emphasis: { focus: 'series' },
			lineStyle: { width: 2, type: lineType(mechanism) },
		};
	}

	spread({ mechanism, rows }) {
		return {
			type: 'custom', name: mechanismTitle(mechanism), color: mechanismColour(mechanism), silent: true,
			tooltip: { show: false }, z: 1,
			data: rows.map((row) => [Math.log2(row.size), Math.log10(row[this.measure.least]),
				Math.log10(row[this.measure.most])]),
			renderItem: (params, api) => whisker(api, mechanismColour(mechanism)),
		};
	}

	// The curves' names beside their ends, moved apart where these are close.
	names(curves) {
		const ends = curves.map(({ mechanism, rows }) => ({ mechanism, row: rows[rows.length - 1] }));

		return { type: 'custom', silent: true, tooltip: { show: false }, data: [[0, 0]], clip: false,
			renderItem: (params, api) => ({ type: 'group', children: nameLabels(ends.map(({ mechanism, row }) => ({
				mechanism, at: api.coord([Math.log2(row.size), Math.log10(row[this.measure.key])]) })),
			params.coordSys) }) };
	}

	// The best first.
	tip(params) {
		const points = params.filter((p) => p.seriesType === 'line');
		const sign = this.measure.isMore ? -1 : 1;

		if (!points.length)
			return '';
		return tooltip(size(points[0].data[2].size), points.sort((a, b) => sign * (a.data[1] - b.data[1]))
			.map((p) => [p.seriesName, this.measure.show(p.data[2][this.measure.key])]));
	}
}

function nameLabels(ends, { x, y, width, height }) {
	const edge = x + width;
	const sorted = [...ends].sort((a, b) => a.at[1] - b.at[1]);
	const places = apart(sorted.map((end) => end.at[1]), NAME_HEIGHT, y, y + height);

	return sorted.flatMap(({ mechanism, at }, i) => [
		{ type: 'polyline', shape: { points: [[at[0] + 5, at[1]], [edge + 4, at[1]], [edge + 16, places[i]]] },
			style: { stroke: mechanismColour(mechanism), fill: 'none', lineWidth: 1, opacity: 0.5 } },
		{ type: 'text', style: { x: edge + 20, y: places[i], text: visible(mechanismTitle(mechanism)),
			fill: colour('text'), verticalAlign: 'middle', font: `11.5px ${fontFamily()}` } },
	]);
}

// Sorted places at least `gap` apart, as close to where they were as that allows.
function apart(wanted, gap, top, bottom) {
	const places = [];

	wanted.forEach((place, i) => places.push(Math.max(place, i ? places[i - 1] + gap : top)));
	for (let i = places.length - 1, limit = bottom; i >= 0 && places[i] > limit; i--, limit = places[i + 1] - gap)
		places[i] = limit;
	return places;
}

// Round numbers of the units, as logarithms: 1, 2, 5, 10 ... where there is room, else 1, 10, 100.
function roundTicks(units, low, high) {
	const steps = high - low > 3 ? [1, 10, 100] : [1, 2, 5, 10, 20, 50, 100, 200, 500];

	return units.flatMap(([, of]) => steps.map((step) => Math.log10(step * of)))
		.filter((tick) => tick >= low && tick <= high);
}

function whisker(api, stroke) {
	const [x, low] = api.coord([api.value(0), api.value(1)]);
	const [, high] = api.coord([api.value(0), api.value(2)]);
	const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 },
		style: { stroke, lineWidth: 1, opacity: 0.65 } });

	return { type: 'group', children: [line(x, low, x, high), line(x - 3, low, x + 3, low),
		line(x - 3, high, x + 3, high)] };
}

// A logarithm, too; its ticks are the sizes that were measured.
function sizeAxis(rows) {
	const customValues = [...new Set(rows.map((row) => Math.log2(row.size)))].sort((a, b) => a - b);
	const [first, last] = [customValues[0], customValues[customValues.length - 1]];
	const room = Math.max((last - first) * 0.04, 0.5);

	return axis('size of a message', { axis: { type: 'value', min: first - room, max: last + room, nameGap: 30,
		splitLine: { show: false },
		axisLabel: { color: colour('muted'), customValues, hideOverlap: true,
			formatter: (power) => size(Math.round(2 ** power)) },
		axisTick: { customValues, lineStyle: { color: colour('line') } } } });
}

export function charts() {
	const figures = [new Figure('latency', LATENCIES, untraced.filter((row) => row.rtt_p50_ns > 0)),
		new Figure('throughput', THROUGHPUTS, untraced.filter((row) => !(row.rtt_p50_ns > 0)))]
		.filter((figure) => figure.rows.length || figure.node.closest('figure').remove());
	const drawAll = () => figures.forEach((figure) => figure.draw());
	const choices = { cpus: words('cpus', untraced, ['cross', 'same']), wait: words('wait', untraced, ['block', 'spin']) };

	for (const [key, labels, legend] of [['cpus', CPUS, 'CPUs'], ['wait', WAITS, 'Waiting']]) {
		[chosen[key]] = choices[key];
		radioSwitch(`${key}-switch`, legend, choices[key].map((word) => [word, labels[word]]), (word) => {
			chosen[key] = word;
			drawAll();
		});
	}
	if (!figures.length)
		return;
	keepDrawn(drawAll);
	onFilter(drawAll);
}
