// SPDX-License-Identifier: BSD-2-Clause
// What the page of a bench must do in a browser: it opens without a message or a request, its tables hold
// what SQL says, its switches change the charts. Usage: node bench.mjs BENCH PAGE
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { browse, open } from './browser.mjs';

const SIZE_MAX = 1.5e6;
const [bench, file] = process.argv.slice(2);
const url = pathToFileURL(file).href;

function sql(query) {
	const out = execFileSync('sqlite3', ['-json', '-readonly', bench, query], { encoding: 'utf8' });

	return out.trim() ? JSON.parse(out) : [];
}

// A chart's pixels, to see that it was drawn anew.
const pixels = (page, id) => page.$eval(`#${id}-chart canvas`, (canvas) => canvas.toDataURL());

async function checkTables(page) {
	for (const [id, view] of [['best', 'best'], ['what', 'facts'], ['results', 'results'], ['skipped', 'skipped'],
		['limits', 'limits'], ['crossing', 'crossing'], ['crossovers', 'crossovers'], ['probes', 'probes']]) {
		const [{ n }] = sql(`SELECT count(*) AS n FROM ${view}`);
		const more = page.locator(`#${id} > .more`);

		if (await more.isVisible())
			await more.click();
		assert.equal(await page.locator(`#${id} tbody tr:not(:has(td.none))`).count(), n, id);
	}
	const values = await page.$$eval('#results td.number[data-value]', (cells) => cells.map((td) => td.dataset.value));

	for (const { rtt } of sql('SELECT rtt_p50_ns AS rtt FROM results WHERE rtt_p50_ns IS NOT NULL'))
		assert.ok(values.includes(String(rtt)), `round trip ${rtt}`);
}

async function checkCharts(page) {
	for (const [id, title] of [['latency', 'Round trip, median: pingpong'], ['throughput', 'Bytes a second: stream']])
		assert.ok((await page.textContent(`#${id}-title`)).startsWith(title));
	const before = await pixels(page, 'latency');

	await page.locator('#latency-switch').getByText('p99', { exact: true }).click();
	assert.match(await page.textContent('#latency-title'), /99 of 100/);
	const p99 = await pixels(page, 'latency');

	assert.notEqual(p99, before);
	await page.locator('#filter .chip', { hasText: 'Pipe' }).click();
	assert.notEqual(await pixels(page, 'latency'), p99);
	assert.equal(await page.locator('#results tbody tr', { hasText: 'Pipe' }).count(), 0);
	await page.locator('#filter-all').click();
	await page.locator('#latency-chart').hover();
}

await browse(async (browser) => {
	const page = await open(browser, url);

	assert.ok(statSync(file).size < SIZE_MAX);
	assert.equal(await page.textContent('#command'), sql(
		"SELECT value FROM meta WHERE key = 'command'")[0].value);
	await checkTables(page);
	await checkCharts(page);
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.emulateMedia({ media: 'print' });
	assert.equal(await page.evaluate(() => window.executed), undefined);
	assert.deepEqual(page.troubles, []);
});
