// The style sheet's colours for the charts, and the list of charts to draw again when they change.
import * as echarts from 'echarts/core';
import { GraphChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';
import { KNOWN_MECHANISMS, mechanismIndex, mechanismTitle, placeInFamily } from './data.js';
import { element } from './dom.js';
import { visible } from './format.js';

echarts.use([GraphChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

const drawers = [];

export function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function fontFamily() {
	return getComputedStyle(document.body).fontFamily;
}

// The style sheet has a colour for each mechanism, like ones for those of a family, and one for
// what it does not know.
function colourNumber(mechanism) {
	return Math.min(Math.max(mechanismIndex(mechanism), 0), KNOWN_MECHANISMS);
}

// Those of a family differ in their lines as well.
export function lineType(mechanism) {
	return ['solid', 'dashed', 'dotted', [8, 3, 2, 3], [12, 4]][placeInFamily(mechanism) % 5];
}

// The name of a mechanism's colour.
export function mechanismTint(mechanism) {
	return `mechanism-${colourNumber(mechanism)}`;
}

export function swatch(mechanism) {
	return element('i', { class: `swatch ${mechanismTint(mechanism)}` });
}

// The key of a curve: its colour, and whether its line is broken.
export function curveClass({ tint, line }) {
	return `swatch ${tint} line-${typeof line === 'string' ? line : 'dashed'}`;
}

export function mechanismColour(mechanism) {
	return colour(mechanismTint(mechanism));
}

// The names of the mechanisms behind their colours.
export function legend(mechanisms) {
	return element('span', { class: 'legend' }, ...mechanisms.map((name) =>
		element('span', {}, swatch(name), visible(mechanismTitle(name)))));
}

export function chartOn(node, size = {}) {
	// At least two pixels for each of CSS, so that a print is sharp.
	return echarts.getInstanceByDom(node) ?? echarts.init(node, null,
		{ renderer: 'canvas', devicePixelRatio: Math.max(window.devicePixelRatio, 2), ...size });
}

export const tooltipStyle = () => ({
	confine: true,
	transitionDuration: 0,
	backgroundColor: colour('panel'),
	borderColor: colour('line'),
	padding: 0,
	extraCssText: 'box-shadow: none',
});

// Calls `draw` now and each time when colours or widths change.
export function keepDrawn(draw) {
	drawers.push(draw);
	draw();
}

export function drawAll() {
	for (const draw of drawers)
		draw();
}

function drawForPrint(printing) {
	document.documentElement.classList.toggle('print', printing);
	drawAll();
}

let lastWidth = window.innerWidth;

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
addEventListener('beforeprint', () => drawForPrint(true));
addEventListener('afterprint', () => drawForPrint(false));
addEventListener('resize', () => {
	if (window.innerWidth !== lastWidth) {
		lastWidth = window.innerWidth;
		drawAll();
	}
});
