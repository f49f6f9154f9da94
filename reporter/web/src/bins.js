// The program's histograms in bins, of which `borders` has the limits. In the data one is, for each bin in
// use, its distance from the one before and its count.
import { borders } from './data.js';

// What the program leaves out: the sum of histograms, as [low, high, count] from the first bin in use to the
// last one. A bin whose borders are the same is none.
export function denseBins(histograms) {
	const counts = new Map();

	for (const bins of histograms)
		for (let i = 0, at = 0; i < bins.length; i += 2) {
			at += bins[i];
			counts.set(at, (counts.get(at) ?? 0) + bins[i + 1]);
		}
	const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
	const dense = [];

	for (let bin = first; bin <= last; bin++)
		if (borders[bin] < borders[bin + 1])
			dense.push([borders[bin], borders[bin + 1], counts.get(bin) ?? 0]);
	return dense;
}

// The quantile `q` of values up to `max`, as the middle of its bin on a logarithmic axis: off by at most
// 4.5 %.
export function quantileOf(bins, q, max) {
	const all = bins.reduce((sum, [, , n]) => sum + n, 0);
	const wanted = Math.max(Math.ceil(q * all), 1);
	let passed = 0;

	for (const [low, high, n] of bins) {
		passed += n;
		if (passed >= wanted)
			return Math.min(Math.round(Math.sqrt(low * Math.max(high - 1, low))), max);
	}
	return max;
}
