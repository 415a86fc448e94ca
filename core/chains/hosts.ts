/** Names with fixed addresses (GOST hosts): exact names, their aliases, and `.domain` for it and everything below. */
import { ProxyError } from '../errors.ts';
import { familyOf } from '../net/address.ts';
import { following, type Lists } from '../live-list.ts';
import type { HostMapping, HostsPlan } from '../plan.ts';

/** The addresses given to a name, the first written first; null when it has none. */
export type HostsMap = (name: string) => readonly string[] | null;

/** Throws `config` for a name that does not exist, or an address that is none. */
export function hostsOf(plans: readonly HostsPlan[], name: string, lists: Lists): HostsMap {
  const plan = plans.find((candidate) => candidate.name === name);
  if (plan === undefined) throw new ProxyError('config', { where: name, message: 'there are no such hosts' });
  const current = following(lists.of(plan.mappings, plan.file), (mappings) => mapOf(mappings, name));
  return (host) => current()(host);
}

function mapOf(mappings: readonly HostMapping[], name: string): HostsMap {
  const table = new Map<string, string[]>();
  for (const { ip, hostname, aliases } of mappings) {
    if (familyOf(ip) === 0)
      throw new ProxyError('config', { where: name, message: `"${ip}" is not an IP address` });
    for (const host of [hostname, ...aliases]) {
      const key = plain(host);
      table.set(key, [...(table.get(key) ?? []), ip]);
    }
  }
  return (host) => {
    const key = plain(host);
    const exact = table.get(key) ?? table.get(`.${key}`);
    if (exact !== undefined) return exact;
    for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1)) {
      const found = table.get(key.slice(dot));
      if (found !== undefined) return found;
    }
    return null;
  };
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
