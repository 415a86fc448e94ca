/**
 * How the way out treats ports, found out with a STUN server that has two addresses (RFC 5780): three requests about where datagrams
 * seem to come from, two about whose answers get back in.
 */
import type { NatFiltering, NatMapping, StunFacts } from '../../contract/udp-check.ts';
import { sameAddress } from '../../net/address.ts';
import type { Address } from '../../net/conn.ts';
import type { Change, StunAnswer } from './stun.ts';

/** Asks once; null when nothing came back in time. */
export type AskStun = (to: Address, change: Change | null) => Promise<StunAnswer | null>;

/** `local` tells whether an address is one of the computer the datagrams leave from, where that is known. */
export async function natOf(
  server: Address,
  first: StunAnswer,
  ask: AskStun,
  local: (address: Address) => boolean,
): Promise<StunFacts | null> {
  const { mapped, other } = first;
  if (mapped === null) return null;
  const mapping = await mappingOf(server, mapped, other, ask, local);
  return { mapped, mapping, filtering: other === null ? 'unknown' : await filteringOf(server, ask) };
}

async function mappingOf(
  server: Address,
  mapped: Address,
  other: Address | null,
  ask: AskStun,
  local: (address: Address) => boolean,
): Promise<NatMapping> {
  if (local(mapped)) return 'direct';
  if (other === null) return 'unknown';
  const elsewhere = await ask({ host: other.host, port: server.port }, null);
  if (elsewhere?.mapped == null) return 'unknown';
  if (sameAddress(elsewhere.mapped, mapped)) return 'endpoint';
  const otherPort = await ask(other, null);
  if (otherPort?.mapped == null) return 'unknown';
  return sameAddress(otherPort.mapped, elsewhere.mapped) ? 'address' : 'address_port';
}

async function filteringOf(server: Address, ask: AskStun): Promise<NatFiltering> {
  if ((await ask(server, { ip: true, port: true })) !== null) return 'endpoint';
  return (await ask(server, { ip: false, port: true })) === null ? 'address_port' : 'address';
}
