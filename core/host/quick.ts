/**
 * The two one-click acts as edits of the configuration: a local SOCKS5 service, and one more hop behind a service. Both go through the
 * same edits as everything else, so that undo, findings and the file treat them alike.
 */
import type { Chain, Config, Edit, Hop, Json, Service } from '../contract/config.ts';
import { ProxyError } from '../errors.ts';
import { isLoopback, parseAddress } from '../net/address.ts';

const QUICK_NAME = 'local';

/** Name of the quick service in this configuration, or null when there is none yet. */
export function quickService(config: Config): string | null {
  const service = config.services?.find(({ name, addr, handler }) => {
    const address = parseAddress(addr ?? '');
    return (
      name?.startsWith(QUICK_NAME) === true &&
      address !== null &&
      isLoopback(address.host) &&
      (handler?.type === 'socks5' || handler?.type === 'auto')
    );
  });
  return service?.name ?? null;
}

/** A SOCKS5 service for programs on this computer: no sign-in, UDP on, Direct. */
export function addQuickService(config: Config, port: number): { name: string; edits: Edit[] } {
  const services = config.services ?? [];
  const name = freeName(QUICK_NAME, services);
  const value: Json = {
    name,
    addr: `127.0.0.1:${port}`,
    handler: { type: 'socks5', metadata: { udp: true } },
    listener: { type: 'tcp' },
  };
  return { name, edits: [{ op: 'insert', path: ['services'], index: services.length, value }] };
}

/** The same service on another port. */
export function moveService(config: Config, name: string, port: number): Edit[] {
  const { index, service } = serviceAt(config, name);
  const host = parseAddress(service.addr ?? '')?.host ?? '127.0.0.1';
  const addr = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [{ op: 'set', path: ['services', index, 'addr'], value: addr }];
}

/** Appends a hop to the chain of a service, or makes and assigns a chain of that one hop. */
export function addHop(config: Config, serviceName: string, hop: Hop): Edit[] {
  const { index, service } = serviceAt(config, serviceName);
  const chains = config.chains ?? [];
  const assigned = service.handler?.chain;
  const at = chains.findIndex(({ name }) => name === assigned);
  const chain = chains[at];
  if (assigned !== undefined && chain === undefined)
    throw new ProxyError('config', { where: serviceName, message: `there is no chain "${assigned}"` });
  if (chain !== undefined) {
    const hops = chain.hops ?? [];
    return [{ op: 'insert', path: ['chains', at, 'hops'], index: hops.length, value: named(hop, hops) }];
  }
  const name = freeName(`chain-${serviceName}`, chains);
  const made: Json = { name, hops: [named(hop, [])] };
  return [
    { op: 'insert', path: ['chains'], index: chains.length, value: made },
    { op: 'set', path: ['services', index, 'handler', 'chain'], value: name },
  ];
}

/** Sends a service through a chain, or Direct for null; no edits when it goes that way already. */
export function chainEdits(config: Config, serviceName: string, chain: string | null): Edit[] {
  const { index, service } = serviceAt(config, serviceName);
  const path = ['services', index, 'handler', 'chain'];
  if (service.handler?.chain === (chain ?? undefined)) return [];
  return chain === null ? [{ op: 'remove', path }] : [{ op: 'set', path, value: chain }];
}

/** The hop under names that its chain does not use yet: they are how statistics and errors speak of it. */
function named(hop: Hop, others: readonly Hop[]): Json {
  const nodes = others.flatMap((other) => other.nodes ?? []);
  const renamed = (hop.nodes ?? []).map((node) => {
    const name = freeName(`node-${nodes.length}`, nodes);
    nodes.push({ ...node, name });
    return { ...node, name };
  });
  return { ...hop, name: freeName(`hop-${others.length}`, others), nodes: renamed };
}

function serviceAt(config: Config, name: string): { index: number; service: Service } {
  const index = (config.services ?? []).findIndex((service) => service.name === name);
  const service = config.services?.[index];
  if (service === undefined)
    throw new ProxyError('config', { where: 'services', message: `there is no service "${name}"` });
  return { index, service };
}

function freeName(
  wanted: string,
  taken: readonly (Service | Chain | Hop | { readonly name?: string })[],
): string {
  const names = new Set(taken.map(({ name }) => name));
  let name = wanted;
  for (let count = 2; names.has(name); count += 1) name = `${wanted}-${count}`;
  return name;
}
