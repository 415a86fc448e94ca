/**
 * A request that wants another protocol on its connection, such as WebSocket (RFC 9110 §7.8). The wish is passed on to the target; if it
 * agrees, the connection becomes a tunnel to it, which the client could have had by CONNECT as well. If not, its answer is passed back
 * and the connection ends with it.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pipeline, type Duplex } from 'node:stream';
import { ProxyError, toProxyError } from '../../errors.ts';
import { formatAddress } from '../../net/address.ts';
import type { Conn } from '../../net/conn.ts';
import { reset } from '../../net/reset.ts';
import { splice } from '../../net/splice.ts';
import type { Session } from '../../roles.ts';
import { encodeHead, endToEnd, type Forwarded } from './message.ts';
import type { Way } from './way.ts';

export interface Wish {
  readonly conn: Conn;
  readonly request: IncomingMessage;
  readonly forwarded: Forwarded;
  readonly way: Way;
  readonly session: Session;
}

/** Resolves when the tunnel has ended or the refusal was passed on. Rejects before anything was written, or having reset the client. */
export async function passUpgrade(wish: Wish): Promise<void> {
  const { way, session, conn } = wish;
  way.begin();
  const reply = await ask(wish);
  const { answer } = reply;
  if (reply.tunnel === null) return passAnswer(conn, answer, formatAddress(wish.forwarded.target));
  if (!agrees(wish.request.headers.upgrade, answer.headers.upgrade))
    throw new ProxyError('reset', { side: formatAddress(wish.forwarded.target) });
  conn.write(
    encodeHead(101, answer.statusMessage ?? '', [
      ...endToEnd(answer),
      'Connection',
      'Upgrade',
      'Upgrade',
      answer.headers.upgrade ?? '',
    ]),
  );
  // the way counts what goes through it; here nothing is counted a second time
  await splice(conn, reply.tunnel, { signal: session.signal, counters: { up: 0, down: 0 } });
}

function ask({ conn, request, forwarded, way, session }: Wish): Promise<{
  answer: IncomingMessage;
  /** The stream after a 101; null: the target does not want to. */
  tunnel: Duplex | null;
}> {
  const fields = [
    ...['Host', forwarded.host, ...endToEnd(request, ['host', 'expect', 'http2-settings'])],
    ...['Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? ''],
  ];
  return new Promise((resolve, reject) => {
    const target = formatAddress(forwarded.target);
    const upstream = httpRequest({
      method: request.method ?? 'GET',
      path: forwarded.path,
      headers: fields,
      setHost: false,
      agent: way.agent,
    });
    const give = (error: unknown): void => {
      session.signal.removeEventListener('abort', abort);
      conn.off('close', gone);
      upstream.destroy();
      reject(toProxyError(error, { target, side: target }));
    };
    const abort = (): void => give(session.signal.reason);
    const gone = (): void => give(new ProxyError('client_gone'));
    const take = (answer: IncomingMessage, tunnel: Duplex | null): void => {
      session.signal.removeEventListener('abort', abort);
      conn.off('close', gone);
      resolve({ answer, tunnel });
    };
    session.signal.addEventListener('abort', abort, { once: true });
    conn.once('close', gone);
    upstream.on('error', give);
    upstream.on('response', (answer) => take(answer, null));
    upstream.on('upgrade', (answer, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      take(answer, socket);
    });
    upstream.end();
  });
}

/** Passes a refusal back, framed by its length or by the end of the connection. */
function passAnswer(conn: Conn, answer: IncomingMessage, target: string): Promise<void> {
  const fields = [...endToEnd(answer), 'Connection', 'close'];
  conn.write(encodeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', fields));
  conn.resume();
  return new Promise((resolve, reject) => {
    pipeline(answer, conn, (error) => {
      if (!(error instanceof Error)) return resolve();
      reset(conn); // a cut must not look like an end
      reject(toProxyError(error, { target, side: target }));
    });
  });
}

/** The target may choose among the protocols that were asked for, and no other. */
function agrees(wanted: string | undefined, given: string | undefined): boolean {
  const protocols = (text: string | undefined): string[] =>
    (text ?? '')
      .toLowerCase()
      .split(',')
      .map((protocol) => protocol.trim());
  const offered = new Set(protocols(wanted));
  return given !== undefined && protocols(given).every((protocol) => offered.has(protocol));
}
