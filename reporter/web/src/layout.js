// Where the processes and their connections stand in the flow graph. dagre puts the processes in
// layers, so that most connections run the same way: these leave a process at one side and enter at
// the other. What runs against that bends around at the outer sides.
//
// Everything is worked out for a flow from left to right; from top to bottom is its mirror image.
import * as dagre from '@dagrejs/dagre';

const MARGIN = 16;
const PORT = 14; // from the middle of a process to where a connection that bends around leaves
const CURVES = [0, 0.12, -0.12, 0.24, -0.24, 0.4, -0.4];
const AROUND_CURVES = [0.2, -0.2, 0.3, -0.3, 0.42, -0.42, 0.6, -0.6];
const LOOP_CURVES = [1.6, -1.6, 2.4, -2.4];
const SAMPLES = 24;
const LAYER_GAP = 80;
const LAYER_GAP_MORE = 120;

function dagreBoxes(nodes, links, gaps) {
	const graph = new dagre.graphlib.Graph();

	graph.setGraph({ rankdir: 'LR', acyclicer: 'greedy', ...gaps });
	graph.setDefaultEdgeLabel(() => ({}));
	for (const node of nodes)
		graph.setNode(node.id, { width: node.width, height: node.height });
	for (const { from, to, value } of links) {
		// Whole numbers: with fractions, rounding can keep dagre's simplex from ever ending.
		const weight = (graph.edge(from, to)?.weight ?? 0)
			+ Math.round(Math.log2(2 + Math.max(value, 0)));

		graph.setEdge(from, to, { weight });
	}
	dagre.layout(graph);
	return new Map(nodes.map((node) => {
		const { x, y } = graph.node(node.id);

		return [node.id, { ...node, x, y }];
	}));
}

// What runs backward in a first layout takes no room in the second, where it would only push the
// others off their straight ways. A process that has no other connection keeps its own.
function layered(nodes, links, gaps) {
	const others = links.filter(({ from, to }) => from !== to);
	const first = dagreBoxes(nodes, others, gaps);
	const isForward = ({ from, to }) => first.get(from).x < first.get(to).x;
	const connected = new Set(others.filter(isForward).flatMap(({ from, to }) => [from, to]));
	const kept = others.filter((link) => isForward(link) || !connected.has(link.from)
		|| !connected.has(link.to));

	return kept.length === others.length ? first : dagreBoxes(nodes, kept, gaps);
}

// More room between the layers, up to what is left of `width`, for the numbers on the arrows.
function stretch(boxes, width) {
	const layers = [...new Set([...boxes.values()].map(({ x }) => x))].sort((a, b) => a - b);
	const most = Math.max(...[...boxes.values()].map((box) => box.width));
	const left = width - 2 * MARGIN - (layers[layers.length - 1] - layers[0]) - most;
	const more = Math.min(Math.max(left / Math.max(layers.length - 1, 1), 0), LAYER_GAP_MORE);

	for (const box of boxes.values())
		box.x += layers.indexOf(box.x) * more;
}

// The point at `t` of the curve that ECharts draws for this curveness.
export function curvePoint({ a, b, curveness }, t) {
	const control = { x: (a.x + b.x) / 2 - (a.y - b.y) * curveness,
		y: (a.y + b.y) / 2 - (b.x - a.x) * curveness };
	const at = (axis) => (1 - t) * (1 - t) * a[axis] + 2 * t * (1 - t) * control[axis]
		+ t * t * b[axis];

	return { x: at('x'), y: at('y') };
}

function contains(box, p) {
	return Math.abs(p.x - box.x) < box.width / 2 + 3 && Math.abs(p.y - box.y) < box.height / 2 + 3;
}

// How many points of the way lie on a process that it does not connect.
function hits(way, others) {
	let n = 0;

	for (let i = 1; i < SAMPLES; i++) {
		const p = curvePoint(way, i / SAMPLES);

		n += others.some((box) => contains(box, p)) ? 1 : 0;
	}
	return n;
}

function forwardWays(from, to) {
	const a = { x: from.x + from.width / 2, y: from.y };
	const b = { x: to.x - to.width / 2, y: to.y };

	return CURVES.map((curveness) => ({ a, b, curveness }));
}

// Around below for a positive curveness, since the way goes to the left, else above.
function backwardWays(from, to) {
	return (from === to ? LOOP_CURVES : AROUND_CURVES).map((curveness) => {
		const side = Math.sign(curveness);

		return { a: { x: from.x + PORT, y: from.y + side * from.height / 2 },
			b: { x: to.x - PORT, y: to.y + side * to.height / 2 }, curveness };
	});
}

// Between two processes of one layer.
function sidewaysWays(from, to) {
	const side = Math.sign(to.y - from.y);
	const a = { x: from.x, y: from.y + side * from.height / 2 };
	const b = { x: to.x, y: to.y - side * to.height / 2 };

	return CURVES.map((curveness) => ({ a, b, curveness }));
}

function waysBetween(from, to) {
	if (from.x + from.width / 2 < to.x - to.width / 2)
		return forwardWays(from, to);
	if (from !== to && to.x + to.width / 2 >= from.x - from.width / 2)
		return sidewaysWays(from, to);
	return backwardWays(from, to);
}

// The way that touches the fewest processes; two connections of one pair take different ones.
function route(boxes, link, used) {
	const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
	const others = [...boxes.values()].filter((box) => box !== from && box !== to);
	const cost = (way) => hits(way, others) * 2 + Math.abs(way.curveness)
		+ (used.has(way.curveness) ? 10 : 0);
	const costs = waysBetween(from, to).map((way) => ({ way, cost: cost(way) }));
	const best = costs.reduce((a, b) => b.cost < a.cost ? b : a).way;

	used.add(best.curveness);
	return { ...best, link };
}

function routes(boxes, links) {
	const usedBy = new Map();

	return links.map((link) => {
		const pair = `${link.from} ${link.to}`;

		if (!usedBy.has(pair))
			usedBy.set(pair, new Set());
		return route(boxes, link, usedBy.get(pair));
	});
}

function bounds(boxes, ways) {
	const points = [
		...boxes.flatMap(({ x, y, width, height }) => [{ x: x - width / 2, y: y - height / 2 },
			{ x: x + width / 2, y: y + height / 2 }]),
		...ways.flatMap((way) => [0.25, 0.5, 0.75].map((t) => curvePoint(way, t))),
	];
	const xs = points.map((p) => p.x);
	const ys = points.map((p) => p.y);

	return { left: Math.min(...xs) - MARGIN, right: Math.max(...xs) + MARGIN,
		top: Math.min(...ys) - MARGIN, bottom: Math.max(...ys) + MARGIN };
}

function across(nodes, links, nodesep, width) {
	const boxes = layered(nodes, links, { nodesep, ranksep: LAYER_GAP });

	stretch(boxes, width);
	const ways = routes(boxes, links);
	const all = [...boxes.values()];

	return { boxes: all, routes: ways, bounds: bounds(all, ways) };
}

function mirrored({ x, y, width, height, ...more }) {
	return { ...more, x: y, y: x, width: height, height: width };
}

function down(nodes, links, nodesep) {
	const plan = across(nodes.map(mirrored), links, nodesep, 0);
	const { left, right, top, bottom } = plan.bounds;

	return {
		boxes: plan.boxes.map(mirrored),
		routes: plan.routes.map(({ a, b, curveness, link }) => ({ a: { x: a.y, y: a.x },
			b: { x: b.y, y: b.x }, curveness: -curveness, link })),
		bounds: { left: top, right: bottom, top: left, bottom: right },
	};
}

// Nodes { id, width, height } and links { from, to, value } as { boxes, routes, bounds }: from left
// to right, or from top to bottom where only that fits into `width`.
export function layout(nodes, links, width, dense) {
	const fits = ({ bounds: { left, right } }) => right - left <= width;
	const plan = across(nodes, links, dense ? 8 : 28, width);

	if (fits(plan))
		return plan;
	const other = down(nodes, links, 24);

	return fits(other) ? other : plan;
}
