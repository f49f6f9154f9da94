// Which mechanisms the charts and tables show: all, until the reader leaves some out. The switch is
// the legend, too: one line a family, each mechanism with its colour.
import { mechanisms, mechanismsOf, edges, calls, objects, results } from './data.js';
import { byId, element } from './dom.js';
import { visible } from './format.js';
import { swatch } from './theme.js';

const FAMILIES = { pipe: 'Pipes', queue: 'Message queues', shm: 'Shared memory', mmap: 'Shared mappings',
	socket: 'Sockets', sync: 'Synchronisation', pty: 'Terminals', process_vm: 'Memory of others',
	other: 'Others' };

const used = mechanismsOf([...edges, ...objects, ...calls, ...results]);
const hidden = new Set();
const listeners = [];
const inputs = new Map();

export function isShown(mechanism) {
	return !hidden.has(mechanism);
}

export function isFiltered() {
	return hidden.size > 0;
}

// Calls `change` each time when the choice has changed.
export function onFilter(change) {
	listeners.push(change);
}

function told() {
	for (const [name, input] of inputs)
		input.checked = !hidden.has(name);
	byId('filter-all').disabled = !hidden.size;
	byId('filter-status').textContent = hidden.size
		? `${used.length - hidden.size} of ${used.length} mechanisms shown` : '';
	for (const change of listeners)
		change();
}

function choose(names, isOn) {
	for (const name of names)
		if (isOn)
			hidden.delete(name);
		else
			hidden.add(name);
	told();
}

// All of a family are left out, or all are shown again.
function toggleFamily(names) {
	choose(names, names.every((name) => hidden.has(name)));
}

// These alone.
function only(names) {
	hidden.clear();
	choose(used.filter((name) => !names.includes(name)), false);
}

function mechanismBox({ name, title }) {
	const input = element('input', { type: 'checkbox', value: name, checked: true });
	const label = element('label', { class: 'chip', title: `${visible(title)}: click to leave it out, `
		+ 'double-click to see it alone' }, input, element('span', {}, swatch(name), visible(title)));

	inputs.set(name, input);
	input.addEventListener('change', () => choose([name], input.checked));
	label.addEventListener('dblclick', () => only([name]));
	return label;
}

function familyLine(family, members) {
	const names = members.map(({ name }) => name);
	const button = element('button', { type: 'button', title: 'Leave all of them out, or show them' },
		FAMILIES[family] ?? family);

	button.addEventListener('click', () => toggleFamily(names));
	return element('div', { class: 'family' }, button, ...members.map(mechanismBox));
}

export function filterBar() {
	const shown = mechanisms.filter(({ name }) => used.includes(name));
	const families = [...new Set(shown.map(({ family }) => family))];
	const all = element('button', { type: 'button', id: 'filter-all', class: 'more', disabled: true },
		'Show all');

	byId('filter').hidden = shown.length < 2;
	all.addEventListener('click', () => choose(used, true));
	byId('filter').append(
		element('div', { class: 'head' }, element('h2', { id: 'filter-title' }, 'Mechanisms'),
			element('div', { class: 'tools' }, element('span', { id: 'filter-status',
				class: 'status', role: 'status' }), all)),
		element('div', { class: 'families', role: 'group', 'aria-labelledby': 'filter-title' },
			...families.map((family) => familyLine(family,
				shown.filter((m) => m.family === family)))));
}
