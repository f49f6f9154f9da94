// Numbers and strings as a person reads them. All of it gives the same text everywhere: no local
// time, no local number format.

const integer = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

export const NONE = '–';

export function count(n) {
	return n === null || n === undefined ? NONE : integer.format(n);
}

export function plural(n, one, many = `${one}s`) {
	return `${count(n)} ${n === 1 ? one : many}`;
}

function significant(x) {
	if (x >= 100)
		return x.toFixed(0);
	return x >= 10 ? x.toFixed(1) : x.toFixed(2);
}

// The first unit in which the number stays below the next one's size once it is rounded.
function scaled(value, base, units) {
	let i = 0;
	let x = value;

	while (i < units.length - 1 && Number(significant(x)) >= base) {
		x /= base;
		i++;
	}
	return `${i === 0 ? count(x) : significant(x)} ${units[i]}`;
}

export function bytes(n) {
	return n === null || n === undefined ? NONE
		: scaled(n, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

export function compact(n) {
	return n < 10000 ? count(n) : scaled(n, 1000, ['', 'k', 'M', 'G', 'T', 'P']).trim();
}

// A time in nanoseconds.
export function duration(ns) {
	if (ns === null || ns === undefined)
		return NONE;
	if (ns < 1e9)
		return scaled(ns, 1000, ['ns', 'µs', 'ms', 's']);
	if (ns < 120e9)
		return `${significant(ns / 1e9)} s`;
	if (ns < 7200e9)
		return `${Math.floor(ns / 60e9)} min ${Math.floor((ns % 60e9) / 1e9)} s`;
	return `${count(Math.floor(ns / 3600e9))} h ${Math.floor((ns % 3600e9) / 60e9)} min`;
}

// A power of ten of nanoseconds, for an axis.
export function decade(ns) {
	for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]])
		if (ns >= size * 0.999)
			return `${count(Math.round(ns / size))} ${unit}`;
	return ns >= 0.999 ? `${Math.round(ns)} ns` : `${ns.toPrecision(1)} ns`;
}

export function percent(share) {
	if (share > 0 && share < 0.0001)
		return '< 0.01 %';
	if (share < 1 && share > 0.9999)
		return '> 99.99 %';
	return `${Number((share * 100).toPrecision(3))} %`;
}

// A moment of the recording.
export function instant(ns) {
	return ns === null || ns === undefined ? NONE : `${(ns / 1e9).toFixed(6)} s`;
}

export function date(realtimeNs) {
	const when = new Date(realtimeNs / 1e6);

	return Number.isNaN(when.getTime()) ? NONE
		: `${when.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const SIGNALS = { 1: 'SIGHUP', 2: 'SIGINT', 3: 'SIGQUIT', 4: 'SIGILL', 6: 'SIGABRT', 7: 'SIGBUS',
	8: 'SIGFPE', 9: 'SIGKILL', 11: 'SIGSEGV', 13: 'SIGPIPE', 14: 'SIGALRM', 15: 'SIGTERM' };

// A status as wait(2) gives it.
export function exitStatus(status) {
	if (typeof status !== 'number')
		return NONE;
	if (status < 0)
		return 'still running';
	const signal = status & 0x7f;

	return signal ? `signal ${signal}${SIGNALS[signal] ? ` (${SIGNALS[signal]})` : ''}`
		: String((status >> 8) & 0xff);
}

// Characters that would show nothing, or turn the text around them, made visible.
export function visible(text) {
	return String(text).replace(
		/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
		(c) => {
			const code = c.charCodeAt(0);
			return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}`
				: `\\u${code.toString(16)}`;
		});
}

export function shortened(text, most) {
	const chars = [...text];

	return chars.length <= most ? text : `${chars.slice(0, most - 1).join('')}…`;
}

// A process: its name, and its pid if the kernel knew one.
export function processName(comm, pid) {
	const name = comm === null || comm === '' ? '(outside)' : visible(comm);

	return pid === null ? name : `${name} ${pid}`;
}
