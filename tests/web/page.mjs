// SPDX-License-Identifier: BSD-2-Clause
// What the page of `ipctrace report --html` must do in a browser.
// As a program: node page.mjs CHECK SCENARIO TRACE PAGE; page.bats runs one after the other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { browse, open as openPage } from './browser.mjs';
import { bytes, compact, duration, instant } from '../../reporter/web/src/format.js';
import { quantile, scenarios, total } from './trace.mjs';

const SIZE_MAX = 1.5e6;
const OPEN_MAX_MS = 30000; // a page that hangs; how fast it opens is no test's business
const HEIGHT_MAX = 1200;

const [check, scenario, trace, file] = process.argv.slice(2);
const url = pathToFileURL(file).href;

function sql(query) {
	const out = execFileSync('sqlite3', ['-json', '-readonly', trace, query], { encoding: 'utf8' });

	return out.trim() ? JSON.parse(out) : [];
}

// The page, with what is wrong with it in `troubles`.
function open(browser, options = {}) {
	return openPage(browser, url, options);
}

// The data block, as the program wrote it.
async function dataOf(page) {
	return JSON.parse(gunzipSync(Buffer.from(await page.textContent('#trace'), 'base64')));
}

function rowsOf(page, id) {
	return page.$$eval(`#${id} tbody tr`, (rows) => rows.map((tr) => [...tr.cells].map((td) =>
		td.dataset.value === undefined ? td.textContent : Number(td.dataset.value))));
}

async function allRows(page, id) {
	const more = page.locator(`#${id} .more`);

	if (await more.isVisible())
		await more.click();
	return rowsOf(page, id);
}

// How many pixels of a chart are of the colour that the style sheet calls `name`, nearly.
function pixelsOf(page, chart, name) {
	return page.$eval(`#${chart} canvas`, (canvas, variable) => {
		const probe = document.createElement('i');

		probe.style.color = `var(--${variable})`;
		document.body.append(probe);
		const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
		const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d',
			{ willReadFrequently: true });
		let n = 0;

		copy.drawImage(canvas, 0, 0);
		const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);

		probe.remove();
		for (let i = 0; i < data.length; i += 4)
			n += data[i + 3] > 100 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g)
				+ Math.abs(data[i + 2] - b) < 40 ? 1 : 0;
		return n;
	}, name);
}

// The texts of all tooltips that a pointer finds on its way over the chart, in steps of four pixels:
// no arrow is much thinner for it.
function tips(page, chart, pixels = 4) {
	return page.$eval(`#${chart} canvas`, (canvas, step) => {
		const box = canvas.getBoundingClientRect();
		const found = new Set();
		const isVisible = ({ parentElement: { style } }) => style.visibility !== 'hidden'
			&& style.display !== 'none' && style.opacity !== '0';
		const shown = () => {
			const tip = [...document.querySelectorAll('.tip')].find(isVisible);

			return tip ? [...tip.querySelectorAll('strong, dt, dd')]
				.map((part) => part.textContent).join('\n') : '';
		};

		for (let y = 2; y < box.height; y += step)
			for (let x = 2; x < box.width; x += step) {
				canvas.dispatchEvent(new MouseEvent('mousemove', { bubbles: true,
					clientX: box.x + x, clientY: box.y + y }));
				found.add(shown());
			}
		return [...found].filter((text) => text);
	}, pixels);
}

// The text of the tooltip that a pointer on the element finds. Scrolling hides tooltips, and its event
// comes with a later frame: so the page is scrolled first.
async function tipOf(page, locator) {
	await locator.scrollIntoViewIfNeeded();
	await page.evaluate(() => new Promise((done) => {
		requestAnimationFrame(() => requestAnimationFrame(done));
	}));
	await locator.hover();
	return page.textContent('.tip-frame');
}

// The span that the timeline shows, in seconds.
async function viewOf(page) {
	const [, from, to] = (await page.textContent('#timeline-span')).match(/^([\d.]+) s to ([\d.]+) s/);

	return { from: Number(from), to: Number(to) };
}

function number(n) {
	return n.toLocaleString('en-GB');
}

// How many boxes and arrows the flow graph says that it has.
async function drawnCounts(page) {
	const [, boxes, arrows] = (await page.getAttribute('#flow-drawing', 'aria-label'))
		.match(/^Flow graph of (.+) and ([\d,]+) arrows?;/);

	return { boxes, arrows: Number(arrows.replaceAll(',', '')) };
}

// The table of the arrows: from, to, mechanism, edges, messages, bytes, sum of the transits, the longest.
async function arrowRows(page) {
	return (await rowsOf(page, 'flow-arrows')).sort();
}

// The frame of the flow graph and what is in it, in pixels.
function frame(page) {
	return page.$eval('#flow', (flow) => ({ width: flow.clientWidth, height: flow.clientHeight,
		contentWidth: flow.scrollWidth, contentHeight: flow.scrollHeight }));
}

// The frame is bounded; all is in it when the graph is made to fit, and can be scrolled to else.
async function sizes(page) {
	assert.ok((await frame(page)).height <= HEIGHT_MAX);
	if (!await page.isVisible('#flow-size'))
		return;
	await page.getByText('Full', { exact: true }).click();
	const full = await frame(page);

	assert.ok(full.height <= HEIGHT_MAX);
	assert.ok(full.contentHeight > full.height || full.contentWidth > full.width, 'larger than the frame');
	assert.ok(full.contentHeight < 3 * HEIGHT_MAX, `${full.contentHeight} pixels high`);
	await page.getByText('Fit', { exact: true }).click();
	const fit = await frame(page);

	assert.ok(fit.contentHeight <= fit.height && fit.contentWidth <= fit.width, 'all of it is in the frame');
}

// A button of the flow graph's, for which the keyboard and the tests take it.
function handle(page, name) {
	return page.locator(`#flow-handles button[aria-label^="${name}"]`).first();
}

// Clicks on what lies under such a button: on the drawing itself.
async function clickDrawing(page, name) {
	const button = handle(page, name);

	await button.scrollIntoViewIfNeeded();
	const { x, y, width, height } = await button.boundingBox();

	await page.mouse.click(x + width / 2, y + height / 2);
}

async function search(page, text) {
	const before = await page.textContent('#flow-caption');

	await page.fill('#flow-search', text);
	await page.waitForFunction((old) => document.querySelector('#flow-caption').textContent !== old, before);
}

function focused(page) {
	return page.evaluate(() => document.activeElement.getAttribute('aria-label')
		?? document.activeElement.textContent);
}

// The numbers in the panel's figures, and those in its table of the given caption, a row each.
function panelTable(page, caption) {
	return page.$$eval('#flow-panel table', (tables, text) => {
		const table = tables.find((one) => one.caption?.textContent.startsWith(text));

		return [...table.tBodies[0].rows].map((tr) => [...tr.cells].map((cell) =>
			cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value)));
	}, caption);
}

// The groups that a trace's processes make, worked out from its edges one by one; of those edges that are
// shown.
function groupsOfTrace(isShown = () => true) {
	const edges = sql(`SELECT sender_id, receiver_id, mechanism, messages, bytes, transit_sum_ns, transit_max_ns,
		sender, receiver, object FROM edges`);
	const processes = new Map(sql('SELECT process_id, pid, comm, traced FROM processes')
		.map((p) => [p.process_id, p]));
	const senders = new Set(edges.map((e) => e.sender_id));
	const receivers = new Set(edges.map((e) => e.receiver_id));
	const groups = new Map();
	const groupOf = (id) => {
		const { comm, traced } = processes.get(id);
		const key = JSON.stringify([comm, traced, senders.has(id), receivers.has(id)]);

		if (!groups.has(key))
			groups.set(key, { key, ids: new Set(), sent: 0, received: 0 });
		groups.get(key).ids.add(id);
		return groups.get(key);
	};
	const links = new Map();

	for (const { sender_id, receiver_id, mechanism, ...e } of edges.filter(isShown)) {
		const [from, to] = [groupOf(sender_id), groupOf(receiver_id)];
		const key = `${from.key} ${to.key} ${mechanism}`;
		const link = links.get(key) ?? { from, to, mechanism, edges: 0, messages: 0, bytes: 0, sum_ns: 0,
			max_ns: 0 };

		from.sent += e.bytes;
		to.received += e.bytes;
		link.edges++;
		link.messages += e.messages;
		link.bytes += e.bytes;
		link.sum_ns += e.transit_sum_ns;
		link.max_ns = Math.max(link.max_ns, e.transit_max_ns);
		links.set(key, link);
	}
	for (const group of groups.values()) {
		group.pids = [...group.ids].map((id) => processes.get(id).pid).sort((a, b) => a - b);
		const [comm, , sends, receives] = JSON.parse(group.key);
		const part = sends && receives ? 'sends and receives' : sends ? 'only sends' : 'only receives';

		group.name = `${comm} ${group.pids.length > 1 ? `×${group.pids.length}` : group.pids[0]}`;
		group.full = group.pids.length > 1 ? `${group.name} (${part})` : group.name;
	}
	return { nodes: [...groups.values()], links: [...links.values()].map((link) => ({ ...link,
		from: link.from.full, to: link.to.full, mechanism: { pipe: 'Pipe', fifo: 'FIFO' }[link.mechanism] })) };
}

const checks = {
	// One file, nothing said on the console, nothing asked of anyone, and quickly there.
	async opens(browser) {
		const times = [];

		assert.ok(statSync(file).size < SIZE_MAX, `${statSync(file).size} bytes`);
		for (let i = 0; i < 3; i++) {
			const page = await open(browser);

			assert.match(await page.getAttribute('meta[http-equiv]', 'content'), /^default-src 'none';/);
			assert.deepEqual(page.troubles, []);
			times.push(await page.evaluate(() =>
				performance.getEntriesByType('navigation')[0].loadEventEnd));
			await page.close();
		}
		assert.ok(Math.min(...times) < OPEN_MAX_MS, `opened in ${times} ms`);
	},

	async draws(browser) {
		for (const colorScheme of ['light', 'dark']) {
			const page = await open(browser, { colorScheme });

			for (const chart of ['flow', 'histogram', 'percentiles'])
				for (const mechanism of ['mechanism-0', 'mechanism-1'])
					assert.ok(await pixelsOf(page, chart, mechanism) > 150,
						`${chart} has ${mechanism} (${colorScheme})`);
			assert.deepEqual(page.troubles, []);
			await page.close();
		}
	},

	// Both ends of each arrow with name and pid, and what went over it.
	async flow(browser) {
		const page = await open(browser);
		const found = await tips(page, 'flow');

		for (const e of sql('SELECT * FROM edges')) {
			const title = `${e.sender} ${e.sender_pid} → ${e.receiver} ${e.receiver_pid}`;
			const tip = found.find((text) => text.startsWith(title));

			assert.ok(tip, `${title} in\n${found.join('\n---\n')}`);
			assert.ok(tip.includes(`(${e.bytes.toLocaleString('en-GB')})`), tip);
			assert.ok(tip.includes(e.messages.toLocaleString('en-GB')), tip);
		}
		assert.ok(found.some((text) => text.includes('not traced')));
		assert.match(await page.textContent('#flow-caption'), /n = 14,302 messages.*Lost: none/);
	},

	async switches(browser) {
		const page = await open(browser);
		const picture = (chart) => page.$eval(`#${chart} canvas`, (canvas) => canvas.toDataURL());
		const [flow, histogram] = [await picture('flow'), await picture('histogram')];

		await page.focus('#flow-switch input');
		await page.keyboard.press('ArrowRight');
		assert.notEqual(await picture('flow'), flow);
		await page.getByText('Receives', { exact: true }).first().click();
		assert.notEqual(await picture('histogram'), histogram);
		assert.match(await page.textContent('#histogram-caption'), /n = 14,263 calls/);
		assert.deepEqual(page.troubles, []);
	},

	// Every number of every table is the one that SQL gives.
	async numbers(browser) {
		const page = await open(browser);
		const same = async (id, query) => assert.deepEqual(
			(await allRows(page, id)).map((row) => row.filter((cell) => typeof cell === 'number')),
			sql(query).map((row) => Object.values(row).filter((value) => value !== null)));

		await same('edges', `SELECT bytes, messages, transit_p50_ns, transit_p90_ns, transit_p99_ns,
			transit_max_ns FROM edges ORDER BY bytes DESC`);
		await same('objects', `SELECT sent_bytes, received_bytes, sends, recvs, messages, processes,
			capacity, created_ns, closed_ns FROM objects ORDER BY bytes DESC`);
		await same('confidence', `SELECT messages, exact, inferred, ambiguous, bytes, exact_bytes,
			inferred_bytes, ambiguous_bytes FROM confidence ORDER BY bytes DESC`);
		await same('calls', `SELECT count, errors, CASE WHEN role IN ('send', 'recv') THEN bytes END,
			dur_p50_ns, dur_p90_ns, dur_p99_ns,
			dur_max_ns, dur_sum_ns, running_sum_ns, waiting_sum_ns, runnable_sum_ns
			FROM latency ORDER BY count DESC`);
		await same('processes', `SELECT pid, ppid,
			(SELECT coalesce(sum(bytes), 0) FROM edges WHERE sender_id = process_id) AS sent,
			(SELECT coalesce(sum(bytes), 0) FROM edges WHERE receiver_id = process_id) AS received,
			start_ns, exit_ns FROM processes ORDER BY sent + received DESC, process_id`);
		await same('ledger', 'SELECT seen, stored, lost FROM ledger ORDER BY mechanism');
	},

	// Where the time went: sums by mechanism and edge are SQL's, and bars are as long as their parts.
	async parts(browser) {
		const page = await open(browser);
		const sums = `sum(messages) AS messages, sum(transit_sum_ns) AS transit, sum(in_send_sum_ns) AS send,
			sum(in_object_sum_ns) AS object, sum(in_runq_sum_ns) AS runq, sum(in_recv_sum_ns) AS recv`;
		const rows = [
			...sql(`SELECT ${sums} FROM edges WHERE transit_sum_ns > 0 GROUP BY mechanism ORDER BY transit DESC`),
			...sql(`SELECT ${sums} FROM edges WHERE transit_sum_ns > 0
				GROUP BY object_id, sender_id, receiver_id ORDER BY transit DESC`)].map(Object.values);
		const bars = page.locator('#parts-bars .bar-row');

		for (const [, transit, ...parts] of rows)
			assert.equal(total(parts), transit);
		assert.deepEqual((await rowsOf(page, 'parts-table')).map((row) =>
			row.filter((cell) => typeof cell === 'number')), rows);
		assert.equal(await bars.count(), rows.length);
		for (const [i, [messages, transit, ...parts]] of rows.entries()) {
			const widths = await bars.nth(i).locator('.bar').evaluate((bar) => [...bar.children].map((part) =>
				part.getBoundingClientRect().width / bar.getBoundingClientRect().width));

			parts.forEach((ns, part) => assert.ok(Math.abs(widths[part] - ns / transit) < 0.01,
				`part ${part} of bar ${i} takes ${widths[part]}, not ${ns / transit}`));
			assert.ok((await bars.nth(i).textContent()).includes(`mean of ${number(messages)} messages`));
		}
		// A pointer or the keyboard brings the numbers; Escape takes them away.
		await bars.first().focus();
		await page.keyboard.press('Tab');
		assert.match(await page.textContent('.tip-frame'), /In the send call.+\(11 %\).*In the object.+\(53 %\)/);
		await page.keyboard.press('Escape');
		assert.equal(await page.locator('.tip-frame').count(), 0);
		assert.match(await tipOf(page, bars.nth(2)), /^tar 4701 → gzip 4702, pipe:\[4711\]/);
		// The longest of the means takes all its frame, the others less.
		await page.locator('#parts-switch').getByText('Mean', { exact: true }).click();
		const lengths = await page.$$eval('#parts-bars > div:last-child .bar', (all) =>
			all.map((bar) => bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width));
		const means = rows.slice(2).map(([messages, transit]) => transit / messages);

		lengths.forEach((length, i) => assert.ok(Math.abs(length - means[i] / Math.max(...means)) < 0.01));
		await page.locator('#filter input[value="fifo"]').uncheck({ force: true });
		assert.equal(await bars.count(), 2, 'edges of pipes; one mechanism alone has no bar');
		assert.deepEqual(page.troubles, []);
	},

	// How full channels were: the numbers are SQL's, and the small chart is as high as the fill.
	async pressure(browser) {
		const page = await open(browser);
		const rows = (await rowsOf(page, 'pressure')).map((row) => row.map((cell) => typeof cell === 'number'
			? Number(cell.toPrecision(6)) : cell));
		const shown = await page.$$eval('#pressure tbody tr', (trs) => trs.map((tr) =>
			[...tr.cells].slice(0, 9).map((td) => td.textContent)));
		const opener = page.locator('#pressure .opener').first();

		assert.deepEqual(shown, [
			['tar 4701', 'gzip 4702', 'pipe:[4711]Pipe', '64.0 KiB', '64.0 KiB', '50 %', '25 %', '10 %', '4'],
			['sha256sum 4703', '(outside)', '<img src=x onerror=window.pwned=1>Pipe', '64.0 KiB', '–', '–',
				'10 %', '0 %', '0']]);
		assert.deepEqual(rows[0].filter((cell) => typeof cell === 'number'),
			Object.values(sql(`SELECT capacity_bytes, max_bytes, mean_fill, full_share, empty_share,
				full_refusals FROM pressure WHERE object_id = 1`)[0]));
		// Steps from the floor at 22 to the roof at 6: nothing, half, half, full, full.
		assert.equal(await page.getAttribute('#pressure .fill-level >> nth=0', 'd'),
			'M0.00 22V22.00H22.00V22H44.00V14.00H66.00V14.00H88.00V6.00H110.00V6.00H132.00V22Z');
		assert.deepEqual(await page.$$eval('#pressure .fill-chart >> nth=0 >> .fill-full', (rects) =>
			rects.map((rect) => [rect.getAttribute('x'), rect.getAttribute('opacity')])),
		[['88.00', '1.000'], ['110.00', '0.500']]);
		assert.match(await tipOf(page, opener), /^tar 4701 → gzip 4702.*Full750 ms \(25 %\)/);
		await opener.press('Enter');
		assert.equal(await page.locator('.fill-detail .fill-target').count(), 5);
		assert.match(await tipOf(page, page.locator('.fill-detail .fill-target').last()), /Mean fill100 %.*Senders waited50 %/);
		await opener.click();
		assert.equal(await page.locator('.fill-detail').count(), 0);
		assert.equal(await page.evaluate(() => window.pwned), undefined);
		assert.deepEqual(page.troubles, []);
	},

	// What stands out is said at the head, as text, with what shows it.
	async findings(browser) {
		const page = await open(browser);

		assert.deepEqual(await page.$$eval('#findings li', (items) => items.map((li) => li.textContent)), [
			'pipe <img src=x onerror=window.pwned=1> (tar[4701] → gzip[4702]) had no room: senders waited '
				+ '750 ms, 25% of the time; 4 of 12,347 sends were refused ipctrace report --filter object=#1']);
		assert.equal(await page.textContent('#findings h2'), 'What stands out');
		assert.ok(await page.evaluate(() => document.getElementById('findings').compareDocumentPosition(
			document.getElementById('ledger')) & Node.DOCUMENT_POSITION_FOLLOWING));
		assert.equal(await page.evaluate(() => window.pwned), undefined);
		assert.deepEqual(page.troubles, []);
	},

	async noFindings(browser) {
		const page = await open(browser);

		assert.ok(!await page.isVisible('#findings'));
		assert.deepEqual(page.troubles, []);
	},

	async noPressure(browser) {
		const page = await open(browser);

		assert.ok(!await page.isVisible('#pressure'));
		assert.deepEqual(page.troubles, []);
	},

	// The table under the timeline holds what the file does; keys, buttons, wheel and drag move the view.
	async timeline(browser) {
		const page = await open(browser);
		const canvas = page.locator('#timeline-lanes canvas');
		const whole = await viewOf(page);

		assert.deepEqual(whole, { from: 0.9, to: 1.95 });
		assert.match(await page.textContent('#timeline-caption'), /^4 calls of 4 threads, 1 message\. /);
		await page.click('#timeline-table summary');
		await page.waitForSelector('#timeline-rows tbody tr');
		assert.deepEqual((await rowsOf(page, 'timeline-rows')).map((row) => row.slice(4, 9)),
			sql(`SELECT ts_ns, dur_ns, waiting_ns, runnable_ns, max(blocked_ns - waiting_ns - runnable_ns, 0)
				FROM ops ORDER BY ts_ns`).map(Object.values));
		assert.deepEqual((await rowsOf(page, 'timeline-rows')).map((row) => [row[0], row[1], row[3], row[9], row[10]]), [
			['<img src=x onerror=window.pwned=1> 4702', 'read', 'pipe:[4711]', 4099, 'tar [4701]'],
			['tar 4701', 'write', 'pipe:[4711]', 4099, '–'],
			['sha256sum 4703', 'read', '</script><b>two', '–', '–'],
			['<img src=x onerror=window.pwned=1> 4702 [4799]', 'write', '</script><b>two', 0, '–']]);

		assert.match(await canvas.getAttribute('aria-label'), /Plus and minus zoom/);
		await page.mouse.wheel(0, -100);
		assert.deepEqual(await viewOf(page), whole, 'without the focus the wheel is the page\'s');
		await canvas.focus();
		await page.keyboard.press('+');
		assert.deepEqual(await viewOf(page), { from: 1.096875, to: 1.753125 });
		assert.equal((await rowsOf(page, 'timeline-rows')).length, 2, 'the table is of what is in view');
		await page.keyboard.press('ArrowRight');
		assert.deepEqual(await viewOf(page), { from: 1.228125, to: 1.884375 });
		await page.keyboard.press('ArrowLeft');
		await page.keyboard.press('-');
		assert.deepEqual(await viewOf(page), whole);
		await page.getByRole('button', { name: 'Zoom in' }).click();
		assert.deepEqual(await viewOf(page), { from: 1.096875, to: 1.753125 });
		await page.getByRole('button', { name: 'Whole span' }).click();
		assert.deepEqual(await viewOf(page), whole);
		// The moment under the pointer stays under it.
		const { x, y, width } = await canvas.boundingBox();
		const gutter = 190;

		await page.mouse.move(x + gutter + (width - gutter) / 2, y + 30);
		await canvas.focus();
		await page.mouse.wheel(0, -300);
		await page.waitForFunction(() => !document.getElementById('timeline-whole').disabled);
		const zoomed = await viewOf(page);

		assert.ok(Math.abs((zoomed.from + zoomed.to) / 2 - 1.425) < 0.002
			&& zoomed.to - zoomed.from < 1, JSON.stringify(zoomed));
		await page.mouse.down();
		await page.mouse.move(x + gutter + (width - gutter) * 3 / 4, y + 30);
		await page.mouse.up();
		assert.ok((await viewOf(page)).from < zoomed.from, 'dragging to the right shows what was before');
		await page.keyboard.press('0');
		assert.deepEqual(await viewOf(page), whole);

		assert.equal(await page.evaluate(() => window.pwned), undefined);
		assert.deepEqual(page.troubles, []);
	},

	// A call is chosen by key or click; its message leads to the other end. The parts have their colours.
	async timelineCalls(browser) {
		for (const colorScheme of ['light', 'dark']) {
			const page = await open(browser, { colorScheme });
			const canvas = page.locator('#timeline-lanes canvas');
			const chosen = () => page.textContent('#timeline-chosen');

			for (const name of ['mechanism-0', 'part-runq', 'part-other'])
				assert.ok(await pixelsOf(page, 'timeline-lanes', name) > 30, `${name}, ${colorScheme}`);
			await canvas.focus();
			await page.keyboard.press('ArrowDown');
			assert.match(await chosen(), /^read by <img src=x onerror=window.pwned=1> 4702: /);
			assert.match(await chosen(), /waiting 100 ms, in the run queue 8\.00 ms.* woken by tar \[4701\]/);
			assert.match(await chosen(), / Other end: tar 4701\.$/);
			assert.ok(await pixelsOf(page, 'timeline-lanes', 'accent') > 100, 'it is framed');
			await page.keyboard.press('Enter');
			assert.match(await chosen(), /^write by tar 4701: .*bytes 4\.00 KiB, sent 1 message/);
			await page.keyboard.press('Escape');
			assert.match(await chosen(), /^Drag to move/);
			// Lanes: tar, gzip, its other thread, sha256sum, which never returned from 1.05 s on.
			const { width } = await canvas.boundingBox();
			const position = { x: 190 + (width - 190) * 0.6 / 1.05, y: 26 + 3.5 * 24 };

			await canvas.click({ position });
			assert.match(await chosen(), /^read by sha256sum 4703: .*object <\/script><b>two.*duration 900 ms, never returned/);
			await canvas.hover({ position: { ...position, x: position.x + 5 } });
			assert.match(await page.textContent('.tip-frame'), /^read by sha256sum 4703.*Other sleep900 ms/);
			await page.getByRole('button', { name: 'The slowest message' }).click();
			assert.match(await chosen(), /^read by <img/);
			// On paper is what is in view.
			await page.getByRole('button', { name: 'Zoom in' }).click();
			const view = await viewOf(page);

			await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
			assert.deepEqual(await viewOf(page), view);
			assert.ok(await pixelsOf(page, 'timeline-lanes', 'mechanism-0') > 30, 'in the colours of paper');
			await page.evaluate(() => dispatchEvent(new Event('afterprint')));
			await page.locator('#filter input[value="pipe"]').uncheck({ force: true });
			assert.ok(await pixelsOf(page, 'timeline-lanes', 'mechanism-0') < 30, 'the filter is heard');
			assert.equal(await page.evaluate(() => window.pwned), undefined);
			assert.deepEqual(page.troubles, []);
		}
	},

	// Of more than a page shows: the calls nearest to the slowest message's end, and how many that is.
	async timelineCut(browser) {
		const page = await open(browser);
		const [slowest] = sql(`SELECT received_ns AS at, transit_ns FROM messages
			ORDER BY transit_ns DESC LIMIT 1`);
		const near = `WITH near AS (SELECT *, max(ts_ns - ${slowest.at}, ${slowest.at} - ts_ns - dur_ns, 0) AS gap
			FROM ops ORDER BY gap, op_id LIMIT 2500)`;
		const [{ gap, first, last }] = sql(`${near} SELECT max(gap) AS gap, min(ts_ns) AS first,
			max(ts_ns + dur_ns) AS last FROM near`);
		const data = (await dataOf(page)).timeline;
		const caption = await page.textContent('#timeline-caption');

		assert.ok(statSync(file).size < SIZE_MAX, `${statSync(file).size} bytes`);
		assert.equal(slowest.transit_ns, 1000505003);
		assert.deepEqual([data.from_ns, data.to_ns], [Math.max(first, slowest.at - gap), Math.min(last, slowest.at + gap)]);
		assert.equal(data.lanes.length, 40);
		assert.ok(data.lanes.some(({ tid, process_id }) => tid === 4702 && process_id === 3));
		for (const [lane, start] of data.ops.map(([l, s]) => [l, s + data.from_ns]))
			assert.ok(data.lanes[lane] && start >= data.from_ns - 10007 && start <= data.to_ns);
		assert.equal(new Set(data.ops.map(([lane, start]) => `${lane} ${start}`)).size, data.ops.length);
		assert.ok(caption.startsWith(`From ${(data.from_ns / 1e9).toFixed(6)} s to ${
			(data.to_ns / 1e9).toFixed(6)} s around the end of the slowest message (1.00 s): ${
			number(data.ops.length)} of 18,002 calls of 40 of 54 threads, ${
			number(data.messages.length)} of 9,001 messages. Another span: ipctrace report --html PAGE `
			+ `--filter from=`), caption);
		await page.click('#timeline-table summary');
		await page.waitForSelector('#timeline-rows tbody tr');
		assert.match(await page.textContent('#timeline-rows .caption'), /^The first 500 of [\d,]+ calls in view/);
		assert.equal((await rowsOf(page, 'timeline-rows')).length, 500);
		// Closer there are fewer, and all of them stand in the table, as in the file.
		await page.locator('#timeline-lanes canvas').focus();
		for (let i = 0; i < 4; i++)
			await page.keyboard.press('+');
		const { from, to } = await viewOf(page);
		const rows = await rowsOf(page, 'timeline-rows');
		const tids = data.lanes.map(({ process_id, tid }) => `(${process_id}, ${tid})`);

		assert.ok(rows.length > 100 && rows.length < 500, `${rows.length} rows`);
		assert.deepEqual(rows.map((row) => row.slice(4, 6)), sql(`SELECT ts_ns, dur_ns FROM ops
			WHERE ts_ns + dur_ns >= ${Math.round(from * 1e9)} AND ts_ns <= ${Math.round(to * 1e9)}
				AND (process_id, tid) IN (VALUES ${tids}) ORDER BY ts_ns, op_id`).map(Object.values));
		assert.deepEqual(page.troubles, []);
	},

	// All calls and messages that began from 2 s to 2.1 s.
	async timelineSpan(browser) {
		const page = await open(browser);
		const [{ from, to, n }] = sql(`SELECT min(ts_ns) / 1e9 AS 'from', max(ts_ns + dur_ns) / 1e9 AS 'to',
			count(*) AS n FROM ops WHERE ts_ns >= 2e9 AND ts_ns < 2.1e9`);
		const view = await viewOf(page);

		assert.ok(Math.abs(view.from - from) < 1e-6 && Math.abs(view.to - to) < 1e-6, JSON.stringify(view));
		assert.match(await page.textContent('#timeline-caption'), new RegExp(`(^|: )[\\d,]+ of ${n} calls of 40 of 54`));
		assert.deepEqual(page.troubles, []);
	},

	// Before format 3 a file has no parts of a sleep.
	async timelineOld(browser) {
		const page = await open(browser);

		assert.match(await page.textContent('#timeline-legend'), /^PipeOff the CPU$/);
		await page.click('#timeline-table summary');
		await page.waitForSelector('#timeline-rows tbody tr');
		assert.deepEqual((await rowsOf(page, 'timeline-rows'))[0].slice(4, 9), [9e8, 1.2e8, '–', '–', 1.1e8]);
		assert.deepEqual(page.troubles, []);
	},

	async noTimeline(browser) {
		const page = await open(browser);

		assert.ok(!await page.isVisible('#timeline'));
		assert.deepEqual(page.troubles, []);
	},

	// An edge opens to all numbers of its parts, and closes again, also after sorting.
	async partsOfEdge(browser) {
		const page = await open(browser);
		const opener = page.locator('#edges .opener').first();
		const numbers = (part) => ['sum', 'p50', 'p90', 'p99', 'max'].map((name) => `${part}_${name}_ns`);
		const [edge] = sql('SELECT * FROM edges ORDER BY bytes DESC LIMIT 1');
		const expected = ['in_send', 'in_object', 'in_runq', 'in_recv', 'transit'].map((part) =>
			numbers(part).map((name) => edge[name]));
		const opened = () => page.$$eval('.parts-detail tbody tr', (trs) => trs.map((tr) =>
			[...tr.querySelectorAll('[data-value]')].map((td) => Number(td.dataset.value))));

		assert.equal(await page.locator('#edges .opener').count(),
			sql('SELECT count(*) AS n FROM edges WHERE in_send_sum_ns IS NOT NULL')[0].n);
		await opener.press('Enter');
		assert.equal(await opener.getAttribute('aria-expanded'), 'true');
		assert.deepEqual(await opened(), expected);
		await page.locator('#edges th button', { hasText: 'Bytes' }).click();
		assert.deepEqual(await opened(), expected);
		await opener.click();
		assert.deepEqual(await opened(), []);
		// What calls did is in their tooltips.
		assert.match(await tipOf(page, page.locator('#calls .bar-frame').first()),
			/Running.+\(30 %\)Waiting.+\(50 %\)Runnable.+\(17 %\)Other sleep.+\(3\.?\d* %\)/);
		assert.deepEqual(page.troubles, []);
	},

	// Many edges: like ones share a bar, twelve bars at first, all that there are after a click.
	async partsOfMany(browser) {
		const page = await open(browser);
		const bars = page.locator('#parts-bars > div:last-child .bar-row');
		const [{ messages, transit }] = sql(`SELECT sum(messages) AS messages, sum(transit_sum_ns) AS transit
			FROM edges`);
		const shown = async () => (await rowsOf(page, 'parts-table'))
			.filter((row) => row[1] !== 'all').map((row) => row.slice(4));

		assert.equal(await bars.count(), 12);
		assert.match(await page.textContent('#parts-caption'), /Shown are 12 of \d+ by edge\./);
		await page.locator('#parts-more').click();
		assert.ok(!await page.isVisible('#parts-more'));
		assert.deepEqual([total((await shown()).map((row) => row[0])),
			total((await shown()).map((row) => row[1]))], [messages, transit]);
		assert.deepEqual(page.troubles, []);
	},

	async withoutParts(browser) {
		const page = await open(browser);

		assert.ok(!await page.isVisible('#parts'));
		assert.equal(await page.locator('.part-send, .part-running').count(), 0);
		assert.equal(await page.locator('#calls th', { hasText: 'Off CPU' }).count(), 1);
		assert.deepEqual(page.troubles, []);
	},

	// The merged percentiles are those of all single values, within what a histogram promises.
	async percentiles(browser) {
		const page = await open(browser);
		const rows = await rowsOf(page, 'latency-table');
		const { edges } = scenarios[scenario]();
		const names = { Pipe: 'pipe', FIFO: 'fifo' };

		assert.equal(rows.length, 2);
		for (const [title, n, mean, p50, p90, p99, p999, max] of rows) {
			const values = edges.filter((e) => (e.mechanism ?? 'pipe') === names[title])
				.flatMap((e) => e.transit ?? []);
			const near = (a, b) => assert.ok(Math.abs(a - b) <= 0.01 * b, `${title}: ${a}, not ${b}`);

			assert.equal(n, values.length);
			assert.equal(max, Math.max(...values));
			near(mean, total(values) / values.length);
			[[p50, 0.5], [p90, 0.9], [p99, 0.99], [p999, 0.999]].forEach(([got, q]) =>
				near(got, quantile(values, q)));
		}
		const bins = (await dataOf(page)).latency.map((d) => [d.n, total(d.bins.filter((_, i) => i % 2))]);

		for (const [n, sum] of bins)
			assert.equal(sum, n);
	},

	// Where the bytes went: senders left, receivers right, also of what goes in a ring.
	async sankey(browser) {
		const page = await open(browser);
		const found = await tips(page, 'sankey-chart');
		const rows = sql(`SELECT sender || ' ' || sender_pid, object, iif(mechanism = 'pipe', 'Pipe', 'FIFO'),
			receiver || ' ' || receiver_pid, bytes, messages, 1 AS edges FROM edges WHERE bytes > 0 ORDER BY bytes DESC`)
			.map(Object.values);
		const has = (title, bytes) => assert.ok(found.some((text) => text.startsWith(`${title}\n`)
			&& text.includes(`(${number(bytes)})`)), `${title} ${bytes} in\n${found.join('\n---\n')}`);

		assert.deepEqual(await rowsOf(page, 'sankey-table'), rows);
		for (const [from, object, , to, bytes] of rows.slice(0, 2)) {
			has(`${from} → ${object}`, bytes);
			has(`${object} → ${to}`, bytes);
			has(object, bytes);
		}
		has('tar 4701 sent', rows[0][4]);
		has('sha256sum 4703 received', rows[1][4]);
		assert.match(await page.textContent('#sankey-caption'), new RegExp(`n = [\\d.]+ MiB in ${
			number(total(rows.map((row) => row[5])))} messages over 4 edges.*Lost: none`));
		assert.ok(!(await page.textContent('#sankey-caption')).includes('together'));
		assert.match(await page.getAttribute('#sankey-chart', 'aria-label'), /on 4 paths; the table/);
		for (const name of ['mechanism-0', 'node-line'])
			assert.ok(await pixelsOf(page, 'sankey-chart', name) > 150, name);
		await page.locator('#filter input[value="pipe"]').uncheck({ force: true });
		assert.deepEqual(await rowsOf(page, 'sankey-table'), rows.filter((row) => row[2] === 'FIFO'));
		await page.locator('#filter input[value="fifo"]').uncheck({ force: true });
		assert.ok(await page.isVisible('#sankey-none') && !await page.isVisible('#sankey-chart'));
		await page.locator('#filter-all').click();
		// A window without room for it, and with room again.
		for (const width of [20, 1400]) {
			await page.setViewportSize({ width, height: 900 });
			await page.evaluate(() => new Promise((done) => {
				requestAnimationFrame(() => requestAnimationFrame(done));
			}));
		}
		assert.ok(await pixelsOf(page, 'sankey-chart', 'mechanism-0') > 150);
		assert.deepEqual(page.troubles, []);
	},

	// Where there are many processes and objects, those of a program and of a mechanism are one.
	async sankeyGrouped(browser) {
		const page = await open(browser);
		const rows = sql(`SELECT sender, iif(mechanism = 'pipe', 'Pipe', 'FIFO') AS title, receiver,
			sum(bytes) AS bytes, sum(messages) AS messages, count(*) AS edges
			FROM edges GROUP BY sender, title, receiver ORDER BY 4 DESC`).map(Object.values);
		const plain = (name) => name.replace(/ (×[\d,]+|\d+)$/, '');

		assert.deepEqual((await rowsOf(page, 'sankey-table')).map(([from, , mechanism, to, ...numbers]) =>
			[plain(from), mechanism, plain(to), ...numbers]), rows);
		assert.match(await page.textContent('#sankey-caption'),
			/Processes of the same program stand together\. Objects of the same mechanism stand together\./);
		assert.deepEqual(page.troubles, []);
	},

	// Of more than there is room for the strongest stand alone, and no byte is missing.
	async sankeyFolded(browser) {
		const page = await open(browser);
		const [{ bytes, messages, senders, receivers }] = sql(`SELECT sum(bytes) AS bytes, sum(messages) AS messages,
			count(DISTINCT sender_id) AS senders, count(DISTINCT receiver_id) AS receivers FROM edges`);
		const rows = await rowsOf(page, 'sankey-table');
		const names = (i) => new Set(rows.map((row) => row[i]));

		assert.deepEqual([total(rows.map((row) => row[4])), total(rows.map((row) => row[5]))], [bytes, messages]);
		assert.equal(names(0).size, 13);
		assert.ok(names(0).has(`${senders - 12} others`) && names(3).has(`${receivers - 12} others`));
		for (const { sender, sent } of sql(`SELECT sender || ' ' || sender_pid AS sender, sum(bytes) AS sent FROM edges
			GROUP BY sender_id ORDER BY sent DESC LIMIT 12`))
			assert.equal(total(rows.filter((row) => row[0] === sender).map((row) => row[4])), sent);
		assert.ok((await page.textContent('#sankey-caption')).includes(
			`With the least bytes, together as others: ${senders - 12} senders, ${receivers - 12} receivers`));
		assert.ok((await page.locator('#sankey-chart').boundingBox()).height <= 620);
		assert.deepEqual(page.troubles, []);
	},

	// Mechanisms, objects and edges are picked from lists, by pointer or keyboard, and compared.
	async compare(browser) {
		for (const colorScheme of ['light', 'dark']) {
			const page = await open(browser, { colorScheme });
			const { edges } = scenarios[scenario]();
			const search = page.locator('#latency-picker input[type=search]');
			const entry = (text) => page.locator('.picks label', { hasText: text });
			const status = () => page.textContent('#latency-picker .status');
			const rows = () => rowsOf(page, 'latency-table');
			const near = (got, values) => [0.5, 0.9, 0.99, 0.999].forEach((q, i) => assert.ok(
				Math.abs(got[i] - quantile(values, q)) <= 0.01 * quantile(values, q), `p${100 * q}: ${got[i]}`));
			const check = ([name, , n, , ...rest], title, values) => {
				assert.deepEqual([name, n, rest[4]], [title, values.length, Math.max(...values)]);
				near(rest, values);
			};

			assert.equal(await status(), '2 of 11 picked');
			await entry('tar 4701 → gzip 4702').click();
			assert.equal(await status(), '3 of 11 picked');
			assert.equal(await page.textContent('#histogram-title'), 'Compared: histogram');
			await entry('/tmp/back-channel').first().click();
			const [fifo, pipe] = [edges.filter((e) => e.mechanism === 'fifo'), edges.filter((e) => !e.mechanism)]
				.map((some) => some.flatMap((e) => e.transit ?? []));
			const shown = await rows();

			assert.equal(shown.length, 4);
			check(shown[0], 'FIFO', fifo);
			check(shown[1], 'Pipe', pipe);
			check(shown[2], '/tmp/back-channel', fifo);
			check(shown[3], 'tar 4701 → gzip 4702', edges[0].transit);
			for (const chart of ['histogram', 'percentiles'])
				for (const name of ['series-1', 'series-2', 'series-3'])
					assert.ok(await pixelsOf(page, chart, name) > 100, `${chart} has ${name} (${colorScheme})`);
			assert.match((await tips(page, 'percentiles', 16)).join(),
				/\ntar 4701 → gzip 4702, pipe:\[4711\]\n/);
			assert.match(await page.getAttribute('#percentiles', 'aria-label'), /percentiles of FIFO, transit, Pipe,/);
			// The keyboard: from the box to what was found, and on with the arrows.
			await search.fill('SHA256 gzip');
			assert.equal(await status(), '1 found, 4 of 11 picked');
			assert.equal(await page.locator('.picks label:visible').count(), 1);
			await search.press('ArrowDown');
			await page.keyboard.press('Space');
			check((await rows())[4], 'gzip 4702 → sha256sum 4703', edges[1].transit);
			await search.fill('pipe:[4711]');
			assert.equal(await page.locator('.picks label:visible').count(), 2);
			await search.fill('');
			await entry('transit').first().locator('input').focus();
			await page.keyboard.press('End');
			await page.keyboard.press('Space');
			assert.equal(await status(), '6 of 11 picked');
			await page.keyboard.press('Tab');
			assert.ok(await page.evaluate(() => document.activeElement.closest('.pick-list').textContent.startsWith('Objects')),
				'Tab leads to the next list');
			// The filter leaves its mechanisms out; a measure, or a button, brings back all mechanisms.
			await page.locator('#filter input[value="fifo"]').uncheck({ force: true });
			assert.ok((await rows()).every(([name]) => name !== 'FIFO' && name !== '/tmp/back-channel'));
			await page.locator('#filter-all').click();
			await page.getByRole('button', { name: 'Clear' }).click();
			assert.match(await page.textContent('#latency-table'), /Nothing is picked/);
			await page.locator('#latency-switch').getByText('Sends', { exact: true }).click();
			assert.equal((await rows()).length, 2);
			await entry('receives').first().click();
			await page.getByRole('button', { name: 'All mechanisms' }).click();
			assert.equal(await page.textContent('#histogram-title'), 'Duration of send calls: histogram');
			assert.deepEqual(page.troubles, []);
		}
	},

	// Of many objects and edges those with the most time in transit can be picked, and how many that is.
	async compareCapped(browser) {
		const page = await open(browser);
		const [{ objects, edges }] = sql(`SELECT count(DISTINCT object_id) AS objects, count(*) AS edges
			FROM edges WHERE transit_hist IS NOT NULL`);
		const legends = await page.$$eval('.pick-list legend', (all) => all.map(({ textContent }) => textContent));
		const picked = async (of) => (await dataOf(page)).latency.filter((d) => d.of === of)
			.map((d) => [d.object_id, d.n]);

		assert.deepEqual(legends, ['Mechanisms',
			`Objects, the 40 of ${number(objects)} with the most time in transit`,
			`Edges, the 60 of ${number(edges)} with the most time in transit`]);
		assert.deepEqual(await picked('object'), sql(`SELECT object_id, sum(messages) FROM edges WHERE transit_hist IS NOT NULL
			GROUP BY object_id ORDER BY sum(transit_sum_ns) DESC, object_id LIMIT 40`).map(Object.values));
		assert.deepEqual(await picked('edge'), sql(`SELECT object_id, messages FROM edges WHERE transit_hist IS NOT NULL
			ORDER BY transit_sum_ns DESC, object_id, sender_id, receiver_id LIMIT 60`).map(Object.values));
		for (const box of await page.locator('.picks input').all())
			await box.check();
		assert.equal((await rowsOf(page, 'latency-table')).length, await page.locator('.picks input').count());
		assert.deepEqual(page.troubles, []);
	},

	// Each message is in the cell of when it was sent and how long it took.
	async heat(browser) {
		for (const colorScheme of ['light', 'dark']) {
			const page = await open(browser, { colorScheme });
			const [{ first, last }] = sql('SELECT min(first_ns) AS first, max(last_ns) AS last FROM edges WHERE transit_sum_ns > 0');
			const messages = sql('SELECT sent_ns, transit_ns FROM messages');
			const cells = new Map();
			const spans = new Map();

			for (const { sent_ns: sent, transit_ns: ns } of messages) {
				const column = Math.max(Math.min(Math.floor((sent - first) / (last - first) * 100), 99), 0);
				const row = Math.floor(Math.log10(ns) * 10 + 1e-9);

				cells.set(200 * column + row, (cells.get(200 * column + row) ?? 0) + 1);
				spans.set(Math.floor(column / 5), (spans.get(Math.floor(column / 5)) ?? 0) + 1);
			}
			const [map] = (await dataOf(page)).heat.maps;
			let at = 0;

			assert.deepEqual(map.cells.flatMap((n, i) => i % 2 ? [] : [[at += n, map.cells[i + 1]]]),
				[...cells].sort(([a], [b]) => a - b));
			assert.deepEqual((await rowsOf(page, 'heat-table')).map((row) => row[1]), [...spans.values()]);
			assert.match((await rowsOf(page, 'heat-table'))[0].slice(2).join(), /^2\.00 ms to 2\.51 ms,2\.00 ms/);
			assert.match(await page.textContent('#heat-caption'), new RegExp(`^n = ${number(messages.length)} messages`));
			assert.match((await tips(page, 'heat-chart', 5)).join('\n---\n'),
				/Sent from [\d.]+ s to [\d.]+ s\nTransit\n2\.00 ms to 2\.51 ms\nMessages\n\d+\nOf this span\n100 %/);
			assert.ok(await pixelsOf(page, 'heat-chart', 'heat-6') > 200, colorScheme);
			assert.deepEqual(page.troubles, []);
		}
	},

	// By mechanism: a choice, which the filter narrows.
	async heatChoice(browser) {
		const page = await open(browser);
		const counts = sql(`SELECT iif(mechanism = 'pipe', 'Pipe', 'FIFO') AS title, count(*) AS n
			FROM messages GROUP BY mechanism`);
		const sum = async () => total((await rowsOf(page, 'heat-table')).map((row) => row[1]));
		const all = total(counts.map(({ n }) => n));

		assert.deepEqual([counts.length, await sum()], [2, all]);
		for (const { title, n } of counts) {
			await page.selectOption('#heat-choice', { label: title });
			assert.equal(await sum(), n, title);
			assert.ok((await page.textContent('#heat-caption')).includes(`${title} ${number(n)}.`));
		}
		await page.locator('#filter input[value="pipe"]').uncheck({ force: true });
		assert.ok(await page.isVisible('#heat-none') && !await page.isVisible('#heat-chart'));
		await page.selectOption('#heat-choice', { label: 'All mechanisms' });
		assert.equal(await sum(), counts.find(({ title }) => title === 'FIFO').n);
		assert.deepEqual(page.troubles, []);
	},

	// Of very many messages some are looked up, and the page says how many.
	async heatSampled(browser) {
		const page = await open(browser);
		const n = total((await rowsOf(page, 'heat-table')).map((row) => row[1]));

		assert.ok(n > 300 && n < 600, `${n} of 9,001, about one in 20`);
		assert.ok((await page.textContent('#heat-caption')).startsWith(`n = ${n} messages and wake-ups with a known transit, `
			+ 'about one in 20, chosen by a hash of its number, of the 5,000,000 of the recording.'), await page.textContent('#heat-caption'));
	},

	async noHeat(browser) {
		const page = await open(browser);

		assert.ok(!await page.isVisible('#heat'));
		assert.deepEqual(page.troubles, []);
	},

	// What a screen reader needs: tables have names and their columns and rows heads, pictures a text.
	async accessible(browser) {
		const page = await open(browser);

		await page.$$eval('details', (all) => all.forEach((one) => {
			one.open = true;
		}));
		for (const opener of await page.locator('.opener').all())
			await opener.click();
		await page.waitForSelector('#timeline-rows tbody tr', { timeout: 1000 }).catch(() => {});
		const wrong = await page.evaluate(() => {
			const list = (selector, isWrong) => [...document.querySelectorAll(selector)].filter(isWrong)
				.map((node) => `${selector} in ${node.closest('section, header').id}: ${node.outerHTML.slice(0, 200)}`);
			const reachable = (node) => node.tabIndex >= 0 && node.getAttribute('role') === 'region'
				&& (node.hasAttribute('aria-label') || node.hasAttribute('aria-labelledby'));

			return [
				...list('table', (table) => !table.caption && !table.hasAttribute('aria-labelledby')
					&& !table.closest('#ledger')),
				...list('th', (th) => !['col', 'row'].includes(th.scope)),
				...list('main section tbody tr:not(.detail)', (tr) => !tr.querySelector('th, .none')
					&& !tr.closest('.equation, #ledger')),
				...list('[role=img]', (node) => !node.getAttribute('aria-label')),
				...list('input, select, canvas[tabindex]', (node) => !node.labels?.length && !node.getAttribute('aria-label')),
				...list('section', (node) => !node.hidden && !document.getElementById(node.getAttribute('aria-labelledby'))),
				...list('div.scroll', (node) => !reachable(node) && node.id !== 'flow'),
			];
		});

		assert.deepEqual(wrong, []);
		assert.deepEqual(page.troubles, []);
	},

	// A sheet of paper is 700 pixels wide between its margins: charts are drawn for it, and nothing is cut.
	async prints(browser) {
		const page = await open(browser, { colorScheme: 'dark', viewport: { width: 1400, height: 900 } });

		await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
		await page.emulateMedia({ media: 'print' });
		await page.setViewportSize({ width: 702, height: 900 });
		const wide = await page.evaluate(() => [...document.querySelectorAll('canvas, table, figure, svg')].filter((node) =>
			node.getBoundingClientRect().right > 703).map((node) => `${node.tagName} in ${node.closest('section').id} ${
			node.getBoundingClientRect().right}`));

		assert.deepEqual(wide, []);
		assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
		for (const chart of ['histogram', 'sankey-chart'])
			assert.ok(await pixelsOf(page, chart, 'mechanism-0') > 100, chart);
		for (const id of ['latency-picker', 'filter', 'heat-choice'])
			assert.ok(!await page.isVisible(`#${id}`), id);
		await page.evaluate(() => dispatchEvent(new Event('afterprint')));
		assert.ok((await page.pdf({ format: 'A4' })).length > 10000);
		assert.deepEqual(page.troubles, []);
	},

	async tables(browser) {
		const page = await open(browser);
		const head = (title) => page.locator('#edges th button', { hasText: title }).first();
		const column = async (i) => (await rowsOf(page, 'edges')).map((row) => row[i]);
		const bytes = await column(4);

		await head('Bytes').click();
		assert.deepEqual(await column(4), [...bytes].sort((a, b) => b - a));
		assert.equal(await page.locator('#edges th[aria-sort=descending]').count(), 1);
		await head('Bytes').press('Enter');
		assert.deepEqual(await column(4), [...bytes].sort((a, b) => a - b));
		await head('Sender').click();
		assert.deepEqual(await column(0), ['gzip 4702', 'sha256sum 4703', 'sha256sum 4703', 'tar 4701']);
		await head('p50').click();
		assert.equal((await column(6)).pop(), '–', 'rows without a value come last');
		await head('p50').click();
		assert.equal((await column(6)).pop(), '–', 'in both orders');

		const filter = page.locator('#edges input[type=search]');

		await filter.fill('GZIP sha');
		assert.deepEqual(await column(1), ['sha256sum 4703']);
		assert.match(await page.textContent('#edges .status'), /^1 of 4 rows$/);
		await filter.fill('126425088');
		assert.deepEqual(await column(0), ['tar 4701']);
		await filter.fill('no such thing');
		assert.deepEqual(await rowsOf(page, 'edges'), [['No row matches the filter.']]);
		await filter.fill('');
		assert.equal((await column(0)).length, 4);
		assert.deepEqual(page.troubles, []);
	},

	// Nothing of a trace runs, becomes an element, or is left out.
	async hostile(browser) {
		const page = await open(browser);
		const found = await tips(page, 'flow');
		const bytes = await tips(page, 'sankey-chart');

		assert.ok(found.some((text) => text.includes('</script><script>window.pwned=1</script> 4700')),
			found.join('\n'));
		assert.ok(bytes.some((text) => text.includes('→ "><img src=x onerror=window.pwned=5>')), bytes.join('\n'));
		for (const box of await page.locator('.picks input').all())
			await box.check();
		await page.locator('#latency-picker input[type=search]').fill('<img');
		assert.match((await tips(page, 'percentiles', 16)).join(), /<\/script><script>window\.pwned=1/);
		assert.equal(await page.evaluate(() => window.pwned), undefined);
		assert.equal(await page.locator('img, svg, b, body script:not(#trace) ~ script').count(), 0);
		assert.equal(await page.textContent('#command'), '</script><script>window.pwned=1</script>');
		const text = await page.innerText('body');

		for (const part of ['"><img src=x onerror=window.pwned=2>', '"><img src=x onerror=window.pwned=5>',
			'<!--<script>', '{{constructor}}', '{name|x}{pid|fake}', '\\u2028<!--', '<b>\ufffd\ufffd\ufffd\ufffdbad',
			'\\u202egnp.exe\\x0a\\x1b[31m', '<img src=x onerror=window.pwned=6>'])
			assert.ok(text.includes(part), part);
		for (const notice of ['1 call lost, 33.3 % of all seen', 'The ledger does not balance',
			'This recording was cut off', '1 histogram could not be read'])
			assert.ok(text.includes(notice), notice);
		assert.deepEqual(page.troubles, []);
	},

	// Each mechanism has its place in each part; what only wakes or shares claims no bytes.
	async every(browser) {
		const page = await open(browser);
		const names = sql('SELECT name, title, family FROM mechanism ORDER BY mechanism_id');
		const text = async (id) => page.$eval(`#${id}`, (part) => part.textContent);

		assert.equal(names.length, 20);
		for (const id of ['filter', 'flow-caption', 'ledger', 'flow-arrows'])
			for (const { title } of names)
				assert.ok((await text(id)).includes(title), `${title} in ${id}`);
		for (const table of ['edges', 'objects', 'calls']) {
			const titles = new Set((await allRows(page, table)).flat());

			for (const { title } of names)
				assert.ok(titles.has(title), `${title} in ${table}`);
		}
		// Edges: bytes, messages and four times of data; no bytes of sync; no number of shared.
		const numbers = (rows) => rows.map((row) => row.filter((cell) => typeof cell === 'number'));
		const values = (query) => sql(query).map((row) => Object.values(row).filter((v) => v !== null));
		const cells = numbers(await allRows(page, 'edges'));
		const kinds = sql('SELECT kind, min(500, count(*)) AS n FROM edges GROUP BY kind');
		const n = Object.fromEntries(kinds.map(({ kind, n: count }) => [kind, count]));

		assert.deepEqual(cells.slice(0, n.data), values(`SELECT bytes, messages, transit_p50_ns,
			transit_p90_ns, transit_p99_ns, transit_max_ns FROM edges WHERE kind = 'data'
			ORDER BY bytes DESC, messages DESC, object_id, sender_id, receiver_id LIMIT 500`));
		assert.deepEqual(cells.slice(n.data, n.data + n.sync), values(`SELECT messages, transit_p50_ns,
			transit_p90_ns, transit_p99_ns, transit_max_ns FROM edges WHERE kind = 'sync'
			ORDER BY messages DESC, object_id, sender_id, receiver_id`));
		assert.deepEqual(cells.slice(n.data + n.sync), Array(n.shared).fill([]));
		assert.deepEqual(numbers(await rowsOf(page, 'passed')), values(`SELECT sender_fd, receiver_fd,
			sent_ns, received_ns, received_ns - sent_ns FROM passed_fds`));
		assert.deepEqual(numbers(await allRows(page, 'mappings')).sort(), values(`SELECT length,
			file_offset, mapped_ns, unmapped_ns, reads, writes FROM mappings a
			LEFT JOIN touches t ON t.object_id = a.object_id AND t.process_id = a.process_id`).sort());
		assert.deepEqual((await rowsOf(page, 'left')).map((row) => row[1]),
			['key 0x00005678', '/jobs', 'id 3']);
		assert.deepEqual(numbers(await rowsOf(page, 'left')).map(([capacity]) => capacity),
			[1048576, 81920, 1000000 + 18]);
		const ended = (await allRows(page, 'objects')).filter(([title]) =>
			['Signal', 'Futex in shared memory', 'Memory of another process'].includes(title));

		assert.deepEqual(ended.map((row) => row.slice(-2)), Array(3).fill(['–', '–']));
		// What the kernel or a ring hides.
		const notices = await page.innerText('#notices');

		assert.match(notices, /This kernel cannot trace sysv_mq, sysv_sem\..*no BTF of struct ipc_namespace/);
		assert.match(notices, /2 io_urings were set up\. What is done through them is not seen\./);
		assert.match(await page.innerText('#sums'), /810\s+wake-ups\s+5\s+shared in memory/);
		assert.match(await page.textContent('#flow-caption'),
			/n = 31,530 messages, 6\.44 MiB, 810 wake-ups and shared memory between/);
		// Each arrow's tooltip says what its kind has.
		const found = await tips(page, 'flow');
		const tip = (title) => found.find((one) => one.includes(title)) ?? '';

		assert.match(tip('\neventfd\n'), /→[^]*Wake-ups\n[\d,]+\nWake latency/);
		assert.match(tip('Shared anonymous mapping'), /↔[^]*Mappings\n[\d,]+/);
		for (const one of found.filter((text2) => /Wake-ups|Mappings/.test(text2)))
			assert.ok(!/Bytes/.test(one), one);
		assert.ok(found.some((one) => one.startsWith('192.0.2.1:443')), 'an end outside has its address');
		assert.deepEqual(page.troubles, []);
	},

	async everyHostile(browser) {
		const page = await open(browser);
		const text = await page.innerText('body');

		await tips(page, 'flow');
		assert.equal(await page.evaluate(() => window.pwned), undefined);
		assert.equal(await page.locator('main img, main svg, main b, main i:not(.swatch, .part)').count(), 0);
		for (const part of ['<b>socket</b>\\x1b[31m', '<i>a second</i> \\x1b[31mreason'])
			assert.ok(text.includes(part), part);
		assert.ok((await allRows(page, 'processes')).some((row) => row[0] === '</script>\\x1b[2J'));
		assert.ok((await allRows(page, 'objects')).some((row) =>
			row.includes('memfd:<img src=x onerror=window.pwned=1>')));
		assert.deepEqual(page.troubles, []);
	},

	async filters(browser) {
		const page = await open(browser);
		const box = (name) => page.locator(`#filter input[value="${name}"]`);
		const family = (name) => page.locator('#filter .family button', { hasText: name });
		const titles = async (id, i) => new Set((await allRows(page, id)).map((row) => row[i]));
		const before = await drawnCounts(page);

		await box('unix_stream').uncheck({ force: true });
		assert.ok(!(await titles('edges', 2)).has('UNIX stream socket'));
		assert.ok(!(await titles('latency-table', 0)).has('UNIX stream socket'));
		assert.ok((await drawnCounts(page)).arrows < before.arrows);
		assert.match(await page.textContent('#filter-status'), /19 of 20 mechanisms shown/);
		await family('Synchronisation').click();
		assert.match(await page.textContent('#filter-status'), /15 of 20 mechanisms shown/);
		assert.ok(!(await titles('calls', 0)).has('eventfd'));
		assert.ok(!(await page.textContent('#flow-caption')).includes('wake-up'));
		await family('Synchronisation').click();
		assert.ok((await titles('calls', 0)).has('eventfd'));
		// One alone, then none, then all again.
		await page.locator('#filter .chip', { hasText: 'POSIX message queue' }).dblclick();
		assert.deepEqual([...await titles('objects', 0)], ['POSIX message queue']);
		assert.deepEqual(await drawnCounts(page), { boxes: '2 boxes of processes', arrows: 1 });
		await box('posix_mq').uncheck({ force: true });
		assert.ok(await page.isVisible('#flow-none'));
		await page.locator('#filter-all').click();
		assert.deepEqual(await drawnCounts(page), before);
		assert.ok(!await page.isVisible('#flow-none'));
		assert.deepEqual(page.troubles, []);
	},

	async losses(browser) {
		const page = await open(browser);
		const lost = '1,020 of 29,556 calls (3.45 %)';

		assert.match(await page.innerText('#notices'), /1,020 calls lost, 3.45 % of all seen/);
		assert.match(await page.innerText('#notices'), /This recording was cut off/);
		assert.match(await page.innerText('#ledger'), /ring full\s+1,013\s+0\s+1,013/);
		for (const caption of ['flow', 'histogram', 'percentiles'])
			assert.ok((await page.innerText(`#${caption}-caption`)).includes(`Lost: ${lost}`), caption);
	},

	async empty(browser) {
		const page = await open(browser);

		assert.match(await page.innerText('#flow'), /Nothing went from one process to another/);
		assert.match(await page.innerText('#latency-table'), /No message and no call has a duration/);
		assert.match(await page.innerText('#edges'), /No process sent anything/);
		assert.equal(await page.locator('canvas').count(), 0);
		assert.deepEqual(page.troubles, []);
	},

	// Where there are many processes, like ones are one box; all numbers are those of the edges.
	async grouped(browser) {
		const page = await open(browser);
		const { nodes, links } = groupsOfTrace();
		const caption = await page.textContent('#flow-caption');
		const found = await tips(page, 'flow');

		assert.match(caption, /Grouped: processes of the same program that all only send/);
		assert.ok(!caption.includes('Shown are'), caption);
		assert.ok(caption.includes(`n = ${number(total(links.map((l) => l.messages)))} messages`), caption);
		assert.deepEqual(await drawnCounts(page), { boxes: `${nodes.length} boxes of processes`,
			arrows: links.length });
		assert.deepEqual(await arrowRows(page), links.map(Object.values).sort());
		for (const { name, pids, sent, received } of nodes) {
			const tip = found.find((text) => text.startsWith(`${name}\n`)
				&& text.includes(`(${number(sent)})`) && text.includes(`(${number(received)})`));

			assert.ok(tip, `${name} ${sent} ${received} in\n${found.join('\n---\n')}`);
			if (pids.length > 1)
				assert.ok(tip.includes(pids.slice(0, 20).join(', ')
					+ (pids.length > 20 ? ` and ${pids.length - 20} more` : '')), tip);
		}
		assert.deepEqual(page.troubles, []);
	},

	// The switch shows the single processes and the groups again; what is too large is made to fit.
	async ungrouped(browser) {
		const page = await open(browser);
		const [{ n }] = sql(`SELECT count(*) AS n FROM (SELECT sender_id FROM edges
			UNION SELECT receiver_id FROM edges)`);
		const grouped = await drawnCounts(page);
		const rows = sql(`SELECT count(*) AS edges, sum(messages) AS messages, sum(bytes) AS bytes,
			sum(transit_sum_ns) AS sum_ns, max(transit_max_ns) AS max_ns FROM edges GROUP BY sender_id, receiver_id, mechanism`)
			.map(Object.values);

		assert.match(grouped.boxes, / boxes of processes$/);
		await page.locator('#flow-nodes').getByText('None', { exact: true }).click();
		assert.deepEqual(await drawnCounts(page), { boxes: `${n} processes`, arrows: rows.length });
		assert.deepEqual((await arrowRows(page)).map((row) => row.slice(3)).sort(), rows.sort());
		assert.ok(!(await page.textContent('#flow-caption')).includes('Grouped'));
		await sizes(page);
		await page.getByText('Messages', { exact: true }).first().click();
		assert.deepEqual(await drawnCounts(page), { boxes: `${n} processes`, arrows: rows.length });
		await page.focus('#flow-nodes input:checked');
		await page.keyboard.press('ArrowRight'); // from the last to the first one
		assert.deepEqual(await drawnCounts(page), grouped);
		assert.match(await page.textContent('#flow-caption'), /Grouped/);
		assert.deepEqual(page.troubles, []);
	},

	// The width of arrows is by bytes, messages or time, and a key says what the widest one stands for.
	async widths(browser) {
		const page = await open(browser);
		const [most] = sql(`SELECT max(bytes) AS bytes, max(messages) AS messages, max(sum_ns) AS sum_ns,
			(SELECT sum(transit_sum_ns) FROM edges) AS all_ns
			FROM (SELECT sum(bytes) AS bytes, sum(messages) AS messages, sum(transit_sum_ns) AS sum_ns
				FROM edges GROUP BY sender_id, receiver_id, mechanism)`);
		const pictures = new Set();

		for (const [label, text] of [['Messages', `messages:${compact(most.messages)}`],
			['Time', `summed transit:${duration(most.sum_ns)}`], ['Bytes', `bytes:${bytes(most.bytes)}`]]) {
			await page.locator('#flow-switch').getByText(label, { exact: true }).click();
			assert.ok((await page.textContent('#flow-caption')).includes(`Width by ${text}`), label);
			pictures.add(await page.$eval('#flow canvas', (canvas) => canvas.toDataURL()));
			assert.equal((await page.textContent('#flow-caption')).includes(
				`${duration(most.all_ns)} in transit`), label === 'Time');
		}
		assert.equal(pictures.size, 3, 'three pictures');
		assert.ok((await tips(page, 'flow')).some((tip) => tip.includes(`Transit summed\n${duration(most.sum_ns)}`)));
		assert.deepEqual(page.troubles, []);
	},

	// A click opens a group into its strongest members and a box for the rest, which opens further; a click
	// on a member closes it. Nothing is lost of the sums.
	async opensGroups(browser) {
		const page = await open(browser);
		const closed = await drawnCounts(page);
		const [{ bytes: all }] = sql('SELECT sum(bytes) AS bytes FROM edges');
		const singles = async (n) => {
			const rows = await arrowRows(page);
			const shown = sql(`WITH talk AS (SELECT sender_id AS id, bytes, messages FROM edges
					WHERE sender_id NOT IN (SELECT receiver_id FROM edges)),
				first AS (SELECT id FROM talk GROUP BY id ORDER BY sum(bytes) DESC, sum(messages) DESC, id LIMIT ${n})
				SELECT 'sched-messaging ' || sender_pid AS "from", count(*) AS edges, sum(messages) AS messages,
					sum(bytes) AS bytes, sum(transit_sum_ns) AS sum_ns, max(transit_max_ns) AS max_ns
				FROM edges WHERE sender_id IN first AND receiver <> 'perf' GROUP BY sender_id`);

			assert.equal(total(rows.map((row) => row[5])), all);
			assert.deepEqual(rows.filter(([from, to]) => /^sched-messaging \d/.test(from) && to !== 'perf 4700')
				.map(([from, , , ...numbers]) => [from, ...numbers]).sort(), shown.map(Object.values).sort());
			assert.equal((await drawnCounts(page)).boxes, `${n + 3} boxes of processes`);
		};

		await clickDrawing(page, 'sched-messaging ×100 (only sends)');
		await singles(24);
		assert.ok((await arrowRows(page)).some(([from]) => from === 'sched-messaging ×76 more (only sends)'));
		assert.match(await page.textContent('#flow-caption'), /one on a member, in blue, closes its group/);
		assert.ok(await pixelsOf(page, 'flow', 'node-member') > 1000, 'members have their colour');
		await clickDrawing(page, 'sched-messaging ×76 more');
		await singles(48);
		await clickDrawing(page, (await arrowRows(page)).find(([from]) => /^sched-messaging \d/.test(from))[0]);
		assert.deepEqual(await drawnCounts(page), closed);
		// The button closes all.
		await clickDrawing(page, 'sched-messaging ×100 (only sends)');
		await clickDrawing(page, 'sched-messaging ×100 (sends and receives)');
		assert.equal((await drawnCounts(page)).boxes, '51 boxes of processes');
		await page.click('#flow-close');
		assert.deepEqual(await drawnCounts(page), closed);
		assert.ok(!await page.isVisible('#flow-close'));
		assert.deepEqual(page.troubles, []);
	},

	// The same without a pointer.
	async opensByKeyboard(browser) {
		const page = await open(browser);
		const closed = await drawnCounts(page);

		await page.focus('#flow');
		await page.keyboard.press('Tab');
		assert.match(await focused(page), /^sched-messaging ×100.*: opens the group$/);
		const [first] = [await focused(page)];

		await page.keyboard.press('ArrowRight');
		assert.match(await focused(page), /^sched-messaging ×100.*: opens the group$/);
		assert.notEqual(await focused(page), first);
		await page.keyboard.press('Home');
		assert.equal(await focused(page), first);
		await page.keyboard.press('Enter');
		assert.match(await focused(page), /^sched-messaging \d+: closes the group$/);
		assert.equal((await drawnCounts(page)).boxes, '27 boxes of processes');
		await page.keyboard.press('Space');
		assert.equal(await focused(page), first);
		assert.deepEqual(await drawnCounts(page), closed);
		// An arrow is highlighted when it has the focus, and Enter opens its panel; Escape goes back.
		const picture = () => page.$eval('#flow canvas', (canvas) => canvas.toDataURL());
		const before = await picture();

		await page.keyboard.press('Tab');
		assert.match(await focused(page), /^sched-messaging ×100.*→ .*messages, /);
		await page.waitForFunction((old) => document.querySelector('#flow canvas').toDataURL() !== old, before);
		const arrow = await focused(page);

		await page.keyboard.press('Enter');
		assert.ok(arrow.startsWith(await focused(page)), 'the title has the focus');
		await page.keyboard.press('Escape');
		assert.ok(!await page.isVisible('#flow-panel'));
		assert.equal(await focused(page), arrow);
		assert.deepEqual(page.troubles, []);
	},

	// By parent: the family is one box, whatever its members do.
	async byParent(browser) {
		const page = await open(browser);

		await page.locator('#flow-nodes').getByText('Parent', { exact: true }).click();
		assert.deepEqual(await drawnCounts(page), { boxes: '2 boxes of processes', arrows: 2 });
		assert.deepEqual(await arrowRows(page), sql(`SELECT 'children of perf 4700 ×200 (sends and receives)' AS "from",
			CASE receiver WHEN 'perf' THEN 'perf 4700' ELSE 'children of perf 4700 ×200 (sends and receives)' END AS "to",
			'Pipe' AS mechanism, count(*) AS edges, sum(messages), sum(bytes), sum(transit_sum_ns),
			max(transit_max_ns) FROM edges GROUP BY receiver = 'perf'`).map(Object.values).sort());
		assert.match(await page.textContent('#flow-caption'), /Grouped: processes of the same parent share a box/);
		assert.equal(await page.locator('#flow-nodes').getByText('cgroup').count(), 0, 'the file knows none');
		assert.deepEqual(page.troubles, []);
	},

	// By control group, where the file knows them; who has none stands alone.
	async byCgroup(browser) {
		const page = await open(browser);

		await page.locator('#flow-nodes').getByText('cgroup', { exact: true }).click();
		assert.deepEqual(await drawnCounts(page), { boxes: '3 boxes of processes', arrows: 4 });
		assert.deepEqual(await arrowRows(page), sql(`SELECT s.cgroup || ' ×40 (sends and receives)' AS "from",
			coalesce(r.cgroup || ' ×40 (sends and receives)', 'perf 4700') AS "to", 'Pipe' AS mechanism,
			count(*) AS edges, sum(messages), sum(bytes), sum(transit_sum_ns), max(transit_max_ns)
			FROM edges JOIN processes s ON s.process_id = sender_id JOIN processes r ON r.process_id = receiver_id
			GROUP BY s.cgroup, r.cgroup`).map(Object.values).sort());
		assert.match(await page.textContent('#flow-caption'), /Grouped: processes of the same control group share/);
		await clickDrawing(page, '/test.slice/<img src=x onerror=window.pwned=1>/group-2.scope ×40');
		assert.equal((await drawnCounts(page)).boxes, '27 boxes of processes');
		assert.equal(await page.evaluate(() => window.pwned), undefined);
		assert.deepEqual(page.troubles, []);
	},

	// Text and mechanism leave edges out, and what is left is grouped as before.
	async searches(browser) {
		const page = await open(browser);
		const whole = await drawnCounts(page);
		const shown = (isShown) => groupsOfTrace(isShown).links.map(Object.values).sort();

		await search(page, 'COLLECT');
		assert.deepEqual(await arrowRows(page), shown((e) => [e.sender, e.receiver].includes('collect')));
		assert.match(await page.textContent('#flow-caption'), /Shown is what is chosen above/);
		await page.locator('#filter input[value="fifo"]').uncheck({ force: true });
		assert.deepEqual(await arrowRows(page), shown((e) => [e.sender, e.receiver].includes('collect')
			&& e.mechanism === 'pipe'));
		await page.locator('#filter-all').click();
		// Several words must all be there: an end, its pid, or the object.
		const [edge] = sql("SELECT * FROM edges WHERE receiver <> 'make' AND sender <> 'make' ORDER BY bytes LIMIT 1");

		await search(page, `${edge.sender} ${edge.sender_pid} ${edge.object}`);
		assert.deepEqual((await arrowRows(page)).map((row) => row[5]), [edge.bytes]);
		await search(page, 'nobody');
		assert.ok(await page.isVisible('#flow-none'));
		await search(page, '');
		assert.deepEqual(await drawnCounts(page), whole);
		assert.deepEqual(page.troubles, []);
	},

	// The panel of an arrow that is one edge: all its numbers are SQL's.
	async panel(browser) {
		const page = await open(browser);
		const [edge] = sql('SELECT * FROM edges WHERE object_id = 1');
		const name = `${edge.sender} ${edge.sender_pid} → ${edge.receiver} ${edge.receiver_pid}`;
		const numbersOf = (rows) => rows.map((row) => row.filter((cell) => typeof cell === 'number'));
		const messages = (order, n) => sql(`SELECT sent_ns, transit_ns, in_send_ns, in_object_ns, in_runq_ns,
			in_recv_ns, bytes FROM messages WHERE object_id = 1 ORDER BY ${order} LIMIT ${n}`).map(Object.values);

		assert.ok(!await page.isVisible('#flow-panel'));
		await clickDrawing(page, name);
		assert.equal(await page.textContent('#flow-panel h3'), name);
		assert.deepEqual(numbersOf(await panelTable(page, 'Figures')), [[1, edge.messages, edge.bytes,
			edge.transit_p50_ns, edge.transit_p90_ns, edge.transit_p99_ns, edge.transit_max_ns,
			edge.transit_sum_ns]]);
		assert.deepEqual(numbersOf(await panelTable(page, 'Parts')), [...['in_send', 'in_object', 'in_runq',
			'in_recv'].map((part) => ['sum', 'p50', 'p90', 'p99', 'max'].map((key) => edge[`${part}_${key}_ns`])),
		['sum', 'p50', 'p90', 'p99', 'max'].map((key) => edge[`transit_${key}_ns`])]);
		assert.ok(await pixelsOf(page, 'flow-histogram', 'mechanism-0') > 100, 'the histogram is drawn');
		assert.match(await page.textContent('#flow-histogram-caption'),
			new RegExp(`^Transit of ${number(edge.messages)} messages\\.`));
		assert.deepEqual(numbersOf(await panelTable(page, `The slowest 8 of ${number(edge.messages)} messages`)),
			messages('transit_ns DESC, message_id', 8));
		assert.deepEqual(numbersOf(await panelTable(page, `The first 4 of ${number(edge.messages)} messages`)),
			messages('sent_ns, message_id', 4));
		assert.ok((await panelTable(page, 'The slowest'))[0].includes('exact'));
		// Each table names itself, its columns and its rows.
		assert.deepEqual(await page.$$eval('#flow-panel table', (tables) => tables.filter((table) => !table.caption
			|| [...table.querySelectorAll('th')].some((th) => !th.scope)).length), 0);
		// The arrow's table opens the others.
		await page.locator('#flow-arrows summary').click();
		await page.locator('#flow-arrows .opener').last().click();
		assert.notEqual(await page.textContent('#flow-panel h3'), name);
		assert.equal(await focused(page), await page.textContent('#flow-panel h3'));
		await page.locator('#flow-panel').getByText('Close', { exact: true }).click();
		assert.ok(!await page.isVisible('#flow-panel'));
		// What is left out above takes its panel along.
		await clickDrawing(page, name);
		await page.locator('#filter input[value="pipe"]').uncheck({ force: true });
		assert.ok(!await page.isVisible('#flow-panel'));
		assert.deepEqual(page.troubles, []);
	},

	// Of an edge to the outside there is no transit, and of one whose messages are not in the page it is said.
	async panelWithout(browser) {
		const page = await open(browser);

		await clickDrawing(page, 'sha256sum 4703 → bash 901');
		assert.match(await page.textContent('#flow-panel'), /1 call to or from a process outside .* has no transit/);
		assert.ok(!await page.isVisible('#flow-histogram'));
		assert.deepEqual(page.troubles, []);
	},

	// The panel of an arrow between groups: sums of its edges, and percentiles that are near.
	async panelOfGroup(browser) {
		const page = await open(browser);
		const name = 'sched-messaging ×100 (only sends) → sched-messaging ×100 (sends and receives)';
		const edges = scenarios[scenario]().edges.filter(({ to }) => to !== 1);
		const values = edges.flatMap(({ transit }) => transit);
		const sums = sql(`SELECT sum(in_send_sum_ns) AS send, sum(in_object_sum_ns) AS object,
			sum(in_runq_sum_ns) AS runq, sum(in_recv_sum_ns) AS recv, sum(transit_sum_ns) AS transit
			FROM edges WHERE receiver_id <> 1`).flatMap(Object.values);

		await clickDrawing(page, name);
		assert.equal(await page.textContent('#flow-panel h3'), name);
		const [row] = await panelTable(page, 'Figures');
		const [edgesShown, messages, size, , p50, p90, p99, max, sum] = row;

		assert.deepEqual([edgesShown, messages, size, max, sum], [edges.length, values.length, total(edges.map((e) => e.bytes)),
			Math.max(...values), total(values)]);
		[[p50, 0.5], [p90, 0.9], [p99, 0.99]].forEach(([got, q]) => {
			const truth = quantile(values, q);

			assert.ok(Math.abs(got - truth) < 0.05 * truth, `p${100 * q}: ${got}, not ${truth}`);
		});
		assert.match(await page.textContent('#flow-panel-figures'), /≈/);
		assert.match(await page.textContent('#flow-histogram-caption'), /can be off by 4.5 %/);
		assert.deepEqual((await panelTable(page, 'Parts')).map((cells) => cells.find((cell) => typeof cell === 'number')),
			sums);
		assert.deepEqual((await panelTable(page, `The 10 strongest of ${number(edges.length)} edges`))
			.map((cells) => cells.filter((cell) => typeof cell === 'number')), sql(`SELECT messages, bytes,
			transit_p50_ns, transit_p99_ns, transit_max_ns, transit_sum_ns FROM edges WHERE receiver_id <> 1
			ORDER BY bytes DESC, messages DESC, sender_id, receiver_id LIMIT 10`).map(Object.values));
		// It stays while its arrow does.
		await page.locator('#flow-switch').getByText('Time', { exact: true }).click();
		assert.ok(await page.isVisible('#flow-panel'));
		await clickDrawing(page, 'sched-messaging ×100 (only sends)');
		assert.ok(!await page.isVisible('#flow-panel'));
		assert.deepEqual(page.troubles, []);
	},

	// Nothing of a hostile trace's names runs in the panels of its arrows.
	async panelsHostile(browser) {
		const page = await open(browser);

		await page.locator('#flow-arrows summary').click();
		const openers = page.locator('#flow-arrows .opener');

		assert.ok(await openers.count() > 2);
		for (let i = 0; i < await openers.count(); i++) {
			await openers.nth(i).click();
			assert.equal(await page.locator('#flow-panel :is(img, svg, script, b)').count(), 0);
			assert.ok((await page.textContent('#flow-panel h3')).length > 3);
		}
		await search(page, '<script>');
		assert.equal(await page.evaluate(() => window.pwned), undefined);
		assert.deepEqual(page.troubles, []);
	},

	// Few processes stand as they are, each with its tooltip, in little room.
	async single(browser) {
		const page = await open(browser);
		const processes = sql(`SELECT comm, pid FROM processes WHERE process_id IN
			(SELECT sender_id FROM edges UNION SELECT receiver_id FROM edges)`);
		const [{ arrows, sent }] = sql('SELECT count(*) AS arrows, sum(bytes) AS sent FROM edges');
		const found = await tips(page, 'flow');

		assert.deepEqual(await drawnCounts(page), { arrows,
			boxes: `${processes.length} ${processes.length === 1 ? 'process' : 'processes'}` });
		for (const { comm, pid } of processes)
			assert.ok(found.some((text) => text.startsWith(`${comm} ${pid}\nSent`)),
				`${comm} ${pid} in\n${found.join('\n---\n')}`);
		for (const { sender, sender_pid, receiver, receiver_pid } of sql('SELECT * FROM edges'))
			assert.ok(found.some((text) => text.startsWith(
				`${sender} ${sender_pid} → ${receiver} ${receiver_pid}\n`)), `${sender} → ${receiver}`);
		assert.equal(total((await arrowRows(page)).map((row) => row[5])), sent);
		assert.ok(!await page.isVisible('#flow-nodes'), 'there is nothing to choose');
		assert.ok(!await page.isVisible('#flow-size'));
		assert.ok((await frame(page)).height <= 400, 'a small graph is small');
		assert.deepEqual(page.troubles, []);
	},

	// Processes without a common parent are grouped by their program.
	async parents(browser) {
		const page = await open(browser);

		assert.deepEqual(await drawnCounts(page), { boxes: '3 boxes of processes', arrows: 2 });
		assert.deepEqual((await arrowRows(page)).map((row) => row.slice(0, 4)),
			[['as ×70 (sends and receives)', 'log 4840', 'Pipe', 70],
				['cc1 ×70 (only sends)', 'as ×70 (sends and receives)', 'Pipe', 70]]);
		assert.match(await page.textContent('#flow-caption'),
			/Grouped: processes of the same program that all only send/);
	},

	// A tangle of 100 processes is shown whole, in a frame that does not grow with it.
	async tangled(browser) {
		const page = await open(browser);
		const [{ n }] = sql('SELECT count(*) AS n FROM (SELECT DISTINCT sender_id, receiver_id FROM edges)');

		assert.deepEqual(await drawnCounts(page), { boxes: '100 processes', arrows: n });
		assert.ok(await pixelsOf(page, 'flow', 'node-line') > 1000, 'boxes are there');
		await sizes(page);
		assert.deepEqual(page.troubles, []);
	},

	// What is left out is said.
	async caps(browser) {
		const page = await open(browser);
		const [{ n }] = sql('SELECT count(*) AS n FROM edges');

		assert.ok((await page.innerText('#edges')).includes(`The 500 of ${number(n)} with the most bytes`));
		assert.equal((await rowsOf(page, 'edges')).length, 20);
		assert.deepEqual((await allRows(page, 'edges')).map((row) => row[4]),
			sql('SELECT bytes FROM edges ORDER BY bytes DESC LIMIT 500').map((row) => row.bytes));
	},

	// Of processes that cannot be grouped those with the strongest connections are shown, and how many that
	// are of how many.
	async largest(browser) {
		const page = await open(browser);
		const all = sql(`SELECT sender_id, receiver_id, sum(bytes) AS bytes FROM edges
			GROUP BY sender_id, receiver_id ORDER BY sum(bytes) DESC`);
		const ends = new Set();

		for (const { sender_id, receiver_id } of all)
			if (new Set([...ends, sender_id, receiver_id]).size <= 100)
				ends.add(sender_id).add(receiver_id);
		const links = all.filter((l) => ends.has(l.sender_id) && ends.has(l.receiver_id));
		const share = Math.floor(100 * total(links.map((l) => l.bytes)) / total(all.map((l) => l.bytes)));
		const processes = new Set(all.flatMap((l) => [l.sender_id, l.receiver_id])).size;

		assert.deepEqual((await arrowRows(page)).map((row) => row[5]).sort((a, b) => b - a),
			links.map((l) => l.bytes));
		assert.ok((await page.textContent('#flow-caption')).includes(`Shown are 100 of ${processes} processes `
			+ `and ${links.length} of ${all.length} arrows with ${share} % of all bytes`),
		await page.textContent('#flow-caption'));
	},

	async adapts(browser) {
		const page = await open(browser, { colorScheme: 'light' });
		const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		const light = await background();

		await page.emulateMedia({ colorScheme: 'dark' });
		assert.notEqual(await background(), light);
		assert.ok(await pixelsOf(page, 'flow', 'mechanism-0') > 150, 'charts are drawn again');
		await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
		assert.equal(await background(), light, 'paper is white');
		assert.ok(await pixelsOf(page, 'flow', 'mechanism-0') > 150, 'charts for paper');
		await page.evaluate(() => dispatchEvent(new Event('afterprint')));
		await page.setViewportSize({ width: 700, height: 900 });
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
			'no sideways scrolling of the page');
		assert.deepEqual(page.troubles, []);
	},
};

await browse(checks[check]);
