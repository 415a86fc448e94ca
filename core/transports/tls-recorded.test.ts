/**
 * How clients of GOST v3 begin on carriers with TLS, by name and by address (core/testing/vectors/captured/tls_transports.json). Its keys are gone,
 * so TLS is compared by meaning: our listeners answer the recorded ClientHello, our dialers ask for the same server name and protocols;
 * and the first bytes inside are said to ours, or compared with those of ours, inside of TLS of our own.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { catalog } from '../catalog.ts';
import { silentLog } from '../log.ts';
import type { Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import type { ClientTls } from '../registry.ts';
import { authority, type Authority } from '../testing/certificates.ts';
import { open, take } from '../testing/client.ts';
import { conversationsIn, vectorFiles, type Conversation } from '../testing/conversations.ts';
import { tcpPeer } from '../testing/echo.ts';
import { helloOf } from '../testing/hello.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { RECORDED_FILES } from '../testing/recorded.ts';
import { NO_CLIENT_TLS } from './tls.ts';

const SOON = { timeout: 10_000 };
const TRUSTING: ClientTls = { ...NO_CLIENT_TLS, secure: false };

const entries = conversationsIn('tls_transports');

/** The recorder of `http2://` fell over before the first byte, and that is an HTTP/2 proxy, which Sockeye has not got. */
const NOT_PLAYED = ['http2_localhost', 'http2_127.0.0.1'];
const PLAYED = entries.filter(({ name }) => !NOT_PLAYED.includes(name));

function partsOf({ name }: Pick<Conversation, 'name'>): { carrier: string; host: string } {
  const [, carrier = '', host = ''] = /^socks5\+(\w+)_(.+)$/.exec(name) ?? [];
  return { carrier, host };
}

function find<T extends { readonly type: string }>(list: readonly T[], type: string): T {
  const found = list.find((one) => one.type === type);
  assert.ok(found !== undefined);
  return found;
}

let baseline: string[] = [];
let certificates: Authority;
before(async () => {
  baseline = liveResources();
  certificates = await authority();
});
after(async () => {
  certificates.remove();
  await assertNoLeaks(baseline);
});

/** The first bytes inside, and what tells that our listener took them. */
const FIRST: Readonly<
  Record<string, (secure: TLSSocket, first: Buffer, taken: readonly Conn[]) => Promise<void>>
> = {
  tls: async (secure, first, taken) => {
    secure.write(first);
    assert.deepEqual(await take(await one(taken), first.length), first);
  },
  mtls: async (secure, first, taken) => {
    secure.write(first); // smux: a stream is opened
    await one(taken);
  },
  wss: (secure, first) => upgraded(secure, first),
  mwss: (secure, first) => upgraded(secure, first),
  h2: (secure, first) => settled(secure, first),
  // only the preface was kept; the settings behind it are empty ones of ours
  grpc: (secure, first) => settled(secure, Buffer.concat([first, Buffer.from('000000040000000000', 'hex')])),
};

async function one(taken: readonly Conn[]): Promise<Conn> {
  for (;;) {
    const [conn] = taken;
    if (conn !== undefined) return conn;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function upgraded(secure: TLSSocket, first: Buffer): Promise<void> {
  secure.write(first);
  assert.equal((await take(secure, 12)).toString(), 'HTTP/1.1 101');
}

/** HTTP/2: both sides begin with their settings, and acknowledge the other's. */
async function settled(secure: TLSSocket, first: Buffer): Promise<void> {
  secure.write(first);
  const heard: number[] = [];
  while (!heard.includes(0x0401)) {
    const head = await take(secure, 9);
    await take(secure, head.readUIntBE(0, 3));
    heard.push(head.readUInt16BE(3)); // type and flags
  }
  assert.equal(heard[0], 0x0400);
}

describe('what GOST clients said, to our listeners', () => {
  for (const entry of PLAYED) {
    test(entry.name, SOON, async () => {
      const { carrier } = partsOf(entry);
      const definition = find(catalog.listeners, carrier);
      const stop = new AbortController();
      const taken: Conn[] = [];
      const { certFile, keyFile } = await certificates.leaf(['localhost', '127.0.0.1']);
      const listener = definition.create(definition.options.parse({}) as never, {
        name: carrier,
        address: { host: '127.0.0.1', port: 0 },
        tls: { certFile, keyFile, caFile: null, minVersion: null, maxVersion: null, alpn: [] },
        route: () => Promise.resolve(directRoute()),
        state: null,
        log: silentLog,
      });
      const bound = await listener.listen(
        {
          admits: () => true,
          packets: () => undefined,
          conn: (conn) => {
            conn.on('error', () => undefined);
            taken.push(conn);
          },
        },
        stop.signal,
      );
      const [address] = bound.addresses;
      assert.ok(address !== undefined);
      const hello = Buffer.from(entry.clientHello, 'hex');
      const literal = await open(address);
      literal.write(hello);
      const record = await take(literal, 6);
      assert.deepEqual([record[0], record[1], record[5]], [0x16, 3, 2], 'a ServerHello');
      literal.destroy();

      const raw = await open(address);
      const { serverName, protocols } = helloOf(hello);
      const secure = connectTls({
        socket: raw,
        rejectUnauthorized: false,
        ALPNProtocols: [...protocols],
        ...(serverName === null ? {} : { servername: serverName }),
      });
      await once(secure, 'secureConnect');
      assert.equal(secure.alpnProtocol, protocols[0] ?? false);
      await FIRST[carrier]?.(secure, Buffer.from(entry.frames[0]?.hex ?? '', 'hex'), taken);
      secure.on('error', () => undefined).destroy();
      raw.destroy();
      for (const conn of taken) conn.destroy();
      stop.abort();
      await bound.closed;
    });
  }
});

describe('what our dialers say, beside GOST clients', () => {
  for (const entry of PLAYED) {
    test(entry.name, SOON, async () => {
      const { carrier, host } = partsOf(entry);
      const { certFile, keyFile } = await certificates.leaf(['localhost', '127.0.0.1']);
      const recordedHello = helloOf(Buffer.from(entry.clientHello, 'hex'));
      const first = Buffer.from(entry.frames[0]?.hex ?? '', 'hex');
      let heard: (bytes: Buffer) => void = () => undefined;
      const hearing = new Promise<Buffer>((resolve) => (heard = resolve));
      let hello: Buffer = Buffer.alloc(0);
      const serve = async (socket: Socket): Promise<void> => {
        const head = await take(socket, 5);
        hello = Buffer.concat([head, await take(socket, head.readUInt16BE(3))]);
        socket.unshift(hello);
        const secure = new TLSSocket(socket, {
          isServer: true,
          cert: readFileSync(certFile),
          key: readFileSync(keyFile),
          ALPNProtocols: [...recordedHello.protocols],
        });
        secure.on('error', () => undefined);
        if (/^(h2|grpc)$/.test(carrier)) secure.write(Buffer.from('000000040000000000', 'hex')); // settings
        heard(/ws/.test(carrier) ? await headOf(secure) : await take(secure, Math.min(first.length, 24)));
      };
      const peer = await tcpPeer((socket) => void serve(socket).catch(() => undefined));
      const definition = find(catalog.dialers, carrier);
      const dialer = definition.create(definition.options.parse({}) as never, {
        node: 'node',
        tls: TRUSTING,
        auth: null,
        state: null,
        log: silentLog,
      });
      const given = new AbortController();
      const conns: Conn[] = [];
      const dialling = dialer
        .dial({ host, port: peer.address.port }, directRoute(), given.signal)
        .then((conn) => {
          conns.push(conn);
          conn.on('error', () => undefined);
          conn.write(Buffer.from('050100', 'hex'));
        })
        .catch(() => undefined); // nobody answers on the streams of HTTP
      const bytes = await hearing;
      // Go's client also offers http/1.1 for h2, which then fails; ours offers what it can speak
      const protocols = recordedHello.protocols.filter((protocol) => protocol !== 'http/1.1');
      assert.deepEqual(helloOf(hello), { ...recordedHello, protocols });
      if (/ws/.test(carrier)) {
        const linesOf = (text: string): string[] =>
          text
            .trim()
            .toLowerCase()
            .replace(/localhost:\d+|127\.0\.0\.1:\d+/, 'host:port')
            .replace(/(sec-websocket-key: )\S+/, '$1…')
            .split('\r\n')
            .toSorted();
        assert.deepEqual(linesOf(bytes.toString('latin1')), linesOf(first.toString('latin1')));
      } else assert.equal(bytes.toString('hex'), first.toString('hex', 0, 24));
      given.abort(new Error('over'));
      await dialling;
      for (const conn of conns) conn.destroy();
      await dialer.close?.();
      await peer.close();
    });
  }
});

async function headOf(secure: TLSSocket): Promise<Buffer> {
  let head = '';
  while (!head.endsWith('\r\n\r\n')) head += (await take(secure, 1)).toString('latin1');
  return Buffer.from(head, 'latin1');
}

test('every entry is played or says why not', () => {
  for (const { name } of entries)
    assert.ok(NOT_PLAYED.includes(name) || partsOf({ name }).carrier in FIRST, name);
});

test('every captured file is played by one of the tests of captured vectors', () => {
  const pairs = [
    'early_data_and_relay_udp',
    'gost_client_bind',
    'gost_client_udp',
    'relay',
    'relay_bind',
    'udp_associate_chain',
  ];
  const played = [...RECORDED_FILES, ...pairs, 'websocket', 'mux_tcp', 'tls_transports'];
  assert.deepEqual(vectorFiles(), played.toSorted());
});
