// What there is to say of a link of the flow graph, which stands for one edge or for several.
import { denseBins, quantileOf } from './bins.js';

const QUANTILES = { p50_ns: 0.5, p90_ns: 0.9, p99_ns: 0.99 };

// The transits of all its edges as [low, high, count]; null where there are none.
export function binsOfLink({ members }) {
	const known = members.flatMap(({ bins }) => bins ? [bins] : []);

	return known.length ? denseBins(known) : null;
}

// The percentiles { p50_ns, p90_ns, p99_ns }, each a number or null, and whether they are `near`: put
// together from the bins of several edges.
export function percentilesOf(link) {
	const [first, ...others] = link.members.filter(({ sum_ns }) => sum_ns !== null);
	const bins = others.length ? binsOfLink(link) : null;

	return { near: others.length > 0, ...Object.fromEntries(Object.entries(QUANTILES).map(([key, q]) =>
		[key, bins ? quantileOf(bins, q, link.max_ns) : others.length ? null : first?.[key] ?? null])) };
}

// The sums of the four parts of all its transits, or null where not all of them are known.
export function partsOfLink({ members }) {
	const timed = members.filter(({ sum_ns }) => sum_ns !== null);

	return timed.length && timed.every(({ parts }) => parts)
		? [0, 1, 2, 3].map((i) => timed.reduce((sum, { parts }) => sum + parts[i], 0)) : null;
}

// How many objects it goes over: exact where each edge has one.
export function objectsOf({ members }) {
	const known = new Set(members.flatMap(({ object_id }) => object_id === null ? [] : [object_id]));

	return known.size || members.reduce((sum, { objects }) => sum + objects, 0);
}

// The name of its only object, or null.
export function objectOf({ members }) {
	const names = new Set(members.map(({ object_id, object }) => object_id === null ? null : object));

	return names.size === 1 ? [...names][0] : null;
}

// Of what is shared: mappings of all its objects in all its processes; null if they are not known.
export function mappingsOf({ members }) {
	const found = new Map();

	for (const { object_id, mappings } of members)
		for (const [process, n] of mappings)
			if (object_id !== null && n !== null)
				found.set(`${object_id} ${process}`, n);
	return found.size ? [...found.values()].reduce((sum, n) => sum + n, 0) : null;
}
