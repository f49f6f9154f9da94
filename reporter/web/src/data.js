// The trace's data, as the program put it into the page, and what several parts ask of it.
import { gunzipSync, strFromU8 } from 'fflate';

// JSON, as gzip, as base64.
function unpacked(text) {
	return JSON.parse(strFromU8(gunzipSync(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)))));
}

const data = unpacked(document.getElementById('trace').textContent);

// The rows of a list come as arrays, to be short.
for (const [name, part] of Object.entries(data))
	if (Array.isArray(part?.columns))
		data[name] = part.rows.map((row) =>
			Object.fromEntries(part.columns.map((column, i) => [column, row[i]])));

const noFlow = { parents: [], cgroups: [], objects: [], ways: [], processes: [], edges: [] };
const noTimeline = { lanes: [], calls: [], ops: [], messages: [] };

// The page of `ipctrace diff` has a comparison, that of a bench has results, and none of the others.
export const { comparison, meta = {}, totals, ledger = [], flow = noFlow, picked = [], parts = [],
	pressure = [], findings = [], confidence, edges = [], objects = [], calls = [], processes, mappings, passed,
	left, latency = [], borders, sankey, heat, results = [], timeline = noTimeline } = data;
export const bench = data;
export const unreadableHistograms = data.unreadable_histograms;

const known = data.mechanisms;
const seen = new Set(known.map((m) => m.name));

// A trace of a newer program may hold mechanisms that this page has no title for.
for (const row of [...ledger, ...flow.ways.map(([mechanism]) => ({ mechanism })), ...parts, ...pressure, ...edges,
	...objects, ...calls, ...latency, ...timeline.calls])
	if (row.mechanism !== null && row.mechanism !== 'unknown' && !seen.has(row.mechanism)) {
		seen.add(row.mechanism);
		known.push({ name: row.mechanism, title: row.mechanism, family: 'other', kind: 'data' });
	}

export const mechanisms = known;
export const KNOWN_MECHANISMS = data.mechanisms.filter(({ family }) => family !== 'other').length;

export function mechanismIndex(name) {
	return known.findIndex((m) => m.name === name);
}

export function mechanismKind(name) {
	return known[mechanismIndex(name)]?.kind ?? 'data';
}

// The place of a mechanism among those of its family.
export function placeInFamily(name) {
	const { family } = known[mechanismIndex(name)] ?? {};

	return Math.max(known.filter((m) => m.family === family).findIndex((m) => m.name === name), 0);
}

export function mechanismTitle(name) {
	return known[mechanismIndex(name)]?.title ?? name ?? '?';
}

// The mechanisms among `rows`, in their fixed order.
export function mechanismsOf(rows) {
	const names = new Set(rows.map((row) => row.mechanism));

	return known.map((m) => m.name).filter((name) => names.has(name));
}

export function sum(rows, key) {
	return rows.reduce((total, row) => total + (row[key] ?? 0), 0);
}

// Seen, stored and lost calls of the given mechanism, or of all.
export function balance(mechanism) {
	const rows = mechanism ? ledger.filter((row) => row.mechanism === mechanism) : ledger;

	return { seen: sum(rows, 'seen'), stored: sum(rows, 'stored'), lost: sum(rows, 'lost') };
}
