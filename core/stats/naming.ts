/**
 * How the clients of a service name the targets they want reached through a chain: by name, which the last hop resolves, or by an
 * address, which they looked up themselves. The latter tells the name server of this network where they go, chain or not.
 */
import type { NamingCount } from '../contract/stats.ts';

/** Clients told apart per service; what the others ask for is counted together, under the empty name. */
const CLIENTS = 64;

export class Naming {
  readonly #services = new Map<string, Map<string, { named: number; literal: number }>>();

  count(service: string, client: string, literal: boolean): void {
    const clients = this.#services.get(service) ?? new Map<string, { named: number; literal: number }>();
    this.#services.set(service, clients);
    const name = clients.has(client) || clients.size < CLIENTS ? client : '';
    const counts = clients.get(name) ?? { named: 0, literal: 0 };
    clients.set(name, counts);
    counts[literal ? 'literal' : 'named'] += 1;
  }

  /** Those that asked for most addresses first. */
  of(service: string): NamingCount[] {
    return [...(this.#services.get(service) ?? [])]
      .map(([client, counts]) => ({ client, ...counts }))
      .sort((a, b) => b.literal - a.literal);
  }
}
