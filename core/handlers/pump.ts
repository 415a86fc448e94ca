/** Datagrams between a client's side and a way out, counted, until either ends. */
import type { PacketConn } from '../net/conn.ts';
import { abortReason } from '../net/within.ts';
import type { Routed, Session } from '../roles.ts';

/** Owns both sides. Resolves when either has closed; rejects with the reason of the session's signal. */
export async function pump(client: PacketConn, way: Routed<PacketConn>, session: Session): Promise<void> {
  const { out, path, chain } = way;
  const { meters } = session;
  const stats = session.stats.association({
    relay: client.local,
    ...carriedBy(out, client),
    path,
    chain,
  });
  const onAbort = (): void => client.close();
  session.signal.addEventListener('abort', onAbort, { once: true });
  try {
    out.receive(
      (data, from) => {
        if (meters?.down?.admits(data.length) === false) return stats.drop('limit');
        const dropped = client.send(data, from);
        if (dropped === null) stats.down(from, data.length);
        else stats.drop(dropped, data.length, client.largest);
      },
      (reason) => stats.drop(reason),
    );
    client.receive(
      (data, to) => {
        if (meters?.up?.admits(data.length) === false) return stats.drop('limit');
        const dropped = out.send(data, to);
        if (dropped === null) stats.up(to, data.length);
        else stats.drop(dropped, data.length, out.largest);
      },
      (reason) => stats.drop(reason),
    );
    await Promise.race([client.closed, out.closed]);
    if (session.signal.aborted) throw abortReason(session.signal);
  } finally {
    session.signal.removeEventListener('abort', onAbort);
    client.close();
    out.close();
    stats.close();
  }
}

/** What the statistics are told of the two ends of an association: how it is carried, and after how much silence it ends. */
export function carriedBy(
  out: PacketConn,
  client?: PacketConn,
): Pick<Parameters<Session['stats']['association']>[0], 'carrier' | 'hops' | 'idleMs'> {
  const limits = [out.idleMs ?? 0, client?.idleMs ?? 0].filter((ms) => ms > 0);
  return {
    carrier: out.carrier,
    hops: out.hops ?? [],
    ...(limits.length === 0 ? {} : { idleMs: Math.min(...limits) }),
  };
}
