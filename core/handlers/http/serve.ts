/**
 * HTTP proxy clients, each from its first byte to its last. Node's own HTTP server parses what they send, without ever
 * listening: every accepted stream is handed to it. CONNECT leaves it and becomes a tunnel as in SOCKS; a request that wants another
 * protocol (Upgrade) leaves it too; other requests are forwarded one after the other, the client's connection staying open between them.
 *
 * Over 300 lines: how a client's requests take turns, and what each of the four ways to answer one may still write, is one state.
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
import type { Address, Conn } from '../../net/conn.ts';
import { within } from '../../net/within.ts';
import type { HandlerDeps } from '../../registry.ts';
import type { Session } from '../../roles.ts';
import { closed, hangUp, whileClientStays } from '../client.ts';
import { connect, type Carry } from '../connect.ts';
import { tunnel } from '../socks5/tunnel.ts';
import { NO_ADDRESS } from '../../socks/atyp.ts';
import { bare, knocks, parseDecoy, type Decoy } from './decoy.ts';
import { disguiseRequest, disguiseTunnel, type Scene } from './disguise.ts';
import { forward, Stale } from './exchange.ts';
import {
  absoluteTarget,
  answerFor,
  basicCredentials,
  connectTarget,
  encodeAnswer,
  encodeHead,
  hasBody,
  headOf,
  malformed,
  namedHost,
  wantsUdp,
  type Forwarded,
} from './message.ts';
import { passUpgrade } from './upgrade.ts';
import { Way } from './way.ts';

export interface HttpParts extends Pick<HandlerDeps, 'router' | 'auth'> {
  readonly options: {
    readonly authBasicRealm: string;
    readonly header: Readonly<Record<string, string>>;
    readonly idleTimeout: number;
    readonly udp: boolean;
    readonly proxyAgent: string;
    readonly keepalive: boolean;
    readonly compression: boolean;
    readonly probeResist: string;
    readonly knock: string;
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
  /** A way to a target that is kept for the next request. */
  way: Way | null;
}

/** Thrown where a client without the password is to meet the decoy instead of a refusal. */
class Unwelcome extends ProxyError {
  readonly decoy: Decoy;
  constructor(decoy: Decoy) {
    super('auth_failed');
    this.decoy = decoy;
  }
}

export class HttpFront {
  readonly #parts: HttpParts;
  readonly #server: Server;
  readonly #clients = new Map<Duplex, Client>();
  readonly #decoy: Decoy | null;
  /** Fields of every answer of the proxy itself. */
  readonly #own: readonly string[];

  constructor(parts: HttpParts) {
    this.#parts = parts;
    const { header, proxyAgent, probeResist } = parts.options;
    const named = Object.keys(header).some((name) => name.toLowerCase() === 'proxy-agent');
    this.#own = [
      ...Object.entries(header).flat(),
      ...(proxyAgent === '' || named ? [] : ['Proxy-Agent', proxyAgent]),
    ];
    this.#decoy = parts.auth?.required === true ? parseDecoy(probeResist) : null;
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
    this.#server.on('upgrade', this.#onUpgrade);
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
      way: null,
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
      await client.way?.close();
    }
    if (client.error !== null) throw client.error;
    if (client.served === 0) throw new ProxyError('client_gone');
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    this.#take(request.socket, async (client) => {
      try {
        await this.#forward(client, request, response);
      } catch (error) {
        if (error instanceof Unwelcome) {
          client.error ??= toProxyError(error);
          await disguiseRequest(this.#scene(error, client, request), response);
        } else this.#answer(client, request, response, toProxyError(error));
      }
      this.#expectHead(client);
    });
  };

  readonly #onConnect = (request: IncomingMessage, conn: Duplex, head: Buffer): void => {
    this.#take(conn, async ({ conn: stream, session }) => {
      if (head.length > 0) stream.unshift(head);
      const carry = await this.#connect(stream, session, request).catch((error: unknown) =>
        this.#refuse(request, stream, session, error),
      );
      await carry();
    });
  };

  readonly #onUpgrade = (request: IncomingMessage, conn: Duplex, head: Buffer): void => {
    this.#take(conn, async (client) => {
      const { conn: stream, session } = client;
      if (head.length > 0) stream.unshift(head);
      if (hasBody(request)) {
        // Node's parser let go of a body that only it may frame: it gets the request once more, without the wish
        stream.unshift(headOf(request, ['upgrade'], 'upgrade'));
        this.#server.emit('connection', stream);
        stream.resume();
        return;
      }
      let way: Way | null = null;
      try {
        const { forwarded, user } = this.#admit(session, request);
        way = await this.#open(client, forwarded.target, user);
        await passUpgrade({ conn: stream, request, forwarded, way, session });
      } catch (error) {
        if (!stream.destroyed) await this.#refuse(request, stream, session, error);
        throw error;
      } finally {
        await way?.close();
      }
    });
  };

  /** Bytes that are not HTTP, a head that is too long, or a connection that broke. */
  readonly #onClientError = (error: Error & { code?: string }, conn: Duplex): void => {
    if (error.code?.startsWith('HPE_') !== true || !conn.writable) return void conn.destroy();
    this.#take(conn, async ({ conn: stream, session }) => {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
      await hangUp(stream, session.signal, this.#lastWord(malformed(), status));
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
    // a body has no meaning here, and a server that saw one would differ from us about where the tunnel starts
    if (hasBody(request)) throw malformed();
    const { router, options } = this.#parts;
    if (wantsUdp(request)) {
      session.request({ protocol: 'http', command: 'udp-tun', target: null, user });
      if (!options.udp) throw new ProxyError('command', { command: 'UDP' });
      // every datagram names its target; the one of the request plays no part, as with GOST
      return tunnel({ conn, session, router, user }, NO_ADDRESS, () => this.#granted(), null);
    }
    const target = connectTarget(request.url ?? '');
    session.request({ protocol: 'http', command: 'connect', target, user });
    return connect({ conn, session, router, user }, target, () => this.#granted(), {
      idleMs: options.idleTimeout,
    });
  }

  #granted(): Buffer {
    return encodeHead(200, 'Connection established', this.#own);
  }

  /** What a request asks for, if its sender may ask. Throws `auth_failed`, `malformed` and what is wrong with the target. */
  #admit(session: Session, request: IncomingMessage): { forwarded: Forwarded; user: string | null } {
    const user = this.#signIn(request);
    const forwarded = absoluteTarget(request.url ?? '', request.method ?? '');
    session.request({ protocol: 'http', command: 'connect', target: forwarded.target, user });
    return { forwarded, user };
  }

  async #open({ conn, session }: Client, target: Address, user: string | null): Promise<Way> {
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
    return new Way(target, user, out, session, this.#parts.options.idleTimeout);
  }

  async #forward(client: Client, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { conn, session } = client;
    const { keepalive: keep, compression } = this.#parts.options;
    const { forwarded, user } = this.#admit(session, request);
    for (;;) {
      const kept = client.way;
      client.way = null;
      const fits = kept?.suits(forwarded.target, user) === true;
      if (!fits) await kept?.close();
      const way = fits ? kept : await this.#open(client, forwarded.target, user);
      try {
        const exchange = { conn, request, response, forwarded, way, keep, compression };
        if ((await forward(exchange)).reusable) client.way = way;
        return;
      } catch (error) {
        if (!(error instanceof Stale)) throw error; // else once more, over a new way
      } finally {
        if (client.way !== way) await way.close();
      }
    }
  }

  /** The user who signed in, or null where nobody has to. Throws `auth_failed`. */
  #signIn(request: IncomingMessage): string | null {
    const { auth } = this.#parts;
    if (auth?.required !== true) return null;
    const given = basicCredentials(request.headers['proxy-authorization']);
    const none = Buffer.alloc(0);
    const user = auth.check(given?.user ?? none, given?.password ?? none);
    if (given !== null && user !== null) return user;
    if (this.#decoy !== null && !knocks(this.#parts.options.knock, namedHost(request)))
      throw new Unwelcome(this.#decoy);
    throw new ProxyError('auth_failed');
  }

  /** Answers what became neither a tunnel nor another protocol, ends the connection and throws the reason again. */
  async #refuse(request: IncomingMessage, conn: Conn, session: Session, error: unknown): Promise<never> {
    if (error instanceof Unwelcome) await disguiseTunnel(this.#scene(error, { conn, session }, request));
    else await hangUp(conn, session.signal, encodeAnswer(this.#answerFor(toProxyError(error))));
    throw error;
  }

  #scene(
    { decoy }: Unwelcome,
    { conn, session }: Pick<Client, 'conn' | 'session'>,
    request: IncomingMessage,
  ): Scene {
    return { decoy, request, conn, session, idleMs: this.#parts.options.idleTimeout };
  }

  /** The last bytes for somebody of whom no request is known: a disguised port says nothing more than a status. */
  #lastWord(error: ProxyError, status: number): Buffer {
    if (this.#decoy === null) return encodeAnswer({ ...this.#answerFor(error), status });
    const { message, fields } = bare(status);
    return encodeHead(status, message, [...fields, 'Connection', 'close']);
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
    const answer = answerFor(error, this.#parts.options.authBasicRealm);
    return { ...answer, fields: [...answer.fields, ...this.#own] };
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
    await hangUp(conn, session.signal, this.#lastWord(client.error, 408));
  }
}
