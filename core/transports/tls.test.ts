import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { reset, wasReset } from '../net/reset.ts';
import { openPort } from '../net/serve.ts';
import { splice } from '../net/splice.ts';
import type { ClientTls, ServerTls } from '../registry.ts';
import { authority, type Authority, type Files } from '../testing/certificates.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { memoryPair } from '../testing/pair.ts';
import { selfSigned } from './certificate.ts';
import { acceptTls, connectTls, NO_CLIENT_TLS as CLIENT } from './tls.ts';

const never = new AbortController().signal;
const SERVER: ServerTls = {
  certFile: null,
  keyFile: null,
  caFile: null,
  minVersion: null,
  maxVersion: null,
  alpn: [],
};
const ABOUT = { hop: 'office', host: 'proxy.test' };

let ca: Authority;
let leaf: Files;
let resources: string[];

before(async () => {
  resources = liveResources();
  ca = await authority();
  leaf = await ca.leaf(['proxy.test', '127.0.0.1']);
});
after(async () => {
  ca.remove();
  await assertNoLeaks(resources);
});

interface Outcome {
  readonly client: TLSSocket | ProxyError;
  readonly server: TLSSocket | ProxyError;
}

/** Both ends over a pair of connected streams; an end that fails is in the outcome as its error. */
async function meet(
  t: TestContext,
  [near, far]: readonly [Conn, Conn],
  client: Partial<ClientTls>,
  server: Partial<ServerTls>,
  about = ABOUT,
): Promise<Outcome> {
  t.after(() => {
    near.destroy();
    far.destroy();
  });
  const errorOf = (error: unknown): ProxyError => {
    assert.ok(error instanceof ProxyError, String(error));
    return error;
  };
  const [ours, theirs] = await Promise.all([
    connectTls(near, { ...CLIENT, ...client }, about, never).catch(errorOf),
    acceptTls(far, { ...SERVER, ...server }, null, silentLog).catch(errorOf),
  ]);
  t.after(() => {
    if (!(ours instanceof ProxyError)) ours.destroy();
    if (!(theirs instanceof ProxyError)) theirs.destroy();
  });
  return { client: ours, server: theirs };
}

async function tcpPair(): Promise<[Conn, Conn]> {
  let arrive: (conn: Conn) => void = () => undefined;
  const arrival = new Promise<Conn>((resolve) => (arrive = resolve));
  const port = await openPort({ host: '127.0.0.1', port: 0 }, (socket) => arrive(socket));
  const near = await directRoute().connect(port.local, never);
  const far = await arrival;
  port.close();
  return [near, far];
}

function secured(end: TLSSocket | ProxyError): TLSSocket {
  if (end instanceof ProxyError) assert.fail(`${end.message} ${String(end.cause)}`);
  return end;
}

async function speak(from: Conn, to: Conn, text: string): Promise<void> {
  from.write(text);
  const received: unknown[] = await once(to, 'data');
  assert.equal(String(received[0]), text);
}

for (const [kind, pair] of [
  ['sockets', tcpPair],
  ['other streams', (): Promise<[Conn, Conn]> => Promise.resolve(memoryPair())],
] as const) {
  test(`a verified certificate makes a secure connection over ${kind}, half-close included`, async (t) => {
    const { client, server } = await meet(t, await pair(), { caFile: ca.caFile }, leaf);
    await speak(secured(client), secured(server), 'hello');
    await speak(secured(server), secured(client), 'welcome');
    secured(client).end();
    secured(server).resume();
    await once(secured(server), 'end');
    await speak(secured(server), secured(client), 'late answer');
  });
}

test('a certificate is verified unless somebody turned that off, and the reason is said in words', async (t) => {
  const expired = await ca.leaf(['proxy.test'], -1000);
  const other = await ca.leaf(['other.test']);
  const cases: [Partial<ClientTls>, Partial<ServerTls>, RegExp | null][] = [
    [{}, {}, /self-signed and not trusted/],
    [{ secure: true }, {}, /self-signed/],
    [{ secure: false }, {}, null],
    [{}, leaf, /authority that is not trusted/],
    [{ caFile: ca.caFile }, expired, /has expired/],
    [{ caFile: ca.caFile }, other, /for another name/],
    [{ caFile: ca.caFile, serverName: 'other.test' }, other, null],
    [{ minVersion: 'TLSv1.3', secure: false }, { maxVersion: 'TLSv1.2' }, /no TLS version in common/],
  ];
  for (const [ours, theirs, reason] of cases) {
    const { client } = await meet(t, await tcpPair(), ours, theirs);
    if (reason === null) {
      secured(client);
    } else {
      assert.ok(client instanceof ProxyError);
      assert.equal(client.code, 'tls');
      assert.match(client.message, /^The secure connection to office failed: /);
      assert.match(client.message, reason);
    }
  }
});

test('a proxy given as an address is verified by that address', async (t) => {
  const good = await meet(t, await tcpPair(), { caFile: ca.caFile }, leaf, { hop: 'n', host: '127.0.0.1' });
  secured(good.client);
  const bad = await meet(t, await tcpPair(), { caFile: ca.caFile }, leaf, { hop: 'n', host: '127.0.0.2' });
  assert.ok(bad.client instanceof ProxyError);
  assert.match(bad.client.message, /for another name/);
});

test('a server that wants certificates takes only those of its authority', async (t) => {
  const mine = await ca.leaf(['someone']);
  const stranger = await authority();
  t.after(() => stranger.remove());
  const foreign = await stranger.leaf(['someone']);
  const server = { ...leaf, caFile: ca.caFile };
  const known = await meet(t, await tcpPair(), { caFile: ca.caFile, ...mine }, server);
  await speak(secured(known.client), secured(known.server), 'hello');
  for (const shown of [{}, foreign]) {
    const { server: theirs } = await meet(t, await tcpPair(), { caFile: ca.caFile, ...shown }, server);
    assert.ok(theirs instanceof ProxyError);
    assert.equal(theirs.code, 'tls');
  }
});

test('agrees on an application protocol', async (t) => {
  const { client, server } = await meet(
    t,
    await tcpPair(),
    { secure: false, alpn: ['x', 'h2'] },
    { alpn: ['h2'] },
  );
  assert.equal(secured(client).alpnProtocol, 'h2');
  assert.equal(secured(server).alpnProtocol, 'h2');
});

test('both streams may be destroyed the moment the handshake is done', async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const [near, far] = await tcpPair();
    const { client, server } = await meet(t, [near, far], { secure: false }, {});
    for (const conn of [near, far, secured(client), secured(server)]) conn.destroy();
  }
});

test('TLS inside TLS works', async (t) => {
  const outer = await meet(t, await tcpPair(), { caFile: ca.caFile }, leaf);
  const inner = await meet(t, [secured(outer.client), secured(outer.server)], { caFile: ca.caFile }, leaf);
  await speak(secured(inner.client), secured(inner.server), 'deep');
  await speak(secured(inner.server), secured(inner.client), 'deeper');
});

test('a peer that does not speak TLS, or hangs up, is a reason in words', async (t) => {
  const [near, far] = await tcpPair();
  t.after(() => far.destroy());
  far.write('SSH-2.0-OpenSSH\r\n');
  far.resume();
  await assert.rejects(connectTls(near, null, ABOUT, never), { code: 'tls', message: /does not speak TLS/ });
  assert.ok(near.destroyed);
  const [one, two] = await tcpPair();
  two.destroy();
  await assert.rejects(connectTls(one, null, ABOUT, never), { code: 'tls', message: /hung up/ });
  const [gone, left] = await tcpPair();
  t.after(() => left.destroy());
  gone.destroy();
  await assert.rejects(acceptTls(gone, null, null, silentLog), { code: 'tls' });
});

test('an abort ends the handshake and the stream below', async (t) => {
  const [near, far] = await tcpPair();
  t.after(() => far.destroy());
  const stop = new AbortController();
  const connecting = connectTls(near, null, ABOUT, stop.signal);
  await once(far.resume(), 'data');
  stop.abort(new ProxyError('closed_by_user'));
  await assert.rejects(connecting, { code: 'closed_by_user' });
  assert.ok(near.destroyed);
});

test('a file that can not be read is a finding about the configuration', async () => {
  const [near, far] = memoryPair();
  await assert.rejects(
    acceptTls(near, { ...SERVER, certFile: '/nonexistent', keyFile: '/nonexistent' }, null, silentLog),
    {
      code: 'config',
    },
  );
  await assert.rejects(connectTls(far, { ...CLIENT, caFile: '/nonexistent' }, ABOUT, never), { code: 'tls' });
  assert.ok(near.destroyed && far.destroyed);
});

test('bulk through TLS into a plain socket is exact, and a cut is passed on as a cut', async (t) => {
  for (const cut of [false, true]) {
    const below = await tcpPair();
    const { client, server } = await meet(t, below, { secure: false }, {});
    const [plain, target] = await tcpPair();
    const counters = { up: 0, down: 0 };
    const done = splice(secured(server), plain, { signal: never, counters });
    const block = Buffer.alloc(1_000_003, 'tls');
    const received: Buffer[] = [];
    target.on('data', (chunk: Buffer) => received.push(chunk));
    target.resume();
    target.on('error', () => undefined);
    secured(client).write(block);
    if (cut) {
      await once(target, 'data');
      const failed = assert.rejects(done, { code: 'reset' });
      const seen = new Promise<boolean>((resolve) => {
        target.once('error', () => resolve(true));
        target.once('end', () => resolve(wasReset(target)));
      });
      reset(below[0]);
      await failed;
      assert.equal(await seen, true, 'a cut must not look like an end');
    } else {
      secured(client).end();
      secured(client).resume();
      target.on('end', () => target.end());
      await done;
      assert.ok(Buffer.concat(received).equals(block));
      assert.deepEqual([counters.up, counters.down], [block.length, 0]);
    }
    target.destroy();
  }
});

test('the self-signed certificate is a leaf, made once, kept for its owner only', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'sockeye-state-'));
  t.after(() => rmSync(path, { recursive: true }));
  const [first, second] = await Promise.all([selfSigned({ path }), selfSigned({ path })]);
  assert.equal(first, second);
  const certificate = new X509Certificate(first.cert);
  assert.equal(certificate.ca, false);
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  const [file, ...others] = readdirSync(path);
  assert.ok(file !== undefined && others.length === 0);
  assert.equal(statSync(join(path, file)).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(path, file), 'utf8'), first.cert + first.key);
});

test('a kept certificate is used again, a damaged one is replaced', async (t) => {
  const made = await selfSigned(null);
  for (const [text, kept] of [
    [made.cert + made.key, true],
    ['damaged', false],
  ] as const) {
    const path = mkdtempSync(join(tmpdir(), 'sockeye-state-'));
    t.after(() => rmSync(path, { recursive: true }));
    writeFileSync(join(path, 'tls-self-signed.pem'), text);
    const identity = await selfSigned({ path });
    assert.equal(identity.cert === made.cert, kept);
  }
});

test('only the suites asked for are offered in TLS 1.2, and TLS 1.3 keeps its own', async (t) => {
  const suites = (size: number): string[] => [
    `ECDHE-ECDSA-AES${size}-GCM-SHA${size === 128 ? 256 : 384}`,
    `ECDHE-RSA-AES${size}-GCM-SHA${size === 128 ? 256 : 384}`,
  ];
  const trusted = { caFile: ca.caFile };
  const old = { ...trusted, maxVersion: 'TLSv1.2' } as const;
  for (const size of [128, 256]) {
    const { client } = await meet(t, memoryPair(), { ...old, ciphers: suites(size) }, leaf);
    assert.match(secured(client).getCipher().name, new RegExp(`AES${size}`));
  }
  const none = await meet(
    t,
    memoryPair(),
    { ...old, ciphers: suites(256) },
    { ...leaf, ciphers: suites(128) },
  );
  assert.ok(none.client instanceof ProxyError && none.server instanceof ProxyError);
  assert.match(none.client.message, /takes none of the cipher suites/);
  assert.match(none.server.message, /no cipher suite in common/);
  const { client } = await meet(
    t,
    memoryPair(),
    { ...trusted, ciphers: suites(128) },
    { ...leaf, ciphers: suites(128) },
  );
  assert.equal(secured(client).getProtocol(), 'TLSv1.3');
});
