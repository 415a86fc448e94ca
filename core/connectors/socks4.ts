/**
 * SOCKS4 and SOCKS4a as a client: CONNECT and BIND. IPv4 literals go in the plain form, which every server knows; names and
 * IPv6 literals as text (4a), for the proxy to resolve. With `disable4a` names are resolved on this computer instead.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { familyOf, formatAddress, unmap } from '../net/address.ts';
import type { Address, Conn, Incoming } from '../net/conn.ts';
import { systemLookup } from '../net/lookup.ts';
import { beginStage } from '../net/stages.ts';
import { duration, flag } from '../options.ts';
import { defineConnector } from '../registry.ts';
import type { Connector } from '../roles.ts';
import { COMMAND, REP, REPLY4 } from '../socks/constants.ts';
import type { Decoded } from '../socks/message.ts';
import { decodeReply4, encodeRequest4, type Reply4 } from '../socks/v4.ts';
import { converse, sendable, type Dialogue, type DialogueAbout } from './dialogue.ts';

const options = z.object({
  timeout: duration({
    title: 'Answer limit',
    description: 'Time the proxy has for the whole exchange; 0 leaves it to the attempt.',
    defaultMs: 0,
  }),
  disable4a: flag({
    title: 'Plain SOCKS4 only',
    description: 'Resolve names on this computer and send IPv4 addresses; for servers without SOCKS4a.',
    default: false,
  }),
});

export const socks4Connector = defineConnector({
  type: 'socks4',
  aliases: ['socks4a'],
  title: 'SOCKS4',
  summary: 'SOCKS4 or SOCKS4a proxy: TCP and BIND; the user name is sent as user id.',
  facts: { auth: true, udp: false, tls: false, forward: false },
  options,
  create: (settings, deps): Connector => {
    const about: DialogueAbout = { hop: deps.node, protocol: 'SOCKS4', timeoutMs: settings.timeout };
    const ask = async (proxy: Dialogue, command: number, dst: Address, signal: AbortSignal) => {
      const target = settings.disable4a ? await plain(dst, signal) : sendable(dst);
      beginStage(signal, 'request');
      proxy.say(encodeRequest4(command, target, deps.auth?.username ?? ''));
      return granted(proxy, deps.node, formatAddress(dst));
    };
    return {
      connect: (conn, dst, signal) =>
        converse(conn, about, signal, async (proxy) => {
          await ask(proxy, COMMAND.CONNECT, dst, signal);
          return conn;
        }),
      bind: async (conn, dst, signal): Promise<Incoming> => {
        const peer = dst.host === '' ? { host: '0.0.0.0', port: dst.port } : dst;
        const local = await converse(conn, about, signal, (proxy) => ask(proxy, COMMAND.BIND, peer, signal));
        let handedOn = false; // the stream has become a peer's, who got it from `accept`
        return {
          local,
          accept: async (wait) => {
            const accepted = await secondReply(conn, { ...about, timeoutMs: 0 }, wait);
            handedOn = true;
            return accepted;
          },
          close: () => {
            if (!handedOn) conn.destroy();
          },
        };
      },
    };
  },
});

/** An IPv4 address for plain SOCKS4. */
async function plain(dst: Address, signal: AbortSignal): Promise<Address> {
  const addresses = await systemLookup(dst.host, signal);
  const host = addresses.map(unmap).find((address) => familyOf(address) === 4);
  if (host === undefined) throw new ProxyError('address_type', {}, { cause: new Error('SOCKS4 needs IPv4') });
  return { host, port: dst.port };
}

function secondReply(
  conn: Conn,
  about: DialogueAbout,
  signal: AbortSignal,
): Promise<{ conn: Conn; peer: Address }> {
  return converse(conn, about, signal, async (proxy) => ({
    conn,
    peer: await granted(proxy, about.hop, 'the announced peer'),
  }));
}

/** Hears one reply; rejects unless it grants. */
async function granted(proxy: Dialogue, hop: string, target: string): Promise<Address> {
  const { code, bound } = await proxy.hear(decodeAnswer);
  switch (code) {
    case REPLY4.GRANTED:
      return bound;
    case REPLY4.REJECTED:
      throw new ProxyError(
        'hop_refused',
        { hop, reason: `it can not or will not connect to ${target}.` },
        { rep: REP.GENERAL_FAILURE },
      );
    case REPLY4.NO_IDENTD:
    case REPLY4.USER_ID:
      throw new ProxyError('hop_auth', { hop });
    default:
      throw new ProxyError('malformed', { protocol: 'SOCKS4' });
  }
}

/** Replies begin with 0; some servers put their version there. Anything else is told at the first byte. */
function decodeAnswer(bytes: Buffer): Decoded<Reply4> {
  if (bytes.length === 0) return { need: 1 };
  const first = bytes.readUInt8(0);
  if (first !== 0 && first !== 4) throw new ProxyError('malformed', { protocol: 'SOCKS4' });
  return decodeReply4(bytes);
}
