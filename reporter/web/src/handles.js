// The flow graph by keyboard: over each box that opens or closes, and over the middle of each arrow, lies
// a button. Tab goes to the boxes and to the arrows, the arrow keys, Home and End from one to the next.
// Pointers pass through to the drawing.
import { element } from './dom.js';

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

// One of the buttons can be reached by Tab, the others from it.
function moveTo(buttons, button) {
	for (const other of buttons)
		other.tabIndex = other === button ? 0 : -1;
	button.focus();
}

function onKey(buttons, event) {
	const at = buttons.indexOf(event.target);
	const to = { Home: 0, End: buttons.length - 1 }[event.key]
		?? (event.key in STEPS ? (at + STEPS[event.key] + buttons.length) % buttons.length : null);

	if (at < 0 || to === null)
		return;
	event.preventDefault();
	moveTo(buttons, buttons[to]);
}

function bar(label, buttons) {
	const node = element('div', { role: 'toolbar', 'aria-label': label }, ...buttons);

	buttons.forEach((button, i) => {
		button.tabIndex = i ? -1 : 0;
	});
	node.addEventListener('keydown', (event) => onKey(buttons, event));
	return node;
}

// A button at { x, y, width, height } of the drawing, or around that point.
function handle({ id, label, x, y, width = 18, height = 18, expanded, click, focus, blur }) {
	const button = element('button', { type: 'button', class: 'handle', 'aria-label': label,
		'aria-expanded': String(expanded), 'data-id': id });

	Object.assign(button.style, { left: `${x - width / 2}px`, top: `${y - height / 2}px`,
		width: `${width}px`, height: `${height}px` });
	button.addEventListener('click', click);
	if (focus) {
		button.addEventListener('focus', focus);
		button.addEventListener('blur', blur);
	}
	return button;
}

// The buttons of a drawing, each { id, label, x, y, expanded, click } and what else handle() takes, in place
// of those that were there. What had the focus has it again if it is still there.
export function handles(layer, boxes, arrows) {
	const had = layer.contains(document.activeElement) ? document.activeElement.dataset.id : null;
	const bars = [['Groups of processes', boxes], ['Arrows', arrows]].filter(([, some]) => some.length)
		.map(([label, some]) => bar(label, some.map(handle)));

	layer.replaceChildren(...bars);
	if (had !== null)
		focusHandle(layer, [had]);
}

// Gives the focus to the first of these that there is, or else to the first of all.
export function focusHandle(layer, ids) {
	const all = [...layer.querySelectorAll('button')];
	const found = ids.map((id) => all.find((button) => button.dataset.id === id)).find((button) => button)
		?? all[0];

	if (found)
		moveTo([...found.parentElement.children], found);
}
