// SPDX-License-Identifier: BSD-2-Clause
// What the layout of the flow graph must hold for graphs of every kind. It is bundled with the
// packages in $IPCT_BIN/page, as the page is.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { random, scenarios } from './trace.mjs';

const packages = join(process.env.IPCT_BIN, 'page');
const { outputFiles: [{ text }] } = await createRequire(join(packages, 'package.json'))('esbuild').build({
	entryPoints: [fileURLToPath(new URL('../../reporter/web/src/layout.js', import.meta.url))],
	nodePaths: [join(packages, 'node_modules')], bundle: true, format: 'esm', write: false });
const { layout, share } = await import(`data:text/javascript,${encodeURIComponent(text)}`);

const ROOM = { width: 1192, height: 1200 };

// A scenario's processes and what they send each other, as the page gives them to the layout.
function graphOf({ processes, edges }, height) {
	const next = random(17);
	const ends = new Set(edges.flatMap(({ from, to }) => [from, to]));
	const links = new Map();

	for (const { from, to, bytes } of edges) {
		const link = links.get(`${from} ${to}`) ?? { from: String(from), to: String(to), value: 0 };

		links.set(`${from} ${to}`, { ...link, value: link.value + bytes });
	}
	return { links: [...links.values()], nodes: processes.map((_, i) => i + 1).filter((id) => ends.has(id))
		.map((id) => ({ id: String(id), width: 70 + Math.floor(60 * next()), height })) };
}

function overlap(a, b) {
	return Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
}

// How far a point is from the border of a box.
function distance(box, p) {
	const dx = Math.abs(p.x - box.x) - box.width / 2;
	const dy = Math.abs(p.y - box.y) - box.height / 2;

	return Math.max(dx, dy) > 0 ? Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) : -Math.max(dx, dy);
}

function checkPlan(name, { boxes, routes, bounds }, { nodes, links }) {
	const byId = new Map(boxes.map((box) => [box.id, box]));

	assert.equal(boxes.length, nodes.length, name);
	assert.deepEqual(routes.map(({ link }) => link), links, name);
	for (const { id, width, height } of nodes)
		assert.deepEqual([byId.get(id).width, byId.get(id).height], [width, height], name);
	boxes.forEach((box, i) => {
		for (const other of boxes.slice(i + 1))
			assert.ok(!overlap(box, other), `${name}: ${box.id} lies on ${other.id}`);
		assert.ok(box.x - box.width / 2 >= bounds.left && box.x + box.width / 2 <= bounds.right
			&& box.y - box.height / 2 >= bounds.top && box.y + box.height / 2 <= bounds.bottom, name);
	});
	for (const { a, b, link } of routes)
		assert.ok(distance(byId.get(link.from), a) < 0.01 && distance(byId.get(link.to), b) < 0.01,
			`${name}: the arrow ${link.from} → ${link.to} hangs in the air`);
}

// Scenario, height of a box, the gap below it, and how much of the graph must fit into the room.
for (const [name, height, nodesep, least] of [['pipeline', 46, 28, 1], ['self', 46, 28, 1],
	['twoway', 46, 28, 1], ['outside', 46, 28, 1], ['ring', 46, 28, 1], ['chain', 24, 8, 1],
	['longchain', 20, 4, 1], ['fan', 20, 4, 0.7], ['crowd', 20, 4, 1], ['messaging2', 20, 4, 1],
	['mesh', 20, 4, 0.5]])
	for (const width of [ROOM.width, 600]) {
		const graph = graphOf(scenarios[name](), height);
		const plan = layout(graph.nodes, graph.links, { ...ROOM, width, nodesep,
			numbered: graph.links.length <= 25 });

		checkPlan(`${name} in ${width}`, plan, graph);
		if (width === ROOM.width)
			assert.ok(share(plan, width, ROOM.height) >= least, `${name}: ${JSON.stringify(plan.bounds)}`);
	}
