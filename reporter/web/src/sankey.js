// The Sankey diagram: where the bytes went. Senders stand on the left, what they sent over in the middle,
// receivers on the right, so that nothing flows back: who sends and receives stands on both sides.
import * as echarts from 'echarts/core';
import { SankeyChart } from 'echarts/charts';
import { lostText } from './caption.js';
import { mechanismTitle, mechanismsOf, sankey } from './data.js';
import { byId, element, tooltip } from './dom.js';
import { isShown, onFilter } from './filter.js';
import { bytes, count, percent, plural, processName, shortened, visible } from './format.js';
import { textWidth } from './graph.js';
import { chartOn, colour, fontFamily, keepDrawn, legend, mechanismColour, tooltipStyle } from './theme.js';

echarts.use([SankeyChart]);

const NODE_ROOM = 30; // pixels of height for each node of the fullest column
const [HEIGHT_MIN, HEIGHT_MAX] = [150, 620];
const FONT_SIZE = 12;
const NODE_WIDTH = 12;
const NARROW = 600; // pixels of width
const WIDTH_MIN = 100; // with less the chart library cannot place anything
const NAME_CHARS_MIN = 6;
const LABEL_GAP = 8; // pixels between a name and what is beside it
const ROOM_MAX = 0.3; // of the width, for the names of one side
const COLUMNS = { s: 0, m: 1, r: 2 };
// The places of a path's numbers.
const [SENDER, MIDDLE, RECEIVER, BYTES, MESSAGES, EDGES] = [0, 1, 2, 3, 4, 5];

function endName({ id, comm, pid, processes }) {
	if (!id)
		return `${plural(processes, 'other')}`;
	return processes > 1 ? `${processName(comm, null)} ×${count(processes)}` : processName(comm, pid);
}

function middleName({ id, mechanism, object, objects }) {
	const title = visible(mechanismTitle(mechanism));

	if (object !== null && object !== '')
		return visible(object);
	return id > 0 ? `${title}${objects > 1 ? ` ×${count(objects)}` : ''}` : `${title}, ${plural(objects, 'other')}`;
}

// All ends and middles by the key that the chart knows them by.
const nodes = new Map(sankey ? [
	...sankey.ends.map((end) => [`${end.place}${end.id}`, { ...end, name: endName(end) }]),
	...sankey.middles.map((middle) => [`m${middle.id}`, { ...middle, place: 'm', name: middleName(middle) }]),
] : []);

function pathsShown() {
	return sankey.paths.map((path) => ({ sender: nodes.get(`s${path[SENDER]}`), middle: nodes.get(`m${path[MIDDLE]}`),
		receiver: nodes.get(`r${path[RECEIVER]}`), bytes: path[BYTES], messages: path[MESSAGES],
		edges: path[EDGES] })).filter(({ middle }) => isShown(middle.mechanism));
}

const keyOf = ({ place, id }) => `${place}${id}`;

// What passes between the columns, and what each node has of it.
function sums(paths) {
	const links = new Map();
	const ends = new Map();
	const add = (map, key, more, path) => {
		const sum = map.get(key) ?? { ...more, bytes: 0, messages: 0 };

		map.set(key, { ...sum, bytes: sum.bytes + path.bytes, messages: sum.messages + path.messages });
	};

	for (const path of paths) {
		for (const [from, to] of [[path.sender, path.middle], [path.middle, path.receiver]])
			add(links, `${keyOf(from)} ${keyOf(to)}`, { from, to, mechanism: path.middle.mechanism }, path);
		for (const node of [path.sender, path.middle, path.receiver])
			add(ends, keyOf(node), { node }, path);
	}
	return { links: [...links.values()], ends: [...ends.values()] };
}

function tip(all) {
	const rows = (sum) => [['Bytes', `${bytes(sum.bytes)} (${count(sum.bytes)})`],
		['Of all shown', percent(sum.bytes / all)], ['Messages', count(sum.messages)]];

	return ({ data: { sum } }) => {
		if (!sum)
			return '';
		if (sum.node)
			return tooltip(`${sum.node.name}${{ s: ' sent', r: ' received', m: '' }[sum.node.place]}`, [
				...sum.node.place === 'm' ? [[visible(mechanismTitle(sum.node.mechanism)),
					plural(sum.node.objects, 'object')]] : [], ...rows(sum)]);
		return tooltip(`${sum.from.name} → ${sum.to.name}`, rows(sum));
	};
}

// The name and the amount. Where there is little room the name is cut, and the amount left to the tooltip
// in a narrow window and of what stands in the middle.
function label({ node, bytes: amount }, width, room) {
	const fits = (text) => textWidth(text, FONT_SIZE) <= room;
	const whole = `${node.name}, ${bytes(amount)}`;
	const suffix = width < NARROW || (node.place === 'm' && !fits(whole)) ? '' : `, ${bytes(amount)}`;
	const text = (chars) => `${shortened(node.name, chars)}${suffix}`;
	let chars = [...node.name].length;

	while (chars > NAME_CHARS_MIN && !fits(text(chars)))
		chars--;
	return text(chars);
}

// How much room the names beside the diagram need, and may take.
function sideRoom(ends, width) {
	const widest = Math.max(...ends.filter(({ node }) => node.place !== 'm').map((sum) =>
		textWidth(label(sum, width, Infinity), FONT_SIZE)));

	return Math.min(Math.ceil(widest) + 2 * LABEL_GAP, width * ROOM_MAX);
}

// The line around a node is what is seen of one that is too small.
function nodeOption(sum, room, width) {
	const { node } = sum;
	const isMiddle = node.place === 'm';
	const tint = isMiddle ? mechanismColour(node.mechanism) : colour('node-line');
	const most = (isMiddle ? (width - 2 * room) / 2 - NODE_WIDTH : room) - 2 * LABEL_GAP;
	const text = label(sum, width, most);

	return {
		name: keyOf(node), depth: COLUMNS[node.place], sum,
		itemStyle: { color: tint, borderColor: tint, borderWidth: 1 },
		label: { position: node.place === 's' ? 'left' : 'right', formatter: () => text,
			...isMiddle ? { backgroundColor: colour('page'), padding: [2, 4], borderRadius: 3 } : {} },
	};
}

function option({ links, ends }, all, width) {
	const room = sideRoom(ends, width);

	return {
		animation: false,
		textStyle: { fontFamily: fontFamily() },
		tooltip: { ...tooltipStyle(), trigger: 'item', formatter: tip(all) },
		series: [{
			type: 'sankey', left: room, right: room, top: 8, bottom: 8, nodeWidth: NODE_WIDTH, nodeGap: 16,
			draggable: false, layoutIterations: 32, emphasis: { focus: 'trajectory' },
			label: { color: colour('text'), fontSize: FONT_SIZE },
			data: ends.map((sum) => nodeOption(sum, room, width)),
			links: links.map((sum) => ({ source: keyOf(sum.from), target: keyOf(sum.to), value: sum.bytes, sum,
				lineStyle: { color: mechanismColour(sum.mechanism), opacity: 0.4, curveness: 0.5 } })),
		}],
	};
}

function draw() {
	const paths = pathsShown();
	const node = byId('sankey-chart');

	node.hidden = !paths.length;
	if (!paths.length || node.clientWidth < WIDTH_MIN)
		return;
	const drawn = sums(paths);
	const fullest = Math.max(...Object.keys(COLUMNS).map((place) =>
		drawn.ends.filter((sum) => sum.node.place === place).length));

	node.style.height = `${Math.min(Math.max(fullest * NODE_ROOM, HEIGHT_MIN), HEIGHT_MAX)}px`;
	const chart = chartOn(node);

	chart.resize();
	chart.setOption(option(drawn, paths.reduce((sum, path) => sum + path.bytes, 0), node.clientWidth), true);
}

// What stands together, so that nothing seems to be missing.
function foldedText(paths) {
	const of = (place) => new Set(paths.map((path) => path[place]));
	const others = (place) => [...of(place)].filter(({ id }) => id <= 0);
	const texts = [
		...others('sender').map(({ processes }) => plural(processes, 'sender')),
		...others('receiver').map(({ processes }) => plural(processes, 'receiver')),
		...others('middle').map(({ objects }) => plural(objects, 'object')),
	];

	return [
		sankey.by_program ? 'Processes of the same program stand together. ' : '',
		sankey.by_mechanism ? 'Objects of the same mechanism stand together. ' : '',
		texts.length ? `With the least bytes, together as others: ${texts.join(', ')}. ` : '',
	].join('');
}

function caption(paths) {
	const sum = (key) => paths.reduce((total, path) => total + path[key], 0);

	return [legend(mechanismsOf(paths.map(({ middle }) => middle))),
		`n = ${bytes(sum('bytes'))} in ${plural(sum('messages'), 'message')} over ${plural(sum('edges'), 'edge')}, from `
		+ `the senders on the left to the receivers on the right. ${lostText()} ${foldedText(paths)}Widths are in `
		+ 'proportion to the bytes; who sends and receives stands on both sides.'];
}

function tableOf(paths) {
	const numbers = [['bytes', 'Bytes'], ['messages', 'Messages'], ['edges', 'Edges']];

	return element('table', { class: 'narrow' },
		element('caption', { class: 'hidden' }, 'Bytes from senders over objects to receivers'),
		element('thead', {}, element('tr', {},
			...['From', 'Over', 'Mechanism', 'To'].map((name) => element('th', { scope: 'col' }, name)),
			...numbers.map(([, name]) => element('th', { scope: 'col', class: 'number' }, name)))),
		element('tbody', {}, ...paths.map((path) => element('tr', {},
			element('th', { scope: 'row' }, path.sender.name),
			...[path.middle.name, visible(mechanismTitle(path.middle.mechanism)), path.receiver.name]
				.map((name) => element('td', {}, name)),
			...numbers.map(([key]) => element('td', { class: 'number', 'data-value': path[key] },
				count(path[key])))))));
}

function show() {
	const paths = pathsShown();

	byId('sankey-none').hidden = paths.length > 0;
	byId('sankey-chart').setAttribute('aria-label', `Sankey diagram of ${bytes(paths.reduce((sum, path) =>
		sum + path.bytes, 0))} on ${plural(paths.length, 'path')}; the table below it has the same figures`);
	byId('sankey-caption').replaceChildren(...caption(paths));
	byId('sankey-table').replaceChildren(element('summary', {}, 'These paths as a table'),
		element('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Paths of the bytes' },
			tableOf(paths)));
}

// The section; none where no bytes passed.
export function sankeySection() {
	byId('sankey').hidden = !sankey?.paths.length;
	if (!sankey?.paths.length)
		return;
	byId('sankey-chart').setAttribute('role', 'img');
	show();
	keepDrawn(draw);
	onFilter(() => {
		show();
		draw();
	});
}
