/**
 * WebSocket as a byte stream, both ends (GOST ws, wss, mws, mwss below TLS and mux). RFC 6455, RFC 7692.
 * One binary frame per write; frame boundaries carry no meaning; text frames count as data. A shut-down is the socket's
 * half-close, not a close frame, as GOST does it; a close frame from the peer ends its direction.
 * The HTTP part is node:http's, the frames are the ws library's; see ws-parts.ts for why its WebSocket class is not used.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, request, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { afterLast } from './after-last.ts';
import { beginStage } from '../net/stages.ts';
import { abortReason } from '../net/within.ts';
import { extension, PerMessageDeflate, Receiver, Sender, type Deflate } from './ws-parts.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MAX_PAYLOAD = 16 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

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

interface Role {
  readonly client: boolean;
  readonly extensions: Record<string, Deflate>;
  readonly pingMs: number;
}

/** The byte stream inside a WebSocket. Errors and ends of the socket below are its own. */
class WebSocketConn extends Duplex implements Conn {
  readonly #below: Conn;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #options: { binary: true; compress: boolean; fin: true; mask: boolean };
  readonly #extensions: Record<string, Deflate>;
  #heard = true;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(below: Conn, head: Buffer, role: Role) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#below = below;
    this.#extensions = role.extensions;
    this.#options = {
      binary: true,
      compress: 'permessage-deflate' in role.extensions,
      fin: true,
      mask: role.client,
    };
    this.#sender = new Sender(below, role.extensions);
    this.#receiver = new Receiver({
      isServer: !role.client,
      maxPayload: MAX_PAYLOAD,
      extensions: role.extensions,
      skipUTF8Validation: true,
    });
    this.#receiver.on('message', (data) => {
      if (!this.push(data)) below.pause();
    });
    this.#receiver.on('ping', (data) => this.#sender.pong(data, role.client));
    this.#receiver.on('conclude', () => this.#finishReading());
    this.#receiver.on('error', (error) =>
      this.destroy(new ProxyError('reset', { side: 'The WebSocket peer' }, { cause: error })),
    );
    this.#receiver.on('drain', () => below.resume());
    this.#receiver.on('finish', () => this.#finishReading());
    below.on('data', (chunk: Buffer) => this.#take(chunk));
    below.on('end', () => this.#receiver.end());
    below.on('error', (error) => this.destroy(error));
    below.on('close', () => {
      // after a proper end, frames may still be on their way through the receiver
      if (!below.readableEnded && !this.#ended)
        this.destroy(new ProxyError('reset', { side: 'The WebSocket peer' }));
      else if (!this.writableFinished && !this.writableEnded) afterLast(this);
    });
    if (role.pingMs > 0) this.#keepAlive(role);
    if (head.length > 0) this.#take(head);
    below.resume();
  }

  get localAddress(): string | undefined {
    return this.#below.localAddress;
  }
  get localPort(): number | undefined {
    return this.#below.localPort;
  }
  get remoteAddress(): string | undefined {
    return this.#below.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#below.remotePort;
  }

  override _read(): void {
    this.#below.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sender.send(chunk, this.#options, (error) => done(error));
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#below.cork();
    chunks.forEach(({ chunk }, index) => {
      const last = index === chunks.length - 1;
      this.#sender.send(chunk, this.#options, last ? (error) => done(error) : undefined);
    });
    this.#below.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#below.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const deflate of Object.values(this.#extensions)) deflate.cleanup();
    this.#below.destroy(error ?? undefined);
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#heard = true;
    if (this.#receiver.writableEnded) return; // what follows a close frame means nothing
    if (!this.#receiver.write(chunk)) this.#below.pause();
  }

  #finishReading(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  #keepAlive({ pingMs, client }: Role): void {
    let silent = 0;
    this.#timer = setInterval(() => {
      silent = this.#heard ? 0 : silent + 1;
      this.#heard = false;
      if (silent >= 2) this.destroy(new ProxyError('idle', { seconds: (2 * pingMs) / 1000 }));
      else this.#sender.ping(NOTHING, client);
    }, pingMs);
    this.#timer.unref();
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
