// The arrows of the flow graph as a table, for reading them off and for those who see no picture.
import { mechanismTitle } from './data.js';
import { byId, element } from './dom.js';
import { count, duration, visible } from './format.js';
import { fullName } from './graph.js';

const NUMBERS = [['edges', 'Edges', count], ['messages', 'Messages', count],
	['bytes', 'Bytes', count], ['sum_ns', 'Transit summed', duration], ['max_ns', 'Transit max', duration]];

// The name of the sender opens the arrow's panel.
function row(link, nodes, open) {
	const opener = element('button', { type: 'button', class: 'opener link', title: 'What went over it' },
		fullName(nodes.get(link.from)));

	opener.addEventListener('click', () => open(link, opener));
	return element('tr', {},
		element('th', { scope: 'row' }, opener),
		element('td', {}, fullName(nodes.get(link.to))),
		element('td', {}, visible(mechanismTitle(link.mechanism))),
		...NUMBERS.map(([key, , show]) => element('td', { class: 'number',
			...link[key] === null ? {} : { 'data-value': link[key] } }, show(link[key]))));
}

export function arrowTable({ nodes, links }, open) {
	byId('flow-arrows').replaceChildren(
		element('summary', {}, 'These arrows as a table'),
		element('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Arrows' },
			element('table', { class: 'narrow' },
				element('caption', { class: 'hidden' }, 'Arrows of the flow graph'),
				element('thead', {}, element('tr', {},
					...['From', 'To', 'Mechanism'].map((title) =>
						element('th', { scope: 'col' }, title)),
					...NUMBERS.map(([, title]) =>
						element('th', { scope: 'col', class: 'number' }, title)))),
				element('tbody', {}, ...links.map((link) => row(link, nodes, open))))));
}
