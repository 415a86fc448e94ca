/**
 * One client connection: its id, its own abort signal, its log and its counters. Nothing here knows a protocol.
 */
import type { Address } from './net/conn.ts';
import type { ConnStats, Session, StatsSink } from './roles.ts';
import type { Log } from './log.ts';
import type { ProxyError } from './errors.ts';
import type { Meters } from './net/meter.ts';

export interface OpenSession extends Session {
  /** Ends the session's signal with a reason; the handler then closes what it holds. */
  abort(reason: ProxyError): void;
  /** Counts the session as ended. Call once, when the handler has returned. */
  end(error: ProxyError | null): void;
}

export interface SessionAbout {
  readonly service: string;
  readonly client: Address;
  /** It sends datagrams to a listener of them. */
  readonly udp: boolean;
  readonly sink: StatsSink;
  readonly log: Log;
  /** Called once, when the client's request has been answered. */
  readonly established: () => void;
  readonly meters: Meters | null;
  /** Counts a request of the client; why it is refused, or null. */
  readonly countRequest: () => ProxyError | null;
}

/** Opens a session for a client that was just accepted. */
export function openSession(about: SessionAbout): OpenSession {
  const { service, client, udp, sink, log, established, meters, countRequest } = about;
  const controller = new AbortController();
  const abort = (reason: ProxyError): void => controller.abort(reason);
  const stats: ConnStats = sink.open({ service, client, udp, close: abort, established });
  return {
    id: stats.id,
    service,
    client,
    signal: controller.signal,
    log: log.with({ id: stats.id }),
    stats,
    meters,
    request: (known) => {
      stats.request(known);
      const refusal = countRequest();
      if (refusal !== null) throw refusal;
    },
    abort,
    end: (error) => stats.close(error),
  };
}
