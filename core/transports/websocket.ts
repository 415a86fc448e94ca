/**
 * The opening handshake of WebSocket, both ends (GOST ws, wss, mws, mwss below TLS and mux). RFC 6455 §4, RFC 7692. The HTTP part is
 * node:http's; the byte stream that comes out of it is in websocket-conn.ts.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, request, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { beginStage } from '../net/stages.ts';
import { abortReason } from '../net/within.ts';
import { MAX_PAYLOAD, WebSocketConn } from './websocket-conn.ts';
import { extension, PerMessageDeflate, type Deflate } from './ws-parts.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

interface WebSocketOptions {
  /** Request path; the server answers 404 to any other. */
  readonly path: string;
  /** Extra headers: of the request for a client, of the 101 answer for a server. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: boolean;
}

export interface ClientOptions extends WebSocketOptions {
  /** Host header: the node's host:port, or what the `host` option says. */
  readonly host: string;
  /** A ping this often, and the end of the connection after twice as long without any frame; 0 = off. */
  readonly pingMs: number;
}

export interface ServerOptions extends WebSocketOptions {
  /** Browser origins that may connect, lower case; programs send none. Everybody else's page is refused. */
  readonly origins: readonly string[];
}

/**
 * Upgrades a connected stream to WebSocket as its client. Owns `conn`: hands it back inside the result or destroys it.
 * Rejects with hop_protocol when the other side answers anything but a correct 101.
 */
export function connectWebSocket(
  conn: Conn,
  options: ClientOptions,
  hop: string,
  signal: AbortSignal,
): Promise<Conn> {
  beginStage(signal, 'transport');
  const key = randomBytes(16).toString('base64');
  const deflate = options.compression ? newDeflate(false) : null;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      conn.destroy();
      if (signal.aborted) reject(abortReason(signal));
      else
        reject(
          new ProxyError(
            'hop_protocol',
            { hop, protocol: 'WebSocket', reason: reasonOf(error) },
            { cause: error },
          ),
        );
    };
    const outgoing = request({
      createConnection: () => conn,
      path: options.path,
      signal,
      headers: {
        Host: options.host,
        'User-Agent': 'Go-http-client/1.1',
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': key,
        ...(deflate === null
          ? {}
          : { 'Sec-WebSocket-Extensions': extension.format({ 'permessage-deflate': deflate.offer() }) }),
        ...options.headers,
      },
    });
    outgoing.on('error', fail);
    outgoing.on('response', (response) =>
      fail(new Error(`it answered HTTP ${response.statusCode ?? 0} ${response.statusMessage ?? ''}`.trim())),
    );
    outgoing.on('upgrade', (response, _socket, head) => {
      outgoing.off('error', fail);
      outgoing.on('error', () => undefined);
      try {
        if (!sameText(response.headers['sec-websocket-accept'] ?? '', acceptOf(key)))
          throw new Error('its Sec-WebSocket-Accept is wrong');
        const extensions = agreedByServer(response.headers['sec-websocket-extensions'], deflate);
        resolve(new WebSocketConn(conn, head, { client: true, extensions, pingMs: options.pingMs }));
      } catch (error) {
        fail(error);
      }
    });
    outgoing.end();
  });
}

/** The accept side: one per listener. Give it connected streams; it calls back with upgraded ones and answers the rest. */
export class WebSocketAcceptor {
  readonly #server: Server;
  readonly #options: ServerOptions;
  readonly #pending = new Map<Duplex, NodeJS.Timeout>();

  constructor(options: ServerOptions, onConn: (conn: Conn, below: Duplex) => void) {
    this.#options = options;
    this.#server = createServer({ keepAlive: false });
    this.#server.on('request', (incoming, answer) => {
      const status = incoming.url === options.path ? 400 : 404;
      answer.writeHead(status, { Connection: 'close', 'Content-Type': 'text/plain' });
      answer.end(`${STATUS_CODES[status] ?? ''}\n`);
    });
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      const status = this.#refusal(incoming);
      if (status !== null) {
        socket.end(
          `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        );
        return;
      }
      this.#settle(socket);
      onConn(this.#upgrade(incoming, socket, head), socket);
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Takes over a stream whose first bytes are the HTTP request. It is destroyed if it is no WebSocket within `handshakeMs`. */
  accept(conn: Conn, handshakeMs: number): void {
    this.#pending.set(
      conn,
      setTimeout(() => conn.destroy(), handshakeMs),
    );
    conn.once('close', () => this.#settle(conn));
    this.#server.emit('connection', conn);
    conn.resume();
  }

  /** Ends the handshakes that are still going on; upgraded streams live on. */
  close(): void {
    for (const conn of this.#pending.keys()) conn.destroy();
  }

  #settle(conn: Duplex): void {
    clearTimeout(this.#pending.get(conn));
    this.#pending.delete(conn);
  }

  #refusal({ url, headers, method }: IncomingMessage): number | null {
    if ((url ?? '').split('?')[0] !== this.#options.path) return 404;
    if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return 400;
    if (
      headers['sec-websocket-version'] !== '13' ||
      !/^[A-Za-z0-9+/]{22}==$/.test(headers['sec-websocket-key'] ?? '')
    )
      return 400;
    if (headers.origin !== undefined && !this.#options.origins.includes(headers.origin.toLowerCase()))
      return 403;
    return null;
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Conn {
    const deflate = this.#options.compression ? newDeflate(true) : null;
    const { agreed, extensions } = agreedWithClient(incoming.headers['sec-websocket-extensions'], deflate);
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptOf(incoming.headers['sec-websocket-key'] ?? '')}`,
      ...(agreed === null ? [] : [`Sec-WebSocket-Extensions: ${agreed}`]),
      ...Object.entries(this.#options.headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return new WebSocketConn(socket, head, { client: false, extensions, pingMs: 0 });
  }
}

function newDeflate(isServer: boolean): Deflate {
  return new PerMessageDeflate({
    isServer,
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    maxPayload: MAX_PAYLOAD,
    threshold: 0,
  });
}

function agreedByServer(header: string | undefined, deflate: Deflate | null): Record<string, Deflate> {
  if (header === undefined) return {};
  const offers = extension.parse(header)['permessage-deflate'];
  if (deflate === null || offers === undefined) throw new Error('it chose an extension that was not offered');
  deflate.accept(offers);
  return { 'permessage-deflate': deflate };
}

function agreedWithClient(
  header: string | undefined,
  deflate: Deflate | null,
): { agreed: string | null; extensions: Record<string, Deflate> } {
  const offers = header === undefined ? undefined : extension.parse(header)['permessage-deflate'];
  if (deflate === null || offers === undefined) return { agreed: null, extensions: {} };
  const agreed = extension.format({ 'permessage-deflate': deflate.accept(offers) });
  return { agreed, extensions: { 'permessage-deflate': deflate } };
}

function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
