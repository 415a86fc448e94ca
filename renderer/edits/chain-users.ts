/** Who refers to a chain by its name: handlers and listeners of services, and name servers that are asked through it. Pure. */
import type { Config, Json, Path, Service } from '../../core/contract/config.ts';
import { isObject } from './diff.ts';

/** The services whose traffic goes through a chain, or that listen at its far end, with their index. */
export function servicesOf(config: Config, chain: string): { index: number; service: Service }[] {
  return (config.services ?? [])
    .map((service, index) => ({ index, service }))
    .filter(({ service }) => chainsOfService(service).includes(chain));
}

/** Names of the chains a service goes through, its handler's first. */
export function chainsOfService({ handler, listener }: Service): readonly string[] {
  return [handler?.chain, listener?.chain].filter((name) => name !== undefined);
}

/** Every place that names the chain, to be changed along with the name. */
export function chainRefs(config: Config, chain: string): readonly Path[] {
  const services = (config.services ?? []).flatMap(({ handler, listener }, index): Path[] => [
    ...(handler?.chain === chain ? [['services', index, 'handler', 'chain']] : []),
    ...(listener?.chain === chain ? [['services', index, 'listener', 'chain']] : []),
  ]);
  const servers = listIn(config['resolvers']).flatMap((resolver, index) =>
    (isObject(resolver) ? listIn(resolver['nameservers']) : []).flatMap((server, at): Path[] =>
      isObject(server) && server['chain'] === chain ? [['resolvers', index, 'nameservers', at, 'chain']] : [],
    ),
  );
  return [...services, ...servers];
}

function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
