/** CONNECT as SOCKS4, SOCKS5 and HTTP have it in common: dial, tell the client, carry bytes. */
import type { Address, Conn } from '../net/conn.ts';
import { unmap } from '../net/address.ts';
import { splice } from '../net/splice.ts';
import type { Router, Session } from '../roles.ts';
import { NO_ADDRESS } from '../socks/atyp.ts';
import { whileClientStays } from './client.ts';
import { connectable } from './target.ts';

/**
 * How long the target's first bytes are held back after a success reply unless the client speaks first. GOST clients lose
 * what they read together with the reply, so the two must not travel in one segment; only targets that speak first wait.
 */
export const REPLY_GRACE_MS = 20;

/** One client whose request is known. */
export interface Served {
  readonly conn: Conn;
  readonly session: Session;
  readonly router: Router;
  readonly user: string | null;
}

/**
 * What is left to do once the client was told that its request succeeded. It owns the client's stream and whatever was
 * opened for it; no reply may be sent any more.
 */
export type Carry = () => Promise<void>;

/**
 * Dials `dst` and writes `granted(local address of the way out)`. Rejects before anything was written, with what the router
 * says, `bad_name`, `bad_port`, `client_gone` or the reason of the session's signal.
 */
export async function connect(
  { conn, session, router, user }: Served,
  dst: Address,
  granted: (bound: Address) => Buffer,
  options: { readonly idleMs?: number } = {},
): Promise<Carry> {
  const request = {
    command: 'connect',
    dst: connectable(dst),
    client: session.client,
    user,
    trace: session.stats.trace,
  } as const;
  const { out, path, chain } = await whileClientStays(
    conn,
    session.signal,
    (signal) => router.connect(request, signal),
    (late) => late.out.destroy(),
  );
  session.stats.routed({ path, chain });
  conn.write(granted(localAddress(out)));
  return () =>
    splice(conn, out, {
      signal: session.signal,
      counters: session.stats,
      meters: session.meters,
      graceMs: REPLY_GRACE_MS,
      idleMs: options.idleMs ?? 0,
    });
}

function localAddress(conn: Conn): Address {
  if (conn.localAddress === undefined) return NO_ADDRESS;
  return { host: unmap(conn.localAddress), port: conn.localPort ?? 0 };
}
