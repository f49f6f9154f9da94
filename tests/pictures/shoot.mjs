// SPDX-License-Identifier: BSD-2-Clause
// node shoot.mjs PAGE PNG SCALE SECTIONS [CHOICES]: a picture of neighbouring sections of the HTML report, after
// clicks on labels. The columns of the table `pictures` say how both are written. playwright-core comes from
// $IPCT_BIN/page-test, the browser from $CHROMIUM.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { chromium } = createRequire(join(process.env.IPCT_BIN, 'page-test', 'package.json'))('playwright-core');

const VIEWPORT = { width: 1100, height: 900 };
const MARGIN = 16;
const TRIES = 50;

const [page_file, png, scale, sections, choices] = process.argv.slice(2);

const selectorOf = (name) => name === 'header' ? 'body > header' : `section[aria-labelledby="${name}-title"]`;

// The rectangle around all of them.
async function around(page, names) {
	const boxes = [];

	for (const name of names) {
		const box = await page.locator(selectorOf(name)).boundingBox({ timeout: 5000 });

		if (!box || !box.height)
			throw new Error(`${page_file} shows no section ${name}`);
		boxes.push(box);
	}
	const least = (side) => Math.min(...boxes.map((box) => box[side]));
	const most = (side, size) => Math.max(...boxes.map((box) => box[side] + box[size]));
	const x = Math.max(0, least('x') - MARGIN);
	const y = Math.max(0, least('y') - MARGIN);

	return { x, y, width: most('x', 'width') + MARGIN - x, height: most('y', 'height') + MARGIN - y };
}

// Charts are drawn a few frames later: a picture is done when the next one is the same.
async function still(page, clip) {
	let before = Buffer.alloc(0);

	for (let i = 0; i < TRIES; i++) {
		const now = await page.screenshot({ clip, fullPage: true, animations: 'disabled' });

		if (now.equals(before))
			return now;
		before = now;
	}
	throw new Error(`${page_file} does not come to rest`);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });

try {
	const page = await browser.newPage({ viewport: VIEWPORT, deviceScaleFactor: Number(scale),
		colorScheme: 'light', reducedMotion: 'reduce' });

	await page.goto(pathToFileURL(page_file).href);
	for (const choice of (choices || '').split(',').filter(Boolean)) {
		const [id, label] = choice.split('=');

		await page.locator(`#${id}`).getByText(label, { exact: true }).click({ timeout: 5000 });
	}
	writeFileSync(png, await still(page, await around(page, sections.split(','))));
} finally {
	await browser.close();
}
