// The flow graph: processes, or groups of like ones where they are many, as nodes; what they send each
// other as arrows. Groups open and close, and arrows open a panel.
import { arrowTable } from './arrows.js';
import { lostText } from './caption.js';
import { flow, mechanismsOf, sum, totals } from './data.js';
import { byId, element, radioChoose, radioSwitch } from './dom.js';
import { isFiltered, isShown, onFilter } from './filter.js';
import { edges, isFound, processes } from './flow_data.js';
import { bytes, count, duration, plural } from './format.js';
import { UNITS, actionOf, arrowName, boxOf, fullName, linkAt, lookFor, nodeAt, placesOf, seriesOption,
	tipOf, widthKeys }
	from './graph.js';
import { closeAll, graphOf, groupingOf, groupings, isAnyOpen, isOpener, toggle } from './groups.js';
import { focusHandle, handles } from './handles.js';
import { layout, share } from './layout.js';
import { hidePanel, preparePanel, showPanel } from './panel.js';
import { chartOn, keepDrawn, legend, tooltipStyle } from './theme.js';

const MANY_PROCESSES = 30; // with more of them, or of their connections, the graph starts grouped
const MANY_LINKS = 50;
const BOXES_MAX = 100; // more are not told apart
const LINKS_MAX = 1000;
const HEIGHT_MAX = 1200; // what is taller is made smaller, or scrolled
const READABLE = 0.75; // a graph that fits only when smaller than this is shown in full size first
const TYPING_MS = 150; // between the last key and the search

const choices = groupings();
let grouping = firstGrouping();
let words = [];
let view = null; // what graphOf gave, and once it was drawn its plan
let unit = 'bytes';
let size = null; // as the reader chose: 'fit', 'full', or null for what is better
let chosen = null; // the key of the link whose panel is open
let opener = null; // what had the focus when it was opened
let chart = null;

function firstGrouping() {
	const pairs = new Set(edges.map(({ sender, receiver, mechanism }) =>
		`${sender.index} ${receiver.index} ${mechanism}`));
	const isMany = processes.length > MANY_PROCESSES || pairs.size > MANY_LINKS;

	return isMany && choices.some(([name]) => name === 'program') ? 'program' : 'none';
}

// The view of what the reader wants to see.
function viewOf() {
	return graphOf(grouping, edges.filter((edge) => isShown(edge.mechanism) && isFound(edge, words)),
		BOXES_MAX, LINKS_MAX);
}

const stage = () => byId('flow').firstChild;
const holder = () => byId('flow-drawing');
const layer = () => byId('flow-handles');

function highlight(type, indices) {
	chart.dispatchAction({ type, seriesIndex: 0, dataType: 'edge', dataIndex: indices });
}

// A node under the pointer brings out what it sends and receives.
function highlightOnHover() {
	const of = (box) => view.links.flatMap(({ from, to }, i) => [from, to].includes(box) ? [i] : []);
	const dispatch = (type) => ({ data }) => {
		if (data.box)
			highlight(type, of(data.box));
	};

	chart.on('mouseover', { dataType: 'node' }, dispatch('highlight'));
	chart.on('mouseout', { dataType: 'node' }, dispatch('downplay'));
}

function openOnClick() {
	chart.on('click', ({ data }) => {
		const [node, link] = [nodeAt(view, data), linkAt(view, data)];

		if (link)
			openPanel(link);
		else if (node && isOpener(node))
			toggleGroup(node);
	});
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
	const taken = size ?? (fitting < READABLE ? 'full' : 'fit');

	byId('flow-size').hidden = fitting === 1;
	radioChoose('flow-size', taken);
	return taken === 'fit' ? fitting : 1;
}

function boxHandle({ box, ...place }) {
	return { ...place, id: box.id, expanded: box.isMember,
		label: `${fullName(box)}: ${actionOf(box)}`,
		click: () => toggleGroup(box) };
}

function arrowHandle({ link, ...place }, index) {
	const amount = link.kind === 'shared' ? 'shared memory' : [plural(link.messages, link.kind === 'sync'
		? 'wake-up' : 'message'), ...link.bytes === null ? [] : [bytes(link.bytes)]].join(', ');

	return { ...place, id: link.key, expanded: link.key === chosen,
		label: `${arrowName(link, view.nodes)}: ${amount}`,
		click: () => openPanel(link, true),
		focus: () => highlight('highlight', [index]), blur: () => highlight('downplay', [index]) };
}

function drawn(plan, look) {
	const { left, right, top, bottom } = plan.bounds;
	const pixels = { width: Math.floor((right - left) * look.scale),
		height: Math.floor((bottom - top) * look.scale) };
	const places = placesOf(plan, look.scale);
	const isNew = !chart;

	for (const node of [stage(), holder()])
		Object.assign(node.style, { width: `${pixels.width}px`, height: `${pixels.height}px` });
	chart ??= chartOn(holder(), pixels);
	chart.resize(pixels);
	// The tooltip stands outside the frame, which may be less high than it.
	chart.setOption({ animation: false, series: [seriesOption(plan, look)],
		tooltip: { ...tooltipStyle(), appendTo: 'body', formatter: tipOf(view) } }, true);
	handles(layer(), places.boxes.filter(({ box }) => isOpener(box)).map(boxHandle),
		places.arrows.map(arrowHandle));
	if (isNew) {
		highlightOnHover();
		openOnClick();
	}
}

// The layout takes long where there is much: it stays until the page's width changes.
function planOf(look, width) {
	if (view.width !== width) {
		view.width = width;
		view.plan = layout([...view.nodes.values()].map((node) => boxOf(node, look)),
			view.links.map((link) => Object.assign(link, { value: link.bytes ?? 0 })),
			{ width, height: HEIGHT_MAX, nodesep: look.nodesep, numbered: look.numbered });
	}
	return view.plan;
}

function draw() {
	if (!view.links.length)
		return;
	const look = lookFor(view.nodes.size, view.links.length);
	const width = byId('flow').clientWidth;
	const plan = planOf(look, width);

	drawn(plan, { ...look, unit, chosen, scale: scaleOf(plan, width) });
}

// In the middle is what most arrows lead to.
function centre() {
	const frame = byId('flow');

	frame.scrollTo((frame.scrollWidth - frame.clientWidth) / 2,
		(frame.scrollHeight - frame.clientHeight) / 2);
}

function groupText() {
	const { text } = groupingOf(grouping);

	if (!text || view.all_nodes === processes.length)
		return '';
	return `Grouped: ${text}, their connections an arrow. A click on a box opens it${
		isAnyOpen(grouping) ? '; one on a member, in blue, closes its group' : ''}. `;
}

// What the program had to bundle or leave out, and what the drawing has no room for.
function cappedText() {
	const { nodes, links } = view;
	const left = totals.bytes > 0
		? ` with ${Math.floor(100 * sum(links, 'bytes') / totals.bytes)} % of all bytes` : '';
	const bundled = flow.level > 1 ? `${plural(flow.all_processes, 'process', 'processes')} are too many for `
		+ 'the page: the weaker ones are bundled by program and parent. ' : '';

	if (isFiltered() || words.length)
		return `${bundled}Shown is what is chosen above. `;
	if (nodes.size === view.all_nodes && links.length === view.all_links
		&& sum(edges, 'edges') === flow.all_edges)
		return bundled;
	return `${bundled}Shown are ${count(nodes.size)} of ${count(view.all_nodes)} ${
		grouping === 'none' ? 'processes' : 'boxes'} and ${count(links.length)} of ${
		count(view.all_links)} arrows${left}; the tables have more. `;
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
		...unit === 'sum_ns' ? [`${duration(sum(view.links, 'sum_ns'))} in transit`] : [],
	].join(', ');

	return shared.length ? [parts, 'shared memory'].filter((part) => part).join(' and ') : parts;
}

const LINE_TEXTS = { sync: 'Dashed arrow: wake-ups. ',
	shared: 'Dotted line: memory that both map; what is stored there no call shows. ' };

// What the widths stand for, as lines of these widths.
function widthLegend() {
	const keys = widthKeys(view.links, unit);

	return element('span', { class: 'legend' }, element('span', {}, `Width by ${UNITS[unit].long}:`),
		...keys.map(([width, text]) => {
			const line = element('i', { class: 'swatch width-key' });

			line.style.height = `${width}px`;
			return element('span', {}, line, text);
		}));
}

function caption() {
	const nodes = [...view.nodes.values()];
	const kinds = Object.keys(LINE_TEXTS).filter((kind) =>
		view.links.some((link) => link.kind === kind));

	return [
		element('div', {}, legend(mechanismsOf(view.links)), widthLegend()),
		`n = ${amounts()} between ${
			plural(sum(nodes, 'processes'), 'process', 'processes')}. ${lostText()} `,
		groupText(),
		cappedText(),
		...kinds.map((kind) => LINE_TEXTS[kind]),
		nodes.some((node) => !node.traced)
			? 'Dashed box: a process outside the recording; its messages are counted as calls. ' : '',
		'A click on an arrow shows its figures and messages.',
	];
}

function boxesText() {
	return grouping === 'none' ? plural(view.nodes.size, 'process', 'processes')
		: `${plural(view.nodes.size, 'box', 'boxes')} of processes`;
}

function show() {
	holder().setAttribute('aria-label', `Flow graph of ${boxesText()} and ${
		plural(view.links.length, 'arrow')}; the table below it has the same figures`);
	byId('flow-caption').replaceChildren(...caption());
	byId('flow-close').hidden = !isAnyOpen(grouping);
	arrowTable(view, (link, from) => openPanel(link, true, from));
}

// Draws and says anew; the panel stays if its arrow does.
function refresh() {
	view = viewOf();
	byId('flow-none').hidden = view.links.length > 0;
	stage().hidden = !view.links.length;
	const link = view.links.find(({ key }) => key === chosen);

	if (link)
		showPanel(link, view.nodes, unit, closePanel);
	else {
		chosen = null;
		hidePanel();
	}
	show();
	draw();
}

function toggleGroup(box) {
	const byKeyboard = layer().contains(document.activeElement);

	toggle(grouping, box);
	refresh();
	if (byKeyboard) {
		const { group } = box;
		const found = [...view.nodes.values()].find((node) => node.group === group && node.isMember)
			?? [...view.nodes.values()].find((node) => node.group === group);

		focusHandle(layer(), found ? [found.id] : []);
	}
}

// `withFocus`: the panel's title gets the focus, and `from` or what had it gets it back.
function openPanel(link, withFocus = false, from = document.activeElement) {
	opener = withFocus ? from : null;
	chosen = link.key;
	showPanel(link, view.nodes, unit, closePanel);
	draw();
	if (withFocus)
		byId('flow-panel-title').focus();
	byId('flow-panel').scrollIntoView({ block: 'nearest' });
}

function closePanel() {
	const key = chosen;

	chosen = null;
	hidePanel();
	draw();
	if (opener?.isConnected)
		opener.focus();
	else if (opener)
		focusHandle(layer(), [key]);
	opener = null;
}

function searchField() {
	const field = element('input', { type: 'search', placeholder: 'Process or object', id: 'flow-search',
		'aria-label': 'Show only what goes to, from or over', spellcheck: false });
	let timer = null;

	field.addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			words = field.value.toLowerCase().split(/\s+/).filter((word) => word);
			refresh();
		}, TYPING_MS);
	});
	return field;
}

function closeButton() {
	const button = element('button', { type: 'button', class: 'more', id: 'flow-close', hidden: true },
		'Close groups');

	button.addEventListener('click', () => {
		closeAll(grouping);
		refresh();
		centre();
	});
	return button;
}

function switches() {
	radioSwitch('flow-nodes', 'Group by', choices, (name) => {
		grouping = name;
		size = null;
		refresh();
		centre();
	});
	radioChoose('flow-nodes', grouping);
	radioSwitch('flow-size', 'Size', [['fit', 'Fit'], ['full', 'Full']], (taken) => {
		size = taken;
		draw();
		centre();
	});
	radioSwitch('flow-switch', 'Width by', Object.entries(UNITS).map(([name, { title }]) =>
		[name, title]), (name) => {
		unit = name;
		show();
		draw();
	});
	byId('flow-tools').append(closeButton(), searchField());
}

export function flowGraph() {
	const frame = byId('flow');

	if (!edges.length) {
		frame.append(element('p', { class: 'empty' }, 'Nothing went from one process to another.'));
		frame.closest('section').querySelector('.switches').remove();
		byId('flow-arrows').remove();
		byId('flow-caption').append(lostText());
		return;
	}
	frame.append(element('div', { class: 'stage' }, element('div', { role: 'img', id: 'flow-drawing' }),
		element('div', { id: 'flow-handles' })),
	element('p', { class: 'empty', id: 'flow-none', hidden: true },
		'Nothing of what is chosen above went from one process to another.'));
	frame.tabIndex = 0;
	panByDrag(frame);
	switches();
	preparePanel(closePanel);
	view = viewOf();
	show();
	keepDrawn(draw);
	centre();
	onFilter(refresh);
}
