/**
 * Packs a small project with the real electron-builder.yml and looks at what came out, so that a change of that file, or of
 * electron-builder, can not ship sources, dependencies or open fuses unseen. Electron's binary is not needed: a stub that holds
 * the fuse wire stands for it. Its layout: sentinel, version byte, count byte, then one ASCII digit per fuse.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const BUILDER = join(ROOT, 'node_modules/electron-builder/cli.js');
const CONFIG = join(ROOT, 'electron-builder.yml');

const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** In the order of the wire. Electron 45 has a ninth fuse, which the configuration leaves as it came. */
const FUSES = [
  ['runAsNode', false],
  ['enableCookieEncryption', true],
  ['enableNodeOptionsEnvironmentVariable', false],
  ['enableNodeCliInspectArguments', false],
  ['enableEmbeddedAsarIntegrityValidation', true],
  ['onlyLoadAppFromAsar', true],
  ['loadBrowserProcessSpecificV8Snapshot', false],
  ['grantFileProtocolExtraPrivileges', false],
] as const;
const FUSES_AS_SHIPPED = '1'.repeat(9);

const TRAY_STATES = ['on', 'off', 'problem'] as const;
const TRAY_PICTURES = [
  ...TRAY_STATES.flatMap((state) => [
    `tray-${state}.png`,
    `tray-${state}@2x.png`,
    `tray-${state}.ico`,
    `tray-${state}Template.png`,
    `tray-${state}Template@2x.png`,
  ]),
  'trayTemplate.png',
  'trayTemplate@2x.png',
];

const builderFile = z.object({
  electronFuses: z.record(z.string(), z.boolean()),
  linux: z.object({ icon: z.string() }),
  mac: z.object({ icon: z.string(), entitlements: z.string(), hardenedRuntime: z.literal(true) }),
  win: z.object({ icon: z.string() }),
  nsis: z.object({ deleteAppDataOnUninstall: z.literal(false), perMachine: z.literal(false) }),
});

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function config(): Promise<z.infer<typeof builderFile>> {
  return builderFile.parse(parse(await readFile(CONFIG, 'utf8')));
}

async function put(
  folder: string,
  path: string,
  content: string | Buffer = '// stands for a file of the build\n',
): Promise<string> {
  const full = join(folder, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, content);
  return full;
}

/** A project like this one after `npm run build`, with everything planted that must not be packed. */
async function project(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sockeye-packaging-'));
  t.after(() => rm(folder, { recursive: true, maxRetries: 3 }));
  const wire = Buffer.concat([
    Buffer.from(FUSE_SENTINEL),
    Buffer.from([1, 9]),
    Buffer.from(FUSES_AS_SHIPPED),
  ]);
  await chmod(await put(folder, 'stub/electron', Buffer.concat([Buffer.from('#!/bin/sh\n'), wire])), 0o755);
  await mkdir(join(folder, 'stub/resources'));
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await cp(join(ROOT, 'assets'), join(folder, 'assets'), { recursive: true });
  for (const path of [
    'main.js',
    'preload.cjs',
    'headless.js',
    'renderer/index.html',
    'renderer/assets/index.js',
  ]) {
    await put(folder, `dist/${path}`);
  }
  for (const path of [
    'dist/main.js.map',
    'dist/renderer/assets/index.js.map',
    'core/address.ts',
    'core/address.test.ts',
  ]) {
    await put(folder, path);
  }
  await put(folder, 'node_modules/ws/package.json', '{"name":"ws","version":"8.23.0","main":"index.js"}');
  await put(folder, 'node_modules/ws/index.js');
  await put(
    folder,
    'packages/smux-ts/package.json',
    '{"name":"smux-ts","version":"0.1.0","main":"index.js"}',
  );
  await put(folder, 'packages/smux-ts/index.js');
  await symlink('../packages/smux-ts', join(folder, 'node_modules/smux-ts'), 'dir');
  return folder;
}

/** electron-builder for Linux x64 without an installer, on a project that {@link project} made. */
async function pack(folder: string, configPath: string): Promise<Run> {
  const child = spawn(
    process.execPath,
    [
      BUILDER,
      ...['--linux', 'dir', '--x64', '--projectDir', folder, '--config', configPath],
      `-c.electronDist=${join(folder, 'stub')}`,
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, output: out + err };
}

interface AsarFolder {
  readonly files: Readonly<Record<string, AsarFolder | { readonly size: number }>>;
}
const asarFolder: z.ZodType<AsarFolder> = z.object({
  files: z.record(z.string(), z.union([z.lazy(() => asarFolder), z.object({ size: z.number() })])),
});

/**
 * The paths in an asar archive. It starts with four little-endian 32-bit words, the last being the length of the JSON behind them.
 */
async function asarFiles(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  const tree = asarFolder.parse(JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))));
  const walk = ({ files }: AsarFolder, prefix: string): string[] =>
    Object.entries(files).flatMap(([name, entry]) =>
      'files' in entry ? walk(entry, `${prefix}${name}/`) : [prefix + name],
    );
  return walk(tree, '').sort();
}

function pngSize(bytes: Buffer): number {
  assert.equal(bytes.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n');
  assert.equal(bytes.toString('latin1', 12, 16), 'IHDR');
  assert.equal(bytes.readUInt32BE(16), bytes.readUInt32BE(20), 'a square');
  return bytes.readUInt32BE(16);
}

/** Sizes in an ICO, after looking that each entry holds a bitmap or PNG of the size that the directory says. */
function icoSizes(bytes: Buffer): number[] {
  assert.deepEqual([bytes.readUInt16LE(0), bytes.readUInt16LE(2)], [0, 1]);
  return Array.from({ length: bytes.readUInt16LE(4) }, (_, i) => {
    const entry = 6 + 16 * i;
    const size = bytes.readUInt8(entry) || 256;
    const start = bytes.readUInt32LE(entry + 12);
    const body = bytes.subarray(start, start + bytes.readUInt32LE(entry + 8));
    assert.equal(body.length, bytes.readUInt32LE(entry + 8));
    assert.equal(size === 256 ? pngSize(body) : body.readInt32LE(4), size);
    return size;
  });
}

/** Type and content of each picture in an ICNS. */
function icnsEntries(bytes: Buffer): Map<string, Buffer> {
  assert.equal(bytes.toString('latin1', 0, 4), 'icns');
  assert.equal(bytes.readUInt32BE(4), bytes.length);
  const entries = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at + 4)) {
    entries.set(
      bytes.toString('latin1', at, at + 4),
      bytes.subarray(at + 8, at + bytes.readUInt32BE(at + 4)),
    );
  }
  return entries;
}

test('the configuration names every fuse, and each as the security notes want it', async () => {
  assert.deepEqual((await config()).electronFuses, Object.fromEntries(FUSES));
});

test('a packed app is dist/, the tray pictures and package.json, and its fuses are set', async (t) => {
  const folder = await project(t);
  const run = await pack(folder, CONFIG);
  assert.equal(run.code, 0, run.output);

  const unpacked = join(folder, 'release/linux-unpacked');
  assert.deepEqual(await readdir(join(unpacked, 'resources')), ['app.asar']);
  assert.deepEqual(
    await asarFiles(join(unpacked, 'resources/app.asar')),
    [
      'dist/headless.js',
      'dist/main.js',
      'dist/preload.cjs',
      'dist/renderer/assets/index.js',
      'dist/renderer/index.html',
      'package.json',
      ...TRAY_PICTURES.map((name) => `assets/${name}`),
    ].sort(),
  );

  const program = await readFile(join(unpacked, 'sockeye'), 'latin1');
  const wire = program.slice(program.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length + 2);
  const wanted = FUSES.map(([, on]) => (on ? '1' : '0')).join('');
  assert.equal(wire, wanted + FUSES_AS_SHIPPED.slice(wanted.length));
});

test('electron-builder refuses an option that its schema does not know', async (t) => {
  const folder = await project(t);
  const planted = (await readFile(CONFIG, 'utf8')).replace('onlyLoadAppFromAsar', 'onlyLoadFromAsar');
  const run = await pack(folder, await put(folder, 'planted.yml', planted));
  assert.notEqual(run.code, 0);
  assert.match(run.output, /does not match the API schema[^]*configuration\.electronFuses/);
});

test('Linux gets a PNG of its own for each size of the icon theme', async () => {
  const folder = join(ROOT, (await config()).linux.icon);
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => pngSize(await readFile(join(folder, name)))));
  assert.deepEqual(
    names,
    sizes.map((size) => `${size}x${size}.png`),
  );
  assert.deepEqual(
    sizes.sort((a, b) => a - b),
    [16, 22, 24, 32, 48, 64, 96, 128, 256, 512],
  );
});

test('Windows gets every size that Explorer and the taskbar ask for', async () => {
  const bytes = await readFile(join(ROOT, (await config()).win.icon));
  assert.deepEqual(icoSizes(bytes), [16, 20, 24, 32, 40, 48, 64, 128, 256]);
});

test('macOS gets every size in both densities', async () => {
  const entries = icnsEntries(await readFile(join(ROOT, (await config()).mac.icon)));
  const found = [...entries].map(([type, body]) => [
    type,
    body.toString('latin1', 0, 4) === 'ARGB' ? 'raw' : pngSize(body),
  ]);
  assert.deepEqual(Object.fromEntries(found), {
    ic04: 'raw',
    ic05: 'raw',
    ic07: 128,
    ic08: 256,
    ic09: 512,
    ic10: 1024,
    ic11: 32,
    ic12: 64,
    ic13: 256,
    ic14: 512,
  });
});

test('the hardened runtime is opened for V8 only', async () => {
  const plist = await readFile(join(ROOT, (await config()).mac.entitlements), 'utf8');
  const granted = [...plist.matchAll(/<key>([^<]+)<\/key>\s*<true\/>/g)].map(([, key]) => key);
  assert.deepEqual(granted, ['com.apple.security.cs.allow-jit']);
});

test('each tray state has its own picture on each platform', async () => {
  const read = (name: string): Promise<Buffer> => readFile(join(ROOT, 'assets', name));
  const seen = new Set<string>();
  for (const state of TRAY_STATES) {
    assert.equal(pngSize(await read(`tray-${state}.png`)), 24);
    assert.equal(pngSize(await read(`tray-${state}@2x.png`)), 48);
    assert.equal(pngSize(await read(`tray-${state}Template.png`)), 16);
    assert.equal(pngSize(await read(`tray-${state}Template@2x.png`)), 32);
    assert.deepEqual(icoSizes(await read(`tray-${state}.ico`)), [16, 20, 24, 32, 40, 48]);
    // a template is black and alpha, so three templates that differ differ in shape
    seen.add((await read(`tray-${state}Template.png`)).toString('base64'));
  }
  assert.equal(seen.size, TRAY_STATES.length);
});
