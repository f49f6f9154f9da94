// Draws the timeline on a canvas: an axis of moments, a lane for each thread, the calls as bars, and the
// messages as arrows. The view is { from, to }, moments of the recording in nanoseconds.
import { timeline } from './data.js';
import { isFirst, isIn, laneName, peersOf } from './timeline_data.js';
import { colour, fontFamily, mechanismColour } from './theme.js';

const AXIS = 26; // height of the axis
const LANE = 24, LANE_OF_MANY = 19, MANY = 24;
const GAP = 5; // above and below a bar
const TICK = 110; // pixels from one tick to the next one at least
const NEAR = 3; // pixels from a bar that still find it
const ARROWS_FAINT = 300; // with more arrows each is fainter

const { lanes } = timeline;

export class Drawing {
	constructor(canvas) {
		this.canvas = canvas;
		this.lane = lanes.length > MANY ? LANE_OF_MANY : LANE;
		this.height = AXIS + lanes.length * this.lane + 1;
	}

	// The size in pixels of the style sheet; at least two of the canvas for each, so that a print is sharp.
	resize() {
		const scale = Math.max(window.devicePixelRatio, 2);

		this.width = Math.max(this.canvas.parentNode.clientWidth, 320);
		this.gutter = Math.min(190, Math.floor(this.width / 3));
		this.canvas.width = this.width * scale;
		this.canvas.height = this.height * scale;
		this.canvas.style.height = `${this.height}px`;
		this.context = this.canvas.getContext('2d');
		this.context.setTransform(scale, 0, 0, scale, 0, 0);
	}

	x(ns) {
		return this.gutter + (ns - this.view.from) / (this.view.to - this.view.from)
			* (this.width - this.gutter);
	}

	// The moment at a place from the left.
	moment(x) {
		return this.view.from + (x - this.gutter) / (this.width - this.gutter)
			* (this.view.to - this.view.from);
	}

	// Long beyond both sides a line is the same, and a canvas exact.
	clipped(x) {
		return Math.min(Math.max(x, this.gutter - 50), this.width + 50);
	}

	middle(lane) {
		return AXIS + (lane + 0.5) * this.lane;
	}

	// The call at a place, the shortest one if several are near.
	opAt(x, y, ops) {
		const lane = Math.floor((y - AXIS) / this.lane);

		if (x < this.gutter)
			return null;
		return ops.filter((op) => op.lane === lane && this.x(op.start) - NEAR <= x
			&& this.x(op.end) + NEAR >= x).sort((a, b) => this.distance(a, x) - this.distance(b, x)
			|| a.duration - b.duration)[0] ?? null;
	}

	distance(op, x) {
		return Math.max(this.x(op.start) - x, x - this.x(op.end), 0);
	}

	draw(view, { ops, messages, chosen }) {
		this.view = view;
		this.resize();
		this.drawLanes();
		this.drawAxis();
		this.context.save();
		this.context.beginPath();
		this.context.rect(this.gutter, AXIS, this.width - this.gutter, this.height - AXIS);
		this.context.clip();
		this.drawOps(ops.filter((op) => isIn(op, view)));
		this.drawMessages(messages.filter(({ sent, received }) =>
			isIn({ start: sent, end: received }, view)), chosen);
		if (chosen)
			this.drawChosen(chosen);
		this.context.restore();
	}

	drawLanes() {
		const { context } = this;

		context.textBaseline = 'middle';
		context.font = `12px ${fontFamily()}`;
		lanes.forEach((_, lane) => {
			const top = Math.round(AXIS + lane * this.lane) + 0.5;

			this.line(isFirst(lane) ? 0 : this.gutter, top, this.width, top,
				colour(isFirst(lane) ? 'line' : 'grid'));
			context.fillStyle = colour(isFirst(lane) ? 'text' : 'muted');
			this.label(isFirst(lane) ? laneName(lane) : ['', `[${lanes[lane].tid}]`],
				isFirst(lane) ? 0 : 14, this.middle(lane), this.gutter - 12);
		});
		this.line(0, this.height - 0.5, this.width, this.height - 0.5, colour('line'));
	}

	// A name in two parts, the first one shortened until they fit.
	label([name, rest], x, y, right) {
		let chars = [...name];
		const text = () => `${chars.join('')}${rest}`;

		while (chars.length > 1 && this.context.measureText(text()).width > right - x)
			chars = [...chars.slice(0, -2), '…'];
		this.context.fillText(text(), x, y);
	}

	line(x1, y1, x2, y2, style) {
		this.context.strokeStyle = style;
		this.context.lineWidth = 1;
		this.context.beginPath();
		this.context.moveTo(x1, y1);
		this.context.lineTo(x2, y2);
		this.context.stroke();
	}

	// A tick for each 1, 2 or 5 of a power of ten, with as many digits as tell them apart.
	drawAxis() {
		const { context, view } = this;
		const least = Math.max((view.to - view.from) * TICK / (this.width - this.gutter), 1);
		const power = 10 ** Math.floor(Math.log10(least));
		const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least);
		const digits = Math.min(Math.max(9 - Math.floor(Math.log10(step) + 1e-9), 0), 9);

		context.font = `11px ${fontFamily()}`;
		for (let i = Math.ceil(view.from / step); i * step <= view.to; i++) {
			const x = Math.round(this.x(i * step)) + 0.5;
			const text = `${(i * step / 1e9).toFixed(digits)} s`;

			this.line(x, AXIS - 5, x, this.height, colour('grid'));
			context.fillStyle = colour('muted');
			context.fillText(text, Math.min(x, this.width - context.measureText(text).width), 10);
		}
	}

	// A bar: solid where the thread ran, faint and framed where it waited for another, in the colours
	// of the page's other bars where it waited for a CPU or slept for something else.
	drawOps(ops) {
		const other = colour('part-other');
		const queued = colour('part-runq');
		const colours = new Map();

		for (const op of ops) {
			if (!colours.has(op.mechanism))
				colours.set(op.mechanism, mechanismColour(op.mechanism));
			const own = colours.get(op.mechanism);

			this.bar(op, op.start, op.end, own);
			this.bar(op, op.idle, op.asleep, other, true);
			this.wait(op, own);
			this.bar(op, op.awake, op.running, queued, true);
		}
	}

	// From one moment to another in the call's lane; a part of a call may be too short to be seen.
	bar({ lane }, from, to, style, isPart = false) {
		const [left, right] = [this.clipped(this.x(from)), this.clipped(this.x(to))];

		if (isPart && right - left < 0.3)
			return;
		this.context.fillStyle = style;
		this.context.fillRect(left, AXIS + lane * this.lane + GAP, Math.max(right - left, 1),
			this.lane - 2 * GAP);
	}

	wait(op, own) {
		const [left, right] = [this.clipped(this.x(op.asleep)), this.clipped(this.x(op.awake))];
		const top = AXIS + op.lane * this.lane + GAP;
		const { context } = this;

		if (right - left < 0.3)
			return;
		this.bar(op, op.asleep, op.awake, colour('page'), true);
		context.globalAlpha = 0.28;
		this.bar(op, op.asleep, op.awake, own, true);
		context.globalAlpha = 1;
		this.line(left, top + 0.5, right, top + 0.5, own);
		this.line(left, top + this.lane - 2 * GAP - 0.5, right, top + this.lane - 2 * GAP - 0.5, own);
	}

	drawMessages(messages, chosen) {
		this.context.globalAlpha = messages.length > ARROWS_FAINT ? 0.25 : 0.6;
		for (const message of messages)
			this.arrow(message, colour('text'), 1);
		this.context.globalAlpha = 1;
		for (const message of chosen?.messages ?? [])
			this.arrow(message, colour('accent'), 2.5);
	}

	// The ends of a line, moved along it to where the view ends.
	within([x1, y1], [x2, y2]) {
		const at = (x) => [x, x1 === x2 ? y1 : y1 + (y2 - y1) * (x - x1) / (x2 - x1)];

		return [at(this.clipped(x1)), x1 === x2 ? [x2, y2] : at(this.clipped(x2))];
	}

	// From the end of the send call to the end of the receive call, and its head. It ends at the
	// edges of the bars, not in them.
	arrow({ fromLane, toLane, sent, received }, style, width) {
		const { context } = this;
		const down = Math.sign(toLane - fromLane);
		const half = this.lane / 2 - GAP;
		const [[x1, y1], [x2, y2]] = this.within([this.x(sent), this.middle(fromLane) + down * half],
			[this.x(received), this.middle(toLane) - down * half]);
		const angle = Math.atan2(y2 - y1, x2 - x1);
		const side = (turn) => [x2 - 6 * Math.cos(angle + turn), y2 - 6 * Math.sin(angle + turn)];

		context.strokeStyle = context.fillStyle = style;
		context.lineWidth = width;
		context.beginPath();
		context.moveTo(x1, y1);
		context.lineTo(x2, y2);
		context.stroke();
		context.beginPath();
		context.moveTo(x2, y2);
		context.lineTo(...side(0.4));
		context.lineTo(...side(-0.4));
		context.fill();
	}

	drawChosen(chosen) {
		for (const op of [chosen, ...peersOf(chosen)]) {
			const [left, right] = [this.clipped(this.x(op.start)), this.clipped(this.x(op.end))];

			this.context.strokeStyle = colour('accent');
			this.context.lineWidth = 2;
			this.context.strokeRect(left - 2, AXIS + op.lane * this.lane + GAP - 2,
				Math.max(right - left, 1) + 4, this.lane - 2 * GAP + 4);
		}
	}
}
