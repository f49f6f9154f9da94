// The timeline: a lane for each thread, calls as bars, messages as arrows, with zoom and pan, by pointer
// and by keyboard. The program has put in the calls around one moment; the caption says which.
import { stackLegend, tipOn } from './bars.js';
import { lostText } from './caption.js';
import { mechanismTitle, mechanismsOf, timeline } from './data.js';
import { byId, element } from './dom.js';
import { isShown, onFilter } from './filter.js';
import { NONE, bytes, count, duration, instant, plural, visible } from './format.js';
import { Drawing } from './timeline_draw.js';
import { isIn, messages, ops, peersOf, shownMessages, shownOps, slowest, threadName, wakerName }
	from './timeline_data.js';
import { keepDrawn, legend } from './theme.js';

const ZOOM = 1.6; // a step of the buttons and keys
const PAN = 0.2; // of the view, a step of the arrow keys
const LEAST_NS = 1000; // the shortest span to look at
const ROWS_MAX = 500;
const HELP = 'Drag to move; + and − zoom, as does the wheel after a click or with Ctrl; a click on a call shows '
	+ 'its messages.';
const OTHER = timeline.has_parts ? 'Other sleep' : 'Off the CPU'; // older files do not say what for
const PARTS = timeline.has_parts ? [
	{ key: 'waiting-faint', title: 'Waiting for another', note: 'Asleep until another acts: the colour of '
		+ 'the mechanism, faint' },
	{ key: 'runnable', title: 'In the run queue', note: 'Ready, and waiting for a CPU' },
	{ key: 'other', title: OTHER, note: 'For a lock, memory or a disk; where in the call is not known' },
] : [{ key: 'other', title: OTHER, note: 'Where in the call, and what for, is not known' }];

const whole = { from: timeline.from_ns, to: Math.max(timeline.to_ns, timeline.from_ns + LEAST_NS) };
let view = whole;
let chosen = null; // the call that was clicked on
let hovered = null;
let drawing;

function tableBody() {
	const all = shownOps().filter((op) => isIn(op, view));
	const text = (op) => [threadName(op.lane), visible(op.syscall ?? NONE),
		mechanismTitle(op.mechanism), visible(op.object ?? NONE)];
	const known = (ns) => timeline.has_parts ? ns : null;
	const numbers = (op) => [op.start, op.duration, known(op.waiting), known(op.runnable), op.other, op.bytes];
	const shows = [instant, duration, duration, duration, duration, count];

	return [element('table', {},
		element('caption', { class: 'caption' }, all.length > ROWS_MAX
			? `The first ${count(ROWS_MAX)} of ${count(all.length)} calls in view; zoom in for the others.`
			: `${plural(all.length, 'call')} in view.`),
		element('thead', {}, element('tr', {},
			...['Thread', 'Call', 'Mechanism', 'Object'].map((name) =>
				element('th', { scope: 'col' }, name)),
			...['Start', 'Duration', 'Waiting', 'Run queue', OTHER, 'Bytes'].map((name) =>
				element('th', { scope: 'col', class: 'number' }, name)),
			element('th', { scope: 'col' }, 'Woken by'))),
		element('tbody', {}, ...all.slice(0, ROWS_MAX).map((op) => element('tr', {},
			...text(op).map((cell, i) => i ? element('td', {}, cell) : element('th', { scope: 'row' }, cell)),
			...numbers(op).map((n, i) => element('td', { class: 'number',
				...n === null ? {} : { 'data-value': n } }, shows[i](n))),
			element('td', {}, wakerName(op) ?? NONE)))))];
}

// Made when it is opened: it has many cells.
function fillTable() {
	if (byId('timeline-table').open)
		byId('timeline-rows').replaceChildren(...tableBody());
}

// A call's facts as pairs of name and value.
function facts(op) {
	const waker = wakerName(op);

	return [
		['Mechanism', visible(mechanismTitle(op.mechanism))],
		['Object', visible(op.object ?? NONE)],
		['Start', instant(op.start)],
		['Duration', `${duration(op.duration)}${op.finished ? '' : ', never returned'}`],
		...op.waiting > 0 ? [['Waiting', duration(op.waiting)]] : [],
		...op.runnable > 0 ? [['In the run queue', duration(op.runnable)]] : [],
		...op.other > 0 ? [[OTHER, duration(op.other)]] : [],
		...waker === null ? [] : [['Woken by', waker]],
		...op.bytes === null ? [] : [['Bytes', bytes(op.bytes)]],
		...op.error === null ? [] : [['Error', visible(op.error)]],
		...op.messages.length ? [[op.messages[0].send === op ? 'Sent' : 'Received',
			plural(op.messages.length, 'message')],
		['Longest transit', duration(Math.max(...op.messages.map(({ transit }) => transit)))]] : [],
	];
}

function title(op) {
	return `${visible(op.syscall ?? '?')} by ${threadName(op.lane)}`;
}

function showChosen() {
	byId('timeline-chosen').replaceChildren(...chosen ? [element('strong', {}, title(chosen)),
		`: ${facts(chosen).map(([name, value]) => `${name.toLowerCase()} ${value}`).join(', ')}.`,
		...peersOf(chosen).length ? [` Other end: ${[...new Set(peersOf(chosen).map((peer) =>
			threadName(peer.lane)))].join(', ')}.`] : []] : [element('span', { class: 'muted' }, HELP)]);
}

function show() {
	drawing.draw(view, { ops: shownOps(), messages: shownMessages(), chosen });
	byId('timeline-span').textContent = `${instant(view.from)} to ${instant(view.to)} (${
		duration(view.to - view.from)})`;
	byId('timeline-whole').disabled = view.from === whole.from && view.to === whole.to;
	showChosen();
	fillTable();
}

// Shows the span, pushed back into what there is.
function look(from, length) {
	const width = Math.min(Math.max(length, LEAST_NS), whole.to - whole.from);
	const start = Math.min(Math.max(from, whole.from), whole.to - width);

	view = { from: start, to: start + width };
	show();
}

// Makes the span `factor` times as short; the moment stays where it is.
function zoom(factor, moment = (view.from + view.to) / 2) {
	const length = Math.min(Math.max((view.to - view.from) / factor, LEAST_NS), whole.to - whole.from);

	look(moment - (moment - view.from) * length / (view.to - view.from), length);
}

function pan(share) {
	look(view.from + share * (view.to - view.from), view.to - view.from);
}

function lookAtAll() {
	look(whole.from, whole.to - whole.from);
}

// From when it was sent to when it was received, with some room.
function lookAtSlowest() {
	const length = 1.2 * Math.max(timeline.slowest_ns, slowest.duration);

	chosen = slowest;
	look(slowest.end - length * 11 / 12, length);
}

// Chooses a call, and moves the view if it is not in it.
function choose(op) {
	chosen = op;
	if (op && !isIn(op, view))
		look(op.start - (view.to - view.from) / 2, view.to - view.from);
	else
		show();
}

// The next call of the same thread in view, or the one before; without a choice the first one in view.
function step(by) {
	const all = shownOps();
	const own = chosen ? all.filter(({ lane }) => lane === chosen.lane) : all.filter((op) => isIn(op, view));

	choose(own[chosen ? own.indexOf(chosen) + by : 0] ?? chosen);
}

function followMessage() {
	const [peer] = chosen ? peersOf(chosen) : [];

	if (peer)
		choose(peer);
}

const KEYS = {
	'+': () => zoom(ZOOM), '=': () => zoom(ZOOM), '-': () => zoom(1 / ZOOM), _: () => zoom(1 / ZOOM),
	0: lookAtAll, Home: lookAtAll, ArrowLeft: () => pan(-PAN), ArrowRight: () => pan(PAN),
	ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: followMessage, Escape: () => choose(null),
};

function onKeys(canvas) {
	canvas.addEventListener('keydown', (event) => {
		if (event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key])
			return;
		event.preventDefault();
		KEYS[event.key]();
	});
}

// The wheel scrolls the page until the timeline has the focus; a pinch comes as a wheel with Ctrl.
function onWheel(canvas) {
	canvas.addEventListener('wheel', (event) => {
		const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);

		if (!isSideways && !event.ctrlKey && document.activeElement !== canvas)
			return;
		event.preventDefault();
		if (isSideways)
			pan(event.deltaX / canvas.clientWidth);
		else
			zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), drawing.moment(event.offsetX));
	}, { passive: false });
}

// One pointer drags the lanes, two of them spread or narrow the span; a click chooses.
function onPointers(canvas) {
	const pointers = new Map(); // where each is
	let isDragged = false;
	const spread = () => {
		const [a, b] = [...pointers.values()];

		return Math.max(Math.abs(a - b), 1);
	};
	const drop = ({ pointerId }) => pointers.delete(pointerId);

	canvas.addEventListener('pointerdown', ({ pointerId, offsetX, button }) => {
		if (button !== 0)
			return;
		canvas.setPointerCapture(pointerId);
		isDragged = pointers.size > 0;
		pointers.set(pointerId, offsetX);
	});
	canvas.addEventListener('pointermove', ({ pointerId, offsetX, offsetY }) => {
		const before = pointers.get(pointerId);

		hovered = pointers.size ? null : drawing.opAt(offsetX, offsetY, shownOps());
		canvas.style.cursor = pointers.size ? 'grabbing' : hovered ? 'pointer' : 'grab';
		if (before === undefined || !isDragged && Math.abs(offsetX - before) < 4)
			return;
		isDragged = true;
		if (pointers.size === 1) {
			pan((before - offsetX) / (drawing.width - drawing.gutter));
			pointers.set(pointerId, offsetX);
		} else {
			const apart = spread();

			pointers.set(pointerId, offsetX);
			zoom(spread() / apart, drawing.moment([...pointers.values()].reduce((a, b) => a + b) / 2));
		}
	});
	canvas.addEventListener('pointerup', (event) => {
		drop(event);
		if (!isDragged)
			choose(drawing.opAt(event.offsetX, event.offsetY, shownOps()));
	});
	canvas.addEventListener('pointercancel', drop);
}

function buttons() {
	const make = (text, label, action, properties = {}) => {
		const button = element('button', { type: 'button', class: 'more', title: label,
			'aria-label': label, ...properties }, text);

		button.addEventListener('click', action);
		return button;
	};

	byId('timeline-buttons').append(make('+', 'Zoom in', () => zoom(ZOOM)),
		make('−', 'Zoom out', () => zoom(1 / ZOOM)),
		make('All', 'Whole span', lookAtAll, { id: 'timeline-whole' }),
		...slowest ? [make('Slowest message', 'The slowest message', lookAtSlowest)] : []);
}

// A time as the filter takes it.
function filterTime(ns) {
	return `${Number((ns / 1e9).toFixed(6))}s`;
}

function shownOf(shown, all, noun) {
	return shown < all ? `${count(shown)} of ${plural(all, noun)}` : plural(all, noun);
}

function caption() {
	const isCut = ops.length < timeline.all_ops || messages.length < timeline.all_messages;
	const around = timeline.slowest_ns === null ? '' : ` around the end of the slowest message (${
		duration(timeline.slowest_ns)})`;
	const next = whole.to + (whole.to - whole.from);

	return [`${isCut ? `From ${instant(whole.from)} to ${instant(whole.to)}${around}: ` : ''}${
		shownOf(ops.length, timeline.all_ops, 'call')} of ${
		shownOf(timeline.lanes.length, timeline.all_threads, 'thread')}, ${
		shownOf(messages.length, timeline.all_messages, 'message')}. `,
	...isCut ? ['Another span: ', element('code', {}, `ipctrace report --html PAGE --filter from=${
		filterTime(whole.to)} --filter to=${filterTime(next)} FILE`), '. '] : [],
	timeline.has_parts ? 'Several sleeps in one call are drawn as one. ' : '', lostText()];
}

function canvasOf() {
	const canvas = element('canvas', { tabIndex: 0, role: 'application',
		'aria-label': 'Timeline of calls by thread. Plus and minus zoom, left and right move, up and down '
			+ 'choose a call, Enter goes to the other end of its message, 0 shows the whole span. The '
			+ 'same calls stand in the table below.' });

	onKeys(canvas);
	onWheel(canvas);
	onPointers(canvas);
	return tipOn(canvas, () => hovered && { title: title(hovered), rows: facts(hovered) });
}

// The section; none where the file has no calls.
export function timelineSection() {
	byId('timeline').hidden = !ops.length;
	if (!ops.length)
		return;
	const canvas = canvasOf();

	byId('timeline-lanes').append(canvas);
	drawing = new Drawing(canvas);
	buttons();
	byId('timeline-legend').append(legend(mechanismsOf(ops)), stackLegend(PARTS));
	byId('timeline-caption').append(...caption());
	byId('timeline-table').append(element('summary', {}, 'These calls as a table'),
		element('div', { id: 'timeline-rows', class: 'scroll', tabIndex: 0, role: 'region',
			'aria-label': 'Calls in view' }));
	byId('timeline-table').addEventListener('toggle', fillTable);
	keepDrawn(show);
	onFilter(() => {
		if (chosen && !isShown(chosen.mechanism))
			chosen = null;
		show();
	});
}
