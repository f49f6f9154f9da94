// Stacked bars: what a time is made of, as elements of the page. A stack is a list of its parts from
// the left: { key, title, note }, with a colour each in the style sheet.
import { element, tooltip } from './dom.js';
import { percent } from './format.js';

const LABEL_SHARE = 0.09; // of the bar's frame; a smaller part has no room for its number

export function sumOf(values) {
	return values.reduce((sum, value) => sum + Math.max(value ?? 0, 0), 0);
}

// What the bar shows, for those who do not see it.
function spoken(stack, values, whole) {
	return stack.map(({ title }, i) => `${title} ${percent(Math.max(values[i] ?? 0, 0) / whole)}`).join(', ');
}

function segment({ key }, share, length, labelled) {
	return element('i', { class: `part part-${key}`, style: `width: ${100 * share}%` },
		labelled && share * length >= LABEL_SHARE ? `${Math.floor(100 * share)} %` : '');
}

// A bar of the given values, in nanoseconds; `length` is the share of its frame that it takes.
export function stackedBar(stack, values, { length = 1, labelled = false } = {}) {
	const whole = sumOf(values);
	const bar = element('span', { class: 'bar', style: `width: ${100 * length}%` },
		...whole > 0 ? stack.map((part, i) => segment(part, Math.max(values[i] ?? 0, 0) / whole, length,
			labelled)) : []);

	return element('span', { class: 'bar-frame', role: 'img',
		'aria-label': whole > 0 ? spoken(stack, values, whole) : 'no time' }, bar);
}

export function stackLegend(stack) {
	return element('span', { class: 'legend' }, ...stack.map(({ key, title, note }) =>
		element('span', { title: note }, element('i', { class: `swatch square part-${key}` }), title)));
}

const tip = element('div', { class: 'tip-frame', role: 'tooltip' });
let follow = null; // puts the tooltip of what has the focus where that is now

function hideTip() {
	tip.remove();
	follow = null;
}

// Beside the pointer, or below what has the focus; never outside the window. None without content.
function showTip(content, x, y) {
	if (!content) {
		hideTip();
		return;
	}
	const { title, rows } = content;

	tip.replaceChildren(tooltip(title, rows));
	document.body.append(tip);
	const { width, height } = tip.getBoundingClientRect();

	tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - width - 8))}px`;
	tip.style.top = `${y + 14 + height > innerHeight ? Math.max(8, y - height - 14) : y + 14}px`;
}

// Shows a tooltip while the pointer or the focus is on the node; `make` gives its { title, rows },
// or null where there is nothing to say.
export function tipOn(node, make) {
	const showBelow = () => {
		const { left, bottom } = node.getBoundingClientRect();

		showTip(make(), left, bottom);
	};

	node.addEventListener('pointermove', ({ clientX, clientY }) => {
		follow = null;
		showTip(make(), clientX, clientY);
	});
	node.addEventListener('pointerleave', hideTip);
	node.addEventListener('focus', () => {
		if (!node.matches(':focus-visible'))
			return;
		follow = showBelow;
		showBelow();
	});
	node.addEventListener('blur', hideTip);
	node.addEventListener('keydown', ({ key }) => {
		if (key === 'Escape')
			hideTip();
	});
	return node;
}

// What gets the focus is scrolled to; from under a pointer it is scrolled away.
addEventListener('scroll', () => {
	if (follow)
		follow();
	else
		hideTip();
}, { capture: true, passive: true });
