/**
 * GOST's relay protocol as a client. A GOST server without `nodelay` answers only together with the target's first bytes, so
 * waiting for the answer would hang client-first protocols. We send the request at once and wait for the answer a moment:
 * a server that answers in time tells the truth about the target; with one that does not, the stream is used right away and
 * the answer is taken off its front when it comes.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { familyOf, isUnspecified } from '../net/address.ts';
import type { Acceptor, Address, Conn, PacketConn } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { beginStage } from '../net/stages.ts';
import { within } from '../net/within.ts';
import { duration, flag } from '../options.ts';
import { defineConnector, type ConnectorDeps } from '../registry.ts';
import type { Connector } from '../roles.ts';
import { readMessage } from '../socks/message.ts';
import {
  decodeRelayReply,
  encodeRelayRequest,
  RELAY_COMMAND,
  RELAY_OK,
  relayFailure,
  type RelayReply,
} from '../socks/relay.ts';
import { LengthFrames } from '../socks/length-frames.ts';
import { TunnelPackets } from '../socks/tunnel.ts';
import { muxShape } from '../transports/mux.ts';
import { firstPeer, takePeers } from '../transports/mux-bind.ts';
import { AnswerLater } from './answer-later.ts';

/** How long a server may take before it counts as one that answers with the first bytes only. */
const PATIENCE_MS = 300;
/** The same for one that is said to answer at once: only slow targets keep it waiting. */
const NODELAY_PATIENCE_MS = 3000;

const options = z.object({
  connectTimeout: duration({
    title: 'Answer limit',
    description: 'Time the proxy has to answer where an answer is waited for; 0 leaves it to the attempt.',
    defaultMs: 0,
  }),
  nodelay: flag({
    title: 'No delay',
    description:
      'The server has nodelay as well, or is Sockeye: its answer is waited for longer, so that failures are told.',
    default: false,
  }),
  ...muxShape(1),
});

export const relayConnector = defineConnector({
  type: 'relay',
  title: 'Relay',
  summary: 'GOST relay protocol: TCP, UDP and remote forwarding.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options,
  create: (settings, deps): Connector => {
    const hop = deps.node;
    const limit = settings.connectTimeout === 0 ? null : settings.connectTimeout;
    const late = (): ProxyError =>
      new ProxyError('timed_out', { target: hop, seconds: settings.connectTimeout / 1000 });
    const patience = settings.nodelay ? NODELAY_PATIENCE_MS : PATIENCE_MS;
    /** True once a server was seen to hold its answer back: it is not waited for again. */
    let lazy = false;

    const ask = (conn: Conn, command: number, udp: boolean, dst: Address | null): void => {
      conn.write(encodeRelayRequest({ command, udp, signIn: deps.auth, dst }));
    };
    const answer = (conn: Conn, signal: AbortSignal): Promise<RelayReply> =>
      within(signal, limit, () => readReply(conn, deps), late);

    /** Asks for one target and waits no longer for the answer than it is worth. */
    const reach = async (conn: Conn, udp: boolean, dst: Address, signal: AbortSignal): Promise<Conn> => {
      beginStage(signal, 'request');
      ask(conn, RELAY_COMMAND.CONNECT, udp, dst);
      const later = new AnswerLater(conn, () => readReply(conn, deps));
      if (await later.within(lazy ? 0 : patience, signal)) return conn;
      lazy = true;
      return later;
    };

    const needsBind = (error: unknown): never => {
      if (!(error instanceof ProxyError) || error.code !== 'hop_refused') throw error;
      throw new ProxyError(
        'hop_no_udp',
        { hop, reason: 'its relay service allows that with bind=true only.' },
        { cause: error },
      );
    };

    const listen = async (conn: Conn, address: Address, signal: AbortSignal): Promise<Acceptor> => {
      ask(conn, RELAY_COMMAND.BIND, false, bindable(address));
      const bound = await answer(conn, signal);
      return takePeers(conn, bound.address ?? address, settings, async (stream) => {
        const { address: peer } = await readReply(stream, deps);
        return peer ?? { host: '0.0.0.0', port: 0 };
      });
    };

    return {
      connect: (conn, dst, signal) => owned(conn, () => reach(conn, false, dst, signal)),
      associate: (conn, _proxy, _via, signal, _redial, peer) =>
        owned(conn, async (): Promise<PacketConn> => {
          // an association with many is a BIND to GOST, which it only does with `bind=true`
          if (peer !== undefined) return new LengthFrames(await reach(conn, true, peer, signal), peer);
          beginStage(signal, 'request');
          ask(conn, RELAY_COMMAND.BIND, true, { host: '0.0.0.0', port: 0 });
          const { address } = await answer(conn, signal).catch(needsBind);
          return new TunnelPackets(conn, address ?? { host: '0.0.0.0', port: 0 });
        }),
      // relay only has ports for many; an address of somebody in particular is compared by the handler, a name nobody could
      bind: (conn, dst, signal) =>
        owned(conn, async () => {
          if (dst.host !== '' && familyOf(dst.host) === 0)
            throw new ProxyError('unsupported', { what: 'A port for a peer given by name', by: hop });
          const port = dst.host === '' || isUnspecified(dst.host) ? dst.port : 0;
          return firstPeer(await listen(conn, { host: '', port }, signal));
        }),
      listen: (conn, address, signal) => owned(conn, () => listen(conn, address, signal)),
      listenPackets: (conn, address, signal) =>
        owned(conn, async (): Promise<PacketConn> => {
          ask(conn, RELAY_COMMAND.BIND, true, bindable(address));
          const bound = await answer(conn, signal);
          return new TunnelPackets(conn, bound.address ?? address);
        }),
    };
  },
});

/** Destroys the stream when the exchange fails. */
async function owned<T>(conn: Conn, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    conn.destroy();
    throw error;
  }
}

async function readReply(conn: Conn, { node: hop }: ConnectorDeps): Promise<RelayReply> {
  const reader = new Reader(conn, { gone: 'hop_unreachable', detail: { hop, reason: 'it hung up' } });
  try {
    const reply = await readMessage(reader, decodeRelayReply).catch((error: unknown) => {
      if (error instanceof ProxyError && error.code !== 'malformed' && error.code !== 'address_type')
        throw error;
      throw new ProxyError(
        'hop_protocol',
        { hop, protocol: 'relay', reason: 'its answer could not be read' },
        { cause: error },
      );
    });
    if (reply.status === RELAY_OK) return reply;
    const { code, words } = relayFailure(reply.status);
    // no `rep`: relay's status bytes are not SOCKS5's
    throw new ProxyError(code, { hop, reason: words, protocol: 'relay', target: 'The target', seconds: 0 });
  } finally {
    reader.release();
  }
}

/** GOST can not read an empty host here. */
function bindable({ host, port }: Address): Address {
  return { host: host === '' ? '0.0.0.0' : host, port };
}
