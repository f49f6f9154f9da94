// What stands under each chart: how much it shows, and what was lost.
import { balance } from './data.js';
import { count, percent } from './format.js';

export function lostText() {
	const { seen, lost } = balance();

	return lost > 0 ? `Lost: ${count(lost)} of ${count(seen)} calls (${percent(lost / seen)}).`
		: 'Lost: none.';
}
