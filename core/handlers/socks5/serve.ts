/**
 * One SOCKS5 client from its first byte to its last: negotiate and read the request under one deadline, carry out the
 * command, reply, carry bytes. Every failure after the request is a whole reply with the code that tells the truth
 * (contract/errors.ts), then the connection is closed.
 */
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import type { Command } from '../../contract/stats.ts';
import { ProxyError, toProxyError } from '../../errors.ts';
import { familyOf, validName } from '../../net/address.ts';
import type { Address, Conn } from '../../net/conn.ts';
import { Reader } from '../../net/reader.ts';
import { inTime } from '../../net/within.ts';
import type { HandlerDeps } from '../../registry.ts';
import type { Session } from '../../roles.ts';
import { NO_ADDRESS } from '../../socks/atyp.ts';
import { COMMAND, REP } from '../../socks/constants.ts';
import { readMessage } from '../../socks/message.ts';
import { decodeRequest, encodeReply, type Request5 } from '../../socks/v5.ts';
import { bind } from '../bind.ts';
import { hangUp } from '../client.ts';
import { connect, type Carry, type Served } from '../connect.ts';
import { associate } from './associate.ts';
import { negotiate, type NegotiateParts, type SignedIn } from './negotiate.ts';
import { mbind } from './mbind.ts';
import type { Socks5Options } from './options.ts';
import { resolve } from './resolve.ts';
import { tunnel } from './tunnel.ts';

export interface Socks5Parts {
  readonly router: HandlerDeps['router'];
  readonly options: Socks5Options;
  readonly negotiation: NegotiateParts;
}

/** Throws `config` when the options contradict each other. */
export function socks5Parts(
  options: Socks5Options,
  { name, router, auth, tls, state, log }: HandlerDeps,
): Socks5Parts {
  if (options.requireTls && options.notls) {
    const message = 'requireTls and notls can not both be set: no client could sign in';
    throw new ProxyError('config', { where: `service ${name}`, message });
  }
  if (options.publicAddr !== '' && familyOf(options.publicAddr) === 0 && !validName(options.publicAddr)) {
    const message = `publicAddr "${options.publicAddr}" is neither an IP address nor a name`;
    throw new ProxyError('config', { where: `service ${name}`, message });
  }
  if (options.requireAuth && auth === null) {
    const message = 'requireAuth needs users: handler.auth or an auther';
    throw new ProxyError('config', { where: `service ${name}`, message });
  }
  const { notls, requireTls } = options;
  const negotiation = { auth, tls, state, log, offersTls: !notls, requiresTls: requireTls };
  return { router, options, negotiation };
}

interface Asked {
  /** The stream after negotiation: what the client connected with, or TLS inside it. */
  readonly conn: Conn;
  readonly user: string | null;
  readonly request: Request5;
}

const COMMANDS = new Map<number, Exclude<Command, 'forward'>>([
  [COMMAND.CONNECT, 'connect'],
  [COMMAND.BIND, 'bind'],
  [COMMAND.UDP_ASSOCIATE, 'associate'],
  [COMMAND.TOR_RESOLVE, 'resolve'],
  [COMMAND.TOR_RESOLVE_PTR, 'resolve'],
  [COMMAND.GOST_MBIND, 'mbind'],
  [COMMAND.GOST_UDP_TUN, 'udp-tun'],
]);

/** Failures before the end of the request that were told to the client by whoever noticed them. */
const ANSWERED: ReadonlySet<ErrorCode> = new Set(['no_method', 'auth_failed', 'address_type']);

/** Owns `conn`. `deadlineMs` is absolute for everything up to the end of the request. Rejects with ProxyError. */
export async function serveSocks5(
  conn: Conn,
  session: Session,
  parts: Socks5Parts,
  deadlineMs: number,
): Promise<void> {
  let current = conn;
  const secured = (secure: Conn): void => void (current = secure);
  let carry: Carry;
  let asked: Asked | null = null;
  try {
    asked = await inTime(session.signal, deadlineMs, () => ask(conn, parts, secured), late(deadlineMs));
    carry = await carryOut(asked, session, parts);
  } catch (error) {
    if (asked !== null) await hangUp(asked.conn, session.signal, refusal(error));
    else if (error instanceof ProxyError && ANSWERED.has(error.code)) await hangUp(current, session.signal);
    throw error;
  }
  await carry();
}

async function ask(raw: Conn, parts: Socks5Parts, secured: (conn: Conn) => void): Promise<Asked> {
  const first = new Reader(raw);
  let inside: SignedIn | null = null;
  try {
    inside = await negotiate(raw, first, parts.negotiation, secured);
    const { conn, user, reader } = inside;
    return { conn, user, request: await readMessage(reader, decodeRequest) };
  } catch (error) {
    if (error instanceof ProxyError && error.code === 'address_type') inside?.conn.write(refusal(error));
    throw error;
  } finally {
    (inside?.reader ?? first).release();
  }
}

async function carryOut(
  { conn, user, request }: Asked,
  session: Session,
  parts: Socks5Parts,
): Promise<Carry> {
  const { options, router } = parts;
  const { dst } = request;
  const served: Served = { conn, session, router, user };
  const announce = options.publicAddr === '' ? null : options.publicAddr;
  // datagrams go where the reply says, so a client has no use for a name; GOST tells none either
  const announceIp = announce !== null && familyOf(announce) === 0 ? null : announce;
  const command = COMMANDS.get(request.command);
  if (command === undefined) return refuse(`command ${request.command}`);
  const anywhere = command === 'associate' || (command === 'udp-tun' && dst.port === 0);
  session.request({ protocol: 'socks5', command, target: anywhere ? null : dst, user });
  switch (command) {
    case 'connect':
      return connect(served, dst, granted);
    case 'bind':
      return options.bind ? bind(served, dst, granted, announce) : refuse('BIND');
    case 'associate':
      return options.udp
        ? associate(served, dst, granted, {
            ...relayPorts(options),
            announce: announceIp,
            namesHere: options['udp.resolveDomain'],
          })
        : refuse('UDP');
    case 'resolve':
      if (!options.tor) return refuse('looking up names');
      return resolve(served, dst.host, request.command === COMMAND.TOR_RESOLVE ? 'name' : 'address');
    case 'udp-tun':
      if (!(anywhere ? options.udp : options.bind)) return refuse(anywhere ? 'UDP' : 'rudp');
      return tunnel(served, dst, granted, announceIp);
    case 'mbind':
      if (!options.bind) return refuse('rtcp');
      return mbind(served, dst, granted, { mux: options, announce, saysWho: !options.comp });
  }
}

function refuse(command: string): Promise<never> {
  return Promise.reject(new ProxyError('command', { command }));
}

function relayPorts(options: Socks5Options): { readonly minPort: number; readonly maxPort: number } {
  return { minPort: options['udp.bindRange.min'], maxPort: options['udp.bindRange.max'] };
}

function granted(bound: Address): Buffer {
  return encodeReply({ rep: REP.SUCCEEDED, bound });
}

/** The failure reply for an error; undefined where none is sent. What a proxy of the chain answered is passed on. */
function refusal(error: unknown): Buffer | undefined {
  const failure = toProxyError(error);
  const own = ERRORS[failure.code].socks5;
  if (own === null) return undefined;
  const told = failure.code === 'hop_refused' ? (failure.rep ?? own) : own;
  return encodeReply({ rep: told >= 1 && told <= 8 ? told : own, bound: NO_ADDRESS });
}

function late(deadlineMs: number): () => ProxyError {
  return () => new ProxyError('handshake_timeout', { seconds: Math.ceil(deadlineMs / 1000) });
}
