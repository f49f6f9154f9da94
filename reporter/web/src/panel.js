// What opens under the flow graph for one of its arrows: figures, where the time went, a histogram of the
// transits, single messages, and the edges that the arrow stands for.
import { lostText } from './caption.js';
import { drawHistogram } from './curves.js';
import { edges as edgeRows, mechanismTitle } from './data.js';
import { byId, element } from './dom.js';
import { pickedOf } from './flow_data.js';
import { NONE, bytes, count, duration, instant, plural, processName, shortened, visible } from './format.js';
import { arrowName, overText } from './graph.js';
import { binsOfLink, mappingsOf, partsOfLink, percentilesOf } from './link.js';
import { TRANSIT, partsDetail } from './parts.js';
import { keepDrawn, mechanismTint, swatch } from './theme.js';

const EDGES_MAX = 10; // of those that an arrow stands for
const MESSAGES_MAX = 12;
const NAME_CHARS = 44;
const NEAR = 'Percentiles of several edges are put together from bins 9 % wide, so they can be off by 4.5 %.';

let shown = null; // the link whose panel is open

function nounOf({ kind }) {
	return kind === 'sync' ? 'wake-up' : 'message';
}

function end(process) {
	return process.processes > 1 ? `${processName(process.comm, null)} ×${count(process.processes)}`
		: processName(process.comm, process.pids[0] ?? null);
}

// A table with a caption that is seen; columns are [title, text of a row, number or null].
function tableOf(caption, columns, rows) {
	const head = ([title, , value]) => element('th', { scope: 'col', class: value ? 'number' : '' }, title);
	const cell = (row, [, show, value], i) => element(i ? 'td' : 'th', { class: value ? 'number' : '',
		...i ? {} : { scope: 'row' },
		...value && typeof value(row) === 'number' ? { 'data-value': value(row) } : {} }, show(row));

	return element('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': caption },
		element('table', { class: 'narrow dense' }, element('caption', {}, caption),
			element('thead', {}, element('tr', {}, ...columns.map(head))),
			element('tbody', {}, ...rows.map((row) =>
				element('tr', {}, ...columns.map((column, i) => cell(row, column, i)))))));
}

const number = (title, key, show) => [title, (row) => show(row[key]), (row) => row[key]];

// What the arrow has in all: a column for each figure.
function figures(link) {
	const { near, p50_ns, p90_ns, p99_ns } = percentilesOf(link);
	const time = (name, ns, isNear = near) => [name, ns, `${isNear && ns !== null ? '≈ ' : ''}${duration(ns)}`];
	const shown = [['Edges', link.edges, count(link.edges)], ...link.kind === 'shared' ? [['Mappings', mappingsOf(link), count(mappingsOf(link))]] : [
		[link.kind === 'sync' ? 'Wake-ups' : 'Messages', link.messages, count(link.messages)],
		...link.kind === 'sync' ? [] : [['Bytes', link.bytes, bytes(link.bytes)],
			['Mean size', null, link.messages > 0 ? bytes(Math.round(link.bytes / link.messages)) : NONE]],
		...link.max_ns === null ? [] : [time('p50', p50_ns), time('p90', p90_ns), time('p99', p99_ns),
			time('Max', link.max_ns, false), time('Summed', link.sum_ns, false)]]];

	return element('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Figures' },
		element('table', { class: 'narrow figures' },
			element('caption', {}, link.max_ns === null ? 'Figures'
				: `Figures; the times are ${link.kind === 'sync' ? 'from the waking call to the end of the wait'
					: 'transits, from the start of the send to the end of the receive'}`),
			element('thead', {}, element('tr', {}, ...shown.map(([name]) => element('th', { scope: 'col' }, name)))),
			element('tbody', {}, element('tr', {}, ...shown.map(([, value, text], i) =>
				element(i ? 'td' : 'th', { ...i ? {} : { scope: 'row' },
					...value === null ? {} : { 'data-value': value, title: count(value) } }, text))))));
}

// Of a single edge the tables of the page may know the percentiles of each part too.
function partsRow(link) {
	const [edge, ...others] = link.members;
	const known = others.length ? undefined : edgeRows.find((row) => row.parts && row.kind === edge.kind
		&& row.object_id === edge.object_id && row.sender_id === edge.sender.process_id
		&& row.receiver_id === edge.receiver.process_id);
	const sums = partsOfLink(link);

	return known ?? (sums && { ...link, ...percentilesOf(link),
		messages: link.members.reduce((n, { sum_ns, messages }) => n + (sum_ns === null ? 0 : messages), 0),
		parts: sums.map((sum) => [sum, null, null, null, null]) });
}

function partsBox(link) {
	const row = partsRow(link);

	return row ? partsDetail(row) : '';
}

function draw() {
	const dense = shown && binsOfLink(shown);

	if (dense)
		drawHistogram(byId('flow-histogram'), [{ name: shortened(visible(mechanismTitle(shown.mechanism)), NAME_CHARS),
			d: { dense, n: dense.reduce((sum, [, , n]) => sum + n, 0) },
			tint: mechanismTint(shown.mechanism), line: 'solid' }]);
}

// The messages that the page has of the link: the slowest, and the first of each edge in their order.
function messagesOf(link) {
	const found = pickedOf(link.members);
	const all = (key) => found.flatMap((one) => one[key].map((message) => ({ ...message, ...one,
		mechanism: message.mechanism })));

	return { edges: found.length,
		slowest: all('slowest').sort((a, b) => b.transit_ns - a.transit_ns).slice(0, MESSAGES_MAX),
		first: all('first').sort((a, b) => a.sent_ns - b.sent_ns).slice(0, MESSAGES_MAX / 2) };
}

// Of how many messages these are, and of how many edges.
function messagesText(name, rows, link, edges) {
	const timed = link.members.filter(({ sum_ns }) => sum_ns !== null);
	const all = timed.reduce((sum, { messages }) => sum + messages, 0);
	const edgesAll = timed.reduce((sum, edge) => sum + edge.edges, 0);

	return edges === edgesAll ? `${name} ${count(rows.length)} of ${plural(all, nounOf(link))}`
		: `${name} ${plural(rows.length, nounOf(link))} of ${plural(edges, 'edge')}; all ${
			count(edgesAll)} edges of this arrow had ${count(all)}`;
}

function messageTables(link) {
	const { edges, slowest, first } = messagesOf(link);
	const several = link.members.length > 1;
	const part = ({ title }, i) => [title.replace(/^In the /, 'In '), ({ parts }) => duration(parts[i]),
		({ parts }) => parts[i]];
	const columns = [number('Sent at', 'sent_ns', instant), number('Transit', 'transit_ns', duration),
		...TRANSIT.map(part), ...link.kind === 'sync' ? [] : [number('Bytes', 'bytes', count)],
		['Pairing', ({ confidence }) => visible(confidence)],
		...several ? [['From', ({ sender }) => end(sender)], ['To', ({ receiver }) => end(receiver)],
			['Over', ({ object }) => element('span', { class: 'path' }, visible(object ?? NONE))]] : []];
	const tables = [['The slowest', slowest], ['The first', first]].filter(([, rows]) => rows.length)
		.map(([name, rows]) => tableOf(messagesText(name, rows, link, edges), columns, rows));

	if (!tables.length && link.max_ns !== null)
		return [element('p', { class: 'caption' }, `The page has no single ${nounOf(link)}s of this arrow: it `
			+ 'has those of the strongest edges alone. ipctrace report --csv messages has all.')];
	return tables;
}

// The edges that an arrow stands for; `order` is what the arrows' width shows.
function edgeTable(link, order) {
	const rows = [...link.members].sort((a, b) => (b[order] ?? 0) - (a[order] ?? 0)).slice(0, EDGES_MAX);
	const columns = [['From', ({ sender }) => end(sender)], ['To', ({ receiver }) => end(receiver)],
		['Over', ({ object, objects }) => element('span', { class: 'path' },
			object === null ? plural(objects, 'object') : visible(object))],
		...link.kind === 'shared' ? [] : [
			number(link.kind === 'sync' ? 'Wake-ups' : 'Messages', 'messages', count),
			...link.kind === 'sync' ? [] : [number('Bytes', 'bytes', count)],
			...[['p50', 'p50_ns'], ['p99', 'p99_ns'], ['Max', 'max_ns'], ['Summed', 'sum_ns']].map(([title, key]) =>
				number(title, key, duration))]];

	return link.members.length > 1 ? [tableOf(`${rows.length < link.members.length
		? `The ${count(rows.length)} strongest of ` : ''}${plural(link.members.length, 'edge')} of this arrow`,
	columns, rows)] : [];
}

function outsideText(link) {
	const outside = link.members.reduce((sum, { sum_ns, messages }) => sum + (sum_ns === null ? messages : 0), 0);

	if (link.kind === 'shared')
		return 'Stores into shared memory are seen by no call. ';
	return outside ? `${plural(outside, 'call')} to or from a process outside the recording ${
		outside === 1 ? 'has' : 'have'} no transit. ` : '';
}

function title(link, nodes, close) {
	const button = element('button', { type: 'button', class: 'more' }, 'Close');

	button.addEventListener('click', close);
	return element('div', { class: 'head' },
		element('div', {}, element('h3', { id: 'flow-panel-title', tabIndex: -1 }, arrowName(link, nodes)),
			element('p', { class: 'caption' }, swatch(link.mechanism),
				`${visible(mechanismTitle(link.mechanism))}, ${overText(link)}`)), button);
}

// Fills the panel for a link between two of the nodes and shows it; `order` is a key of UNITS.
export function showPanel(link, nodes, order, close) {
	const { near } = percentilesOf(link);
	const has = binsOfLink(link) !== null;

	shown = link;
	byId('flow-panel-head').replaceChildren(title(link, nodes, close));
	byId('flow-panel-figures').replaceChildren(figures(link));
	byId('flow-panel-parts').replaceChildren(partsBox(link));
	byId('flow-histogram-figure').hidden = !has;
	byId('flow-histogram-caption').textContent = `${link.kind === 'sync' ? 'Wake latency' : 'Transit'} of ${
		plural(link.messages, nounOf(link))}. ${lostText()}${near ? ` ${NEAR}` : ''}`;
	byId('flow-panel-tables').replaceChildren(...outsideText(link)
		? [element('p', { class: 'caption' }, outsideText(link))] : [], ...messageTables(link),
	...edgeTable(link, order));
	byId('flow-panel').hidden = false;
	draw();
}

export function hidePanel() {
	shown = null;
	byId('flow-panel').hidden = true;
}

// Makes the panel's frame, once.
export function preparePanel(close) {
	const panel = byId('flow-panel');

	panel.append(element('div', { id: 'flow-panel-head' }), element('div', { id: 'flow-panel-figures' }),
		element('div', { class: 'panel-pair' }, element('div', { id: 'flow-panel-parts' }),
			element('figure', { id: 'flow-histogram-figure' },
				element('h4', {}, 'Histogram'),
				element('div', { id: 'flow-histogram', class: 'chart', role: 'img',
					'aria-label': 'Histogram; the figures beside it sum it up' }),
				element('figcaption', { id: 'flow-histogram-caption' }))),
		element('div', { id: 'flow-panel-tables' }));
	panel.addEventListener('keydown', ({ key }) => {
		if (key === 'Escape')
			close();
	});
	keepDrawn(draw);
}
