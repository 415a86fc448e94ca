/** A handler behind a real loopback port, as a service would run it, with everything it reports kept for the test. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { DropReason } from '../contract/stats.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { Timeline } from '../stats/timeline.ts';
import { silentLog } from '../log.ts';
import type { Address, Conn, Incoming, PacketConn } from '../net/conn.ts';
import { directRoute, type DirectOptions } from '../net/direct.ts';
import type { AssociationStats, ConnStats, Handler, Route, Routed, Router, Session } from '../roles.ts';

/** What one client's session told the statistics, and how it ended. */
export interface Report {
  readonly requests: Parameters<ConnStats['request']>[0][];
  readonly routed: Parameters<ConnStats['routed']>[0][];
  readonly associations: AssociationReport[];
  readonly counters: { readonly up: number; readonly down: number };
  /** Resolves when the handler returned (null) or rejected. */
  readonly ended: Promise<ProxyError | null>;
  abort(reason: ProxyError): void;
}

export interface AssociationReport {
  readonly relay: Address;
  up: number;
  down: number;
  readonly drops: DropReason[];
  /** Size and limit of the last drop that told them. */
  size: readonly [number, number | undefined] | null;
  closed: boolean;
}

export interface Front {
  readonly address: Address;
  /** Sessions in the order of their connections. */
  readonly reports: readonly Report[];
  /** The report of the next connection that is accepted. */
  next(): Promise<Report>;
  close(): Promise<void>;
}

/** Serves `handler` on `host`, port 0. `close` ends all sessions and fails if one outlives that. */
export async function front(handler: Handler, host = '127.0.0.1'): Promise<Front> {
  const reports: Report[] = [];
  const waiting: ((report: Report) => void)[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    const report = serve(handler, socket);
    reports.push(report);
    waiting.shift()?.(report);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const at = server.address();
  assert.ok(at !== null && typeof at === 'object');
  return {
    address: { host, port: at.port },
    reports,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    close: async () => {
      server.close();
      for (const report of reports) report.abort(new ProxyError('stopping'));
      await Promise.all(reports.map(({ ended }) => ended));
    },
  };
}

function serve(handler: Handler, socket: Socket): Report {
  const controller = new AbortController();
  const requests: Report['requests'] = [];
  const routed: Report['routed'] = [];
  const associations: AssociationReport[] = [];
  const stats: ConnStats = {
    id: 'test',
    up: 0,
    down: 0,
    endedBy: null,
    trace: new Timeline(),
    firstByte: () => undefined,
    request: (about) => void requests.push(about),
    routed: (about) => void routed.push(about),
    association: ({ relay }) => {
      const report: AssociationReport = { relay, up: 0, down: 0, drops: [], size: null, closed: false };
      associations.push(report);
      return associationStats(report);
    },
    close: () => undefined,
    summary: () => ({}),
  };
  const session: Session = {
    id: 'test',
    service: 'test',
    client: { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
    signal: controller.signal,
    log: silentLog,
    stats,
    meters: null,
    request: (about) => stats.request(about),
  };
  socket.on('error', () => undefined);
  const ended = handler.handle(socket, session).then(
    () => null,
    (error: unknown) => {
      socket.destroy();
      return toProxyError(error);
    },
  );
  return {
    requests,
    routed,
    associations,
    counters: stats,
    ended,
    abort: (reason) => controller.abort(reason),
  };
}

function associationStats(report: AssociationReport): AssociationStats {
  return {
    up: (_, bytes) => (report.up += bytes),
    down: (_, bytes) => (report.down += bytes),
    drop: (reason, size, limit) => {
      report.drops.push(reason);
      if (size !== undefined) report.size = [size, limit];
    },
    close: () => (report.closed = true),
  };
}

/** A router without policy: everything goes Direct. */
export function directRouter(options: DirectOptions = {}): Router {
  return routerOver(directRoute(options));
}

/** A router that always takes this route; what it does not do itself is unsupported. */
export function routerOver(route: Partial<Route>): Router {
  const path = route.path ?? [];
  const routed = async <T>(verb: Promise<T> | undefined): Promise<Routed<T>> => {
    if (verb === undefined) throw new ProxyError('unsupported', { what: 'This', by: 'the test' });
    return { out: await verb, path, chain: null, attempts: 1 };
  };
  return {
    connect: ({ dst }, signal) => routed<Conn>(route.connect?.(dst, signal)),
    associate: (_, signal) => routed<PacketConn>(route.associate?.(signal)),
    bind: ({ dst }, signal) => routed<Incoming>(route.bind?.(dst, signal)),
    listen: ({ dst }, signal) => routed(route.listen?.(dst, signal)),
    listenPackets: ({ dst }, signal) => routed(route.listenPackets?.(dst, signal)),
    resolve: ({ dst }, kind, signal) => routed(route.resolve?.({ kind, host: dst.host }, signal)),
  };
}
