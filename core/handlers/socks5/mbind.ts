/**
 * A port for many peers, GOST's command 0xF2: after the reply the client's stream is an smux session in which we, the server,
 * open a stream for every peer that connects.
 */
import type { Address } from '../../net/conn.ts';
import { splice } from '../../net/splice.ts';
import { offerPeers } from '../../transports/mux-bind.ts';
import type { MuxOptions } from '../../transports/mux.ts';
import { reachableHost } from '../bind.ts';
import { whileClientStays } from '../client.ts';
import { REPLY_GRACE_MS, type Carry, type Served } from '../connect.ts';
import { listenable } from '../target.ts';

export interface MbindOptions {
  readonly mux: MuxOptions;
  /** Replaces the host of the reply. */
  readonly announce: string | null;
  /** False: the stream of a peer begins with the peer's bytes, as GOST v2 wants it. */
  readonly saysWho: boolean;
}

/** Opens the port and writes `granted(its address)`. Rejects before anything was written. */
export async function mbind(
  { conn, session, router, user }: Served,
  dst: Address,
  granted: (address: Address) => Buffer,
  { mux, announce, saysWho }: MbindOptions,
): Promise<Carry> {
  const { client, signal, stats, meters } = session;
  const request = { command: 'listen', dst: listenable(dst), client, user, trace: stats.trace } as const;
  const { out, path, chain } = await whileClientStays(
    conn,
    signal,
    (inner) => router.listen(request, inner),
    (late) => late.out.close(),
  );
  stats.routed({ path, chain });
  conn.write(granted({ host: announce ?? reachableHost(out.local.host, conn), port: out.local.port }));
  return () =>
    offerPeers(conn, out, mux, signal, (stream, peer, from) => {
      if (saysWho) stream.write(granted(from));
      // held back a moment, because GOST loses what it reads together with a reply
      const options = { signal, counters: stats, meters, graceMs: saysWho ? REPLY_GRACE_MS : 0 };
      splice(stream, peer, options).catch(() => undefined); // the end of one peer is not the end of the port
    });
}
