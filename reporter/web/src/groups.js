// Which processes share a box of the flow graph: by what they are grouped, which groups the reader has
// opened, and what that makes of the edges: nodes, and links between them.
import { processes } from './flow_data.js';
import { processName, visible } from './format.js';

const MEMBERS_AT_ONCE = 24; // boxes that an opened group brings
const PIDS_MAX = 20;
const FEW = 12; // processes, which need no grouping

// Groups go by `key`; a process without one stands alone. `name` is a group's, `text` says what it is.
const GROUPINGS = {
	program: {
		title: 'Program',
		key: ({ comm, traced, sends, receives }) => JSON.stringify([comm, traced, sends, receives]),
		name: ({ comm }) => processName(comm, null),
		text: 'processes of the same program that all only send, only receive, or do both share a box',
	},
	parent: {
		title: 'Parent',
		key: ({ parent }) => parent && JSON.stringify(parent),
		name: ({ parent: [comm, pid] }) => comm === null ? `children of ${pid}`
			: `children of ${processName(comm, pid)}`,
		text: 'processes of the same parent share a box',
	},
	cgroup: {
		title: 'cgroup',
		key: ({ cgroup }) => cgroup,
		name: ({ cgroup }) => visible(cgroup),
		text: 'processes of the same control group share a box',
	},
	none: { title: 'None', key: () => null, name: null, text: '' },
};

export function groupingOf(name) {
	return GROUPINGS[name];
}

function keyOf(grouping, process) {
	return GROUPINGS[grouping].key(process) ?? `process ${process.index}`;
}

// The groupings that make fewer boxes of this trace's processes, and none, as [name, title]. One of all
// says little, but where all run the same program it is what can be opened.
export function groupings() {
	const isUseful = (name) => {
		const keys = new Set(processes.map((process) => keyOf(name, process)));
		const known = new Set(processes.map(GROUPINGS[name].key).filter((key) => key !== null));

		return processes.length > FEW && keys.size < processes.length
			&& (known.size > 1 || name === 'program');
	};

	return Object.entries(GROUPINGS).filter(([name]) => name === 'none' || isUseful(name))
		.map(([name, { title }]) => [name, title]);
}

// The groups that are open, with how many of their members have boxes of their own; for each grouping.
const opened = Object.fromEntries(Object.keys(GROUPINGS).map((name) => [name, new Map()]));

export function isAnyOpen(grouping) {
	return opened[grouping].size > 0;
}

export function closeAll(grouping) {
	opened[grouping].clear();
}

// Whether a click on the node does anything.
export function isOpener({ group, isMember }) {
	return group !== null || isMember;
}

// Opens a group, shows more members of one, or closes the one that the node is a member of.
export function toggle(grouping, { group, isMember }) {
	const open = opened[grouping];

	if (isMember)
		open.delete(group);
	else
		open.set(group, (open.get(group) ?? 0) + MEMBERS_AT_ONCE);
}

function strength(edges) {
	const of = new Map();

	for (const { sender, receiver, bytes, messages } of edges)
		for (const process of [sender, receiver]) {
			const [b, m] = of.get(process) ?? [0, 0];

			of.set(process, [b + (bytes ?? 0), m + (messages ?? 0)]);
		}
	return of;
}

// A box of some processes. `group` is the key of the group that a click opens or closes, or null.
function nodeOf(id, name, members, more) {
	const any = (key) => members.some((process) => process[key]);

	return { id, name, members, group: null, isMember: false, isRest: false, ...more,
		processes: members.reduce((sum, process) => sum + process.processes, 0),
		pids: members.flatMap(({ pids }) => pids).sort((a, b) => a - b).slice(0, PIDS_MAX),
		traced: any('traced') ? 1 : 0, sends: any('sends'), receives: any('receives'),
		sent: 0, received: 0, wakes: 0, woken: 0 };
}

function single(process, group = null) {
	return nodeOf(`p${process.index}`, processName(process.comm, null), [process],
		{ group, isMember: group !== null });
}

// The boxes of one group: one, or if it is open one for each of its first members and one for the rest.
function boxesOf(grouping, key, members) {
	const count = opened[grouping].get(key) ?? 0;
	const more = { group: key };

	if (members.length === 1)
		return [single(members[0])];
	const rest = members.slice(members.length - count === 1 ? members.length : count);
	const name = GROUPINGS[grouping].name(members[0]);

	return [...members.slice(0, members.length - rest.length).map((process) => single(process, key)),
		...rest.length ? [nodeOf(`${count ? 'rest' : 'group'} ${rest[0].index}`, name, rest,
			{ ...more, isRest: count > 0 })] : []];
}

// The boxes of all processes that the edges connect, the strongest first.
function boxesFor(grouping, edges) {
	const strengths = strength(edges);
	const stronger = (a, b) => {
		const [[x, m], [y, n]] = [strengths.get(a), strengths.get(b)];

		return y - x || n - m || a.index - b.index;
	};
	const groups = new Map();

	for (const process of [...strengths.keys()].sort(stronger)) {
		const key = keyOf(grouping, process);

		groups.set(key, [...groups.get(key) ?? [], process]);
	}
	return [...groups].flatMap(([key, members]) => boxesOf(grouping, key, members));
}

const SUMS = ['edges', 'messages', 'bytes', 'sum_ns'];

// What is shared goes neither way: from the box that comes first.
function endsOf(edge, boxOf) {
	const ends = [boxOf.get(edge.sender), boxOf.get(edge.receiver)];

	return edge.kind === 'shared' ? ends.sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0) : ends;
}

function linksOf(edges, boxOf) {
	const links = new Map();

	for (const edge of edges) {
		const [from, to] = endsOf(edge, boxOf);
		const key = JSON.stringify([from.id, to.id, edge.mechanism, edge.kind]);

		if (!links.has(key))
			links.set(key, { key, from: from.id, to: to.id, mechanism: edge.mechanism, kind: edge.kind,
				members: [], edges: 0, messages: null, bytes: null, sum_ns: null, max_ns: null });
		const link = links.get(key);

		link.members.push(edge);
		for (const name of SUMS)
			if (edge[name] !== null)
				link[name] = (link[name] ?? 0) + edge[name];
		if (edge.max_ns !== null)
			link.max_ns = Math.max(link.max_ns ?? 0, edge.max_ns);
	}
	return [...links.values()];
}

function addTraffic(nodes, links) {
	for (const { from, to, kind, bytes, messages } of links) {
		const [sender, receiver] = [nodes.get(from), nodes.get(to)];

		sender.sent += bytes ?? 0;
		receiver.received += bytes ?? 0;
		if (kind === 'sync') {
			sender.wakes += messages;
			receiver.woken += messages;
		}
	}
}

// The boxes that the first of these links connect, no more than `most`.
function reached(links, most) {
	const ids = new Set();

	for (const { from, to } of links) {
		const added = [from, to].filter((id, i, both) => !ids.has(id) && both.indexOf(id) === i);

		if (ids.size + added.length <= most)
			added.forEach((id) => ids.add(id));
	}
	return ids;
}

// The graph of some edges: nodes by id, and links with the edges that each stands for. At most
// `nodesMax` and `linksMax` of them, those of the links with the most bytes; all_nodes and all_links say
// how many there are.
export function graphOf(grouping, edges, nodesMax, linksMax) {
	const boxes = boxesFor(grouping, edges);
	const boxOf = new Map(boxes.flatMap((box) => box.members.map((process) => [process, box])));
	const links = linksOf(edges, boxOf).sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0)
		|| (b.messages ?? 0) - (a.messages ?? 0));
	const shown = reached(links, nodesMax);

	addTraffic(new Map(boxes.map((box) => [box.id, box])), links);
	return { all_nodes: boxes.length, all_links: links.length,
		nodes: new Map(boxes.filter(({ id }) => shown.has(id)).map((box) => [box.id, box])),
		links: links.filter(({ from, to }) => shown.has(from) && shown.has(to)).slice(0, linksMax) };
}
