// The flow graph: processes as nodes, what they send each other as arrows.
import { lostText } from './caption.js';
import { flow, mechanismTitle, mechanismsOf, sum, totals } from './data.js';
import { byId, element, radioSwitch, tooltip } from './dom.js';
import { bytes, compact, count, duration, plural, processName, shortened, visible }
	from './format.js';
import { curvePoint, layout } from './layout.js';
import { chartOn, colour, fontFamily, keepDrawn, legend, mechanismColour, tooltipStyle }
	from './theme.js';

const DENSE_FROM = 20; // processes; from there on a process takes one line
const LABELS_UP_TO = 40; // arrows with a number on them
const NAME_CHARS = 22;
const PADDING = 12;

const UNITS = {
	bytes: { title: 'Bytes', show: bytes },
	messages: { title: 'Messages', show: compact },
};
let unit = 'bytes';

// The processes at the ends of the links, each once.
function processesOf(links) {
	const byId = new Map();

	for (const link of links)
		for (const end of ['sender', 'receiver'])
			byId.set(link[`${end}_id`], { comm: link[end], pid: link[`${end}_pid`],
				traced: link[`${end}_traced`] === 1, id: String(link[`${end}_id`]) });
	return [...byId.values()];
}

// ECharts reads {style|text} in a label: braces of a name become ones that look alike.
function labelText(text) {
	return visible(text).replaceAll('{', '❴').replaceAll('}', '❵');
}

function textWidth(text, size) {
	const context = textWidth.context ??= document.createElement('canvas').getContext('2d');

	context.font = `600 ${size}px ${fontFamily()}`;
	return context.measureText(text).width;
}

// What a process is drawn with; the name stands over the pid, or before it where there are many.
function nodeLook(process, dense) {
	const name = labelText(shortened(processName(process.comm, null), NAME_CHARS));
	const pid = process.pid === null ? '' : String(process.pid);
	const text = dense ? textWidth(`${name} ${pid}`, 11)
		: Math.max(textWidth(name, 13), textWidth(pid, 11), 60);

	return { ...process, width: Math.ceil(text) + 2 * PADDING, height: dense ? 24 : 46,
		label: `{name|${name}}${pid ? `${dense ? ' ' : '\n'}{pid|${pid}}` : ''}` };
}

// The visible box is the label's: a symbol's line would be stretched with it.
function nodeLabel(box, dense) {
	const fontFamilyNow = fontFamily();
	const lines = dense || box.pid === null ? 1 : 2;
	const lineHeight = dense ? 14 : 17;

	return {
		show: true, position: 'inside', align: 'center', verticalAlign: 'middle',
		formatter: box.label, lineHeight, width: box.width - 2 * PADDING,
		padding: [(box.height - lines * lineHeight) / 2, PADDING],
		backgroundColor: colour(box.traced ? 'node' : 'page'), borderRadius: dense ? 4 : 6,
		borderWidth: 1, borderColor: colour(box.traced ? 'node-line' : 'muted'),
		borderType: box.traced ? 'solid' : 'dashed',
		rich: {
			name: { color: colour(box.traced ? 'text' : 'muted'), fontSize: dense ? 11 : 13,
				fontWeight: 600, fontFamily: fontFamilyNow, lineHeight },
			pid: { color: colour('muted'), fontSize: 11, fontFamily: fontFamilyNow, lineHeight },
		},
	};
}

function nodeOption(box, origin, dense) {
	return {
		id: box.id, x: box.x - origin.left, y: box.y - origin.top, box,
		symbol: 'rect', symbolSize: [box.width, box.height], itemStyle: { color: 'transparent' },
		label: nodeLabel(box, dense),
	};
}

// Arrows end at points without a symbol, since ECharts takes each symbol for round.
function portOption(id, point, origin) {
	return { id, x: point.x - origin.left, y: point.y - origin.top, symbol: 'circle', symbolSize: 2,
		itemStyle: { color: 'transparent' }, silent: true, tooltip: { show: false } };
}

function linkOption(route, index, most) {
	const { link } = route;
	const width = 1.25 + (most > 0 ? 6 * Math.sqrt(link[unit] / most) : 0);

	return {
		source: `from ${index}`, target: `to ${index}`, link,
		symbol: ['none', 'triangle'], symbolSize: [0, 7 + width],
		lineStyle: { color: mechanismColour(link.mechanism), width, curveness: route.curveness,
			type: link.kind === 'data' ? 'solid' : 'dashed', opacity: 0.75 },
		emphasis: { lineStyle: { opacity: 1, width: width + 1 } },
	};
}

// The number on an arrow is a node of its own, since ECharts would turn it along the arrow.
function numberOption(route, index, origin) {
	return {
		...portOption(`number ${index}`, curvePoint(route, 0.5), origin),
		label: { show: true, position: 'inside', formatter: UNITS[unit].show(route.link[unit]),
			fontSize: 11, fontFamily: fontFamily(), color: colour('text'),
			backgroundColor: colour('page'), padding: [2, 4], borderRadius: 3 },
	};
}

function linkTip(link) {
	const title = `${processName(link.sender, link.sender_pid)} → `
		+ processName(link.receiver, link.receiver_pid);
	const objects = link.objects === 1 ? visible(link.object ?? '') : plural(link.objects, 'object');

	return tooltip(title, [
		[mechanismTitle(link.mechanism), objects],
		['Bytes', `${bytes(link.bytes)} (${count(link.bytes)})`],
		['Messages', count(link.messages)],
		...link.p50_ns === null ? [] : [['Transit p50', duration(link.p50_ns)],
			['Transit p99', duration(link.p99_ns)]],
		...link.max_ns === null ? [['Transit', 'not known: one end was not traced']]
			: [['Transit max', duration(link.max_ns)]],
	]);
}

function nodeTip(box) {
	const of = (key) => flow.filter((link) => String(link[key]) === box.id);

	return tooltip(processName(box.comm, box.pid), [
		['Sent', bytes(sum(of('sender_id'), 'bytes'))],
		['Received', bytes(sum(of('receiver_id'), 'bytes'))],
		...box.traced ? [] : [['', 'not traced']],
	]);
}

function tip({ data, dataType }) {
	if (dataType === 'edge')
		return linkTip(data.link);
	return data.box ? nodeTip(data.box) : '';
}

function seriesOption(plan, dense) {
	const { boxes, routes, bounds } = plan;
	const most = Math.max(...flow.map((link) => link[unit]));
	const corner = (id, x, y) => portOption(id, { x, y }, bounds);

	return {
		type: 'graph', layout: 'none', left: 0, top: 0,
		width: bounds.right - bounds.left, height: bounds.bottom - bounds.top,
		data: [
			corner('first', bounds.left, bounds.top), corner('last', bounds.right, bounds.bottom),
			...routes.flatMap(({ a, b }, i) => [portOption(`from ${i}`, a, bounds),
				portOption(`to ${i}`, b, bounds)]),
			...routes.length > LABELS_UP_TO ? []
				: routes.map((route, i) => numberOption(route, i, bounds)),
			...boxes.map((box) => nodeOption(box, bounds, dense)),
		],
		links: routes.map((route, i) => linkOption(route, i, most)),
		emphasis: { scale: false },
	};
}

// A process under the pointer brings out what it sends and receives.
function highlightOnHover(chart) {
	const of = (box) => flow.flatMap((link, i) =>
		[String(link.sender_id), String(link.receiver_id)].includes(box.id) ? [i] : []);
	const dispatch = (type) => ({ data }) => {
		if (data.box)
			chart.dispatchAction({ type, seriesIndex: 0, dataType: 'edge', dataIndex: of(data.box) });
	};

	chart.on('mouseover', { dataType: 'node' }, dispatch('highlight'));
	chart.on('mouseout', { dataType: 'node' }, dispatch('downplay'));
}

function draw(holder) {
	const processes = processesOf(flow);
	const dense = processes.length >= DENSE_FROM;
	const links = flow.map((link) => ({ ...link, from: String(link.sender_id),
		to: String(link.receiver_id), value: link.bytes }));
	const plan = layout(processes.map((process) => nodeLook(process, dense)), links,
		byId('flow').clientWidth, dense);
	const size = { width: Math.ceil(plan.bounds.right - plan.bounds.left),
		height: Math.ceil(plan.bounds.bottom - plan.bounds.top) };
	const isNew = !draw.chart;

	holder.style.width = `${size.width}px`;
	holder.style.height = `${size.height}px`;
	draw.chart ??= chartOn(holder, size);
	draw.chart.resize(size);
	draw.chart.setOption({ animation: false, tooltip: { ...tooltipStyle(), formatter: tip },
		series: [seriesOption(plan, dense)] }, true);
	if (isNew)
		highlightOnHover(draw.chart);
}

function caption() {
	const processes = processesOf(flow).length;
	const capped = flow.length < totals.links;
	const rest = totals.bytes > 0 ? ` with ${Math.floor(100 * sum(flow, 'bytes') / totals.bytes)} % of all bytes` : '';

	return [
		legend(mechanismsOf(flow)),
		`n = ${plural(sum(flow, 'messages'), 'message')}, ${bytes(sum(flow, 'bytes'))} between ${
			plural(processes, 'process', 'processes')}. ${lostText()} `,
		capped ? `Shown are ${count(processes)} of ${count(totals.linked)} processes and ${
			count(flow.length)} of ${count(totals.links)} connections${rest}; the tables have more. ` : '',
		processesOf(flow).some((process) => !process.traced)
			? 'Dashed: a process outside the recording; its messages are counted as calls. ' : '',
		'The width of an arrow grows with the square root of its number.',
	];
}

export function flowGraph() {
	if (!flow.length) {
		byId('flow').append(element('p', { class: 'empty' },
			'Nothing went from one process to another.'));
		byId('flow-switch').hidden = true;
		byId('flow-caption').append(lostText());
		return;
	}
	const holder = element('div', { role: 'img', 'aria-label':
		`Flow graph of ${plural(flow.length, 'connection')}; the same data is in the table Edges` });

	byId('flow').append(holder);
	byId('flow').tabIndex = 0;
	radioSwitch('flow-switch', 'Arrows by', Object.entries(UNITS).map(([name, { title }]) =>
		[name, title]), (value) => {
		unit = value;
		draw(holder);
	});
	byId('flow-caption').append(...caption());
	keepDrawn(() => draw(holder));
}
