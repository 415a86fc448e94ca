/**
 * SOCKS5 as a client (RFC 1928, RFC 1929): CONNECT, BIND, UDP ASSOCIATE. Everything that will be said is encoded before the
 * first byte leaves, so that a name or password that does not fit costs nothing and is never cut or resolved here instead.
 * Nothing is ever sent behind the request: GOST servers lose it.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { formatAddress, isUnspecified } from '../net/address.ts';
import type { Address, Conn, Incoming } from '../net/conn.ts';
import { duration, flag, integer, text } from '../options.ts';
import { defineConnector } from '../registry.ts';
import type { Connector, Credentials, Route } from '../roles.ts';
import { NO_ADDRESS } from '../socks/atyp.ts';
import { COMMAND, METHOD, REP, SIGN_IN } from '../socks/constants.ts';
import {
  decodeMethod,
  decodeReply,
  decodeSignInStatus,
  encodeGreeting,
  encodeRequest,
  encodeSignIn,
} from '../socks/v5.ts';
import { converse, sendable, type Dialogue, type DialogueAbout } from './dialogue.ts';
import { refusal } from './refusal.ts';
import { RelayedPackets } from './socks5-packets.ts';

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
  relay: text({
    title: 'UDP relay',
    description: '"udp" sends datagrams beside the stream (UDP ASSOCIATE).',
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
    description: 'An association without datagrams for this long is closed; 0 never closes one.',
    defaultMs: 0,
  }),
});

const COMMAND_NAMES = new Map<number, string>([
  [COMMAND.CONNECT, 'CONNECT'],
  [COMMAND.BIND, 'BIND'],
  [COMMAND.UDP_ASSOCIATE, 'UDP'],
]);

export const socks5Connector = defineConnector({
  type: 'socks5',
  aliases: ['socks'],
  title: 'SOCKS5',
  summary: 'SOCKS5 proxy: TCP, UDP and BIND, with or without user name and password.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options,
  create: (settings, deps): Connector => {
    const about: DialogueAbout = { hop: deps.node, protocol: 'SOCKS5', timeoutMs: settings.timeout };
    const ask = (proxy: Dialogue, command: number, dst: Address): Promise<Address> =>
      request(proxy, command, dst, deps.auth, deps.node);

    return {
      connect: (conn, dst, signal) =>
        converse(conn, about, signal, async (proxy) => {
          await ask(proxy, COMMAND.CONNECT, sendable(dst));
          return conn;
        }),
      bind: async (conn, dst, signal) => {
        const peer = dst.host === '' ? { ...NO_ADDRESS, port: dst.port } : sendable(dst);
        const local = await converse(conn, about, signal, (proxy) => ask(proxy, COMMAND.BIND, peer));
        return new SecondReply(conn, local, { ...about, timeoutMs: 0 });
      },
      associate: async (conn, proxyAddress, via, signal) => {
        const bound = await converse(conn, about, signal, (proxy) =>
          ask(proxy, COMMAND.UDP_ASSOCIATE, NO_ADDRESS),
        );
        if (bound.port === 0) {
          conn.destroy();
          const reason = 'it granted UDP on port 0.';
          throw new ProxyError('hop_protocol', { hop: deps.node, protocol: 'SOCKS5', reason });
        }
        const carrier = await via.associate(signal).catch((error: unknown) => {
          conn.destroy();
          throw error;
        });
        const relay = { host: relayHost(bound, conn, proxyAddress, via), port: bound.port };
        return new RelayedPackets(conn, carrier, relay, settings['udp.timeout']);
      },
    };
  },
});

/** Greeting, sign-in if the proxy wants one, request, reply. Resolves with BND. */
async function request(
  proxy: Dialogue,
  command: number,
  dst: Address,
  auth: Credentials | null,
  hop: string,
): Promise<Address> {
  const asking = encodeRequest({ command, dst });
  const signIn = auth === null ? null : encodeSignIn(auth.username, auth.password);
  proxy.say(encodeGreeting(signIn === null ? [METHOD.NONE] : [METHOD.NONE, METHOD.USER_PASSWORD]));
  await answerMethod(proxy, await proxy.hear(decodeMethod), signIn, hop);
  proxy.say(asking);
  const { rep, bound } = await proxy.hear(decodeReply);
  if (rep === REP.SUCCEEDED) return bound;
  const udp = command === COMMAND.UDP_ASSOCIATE;
  // GOST says 2 where UDP is switched off, others say 7
  if (udp && (rep === REP.NOT_ALLOWED || rep === REP.COMMAND_UNSUPPORTED)) {
    throw new ProxyError('hop_no_udp', { hop, reason: 'UDP is off there.' }, { rep });
  }
  const target = udp ? 'a UDP association' : formatAddress(dst);
  throw refusal(rep, { hop, target, command: COMMAND_NAMES.get(command) ?? 'it' });
}

/**
 * Does what the chosen method asks for. Only what was offered is done: GOST v2 names methods nobody offered, and giving in
 * to that would let anybody on the way choose how we sign in. GOST's TLS methods join here.
 */
async function answerMethod(
  proxy: Dialogue,
  method: number,
  signIn: Buffer | null,
  hop: string,
): Promise<void> {
  if (method === METHOD.NONE) return;
  if (method === METHOD.USER_PASSWORD && signIn !== null) {
    proxy.say(signIn);
    if ((await proxy.hear(decodeSignInStatus)) === SIGN_IN.SUCCESS) return;
    throw new ProxyError('hop_auth', { hop });
  }
  const reason =
    method === METHOD.USER_PASSWORD || (method === METHOD.UNACCEPTABLE && signIn === null)
      ? 'it accepts none of the sign-in methods offered; it wants a user name and password.'
      : method === METHOD.UNACCEPTABLE
        ? 'it accepts none of the sign-in methods offered.'
        : `it chose the sign-in method ${method}, which was not offered.`;
  throw new ProxyError('hop_refused', { hop, reason });
}

/**
 * Where the datagrams go. 0.0.0.0 or :: means the proxy's own address: the one its stream is connected to when there is no
 * hop before it, else the configured one, which the hop before resolves.
 */
function relayHost(bound: Address, conn: Conn, proxy: Address, via: Route): string {
  if (!isUnspecified(bound.host)) return bound.host;
  return (via.path.length === 0 ? conn.remoteAddress : undefined) ?? proxy.host;
}

/** A bound port at the proxy: its second reply tells who connected, and the stream is then that peer's. */
class SecondReply implements Incoming {
  readonly local: Address;
  readonly #conn: Conn;
  readonly #about: DialogueAbout;

  constructor(conn: Conn, local: Address, about: DialogueAbout) {
    this.#conn = conn;
    this.local = local;
    this.#about = about;
  }

  accept(signal: AbortSignal): Promise<{ conn: Conn; peer: Address }> {
    const { hop } = this.#about;
    return converse(this.#conn, this.#about, signal, async (proxy) => {
      const { rep, bound: peer } = await proxy.hear(decodeReply);
      if (rep !== REP.SUCCEEDED) throw refusal(rep, { hop, target: 'the announced peer', command: 'BIND' });
      return { conn: this.#conn, peer };
    });
  }

  close(): void {
    this.#conn.destroy();
  }
}
