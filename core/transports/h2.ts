/**
 * HTTP/2 as a carrier (GOST h2, h2c): one stream per connection, made by CONNECT, or by GET on a path when one is set.
 * The streams of node:http2 are used as they are. Flow-control windows are raised from the protocol's 64 KiB.
 */
import http2 from 'node:http2';
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { beginStage } from '../net/stages.ts';
import { abortReason } from '../net/within.ts';
import type { PooledSession } from './pool.ts';

const WINDOW = 1024 * 1024;
const SESSION_WINDOW = 8 * WINDOW;
const PING_MS = 15_000;
/** Time for the answer to a ping that somebody waits for. */
const PONG_MS = 5000;
/** A client that has not sent its settings by then is no HTTP/2 client. */
const HANDSHAKE_MS = 15_000;

export interface H2Options {
  /** Empty: CONNECT. Else GET on this path. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface H2ClientOptions extends H2Options {
  /** :authority of the requests. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** How often the server is asked whether it is there; default 15 s. */
  readonly pingMs?: number;
}

/** Client side over a connected stream (TLS with ALPN h2, or clear text with prior knowledge). Owns `conn`. */
export async function h2Client(
  conn: Conn,
  options: H2ClientOptions,
  hop: string,
  signal: AbortSignal,
): Promise<PooledSession> {
  const session = await h2Session(conn, options, hop, signal);
  watch(session, options.pingMs ?? PING_MS);
  return {
    get usable() {
      return !session.closed && !session.destroyed;
    },
    open: (signal) => openStream(session, requestOf(options), hop, signal),
    close: () => {
      session.destroy();
      conn.destroy();
    },
  };
}

/**
 * Settles once the server's settings have come: it speaks HTTP/2. Owns `conn`. Rejects with hop_protocol or the signal's
 * reason.
 */
export function h2Session(
  conn: Conn,
  { scheme, host }: H2ClientOptions,
  hop: string,
  signal: AbortSignal,
): Promise<http2.ClientHttp2Session> {
  beginStage(signal, 'transport');
  return new Promise((resolve, reject) => {
    const session = http2.connect(`${scheme}://${host}`, {
      createConnection: () => conn,
      settings: { initialWindowSize: WINDOW, enablePush: false },
    });
    const end = (error: ProxyError): void => {
      settle();
      session.on('error', () => undefined);
      session.destroy();
      conn.destroy();
      reject(error);
    };
    const fail = (error: Error): void =>
      end(
        new ProxyError('hop_protocol', { hop, protocol: 'HTTP/2', reason: error.message }, { cause: error }),
      );
    const onClose = (): void => fail(new Error('it hung up'));
    const onAbort = (): void => end(abortReason(signal));
    const onSettings = (): void => {
      settle();
      session.on('error', () => undefined); // ends as 'close', which the streams see
      conn.once('end', () => session.destroy()); // a half-open connection would keep a session that hears nothing
      session.setLocalWindowSize(SESSION_WINDOW);
      resolve(session);
    };
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      session.off('error', fail).off('close', onClose).off('remoteSettings', onSettings);
      conn.off('end', onClose);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    session.once('error', fail).once('close', onClose).once('remoteSettings', onSettings);
    conn.once('end', onClose);
    if (signal.aborted) onAbort();
  });
}

function requestOf({ path, headers, host, scheme }: H2ClientOptions): http2.OutgoingHttpHeaders {
  if (path === '') return { ...headers, ':method': 'CONNECT', ':authority': host };
  return { ...headers, ':method': 'GET', ':scheme': scheme, ':authority': host, ':path': path };
}

/** One stream, once the server has answered 200. Rejects with hop_protocol. */
function openStream(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  hop: string,
  signal: AbortSignal,
): Promise<http2.ClientHttp2Stream> {
  beginStage(signal, 'transport');
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: false });
    const abort = (): void => void stream.destroy();
    const settle = (): void => {
      signal.removeEventListener('abort', abort);
      stream.off('error', fail);
      stream.off('close', closed);
    };
    const fail = (error: Error): void => {
      settle();
      stream.on('error', () => undefined);
      stream.destroy();
      reject(
        signal.aborted
          ? abortReason(signal)
          : new ProxyError(
              'hop_protocol',
              { hop, protocol: 'HTTP/2', reason: error.message },
              { cause: error },
            ),
      );
    };
    const closed = (): void => fail(new Error('it closed the stream'));
    signal.addEventListener('abort', abort, { once: true });
    stream.once('error', fail);
    stream.once('close', closed);
    stream.once('response', ({ ':status': status }) => {
      if (status !== 200) return fail(new Error(`it answered HTTP ${String(status)}`));
      settle();
      resolve(stream);
    });
  });
}

/** Server side: one per listener. Give it connected streams; it calls back with every HTTP/2 stream the clients open. */
export class H2Acceptor {
  readonly #onStream: (
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    below: Conn,
  ) => void;
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #server = http2.createServer({
    settings: { initialWindowSize: WINDOW, maxConcurrentStreams: 1024 },
  });

  constructor(
    onStream: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, below: Conn) => void,
  ) {
    this.#onStream = onStream;
    this.#server.on('sessionError', () => undefined);
  }

  accept(conn: Conn): void {
    this.#server.once('session', (session: http2.ServerHttp2Session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => undefined);
      const end = (): void => {
        session.destroy();
        conn.destroy();
      };
      const late = setTimeout(end, HANDSHAKE_MS);
      conn.once('end', end);
      session.once('close', () => {
        clearTimeout(late);
        conn.destroy();
      });
      session.once('remoteSettings', () => {
        clearTimeout(late);
        session.setLocalWindowSize(SESSION_WINDOW); // it has no handle before that
      });
      watch(session, PING_MS);
      session.on('stream', (stream, headers) => {
        stream.on('error', () => undefined);
        this.#onStream(stream, headers, conn);
      });
    });
    this.#server.emit('connection', conn);
    conn.resume();
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}

/** Answers a stream as GOST's h2 listener does; false when it was refused (405, 400). */
export function acceptStream(
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  { path, headers: extra }: H2Options,
): boolean {
  const refused =
    path === '' ? (headers[':method'] === 'CONNECT' ? null : 405) : headers[':path'] === path ? null : 400;
  if (refused === null) stream.respond({ ...extra, ':status': 200 });
  else stream.respond({ ':status': refused }, { endStream: true });
  return refused === null;
}

/** Resolves when the server of a session answers a ping. Otherwise the session ends, and it rejects with hop_unreachable. */
export function answers(session: http2.ClientHttp2Session, hop: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      clearTimeout(late);
      session.destroy();
      reject(new ProxyError('hop_unreachable', { hop, reason: 'its shared session has ended.' }));
    };
    const late = setTimeout(fail, PONG_MS);
    const asked = session.ping((error) => {
      clearTimeout(late);
      if (error === null) resolve();
      else fail();
    });
    if (!asked) fail();
  });
}

/** Ends a session whose peer answers no ping: half-open connections must not swallow new streams. */
function watch(session: http2.Http2Session, everyMs: number): void {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered) session.destroy(new ProxyError('idle', { seconds: everyMs / 1000 }));
    if (session.destroyed) return;
    answered = false;
    session.ping((error) => {
      answered = error === null;
    });
  }, everyMs);
  timer.unref();
  session.once('close', () => clearInterval(timer));
}
