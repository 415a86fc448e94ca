/**
 * Tor's additions to SOCKS5 (its socks-extensions.txt): RESOLVE asks for the address of a name, RESOLVE_PTR for the name of an address.
 * The answer is the address field of the reply; the connection ends with it.
 */
import { ProxyError } from '../../errors.ts';
import { familyOf } from '../../net/address.ts';
import type { Question } from '../../roles.ts';
import { REP } from '../../socks/constants.ts';
import { encodeReply } from '../../socks/v5.ts';
import { hangUp, whileClientStays } from '../client.ts';
import type { Carry, Served } from '../connect.ts';

/** Rejects with address_type for RESOLVE_PTR of a name, and with what the router says. */
export async function resolve(
  { conn, session, router, user }: Served,
  host: string,
  kind: Question['kind'],
): Promise<Carry> {
  if (kind === 'address' && familyOf(host) === 0) throw new ProxyError('address_type');
  const request = {
    command: 'resolve',
    dst: { host, port: 0 },
    client: session.client,
    user,
    trace: session.stats.trace,
  } as const;
  const { out, path, chain } = await whileClientStays(
    conn,
    session.signal,
    (signal) => router.resolve(request, kind, signal),
    () => undefined,
  );
  session.stats.routed({ path, chain });
  const reply = encodeReply({ rep: REP.SUCCEEDED, bound: { host: out, port: 0 } });
  return () => hangUp(conn, session.signal, reply);
}
