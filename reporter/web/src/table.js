// A table that can be sorted by each column and filtered by words.
import { stackLegend } from './bars.js';
import { element } from './dom.js';
import { isShown, onFilter } from './filter.js';
import { NONE, plural, count, visible } from './format.js';

const ROWS_AT_FIRST = 20;

// Columns: { key, title, show(row), kind: 'text' | 'number' | 'bar', sortBy(row), note, detail(row) }. `show`
// gives text or an element; a number is sorted by its key's value unless sortBy says otherwise. Where
// a column has `detail`, what it shows is a button that opens this element below the row. The first column
// names the row.
function cell(column, row, isHead, open) {
	const shown = column.show ? column.show(row) : row[column.key];
	const value = column.detail && shown ? opener(column, shown, open) : shown;
	const empty = value === null || value === undefined || value === '';
	const properties = column.kind === 'number' ? { class: 'number' } : {};

	if (column.kind === 'number' && typeof row[column.key] === 'number')
		properties['data-value'] = row[column.key];
	return element(isHead ? 'th' : 'td', isHead ? { ...properties, scope: 'row' } : properties,
		empty ? NONE : typeof value === 'string' ? visible(value) : value);
}

function opener(column, shown, open) {
	const button = element('button', { type: 'button', class: 'opener', 'aria-expanded': 'false',
		title: column.note ?? '' }, shown);

	button.addEventListener('click', () =>
		button.setAttribute('aria-expanded', String(open(column))));
	return button;
}

function compare(a, b) {
	const none = (x) => x === null || x === undefined;

	if (none(a) || none(b))
		return none(a) - none(b);
	if (typeof a === 'number')
		return a - b;
	return a < b ? -1 : a > b ? 1 : 0;
}

// A row's elements are made when it is first shown or searched: most never are.
class Row {
	constructor(columns, row, index) {
		Object.assign(this, { columns, row, index, below: null });
	}

	get tr() {
		this.made ??= element('tr', {}, ...this.columns.map((column, i) =>
			cell(column, this.row, i === 0, () => this.toggle(column))));
		return this.made;
	}

	// Opens or closes what stands below the row; whether it is open then.
	toggle(column) {
		if (this.below)
			this.below.remove();
		this.below = this.below ? null : element('tr', { class: 'detail' },
			element('td', { colSpan: this.columns.length }, column.detail(this.row)));
		if (this.below)
			this.tr.after(this.below);
		return this.below !== null;
	}

	get trs() {
		return this.below ? [this.tr, this.below] : [this.tr];
	}

	// What a filter finds: the text that one sees, and numbers without their commas too.
	get text() {
		this.searched ??= [...this.tr.cells].map((td) =>
			`${td.textContent}\n${td.dataset.value ?? ''}`).join('\n').toLowerCase();
		return this.searched;
	}
}

class Table {
	constructor(id, title, columns, rows, options) {
		this.columns = columns;
		this.all = rows.map((row, index) => new Row(columns, row, index));
		this.sort = null;
		this.words = [];
		this.limit = ROWS_AT_FIRST;
		this.options = options;
		this.build(id, title);
		this.update();
		onFilter(() => this.update());
	}

	build(id, title) {
		this.body = element('tbody');
		this.status = element('span', { class: 'status', role: 'status' });
		this.more = element('button', { type: 'button', class: 'more' });
		this.more.addEventListener('click', () => this.showAll());
		this.heads = this.columns.map((column) => this.head(column));
		const filter = element('input', { type: 'search', placeholder: 'Filter',
			'aria-label': `Filter ${title.toLowerCase()}`, spellcheck: false });

		filter.addEventListener('input', () => this.filter(filter.value));
		document.getElementById(id).append(
			element('div', { class: 'head' }, element('h2', { id: `${id}-title` }, title),
				element('div', { class: 'tools' }, this.status, filter)),
			element('p', { class: 'caption', id: `${id}-caption` }, this.options.caption,
				this.options.legend ? stackLegend(this.options.legend) : null),
			element('div', { class: 'scroll', tabIndex: 0, role: 'region',
				'aria-labelledby': `${id}-title` },
			element('table', { class: this.options.isDense ? 'dense' : '', 'aria-labelledby': `${id}-title`,
				'aria-describedby': `${id}-caption` },
			element('thead', {}, element('tr', {}, ...this.heads)), this.body)),
			this.more);
	}

	head(column) {
		const button = element('button', { type: 'button', title: column.note ?? '' }, column.title);
		const th = element('th', { scope: 'col', 'aria-sort': 'none',
			class: column.kind === 'number' ? 'number' : '' }, button);

		button.addEventListener('click', () => this.sortBy(column, th));
		return th;
	}

	// The first click brings the largest number, or the first word, to the top.
	sortBy(column, th) {
		const first = ['number', 'bar'].includes(column.kind) ? 'descending' : 'ascending';
		const second = first === 'ascending' ? 'descending' : 'ascending';
		const order = th.getAttribute('aria-sort') === first ? second : first;

		this.heads.forEach((other) => other.setAttribute('aria-sort', 'none'));
		th.setAttribute('aria-sort', order);
		this.sort = { value: column.sortBy ?? ((row) => row[column.key]),
			sign: order === 'ascending' ? 1 : -1 };
		this.update();
	}

	filter(text) {
		this.words = text.toLowerCase().split(/\s+/).filter((word) => word);
		this.update();
	}

	showAll() {
		this.limit = Infinity;
		this.update();
	}

	// Rows without a value stay last in both orders.
	sorted() {
		const { value, sign } = this.sort ?? { value: () => 0, sign: 1 };
		const none = (x) => x === null || x === undefined;

		return this.all.filter((row) => isShown(row.row.mechanism)
			&& this.words.every((word) => row.text.includes(word)))
			.sort((a, b) => {
				const [x, y] = [value(a.row), value(b.row)];
				const by = none(x) || none(y) ? compare(x, y) : sign * compare(x, y);

				return by || a.index - b.index;
			});
	}

	update() {
		const rows = this.sorted();
		const shown = rows.slice(0, this.limit);

		this.body.replaceChildren(...shown.flatMap(({ trs }) => trs));
		if (!rows.length)
			this.body.append(element('tr', {}, element('td', { class: 'none',
				colSpan: this.columns.length },
			this.all.length ? 'No row matches the filter.' : this.options.empty)));
		this.status.textContent = rows.length < this.all.length
			? `${count(rows.length)} of ${plural(this.all.length, 'row')}`
			: plural(this.all.length, 'row');
		this.more.hidden = shown.length === rows.length;
		this.more.textContent = `Show all ${count(rows.length)} rows`;
	}
}

// Fills the section `id`. Options: caption, the stack of its bars (legend), what stands in a table
// without rows (empty), and whether its columns are many (isDense).
export function table(id, title, columns, rows, options) {
	return new Table(id, title, columns, rows, options);
}
