// The words and numbers of a bench as a person reads them.
import { NONE, bytes, compact, duration } from '../format.js';

export const CPUS = { same: 'one core', cross: 'two cores' };
export const WAITS = { block: 'blocking', spin: 'spinning' };

// A size of messages, which is mostly a round number.
export function size(n) {
	for (const [unit, of] of [['MiB', 1 << 20], ['KiB', 1 << 10]])
		if (n >= of && n % of === 0)
			return `${n / of} ${unit}`;
	return n > 0 ? bytes(n) : NONE;
}

export function rate(n) {
	return n === null || n === undefined ? NONE : `${bytes(n)}/s`;
}

export function perSecond(n) {
	return n === null || n === undefined ? NONE : `${compact(Math.round(n))}/s`;
}

// What a row's `measure` says that its values are.
export function score(row, key) {
	if (row[key] === null || row[key] === undefined)
		return NONE;
	return row.measure === 'rtt_p50_ns' ? duration(row[key]) : perSecond(row[key]);
}

export function ratio(x) {
	return x === null || x === undefined ? NONE : `×${x.toFixed(2)}`;
}

export function clear(row) {
	return row.clear === null || row.clear === undefined ? NONE : row.clear ? 'clear' : 'within spread';
}
