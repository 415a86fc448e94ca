/**
 * One client connection: its id, its own abort signal, its log and its counters. Nothing here knows a protocol.
 */
import type { Address } from './net/conn.ts';
import type { ConnStats, Session, StatsSink } from './roles.ts';
import type { Log } from './log.ts';
import type { ProxyError } from './errors.ts';
import type { Meters } from './net/meter.ts';

export interface SessionAbout {
  readonly service: string;
  readonly client: Address;
  /** It sends datagrams to a listener of them. */
  readonly udp: boolean;
  readonly sink: StatsSink;
  readonly log: Log;
  /** Its place among the service's clients. */
  readonly place: { established(): void };
  readonly meters: Meters | null;
  readonly limits: {
    /** Counts a request of the client; why it is refused, or null. */
    countRequest(client: Address): ProxyError | null;
  };
}

/** A session for a client that was just accepted. Ten thousand of them are open at once: methods instead of closures. */
export class OpenSession implements Session {
  readonly id: string;
  readonly udp: boolean;
  readonly service: string;
  readonly client: Address;
  readonly signal: AbortSignal;
  readonly stats: ConnStats;
  readonly meters: Meters | null;
  readonly #controller = new AbortController();
  readonly #serviceLog: Log;
  readonly #place: SessionAbout['place'];
  readonly #limits: SessionAbout['limits'];
  #log: Log | null = null;

  constructor({ service, client, udp, sink, log, place, meters, limits }: SessionAbout) {
    this.service = service;
    this.client = client;
    this.udp = udp;
    this.signal = this.#controller.signal;
    this.meters = meters;
    this.#serviceLog = log;
    this.#place = place;
    this.#limits = limits;
    this.stats = sink.open(this);
    this.id = this.stats.id;
  }

  get log(): Log {
    return (this.#log ??= this.#serviceLog.with({ id: this.id }));
  }

  request(known: Parameters<ConnStats['request']>[0]): void {
    this.stats.request(known);
    const refusal = this.#limits.countRequest(this.client);
    if (refusal !== null) throw refusal;
  }

  /** The client's request has been answered; called once, by the statistics. */
  established(): void {
    this.#place.established();
  }

  /** Ends the session's signal with a reason; the handler then closes what it holds. */
  close(reason: ProxyError): void {
    this.#controller.abort(reason);
  }

  /** Counts the session as ended. Call once, when the handler has returned. */
  end(error: ProxyError | null): void {
    this.stats.close(error);
  }
}
