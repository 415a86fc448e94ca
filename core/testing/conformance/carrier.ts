/** Listener and dialer of one name out of the catalog, ready to meet on this computer. For the conformance suites and the tests of carriers. */
import * as z from 'zod';
import { catalog } from '../../catalog.ts';
import { silentLog } from '../../log.ts';
import { directRoute } from '../../net/direct.ts';
import type { DialerDeps, ListenerDeps } from '../../registry.ts';
import type { Address } from '../../net/conn.ts';
import type { Dialer, Listener } from '../../roles.ts';
import { NO_CLIENT_TLS } from '../../transports/tls.ts';

const UNVERIFIED = { ...NO_CLIENT_TLS, secure: false };

/** Every type that has both a listener and a dialer: what one of ours accepts, another of ours can reach. */
export const CARRIERS: readonly string[] = catalog.listeners
  .map(({ type }) => type)
  .filter((type) => catalog.dialers.some((dialer) => dialer.type === type));

/** Options that are not given have their defaults. */
export function makeListener(type: string, address: Address, options: object = {}): Listener {
  const deps: ListenerDeps = {
    name: type,
    address,
    tls: null,
    route: () => Promise.resolve(directRoute()),
    state: null,
    log: silentLog,
  };
  return make(catalog.listeners, type, deps, options);
}

export function makeDialer(type: string, options: object = {}): Dialer {
  const deps: DialerDeps = { node: 'node', tls: UNVERIFIED, auth: null, state: null, log: silentLog };
  return make(catalog.dialers, type, deps, options);
}

interface Makeable<Role> {
  readonly type: string;
  readonly options: z.ZodObject;
  create(options: never, deps: never): Role;
}

function make<Role>(list: readonly Makeable<Role>[], type: string, deps: unknown, options: object): Role {
  const definition = list.find((candidate) => candidate.type === type);
  if (definition === undefined) throw new Error(`there is no ${type} in the catalog`);
  // the union over the catalog has no common parameter type; both arguments are what this very definition asks for
  return definition.create(definition.options.parse(options) as never, deps as never);
}
