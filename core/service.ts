/**
 * A running service: one listener, what serves its clients now, and the clients themselves.
 * Stages: create (no side effects) → start (bind, read back) → retire (no new clients) → stop (drain, then end the rest).
 * What serves can be exchanged while the listener stays open: clients already here keep what served them.
 * `retire` and `stop` work in every stage and any number of times.
 */
import type { Admission } from './limits.ts';
import type { Metering } from './limiters.ts';
import { isWanted, ProxyError, toProxyError } from './errors.ts';
import type { Fields, Log } from './log.ts';
import type { Address, Conn, PacketFlow } from './net/conn.ts';
import { unmap } from './net/address.ts';
import type { Bound, Handler, Listener, StatsSink } from './roles.ts';
import { OpenSession } from './session.ts';

/** What serves the clients that arrive from now on. */
export interface Serving {
  readonly handler: Handler;
  /** Whether this source address may connect at all (GOST admission, rate limits). */
  welcome(client: Address): boolean;
  readonly limits: ServiceLimiters;
  /** A client of this serving came; the returned function tells that it went. Keeps shared chains alive. */
  readonly hold: () => () => void;
}

/** The limiters a service names (GOST limiter, climiter, rlimiter). */
export interface ServiceLimiters {
  /** Counts an accepted connection in: how it is counted out, or why it is refused. Null: nothing limits connections. */
  enter(client: Address): (() => void) | ProxyError | null;
  /** The rates of one client, of a stream or of a datagram port; null: nothing limits it. */
  meter(client: Address, datagrams: boolean): Metering | null;
  countRequest(client: Address): ProxyError | null;
}

export interface ServiceParts {
  readonly name: string;
  readonly listener: Listener;
  readonly admission: Admission;
  readonly stats: StatsSink;
  readonly log: Log;
}

export class Service {
  readonly #parts: ServiceParts;
  readonly #sessions = new Set<OpenSession>();
  readonly #listening = new AbortController();
  #current: Serving;
  #bound: Bound | null = null;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(parts: ServiceParts, serving: Serving) {
    this.#parts = parts;
    this.#current = serving;
  }

  get bound(): readonly Address[] {
    return this.#bound?.addresses ?? [];
  }

  /** Clients connected now. */
  get open(): number {
    return this.#sessions.size;
  }

  /** Binds; resolves when the port is open. Rejects with port_in_use, port_denied or address_unavailable. */
  async start(): Promise<Bound> {
    const { listener, admission } = this.#parts;
    this.#bound = await listener.listen(
      {
        admits: (client, conn) =>
          this.#welcomes(client, conn) && admission.admits(unmap(client.host)) && this.#fits(client, conn),
        conn: (conn, client) => void this.#serveConn(conn, client ?? peerOf(conn)),
        packets: (flow) => void this.#serveFlow(flow),
      },
      this.#listening.signal,
    );
    return this.#bound;
  }

  /** Exchanges what serves new clients; the listener and present clients are untouched. */
  use(serving: Serving): void {
    this.#current = serving;
  }

  /** Stops accepting; present clients live on. Resolves when the port is free. */
  async retire(): Promise<void> {
    this.#listening.abort(new ProxyError('stopping'));
    await this.#bound?.closed;
  }

  /** Stops accepting, waits up to `drainMs` for present clients to finish, then ends them. */
  async stop(drainMs: number): Promise<void> {
    await this.retire();
    if (this.#sessions.size > 0 && drainMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, drainMs);
        void this.empty().then(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#stopped = true;
    for (const session of this.#sessions) session.close(new ProxyError('stopping'));
    await this.empty();
  }

  /** Resolves when no client is connected; at once when none is. */
  empty(): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Resolves when the listener is gone: null when it was asked to, else why. */
  async ended(): Promise<Error | null> {
    return this.#bound === null ? null : this.#bound.closed;
  }

  /** Whether the admission lists let this address in. A datagram that they keep out is nothing to be shown. */
  #welcomes(client: Address, conn: Conn | undefined): boolean {
    if (this.#current.welcome(client)) return true;
    if (conn !== undefined) this.#refuse(client, new ProxyError('not_admitted', { client: client.host }));
    return false;
  }

  /** Whether the limits on connections let this one in. */
  #fits(client: Address, conn: Conn | undefined): boolean {
    if (conn === undefined) return true;
    const entered = this.#current.limits.enter(client);
    if (entered instanceof ProxyError) {
      this.#refuse(client, entered);
      return false;
    }
    if (entered !== null) conn.once('close', entered);
    return true;
  }

  /** A client that was kept out is shown among the closed ones, with the reason. */
  #refuse(client: Address, why: ProxyError): void {
    const { name, stats, log } = this.#parts;
    stats.open({ service: name, client, close: ignore }).close(why);
    log.debug('client_refused', { client, error: why.code });
  }

  async #serveConn(conn: Conn, client: Address): Promise<void> {
    conn.on('error', ignore); // a Conn must have somebody who hears its errors from the first tick to the last
    const failed = await this.#serve(client, false, (session, handler) => handler.handle(conn, session));
    if (failed) conn.destroy();
  }

  async #serveFlow(flow: PacketFlow): Promise<void> {
    const failed = await this.#serve(flow.client, true, (session, handler) => {
      if (handler.handlePackets === undefined) {
        throw new ProxyError('unsupported', { what: 'A datagram listener', by: 'this handler' });
      }
      return handler.handlePackets(flow, session);
    });
    if (failed) flow.close();
  }

  /** Runs one client from its first byte to its last. True: it failed and its stream is to be destroyed. */
  async #serve(
    client: Address,
    udp: boolean,
    work: (session: OpenSession, handler: Handler) => Promise<void>,
  ): Promise<boolean> {
    const { name, admission, stats, log } = this.#parts;
    const { handler, hold, limits } = this.#current;
    const meters = limits.meter(client, udp);
    const place = admission.enter(unmap(client.host));
    const release = hold();
    const session = new OpenSession({ service: name, client, udp, sink: stats, log, place, meters, limits });
    this.#sessions.add(session);
    if (this.#stopped) session.close(new ProxyError('stopping')); // it was still in a transport's handshake
    let error: ProxyError | null = null;
    try {
      await work(session, handler);
    } catch (thrown) {
      error = toProxyError(thrown, { target: 'The target', side: 'A peer' });
    }
    session.end(error);
    report(session, error);
    meters?.close();
    place.gone();
    release();
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    return error !== null;
  }
}

function peerOf(conn: Conn): Address {
  return { host: unmap(conn.remoteAddress ?? ''), port: conn.remotePort ?? 0 };
}

/** One line per client: an end that went wrong is for everybody, the others are detail. */
function report(session: OpenSession, error: ProxyError | null): void {
  const { stats } = session;
  const log = session.log;
  if (error?.code === 'bug') {
    const cause =
      error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause);
    log.error('session_failed', { error: error.message, cause });
    return;
  }
  const fields = (): Fields => ({
    ...stats.summary(),
    ...(error === null ? {} : { code: error.code, error: error.message }),
  });
  if (error === null || isWanted(error)) log.debug('session_ended', fields);
  else log.info('session_ended', fields);
}

function ignore(): void {}
