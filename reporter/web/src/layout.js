// Where the processes stand in the flow graph. dagre puts them in layers, so that most connections
// run the same way; routes.js finds the ways of these. A flow that is too long for the page runs
// from top to bottom, or in bands like the lines of a text, every second one backwards.
//
// Everything is worked out for a flow from left to right; from top to bottom is its mirror image.
import * as dagre from '@dagrejs/dagre';
import { LOOP_ROOM, curvePoint, loopEnd, routes } from './routes.js';
import { strongest } from './strongest.js';

const MARGIN = 16;
const LAYER_GAP = 80;
const NUMBER_GAP = 24; // more, where numbers stand on the arrows between
const LAYER_GAP_MORE = 120;
const BAND_GAP = 60;
const STRAYS_MAX = 2; // connections between bands that do not join the end of one to the next

// Room for connections that pass a layer: where there are many it is drawn through the processes'
// gaps instead, or it alone would make the graph metres tall.
function lane(links) {
	return Math.min(20, Math.floor(400 / links.length ** 1.5));
}

function dagreBoxes(nodes, links, gaps) {
	const graph = new dagre.graphlib.Graph();

	graph.setGraph({ rankdir: 'LR', acyclicer: 'greedy', edgesep: lane(links), ...gaps });
	graph.setDefaultEdgeLabel(() => ({}));
	for (const node of nodes)
		graph.setNode(node.id, { width: node.width, height: node.height + 2 * node.room });
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
	const others = strongest(links.filter(({ from, to }) => from !== to));
	const first = dagreBoxes(nodes, others, gaps);
	const isForward = ({ from, to }) => first.get(from).x < first.get(to).x;
	const connected = new Set(others.filter(isForward).flatMap(({ from, to }) => [from, to]));
	const kept = others.filter((link) => isForward(link) || !connected.has(link.from)
		|| !connected.has(link.to));

	return kept.length === others.length ? first : dagreBoxes(nodes, kept, gaps);
}

// The boxes of each layer from top to bottom, the layers from left to right.
function layersOf(boxes) {
	const layers = new Map();

	for (const box of boxes.values())
		layers.set(box.x, [...layers.get(box.x) ?? [], box]);
	return [...layers].sort(([a], [b]) => a - b)
		.map(([, layer]) => layer.sort((a, b) => a.y - b.y));
}

function extent(boxes) {
	const low = Math.min(...boxes.map((box) => box.y - box.height / 2 - box.room));
	const high = Math.max(...boxes.map((box) => box.y + box.height / 2 + box.room));

	return { low, size: high - low };
}

// Where a layer came out much taller than what stands in it, it is put together again in the same
// order; a layer of few spreads a little.
function compact(boxes, nodesep) {
	const layers = layersOf(boxes);
	const tall = (layer, gap) => layer.reduce((sum, { height, room }) =>
		sum + height + 2 * room + gap, -gap);
	const most = Math.max(...layers.map((layer) => tall(layer, nodesep)));

	if (extent([...boxes.values()]).size <= 1.3 * most)
		return;
	for (const layer of layers) {
		const room = (most - tall(layer, 0)) / (layer.length + 1);
		const gap = Math.max(nodesep, Math.min(room, 4 * nodesep));
		let y = -tall(layer, gap) / 2;

		for (const box of layer) {
			box.y = y + box.height / 2 + box.room;
			y += box.height + 2 * box.room + gap;
		}
	}
}

// More room between the layers, up to what is left of `width`, for the numbers on the arrows.
function stretch(boxes, width) {
	const layers = layersOf(boxes);
	const all = [...boxes.values()];
	const used = Math.max(...all.map((box) => box.x + box.width / 2))
		- Math.min(...all.map((box) => box.x - box.width / 2));
	const left = width - 2 * MARGIN - used;
	const more = Math.min(Math.max(left / Math.max(layers.length - 1, 1), 0), LAYER_GAP_MORE);

	layers.forEach((layer, i) => layer.forEach((box) => {
		box.x += i * more;
	}));
}

function bounds(boxes, ways) {
	const points = [
		...boxes.flatMap(({ x, y, width, height }) => [{ x: x - width / 2, y: y - height / 2 },
			{ x: x + width / 2, y: y + height / 2 }]),
		...ways.flatMap((way) => way.link.from === way.link.to ? [loopEnd(way, 14)]
			: [0.25, 0.5, 0.75].map((t) => curvePoint(way, t))),
	];
	const xs = points.map((p) => p.x);
	const ys = points.map((p) => p.y);

	return { left: Math.min(...xs) - MARGIN, right: Math.max(...xs) + MARGIN,
		top: Math.min(...ys) - MARGIN, bottom: Math.max(...ys) + MARGIN };
}

function planned(boxes, links) {
	const ways = routes(boxes, links);
	const all = [...boxes.values()];

	return { boxes: all, routes: ways, bounds: bounds(all, ways) };
}

function across(boxes, links, nodesep, width) {
	compact(boxes, nodesep);
	stretch(boxes, width);
	return planned(boxes, links);
}

function mirrored({ x, y, width, height, ...more }) {
	return { ...more, x: y, y: x, width: height, height: width };
}

// Boxes that are mirrored already, with their layers `closer` together than they were.
function down(boxes, links, nodesep, closer) {
	compact(boxes, nodesep);
	layersOf(boxes).forEach((layer, i) => layer.forEach((box) => {
		box.x -= i * closer;
	}));
	const plan = planned(boxes, links);
	const { left, right, top, bottom } = plan.bounds;

	return {
		boxes: plan.boxes.map(mirrored),
		routes: plan.routes.map(({ a, b, curveness, link }) => ({ a: { x: a.y, y: a.x },
			b: { x: b.y, y: b.x }, curveness: -curveness, link })),
		bounds: { left: top, right: bottom, top: left, bottom: right },
	};
}

// The layers in bands of `perBand`, every second band from right to left, so that the way from one
// to the next is short.
function fold(layers, perBand, step) {
	let top = 0;

	for (let first = 0, band = 0; first < layers.length; first += perBand, band++) {
		const some = layers.slice(first, first + perBand);
		const { low, size } = extent(some.flat());

		some.forEach((layer, i) => layer.forEach((box) => {
			box.x = step * (band % 2 ? perBand - 1 - i : i);
			box.y += top - low;
			Object.assign(box, { band, back: band % 2 === 1 });
		}));
		top += size + BAND_GAP;
	}
}

// A plan in bands, or null where too many connections would run across these.
function wrapped(boxes, links, width, gap) {
	const layers = layersOf(boxes);
	const layerOf = new Map(layers.flatMap((layer, i) => layer.map(({ id }) => [id, i])));
	const widest = Math.max(...layers.flat().map((box) => box.width));
	const room = width - 2 * MARGIN - widest;
	const most = Math.floor(room / (widest + gap)) + 1;

	if (most < 2)
		return null;
	const perBand = Math.ceil(layers.length / Math.ceil(layers.length / most));

	fold(layers, perBand, Math.min(room / (perBand - 1), widest + LAYER_GAP + LAYER_GAP_MORE));
	const strays = links.filter(({ from, to }) => boxes.get(from).band !== boxes.get(to).band
		&& Math.abs(layerOf.get(from) - layerOf.get(to)) > 1);

	return strays.length > STRAYS_MAX ? null : planned(boxes, links);
}

// Gives the boxes in layers, new ones each time but from one run of dagre.
function placer(nodes, links, nodesep, ranksep) {
	let boxes = null;

	return () => {
		boxes ??= layered(nodes, links, { nodesep, ranksep });
		return new Map([...boxes].map(([id, box]) => [id, { ...box }]));
	};
}

// How much of the plan the room of `width` and `height` shows at once, at most 1.
export function share({ bounds: { left, right, top, bottom } }, width, height) {
	return Math.min(1, width / (right - left), height / (bottom - top));
}

// Nodes { id, width, height } and links { from, to, value } as { boxes, routes, bounds }: the first
// plan that fits into the room, else the one that comes nearest to it. `numbered`: there will be
// numbers on the arrows.
export function layout(boxes, links, { width, height, nodesep, numbered }) {
	const looped = new Set(links.filter(({ from, to }) => from === to).map(({ from }) => from));
	const nodes = boxes.map((box) => ({ ...box, room: looped.has(box.id) ? LOOP_ROOM : 0 }));
	const gap = LAYER_GAP + (numbered ? NUMBER_GAP : 0);
	const lying = placer(nodes, links, nodesep, gap);
	const standing = placer(nodes.map(mirrored), links, nodesep + 4, LAYER_GAP);
	const makers = [
		() => across(lying(), links, nodesep, width),
		() => wrapped(lying(), links, width, numbered ? gap : LAYER_GAP / 2),
		() => down(standing(), links, nodesep + 4, 0),
		() => down(standing(), links, nodesep + 4, LAYER_GAP / 2),
	];
	let best = null;

	for (const make of makers) {
		const plan = make();

		if (plan && (!best || share(plan, width, height) > share(best, width, height)))
			best = plan;
		if (best && share(best, width, height) === 1)
			break;
	}
	return best;
}
