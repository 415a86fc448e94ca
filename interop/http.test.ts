/**
 * Options of the HTTP proxy, the same statements about real GOST v3 and about Sockeye: what somebody without the password meets
 * (probeResist, knock), connections to servers that are kept (keepalive), what is asked of servers (compression), and UDP inside CONNECT.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cellsOf, defineTable, type Row, type Setup } from './matrix.ts';
import { startGost3 } from './peers/gost.ts';
import type { Peer } from './peers/ready.ts';
import { startSockeye } from './peers/sockeye.ts';
import { LOGIN, newKeeper, startTargets, URL_LOGIN, type Targets } from './stage.ts';

const COLUMNS = [
  'sign-in question',
  'probeResist code',
  'probeResist web',
  'probeResist file',
  'probeResist host',
  'CONNECT meets it too',
  'knock',
  'knock of another host',
  'a user is served',
  'keepalive',
  'no keepalive',
  'compression',
  'no compression',
  'udp',
  'no udp',
] as const;
type Column = (typeof COLUMNS)[number];

const PAGE = 'a page that is no proxy';
const WAIT_MS = 10_000;
const SIGNED = `Proxy-Authorization: Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}\r\n`;

interface Origin {
  readonly authority: string;
  readonly requests: IncomingMessage[];
  readonly connections: () => number;
}

interface Stage extends Setup {
  readonly targets: Targets;
  readonly folder: string;
  /** A server that says PAGE, gzipped for whoever takes that. */
  readonly origin: () => Promise<Origin>;
  /** Starts the proxy, with the login of LOGIN or for everybody. */
  readonly serve: (query: Readonly<Record<string, string>>, locked?: boolean) => Promise<Peer>;
}

const CHECKS: Readonly<Record<Column, (stage: Stage) => Promise<void>>> = {
  'sign-in question': async ({ serve }) => {
    assert.match(
      await answer(await serve({}, true), get('http://192.0.2.1/')),
      /^HTTP\/1\.1 407 [^]*\r\nProxy-Authenticate: Basic realm="gost"/,
    );
  },
  'probeResist code': async ({ serve }) => {
    const said = await answer(await serve({ probeResist: 'code:404' }, true), get('http://192.0.2.1/'));
    assert.match(said, /^HTTP\/1\.1 404 /);
    assert.doesNotMatch(said, /proxy/i);
  },
  'probeResist web': async ({ serve, origin }) => {
    const { authority, requests } = await origin();
    const said = await answer(
      await serve({ probeResist: `web:${authority}/page` }, true),
      get('http://192.0.2.1/'),
    );
    assert.match(said, /^HTTP\/1\.1 200 /);
    assert.ok(said.includes(PAGE));
    assert.equal(requests[0]?.url, '/page');
  },
  'probeResist file': async ({ serve, folder }) => {
    const path = join(folder, 'page.html');
    writeFileSync(path, PAGE);
    const said = await answer(await serve({ probeResist: `file:${path}` }, true), get('http://192.0.2.1/'));
    assert.match(said, /^HTTP\/1\.1 200 [^]*\r\nContent-Type: text\/html/);
    assert.ok(said.endsWith(PAGE));
  },
  'probeResist host': async ({ serve, origin }) => {
    const { authority, requests } = await origin();
    const said = await answer(
      await serve({ probeResist: `host:${authority}` }, true),
      get('http://192.0.2.1/asked'),
    );
    assert.match(said, /^HTTP\/1\.1 200 /);
    assert.ok(said.includes(PAGE));
    assert.equal(requests[0]?.url, '/asked');
  },
  'CONNECT meets it too': async ({ serve }) => {
    const proxy = await serve({ probeResist: 'code:400' }, true);
    assert.match(
      await answer(proxy, 'CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\r\n'),
      /^HTTP\/1\.1 400 /,
    );
  },
  knock: async ({ serve }) => {
    const proxy = await serve({ probeResist: 'code:404', knock: 'other.test,knock.test' }, true);
    assert.match(await answer(proxy, get('http://knock.test/')), /^HTTP\/1\.1 407 /);
    assert.match(await answer(proxy, get('http://OTHER.test/')), /^HTTP\/1\.1 407 /);
  },
  'knock of another host': async ({ serve }) => {
    const proxy = await serve({ probeResist: 'code:404', knock: 'knock.test' }, true);
    assert.match(await answer(proxy, get('http://192.0.2.1/')), /^HTTP\/1\.1 404 /);
  },
  'a user is served': async ({ serve, origin }) => {
    const { authority } = await origin();
    const proxy = await serve({ probeResist: 'code:404', knock: 'knock.test' }, true);
    assert.ok((await answer(proxy, get(`http://${authority}/`, SIGNED))).includes(PAGE));
  },
  keepalive: async (stage) => assert.equal(await connectionsOfTwo(stage), 1),
  'no keepalive': async ({ serve, origin }) => {
    const { authority, requests } = await origin();
    assert.ok((await answer(await serve({}), get(`http://${authority}/`, '', 'keep-alive'))).includes(PAGE));
    assert.match(requests[0]?.headers.connection ?? '', /\bclose$/);
  },
  compression: async (stage) => assert.equal(await encodingAsked(stage, 'true'), 'gzip'),
  'no compression': async (stage) => assert.equal(await encodingAsked(stage, 'false'), undefined),
  udp: async ({ serve, targets }) => {
    const socket = await dial(await serve({ udp: 'true' }));
    socket.write('CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\nX-Gost-Protocol: udp\r\n\r\n');
    assert.match(await until(socket, '\r\n\r\n'), /^HTTP\/1\.1 200 /);
    const to = Buffer.from('00017f0000010000', 'hex').subarray(1); // ATYP, address, port
    to.writeUInt16BE(targets.udp.port, 5);
    socket.write(Buffer.concat([Buffer.from('0004ff', 'hex'), to, Buffer.from('ping')]));
    assert.ok((await until(socket, 'ping')).length >= 14);
    socket.destroy();
  },
  'no udp': async ({ serve }) => {
    const request = 'CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\nX-Gost-Protocol: udp\r\n\r\n';
    assert.match(await answer(await serve({}), request), /^HTTP\/1\.1 (403|501) /); // GOST 403, Sockeye 501
  },
};

async function connectionsOfTwo({ serve, origin }: Stage): Promise<number> {
  const { authority, connections } = await origin();
  const socket = await dial(await serve({ keepalive: 'true' }));
  for (let count = 0; count < 2; count += 1) {
    socket.write(get(`http://${authority}/`, '', 'keep-alive'));
    await until(socket, PAGE);
  }
  socket.destroy();
  return connections();
}

async function encodingAsked(
  { serve, origin }: Stage,
  compression: string,
): Promise<string | string[] | undefined> {
  const { authority, requests } = await origin();
  assert.ok((await answer(await serve({ compression }), get(`http://${authority}/`))).includes(PAGE));
  return requests[0]?.headers['accept-encoding'];
}

function get(url: string, fields = '', connection = 'close'): string {
  return `GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: ${connection}\r\n${fields}\r\n`;
}

async function dial({ host, port }: Pick<Peer, 'host' | 'port'>): Promise<Socket> {
  const socket = connect(port, host);
  socket.setTimeout(WAIT_MS, () => socket.destroy(new Error(`nothing for ${WAIT_MS} ms`)));
  await once(socket, 'connect');
  return socket;
}

/** Everything up to and with `end`. */
async function until(socket: Socket, end: string): Promise<string> {
  let text = '';
  while (!text.includes(end)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
  }
  return text;
}

/** What is answered to one request, with the body that its head promises; GOST keeps some connections open behind it. */
async function answer(proxy: Peer, request: string): Promise<string> {
  const socket = await dial(proxy);
  socket.on('error', () => undefined); // GOST resets what it has refused
  socket.write(request);
  let text = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1');
    const [, head = '', body = ''] = /^([^]*?\r\n\r\n)([^]*)$/.exec(text) ?? [];
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? NaN);
    if (body.length >= length || body.includes('\r\n0\r\n\r\n')) break;
  }
  socket.destroy();
  return text;
}

// ---- the rows

function row(name: 'gost3' | 'sockeye', start: (args: readonly string[]) => Promise<Peer>): Row<Stage> {
  return {
    title: name,
    command: `${name} -L 'http://127.0.0.1:0?OPTION'`,
    needs: name === 'gost3' ? ['gost3'] : [],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const folder = mkdtempSync(join(tmpdir(), 'sockeye-http-'));
      return {
        targets,
        folder,
        origin: async () => {
          const requests: IncomingMessage[] = [];
          let connections = 0;
          const server = createServer((request, response) => {
            requests.push(request);
            if (request.headers['accept-encoding'] !== 'gzip') return void response.end(PAGE);
            response.setHeader('Content-Encoding', 'gzip');
            response.end(gzipSync(PAGE));
          });
          server.on('connection', () => (connections += 1));
          server.listen(0, '127.0.0.1');
          await once(server, 'listening');
          const at = server.address();
          if (at === null || typeof at === 'string') throw new Error('not a TCP server');
          const stop = async (): Promise<void> => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
          };
          await keeper.keep(Promise.resolve({ stop }));
          return { authority: `127.0.0.1:${at.port}`, requests, connections: () => connections };
        },
        serve: (query, locked = false) => {
          const options = new URLSearchParams(query).toString();
          return keeper.keep(
            start([
              '-L',
              `http://${locked ? `${URL_LOGIN}@` : ''}127.0.0.1:0${options === '' ? '' : `?${options}`}`,
            ]),
          );
        },
        stop: async () => {
          await keeper.stop();
          rmSync(folder, { recursive: true });
        },
      };
    },
    cells: cellsOf(CHECKS, COLUMNS, {}),
  };
}

defineTable({
  title: 'Options of the HTTP proxy',
  columns: COLUMNS,
  rows: [row('gost3', startGost3), row('sockeye', startSockeye)],
});
