// What the parts of the comparison's page ask of its data.
import { comparison } from './data.js';
import { bytes, compact, count, duration, visible } from './format.js';

export const { recordings, groups, items, notes } = comparison;
export const isBench = comparison.of === 'benches';

const TIMES = ['p50', 'p99', 'mean'];
const isCall = (item) => item.level === 'call';

// Who: "client → worker", "read on pipe".
export function itemName(item) {
	if (item.level === 'mechanism')
		return `all ${item.mechanism} edges`;
	if (item.level === 'case')
		return `${item.mechanism} ${item.pattern} of ${bytes(item.size)}`;
	return isCall(item) ? `${item.syscall} on ${item.mechanism}`
		: `${item.sender ?? '?'} → ${item.receiver ?? '?'}`;
}

// Where, or of a case how: "pipe", "tcp 127.0.0.1:80"; a call and a mechanism say that in their names.
export function itemObject(item) {
	if (item.level === 'case')
		return item.setting;
	if (item.level !== 'edge')
		return '';
	return item.object?.startsWith(item.mechanism) ? item.object
		: `${item.mechanism}${item.object ? ` ${item.object}` : ''}`;
}

export function measureName(item, measure) {
	return measure !== 'count' ? measure : isCall(item) ? 'calls' : 'messages';
}

export function measured(value, measure) {
	if (value === null || value === undefined)
		return null;
	if (TIMES.includes(measure))
		return duration(value);
	if (measure === 'bytes' || measure === 'size')
		return bytes(value);
	return measure === 'rate' ? `${compact(Math.round(value))}/s` : count(value);
}

// A ratio as a signed change; from ten times on as a factor.
export function change(ratio) {
	if (ratio === null || ratio === undefined)
		return null;
	if (ratio >= 10)
		return `× ${ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(1)}`;
	const percent = 100 * (ratio - 1);

	if (Math.abs(percent) < 0.05)
		return '0.0 %';
	return `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(Math.abs(percent) < 9.95 ? 1 : 0)} %`;
}

export function interval({ low, high }) {
	return low === null ? null : `${change(low)} … ${change(high)}`;
}

// Every comparison as a row of its own.
export const rows = items.filter(({ status }) => status === 'both').flatMap((item) =>
	item.changes.filter(({ a, b }) => a || b).map((it) => ({ ...it, item, mechanism: item.mechanism,
		who: visible(itemName(item)), object: visible(itemObject(item)), ratio: it.a && it.b
			? it.ratio : null })));

// A total of a side: the mean of its recordings; null if one of them does not know it.
export function total(side, key) {
	const of = recordings.filter((it) => it.side === side).map((it) => it[key]);

	return of.includes(null) ? null : of.reduce((sum, value) => sum + value, 0) / of.length;
}
