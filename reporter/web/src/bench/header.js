// The head of a bench's page: which machine, how it was measured, and what makes the figures doubtful.
import { bench, meta } from '../data.js';
import { byId, element } from '../dom.js';
import { NONE, count, date, duration, plural, visible } from '../format.js';

const LOAD_BUSY = 50; // hundredths for each CPU

function text(value) {
	return value === null || value === undefined || value === '' ? NONE : visible(value);
}

function facts() {
	return [
		['Measured', typeof meta.started_realtime_ns === 'number' ? date(meta.started_realtime_ns) : NONE],
		['Took', typeof meta.duration_ns === 'number' ? duration(meta.duration_ns) : NONE],
		['Host', text(meta.host)],
		['Kernel', `Linux ${text(meta.kernel)}, ${text(meta.arch)}`],
		['CPUs', `${text(meta.cpus)} × ${text(meta.cpu_model)}`],
		['Rounds', `${plural(meta.rounds, 'round')} in turn${meta.traced_rounds > 0
			? `, ${count(meta.traced_rounds)} traced as well` : ''}`],
		['Load before', typeof meta.load_before === 'number' && meta.load_before >= 0
			? (meta.load_before / 100).toFixed(2) : NONE],
	];
}

function figure(name, value, kind = '') {
	return element('div', { class: `figure ${kind}` }, element('span', { class: 'value' }, value),
		element('span', { class: 'name' }, name));
}

function sums() {
	const ran = new Set(bench.results.map((row) => row.case_id)).size;
	const failed = bench.skipped.filter((row) => row.status === 'failed').length;

	return [
		figure('mechanisms', count(new Set(bench.results.map((row) => row.mechanism)).size)),
		figure('cases measured', count(ran)),
		figure('cannot be measured here', count(bench.skipped.length - failed)),
		...failed ? [figure('failed', count(failed), 'bad')] : [],
	];
}

function notice(title, message) {
	return element('p', { class: 'notice warn', role: 'note' }, element('strong', {}, title), ` ${message}`);
}

function notices() {
	const list = [];

	if (String(meta.complete) !== '1')
		list.push(notice('This bench was cut off.', 'What is here was measured until then.'));
	if (meta.load_before >= LOAD_BUSY * meta.cpus)
		list.push(notice('The machine had other work.',
			'It is in all figures: spreads are wide, and percentiles high.'));
	if (meta.untraced_why)
		list.push(notice('No traced rounds:',
			`${visible(meta.untraced_why)}. Where the time went and what the probes cost is not known.`));
	return list;
}

export function header() {
	byId('command').textContent = meta.command ? visible(meta.command) : 'ipctrace bench';
	byId('facts').append(...facts().map(([name, value]) =>
		element('div', {}, element('dt', {}, name), element('dd', {}, value))));
	byId('sums').append(...sums());
	byId('notices').append(...notices());
	byId('footer').append(`Written by ipctrace${meta.version
		? `; measured by version ${visible(meta.version)}` : ''}. `
		+ 'Charts: Apache ECharts (Apache License 2.0); its licence stands in this page’s source. '
		+ 'This page loads nothing from anywhere.');
}
