// The tables of a bench's page: what is best for what, what crossing cores and probes cost, where the
// time went, and what each mechanism is.
import { stackedBar } from '../bars.js';
import { bench, mechanismTitle } from '../data.js';
import { NONE, count, duration, percent, visible } from '../format.js';
import { table } from '../table.js';
import { CPUS, WAITS, clear, perSecond, rate, ratio, score, size } from './words.js';

const STACK = [
	{ key: 'send', title: 'in the send call', note: 'from its start until the message is in the object' },
	{ key: 'object', title: 'in the object', note: 'until the receiver was woken or took it' },
	{ key: 'runq', title: 'in the run queue', note: 'of a receiver that was woken and waits for a CPU' },
	{ key: 'recv', title: 'in the receive call', note: 'until its end' },
];

const mechanism = (key = 'mechanism', title = 'Mechanism') => ({ key, title, kind: 'text',
	show: (row) => row[key] ? visible(mechanismTitle(row[key])) : NONE, sortBy: (row) => row[key] });
const word = (key, title, words) => ({ key, title, kind: 'text', show: (row) => words?.[row[key]] ?? visible(row[key] ?? NONE) });
const PATTERN = word('pattern', 'Pattern');
const CPU = word('cpus', 'CPUs', CPUS);
const WAIT = word('wait', 'Waiting', WAITS);
const sized = (key = 'size', title = 'Size') => ({ key, title, kind: 'number', show: (row) => size(row[key]) });
const scored = (key, title) => ({ key, title, kind: 'number', show: (row) => score(row, key) });
const RATIO = { key: 'ratio', title: 'Takes', kind: 'number', show: (row) => ratio(row.ratio) };
const CLEAR = { key: 'clear', title: 'Difference', kind: 'text', show: clear,
	note: 'clear: beyond the spread of the rounds' };

function best() {
	table('best', 'Best for each size', [PATTERN, CPU, WAIT, sized(), mechanism('mechanism', 'Best'),
		scored('value', 'Median'), { key: 'least', title: 'Rounds', kind: 'text',
			show: (row) => `${score(row, 'least')} to ${score(row, 'most')}` },
		mechanism('next', 'Next'), scored('next_value', 'Median'),
		{ ...RATIO, title: 'Next takes' }, CLEAR],
	bench.best, { empty: 'Nothing was measured.', isDense: true,
		caption: 'Of what carries bytes, by round trips where peers take turns, else by messages a second. '
			+ 'A difference is clear if its worst round beats the best of the next.' });
}

function crossovers() {
	table('crossovers', 'Crossovers', [PATTERN, CPU, WAIT, mechanism('below', 'Better at'),
		sized('size_below', 'Up to'), mechanism('above', 'Better at'), sized('size_above', 'From')],
	bench.crossovers, { empty: 'The better of two stays it at all sizes, or the difference is within the spread.',
		caption: 'Where the better of two mechanisms changes with the size, beyond the spread of both.' });
}

function parts() {
	const values = (row) => [row.in_send_ns, row.in_object_ns, row.in_runq_ns, row.in_recv_ns];
	const share = (key, title) => ({ key, title, kind: 'number', sortBy: (row) => row[key] / row.transit_ns,
		show: (row) => row.transit_ns > 0 ? percent(Math.round(1000 * row[key] / row.transit_ns) / 1000) : NONE });

	table('where', 'Where the time went', [mechanism(), PATTERN, CPU, sized(),
		{ key: 'through', title: 'Through', kind: 'text', note: 'what the message, or its wake-up, passed through' },
		{ key: 'transit_ns', title: 'Mean transit', kind: 'number', sortBy: (row) => row.transit_ns / row.messages,
			show: (row) => duration(row.transit_ns / row.messages) },
		{ key: 'bar', title: 'Parts', kind: 'bar', sortBy: (row) => row.in_send_ns / row.transit_ns,
			show: (row) => stackedBar(STACK, values(row)) },
		share('in_send_ns', 'Send'), share('in_object_ns', 'Object'), share('in_runq_ns', 'Run queue'),
		share('in_recv_ns', 'Receive')],
	bench.parts, { legend: STACK, isDense: true,
		empty: 'There were no traced rounds.',
		caption: 'The transit of messages in the traced rounds, cut into its parts. ' });
}

function costs() {
	table('crossing', 'Cost of crossing cores', [mechanism(), PATTERN, sized(), scored('same', 'One core'),
		scored('cross', 'Two cores'), RATIO, CLEAR],
	bench.crossing, { empty: 'Only one choice of CPUs was measured.',
		caption: 'The same traffic between two cores, as often as it takes so long as on one.' });
	table('probes', 'Cost of the probes', [mechanism(), PATTERN, CPU, sized(),
		{ key: 'untraced_rtt_ns', title: 'Round trip untraced', kind: 'number', show: (row) => duration(row.untraced_rtt_ns) },
		{ key: 'traced_rtt_ns', title: 'Traced', kind: 'number', show: (row) => duration(row.traced_rtt_ns) },
		{ key: 'untraced_per_s', title: 'Messages untraced', kind: 'number', show: (row) => perSecond(row.untraced_per_s) },
		{ key: 'traced_per_s', title: 'Traced', kind: 'number', show: (row) => perSecond(row.traced_per_s) },
		RATIO, CLEAR],
	bench.probes, { empty: 'There were no traced rounds.', isDense: true,
		caption: 'The same case untraced and recorded. The recorder itself runs on the same CPUs.' });
}

function what() {
	const text = (key, title) => ({ key, title, kind: 'text', show: (row) => visible(row[key] ?? NONE) });

	table('what', 'What each mechanism is', [mechanism(), text('directions', 'Ways'), text('reach', 'Reach'),
		text('address', 'Found by'), text('carries', 'Carries'), text('boundaries', 'Boundaries'),
		text('ordering', 'Order'), text('holder', 'Held in'),
		{ key: 'copies', title: 'Copies', kind: 'number', show: (row) => count(row.copies) },
		{ key: 'cleanup', title: 'To be removed', kind: 'text', show: (row) => row.cleanup ?? 'nothing' }],
	bench.facts, { empty: 'Nothing was measured.', isDense: true,
		caption: 'Ways: directions of one object; any: whoever has it may send and receive. Reach: which '
			+ 'processes can get at it. Copies: by the kernel, with plain calls.' });
	table('limits', 'Limits on this machine', [mechanism(), text('what', 'Limit'),
		{ key: 'value', title: 'Value', kind: 'text', show: (row) => row.value === null ? 'not on this machine'
			: `${visible(row.value)} ${row.unit ?? ''}` },
		{ key: 'set_by', title: 'Set by', kind: 'text', show: (row) => row.set_by ?? 'fixed' }],
	bench.limits, { empty: 'No mechanism has a limit.', caption: 'Names are of sysctls, or of limits of a process.' });
}

function all() {
	const time = (key, title) => ({ key, title, kind: 'number', show: (row) => duration(row[key]) });

	table('results', 'All results', [mechanism(), PATTERN, CPU, WAIT, sized(),
		{ key: 'traced', title: 'Traced', kind: 'text', show: (row) => row.traced ? 'yes' : 'no' },
		{ key: 'messages', title: 'Messages', kind: 'number', show: (row) => count(row.messages) },
		time('rtt_p50_ns', 'Round trip p50'), time('rtt_p99_ns', 'p99'), time('one_way_p50_ns', 'One way p50'),
		{ key: 'messages_per_s', title: 'Messages', kind: 'number', show: (row) => perSecond(row.messages_per_s) },
		{ key: 'bytes_per_s', title: 'Bytes', kind: 'number', show: (row) => rate(row.bytes_per_s) }],
	bench.results, { empty: 'Nothing was measured.', isDense: true,
		caption: 'Medians of the rounds. Sizes as they were.' });
	table('skipped', 'Not measured', [mechanism(), PATTERN, CPU, WAIT, sized(), word('status', 'Status'),
		{ key: 'reason', title: 'Why', kind: 'text', show: (row) => visible(row.reason ?? 'the bench ended before') }],
	bench.skipped, { empty: 'Every case was measured.', caption: 'What a mechanism cannot do, and why.' });
}

export function tables() {
	best();
	crossovers();
	parts();
	costs();
	what();
	all();
}
