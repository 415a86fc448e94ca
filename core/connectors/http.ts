/**
 * HTTP CONNECT as a client (RFC 9110 §9.3.6): any 2xx means that the stream is a tunnel from the byte after the empty line
 * on, whatever its headers claim about a body. Basic sign-in is sent with the first request, as GOST does.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { beginStage } from '../net/stages.ts';
import { duration, map } from '../options.ts';
import { defineConnector } from '../registry.ts';
import type { Connector, Credentials } from '../roles.ts';
import { REP } from '../socks/constants.ts';
import { converse, sendable, type Dialogue } from './dialogue.ts';

/** Of an answer's head, all interim answers together. */
const MAX_HEAD_BYTES = 64 * 1024;
const QUOTED_CHARACTERS = 80;

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
  summary: 'HTTP proxy: TCP through CONNECT, with or without user name and password.',
  facts: { auth: true, udp: false, tls: false, forward: false },
  options,
  create: (settings, deps): Connector => {
    const hop = deps.node;
    const fixed = [...extra(settings.header, hop), ...signIn(deps.auth, hop)];
    return {
      connect: (conn, dst, signal) =>
        converse(conn, { hop, protocol: 'HTTP', timeoutMs: settings.timeout }, signal, async (proxy) => {
          beginStage(signal, 'request');
          proxy.say(encodeConnect(sendable(dst), fixed));
          await tunnel(proxy, hop, formatAddress(dst), deps.auth !== null);
          return conn;
        }),
    };
  },
});

function encodeConnect(dst: Address, fixed: readonly string[]): Buffer {
  const target = formatAddress(dst);
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, ...fixed, 'Proxy-Connection: keep-alive'];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Reads answers up to the first that is final; rejects unless that is 2xx. */
async function tunnel(proxy: Dialogue, hop: string, target: string, signedIn: boolean): Promise<void> {
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
  if (status >= 200 && status < 300) return;
  throw refusalOf(status, words, hop, target, signedIn);
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
