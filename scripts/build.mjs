// npm run build: dist/main.js (Electron's main process), dist/preload.cjs, dist/headless.js (the `sockeye` command) and dist/renderer/ (the window).
// Everything but node: and electron is inlined, so that a packed app is dist/ and nothing else.
// `node scripts/build.mjs headless FILE` builds the command alone, elsewhere: for tests, which may run beside a build.
import { build as bundle } from 'esbuild';
import { chmodSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

process.chdir(join(import.meta.dirname, '..'));
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const started = performance.now();

/** CommonJS dependencies ask for node: modules with `require`, which an ES module has to be given. */
const REQUIRE = `import { createRequire as createRequire__ } from 'node:module';\nconst require = createRequire__(import.meta.url);`;

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  external: ['electron'],
  legalComments: 'external',
  logLevel: 'warning',
  define: {
    SOCKEYE_VERSION: JSON.stringify(version),
    // ws looks for optional native helpers unless told that there are none
    'process.env.WS_NO_BUFFER_UTIL': '"1"',
    'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
  },
};

async function program(entry, outfile, banner = '') {
  await bundle({
    ...common,
    entryPoints: [entry],
    outfile,
    format: 'esm',
    banner: { js: banner + REQUIRE },
  });
}

async function window() {
  if (!existsSync('renderer/index.html')) {
    console.log('renderer/index.html is absent: the window is not built');
    return;
  }
  const { build } = await import('vite');
  await build({ configFile: 'vite.config.ts', logLevel: 'warn' });
}

/** Bytes of a file, or of all files below a folder. */
function size(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + size(join(path, name)), 0);
}

const command = (outfile) => program('core/host/cli.ts', outfile, '#!/usr/bin/env node\n');

const [part, elsewhere] = process.argv.slice(2);
if (part === 'headless' && elsewhere !== undefined) {
  await command(elsewhere);
  process.exit();
}
await Promise.all([
  program('electron/main.ts', 'dist/main.js'),
  command('dist/headless.js'),
  // a sandboxed preload script can not be an ES module
  bundle({
    ...common,
    entryPoints: ['electron/preload.ts'],
    outfile: 'dist/preload.cjs',
    format: 'cjs',
  }),
  window(),
]);
chmodSync('dist/headless.js', 0o755);
for (const path of ['dist/main.js', 'dist/preload.cjs', 'dist/headless.js', 'dist/renderer']) {
  if (existsSync(path)) console.log(`${path.padEnd(18)} ${Math.ceil(size(path) / 1024)} KiB`);
}
console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
