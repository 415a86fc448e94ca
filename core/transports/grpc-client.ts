/**
 * The client of a gRPC session: calls, and whether the server is still there. gRPC servers end a session whose client pings too
 * often (grpc-go, handlePing): a ping costs nothing when the server has sent a message since the one before, or five minutes
 * later; two others are forgiven until its next message; without a call there may be none. So this asks when nothing was
 * heard for a while: once after each message, twice more while we say something and hear nothing, else every five minutes.
 */
import type http2 from 'node:http2';
import type { Conn } from '../net/conn.ts';
import { GrpcConn, grpcRequest, type GrpcActivity } from './grpc.ts';
import { answers, h2Session } from './h2.ts';
import type { PooledSession } from './pool.ts';

const SILENCE_MS = 15_000;
/** Five minutes, and what the network may take from them. */
const UNASKED_MS = 315_000;
const FORGIVEN = 2;

export interface GrpcClientOptions {
  /** :authority of the calls. */
  readonly host: string;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  /** How long a server with calls may be silent before it is asked; default 15 s. */
  readonly silenceMs?: number;
}

/** Owns `conn`, a connected stream to the server. Rejects with hop_protocol or the reason of `signal`. */
export async function grpcClient(
  conn: Conn,
  { host, path, scheme, silenceMs = SILENCE_MS }: GrpcClientOptions,
  hop: string,
  signal: AbortSignal,
): Promise<PooledSession> {
  const session = await h2Session(conn, { scheme, host, path: '', headers: {} }, hop, signal);
  const watch = new Watch(session, hop, silenceMs);
  return {
    get usable() {
      return !session.closed && !session.destroyed;
    },
    // the call is not waited for: servers answer with their first message, which most protocols give only for one of ours
    open: async () => {
      await watch.beforeCall();
      const stream = session.request(grpcRequest(path, host, scheme), { endStream: false });
      watch.called(stream);
      return new GrpcConn(stream, conn, hop, watch);
    },
    close: () => {
      session.destroy();
      conn.destroy();
    },
  };
}

/** Asks a silent server, and ends the session when it does not answer. */
class Watch implements GrpcActivity {
  readonly #session: http2.ClientHttp2Session;
  readonly #hop: string;
  readonly #silenceMs: number;
  #calls = 0;
  /** When the server was last heard, a pong included. */
  #heardAt = performance.now();
  #askedAt = -Infinity;
  /** The server has sent a message since it was asked: the next ping is free. */
  #free = true;
  #forgiven = 0;
  /** We have said something that nothing was heard after. */
  #unanswered = false;

  constructor(session: http2.ClientHttp2Session, hop: string, silenceMs: number) {
    this.#session = session;
    this.#hop = hop;
    this.#silenceMs = silenceMs;
    const timer = setInterval(() => {
      if (this.#calls > 0 && this.#mayAsk()) void this.#ask().catch(() => undefined); // the calls are told
    }, silenceMs);
    timer.unref();
    session.once('close', () => clearInterval(timer));
  }

  heard(): void {
    this.#heardAt = performance.now();
    this.#free = true;
    this.#unanswered = false;
  }

  said(): void {
    this.#unanswered = true;
  }

  called(stream: http2.ClientHttp2Stream): void {
    this.#calls += 1;
    stream.once('close', () => (this.#calls -= 1));
  }

  /** A session that has been silent may have lost its server without a word. Rejects with hop_unreachable. */
  async beforeCall(): Promise<void> {
    if (this.#mayAsk()) await this.#ask();
  }

  #mayAsk(): boolean {
    const now = performance.now();
    if (now - this.#heardAt < this.#silenceMs) return false;
    return this.#free || now - this.#askedAt > UNASKED_MS || (this.#unanswered && this.#forgiven < FORGIVEN);
  }

  async #ask(): Promise<void> {
    const now = performance.now();
    this.#forgiven = this.#free ? 0 : now - this.#askedAt > UNASKED_MS ? this.#forgiven : this.#forgiven + 1;
    this.#askedAt = now;
    this.#free = false;
    await answers(this.#session, this.#hop);
    this.#heardAt = performance.now();
  }
}
