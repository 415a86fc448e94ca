/**
 * UDP inside the client's own stream, GOST's command 0xF3. Port 0 asks for an association, any other port for datagrams that
 * arrive at that address here or at the far end of the chain; the frames (socks/udptun.ts) are the same for both.
 */
import type { Address, Conn, PacketConn } from '../../net/conn.ts';
import type { Routed } from '../../roles.ts';
import { TunnelPackets } from '../../socks/tunnel.ts';
import { reachableHost } from '../bind.ts';
import { whileClientStays } from '../client.ts';
import type { Carry, Served } from '../connect.ts';
import { pump } from '../pump.ts';
import { listenable } from '../target.ts';
import { reachable } from './datagrams.ts';

/** Opens the way out and writes `granted(its address)`. Rejects before anything was written. */
export async function tunnel(
  served: Served,
  dst: Address,
  granted: (bound: Address) => Buffer,
  announce: string | null,
): Promise<Carry> {
  const { conn, session } = served;
  const way = await whileClientStays(
    conn,
    session.signal,
    (signal) => open(served, dst, signal),
    (late) => late.out.close(),
  );
  const { local } = way.out;
  const bound = { host: announce ?? reachableHost(local.host, conn), port: local.port };
  conn.write(granted(bound));
  return () => pump(sound(conn, bound), way, session);
}

function open(
  { session, router, user }: Served,
  dst: Address,
  signal: AbortSignal,
): Promise<Routed<PacketConn>> {
  const { client } = session;
  const { trace } = session.stats;
  if (dst.port === 0) return router.associate({ command: 'associate', dst, client, user, trace }, signal);
  return router.listenPackets(
    { command: 'listenPackets', dst: listenable(dst), client, user, trace },
    signal,
  );
}

/** The client's end; a frame whose target makes no sense costs only itself. */
function sound(conn: Conn, local: Address): PacketConn {
  const frames = new TunnelPackets(conn, local);
  return {
    carrier: frames.carrier,
    local,
    closed: frames.closed,
    receive: (sink, onDrop) =>
      frames.receive((data, to) => {
        const target = reachable(to);
        if (typeof target === 'string') onDrop?.(target, to);
        else sink(data, target);
      }),
    send: (data, from) => frames.send(data, from),
    close: () => frames.close(),
  };
}
