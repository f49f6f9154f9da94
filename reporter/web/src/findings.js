// What stands out: the program's own sentences, as in the text report, each with the options that show
// what is behind it.
import { findings } from './data.js';
import { byId, element } from './dom.js';
import { visible } from './format.js';

function finding({ text, show }) {
	return element('li', {}, visible(text), ' ', element('code', {}, `ipctrace report ${visible(show)}`));
}

export function findingsSection() {
	const section = byId('findings');

	section.hidden = !findings.length;
	if (findings.length)
		section.append(element('h2', { id: 'findings-title' }, 'What stands out'),
			element('ul', { class: 'findings' }, ...findings.map(finding)));
}
