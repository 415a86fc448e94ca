/**
 * Prepares what is published to npm: Node does not run TypeScript from node_modules, so the package in the workspace (whose
 * entry is src/index.ts) and the published one (dist/index.js) differ. Writes .cache/smux-ts in the repository root; then
 * `npm publish .cache/smux-ts`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const here = new URL('./', import.meta.url);
const stage = new URL('../../.cache/smux-ts/', here);

rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: here, stdio: 'inherit' });
for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md'])
  cpSync(new URL(file, here), new URL(file, stage));
const manifest = JSON.parse(readFileSync(new URL('package.json', here), 'utf8'));
manifest.exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
manifest.files = ['dist', 'CHANGELOG.md'];
writeFileSync(new URL('package.json', stage), `${JSON.stringify(manifest, null, 2)}\n`);
