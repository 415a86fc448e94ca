/** A decoy on stage: how what it shows gets to a client whose request was refused. It never says that this is a proxy. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ProxyError, toProxyError } from '../../errors.ts';
import { formatAddress } from '../../net/address.ts';
import type { Address, Conn } from '../../net/conn.ts';
import { directRoute } from '../../net/direct.ts';
import { splice } from '../../net/splice.ts';
import type { Session } from '../../roles.ts';
import { hangUp } from '../client.ts';
import { bare, propOf, type Decoy, type Prop } from './decoy.ts';
import { forward } from './exchange.ts';
import { encodeHead, headOf } from './message.ts';
import { Way } from './way.ts';

const UNAVAILABLE = 503;

export interface Scene {
  readonly decoy: Decoy;
  readonly request: IncomingMessage;
  readonly conn: Conn;
  readonly session: Session;
  readonly idleMs: number;
}

/** For a request whose connection Node's server still has; the connection stays open for the next one. */
export async function disguiseRequest(scene: Scene, response: ServerResponse): Promise<void> {
  const { request, conn } = scene;
  const prop = await requestProp(scene, response);
  if (prop === null) return;
  response.shouldKeepAlive = response.shouldKeepAlive && request.complete;
  response.writeHead(prop.status, prop.message, [...prop.fields]);
  request.resume();
  if (prop.body === null) response.end();
  else await pipeline(prop.body, response).catch(() => conn.destroy());
}

/** For CONNECT and Upgrade, whose connection Node's server has let go of; it ends with the answer. */
export async function disguiseTunnel({ decoy, request, conn, session, idleMs }: Scene): Promise<void> {
  let prop = bare(UNAVAILABLE);
  if (decoy.kind === 'host') {
    const out = await reach(decoy.target, session);
    if (out !== null) {
      out.write(headOf(request, ['proxy-authorization', 'proxy-connection']));
      return splice(conn, out, {
        signal: session.signal,
        counters: session.stats,
        meters: session.meters,
        idleMs,
      });
    }
  } else prop = await propOf(decoy, session.signal, session.log);
  const head = encodeHead(prop.status, prop.message, [...prop.fields, 'Connection', 'close']);
  if (prop.body === null) return hangUp(conn, session.signal, head);
  conn.write(head);
  conn.resume();
  await pipeline(prop.body, conn, { signal: session.signal });
}

/** What to answer; null: the server behind the decoy has answered already. */
async function requestProp(scene: Scene, response: ServerResponse): Promise<Prop | null> {
  const { decoy, request, conn, session, idleMs } = scene;
  if (decoy.kind !== 'host') return propOf(decoy, session.signal, session.log);
  const out = await reach(decoy.target, session);
  if (out === null) return bare(UNAVAILABLE);
  const url = (request.url ?? '').replace(/^http:\/\/[^/?#]*/i, '');
  const forwarded = {
    target: decoy.target,
    path: url.startsWith('/') || url === '*' ? url : `/${url}`,
    host: request.headers.host ?? formatAddress(decoy.target),
  };
  const way = new Way(decoy.target, null, out, session, idleMs);
  const exchange = { conn, request, response, forwarded, way, keep: false, compression: false };
  const failed = await forward(exchange)
    .catch(toProxyError)
    .finally(() => way.close());
  return failed instanceof ProxyError && !response.headersSent ? bare(UNAVAILABLE) : null;
}

/** The server that a decoy stands for, dialled by this computer itself. */
function reach(target: Address, { signal, log }: Session): Promise<Conn | null> {
  return directRoute()
    .connect(target, signal)
    .catch((error: unknown) => {
      log.warn('decoy_missing', { error: toProxyError(error).message });
      return null;
    });
}
