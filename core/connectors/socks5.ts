/**
 * SOCKS5 as a client: CONNECT, BIND and UDP ASSOCIATE of RFC 1928, and GOST's UDP inside the stream (0xF3) and ports for many
 * peers (0xF2). A proxy that does not know the latter two is asked again the standard way on a new stream.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { isUnspecified } from '../net/address.ts';
import type { Acceptor, Address, Conn, PacketConn } from '../net/conn.ts';
import { duration, flag, integer, text } from '../options.ts';
import { defineConnector, type ConnectorDeps } from '../registry.ts';
import type { Connector, Route } from '../roles.ts';
import { NO_ADDRESS } from '../socks/atyp.ts';
import { COMMAND, REP } from '../socks/constants.ts';
import { TunnelPackets } from '../socks/tunnel.ts';
import { muxShape } from '../transports/mux.ts';
import { takePeers } from '../transports/mux-bind.ts';
import { converse, hungUp, sendable } from './dialogue.ts';
import { credentialsOf } from './isolation.ts';
import { RepeatedBind, SecondReply } from './socks5-bind.ts';
import { Socks5Exchange, type Granted } from './socks5-exchange.ts';
import { RelayedPackets } from './socks5-packets.ts';
import { SteadyTunnel } from './steady-tunnel.ts';

const options = z.object({
  timeout: duration({
    title: 'Answer limit',
    description: 'Time the proxy has for the whole exchange; 0 leaves it to the attempt.',
    defaultMs: 0,
  }),
  notls: flag({
    title: 'No negotiated TLS',
    description: 'Do not offer the TLS methods of GOST (0x80 and 0x82).',
    default: false,
  }),
  requireTls: flag({
    title: 'Require TLS',
    description: 'Give up when the proxy does not agree to encrypt with one of the TLS methods of GOST.',
    default: false,
  }),
  requireAuth: flag({
    title: 'Require sign-in',
    description: 'Give up when the proxy does not ask for the user name and password.',
    default: false,
  }),
  isolate: flag({
    title: 'Keep clients apart',
    description:
      'Sign in with a made-up user name for each client (the user who signed in here, else its address), another one after every start. Tor gives each its own circuits.',
    default: false,
  }),
  relay: text({
    title: 'UDP relay',
    description:
      '"udp" sends datagrams beside the stream (UDP ASSOCIATE). Otherwise they travel inside it (GOST), where the proxy can do that.',
    default: '',
  }),
  udpBufferSize: integer({
    title: 'UDP buffer',
    description: 'Accepted for GOST; datagrams are always carried whole.',
    default: 4096,
    unit: 'bytes',
    aliases: ['udp.bufferSize'],
  }),
  'udp.timeout': duration({
    title: 'UDP idle limit',
    description:
      'An association beside the stream without datagrams for this long is closed; 0 never closes one.',
    defaultMs: 0,
  }),
  comp: flag({
    title: 'GOST 2 remote ports',
    description: 'The proxy is GOST v2 or has comp set: it does not say who connected to a remote port.',
    default: false,
  }),
  ...muxShape(1),
});

/** Both families: GOST opens a socket of one family only when it is asked with an address. */
const ANY_FAMILY: Address = { host: '', port: 0 };

export const socks5Connector = defineConnector({
  type: 'socks5',
  aliases: ['socks'],
  title: 'SOCKS5',
  summary:
    'SOCKS5 proxy: TCP, UDP and remote ports, with or without user name and password, GOST extensions included.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options,
  create: (settings, deps): Connector => {
    if (!settings.isolate) return connectorOf(settings, deps, new Set());
    if (deps.auth !== null) {
      const message = 'isolate makes up user names and passwords, so the node can not have its own';
      throw new ProxyError('config', { where: `node ${deps.node}`, message });
    }
    const unknown = new Set<number>();
    const named = (client: string): Connector =>
      // without a sign-in all clients would be one to it
      connectorOf(
        { ...settings, requireAuth: true },
        { ...deps, auth: credentialsOf(deps.node, client) },
        unknown,
      );
    return { ...named(''), forClient: named };
  },
});

/** `unknown`: commands this proxy said it does not know; it is not asked again. */
function connectorOf(
  settings: z.output<typeof options>,
  deps: ConnectorDeps,
  unknown: Set<number>,
): Connector {
  const { node: hop, log } = deps;
  const exchange = new Socks5Exchange(deps, settings);

  /**
   * Asks for one of GOST's commands; null when the proxy does not know it, `conn` is then gone. Whatever a proxy says to UDP inside the stream,
   * the standard way is worth a try: not every server keeps 7 for commands it does not know.
   */
  const tryGost = async (
    conn: Conn,
    command: number,
    dst: Address,
    signal: AbortSignal,
  ): Promise<Granted | null> => {
    try {
      return await exchange.request(conn, command, dst, signal);
    } catch (error) {
      const rep = error instanceof ProxyError ? error.rep : null;
      const refused = rep === REP.COMMAND_UNSUPPORTED || (rep !== null && command === COMMAND.GOST_UDP_TUN);
      if (!refused && !hungUp(error)) throw error;
      if (rep === REP.COMMAND_UNSUPPORTED) unknown.add(command);
      log.debug('socks5_command_refused', { hop, command, error });
      return null;
    }
  };

  const beside = async (conn: Conn, proxy: Address, via: Route, signal: AbortSignal): Promise<PacketConn> => {
    const granted = await exchange.request(conn, COMMAND.UDP_ASSOCIATE, NO_ADDRESS, signal);
    const { conn: control, bound } = granted;
    try {
      if (bound.port === 0) {
        const reason = 'it granted UDP on port 0.';
        throw new ProxyError('hop_protocol', { hop, protocol: 'SOCKS5', reason });
      }
      const relay = { host: relayHost(bound, control, proxy, via), port: bound.port };
      const carrier = await via.associate(signal, relay);
      return new RelayedPackets(control, carrier, relay, settings['udp.timeout']);
    } catch (error) {
      control.destroy();
      throw error;
    }
  };

  const bindOnce = async (conn: Conn, dst: Address, signal: AbortSignal): Promise<SecondReply> => {
    const peer = dst.host === '' ? { ...NO_ADDRESS, port: dst.port } : sendable(dst);
    return new SecondReply(await exchange.request(conn, COMMAND.BIND, peer, signal), exchange);
  };

  return {
    connect: async (conn, dst, signal) =>
      (await exchange.request(conn, COMMAND.CONNECT, sendable(dst), signal)).conn,
    bind: bindOnce,
    associate: async (conn, proxy, via, signal, redial) => {
      if (settings.relay === 'udp' || unknown.has(COMMAND.GOST_UDP_TUN))
        return beside(conn, proxy, via, signal);
      const first = await tryGost(conn, COMMAND.GOST_UDP_TUN, ANY_FAMILY, signal);
      if (first !== null)
        return new SteadyTunnel(packets(first), async (again) =>
          packets(await exchange.request(await redial(again), COMMAND.GOST_UDP_TUN, ANY_FAMILY, again)),
        );
      return beside(await redial(signal), proxy, via, signal);
    },
    listen: async (conn, address, signal, redial): Promise<Acceptor> => {
      const at = listenable(address);
      let plain = conn;
      if (!unknown.has(COMMAND.GOST_MBIND)) {
        const granted = await tryGost(conn, COMMAND.GOST_MBIND, at, signal);
        if (granted !== null) {
          const name = settings.comp ? nobodySaysWho : (stream: Conn) => preface(stream, exchange, at);
          return takePeers(granted.conn, granted.bound, settings, name);
        }
        plain = await redial(signal);
      }
      const first = await bindOnce(plain, at, signal);
      const same = { host: at.host, port: first.local.port };
      return new RepeatedBind(first, async (again) => bindOnce(await redial(again), same, again));
    },
    resolve: async (conn, { kind, host }, signal) => {
      const command = kind === 'name' ? COMMAND.TOR_RESOLVE : COMMAND.TOR_RESOLVE_PTR;
      const granted = await exchange.request(conn, command, sendable({ host, port: 0 }), signal);
      granted.conn.destroy(); // the answer is in the reply; nothing comes behind it
      return granted.bound.host;
    },
    listenPackets: async (conn, address, signal) => {
      if (address.port === 0)
        throw new ProxyError('unsupported', { what: 'A remote UDP port chosen by the proxy', by: hop });
      return packets(await exchange.request(conn, COMMAND.GOST_UDP_TUN, listenable(address), signal));
    },
  };
}

function packets({ conn, bound }: Granted): TunnelPackets {
  return new TunnelPackets(conn, bound);
}

/** An address to listen on; no host means every interface, which an empty name says to GOST. */
function listenable(address: Address): Address {
  return address.host === '' ? address : sendable(address);
}

const never = new AbortController().signal;

/** What GOST v3 writes on the stream of a peer before its bytes: a reply that names the peer. */
function preface(stream: Conn, exchange: Socks5Exchange, at: Address): Promise<Address> {
  const about = { ...exchange.about, timeoutMs: 0 };
  return converse(stream, about, never, (proxy) => exchange.reply(proxy, COMMAND.GOST_MBIND, at));
}

function nobodySaysWho(): Promise<Address> {
  return Promise.resolve(NO_ADDRESS);
}

/**
 * Where the datagrams go. 0.0.0.0 or :: means the proxy's own address: the one its stream is connected to when there is no
 * hop before it, else the configured one, which the hop before resolves.
 */
function relayHost(bound: Address, conn: Conn, proxy: Address, via: Route): string {
  if (!isUnspecified(bound.host)) return bound.host;
  return (via.path.length === 0 ? conn.remoteAddress : undefined) ?? proxy.host;
}
