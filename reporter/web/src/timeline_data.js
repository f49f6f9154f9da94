// The timeline's calls, lanes and messages, as objects that refer to each other.
import { timeline } from './data.js';
import { isShown } from './filter.js';
import { processName, visible } from './format.js';

const { lanes, calls, objects, wakers, from_ns: origin } = timeline;

// Where the thread was in the call, from what the file has: the end of the last sleep, and sums. Several
// sleeps of one call are drawn as one; of sleeps for locks and disks the place is not known, they are
// drawn before it. Times are moments of the recording.
function sleepsOf({ start, end, waiting, runnable, other, woken }) {
	const within = (ns) => Math.min(Math.max(ns, start), end);
	const awake = within(woken ?? start + other + waiting);
	const asleep = within(awake - waiting);

	return { idle: within(asleep - other), asleep, awake, running: within(awake + runnable) };
}

function opOf([lane, since, length, call, object, size, waiting = 0, runnable = 0, other = 0, woken = null,
	waker = null, error = null, finished = 1]) {
	const start = origin + since;
	const op = { lane, start, duration: length, end: start + length, ...calls[call],
		object: objects[object], bytes: size, waiting, runnable, other,
		woken: woken === null ? null : start + woken, waker: wakers[waker] ?? null, error,
		finished: finished !== 0, messages: [] };

	return { ...op, ...sleepsOf(op) };
}

export const ops = timeline.ops.map(opOf);

function messageOf([sendPlace, receivePlace, size, fromLane, sent, toLane, received, transit]) {
	const send = ops[sendPlace] ?? null;
	const receive = ops[receivePlace] ?? null;

	return send && receive ? { send, receive, fromLane: send.lane, sent: send.end, toLane: receive.lane,
		received: receive.end, bytes: size, transit: receive.end - send.start }
		: { send, receive, fromLane, sent: origin + sent, toLane, received: origin + received, bytes: size,
			transit };
}

// The end of a send that still puts in what was already taken is later than the receive.
export const messages = timeline.messages.map(messageOf).map((message) =>
	({ ...message, sent: Math.min(message.sent, message.received) }));

for (const message of messages)
	for (const op of new Set([message.send, message.receive]))
		op?.messages.push(message);

export const slowest = ops[timeline.slowest_place] ?? null;

export function shownOps() {
	return ops.filter(({ mechanism }) => isShown(mechanism));
}

// Those of which a call is shown.
export function shownMessages() {
	return messages.filter(({ send, receive }) => isShown((send ?? receive).mechanism));
}

export function isIn({ start, end }, { from, to }) {
	return end >= from && start <= to;
}

// Whether the lane is the first one of its process.
export function isFirst(lane) {
	return lanes[lane - 1]?.process_id !== lanes[lane].process_id;
}

// A lane's name, of which the first part may be shortened: the process, and its pid with the thread if
// that is not the first one of it.
export function laneName(lane) {
	const { process, pid, tid } = lanes[lane];

	return [processName(process, null), `${pid === null ? '' : ` ${pid}`}${tid === pid ? '' : ` [${tid}]`}`];
}

export function threadName(lane) {
	return laneName(lane).join('');
}

export function wakerName({ waker }) {
	if (!waker)
		return null;
	if (waker.tid === 0)
		return 'an interrupt';
	return waker.process_id === null ? `untraced thread ${waker.tid}`
		: `${visible(waker.process ?? '?')} [${waker.tid}]`;
}

// The calls at the other ends of a call's messages.
export function peersOf(op) {
	return op.messages.map(({ send, receive }) => send === op ? receive : send).filter((peer) => peer);
}
