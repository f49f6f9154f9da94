// Lists to pick from, with a box that searches all of them. Tab goes from list to list, the arrow keys
// and Home and End move within one, Space picks.
import { element } from './dom.js';
import { count, duration } from './format.js';
import { curveClass } from './theme.js';

const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

class Entry {
	constructor(item, onPick) {
		const { d, name, more } = item;

		this.item = item;
		this.text = `${name} ${more}`.toLowerCase();
		this.key = element('i', { class: 'swatch' });
		this.input = element('input', { type: 'checkbox', tabIndex: -1 });
		this.input.addEventListener('change', () => onPick(item, this.input.checked));
		this.node = element('label', {}, this.input, element('span', { class: 'pick-name' }, name,
			element('small', {}, `${more} · n ${count(d.n)} · p50 ${duration(d.p50_ns)}`)), this.key);
	}

	get isHidden() {
		return this.node.hidden;
	}
}

class List {
	constructor({ title, items }, onPick) {
		this.entries = items.map((item) => new Entry(item, onPick));
		this.node = element('fieldset', { class: 'pick-list' }, element('legend', {}, title),
			element('div', { class: 'picks' }, ...this.entries.map(({ node }) => node)));
		this.node.addEventListener('keydown', (event) => this.move(event));
		this.node.addEventListener('focusin', ({ target }) => this.reach(target));
		this.reach(this.entries[0].input);
	}

	// The one that Tab comes to.
	reach(input) {
		for (const entry of this.entries)
			entry.input.tabIndex = entry.input === input ? 0 : -1;
	}

	move(event) {
		const inputs = this.entries.filter((entry) => !entry.isHidden).map(({ input }) => input);
		const at = inputs.indexOf(event.target);

		if (!(event.key in STEPS) || at < 0)
			return;
		event.preventDefault();
		inputs[Math.min(Math.max(at + STEPS[event.key], 0), inputs.length - 1)].focus();
	}

	// Shows those that have all words; returns how many that are.
	search(words) {
		for (const { node, text } of this.entries)
			node.hidden = !words.every((word) => text.includes(word));
		const found = this.entries.filter((entry) => !entry.isHidden);

		this.node.hidden = !found.length;
		if (found.length)
			this.reach(found[0].input);
		return found.length;
	}
}

// `lists` are of { title, items }; actions: pick(item, isOn), none() and reset().
export class Picker {
	constructor(holder, lists, actions) {
		const button = (text, act) => {
			const node = element('button', { type: 'button', class: 'more' }, text);

			node.addEventListener('click', act);
			return node;
		};

		this.lists = lists.map((list) => new List(list, actions.pick));
		this.all = this.lists.flatMap(({ entries }) => entries);
		this.status = element('span', { class: 'status', role: 'status' });
		this.search = element('input', { type: 'search', placeholder: 'Search', spellcheck: false,
			'aria-label': 'Search what can be compared' });
		this.search.addEventListener('input', () => this.find());
		this.search.addEventListener('keydown', (event) => this.enter(event));
		holder.append(element('div', { class: 'head' }, element('h3', {}, 'Compare'),
			element('div', { class: 'tools' }, this.status, this.search, button('Clear', actions.none),
				button('All mechanisms', actions.reset))),
		element('div', { class: 'pick-lists' }, ...this.lists.map(({ node }) => node)));
		this.find();
	}

	find() {
		const words = this.search.value.toLowerCase().split(/\s+/).filter((word) => word);
		const found = this.lists.reduce((n, list) => n + list.search(words), 0);

		this.found = words.length ? `${count(found)} found` : '';
		this.say();
	}

	// From the box down to what was found.
	enter(event) {
		const first = this.all.find(({ node }) => !node.hidden && !node.parentElement.parentElement.hidden);

		if (event.key !== 'ArrowDown' || !first)
			return;
		event.preventDefault();
		first.input.focus();
	}

	say() {
		const chosen = this.all.filter(({ input }) => input.checked).length;

		this.status.textContent = [this.found, `${count(chosen)} of ${count(this.all.length)} picked`]
			.filter((text) => text).join(', ');
	}

	// Shows what is picked, in the colours of its curves.
	mark(curves) {
		const of = new Map(curves.map((curve) => [curve.d, curve]));

		for (const { item, input, key } of this.all) {
			const curve = of.get(item.d);

			input.checked = Boolean(curve);
			key.className = curve ? curveClass(curve) : 'swatch';
		}
		this.say();
	}
}
