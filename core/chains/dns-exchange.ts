/**
 * One DNS question to one name server: over UDP (RFC 1035; TCP when the answer is cut short), TCP, TLS (RFC 7858) or HTTPS
 * (RFC 8484, POST, HTTP/2 or 1.1). Each travels over whatever route it is given, a chain included.
 */
import { request as httpRequest } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { ProxyError, toProxyError } from '../errors.ts';
import { familyOf, parseAddress, sameAddress } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { orAbort } from '../net/within.ts';
import type { NameserverPlan } from '../plan.ts';
import type { ClientTls } from '../registry.ts';
import type { Route } from '../roles.ts';
import { connectTls } from '../transports/tls.ts';

export type Exchange = (query: Buffer, route: Route, signal: AbortSignal) => Promise<Buffer>;

type Trust = Pick<ClientTls, 'serverName' | 'caFile'>;

const MAX_ANSWER_BYTES = 65_535;
/** A datagram may be lost: the question is asked again this often while the deadline lasts. */
const REPEAT_MS = 1500;
const TRUNCATED_BIT = 0x02;

/**
 * How to ask this name server; certificates are always verified, against `caFile` where there is one. Throws `config` when
 * its address can not be read.
 */
export function exchangeFor(
  { protocol, addr, hostname }: NameserverPlan,
  caFile: string | null = null,
): Exchange {
  const trust = { serverName: hostname, caFile };
  if (protocol === 'https') return overHttps(addr, trust);
  const server = readServer(addr, protocol === 'tls' ? 853 : 53);
  switch (protocol) {
    case 'udp':
      return async (query, route, signal) => {
        const answer = await overUdp(server, query, route, signal);
        const cut = ((answer[2] ?? 0) & TRUNCATED_BIT) !== 0;
        return cut ? overStream(await route.connect(server, signal), query, signal) : answer;
      };
    case 'tcp':
      return async (query, route, signal) => overStream(await route.connect(server, signal), query, signal);
    case 'tls':
      return async (query, route, signal) =>
        overStream(await secured(server, trust, [], route, signal), query, signal);
  }
}

async function overUdp(server: Address, query: Buffer, route: Route, signal: AbortSignal): Promise<Buffer> {
  const packets = await route.associate(signal, server);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await orAbort(
      signal,
      new Promise<Buffer>((resolve, reject) => {
        void packets.closed.then(() => reject(new ProxyError('aborted')));
        packets.receive((data, from) => {
          const trusted = familyOf(server.host) === 0 || sameAddress(from, server);
          if (trusted && answers(data, query)) resolve(Buffer.from(data));
        });
        packets.send(query, server);
        timer = setInterval(() => void packets.send(query, server), REPEAT_MS);
      }),
    );
  } finally {
    clearInterval(timer);
    packets.close();
  }
}

/** Same id, a response, and the same question. */
function answers(data: Buffer, query: Buffer): boolean {
  if (data.length < 12 || data.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  if (((data[2] ?? 0) & 0x80) === 0) return false;
  const end = questionEnd(query);
  return data.toString('latin1', 12, end).toLowerCase() === query.toString('latin1', 12, end).toLowerCase();
}

/** Where the only question of our own query ends. */
function questionEnd(query: Buffer): number {
  return query.indexOf(0, 12) + 5;
}

/** Two bytes of length before each message. */
async function overStream(conn: Conn, query: Buffer, signal: AbortSignal): Promise<Buffer> {
  const reader = new Reader(conn, { gone: 'reset', detail: { side: 'The name server' } });
  try {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    conn.write(Buffer.concat([length, query]));
    return await orAbort(signal, (async () => reader.read((await reader.read(2)).readUInt16BE(0)))());
  } finally {
    reader.release();
    conn.destroy();
  }
}

function overHttps(text: string, trust: Trust): Exchange {
  const url = readUrl(text);
  const server = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 443 : Number(url.port),
  };
  return async (query, route, signal) => {
    const conn = await secured(server, trust, ['h2', 'http/1.1'], route, signal);
    try {
      const post = conn.alpnProtocol === 'h2' ? postHttp2 : postHttp1;
      return await orAbort(signal, post(conn, url, query));
    } finally {
      conn.destroy();
    }
  };
}

const HEADERS = { 'content-type': 'application/dns-message', accept: 'application/dns-message' };

function postHttp2(conn: TLSSocket, url: URL, query: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const session = http2Connect(url.origin, { createConnection: () => conn });
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': url.pathname + url.search, ...HEADERS });
    let status = 0;
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('error', reject);
    body(stream, () => status).then(resolve, reject);
    stream.on('close', () => session.destroy());
    stream.end(query);
  });
}

function postHttp1(conn: TLSSocket, url: URL, query: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => conn,
      method: 'POST',
      path: url.pathname + url.search,
      headers: { ...HEADERS, host: url.host, 'content-length': query.length, connection: 'close' },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      body(response, () => response.statusCode ?? 0).then(resolve, reject);
    });
    request.end(query);
  });
}

async function body(stream: AsyncIterable<unknown>, status: () => number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new ProxyError('malformed', { protocol: 'DNS' });
    chunks.push(chunk);
  }
  if (status() !== 200) throw new ProxyError('malformed', { protocol: 'DNS over HTTPS' });
  return Buffer.concat(chunks);
}

async function secured(
  server: Address,
  trust: Trust,
  alpn: readonly string[],
  route: Route,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const tls: ClientTls = {
    ...trust,
    secure: true,
    certFile: null,
    keyFile: null,
    minVersion: null,
    maxVersion: null,
    alpn,
  };
  const conn = await route.connect(server, signal);
  return connectTls(conn, tls, { hop: server.host, host: server.host }, signal);
}

function readServer(text: string, port: number): Address {
  const address = parseAddress(text) ?? parseAddress(`${text.includes(':') ? `[${text}]` : text}:${port}`);
  if (address === null || address.host === '') {
    throw new ProxyError('config', {
      where: 'resolvers',
      message: `"${text}" is not the address of a name server`,
    });
  }
  return address;
}

function readUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new ProxyError(
      'config',
      { where: 'resolvers', message: `"${text}" is not a URL` },
      { cause: toProxyError(error) },
    );
  }
}
