import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StaticFiles } from './static.ts';

const root = mkdtempSync(join(tmpdir(), 'sockeye-static-'));
after(() => rmSync(root, { recursive: true }));
const folder = join(root, 'renderer');
mkdirSync(join(folder, 'assets'), { recursive: true });
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
writeFileSync(join(folder, 'assets', 'main.js'), 'export {};');
writeFileSync(join(folder, 'assets', 'main.js.map'), '{}');
writeFileSync(join(root, 'secret.json'), '{}');
if (process.platform !== 'win32') symlinkSync(join(root, 'secret.json'), join(folder, 'link.json'));
const files = new StaticFiles(folder);

test('serves what was listed, with its type', async () => {
  assert.equal((await files.find('/')?.read())?.toString(), '<!doctype html>');
  assert.equal(files.find('/assets/main.js')?.type, 'text/javascript; charset=utf-8');
  assert.equal(files.size, 3);
});

test('nothing else exists: no traversal, no folder, no symbolic link, no unknown type', () => {
  for (const path of [
    '',
    '/assets',
    '/assets/',
    '/link.json',
    '/assets/main.js.map',
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/..\\secret.json',
    '//index.html',
    '/./index.html',
    '/index.html%00',
    '/index.html\0.js',
    '/__proto__',
    `/${'a'.repeat(100_000)}`,
    'index.html',
    `${folder}/index.html`,
  ])
    assert.equal(files.find(path), null, path.slice(0, 40));
});

test('an absent folder is an empty list', () => assert.equal(new StaticFiles(join(root, 'absent')).size, 0));
