import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { ProxyError } from '../errors.ts';
import { nameServer, type NameServer } from '../testing/nameserver.ts';
import { OwnTime } from '../testing/own-time.ts';
import { hostsFile } from './hosts-file.ts';
import { createLookup, systemLookup } from './lookup.ts';

const never = new AbortController().signal;
let server: NameServer;

before(async () => {
  server = await nameServer({
    'both.test': { a: ['192.0.2.1', '192.0.2.2'], aaaa: ['2001:db8::1'] },
    'four.test': { a: ['192.0.2.4'], aaaa: 'silent' },
    'short.test': { a: ['192.0.2.5'], ttl: 0 },
    'silent.test': 'silent',
    '*.silent.test': 'silent',
    'broken.test': 'fails',
  });
});
after(() => server.close());

function lookupAt({ address }: NameServer, t?: TestContext, hosts = ''): ReturnType<typeof createLookup> {
  if (t === undefined)
    return createLookup({ servers: [address], hostsFile: '/nonexistent', deadlineMs: 400 });
  return createLookup({ servers: [address], hostsFile: fileWith(t, hosts), deadlineMs: 400 });
}

function fileWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-hosts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hosts');
  writeFileSync(path, text);
  return path;
}

test('literals are themselves, at once and without a question', async () => {
  const lookup = lookupAt(server);
  const before = server.asked.length;
  for (const host of ['127.0.0.1', '::1', '2001:db8::1', 'fe80::1%lo'])
    assert.deepEqual(await lookup(host, never), [host]);
  assert.equal(server.asked.length, before);
});

test('localhost and everything below it is this computer', async () => {
  const lookup = lookupAt(server);
  for (const host of ['localhost', 'LOCALHOST.', 'app.localhost']) {
    assert.deepEqual(await lookup(host, never), ['127.0.0.1', '::1']);
  }
});

test('finds the addresses of both families', async () => {
  const found = await lookupAt(server)('Both.test.', never);
  assert.deepEqual([...found].sort(), ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
});

test('a server that is silent about IPv6 does not hold IPv4 up', async () => {
  assert.deepEqual(await lookupAt(server)('four.test', never), ['192.0.2.4']);
});

test('a name without addresses, an unknown one and a silent server are told apart', async () => {
  const lookup = lookupAt(server);
  await assert.rejects(lookup('missing.test', never), {
    code: 'name_not_found',
    message: 'The name missing.test does not exist.',
  });
  await assert.rejects(lookup('broken.test', never), { code: 'name_timeout' });
  await assert.rejects(lookup('silent.test', never), { code: 'name_timeout' });
});

test('hundreds of silent names do not hold up one that answers', async () => {
  const lookup = lookupAt(server);
  const silent = Array.from({ length: 300 }, (_, index) =>
    lookup(`${index}.silent.test`, never).catch((error: unknown) => error),
  );
  const time = new OwnTime();
  assert.equal((await lookup('both.test', never)).length, 3);
  assert.ok(time.elapsed < 300);
  for (const error of await Promise.all(silent))
    assert.ok(error instanceof ProxyError && error.code === 'name_timeout');
});

test('asks once for everybody who asks at the same time, and remembers as long as the answer says', async () => {
  const own = await nameServer({
    'a.test': { a: ['192.0.2.1'] },
    'short.test': { a: ['192.0.2.5'], ttl: 0 },
  });
  const lookup = lookupAt(own);
  await Promise.all([lookup('a.test', never), lookup('a.test', never), lookup('A.TEST', never)]);
  await lookup('a.test', never);
  assert.deepEqual([...own.asked].sort(), ['A a.test', 'AAAA a.test']);
  await lookup('short.test', never);
  await lookup('short.test', never);
  assert.equal(own.asked.length, 6);
  await own.close();
});

test('one who gives up does not end the question of the others', async () => {
  const lookup = lookupAt(server);
  const leaver = new AbortController();
  const left = lookup('four.test', leaver.signal);
  const stays = lookup('four.test', never);
  const reason = new ProxyError('stopping');
  leaver.abort(reason);
  await assert.rejects(left, reason);
  assert.deepEqual(await stays, ['192.0.2.4']);
});

test('the hosts file comes first', async (t) => {
  const lookup = lookupAt(server, t, '# comment\n10.0.0.1 both.test Alias # more\n::1 both.test\nbad line\n');
  assert.deepEqual(await lookup('both.test', never), ['10.0.0.1', '::1']);
  assert.deepEqual(await lookup('ALIAS', never), ['10.0.0.1']);
});

test('the hosts file is read again when it has changed', (t) => {
  const path = fileWith(t, '10.0.0.1 a\n');
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const find = hostsFile(path);
  assert.deepEqual(find('a'), ['10.0.0.1']);
  writeFileSync(path, '10.0.0.22 a\n');
  utimesSync(path, 1, 1);
  assert.deepEqual(find('a'), ['10.0.0.1'], 'not looked at more than once a second');
  now = 2000;
  assert.deepEqual(find('a'), ['10.0.0.22']);
});

test('the system lookup knows what this computer knows', async () => {
  assert.deepEqual(await systemLookup('127.0.0.1', never), ['127.0.0.1']);
  const found = await systemLookup('localhost', never);
  assert.ok(found.some((address) => ['127.0.0.1', '::1'].includes(address)));
});
