/**
 * Serves the window to a browser: the built files and one WebSocket, on loopback unless told otherwise. Everything that is not signed in
 * gets the same short 403. Checklist: shared electron-security E30–E45; decisions in gate.ts, secrets in token.ts, files in static.ts.
 */
import { once } from 'node:events';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { formatAddress, isLoopback, isUnspecified } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { cookieName, hostAllowed, isSpeculative, originAllowed, signedIn } from './gate.ts';
import { contentSecurityPolicy, SECURITY_HEADERS } from './policy.ts';
import { serve, type Served } from './rpc.ts';
import { StaticFiles } from './static.ts';
import { Tokens } from './token.ts';
import { PIPE_LIMITS, webSocketPipe, type PipeLimits } from './ws-pipe.ts';

/** A configuration of 1 MiB, its quotes and line ends escaped as JSON wants them, in one message. */
const MAX_MESSAGE_BYTES = 4 << 20;
const MAX_WINDOWS = 16;
const MAX_CONNECTIONS = 128;
const MAX_HEADER_BYTES = 8 << 10;
const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
/** A wrong one-time secret is answered this much later; nobody is ever locked out. */
const WRONG_MS = 100;

export interface HeadlessOptions {
  readonly address: Address;
  /** Folder of the built window. */
  readonly folder: string;
  readonly api: Served;
  readonly log: Log;
  readonly limits?: PipeLimits;
}

export interface Headless {
  readonly address: Address;
  /** Every address this port can be reached at, for the engine to refuse as a target. */
  readonly own: readonly Address[];
  /** The link that lets one browser in, once. Contains a secret: show it, do not log it. */
  readonly link: string;
  close(): Promise<void>;
}

/** Starts listening. Rejects with `port_in_use` and the like. */
export async function serveHeadless(options: HeadlessOptions): Promise<Headless> {
  const { log, api } = options;
  const files = new StaticFiles(options.folder);
  if (files.size === 0) log.warn('window_missing', { folder: options.folder, hint: 'npm run build' });
  const tokens = new Tokens();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: HEADERS_MS,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const bound = await listen(server, options.address);

  server.on('request', (request, response) => {
    answer({ request, response, bound, tokens, files, log }).catch((error: unknown) => {
      log.warn('window_request_failed', { error });
      response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined); // a page that went away during the upgrade
    if (!mayUpgrade(request, bound, tokens) || sockets.clients.size >= MAX_WINDOWS)
      return refuseUpgrade(socket);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const refused = (why: string): void => log.warn('window_cut_off', { why });
      const pipe = webSocketPipe(webSocket, options.limits ?? PIPE_LIMITS, refused);
      serve(pipe, api, () => pipe.misfit());
    });
  });
  server.on('clientError', (_error, socket) => refuseUpgrade(socket));

  if (!isLoopback(bound.host)) {
    log.warn('window_exposed', {
      address: bound,
      hint: 'Other computers can reach the window. The link and what it shows travel unencrypted.',
    });
  }
  return {
    address: bound,
    own: ownAddresses(bound),
    link: `http://${formatAddress(shown(bound))}/?once=${tokens.issue()}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bound: Address;
  readonly tokens: Tokens;
  readonly files: StaticFiles;
  readonly log: Log;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, bound, tokens, files } = exchange;
  const host = request.headers.host;
  const readable = request.method === 'GET' || request.method === 'HEAD';
  if (!readable || host === undefined || !hostAllowed(host, bound)) return forbid(response);
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const known = signedIn(request.headers, bound.port, tokens);
  if (query !== undefined && path === '/') return enter(exchange, query, known);
  if (!known) return forbid(response);
  const file = files.find(path);
  if (file === null) return finish(response, 404, 'text/plain; charset=utf-8', 'Not found\n', host);
  finish(response, 200, file.type, request.method === 'HEAD' ? '' : await file.read(), host);
}

/** The one-time link: sets the cookie and goes on to the window from our own page, so that SameSite=Strict lets the cookie travel. */
async function enter(
  { request, response, bound, tokens, log }: Exchange,
  query: string,
  known: boolean,
): Promise<void> {
  const host = request.headers.host ?? '';
  if (request.method !== 'GET' || isSpeculative(request.headers)) return forbid(response);
  const asked = new URLSearchParams(query).getAll('once');
  const [once, another] = asked;
  const session = once === undefined || another !== undefined ? null : tokens.redeem(once);
  if (session === null && !known) {
    log.warn('window_link_refused', {});
    await delay(WRONG_MS);
    return forbid(response);
  }
  if (session !== null)
    response.setHeader(
      'Set-Cookie',
      `${cookieName(bound.port)}=${session}; HttpOnly; SameSite=Strict; Path=/`,
    );
  const page =
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><link rel="icon" href="data:,"><title>…</title>\n';
  finish(response, 200, 'text/html; charset=utf-8', page, host);
}

function mayUpgrade(request: IncomingMessage, bound: Address, tokens: Tokens): boolean {
  const { host, origin } = request.headers;
  return (
    request.method === 'GET' &&
    request.url === '/ws' &&
    host !== undefined &&
    hostAllowed(host, bound) &&
    originAllowed(origin, host) &&
    signedIn(request.headers, bound.port, tokens)
  );
}

const FORBIDDEN = 'Forbidden\n';

function forbid(response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  finish(response, 403, 'text/plain; charset=utf-8', FORBIDDEN, null);
}

/** `host` null: nobody is told more than the headers every answer has. */
function finish(
  response: ServerResponse,
  status: number,
  type: string,
  body: Buffer | string,
  host: string | null,
): void {
  const policy = contentSecurityPolicy(host === null ? '' : `ws://${host}`);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': policy,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

function refuseUpgrade(socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const headers = Object.entries({
    ...SECURITY_HEADERS,
    'Content-Security-Policy': contentSecurityPolicy(),
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(FORBIDDEN.length),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 403 ${STATUS_CODES[403] ?? ''}\r\n${headers.join('')}\r\n${FORBIDDEN}`, () =>
    socket.destroy(),
  );
}

async function listen(server: Server, address: Address): Promise<Address> {
  try {
    server.listen({ port: address.port, ...(address.host === '' ? {} : { host: address.host }) });
    await once(server, 'listening');
  } catch (error) {
    throw toProxyError(error, { port: address.port, host: address.host, owner: 'another program' });
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new ProxyError('bug');
  return { host: bound.address, port: bound.port };
}

/** The address to show for one that means every interface. */
function shown({ host, port }: Address): Address {
  return { host: isUnspecified(host) ? '127.0.0.1' : host, port };
}

function ownAddresses(bound: Address): Address[] {
  const { port } = bound;
  if (!isUnspecified(bound.host)) return [bound];
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [bound, ...interfaces.map(({ address }) => ({ host: address, port }))];
}
