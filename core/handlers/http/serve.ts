/**
 * HTTP proxy clients, each from its first byte to its last. Node's own HTTP server parses what they send, without ever
 * listening: every accepted stream is handed to it. CONNECT leaves it and becomes a tunnel as in SOCKS; other requests are
 * forwarded one after the other, the client's connection staying open between them. Upgrade is left out of what is
 * forwarded, as a proxy may: programs that want another protocol ask for a tunnel.
 */
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { ProxyError, toProxyError } from '../../errors.ts';
import type { Conn } from '../../net/conn.ts';
import { within } from '../../net/within.ts';
import type { HandlerDeps } from '../../registry.ts';
import type { Session } from '../../roles.ts';
import { closed, hangUp, whileClientStays } from '../client.ts';
import { connect, type Carry } from '../connect.ts';
import { forward } from './exchange.ts';
import {
  absoluteTarget,
  answerFor,
  basicCredentials,
  connectTarget,
  encodeAnswer,
  malformed,
} from './message.ts';

export interface HttpParts extends Pick<HandlerDeps, 'router' | 'auth'> {
  readonly options: {
    readonly authBasicRealm: string;
    readonly header: Readonly<Record<string, string>>;
    readonly idleTimeout: number;
  };
}

const MAX_HEAD_BYTES = 16 * 1024;
/** How long a client may stay silent, or take for its next request, after an answer. */
const BETWEEN_REQUESTS_MS = 60_000;
/** Requests sent ahead of their answers; they are served in turn, each with a connection of its own. */
const MAX_AHEAD = 16;

/** One connected client. */
interface Client {
  readonly conn: Conn;
  readonly session: Session;
  readonly firstHeadMs: number;
  /** Runs out when no whole request head has come in time. */
  timer: NodeJS.Timeout | null;
  /** The requests taken so far, one after the other; a tunnel is the last. */
  turn: Promise<void>;
  ahead: number;
  served: number;
  /** What became of the latest request; the session ends with it. */
  error: ProxyError | null;
}

export class HttpFront {
  readonly #parts: HttpParts;
  readonly #server: Server;
  readonly #clients = new Map<Duplex, Client>();

  constructor(parts: HttpParts) {
    this.#parts = parts;
    this.#server = createServer({
      maxHeaderSize: MAX_HEAD_BYTES,
      requireHostHeader: false, // the request line has the target; a Host field is replaced
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
    });
    // a client that ends its side after a request still gets its answer
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on('request', this.#onRequest);
    this.#server.on('checkContinue', this.#onRequest);
    this.#server.on('connect', this.#onConnect);
    this.#server.on('clientError', this.#onClientError);
  }

  /** Owns `conn`. `deadlineMs` is absolute for the first request head. Rejects with what the latest request failed with. */
  async serve(conn: Conn, session: Session, deadlineMs: number): Promise<void> {
    const client: Client = {
      conn,
      session,
      firstHeadMs: deadlineMs,
      timer: null,
      turn: Promise.resolve(),
      ahead: 0,
      served: 0,
      error: null,
    };
    this.#clients.set(conn, client);
    this.#expectHead(client);
    try {
      this.#server.emit('connection', conn);
      conn.resume(); // it was accepted paused, and Node's server takes streams for flowing
      await within(session.signal, null, () => closed(conn));
      await client.turn;
    } finally {
      this.#clients.delete(conn);
      clearTimeout(client.timer ?? undefined);
    }
    if (client.error !== null) throw client.error;
    if (client.served === 0) throw new ProxyError('client_gone');
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    this.#take(request.socket, async (client) => {
      try {
        await this.#forward(client, request, response);
      } catch (error) {
        this.#answer(client, request, response, toProxyError(error));
      }
      this.#expectHead(client);
    });
  };

  readonly #onConnect = (request: IncomingMessage, conn: Duplex, head: Buffer): void => {
    this.#take(conn, async ({ conn: stream, session }) => {
      if (head.length > 0) stream.unshift(head);
      const carry = await this.#connect(stream, session, request).catch(async (error: unknown) => {
        await hangUp(stream, session.signal, encodeAnswer(this.#answerFor(toProxyError(error))));
        throw error;
      });
      await carry();
    });
  };

  /** Bytes that are not HTTP, a head that is too long, or a connection that broke. */
  readonly #onClientError = (error: Error & { code?: string }, conn: Duplex): void => {
    if (error.code?.startsWith('HPE_') !== true || !conn.writable) return void conn.destroy();
    this.#take(conn, async ({ conn: stream, session }) => {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
      await hangUp(stream, session.signal, encodeAnswer({ ...this.#answerFor(malformed()), status }));
      throw malformed();
    });
  };

  /** Lets a client's requests have their turn. What `work` rejects with is the session's error. */
  #take(conn: Duplex, work: (client: Client) => Promise<void>): void {
    const client = this.#clients.get(conn);
    if (client === undefined) return void conn.destroy();
    clearTimeout(client.timer ?? undefined);
    client.timer = null;
    client.ahead += 1;
    if (client.ahead > MAX_AHEAD) {
      client.error = malformed();
      return void conn.destroy();
    }
    client.turn = client.turn
      .then(() => {
        if (client.conn.destroyed) return;
        client.error = null;
        return work(client);
      })
      .catch((error: unknown) => {
        client.error ??= toProxyError(error);
      })
      .finally(() => {
        client.ahead -= 1;
        client.served += 1;
      });
  }

  async #connect(conn: Conn, session: Session, request: IncomingMessage): Promise<Carry> {
    const user = this.#signIn(request);
    const { headers } = request;
    // a body has no meaning here, and a server that saw one would differ from us about where the tunnel starts
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
      throw malformed();
    const target = connectTarget(request.url ?? '');
    session.request({ protocol: 'http', command: 'connect', target, user });
    const { router, options } = this.#parts;
    return connect({ conn, session, router, user }, target, () => this.#granted(), {
      idleMs: options.idleTimeout,
    });
  }

  #granted(): Buffer {
    const own = Object.entries(this.#parts.options.header).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`HTTP/1.1 200 Connection established\r\n${own.join('')}\r\n`);
  }

  async #forward(
    { conn, session }: Client,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const user = this.#signIn(request);
    const forwarded = absoluteTarget(request.url ?? '', request.method ?? '');
    const { target } = forwarded;
    session.request({ protocol: 'http', command: 'connect', target, user });
    const { out, path, chain } = await whileClientStays(
      conn,
      session.signal,
      (signal) =>
        this.#parts.router.connect(
          { command: 'connect', dst: target, client: session.client, user, trace: session.stats.trace },
          signal,
        ),
      (late) => late.out.destroy(),
    );
    session.stats.routed({ path, chain });
    const { idleTimeout: idleMs } = this.#parts.options;
    await forward({ conn, request, response, forwarded, out, session, idleMs });
  }

  /** The user who signed in, or null where nobody has to. Throws `auth_failed`. */
  #signIn(request: IncomingMessage): string | null {
    const { auth } = this.#parts;
    if (auth?.required !== true) return null;
    const given = basicCredentials(request.headers['proxy-authorization']);
    const none = Buffer.alloc(0);
    const user = auth.check(given?.user ?? none, given?.password ?? none);
    if (given === null || user === null) throw new ProxyError('auth_failed');
    return user;
  }

  #answer(client: Client, request: IncomingMessage, response: ServerResponse, error: ProxyError): void {
    client.error ??= error;
    if (response.headersSent || response.destroyed) return; // the client was told by the reset of its connection
    const { status, fields, body } = this.#answerFor(error);
    // what is left of the body has to be read before the next request can be; when there is much of it, closing is better
    response.shouldKeepAlive = response.shouldKeepAlive && request.complete;
    response.writeHead(status, STATUS_CODES[status] ?? '', [...fields]);
    response.end(body);
    request.resume();
  }

  #answerFor(error: ProxyError): ReturnType<typeof answerFor> {
    const { authBasicRealm, header } = this.#parts.options;
    const answer = answerFor(error, authBasicRealm);
    return { ...answer, fields: [...answer.fields, ...Object.entries(header).flat()] };
  }

  #expectHead(client: Client): void {
    const { conn, firstHeadMs, served } = client;
    if (conn.destroyed || client.ahead > 1) return;
    const ms = served === 0 && client.ahead === 0 ? firstHeadMs : BETWEEN_REQUESTS_MS;
    client.timer = setTimeout(() => void this.#tooLate(client, ms), ms);
  }

  async #tooLate(client: Client, ms: number): Promise<void> {
    const { conn, session, served } = client;
    if (served > 0) return void conn.destroy();
    client.error = new ProxyError('handshake_timeout', { seconds: Math.ceil(ms / 1000) });
    await hangUp(conn, session.signal, encodeAnswer(this.#answerFor(client.error)));
  }
}
