/** A service as the UDP check sees it: where it listens, who may sign in, and what its relay counts of the check itself. */
import { ProxyError } from '../../errors.ts';
import type { Connection } from '../../stats/connection.ts';
import type { Engine } from '../../engine.ts';
import type { Plan } from '../../plan.ts';
import { userOf } from '../service-user.ts';
import type { UdpSubject } from './check.ts';

/** Throws `config` for a service that does not exist. */
export function udpSubject(
  engine: Pick<Engine, 'states' | 'tested' | 'stats'>,
  plan: Plan,
  service: string,
): UdpSubject {
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
    user: userOf(plan, service),
    tested: () => engine.tested(chain ?? ''),
    unrecorded: (client) => engine.stats.exempt(client, (connection) => void (own = connection)),
    counts: () => own?.datagrams ?? null,
  };
}
