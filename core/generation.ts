/**
 * Everything one plan makes: chains, routers, handlers. Services are served by the newest generation; an older one lives
 * until its last client has gone and then closes its shared sessions.
 */
import { userTable } from './auth.ts';
import { buildChains } from './chains/build.ts';
import { matcherOf } from './chains/bypass.ts';
import type { ProbeResult } from './contract/api.ts';
import { ProxyError } from './errors.ts';
import type { Address } from './net/conn.ts';
import type { EngineDeps, Plan, ServicePlan } from './plan.ts';
import type { Authenticator, Listener } from './roles.ts';
import type { Serving } from './service.ts';

export interface Generation {
  readonly plan: Plan;
  listener(service: string): Listener;
  serving(service: string): Serving;
  probe(chain: string, target: Address | null, signal: AbortSignal): Promise<ProbeResult>;
  /** Not used for new clients any more; closes when the present ones have gone. */
  retire(): Promise<void>;
}

/** Makes the parts of a plan. Opens nothing. Throws `config` when a part can not be made. */
export function buildGeneration(plan: Plan, deps: EngineDeps): Generation {
  const chains = buildChains(plan, deps);
  const state = deps.stateFolder === null ? null : { path: deps.stateFolder };
  let clients = 0;
  let retired = false;

  const makeServing = (service: ServicePlan): Serving => {
    const log = deps.log.with({ service: service.name });
    const refused = service.admissions.map((name) => matcherOf(plan.admissions, name));
    const handler = service.handler.create({
      name: service.name,
      router: chains.routerFor(service),
      auth: authOf(service, plan),
      tls: service.handlerTls,
      forwarder: chains.forwarderFor(service),
      state,
      log,
    });
    return {
      handler,
      welcome: (client) => !refused.some((matches) => matches(client)),
      hold: () => {
        clients += 1;
        return () => {
          clients -= 1;
          if (retired && clients === 0) void chains.close();
        };
      },
    };
  };

  const services = new Map(
    plan.services.map((service) => [service.name, { service, serving: makeServing(service) }]),
  );
  const find = (name: string): { service: ServicePlan; serving: Serving } => {
    const found = services.get(name);
    if (found === undefined)
      throw new ProxyError('config', { where: 'services', message: `there is no service "${name}"` });
    return found;
  };

  return {
    plan,
    listener: (name) => {
      const { service } = find(name);
      return service.listener.create({
        name,
        address: service.address,
        tls: service.listenerTls,
        route: chains.routeFor(service.listenerChain),
        state,
        log: deps.log.with({ service: name }),
      });
    },
    serving: (name) => find(name).serving,
    probe: (chain, target, signal) => chains.probe(chain, target, signal),
    retire: async () => {
      retired = true;
      if (clients === 0) await chains.close();
    },
  };
}

/** The users of a service: its own, else those of its authers together. Null: nobody has to sign in. */
function authOf(service: ServicePlan, plan: Plan): Authenticator | null {
  if (service.authers.length === 0) return service.users === null ? null : userTable(service.users);
  const users = service.authers.flatMap((name) => {
    const auther = plan.authers.find((candidate) => candidate.name === name);
    if (auther === undefined)
      throw new ProxyError('config', { where: service.name, message: `there is no auther "${name}"` });
    return auther.users;
  });
  return userTable(users);
}
