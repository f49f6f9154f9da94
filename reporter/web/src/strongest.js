// Which connections decide where the processes of a flow graph stand: all of them, unless these are
// so tangled that a layout would take seconds and show no order either; then the strongest ones.

const SPAN_MAX = 1000; // layers that all connections pass together
const SPAN_LESS = 400; // what is tangled is brought down to this

// The nodes so that most links lead from an earlier to a later one: depth first, in the order in
// which they were left, backwards.
function ordered(links) {
	const after = new Map();
	const seen = new Set();
	const order = [];

	for (const { from, to } of links)
		after.set(from, [...after.get(from) ?? [], to]);
	const visit = (first) => {
		const path = [[first, 0]];

		seen.add(first);
		while (path.length) {
			const top = path[path.length - 1];
			const next = after.get(top[0])?.[top[1]++];

			if (next === undefined)
				order.push(path.pop()[0]);
			else if (!seen.has(next)) {
				seen.add(next);
				path.push([next, 0]);
			}
		}
	};

	for (const { from } of links)
		if (!seen.has(from))
			visit(from);
	return order.reverse();
}

// How many layers all links pass, if each node stands as near to the first one as it can.
function span(links) {
	const order = ordered(links);
	const place = new Map(order.map((id, i) => [id, i]));
	const layer = new Map(order.map((id) => [id, 0]));
	const forward = links.filter(({ from, to }) => place.get(from) < place.get(to))
		.sort((a, b) => place.get(a.from) - place.get(b.from));

	for (const { from, to } of forward)
		layer.set(to, Math.max(layer.get(to), layer.get(from) + 1));
	return links.reduce((sum, { from, to }) => sum + Math.abs(layer.get(to) - layer.get(from)), 0);
}

// The links by strength, but first those that hold each connected part together.
function byStrength(links) {
	const parent = new Map();
	const root = (id) => {
		let at = id;

		while (parent.has(at))
			at = parent.get(at);
		return at;
	};
	const holding = [];
	const others = [];

	for (const link of [...links].sort((a, b) => b.value - a.value)) {
		const [a, b] = [root(link.from), root(link.to)];

		(a === b ? others : holding).push(link);
		if (a !== b)
			parent.set(a, b);
	}
	return { sorted: [...holding, ...others], least: holding.length };
}

export function strongest(links) {
	if (span(links) <= SPAN_MAX)
		return links;
	const { sorted, least } = byStrength(links);
	let n = links.length;

	while (n > least && span(sorted.slice(0, n)) > SPAN_LESS)
		n = Math.max(Math.floor(n * 0.7), least);
	return sorted.slice(0, n);
}
