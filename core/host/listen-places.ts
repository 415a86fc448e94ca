/** Where a service could listen: the addresses this computer has, and whether one port of them is to be had. */
import { networkInterfaces } from 'node:os';
import type { HostAddress, PortCheck } from '../contract/api.ts';
import type { Address } from '../net/conn.ts';
import { portNear, tryListen } from './free-port.ts';
import type { Host } from './host.ts';

/** Addresses of this computer's interfaces, loopback and link-local ones left out: a service is told those apart by word. */
export function hostAddresses(interfaces = networkInterfaces()): HostAddress[] {
  return Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ address, internal }) => !internal && !address.toLowerCase().startsWith('fe80:'))
      .map(({ address }) => ({ name, address })),
  );
}

/** Tries to listen there for a moment. A port that the asking service holds itself is free for it. */
export async function checkPort(host: Host, service: string | null, at: Address): Promise<PortCheck> {
  const mine = host.services().find(({ name, state }) => name === service && state === 'up');
  if (mine?.bound.some(({ port }) => port === at.port) === true) return FREE;
  const tried = await tryListen(at);
  if (typeof tried === 'number') return FREE;
  if (tried.code === 'address_unavailable' || tried.code === 'name_not_found')
    return { state: 'unavailable', owner: null, free: null };
  const [owner, free] = await Promise.all([host.deps.ownerOf(at.port), portNear(at.port)]);
  return { state: tried.code === 'port_denied' ? 'denied' : 'taken', owner, free };
}

const FREE: PortCheck = { state: 'free', owner: null, free: null };
