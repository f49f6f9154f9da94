// What the flow graph is made from: processes, the edges between them, and single messages of the
// strongest ones, as objects that refer to each other. html_flow.sql says what the rows are.
import { flow, picked } from './data.js';
import { processName, visible } from './format.js';

const { parents, cgroups, objects, ways } = flow;

export const processes = flow.processes.map(([pids, comm, traced, parent, cgroup, n, process_id], index) => ({
	index, pids, comm, traced, processes: n, process_id, sends: false, receives: false,
	parent: parent === null ? null : parents[parent], cgroup: cgroup === null ? null : cgroups[cgroup] }));

function edgeOf([sender, receiver, way, thing, edges, objectCount, messages, bytes, sum_ns = null, p50_ns = null,
	p90_ns = null, p99_ns = null, max_ns = null, send = null, object_ns = null, runq = null, bins = null,
	sender_mappings = null, receiver_mappings = null]) {
	const [mechanism, kind] = ways[way];
	const [object_id, object] = objects[thing] ?? [null, null];
	const recv = sum_ns - send - object_ns - runq;

	return { sender: processes[sender], receiver: processes[receiver], mechanism, kind, object_id, object,
		edges, objects: objectCount, messages, bytes, sum_ns, p50_ns, p90_ns, p99_ns, max_ns, bins,
		parts: send === null ? null : [send, object_ns, runq, recv],
		mappings: [[sender, sender_mappings], [receiver, receiver_mappings]] };
}

export const edges = flow.edges.map(edgeOf);

for (const { kind, sender, receiver } of edges)
	if (kind !== 'shared') {
		sender.sends = true;
		receiver.receives = true;
	}

// What the reader can look for in an edge.
const searched = new Map(edges.map((edge) => [edge, [edge.sender, edge.receiver].map(({ comm, pids }) =>
	`${processName(comm, null)} ${pids.join(' ')}`).concat(visible(edge.object ?? ''), edge.mechanism)
	.join('\n').toLowerCase()]));

export function isFound(edge, words) {
	return words.every((word) => searched.get(edge).includes(word));
}

function messageOf([sent_ns, transit_ns, bytes, send, object_ns, runq, confidence, mechanism, object]) {
	return { sent_ns, transit_ns, bytes, confidence, mechanism, object,
		parts: [send, object_ns, runq, transit_ns - send - object_ns - runq] };
}

const byProcessId = new Map(processes.filter(({ process_id }) => process_id !== null)
	.map((process) => [process.process_id, process]));

// Single messages, by the edge that they are of: { object_id, sender, receiver, slowest, first }.
const pickedEdges = picked.map(([object_id, sender, receiver, slowest, first]) => ({ object_id,
	sender: byProcessId.get(sender), receiver: byProcessId.get(receiver), slowest: slowest.map(messageOf),
	first: first.map(messageOf) }));

// Those of the given edges that the page has messages of.
export function pickedOf(some) {
	const isOf = ({ sender, receiver, mechanism, object_id }) => (one) => one.sender === sender
		&& one.receiver === receiver && one.slowest[0]?.mechanism === mechanism
		&& (object_id === null || one.object_id === object_id);

	return pickedEdges.filter((one) => some.some((edge) => isOf(edge)(one)));
}
