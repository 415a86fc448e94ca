/**
 * SOCKS4 and SOCKS4a: CONNECT and BIND. There is no password: where users exist, the user id must be one that is configured
 * without a password (promise 10). With `identd` the client's computer must confirm the user id (RFC 1413).
 */
import * as z from 'zod';
import { ERRORS } from '../contract/errors.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { askIdentd, type Ownership } from '../identd.ts';
import { unmap } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { inTime } from '../net/within.ts';
import { flag } from '../options.ts';
import { defineHandler, type HandlerDeps } from '../registry.ts';
import type { Session } from '../roles.ts';
import { NO_ADDRESS } from '../socks/atyp.ts';
import { COMMAND, REPLY4 } from '../socks/constants.ts';
import { readMessage } from '../socks/message.ts';
import { decodeRequest4, encodeReply4, type Request4 } from '../socks/v4.ts';
import { bind } from './bind.ts';
import { hangUp, whileClientStays } from './client.ts';
import { connect, type Carry, type Served } from './connect.ts';
import { handshakeMs, readTimeout } from './options.ts';

export const socks4Options = {
  bind: flag({
    title: 'Incoming connections',
    description: 'Open a port for one announced peer of a client that asks for it (BIND).',
    default: false,
  }),
  identd: flag({
    title: 'Confirm user ids',
    description:
      "Ask the client's computer who owns the connection (identd, port 113) and refuse other user ids.",
    default: false,
  }),
  readTimeout,
};

export interface Socks4Parts extends Pick<HandlerDeps, 'router' | 'auth'> {
  readonly options: { readonly bind: boolean; readonly identd: boolean };
  /** Another port than 113, in tests. */
  readonly identPort?: number;
}

export const socks4Handler = defineHandler({
  type: 'socks4',
  aliases: ['socks4a'],
  title: 'SOCKS4',
  summary: 'Serves SOCKS4 and SOCKS4a clients: connections and incoming connections.',
  facts: { auth: true, udp: false, tls: false, forward: false },
  options: z.object(socks4Options),
  create: (options, { router, auth }) => ({
    handle: (conn, session) => serveSocks4(conn, session, { router, auth, options }, handshakeMs(options)),
  }),
});

/** Owns `conn`. `deadlineMs` is absolute up to the end of the request. Rejects with ProxyError. */
export async function serveSocks4(
  conn: Conn,
  session: Session,
  parts: Socks4Parts,
  deadlineMs: number,
): Promise<void> {
  const carry = await carryOut(conn, session, parts, deadlineMs).catch(async (error: unknown) => {
    const code = ERRORS[toProxyError(error).code].socks4;
    if (code !== null) await hangUp(conn, session.signal, encodeReply4({ code, bound: NO_ADDRESS }));
    throw error;
  });
  await carry();
}

async function carryOut(
  conn: Conn,
  session: Session,
  parts: Socks4Parts,
  deadlineMs: number,
): Promise<Carry> {
  const { router, options } = parts;
  const request = await inTime(
    session.signal,
    deadlineMs,
    () => readRequest(conn),
    () => new ProxyError('handshake_timeout', { seconds: Math.ceil(deadlineMs / 1000) }),
  );
  const user = await identify(conn, session, parts, request.userId);
  const served: Served = { conn, session, router, user };
  const protocol = request.extended ? 'socks4a' : 'socks4';
  const target = request.dst;
  switch (request.command) {
    case COMMAND.CONNECT:
      session.request({ protocol, command: 'connect', target, user });
      return connect(served, target, granted);
    case COMMAND.BIND:
      session.request({ protocol, command: 'bind', target, user });
      if (!options.bind) throw new ProxyError('command', { command: 'BIND' });
      return bind(served, target, granted);
    default:
      throw new ProxyError('command', { command: `command ${request.command}` });
  }
}

async function readRequest(conn: Conn): Promise<Request4> {
  const reader = new Reader(conn);
  try {
    return await readMessage(reader, decodeRequest4);
  } finally {
    reader.release();
  }
}

/** Who the client is; null when nobody has to say. Rejects with `auth_failed` or what identd makes of the user id. */
async function identify(
  conn: Conn,
  session: Session,
  { auth, options, identPort }: Socks4Parts,
  userId: Buffer,
): Promise<string | null> {
  const user = auth?.required === true ? auth.checkUserId(userId) : null;
  if (auth?.required === true && user === null) throw new ProxyError('auth_failed');
  if (!options.identd) return user;
  const ownership: Ownership = {
    client: session.client,
    local: { host: unmap(conn.localAddress ?? ''), port: conn.localPort ?? 0 },
    ...(identPort === undefined ? {} : { identPort }),
  };
  const owner = await whileClientStays(
    conn,
    session.signal,
    (signal) => askIdentd(ownership, signal),
    () => undefined,
  );
  if (!owner.equals(userId)) throw new ProxyError('identd_mismatch', { client: session.client.host });
  return user ?? owner.toString('utf8');
}

function granted(bound: Address): Buffer {
  return encodeReply4({ code: REPLY4.GRANTED, bound });
}
