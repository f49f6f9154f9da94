// The ways of the connections between processes that already have their places: each leaves a
// process at one side and enters the other at the opposite one, and bends where it would touch a
// third. What runs against the flow bends around at the outer sides.
//
// Everything is worked out for a flow from left to right. A box that is `back` stands in a band
// whose flow runs from right to left; boxes of different bands are one below the other.

const CURVES = [0, 0.12, -0.12, 0.24, -0.24, 0.4, -0.4];
const BACK_CURVES = [0.15, -0.15, 0.3, -0.3];
const AROUND_CURVES = [0.2, -0.2, 0.3, -0.3, 0.42, -0.42, 0.6, -0.6];
const LOOP_HEIGHTS = [20, -20, 32, -32, 44, -44];
const SAMPLES = 24;
const BENT_UP_TO = 200; // connections

// How far what a process sends to itself reaches out of it, with its number.
export const LOOP_ROOM = 32;

// The point at `t` of the curve that ECharts draws for this curveness.
export function curvePoint({ a, b, curveness }, t) {
	const control = { x: (a.x + b.x) / 2 - (a.y - b.y) * curveness,
		y: (a.y + b.y) / 2 - (b.x - a.x) * curveness };
	const at = (axis) => (1 - t) * (1 - t) * a[axis] + 2 * t * (1 - t) * control[axis]
		+ t * t * b[axis];

	return { x: at('x'), y: at('y') };
}

// A point beyond the turn of a way from a process to itself, which has no room for a number on it.
export function loopEnd(way, beyond) {
	const turn = curvePoint(way, 0.5);
	const out = (axis) => turn[axis] + beyond
		* Math.sign(Math.round(turn[axis] - (way.a[axis] + way.b[axis]) / 2));

	return { x: out('x'), y: out('y') };
}

function contains(box, p, margin) {
	return Math.abs(p.x - box.x) < box.width / 2 + margin && Math.abs(p.y - box.y) < box.height / 2 + margin;
}

// How many points of the way lie on a process, be it one of the two that it connects: under these it would
// be hidden, with its head.
function hits(way, others, ends) {
	let n = 0;

	for (let i = 1; i < SAMPLES; i++) {
		const p = curvePoint(way, i / SAMPLES);

		n += others.some((box) => contains(box, p, 3))
			|| (i > 2 && i < SAMPLES - 2 && ends.some((box) => contains(box, p, 2))) ? 1 : 0;
	}
	return n;
}

function forwardWays(from, to) {
	const a = { x: from.x + from.width / 2, y: from.y };
	const b = { x: to.x - to.width / 2, y: to.y };

	return CURVES.map((curveness) => ({ a, b, curveness }));
}

// From the middle of a process to where a connection that bends around leaves or enters.
function port({ width }) {
	return Math.min(14, width / 4);
}

// Around below for a positive curveness, since the way goes to the left, else above.
function aroundWays(from, to, curves) {
	return curves.map((curveness) => {
		const side = Math.sign(curveness);

		return { a: { x: from.x + port(from), y: from.y + side * from.height / 2 },
			b: { x: to.x - port(to), y: to.y + side * to.height / 2 }, curveness };
	});
}

// Around both, or where one stands higher than the other, which hides the end of such a way, from side to
// side.
function backwardWays(from, to) {
	const a = { x: from.x - from.width / 2, y: from.y };
	const b = { x: to.x + to.width / 2, y: to.y };

	return [...aroundWays(from, to, AROUND_CURVES),
		...BACK_CURVES.map((curveness) => ({ a, b, curveness }))];
}

function loopWays(box) {
	return aroundWays(box, box, LOOP_HEIGHTS.map((height) => height / port(box)));
}

// Between two processes of one layer, or of two bands.
function sidewaysWays(from, to) {
	const side = Math.sign(to.y - from.y);
	const a = { x: from.x, y: from.y + side * from.height / 2 };
	const b = { x: to.x, y: to.y - side * to.height / 2 };

	return CURVES.map((curveness) => ({ a, b, curveness }));
}

function turned(way) {
	return { a: { ...way.a, x: -way.a.x }, b: { ...way.b, x: -way.b.x }, curveness: -way.curveness };
}

function waysBetween(from, to) {
	if (from.band !== to.band)
		return sidewaysWays(from, to);
	if (from.back)
		return waysBetween({ ...from, x: -from.x, back: false }, { ...to, x: -to.x, back: false })
			.map(turned);
	if (from.x + from.width / 2 < to.x - to.width / 2)
		return forwardWays(from, to);
	if (from.id !== to.id && to.x + to.width / 2 >= from.x - from.width / 2)
		return sidewaysWays(from, to);
	return from.id === to.id ? loopWays(from) : backwardWays(from, to);
}

function sameLine(one, other) {
	const near = (p, q) => Math.abs(p.x - q.x) + Math.abs(p.y - q.y) < 4;
	const [middle, middleOther] = [curvePoint(one, 0.5), curvePoint(other, 0.5)];

	return near(middle, middleOther) && (near(one.a, other.a) || near(one.a, other.b));
}

// The way that touches the fewest processes and none of the other ways `taken` by this pair. They
// come with the straightest first: one that touches nothing is the best.
function bestWay(ways, others, ends, taken) {
	let best = null;

	for (const way of ways) {
		const cost = hits(way, others, ends) * 2 + (taken.some((other) => sameLine(way, other)) ? 10 : 0);

		if (!best || cost + Math.abs(way.curveness) < best.cost)
			best = { way, cost: cost + Math.abs(way.curveness) };
		if (cost === 0)
			break;
	}
	return best.way;
}

function route(boxes, all, link, taken) {
	const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
	const others = all.filter((box) => box !== from && box !== to);
	const way = bestWay(waysBetween(from, to), others, all.length ? [from, to] : [], taken);

	taken.push(way);
	return { ...way, link };
}

// The ways { a, b, curveness, link } of the links { from, to } between the boxes of a Map by id.
export function routes(boxes, links) {
	const takenBy = new Map();
	// Among very many arrows, one more bend makes none easier to follow.
	const all = links.length > BENT_UP_TO ? [] : [...boxes.values()];

	return links.map((link) => {
		const pair = [link.from, link.to].sort().join(' ');

		if (!takenBy.has(pair))
			takenBy.set(pair, []);
		return route(boxes, all, link, takenBy.get(pair));
	});
}
