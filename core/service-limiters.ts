/** The limiters of services, joined: a client has to be within every one that its service names. */
import { ProxyError } from './errors.ts';
import type { ConnectionLimiter, Limiters, Metering, RequestLimiter, TrafficLimiter } from './limiters.ts';
import { Lists, type LiveList } from './live-list.ts';
import type { Log } from './log.ts';
import { joinMeters } from './net/meter.ts';
import type { Plan, ServicePlan } from './plan.ts';
import type { ServiceLimiters } from './service.ts';

export interface NamedLimiters {
  /** Throws `config` for a name that does not exist. */
  of(service: ServicePlan): ServiceLimiters;
  /** Makes the rules of this plan those that hold, for present clients as well. */
  enforce(): void;
  /** The rules change no more; those of another plan hold from now on. */
  close(): void;
}

/** What `plan` says about limiters, which live longer than it. */
export function namedLimiters(plan: Plan, limiters: Limiters, log: Log): NamedLimiters {
  const lists = new Lists(log);
  const traffic = new Map<string, TrafficLimiter>();
  const connections = new Map<string, ConnectionLimiter>();
  const requests = new Map<string, RequestLimiter>();
  const steps: (() => void)[] = [];
  const follow = <T>(list: LiveList<T>, limiter: { use(rules: readonly T[]): void }): void => {
    list.onChange(() => limiter.use(list.items));
    steps.push(() => limiter.use(list.items));
  };
  for (const { name, rules, file } of plan.limiters) {
    const limiter = limiters.traffic(name);
    traffic.set(name, limiter);
    follow(lists.of(rules, file), limiter);
  }
  for (const { name, rules, file } of plan.climiters) {
    const limiter = limiters.connections(name);
    connections.set(name, limiter);
    follow(lists.of(rules, file), limiter);
  }
  for (const { name, rules, file } of plan.rlimiters) {
    const limiter = limiters.requests(name);
    requests.set(name, limiter);
    follow(lists.of(rules, file), limiter);
  }
  return {
    of: (service) => {
      const named = {
        traffic: pick(traffic, service.limiters, service.name),
        connections: pick(connections, service.climiters, service.name),
        requests: pick(requests, service.rlimiters, service.name),
      };
      return {
        enter: (client) => enterAll(named.connections, client),
        meter: (client, datagrams) => {
          const scope = service.limiterScope;
          // a datagram port knows no connections: in GOST only `$` holds for it
          if (datagrams && scope === 'conn') return null;
          return meterAll(
            named.traffic.flatMap((one) => one.open(client, datagrams ? 'service' : scope) ?? []),
          );
        },
        countRequest: (client) => {
          for (const limiter of named.requests) {
            const refusal = limiter.count(client);
            if (refusal !== null) return refusal;
          }
          return null;
        },
      };
    },
    enforce: () => {
      for (const step of steps) step();
    },
    close: () => lists.close(),
  };
}

function pick<T>(known: ReadonlyMap<string, T>, names: readonly string[], where: string): T[] {
  return names.map((name) => {
    const found = known.get(name);
    if (found === undefined)
      throw new ProxyError('config', { where, message: `there is no limiter "${name}"` });
    return found;
  });
}

function enterAll(
  limiters: readonly ConnectionLimiter[],
  client: Parameters<ConnectionLimiter['enter']>[0],
): (() => void) | ProxyError | null {
  if (limiters.length === 0) return null;
  const inside: (() => void)[] = [];
  const leave = (): void => {
    for (const one of inside) one();
  };
  for (const limiter of limiters) {
    const entered = limiter.enter(client);
    if (entered instanceof ProxyError) {
      leave();
      return entered;
    }
    inside.push(entered);
  }
  return leave;
}

function meterAll(meterings: readonly Metering[]): Metering | null {
  if (meterings.length === 0) return null;
  return {
    up: joinMeters(meterings.flatMap(({ up }) => up ?? [])),
    down: joinMeters(meterings.flatMap(({ down }) => down ?? [])),
    close: () => {
      for (const metering of meterings) metering.close();
    },
  };
}
