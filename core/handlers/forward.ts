/**
 * Port forwarding: every client goes to a configured target, through the service's chain. One handler under GOST's names:
 * tcp, udp and forward behind a local listener, rtcp and rudp behind a listener at the far end of a chain.
 * Targets are picked per client by the forwarder's selector; a target that fails is tried against the next one.
 */
import * as z from 'zod';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Address, Conn, PacketConn, PacketFlow } from '../net/conn.ts';
import { splice } from '../net/splice.ts';
import { duration } from '../options.ts';
import { defineHandler, type Forwarder, type HandlerDeps, type HandlerDefinition } from '../registry.ts';
import type { Handler, Routed, Session } from '../roles.ts';
import { pump } from './pump.ts';

const options = z.object({
  idleTimeout: duration({
    title: 'Idle limit',
    description: 'A connection silent for this long is closed; 0 never closes one.',
    defaultMs: 0,
  }),
});

const FACTS = { auth: false, udp: true, tls: false, forward: true };

/** Tried targets per client before giving up: each configured one is picked at most this often. */
const MAX_TARGETS = 3;

function create({ idleTimeout }: z.output<typeof options>, deps: HandlerDeps): Handler {
  const { router, forwarder, name } = deps;
  if (forwarder === null) {
    throw new ProxyError('config', {
      where: `service ${name}`,
      message: 'a forwarding service needs a target: forwarder.nodes',
    });
  }
  return {
    async handle(conn: Conn, session: Session): Promise<void> {
      const way = await reach(forwarder, session, (dst) =>
        router.connect(
          { command: 'connect', dst, client: session.client, user: null, trace: session.stats.trace },
          session.signal,
        ),
      );
      session.stats.routed(way);
      await splice(conn, way.out, {
        signal: session.signal,
        counters: session.stats,
        meters: session.meters,
        idleMs: idleTimeout,
      });
    },
    async handlePackets(flow: PacketFlow, session: Session): Promise<void> {
      let target: Address = session.client;
      const way = await reach(forwarder, session, (dst) => {
        target = dst;
        return router.associate(
          {
            command: 'associate',
            dst,
            client: session.client,
            user: null,
            peer: dst,
            trace: session.stats.trace,
          },
          session.signal,
        );
      });
      await pump(towards(target, flow), way, session);
    },
  };
}

/** A way to the first target that can be reached. */
async function reach<T>(
  forwarder: Forwarder,
  session: Session,
  go: (dst: Address) => Promise<Routed<T>>,
): Promise<Routed<T>> {
  const tried = new Set<string>();
  let failure: ProxyError | null = null;
  while (tried.size < MAX_TARGETS) {
    const { name, addr } = forwarder.pick(session.client);
    if (tried.has(name)) break;
    tried.add(name);
    const about = { protocol: 'forward', command: 'forward', target: addr, user: null } as const;
    if (tried.size === 1) session.request(about);
    else session.stats.request(about);
    try {
      const way = await go(addr);
      forwarder.mark(name, true);
      return way;
    } catch (error) {
      failure = toProxyError(error, { target: `${addr.host}:${addr.port}` });
      forwarder.mark(name, false);
      if (session.signal.aborted) break;
    }
  }
  throw failure ?? new ProxyError('no_node', { hop: 'the forwarder' });
}

/** One client of a datagram listener as a PacketConn that only knows its target. */
function towards(target: Address, flow: PacketFlow): PacketConn {
  return {
    carrier: 'udp',
    local: flow.client,
    idleMs: flow.idleMs,
    closed: flow.closed,
    receive: (sink) => flow.receive((data) => sink(data, target)),
    send: (data) => flow.send(data),
    close: () => flow.close(),
  };
}

function define(type: string, title: string, summary: string): HandlerDefinition<typeof options> {
  return defineHandler({ type, title, summary, facts: FACTS, options, create });
}

export const tcpHandler = define('tcp', 'TCP forward', 'Sends every connection to a configured target.');
export const udpHandler = define(
  'udp',
  'UDP forward',
  'Sends every datagram to a configured target and every answer back.',
);
export const forwardHandler = define(
  'forward',
  'Forward',
  'Sends whatever the listener accepts to a configured target.',
);
export const rtcpHandler = define(
  'rtcp',
  'Remote TCP forward',
  'Sends connections made to the far end of a chain to a target on this side.',
);
export const rudpHandler = define(
  'rudp',
  'Remote UDP forward',
  'Sends datagrams received at the far end of a chain to a target on this side.',
);
