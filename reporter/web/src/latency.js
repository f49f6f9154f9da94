// The latency charts: for each mechanism a histogram and a percentile curve, both drawn from what
// the program has already merged, and the same in a table.
import { lostText } from './caption.js';
import { latency, mechanismTitle, mechanismsOf, sum, totals } from './data.js';
import { byId, element, radioSwitch, tooltip } from './dom.js';
import { isShown, onFilter } from './filter.js';
import { count, decade, duration, percent, plural, visible } from './format.js';
import { chartOn, colour, fontFamily, keepDrawn, legend, lineType, mechanismColour, tooltipStyle }
	from './theme.js';

const MEASURES = {
	transit: { title: 'Transit', long: 'Transit of messages', noun: 'message',
		note: 'Transit is from the start of the send to the end of the receive, or from the call that '
			+ 'wakes to the end of the wait. ' },
	send: { title: 'Sends', long: 'Duration of send calls', noun: 'call', note: '' },
	recv: { title: 'Receives', long: 'Duration of receive calls', noun: 'call', note: '' },
	wake: { title: 'Wakes', long: 'Duration of waking calls', noun: 'call', note: '' },
	wait: { title: 'Waits', long: 'Duration of waiting calls', noun: 'call', note: '' },
};
const CURVES_MAX = 8; // more cannot be told apart
const FEW = 1000; // values
const FEW_CURVES = 3; // whose areas do not hide each other
let measure;

function chosen() {
	const of = latency.filter((d) => d.measure === measure && isShown(d.mechanism));

	return mechanismsOf(of).map((name) => of.find((d) => d.mechanism === name));
}

// Those with the most values have curves.
function shown() {
	const all = chosen();
	const most = [...all].sort((a, b) => b.n - a.n).slice(0, CURVES_MAX);

	return all.filter((d) => most.includes(d));
}

// Whole decades around all values, so that both charts have the same time axis; never a single one,
// in which a small difference would look large.
export function timeRange(distributions) {
	const low = Math.min(...distributions.map((d) => Math.max(d.bins[0][0], 1)));
	const high = Math.max(...distributions.map((d) => d.bins[d.bins.length - 1][1]), 2);
	const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
	const more = last - first < 2 ? 1 : 0;

	return { min: 10 ** Math.max(first - more, 0), max: 10 ** (last + more) };
}

export function axis(name, more) {
	return {
		name, nameLocation: 'middle', nameTextStyle: { color: colour('muted') },
		axisLabel: { color: colour('muted'), hideOverlap: true, ...more.label },
		axisLine: { show: true, lineStyle: { color: colour('line') } },
		axisTick: { lineStyle: { color: colour('line') } },
		splitLine: { show: true, lineStyle: { color: colour('grid') } },
		...more.axis,
	};
}

export function timeAxis(name, range, more = {}) {
	return axis(name, { label: { formatter: decade },
		axis: { type: 'log', ...range, ...more } });
}

export function chartOption(xAxis, yAxis, series, formatter) {
	return {
		animation: false,
		textStyle: { fontFamily: fontFamily(), fontSize: 12 },
		grid: { left: 64, right: 28, top: 14, bottom: 48, containLabel: false },
		tooltip: { ...tooltipStyle(), trigger: 'axis', formatter,
			axisPointer: { lineStyle: { color: colour('muted') } } },
		xAxis, yAxis, series,
	};
}

// Few values make ragged bars: then two bins become one, for all mechanisms alike, so that their
// heights compare. Bins are 1/8 of a power of two wide, and none is missing in between.
export function binsOf(distributions) {
	const perOctave = Math.min(...distributions.map((d) => d.n)) < FEW ? 4 : 8;

	return distributions.map(({ bins }) => {
		const merged = new Map();

		for (const [low, high, n] of bins) {
			const number = Math.floor(Math.round(Math.log2(Math.max(low, 0.5)) * 8) * perOctave / 8);
			const before = merged.get(number) ?? [low, high, 0];

			merged.set(number, [before[0], high, before[2] + n]);
		}
		return { perOctave, bins: [...merged.values()] };
	});
}

// The points lie in the middle of their bins and the line steps half way between two of them, which
// on this axis is at the borders. A bin without values at either end brings the line down to zero.
export function steps({ bins, perOctave }, n) {
	const middle = ([low, high]) => Math.sqrt(Math.max(low, 0.7) * high);
	const ratio = 2 ** (1 / perOctave);
	const points = bins.map((bin) => [middle(bin), bin[2] / n]);

	return [[points[0][0] / ratio, 0], ...points, [points[points.length - 1][0] * ratio, 0]];
}

function histogramTip(binned) {
	return (params) => {
		const bin = (p) => binned[p.seriesIndex].bins[p.dataIndex - 1];
		const first = params.map(bin).find((b) => b);

		if (!first)
			return '';
		return tooltip(`${duration(first[0])} to ${duration(first[1])}`, params.filter(bin).map((p) =>
			[p.seriesName, `${percent(p.data[1])} (${count(bin(p)[2])})`]));
	};
}

function drawHistogram() {
	const distributions = shown();
	const binned = binsOf(distributions);
	const chart = chartOn(byId('histogram'));

	chart.resize();
	chart.setOption(chartOption(
		timeAxis('time', timeRange(distributions), { nameGap: 30 }),
		axis('share', { label: { formatter: percent }, axis: { type: 'value', nameGap: 46, min: 0 } }),
		distributions.map((d, i) => ({
			type: 'line', name: mechanismTitle(d.mechanism), data: steps(binned[i], d.n), step: 'middle',
			symbol: 'none', color: mechanismColour(d.mechanism),
			lineStyle: { width: 1.5, type: lineType(d.mechanism) },
			areaStyle: { opacity: distributions.length > FEW_CURVES ? 0 : 0.16 }, clip: true,
		})),
		histogramTip(binned)), true);
}

// x is 1/(1-p): each step of ten is one more nine. The last value is the maximum, at x = n.
export function curvePoints(d) {
	const points = d.curve.map((ns, i) => [10 ** (i / d.curve_per_decade), Math.max(ns, 1)]);

	return [...points, [Math.max(d.n, 1), Math.max(d.max_ns, 1)]];
}

export function percentile(x) {
	const nines = Math.max(0, Math.ceil(Math.log10(x)) - 1);

	return Number((100 * (1 - 1 / x)).toFixed(nines + (x < 10 ? 1 : 0)));
}

function drawPercentiles() {
	const distributions = shown();
	const most = Math.max(10, ...distributions.map((d) => d.n));
	const chart = chartOn(byId('percentiles'));

	chart.resize();
	chart.setOption(chartOption(
		axis('percentile', { label: { formatter: (x) => `${percentile(x)} %` },
			axis: { type: 'log', min: 1, max: 10 ** Math.ceil(Math.log10(most)), nameGap: 30 } }),
		timeAxis('time', timeRange(distributions), { nameGap: 50 }),
		distributions.map((d) => ({
			type: 'line', name: mechanismTitle(d.mechanism), data: curvePoints(d),
			symbol: 'circle', symbolSize: 6, showSymbol: d.n < 3,
			color: mechanismColour(d.mechanism),
			lineStyle: { width: 2, type: lineType(d.mechanism) },
		})),
		(params) => tooltip(`p${percentile(params[0].data[0])}`, params.map((p) =>
			[p.seriesName, duration(p.data[1])]))), true);
}

function caption(distributions) {
	const { noun, note } = MEASURES[measure];
	const parts = distributions.map((d) => `${visible(mechanismTitle(d.mechanism))} ${count(d.n)}`);
	const others = chosen().filter((d) => !distributions.includes(d));

	return [
		legend(distributions.map((d) => d.mechanism)),
		`n = ${plural(sum(distributions, 'n'), noun)}${parts.length > 1 ? ` (${parts.join(', ')})` : ''}. `,
		lostText(),
		others.length ? ` Without a curve, but in the table: ${others.map((d) =>
			`${visible(mechanismTitle(d.mechanism))} ${count(d.n)}`).join(', ')}.` : '',
		measure === 'transit' && totals.outside > 0
			? ` ${plural(totals.outside, 'call')} to or from a process outside the recording ${
				totals.outside === 1 ? 'has' : 'have'} no transit.` : '',
		note ? ` ${note}` : '',
	];
}

function summaryTable(distributions) {
	const columns = [['n', 'n', count], ['mean_ns', 'Mean', duration], ['p50_ns', 'p50', duration],
		['p90_ns', 'p90', duration], ['p99_ns', 'p99', duration], ['p999_ns', 'p99.9', duration],
		['max_ns', 'Max', duration]];

	return element('table', { class: 'narrow' },
		element('caption', { class: 'hidden' }, MEASURES[measure].long),
		element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Mechanism'),
			...columns.map(([, title]) => element('th', { scope: 'col', class: 'number' }, title)))),
		element('tbody', {}, ...distributions.map((d) => element('tr', {},
			element('td', {}, visible(mechanismTitle(d.mechanism))),
			...columns.map(([key, , show]) => element('td', { class: 'number',
				'data-value': d[key] }, show(d[key])))))));
}

function showMeasure(name) {
	measure = name;
	const distributions = shown();
	const { long } = MEASURES[measure];

	byId('histogram-title').textContent = `${long}: histogram`;
	byId('percentiles-title').textContent = `${long}: percentiles`;
	byId('histogram-caption').replaceChildren(...caption(distributions));
	byId('percentiles-caption').replaceChildren(...caption(distributions).slice(0, 3));
	byId('latency-table').replaceChildren(summaryTable(chosen()));
}

function drawBoth() {
	if (!shown().length) {
		for (const id of ['histogram', 'percentiles'])
			chartOn(byId(id)).clear();
		return;
	}
	drawHistogram();
	drawPercentiles();
}

export function latencyCharts() {
	const names = Object.keys(MEASURES).filter((name) => latency.some((d) => d.measure === name));

	if (!names.length) {
		byId('latency-table').parentElement.querySelector('.pair').remove();
		byId('latency-switch').hidden = true;
		byId('latency-table').append(element('p', { class: 'empty' },
			`No message and no call has a duration. ${lostText()}`));
		return;
	}
	radioSwitch('latency-switch', 'Measure', names.map((name) => [name, MEASURES[name].title]),
		(name) => {
			showMeasure(name);
			drawBoth();
		});
	for (const id of ['histogram', 'percentiles']) {
		byId(id).setAttribute('role', 'img');
		byId(id).setAttribute('aria-label', 'Chart; the table below it has the same figures');
	}
	showMeasure(names[0]);
	keepDrawn(drawBoth);
	onFilter(() => {
		showMeasure(measure);
		drawBoth();
	});
}
