// The flow graph: processes, or groups of like ones where they are many, as nodes; what they send
// each other as arrows.
import { arrowTable } from './arrows.js';
import { lostText } from './caption.js';
import { flow, groups, mechanismsOf, sum, totals } from './data.js';
import { byId, element, radioChoose, radioSwitch } from './dom.js';
import { isFiltered, isShown, onFilter } from './filter.js';
import { bytes, count, plural } from './format.js';
import { UNITS, boxOf, lookFor, seriesOption, tipOf } from './graph.js';
import { layout, share } from './layout.js';
import { chartOn, keepDrawn, legend, tooltipStyle } from './theme.js';

const MANY_PROCESSES = 30; // with more of them, or of their connections, the graph starts grouped
const MANY_LINKS = 50;
const HEIGHT_MAX = 1200; // what is taller is made smaller, or scrolled
const READABLE = 0.75; // a graph that fits only when smaller than this is shown in full size first

// What the program gave, as nodes by id and links between them; without links of mechanisms that are
// not shown, and without nodes that no link reaches.
function viewOf(part, grouped) {
	const links = part.links.filter(({ mechanism }) => isShown(mechanism)).map((link) => ({ ...link,
		from: String(link.sender), to: String(link.receiver), value: link.bytes ?? 0 }));
	const ends = new Set(links.flatMap(({ from, to }) => [from, to]));
	const nodes = part.nodes.filter(({ id }) => ends.has(String(id)));

	return { part, grouped, links, nodes: new Map(nodes.map((node) => [String(node.id), node])) };
}

// The views that the reader may choose among, the first one first.
function viewsOf() {
	const single = flow.links.length ? { processes: viewOf(flow, false) } : {};
	const isMany = flow.all_nodes > MANY_PROCESSES || flow.all_links > MANY_LINKS;
	const isShorter = groups.all_nodes < flow.all_nodes;

	return isMany && groups.links.length && (isShorter || !flow.links.length)
		? { groups: viewOf(groups, isShorter), ...single } : single;
}

const views = viewsOf();
let view = Object.values(views)[0];
let unit = 'bytes';
let size = null; // as the reader chose: 'fit', 'full', or null for what is better
let chart = null;

// A node under the pointer brings out what it sends and receives.
function highlightOnHover() {
	const of = (box) => view.links.flatMap(({ from, to }, i) =>
		[from, to].includes(box.id) ? [i] : []);
	const dispatch = (type) => ({ data }) => {
		if (data.box)
			chart.dispatchAction({ type, seriesIndex: 0, dataType: 'edge', dataIndex: of(data.box) });
	};

	chart.on('mouseover', { dataType: 'node' }, dispatch('highlight'));
	chart.on('mouseout', { dataType: 'node' }, dispatch('downplay'));
}

// A graph that is larger than its frame is moved by dragging it.
function panByDrag(frame) {
	let last = null;

	frame.addEventListener('pointerdown', (event) => {
		last = event.button === 0 && event.pointerType === 'mouse' ? event : null;
	});
	addEventListener('pointermove', (event) => {
		if (last)
			frame.scrollBy(last.clientX - event.clientX, last.clientY - event.clientY);
		last &&= event;
	});
	addEventListener('pointerup', () => {
		last = null;
	});
}

// How large the plan is drawn, and whether there is a choice.
function scaleOf(plan, width) {
	const fitting = share(plan, width, HEIGHT_MAX);
	const chosen = size ?? (fitting < READABLE ? 'full' : 'fit');

	byId('flow-size').hidden = fitting === 1;
	radioChoose('flow-size', chosen);
	return chosen === 'fit' ? fitting : 1;
}

function drawn(holder, plan, look) {
	const { left, right, top, bottom } = plan.bounds;
	const pixels = { width: Math.floor((right - left) * look.scale),
		height: Math.floor((bottom - top) * look.scale) };
	const isNew = !chart;

	holder.style.width = `${pixels.width}px`;
	holder.style.height = `${pixels.height}px`;
	chart ??= chartOn(holder, pixels);
	chart.resize(pixels);
	// The tooltip stands outside the frame, which may be less high than it.
	chart.setOption({ animation: false, series: [seriesOption(plan, look)],
		tooltip: { ...tooltipStyle(), appendTo: 'body', formatter: tipOf(view.nodes) } }, true);
	if (isNew)
		highlightOnHover();
}

// The layout takes long where there is much: it stays until the page's width changes.
function planOf(look, width) {
	if (view.width !== width) {
		view.width = width;
		view.plan = layout([...view.nodes.values()].map((node) => boxOf(node, look)), view.links,
			{ width, height: HEIGHT_MAX, nodesep: look.nodesep, numbered: look.numbered });
	}
	return view.plan;
}

function draw() {
	if (!view.links.length)
		return;
	const frame = byId('flow');
	const look = lookFor(view.nodes.size, view.links.length);
	const width = frame.clientWidth;
	const plan = planOf(look, width);

	drawn(frame.firstChild, plan, { ...look, unit, scale: scaleOf(plan, width) });
}

// In the middle is what most arrows lead to.
function centre() {
	const frame = byId('flow');

	frame.scrollTo((frame.scrollWidth - frame.clientWidth) / 2,
		(frame.scrollHeight - frame.clientHeight) / 2);
}

function groupText() {
	return view.grouped ? `Grouped: processes of the same program${
		groups.by_parent ? ' and parent' : ''} that all only send, only receive, or do both share a box, `
		+ 'their connections an arrow. ' : '';
}

function cappedText() {
	const { part, nodes, links } = view;
	const share = totals.bytes > 0
		? ` with ${Math.floor(100 * sum(links, 'bytes') / totals.bytes)} % of all bytes` : '';

	if (isFiltered())
		return 'Shown are the mechanisms that are chosen above. ';
	if (nodes.size === part.all_nodes && links.length === part.all_links)
		return '';
	return `Shown are ${count(nodes.size)} of ${count(part.all_nodes)} ${
		view.grouped ? 'groups' : 'processes'} and ${count(links.length)} of ${
		count(part.all_links)} arrows${share}; the tables have more. `;
}

// How much the arrows stand for, in the units of their kinds.
function amounts() {
	const of = (kind) => view.links.filter((link) => link.kind === kind);
	const data = view.links.filter(({ kind }) => kind !== 'sync' && kind !== 'shared');
	const [sync, shared] = [of('sync'), of('shared')];

	const parts = [
		...data.length || (!sync.length && !shared.length)
			? [plural(sum(data, 'messages'), 'message'), bytes(sum(data, 'bytes'))] : [],
		...sync.length ? [plural(sum(sync, 'messages'), 'wake-up')] : [],
	].join(', ');

	return shared.length ? [parts, 'shared memory'].filter((part) => part).join(' and ') : parts;
}

const LINE_TEXTS = { sync: 'Dashed arrow: wake-ups. ',
	shared: 'Dotted line: memory that both map; what is stored there no call shows. ' };

function caption() {
	const nodes = [...view.nodes.values()];
	const kinds = Object.keys(LINE_TEXTS).filter((kind) =>
		view.links.some((link) => link.kind === kind));

	return [
		legend(mechanismsOf(view.links)),
		`n = ${amounts()} between ${
			plural(sum(nodes, 'processes'), 'process', 'processes')}. ${lostText()} `,
		groupText(),
		cappedText(),
		...kinds.map((kind) => LINE_TEXTS[kind]),
		nodes.some((node) => !node.traced)
			? 'Dashed box: a process outside the recording; its messages are counted as calls. ' : '',
		'The width of an arrow grows with the square root of its number.',
	];
}

function show() {
	const boxes = view.grouped ? plural(view.nodes.size, 'group') + ' of processes'
		: plural(view.nodes.size, 'process', 'processes');

	byId('flow').firstChild.setAttribute('aria-label', `Flow graph of ${boxes} and ${
		plural(view.links.length, 'arrow')}; the table below it has the same figures`);
	byId('flow-caption').replaceChildren(...caption());
	arrowTable(view);
}

function switches() {
	const titles = { groups: 'Groups', processes: 'Processes' };

	radioSwitch('flow-nodes', 'Boxes', Object.keys(views).map((name) => [name, titles[name]]),
		(name) => {
			view = views[name];
			size = null;
			show();
			draw();
			centre();
		});
	radioSwitch('flow-size', 'Size', [['fit', 'Fit'], ['full', 'Full']], (chosen) => {
		size = chosen;
		draw();
		centre();
	});
	radioSwitch('flow-switch', 'Arrows by', Object.entries(UNITS).map(([name, { title }]) =>
		[name, title]), (name) => {
		unit = name;
		draw();
	});
}

// The same views of what the reader still wants to see.
function filtered() {
	const name = Object.keys(views).find((key) => views[key] === view);

	for (const key of Object.keys(views))
		views[key] = viewOf(views[key].part, views[key].grouped);
	view = views[name];
	byId('flow-none').hidden = view.links.length > 0;
	byId('flow').firstChild.hidden = !view.links.length;
	show();
	draw();
}

export function flowGraph() {
	const frame = byId('flow');

	if (!view) {
		frame.append(element('p', { class: 'empty' }, 'Nothing went from one process to another.'));
		frame.closest('section').querySelector('.switches').remove();
		byId('flow-arrows').remove();
		byId('flow-caption').append(lostText());
		return;
	}
	frame.append(element('div', { role: 'img' }), element('p', { class: 'empty', id: 'flow-none',
		hidden: true }, 'Nothing of what is chosen above went from one process to another.'));
	frame.tabIndex = 0;
	panByDrag(frame);
	switches();
	show();
	keepDrawn(draw);
	centre();
	onFilter(filtered);
}
