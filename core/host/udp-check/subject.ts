/** A service of a host as the UDP check sees it: where it listens, who may sign in, and what its relay counts of the check itself. */
import { ProxyError } from '../../errors.ts';
import type { Connection } from '../../stats/connection.ts';
import type { Host } from '../host.ts';
import { userOf } from '../quick-start.ts';
import type { UdpSubject } from './check.ts';

/** Throws `config` for a service that does not exist. */
export function udpSubject(host: Pick<Host, 'deps' | 'configuration'>, service: string): UdpSubject {
  const { engine } = host.deps;
  const state = engine.states().find(({ name }) => name === service);
  if (state === undefined)
    throw new ProxyError('config', { where: 'services', message: `there is no service "${service}"` });
  const { bound, handler, listener, udp, chain } = state;
  const [address = null] = state.state === 'up' ? bound : [];
  let own: Connection | null = null;
  return {
    service,
    bound: address,
    address: address ?? { host: '127.0.0.1', port: 0 },
    handler,
    listener,
    udp,
    chain,
    user: userOf(host, service),
    tested: () => engine.tested(chain ?? ''),
    unrecorded: (client) => engine.stats.exempt(client, (connection) => void (own = connection)),
    counts: () => own?.datagrams ?? null,
  };
}
