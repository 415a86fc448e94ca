/**
 * Everything one plan makes: chains, routers, handlers. Services are served by the newest generation; an older one lives
 * until its last client has gone and then closes its shared sessions.
 */
import { userTable } from './auth.ts';
import { buildChains } from './chains/build.ts';
import { matcherOf } from './chains/bypass.ts';
import type { TestedChain } from './chains/test-chain.ts';
import { ProxyError } from './errors.ts';
import type { Limiters } from './limiters.ts';
import { following, Lists } from './live-list.ts';
import type { EngineDeps, Plan, ServicePlan } from './plan.ts';
import type { Authenticator, Credentials, Listener } from './roles.ts';
import { namedLimiters } from './service-limiters.ts';
import type { Serving } from './service.ts';

export interface Generation {
  readonly plan: Plan;
  listener(service: string): Listener;
  serving(service: string): Serving;
  /** Makes its limits those that hold. */
  enforce(): void;
  /** A chain with nodes of its own. Throws `config` for one that does not exist. */
  tested(chain: string): TestedChain;
  /** Not used for new clients any more; closes when the present ones have gone. */
  retire(): Promise<void>;
}

/** Makes the parts of a plan. Opens nothing. Throws `config` when a part can not be made. */
export function buildGeneration(plan: Plan, deps: EngineDeps, limiters: Limiters): Generation {
  const lists = new Lists(deps.log);
  const chains = buildChains(plan, deps, lists);
  const limits = namedLimiters(plan, limiters, deps.log);
  const state = deps.stateFolder === null ? null : { path: deps.stateFolder };
  let clients = 0;
  let retired = false;
  const close = (): Promise<void> => {
    lists.close();
    return chains.close();
  };

  const makeServing = (service: ServicePlan): Serving => {
    const log = deps.log.with({ service: service.name });
    const refused = service.admissions.map((name) => matcherOf(plan.admissions, name, lists));
    const handler = service.handler.create({
      name: service.name,
      router: chains.routerFor(service),
      auth: authOf(service, plan, lists),
      tls: service.handlerTls,
      forwarder: chains.forwarderFor(service),
      state,
      log,
    });
    return {
      handler,
      limits: limits.of(service),
      welcome: (client) => !refused.some((matches) => matches(client)),
      hold: () => {
        clients += 1;
        return () => {
          clients -= 1;
          if (retired && clients === 0) void close();
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
    enforce: () => limits.enforce(),
    tested: (chain) => chains.tested(chain),
    retire: async () => {
      retired = true;
      limits.close();
      if (clients === 0) await close();
    },
  };
}

/** The users of a service: its own, else those of its authers together. Null: nobody has to sign in. */
function authOf(service: ServicePlan, plan: Plan, lists: Lists): Authenticator | null {
  if (service.authers.length === 0) return service.users === null ? null : userTable(service.users);
  const tables = service.authers.map((name) => {
    const auther = plan.authers.find((candidate) => candidate.name === name);
    if (auther === undefined)
      throw new ProxyError('config', { where: service.name, message: `there is no auther "${name}"` });
    return following(lists.of(auther.users, auther.file), (users) => userTable(lastOfEach(users)));
  });
  return {
    required: true,
    // every table is asked, so that time does not tell which one knows the user
    check: (user, password) => firstKnown(tables.map((table) => table().check(user, password))),
    checkUserId: (user) => firstKnown(tables.map((table) => table().checkUserId(user))),
  };
}

function firstKnown(identities: readonly (string | null)[]): string | null {
  return identities.find((identity) => identity !== null) ?? null;
}

/** A user who is listed twice has the password that stands last, as in GOST. */
function lastOfEach(users: readonly Credentials[]): readonly Credentials[] {
  return [...new Map(users.map((user) => [user.username, user])).values()];
}
