/**
 * GOST's relay protocol as a server: CONNECT, UDP, BIND and, with a forwarder, port forwarding that ignores what the client
 * asks for. The reply is always written at once: GOST clients read it whenever it comes, and server-first targets then need
 * no `nodelay` on either end.
 */
import * as z from 'zod';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Address, Conn } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { splice } from '../net/splice.ts';
import { within } from '../net/within.ts';
import { duration, flag, integer } from '../options.ts';
import { defineHandler, type HandlerDeps } from '../registry.ts';
import type { Handler, Request, Session } from '../roles.ts';
import { readMessage } from '../socks/message.ts';
import {
  decodeRelayRequest,
  encodeRelayReply,
  RELAY_COMMAND,
  RELAY_OK,
  relayStatus,
  type RelayRequest,
} from '../socks/relay.ts';
import { LengthFrames } from '../socks/length-frames.ts';
import { TunnelPackets } from '../socks/tunnel.ts';
import { pump } from './pump.ts';
import { muxShape } from '../transports/mux.ts';
import { offerPeers } from '../transports/mux-bind.ts';

const options = z.object({
  bind: flag({
    title: 'BIND',
    description: 'Lets clients open ports on this machine (rtcp, rudp).',
    default: false,
  }),
  readTimeout: duration({
    title: 'Handshake limit',
    description: 'Time a client has to send its request.',
    defaultMs: 15_000,
  }),
  nodelay: flag({
    title: 'No delay',
    description: 'Accepted for GOST: the reply is never delayed here.',
    default: false,
  }),
  udpBufferSize: integer({
    title: 'UDP buffer',
    description: 'Accepted for GOST: datagrams are never cut here.',
    default: 4096,
    unit: 'bytes',
    aliases: ['udp.bufferSize'],
  }),
  ...muxShape(1),
});
type Options = z.output<typeof options>;

export const relayHandler = defineHandler({
  type: 'relay',
  title: 'Relay',
  summary: 'GOST relay protocol: TCP, UDP and remote forwarding on one port.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options,
  create: (settings, deps): Handler => ({
    async handle(conn, session) {
      try {
        await serve(conn, session, settings, deps);
      } catch (error) {
        const failure = toProxyError(error, { target: 'The target', side: 'A peer' });
        if (!conn.destroyed && conn.writable)
          conn.end(encodeRelayReply({ status: relayStatus(failure.code), address: null }));
        throw failure;
      }
    },
  }),
});

/** Rejections before the reply are answered by the caller; everything after it destroys what it holds. */
async function serve(conn: Conn, session: Session, settings: Options, deps: HandlerDeps): Promise<void> {
  const { signal, stats } = session;
  const request = await readRequest(conn, settings, signal);
  const user = signIn(request, deps);
  const dst = targetOf(request, session, deps);
  const ask = { dst: dst ?? { host: '0.0.0.0', port: 0 }, client: session.client, user, trace: stats.trace };
  if (request.command === RELAY_COMMAND.BIND || (request.udp && dst === null)) {
    if (!settings.bind && request.command === RELAY_COMMAND.BIND)
      throw new ProxyError('not_allowed', { target: 'BIND' });
    return request.udp ? bindUdp(conn, session, ask, deps) : bindTcp(conn, session, ask, settings, deps);
  }
  if (dst === null) throw new ProxyError('malformed', { protocol: 'the relay protocol' });
  session.request({ protocol: 'relay', command: request.udp ? 'associate' : 'connect', target: dst, user });
  if (request.udp) {
    const way = await deps.router.associate({ command: 'associate', ...ask, peer: dst }, signal);
    conn.write(encodeRelayReply({ status: RELAY_OK, address: null }));
    return pump(new LengthFrames(conn, dst), way, session);
  }
  const way = await deps.router.connect({ command: 'connect', ...ask }, signal);
  stats.routed(way);
  conn.write(encodeRelayReply({ status: RELAY_OK, address: null }));
  return splice(conn, way.out, { signal, counters: stats, meters: session.meters });
}

async function readRequest(conn: Conn, { readTimeout }: Options, signal: AbortSignal): Promise<RelayRequest> {
  const reader = new Reader(conn);
  try {
    return await within(
      signal,
      readTimeout === 0 ? null : readTimeout,
      () => readMessage(reader, decodeRelayRequest),
      () => new ProxyError('handshake_timeout', { seconds: readTimeout / 1000 }),
    );
  } finally {
    reader.release();
  }
}

function signIn({ signIn: given }: RelayRequest, { auth }: HandlerDeps): string | null {
  if (auth === null) return null;
  const user = given === null ? null : auth.check(given.user, given.password);
  if (user === null) throw new ProxyError('auth_failed');
  return user;
}

function targetOf({ dst }: RelayRequest, session: Session, { forwarder }: HandlerDeps): Address | null {
  return forwarder === null ? dst : forwarder.pick(session.client).addr;
}

type Ask = Omit<Request, 'command'>;

async function bindTcp(
  conn: Conn,
  session: Session,
  ask: Ask,
  settings: Options,
  { router }: HandlerDeps,
): Promise<void> {
  const { signal, stats } = session;
  session.request({ protocol: 'relay', command: 'mbind', target: ask.dst, user: ask.user });
  const way = await router.listen({ command: 'listen', ...ask }, signal);
  stats.routed(way);
  conn.write(encodeRelayReply({ status: RELAY_OK, address: way.out.local }));
  await offerPeers(conn, way.out, settings, signal, (stream, peer, from) => {
    stream.write(encodeRelayReply({ status: RELAY_OK, address: from }));
    void splice(stream, peer, { signal, counters: stats, meters: session.meters }).catch(() => undefined); // one peer's end is not the port's
  });
}

async function bindUdp(conn: Conn, session: Session, ask: Ask, { router }: HandlerDeps): Promise<void> {
  session.request({ protocol: 'relay', command: 'udp-tun', target: ask.dst, user: ask.user });
  const way = await router.listenPackets({ command: 'listenPackets', ...ask }, session.signal);
  conn.write(encodeRelayReply({ status: RELAY_OK, address: way.out.local }));
  return pump(new TunnelPackets(conn, way.out.local), way, session);
}
