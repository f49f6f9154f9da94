// What ECharts draws for a plan of the flow graph: boxes with names, arrows, and their tooltips.
// All sizes are multiplied by `scale`, with which a large graph is made to fit.
import { mechanismTitle } from './data.js';
import { tooltip } from './dom.js';
import { NONE, bytes, compact, count, duration, plural, shortened, visible } from './format.js';
import { isOpener } from './groups.js';
import { mappingsOf, objectOf, objectsOf, percentilesOf } from './link.js';
import { curvePoint, loopEnd } from './routes.js';
import { colour, fontFamily, mechanismColour } from './theme.js';

const NUMBERS_UP_TO = 25; // arrows with a number on them
const NAME_CHARS = 22;
const GROUP_CHARS = 36;
const PADDING = 12;

// What the width of an arrow can stand for, by the key of a link.
export const UNITS = {
	bytes: { title: 'Bytes', long: 'bytes', show: bytes },
	messages: { title: 'Messages', long: 'messages', show: compact },
	sum_ns: { title: 'Time', long: 'summed transit', show: duration },
};

const PART = ['shares memory', 'only sends', 'only receives', 'sends and receives'];

// How the kinds of edges are drawn: what is shared has no direction, and as all who map something share it
// with all, there is so much of it that it is drawn fainter.
const LINES = { sync: { type: 'dashed' }, shared: { type: 'dotted', headless: true } };

// What stands on an arrow: what passes no bytes has its own number instead, and what was not paired has
// no time.
function numberText(link, unit) {
	if (link.kind === 'shared')
		return `${compact(objectsOf(link))} shared`;
	return link.kind === 'sync' && unit !== 'sum_ns' ? plural(link.messages, 'wake')
		: UNITS[unit].show(link[unit]);
}

function partOf({ sends, receives }) {
	return PART[(sends ? 1 : 0) + (receives ? 2 : 0)];
}

// What follows a name: a process has its pid, a group how many it is of.
function suffix(node) {
	if (node.processes > 1)
		return `×${count(node.processes)}`;
	return node.pids.length ? String(node.pids[0]) : '';
}

// A rest of an opened group is said to be one.
function nodeName(node) {
	return `${node.name} ${suffix(node)}${node.isRest ? ' more' : ''}`.trim();
}

// A name that tells groups of one program apart.
export function fullName(node) {
	return node.processes > 1 ? `${nodeName(node)} (${partOf(node)})` : nodeName(node);
}

export function arrowName(link, nodes) {
	return `${fullName(nodes.get(link.from))} ${LINES[link.kind]?.headless ? '↔' : '→'} ${
		fullName(nodes.get(link.to))}`;
}

// ECharts reads {style|text} in a label: braces of a name become ones that look alike.
function labelText(text) {
	return visible(text).replaceAll('{', '❴').replaceAll('}', '❵');
}

export function textWidth(text, size) {
	const context = textWidth.context ??= document.createElement('canvas').getContext('2d');

	context.font = `600 ${size}px ${fontFamily()}`;
	return context.measureText(text).width;
}

// How large boxes are: the more there are, the smaller.
const LOOKS = [
	{ upTo: 19, dense: false, height: 46, nodesep: 28, nameSize: 13, lineHeight: 17, radius: 6 },
	{ upTo: 50, dense: true, height: 24, nodesep: 8, nameSize: 11, lineHeight: 14, radius: 4 },
	{ upTo: Infinity, dense: true, height: 20, nodesep: 4, nameSize: 11, lineHeight: 14, radius: 4 },
];

// How to draw so many nodes and arrows.
export function lookFor(nodes, arrows) {
	return { ...LOOKS.find(({ upTo }) => nodes <= upTo), numbered: arrows <= NUMBERS_UP_TO };
}

// Of a path the end says more than the beginning.
function shortName({ name, processes }) {
	const most = processes > 1 ? GROUP_CHARS : NAME_CHARS;
	const chars = [...name];

	return name.startsWith('/') && chars.length > most ? `…${chars.slice(1 - most).join('')}`
		: shortened(name, most);
}

// The lines of a box, each a list of [style, text]; in a dense graph all is on one.
function lines(node, dense) {
	const name = labelText(shortName(node));
	const more = `${suffix(node)}${node.isRest ? ' more' : ''}`;

	if (!more)
		return [[['name', name]]];
	if (dense)
		return [[['name', `${name} `], ['more', more]]];
	return node.processes > 1 ? [[['name', `${name} ${more}`]], [['more', partOf(node)]]]
		: [[['name', name]], [['more', more]]];
}

// A node with its size and label.
export function boxOf(node, { dense, height, nameSize }) {
	const parts = lines(node, dense);
	const size = { name: nameSize, more: 11 };
	const widths = parts.map((line) => line.reduce((sum, [style, text]) =>
		sum + textWidth(text, size[style]), 0));

	return { ...node, rows: parts.length, height,
		width: Math.ceil(Math.max(...widths, dense ? 0 : 60)) + 2 * PADDING,
		label: parts.map((line) => line.map(([style, text]) => `{${style}|${text}}`).join(''))
			.join('\n') };
}

// The visible box is the label's: a symbol's line would be stretched with it.
function nodeLabel(box, { scale, ...look }) {
	const family = fontFamily();
	const lineHeight = look.lineHeight * scale;

	return {
		show: true, position: 'inside', align: 'center', verticalAlign: 'middle',
		formatter: box.label, lineHeight, width: (box.width - 2 * PADDING) * scale,
		padding: [(box.height * scale - box.rows * lineHeight) / 2, PADDING * scale],
		backgroundColor: colour(box.isMember ? 'node-member' : box.traced ? 'node' : 'page'),
		borderRadius: look.radius * scale, borderWidth: 1, ...box.processes > 1 ? { shadowColor: colour('line'),
			shadowOffsetX: 3 * scale, shadowOffsetY: 3 * scale } : {},
		borderColor: colour(box.isMember ? 'accent' : box.traced ? 'node-line' : 'muted'),
		borderType: box.traced ? 'solid' : 'dashed',
		rich: {
			name: { color: colour(box.traced ? 'text' : 'muted'), fontSize: look.nameSize * scale,
				fontWeight: 600, fontFamily: family, lineHeight },
			more: { color: colour('muted'), fontSize: 11 * scale, fontFamily: family, lineHeight },
		},
	};
}

function nodeOption(box, place, look) {
	return {
		id: box.id, ...place(box), box: box.id, cursor: isOpener(box) ? 'pointer' : 'default',
		symbol: 'rect', symbolSize: [box.width * look.scale, box.height * look.scale],
		itemStyle: { color: 'transparent' }, label: nodeLabel(box, look),
	};
}

// Arrows end at points without a symbol, since ECharts takes each symbol for round.
function portOption(id, place) {
	return { id, ...place, symbol: 'circle', symbolSize: 2, itemStyle: { color: 'transparent' },
		silent: true, tooltip: { show: false } };
}

// How wide the arrows are: the more there are, the less may each cover of the others.
const ARROWS = [
	{ upTo: 25, least: 1.25, more: 5.75, head: 7, opacity: 0.75 },
	{ upTo: 60, least: 1, more: 3.5, head: 6, opacity: 0.75 },
	{ upTo: 200, least: 0.75, more: 2.25, head: 4, opacity: 0.5 },
	{ upTo: Infinity, least: 0.5, more: 0.75, head: 3, opacity: 0.3 },
];

// The widths of `arrows` arrows of which the largest has the number `most`.
function widthsFor(arrows, most) {
	const { least, more, head, opacity } = ARROWS.find(({ upTo }) => arrows <= upTo);

	return { head, opacity, of: (value) => least
		+ (most > 0 ? more * Math.sqrt(Math.max(value ?? 0, 0) / most) : 0) };
}

function mostOf(links, unit) {
	return Math.max(0, ...links.map((link) => link[unit] ?? 0));
}

function arrowSizes(routes, unit) {
	const { head, opacity, of } = widthsFor(routes.length, mostOf(routes.map(({ link }) => link), unit));

	return routes.map(({ link }) => ({ width: of(link[unit]), head: head + of(link[unit]), opacity }));
}

// What widths stand for: [width in pixels, text] of the largest number and, where one can tell them apart,
// of two that are smaller.
export function widthKeys(links, unit) {
	const most = mostOf(links, unit);
	const { of } = widthsFor(links.length, most);

	const shown = of(most) < 2 ? [most] : [most, most / 4, most / 100];

	return most > 0 ? shown.map((value) => [of(value), UNITS[unit].show(Math.round(value))]) : [];
}

// Where the line ends so that the middle of its head, which ECharts puts there, keeps the head's
// tip outside the box.
function headPlace({ a, b, curveness }, head) {
	const before = curvePoint({ a, b, curveness }, 0.9);
	const length = Math.hypot(b.x - before.x, b.y - before.y) || 1;

	return { x: b.x - (b.x - before.x) / length * head / 2,
		y: b.y - (b.y - before.y) / length * head / 2 };
}

const FAINT = 0.6;

function linkOption({ link, curveness }, { width, head, opacity }, index, { scale, chosen }) {
	const { type = 'solid', headless = false } = LINES[link.kind] ?? {};
	const isChosen = link.key === chosen;

	return {
		source: `from ${index}`, target: `to ${index}`, link: link.key,
		symbol: ['none', headless ? 'none' : 'triangle'], symbolSize: [0, head * scale],
		lineStyle: { color: mechanismColour(link.mechanism),
			width: Math.max(width, type === 'solid' ? 0 : 1.5) * scale + (isChosen ? 1.5 : 0), curveness,
			opacity: isChosen ? 1 : headless ? opacity * FAINT : opacity, type },
		emphasis: { lineStyle: { opacity: 1, width: width * scale + 1 } },
	};
}

// The places on the ways for their numbers, each at the first where it covers no other and no box. Lines
// of what is shared are many and their numbers say least: without such a place they have none, null.
function numberPlaces(boxes, routes, texts) {
	const taken = [...boxes];

	return routes.map((route, i) => {
		const width = textWidth(texts[i], 11) + 12;
		const isFree = (p) => taken.every((box) => Math.abs(p.x - box.x) > (box.width + width) / 2
			|| Math.abs(p.y - box.y) > (box.height + 18) / 2);
		const points = route.link.from === route.link.to ? [loopEnd(route, 11)]
			: [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74].map((t) => curvePoint(route, t));
		const point = points.find(isFree) ?? (route.link.kind === 'shared' ? null : points[0]);

		if (point)
			taken.push({ ...point, width, height: 18 });
		return point;
	});
}

// The number on an arrow is a node of its own, since ECharts would turn it along the arrow. Under the
// pointer it stands for its arrow.
function numberOption(text, index, place, link, scale) {
	return {
		...portOption(`number ${index}`, place), link: link.key, silent: false, tooltip: {}, cursor: 'pointer',
		label: { show: true, position: 'inside', formatter: text, fontSize: 11 * scale,
			fontFamily: fontFamily(), color: colour('text'), backgroundColor: colour('page'),
			padding: [2 * scale, 4 * scale], borderRadius: 3 },
	};
}

function exactBytes(n) {
	return n === null ? NONE : `${bytes(n)} (${count(n)})`;
}

// How long it took: of wake-ups from the waking call to the end of the wait.
function timeRows(link, name) {
	const { near, ...quantiles } = percentilesOf(link);
	const shown = ['p50', 'p99'].map((q) => [`${name} ${q}`, quantiles[`${q}_ns`]]);

	if (link.max_ns === null)
		return [[name, 'not known: one end was not traced']];
	return [...shown.filter(([, ns]) => ns !== null).map(([title, ns]) =>
		[title, `${near ? '≈ ' : ''}${duration(ns)}`]),
	[`${name} max`, duration(link.max_ns)], [`${name} summed`, duration(link.sum_ns)]];
}

// What there is to say of a link of each kind.
const KIND_ROWS = {
	data: (link) => [['Bytes', exactBytes(link.bytes)], ['Messages', count(link.messages)],
		...timeRows(link, 'Transit')],
	sync: (link) => [['Wake-ups', count(link.messages)], ...timeRows(link, 'Wake latency')],
	shared: (link) => [['Mappings', count(mappingsOf(link))], ['Stores', 'are seen by no call']],
};

// What a link goes over: the name of its only object, or how many.
export function overText(link) {
	const name = objectOf(link);

	return name === null ? plural(objectsOf(link), 'object') : visible(name);
}

// The tooltip of the arrow `link` from one node to another.
function linkTip(link, nodes) {
	return tooltip(arrowName(link, nodes), [
		[visible(mechanismTitle(link.mechanism)), overText(link)],
		...link.edges > 1 ? [['Edges', count(link.edges)]] : [],
		...(KIND_ROWS[link.kind] ?? KIND_ROWS.data)(link),
	]);
}

function pidsText({ pids, processes }) {
	const rest = processes - pids.length;

	return pids.join(', ') + (rest > 0 ? ` and ${count(rest)} more` : '');
}

// What a click on the box does.
export function actionOf(box) {
	if (box.isMember)
		return 'closes the group';
	return box.isRest ? 'shows more of them' : 'opens the group';
}

function nodeTip(box) {
	return tooltip(nodeName(box), [
		...box.processes > 1 ? [['PIDs', pidsText(box)], ['Each', partOf(box)]] : [],
		['Sent', exactBytes(box.sent)],
		['Received', exactBytes(box.received)],
		...box.wakes ? [['Woke others', count(box.wakes)]] : [],
		...box.woken ? [['Was woken', count(box.woken)]] : [],
		...box.traced ? [] : [['', 'not traced']],
		...isOpener(box) ? [['Click', actionOf(box)]] : [],
	]);
}

// The node or the link of a view that a part of the drawing stands for: ECharts copies all that it is
// given, so it has their ids alone.
export function nodeAt({ nodes }, { box }) {
	return nodes.get(box);
}

export function linkAt({ links }, { link }) {
	return link && links.find(({ key }) => key === link);
}

export function tipOf(view) {
	return ({ data }) => {
		const [node, link] = [nodeAt(view, data), linkAt(view, data)];

		if (link)
			return linkTip(link, view.nodes);
		return node ? nodeTip(node) : '';
	};
}

// Where on the drawing each box and the middle of each arrow is, in pixels.
export function placesOf({ boxes, routes, bounds }, scale) {
	const place = ({ x, y }) => ({ x: (x - bounds.left) * scale, y: (y - bounds.top) * scale });

	return { boxes: boxes.map((box) => ({ box, ...place(box), width: box.width * scale,
		height: box.height * scale })),
	arrows: routes.map((route) => ({ link: route.link, ...place(curvePoint(route, 0.5)) })) };
}

// The series for a plan; `look` is from lookFor, with scale, unit and the key of the chosen link.
export function seriesOption({ boxes, routes, bounds }, look) {
	const { scale, unit } = look;
	const arrows = arrowSizes(routes, unit);
	const place = ({ x, y }) => ({ x: (x - bounds.left) * scale, y: (y - bounds.top) * scale });
	const corner = (id, x, y) => portOption(id, place({ x, y }));
	const texts = routes.map(({ link }) => numberText(link, unit));
	const numbers = look.numbered ? numberPlaces(boxes, routes, texts)
		.flatMap((point, i) => point
			? [numberOption(texts[i], i, place(point), routes[i].link, scale)] : []) : [];

	return {
		type: 'graph', layout: 'none', left: 0, top: 0,
		width: (bounds.right - bounds.left) * scale, height: (bounds.bottom - bounds.top) * scale,
		data: [
			corner('first', bounds.left, bounds.top), corner('last', bounds.right, bounds.bottom),
			...routes.flatMap((route, i) => [portOption(`from ${i}`, place(route.a)),
				portOption(`to ${i}`, place(headPlace(route, arrows[i].head)))]),
			...numbers,
			...boxes.map((box) => nodeOption(box, place, look)),
		],
		links: routes.map((route, i) => linkOption(route, arrows[i], i, look)),
		emphasis: { scale: false },
	};
}
