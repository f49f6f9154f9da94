// SPDX-License-Identifier: BSD-2-Clause
// The browser that the tests of pages share. playwright-core comes from $IPCT_BIN/page-test, the browser
// from $CHROMIUM.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(join(process.env.IPCT_BIN, 'page-test', 'package.json'))('playwright-core');

// Start a browser, do `use(browser)`, and end it whatever comes of that.
export async function browse(use) {
	const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox',
		'--disable-gpu', '--disable-background-networking', '--disable-component-update',
		'--disable-sync', '--no-first-run'] });

	try {
		await use(browser);
	} finally {
		await browser.close();
	}
}

// A page at `url` on which any message, error, dialogue or request is kept in `troubles`.
export async function open(browser, url, options = {}) {
	const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...options });

	page.troubles = [];
	page.on('console', (message) => page.troubles.push(`${message.type()}: ${message.text()}`));
	page.on('pageerror', (error) => page.troubles.push(`error: ${error.stack}`));
	page.on('dialog', (dialog) => {
		page.troubles.push(`dialogue: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.on('request', (request) => {
		if (request.url() !== url && request.url() !== 'data:,')
			page.troubles.push(`request: ${request.url()}`);
	});
	await page.goto(url);
	return page;
}
