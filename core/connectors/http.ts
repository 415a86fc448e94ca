/**
 * HTTP CONNECT as a client (RFC 9110 §9.3.6): any 2xx means that the stream is a tunnel from the byte after the empty line
 * on, whatever its headers claim about a body. Basic sign-in is sent with the first request, as GOST does. UDP is GOST's: a
 * CONNECT with `X-Gost-Protocol: udp`, then UDP-TUN frames. GOST names the target there, or nothing at all; we name an address
 * to which no proxy connects, because one that does not know the field would hand our frames to a TCP server.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn, PacketConn } from '../net/conn.ts';
import { beginStage } from '../net/stages.ts';
import { duration, map } from '../options.ts';
import { defineConnector } from '../registry.ts';
import type { Connector, Credentials } from '../roles.ts';
import { NO_ADDRESS } from '../socks/atyp.ts';
import { REP } from '../socks/constants.ts';
import { TunnelPackets } from '../socks/tunnel.ts';
import { converse, sendable, type Dialogue } from './dialogue.ts';
import { SteadyTunnel } from './steady-tunnel.ts';

/** Of an answer's head, all interim answers together. */
const MAX_HEAD_BYTES = 64 * 1024;
const QUOTED_CHARACTERS = 80;
const UDP_FIELD = 'X-Gost-Protocol: udp';
const NO_UDP = 'this HTTP proxy refused UDP, which GOST and Sockeye carry with udp=true.';

const options = z.object({
  timeout: duration({
    title: 'Answer limit',
    description: 'Time the proxy has to answer; 0 leaves it to the attempt.',
    defaultMs: 0,
  }),
  header: map({
    title: 'Headers',
    description: 'Sent with every CONNECT request.',
    aliases: ['http.header'],
  }),
});

export const httpConnector = defineConnector({
  type: 'http',
  title: 'HTTP CONNECT',
  summary:
    'HTTP proxy: TCP through CONNECT, with or without user name and password; UDP where the proxy is GOST or Sockeye.',
  facts: { auth: true, udp: null, tls: false, forward: false },
  options,
  create: (settings, deps): Connector => {
    const hop = deps.node;
    const fixed = [...extra(settings.header, hop), ...signIn(deps.auth, hop)];
    const ask = (
      conn: Conn,
      dst: Address,
      fields: readonly string[],
      signal: AbortSignal,
      judge: (status: number, words: string) => ProxyError,
    ): Promise<Conn> =>
      converse(conn, { hop, protocol: 'HTTP', timeoutMs: settings.timeout }, signal, async (proxy) => {
        beginStage(signal, 'request');
        proxy.say(encodeConnect(sendable(dst), fields));
        const { status, words } = await finalAnswer(proxy);
        if (status < 200 || status > 299) throw judge(status, words);
        return conn;
      });
    const refused = (status: number, words: string, dst: Address): ProxyError =>
      refusalOf(status, words, hop, formatAddress(dst), deps.auth !== null);
    const datagrams = async (conn: Conn, signal: AbortSignal): Promise<PacketConn> => {
      const stream = await ask(conn, NO_ADDRESS, [...fixed, UDP_FIELD], signal, (status, words) =>
        status === 407
          ? refused(status, words, NO_ADDRESS)
          : new ProxyError('hop_no_udp', { hop, reason: NO_UDP }),
      );
      return new TunnelPackets(stream, NO_ADDRESS);
    };
    return {
      connect: (conn, dst, signal) =>
        ask(conn, dst, fixed, signal, (status, words) => refused(status, words, dst)),
      associate: async (conn, _proxy, _via, signal, redial) =>
        new SteadyTunnel(await datagrams(conn, signal), async (again) =>
          datagrams(await redial(again), again),
        ),
    };
  },
});

function encodeConnect(dst: Address, fixed: readonly string[]): Buffer {
  const target = formatAddress(dst);
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, ...fixed, 'Proxy-Connection: keep-alive'];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Reads answers up to the first that is final. */
async function finalAnswer(proxy: Dialogue): Promise<{ status: number; words: string }> {
  let left = MAX_HEAD_BYTES;
  const line = async (): Promise<string> => {
    const text = await proxy.hearLine(left);
    left -= text.length + 1;
    return text;
  };
  let status = 0;
  let words = '';
  do {
    // the first byte alone tells a server of another protocol, which may never send a line end
    const initial = await proxy.hear((bytes) =>
      bytes.length === 0 ? { need: 1 } : { value: bytes, size: 1 },
    );
    if (initial.toString('latin1') !== 'H') throw new ProxyError('malformed', { protocol: 'HTTP' });
    const answer = /^TTP\/1\.[01] +(\d{3})(?: +(.*))?$/.exec(await line());
    if (answer === null) throw new ProxyError('malformed', { protocol: 'HTTP' });
    status = Number(answer[1]);
    words = answer[2]?.slice(0, QUOTED_CHARACTERS) ?? '';
    while ((await line()) !== '');
  } while (status >= 100 && status < 200);
  return { status, words };
}

function refusalOf(
  status: number,
  words: string,
  hop: string,
  target: string,
  signedIn: boolean,
): ProxyError {
  if (status === 407 && signedIn) return new ProxyError('hop_auth', { hop });
  if (status === 407) {
    return new ProxyError('hop_refused', {
      hop,
      reason: 'it wants a user name and password.',
      wants: 'sign_in',
    });
  }
  if (status === 403) {
    return new ProxyError(
      'hop_refused',
      { hop, reason: `it does not allow ${target}.` },
      { rep: REP.NOT_ALLOWED },
    );
  }
  // 5xx is about the target: whoever says so works and is not to be avoided
  const failed = status >= 500 ? { rep: REP.GENERAL_FAILURE } : {};
  return new ProxyError('hop_refused', { hop, reason: `"${status} ${words}" for ${target}.` }, failed);
}

function signIn(auth: Credentials | null, hop: string): string[] {
  if (auth === null) return [];
  if (auth.username.includes(':')) {
    throw new ProxyError('config', {
      where: hop,
      message: 'HTTP can not carry a user name with a colon in it',
    });
  }
  const token = Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64');
  return [`Proxy-Authorization: Basic ${token}`];
}

function extra(header: Readonly<Record<string, string>>, hop: string): string[] {
  return Object.entries(header).map(([name, value]) => {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new ProxyError('config', { where: hop, message: `"${name}" is not a valid HTTP header` });
    }
    return `${name}: ${value}`;
  });
}
