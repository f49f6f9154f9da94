// The program's histograms in bins: eight to each power of two, as reporter/bins.h has them. In the data
// one is [number of its first bin, counts from there on].

const BORDERS = [128, 140, 152, 166, 181, 197, 215, 235]; // 2^(k/8) in steps of 1/128

// The least value in a bin; it is empty by nature if the next one's is the same.
function lowOf(bin) {
	return bin ? Math.ceil(BORDERS[(bin - 1) % 8] * 2 ** (Math.floor((bin - 1) / 8) - 7)) : 0;
}

// The sum of histograms, as [low, high, count] for each bin from the first to the last one in use.
export function sumOfBins(histograms) {
	const first = Math.min(...histograms.map(([start]) => start));
	const counts = [];

	for (const [start, ...some] of histograms)
		some.forEach((n, i) => {
			counts[start - first + i] = (counts[start - first + i] ?? 0) + n;
		});
	return Array.from(counts, (n, i) => [lowOf(first + i), lowOf(first + i + 1), n ?? 0])
		.filter(([low, high]) => high > low);
}

// The quantile `q`, as the middle of its bin on a logarithmic axis: off by at most 4.5 %.
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
