/** One click to a working local SOCKS5 proxy: finds a port, makes or starts the service, proves it. Says whose the asked port was. */
import type { QuickResult, ServiceState, TestStep } from '../contract/api.ts';
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { freePort, USUAL_PORT } from './free-port.ts';
import type { Host } from './host.ts';
import { addQuickService, moveService, quickService } from './quick.ts';
import { userOf } from './service-user.ts';
import { selfTest } from './selftest.ts';

/** Somebody else may take a free port before we do; three times in a row is no accident. */
const MAX_MOVES = 3;

export async function quickStart(host: Host, asked: number | null): Promise<QuickResult> {
  const { configuration } = host;
  const wanted = asked ?? USUAL_PORT;
  let name = quickService(configuration.config);
  let taken: QuickResult['taken'] = null;
  if (name === null) {
    const port = await freePort(wanted);
    if (port !== wanted) taken = { port: wanted, owner: await host.deps.ownerOf(wanted) };
    const added = addQuickService(configuration.config, port);
    name = added.name;
    await configuration.edit(null, added.edits, 'Start a local SOCKS5 proxy');
  } else if (asked !== null && portOf(stateOf(host, name)) !== asked) {
    const port = await freePort(asked);
    if (port !== asked) taken = { port: asked, owner: await host.deps.ownerOf(asked) };
    await configuration.edit(null, moveService(configuration.config, name, port), `Use port ${port}`);
  }
  let state = await start(host, name);
  for (let moves = 0; state.error?.code === 'port_in_use' && moves < MAX_MOVES; moves += 1) {
    const lost = Number(state.error.detail?.['port'] ?? wanted);
    taken ??= { port: lost, owner: await host.deps.ownerOf(lost) };
    const port = await freePort(wanted);
    await configuration.edit(null, moveService(configuration.config, name, port), `Use port ${port}`);
    state = await start(host, name);
  }
  const address = state.bound[0];
  if (state.state !== 'up' || address === undefined)
    throw state.error === null
      ? new ProxyError('stopping')
      : new ProxyError(state.error.code, state.error.detail);
  return { service: name, address, taken, steps: await testService(host, name) };
}

/** Runs the self-test of a service. Throws `unsupported` when it does not speak SOCKS5 over plain TCP, `config` when it does not run. */
export async function testService(host: Host, name: string): Promise<TestStep[]> {
  const { bound, handler, listener, udp, chain } = stateOf(host, name);
  const address = bound[0];
  if (address === undefined)
    throw new ProxyError('config', { where: name, message: 'the service is not running' });
  if (listener !== 'tcp' || (handler !== 'socks5' && handler !== 'auto'))
    throw new ProxyError('unsupported', {
      what: `A ${handler} service over ${listener}`,
      by: 'the self-test',
    });
  const subject = {
    service: name,
    address,
    user: userOf(host.configuration.plan, name),
    udp,
    chained: chain !== null,
    unrecorded: (client: Address) => host.deps.engine.stats.exempt(client),
  };
  return selfTest(subject, host.signal);
}

async function start(host: Host, name: string): Promise<ServiceState> {
  return host.explained(await host.deps.engine.start(name));
}

function stateOf(host: Host, name: string): ServiceState {
  const state = host.deps.engine.states().find((candidate) => candidate.name === name);
  if (state === undefined)
    throw new ProxyError('config', { where: 'services', message: `there is no service "${name}"` });
  return state;
}

function portOf({ bound, address }: ServiceState): number {
  return bound[0]?.port ?? Number(address.slice(address.lastIndexOf(':') + 1));
}
