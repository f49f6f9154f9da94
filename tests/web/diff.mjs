// SPDX-License-Identifier: BSD-2-Clause
// What the page of `ipctrace diff --html` must do in a browser.
// As a program: node diff.mjs CHECK JSON PAGE; diff.bats runs one after the other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { browse, open as openPage } from './browser.mjs';

const [check, json, file] = process.argv.slice(2);
const data = JSON.parse(readFileSync(json, 'utf8'));
const url = pathToFileURL(file).href;

// The page, with what is wrong with it in `troubles`.
function open(browser, options = {}) {
	return openPage(browser, url, options);
}

function rowsOf(page, id) {
	return page.$$eval(`#${id} tbody tr`, (rows) => rows.map((tr) => [...tr.cells].map((td) =>
		td.dataset.value === undefined ? td.textContent : Number(td.dataset.value))));
}

// Whether anything but the background was drawn.
function isDrawn(page, id) {
	return page.$eval(`#${id} canvas`, (canvas) => {
		const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');

		copy.drawImage(canvas, 0, 0);
		return copy.getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte);
	});
}

const both = data.items.filter(({ status }) => status === 'both');
const significant = both.flatMap((item) => item.changes.filter((it) => it.significant));
const shown = both.flatMap((item) => item.changes.filter(({ a, b }) => a || b));

const checks = {
	async changes(browser) {
		for (const colorScheme of ['light', 'dark']) {
			const page = await open(browser, { colorScheme });
			const rows = await rowsOf(page, 'changes');

			assert.ok(rows.length > 0);
			assert.deepEqual(rows.map((row) => [row[3], row[4]]), significant.map(({ a, b }) => [a, b]));
			if (await page.locator('#all .more').isVisible())
				await page.locator('#all .more').click();
			assert.equal((await rowsOf(page, 'all')).length, shown.length);
			assert.ok(await isDrawn(page, 'curves-histogram'));
			assert.ok(await isDrawn(page, 'curves-percentiles'));
			assert.deepEqual((await rowsOf(page, 'groups')).map((row) => row.slice(2)),
				data.groups.map((group) => [group.processes_a, group.processes_b]));
			assert.match(await page.textContent('#verdict'),
				new RegExp(`^${significant.length} of ${data.comparisons} comparisons`));
			// by keyboard: another distribution
			await page.focus('#curves-choice');
			const before = await page.textContent('#curves-parts');

			await page.keyboard.press('End');
			assert.notEqual(await page.textContent('#curves-parts'), before);
			// tables sort: by the size of the change
			await page.getByRole('button', { name: 'Change' }).first().click();
			const sizes = (await rowsOf(page, 'changes')).map((row) => Math.abs(Math.log(row[5])));

			assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
			assert.deepEqual(page.troubles, []);
			await page.close();
		}
	},
	async same(browser) {
		const page = await open(browser);

		assert.match(await page.textContent('#changes'), /Nothing changed beyond noise/);
		assert.match(await page.textContent('#verdict'), /^No significant change in \d+ comparisons/);
		assert.deepEqual(page.troubles, []);
	},
	async alone(browser) {
		const page = await open(browser);

		assert.deepEqual((await rowsOf(page, 'alone')).map((row) => row.slice(0, 2)).sort(),
			[['A', 'old → worker'], ['B', 'new → worker']]);
		assert.deepEqual(page.troubles, []);
	},
	async hostile(browser) {
		const page = await open(browser);

		assert.equal(await page.locator('img, b, i:not(.swatch)').count(), 0);
		assert.equal(await page.locator('script').count(), 2);
		assert.match(await page.textContent('#all'), /<img src=x onerror=alert\(1\)>/);
		assert.match(await page.textContent('#notices'), /<\/script><script>alert\(4\)/);
		assert.ok(!(await page.innerText('body')).includes('\u202e'));
		assert.deepEqual(page.troubles, []);
	},
};

await browse(checks[check]);
