// The head of the comparison's page: which recordings, what is wrong with them, their totals.
import { comparison } from './data.js';
import { change, isBench, items, notes, recordings, rows, total } from './diff_data.js';
import { byId, element } from './dom.js';
import { NONE, bytes, count, duration, plural, visible } from './format.js';

const TOTALS = [['duration_ns', 'Duration', duration], ['cpu_ns', 'CPU time', duration],
	['messages', 'Messages', (n) => count(Math.round(n))], ['bytes', 'Bytes', (n) => bytes(Math.round(n))],
	['calls', 'Calls', (n) => count(Math.round(n))], ['lost', 'Lost calls', (n) => count(Math.round(n))],
	['processes', 'Processes', (n) => count(Math.round(n))]];

// Rounds of a bench have the same name.
function files(side) {
	return [...new Set(recordings.filter((it) => it.side === side).map(({ file }) => visible(file)))].join(', ');
}

function totalsTable() {
	const shown = (value, show) => (value === null ? NONE : show(value));

	return element('table', { class: 'narrow' },
		element('caption', { class: 'hidden' }, 'Totals'),
		element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, ''),
			...['A', 'B', 'Change'].map((title) =>
				element('th', { scope: 'col', class: 'number' }, title)))),
		element('tbody', {}, ...TOTALS.map(([key, title, show]) => {
			const [a, b] = [total('a', key), total('b', key)];

			return element('tr', {}, element('th', { scope: 'row' }, title),
				element('td', { class: 'number', 'data-value': a ?? '' }, shown(a, show)),
				element('td', { class: 'number', 'data-value': b ?? '' }, shown(b, show)),
				element('td', { class: 'number' }, a > 0 && b > 0 ? change(b / a) : NONE));
		})));
}

function verdict() {
	const changed = rows.filter(({ significant }) => significant);
	const worse = changed.filter((row) => row.worse > 0).length;
	const better = changed.filter((row) => row.worse < 0).length;
	const both = items.filter(({ status }) => status === 'both').length;
	const of = `${plural(comparison.comparisons, 'comparison')} of ${isBench ? plural(both, 'case')
		: plural(both, 'edge, mechanism or call', 'edges, mechanisms and calls')}`;

	if (!changed.length)
		return `No significant change in ${of}.`;
	return `${count(changed.length)} of ${of} changed significantly: ${count(worse)} for the worse, ${
		count(better)} for the better, ${
		count(changed.length - worse - better)} that nobody can judge. The rest is noise, or the same.`;
}

export function diffHeader() {
	document.title = `${files('a')} → ${files('b')} · ipctrace diff`;
	byId('files').textContent = `${files('a')} → ${files('b')}`;
	byId('notices').append(...notes.map((note) =>
		element('p', { class: 'notice' }, visible(note))));
	byId('verdict').textContent = verdict();
	if (isBench)
		byId('totals').remove();
	else
		byId('totals').append(totalsTable());
	byId('footer').textContent = `A change is larger than ${100 * comparison.min_effect} % and is beyond `
		+ `noise: of all that are reported at most ${100 * comparison.significance} % are chance `
		+ '(Benjamini-Hochberg, q). Intervals are those of 95 %. Messages of a run depend on each other, so '
		+ `runs are compared by blocks of time${recordings.length > 2 ? ' or, as here, as whole runs or rounds.'
			: `; how runs differ cannot be seen in one of each, and ${100 * comparison.run_noise
			} % is taken for medians.`}${comparison.sampled_one_in > 1
			? ` For this one in ${comparison.sampled_one_in} messages was read.` : ''}`;
}
