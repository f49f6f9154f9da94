// SPDX-License-Identifier: BSD-2-Clause
// Builds the pages of `ipctrace report --html`, of a trace and of a bench, and `ipctrace diff --html`: the code in src/ bundled
// with the packages of the lock file, the style sheet and a template become one file each, in which
// only @DATA@ is left for the program to fill in. Usage: node build.mjs OUTPUT_FOLDER; the packages
// are installed there.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2]);
const modules = join(out, 'node_modules');
const esbuild = createRequire(join(out, 'package.json'))('esbuild');

const css = await esbuild.transform(readFileSync(join(web, 'page.css'), 'utf8'), {
	loader: 'css',
	minify: true,
});

// The licences of what was bundled travel with it.
function licences(inputs) {
	const names = new Set();

	for (const path of inputs)
		for (const match of path.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g))
			names.add(match[1]);
	return [...names].sort().map((name) => {
		const { version } = JSON.parse(readFileSync(join(modules, name, 'package.json')));
		const texts = ['LICENSE', 'LICENSE.txt', 'NOTICE', 'CopyrightNotice.txt']
			.map((file) => join(modules, name, file))
			.filter(existsSync)
			.map((file) => readFileSync(file, 'utf8').trim());

		if (!texts.length)
			throw new Error(`package ${name} brings no licence text`);
		return `${name} ${version}\n\n${texts.join('\n\n')}`;
	});
}

function hash(text) {
	return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

// src/ENTRY.js and templates/NAME.html become NAME.html.
async function build(entry, name) {
	const bundle = await esbuild.build({
		absWorkingDir: web,
		entryPoints: [`src/${entry}.js`],
		nodePaths: [modules],
		bundle: true,
		minify: true,
		write: false,
		metafile: true,
		format: 'iife',
		target: 'es2020',
		charset: 'utf8',
		legalComments: 'none',
		define: { 'process.env.NODE_ENV': '"production"' },
	});
	const template = readFileSync(join(web, '..', 'templates', `${name}.html`), 'utf8');
	const notice = licences(Object.keys(bundle.metafile.inputs))
		.join(`\n\n${'-'.repeat(72)}\n\n`)
		.replaceAll('\r', '')
		.replaceAll('*/', '* /')
		.replaceAll('<', '‹')
		.replaceAll('>', '›');
	const script = `${bundle.outputFiles[0].text.trim()}\n/*\n${notice}\n*/\n`;
	const style = css.code.trim();
	const filled = {
		CSP: [
			"default-src 'none'",
			`script-src ${hash(script)}`,
			`style-src ${hash(style)}`,
			'img-src data:',
			"base-uri 'none'",
			"form-action 'none'",
		].join('; '),
		STYLE: style,
		SCRIPT: script,
	};
	const page = template.replace(/@(CSP|STYLE|SCRIPT)@/g, (_, key) => filled[key]);

	if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style))
		throw new Error('the bundle would end its own element');
	if (page.split('@DATA@').length !== 2)
		throw new Error('the page must have @DATA@ exactly once');
	writeFileSync(join(out, `${name}.html.new`), page);
	renameSync(join(out, `${name}.html.new`), join(out, `${name}.html`));
}

await build('main', 'page');
await build('bench/main', 'bench');
await build('diff', 'diff');
