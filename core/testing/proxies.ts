/**
 * Small proxies on free ports of this computer that remember what they were asked for. They only connect, and end their
 * streams with plain `pipe`: what a chain does must not depend on our own handlers. `socks5Server` is our handler, for UDP
 * and BIND.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { errnoOf } from '../errors.ts';
import { socks5Handler } from '../handlers/socks5/index.ts';
import { silentLog } from '../log.ts';
import { formatAddress, parseAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import type { HandlerDeps } from '../registry.ts';
import type { Credentials, Handler } from '../roles.ts';
import { NO_ADDRESS } from '../socks/atyp.ts';
import { METHOD, REP, REPLY4, SIGN_IN } from '../socks/constants.ts';
import { readMessage } from '../socks/message.ts';
import { decodeRequest4, encodeReply4 } from '../socks/v4.ts';
import {
  decodeGreeting,
  decodeRequest,
  decodeSignIn,
  encodeMethod,
  encodeReply,
  encodeSignInStatus,
} from '../socks/v5.ts';
import { tcpPeer } from './echo.ts';
import { directRouter, front } from './front.ts';

export interface Proxy {
  readonly address: Address;
  /** Targets as they were asked for, `host:port`; `udp` for an association. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** What a client wants, and how it is told how that went. */
interface Wanted {
  readonly dst: Address;
  readonly reply: (ok: boolean, refused: boolean) => Buffer;
}

/** Reads a request; null when it was answered with a refusal already. */
type Listen = (reader: Reader, client: Socket) => Promise<Wanted | null>;

export function socks5Proxy(user: Credentials | null = null): Promise<Proxy> {
  return proxy(async (reader, client) => {
    const offered = await readMessage(reader, decodeGreeting);
    const method = user === null ? METHOD.NONE : METHOD.USER_PASSWORD;
    client.write(encodeMethod(offered.includes(method) ? method : METHOD.UNACCEPTABLE));
    if (!offered.includes(method)) return null;
    if (user !== null) {
      const { password } = await readMessage(reader, decodeSignIn);
      const good = password.toString() === user.password;
      client.write(encodeSignInStatus(good ? SIGN_IN.SUCCESS : SIGN_IN.FAILURE));
      if (!good) return null;
    }
    const { dst } = await readMessage(reader, decodeRequest);
    const rep = (ok: boolean, refused: boolean): number =>
      ok ? REP.SUCCEEDED : refused ? REP.REFUSED : REP.GENERAL_FAILURE;
    return { dst, reply: (ok, refused) => encodeReply({ rep: rep(ok, refused), bound: NO_ADDRESS }) };
  });
}

export function socks4Proxy(): Promise<Proxy> {
  return proxy(async (reader) => {
    const { dst } = await readMessage(reader, decodeRequest4);
    return {
      dst,
      reply: (ok) => encodeReply4({ code: ok ? REPLY4.GRANTED : REPLY4.REJECTED, bound: NO_ADDRESS }),
    };
  });
}

export function httpProxy(): Promise<Proxy> {
  return proxy(async (reader) => {
    const line = async (): Promise<string> => (await reader.readUntil(0x0a, 8192)).toString().trim();
    const dst = parseAddress((await line()).split(' ')[1] ?? '') ?? { host: '', port: 0 };
    while ((await line()) !== '');
    return {
      dst,
      reply: (ok) => Buffer.from(`HTTP/1.1 ${ok ? '200 OK' : '502 Bad Gateway'}\r\n\r\n`),
    };
  });
}

/** Our SOCKS5 handler with these options; Direct and without users unless `deps` say otherwise. */
export function socks5Service(
  options: Readonly<Record<string, unknown>> = {},
  deps: Partial<HandlerDeps> = {},
): Handler {
  return socks5Handler.create(socks5Handler.options.parse(options), {
    name: 'proxy',
    router: directRouter(),
    auth: null,
    tls: null,
    forwarder: null,
    state: null,
    log: silentLog,
    ...deps,
  });
}

/** Our own SOCKS5 service: CONNECT, BIND and UDP. */
export async function socks5Server(): Promise<Proxy> {
  const server = await front(socks5Service({ udp: true, bind: true }));
  return {
    address: server.address,
    get asked() {
      return server.reports
        .flatMap(({ requests }) => requests)
        .map(({ target }) => (target === null ? 'udp' : formatAddress(target)));
    },
    close: () => server.close(),
  };
}

/** A port of this computer that nobody listens on. */
export async function deadAddress(): Promise<Address> {
  const peer = await tcpPeer(() => undefined);
  await peer.close();
  return peer.address;
}

async function proxy(listen: Listen): Promise<Proxy> {
  const asked: string[] = [];
  const serve = async (client: Socket): Promise<void> => {
    const reader = new Reader(client);
    const wanted = await listen(reader, client);
    reader.release();
    if (wanted === null) return void client.end();
    asked.push(formatAddress(wanted.dst));
    const upstream = connect({ ...wanted.dst, allowHalfOpen: true });
    client.once('close', () => upstream.destroy());
    try {
      await once(upstream, 'connect');
    } catch (error) {
      client.end(wanted.reply(false, errnoOf(error) === 'ECONNREFUSED'));
      return;
    }
    upstream.once('close', () => client.destroy());
    upstream.on('error', () => undefined);
    client.write(wanted.reply(true, false));
    client.pipe(upstream).pipe(client);
  };
  const peer = await tcpPeer((client) => {
    serve(client).catch(() => client.destroy());
  });
  return { address: peer.address, asked, close: () => peer.close() };
}
