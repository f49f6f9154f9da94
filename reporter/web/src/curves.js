// The two charts of latency distributions, a histogram and percentile curves, on the same time axis. A
// curve is { name, d, tint, line }: a distribution as the program gave it, its colour in the style sheet
// and the type of its line.
import { denseBins } from './bins.js';
import { tooltip } from './dom.js';
import { count, decade, duration, percent } from './format.js';
import { chartOn, colour, fontFamily, tooltipStyle } from './theme.js';

const PER_DECADE = 16; // points of a percentile curve
const FEW = 1000; // values
const FEW_CURVES = 3; // whose areas do not hide each other

// Worked out once for each.
function binsOf(d) {
	d.dense ??= denseBins([d.bins]);
	return d.dense;
}

// Whole decades around all values, so that both charts have the same time axis; never a single one,
// in which a small difference would look large.
function timeRange(distributions) {
	const bins = distributions.map(binsOf);
	const low = Math.min(...bins.map((some) => Math.max(some[0][0], 1)));
	const high = Math.max(...bins.map((some) => some[some.length - 1][1]), 2);
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

// Few values make ragged bars: then two bins become one, for all curves alike, so that their heights
// compare. Bins are 1/8 of a power of two wide, and none is missing in between.
function mergedBins(distributions) {
	const perOctave = Math.min(...distributions.map((d) => d.n)) < FEW ? 4 : 8;

	return distributions.map((d) => {
		const merged = new Map();

		for (const [low, high, n] of binsOf(d)) {
			const number = Math.floor(Math.round(Math.log2(Math.max(low, 0.5)) * 8) * perOctave / 8);
			const before = merged.get(number) ?? [low, high, 0];

			merged.set(number, [before[0], high, before[2] + n]);
		}
		return { perOctave, bins: [...merged.values()] };
	});
}

// The points lie in the middle of their bins and the line steps half way between two of them, which
// on this axis is at the borders. A bin without values at either end brings the line down to zero.
function steps({ bins, perOctave }, n) {
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

function looks({ name, tint, line }, width) {
	return { type: 'line', name, color: colour(tint), lineStyle: { width, type: line } };
}

// Draws on the element, whose size may have changed; without a curve it is left empty.
function drawOn(node, curves, option) {
	const chart = chartOn(node);

	chart.resize();
	if (curves.length)
		chart.setOption(option(), true);
	else
		chart.clear();
}

export function drawHistogram(node, curves) {
	drawOn(node, curves, () => {
		const distributions = curves.map(({ d }) => d);
		const binned = mergedBins(distributions);

		return chartOption(
			timeAxis('time', timeRange(distributions), { nameGap: 30 }),
			axis('share', { label: { formatter: percent }, axis: { type: 'value', nameGap: 46, min: 0 } }),
			curves.map((curve, i) => ({
				...looks(curve, 1.5), data: steps(binned[i], curve.d.n), step: 'middle', symbol: 'none',
				areaStyle: { opacity: curves.length > FEW_CURVES ? 0 : 0.16 }, clip: true,
			})),
			histogramTip(binned));
	});
}

// Points [x, time] of the percentiles that are known: at the borders of the bins, those in the table,
// and the largest. x is 1/(1-p): each step of ten is one more nine, and the slowest value is at x = n.
function knownPoints(d) {
	const bins = binsOf(d);
	const points = [[1, bins[0][0]], [2, d.p50_ns], [10, d.p90_ns], [100, d.p99_ns], [1000, d.p999_ns]]
		.filter(([x]) => x <= d.n);
	let beyond = d.n;

	for (const [, high, n] of bins) {
		beyond -= n;
		if (beyond > 0)
			points.push([d.n / beyond, high]);
	}
	return [...points, [d.n, d.max_ns]].map(([x, ns]) => [x, Math.max(ns, 1)])
		.sort(([x, a], [y, b]) => x - y || a - b);
}

// Between two points the curve is straight on these axes.
function between([x, a], [y, b], at) {
	return y > x ? a * (b / a) ** (Math.log(at / x) / Math.log(y / x)) : a;
}

// The curves share their percentiles, so that one tooltip tells those of all.
function curvePoints(d) {
	const known = knownPoints(d);
	const points = [];
	let next = 0;

	for (let i = 0, x = 1; x < d.n * (1 - 1e-9); x = 10 ** (++i / PER_DECADE)) {
		while (next < known.length - 1 && known[next][0] < x * (1 - 1e-9))
			next++;
		points.push([x, known[next][0] > x * (1 + 1e-9) ? between(known[next - 1], known[next], x)
			: known[next][1]]);
	}
	return [...points, [d.n, Math.max(d.max_ns, 1)]];
}

function percentile(x) {
	const nines = Math.max(0, Math.ceil(Math.log10(x)) - 1);

	return Number((100 * (1 - 1 / x)).toFixed(nines + (x < 10 ? 1 : 0)));
}

export function drawPercentiles(node, curves) {
	drawOn(node, curves, () => {
		const most = Math.max(10, ...curves.map(({ d }) => d.n));

		return chartOption(
			axis('percentile', { label: { formatter: (x) => `${percentile(x)} %` },
				axis: { type: 'log', min: 1, max: 10 ** Math.ceil(Math.log10(most)), nameGap: 30 } }),
			timeAxis('time', timeRange(curves.map(({ d }) => d)), { nameGap: 50 }),
			curves.map((curve) => ({
				...looks(curve, 2), data: curvePoints(curve.d), symbol: 'circle', symbolSize: 6,
				showSymbol: curve.d.n < 3,
			})),
			(params) => tooltip(`p${percentile(params[0].data[0])}`, params.map((p) =>
				[p.seriesName, duration(p.data[1])])));
	});
}
