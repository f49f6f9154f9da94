// SPDX-License-Identifier: BSD-2-Clause
// What the page of a large recording must hold: node large.mjs TRACE PAGE; large.bats makes both.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { browse, open } from './browser.mjs';

const SIZE_MAX = 1.5e6;
const ELEMENTS_MAX = 5000; // when it opens
const ROWS_MAX = 500; // of a table, when all of it is shown
const [trace, file] = process.argv.slice(2);

function sql(query) {
	return JSON.parse(execFileSync('sqlite3', ['-json', '-readonly', trace, query], { encoding: 'utf8' }))[0];
}

function number(n) {
	return n.toLocaleString('en-US');
}

async function check(browser) {
	const page = await open(browser, pathToFileURL(file).href);
	const all = sql(`SELECT (SELECT count(*) FROM ops) AS ops, (SELECT count(*) FROM messages) AS messages,
		(SELECT count(*) FROM edges) AS edges, (SELECT count(*) FROM objects) AS objects,
		(SELECT count(*) FROM processes) AS processes, (SELECT count(*) FROM pressure) AS directions`);
	const caption = (id) => page.textContent(`#${id}-caption`);

	assert.ok(all.ops >= 1e6 && all.processes > 500, JSON.stringify(all));
	assert.ok(await page.evaluate(() => document.querySelectorAll('*').length) < ELEMENTS_MAX);

	// What is left out is said, with numbers of all of it.
	assert.ok((await caption('edges')).includes(`The ${number(ROWS_MAX)} of ${number(all.edges)} with`));
	assert.ok((await caption('processes')).includes(`The ${number(ROWS_MAX)} of ${number(all.processes)} with`));
	assert.match(await caption('pressure'), new RegExp(`\\b\\d+ of ${number(all.directions)}\\.`));
	assert.ok((await caption('timeline')).includes(` of ${number(all.ops)} calls`));
	assert.match(await caption('flow'),
		new RegExp(` of ${number(all.edges)} arrows|n = ${number(all.messages)} messages`));

	for (const more of await page.$$('.more'))
		if (await more.isVisible() && await more.isEnabled())
			await more.click();
	for (const [id, rows] of await page.$$eval('table', (tables) => tables.map((table) =>
		[table.closest('[id]').id, table.tBodies[0].rows.length])))
		assert.ok(rows <= ROWS_MAX, `${rows} rows in ${id}`);
	assert.deepEqual(page.troubles, []);
}

assert.ok(statSync(file).size < SIZE_MAX, `${statSync(file).size} bytes`);

await browse(check);
