// What all charts with two axes have in common.
import { colour, fontFamily, tooltipStyle } from './theme.js';

export function axis(name, more) {
	return {
		name, nameLocation: 'middle', nameTextStyle: { color: colour('muted') },
		axisLabel: { color: colour('muted'), hideOverlap: true, ...more.label },
		axisLine: { show: true, lineStyle: { color: colour('line') } },
		axisTick: { lineStyle: { color: colour('line') } },
		splitLine: { show: true, lineStyle: { color: colour('grid') } },
		...more.axis,
	};
}

export function chartOption(xAxis, yAxis, series, formatter) {
	return {
		animation: false,
		textStyle: { fontFamily: fontFamily(), fontSize: 12 },
		grid: { left: 64, right: 28, top: 14, bottom: 48, containLabel: false },
		tooltip: { ...tooltipStyle(), trigger: 'axis', formatter,
			axisPointer: { lineStyle: { color: colour('muted') } } },
		xAxis, yAxis, series,
	};
}
