// Elements from plain data. Text gets into the page here, as text and never as markup.

export function element(tag, properties = {}, ...children) {
	const node = document.createElement(tag);

	for (const [name, value] of Object.entries(properties))
		if (name === 'class')
			node.className = value;
		else if (name in node)
			node[name] = value;
		else
			node.setAttribute(name, value);
	node.append(...children.filter((child) => child !== null));
	return node;
}

// The same of a drawing: attributes alone.
export function svg(tag, attributes = {}, ...children) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', tag);

	for (const [name, value] of Object.entries(attributes))
		node.setAttribute(name, value);
	node.append(...children);
	return node;
}

export function byId(id) {
	return document.getElementById(id);
}

// Radio buttons in the fieldset `id`: `choices` are [value, label] pairs, the first one is chosen.
export function radioSwitch(id, legend, choices, onChange) {
	const fieldset = byId(id);

	fieldset.append(element('legend', {}, legend));
	choices.forEach(([value, label], i) => {
		const input = element('input', { type: 'radio', name: id, value, checked: i === 0 });

		input.addEventListener('change', () => onChange(value));
		fieldset.append(element('label', {}, input, element('span', {}, label)));
	});
	fieldset.hidden = choices.length < 2;
}

// Marks one choice of a switch without telling that it changed.
export function radioChoose(id, value) {
	for (const input of byId(id).querySelectorAll('input'))
		input.checked = input.value === value;
}

// Rows of [name, value] as a chart's tooltip, which the chart takes as an element.
export function tooltip(title, rows) {
	return element('div', { class: 'tip' },
		element('strong', {}, title),
		element('dl', {}, ...rows.flatMap(([name, value]) =>
			[element('dt', {}, name), element('dd', {}, value)])));
}
