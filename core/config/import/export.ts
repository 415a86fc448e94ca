/**
 * The configuration, or some of it, for somewhere else: as GOST reads it, as addresses, as a command line. What the form can not say is
 * left out and said in sentences; passwords only when they are asked for.
 */
import { catalog as ours } from '../../catalog.ts';
import {
  type Config,
  type Hop,
  type Json,
  type Node,
  type Path,
  type Service,
} from '../../contract/config.ts';
import type { ExportRequest, ExportResult } from '../../contract/imports.ts';
import { isGostOption } from '../gost-options.ts';
import { isList, isMap, readText } from '../gost-values.ts';
import { sameData } from '../model.ts';
import { toUri } from '../node-uri.ts';
import { printConfig } from '../print.ts';
import { withoutSecrets } from '../secrets.ts';
import { fieldOf, type ShapeName } from '../shape.ts';
import { listOf, nameOf, referencesIn, SECTIONS } from './names.ts';
import { secretsIn } from './review.ts';

/** Options that GOST does not have, though they look like its own. */
const OWN_OPTIONS = new Set(['guard']);

/** `config` holds its passwords; the result does when `secrets` says so. */
export function exportConfig(config: Config, { format, paths, secrets }: ExportRequest): ExportResult {
  const chosen = paths === null ? config : selected(config, paths);
  const left: string[] = [];
  const known = withoutUnknown(chosen, 'config', [], left);
  const shown: Config = isMap(known) ? known : {};
  const hidden = secrets ? 0 : secretsIn(shown);
  const bare = secrets ? shown : withoutSecrets(shown);
  const open: Config = isMap(bare) ? bare : {};
  const text =
    format === 'uris'
      ? uriList(open, left)
      : format === 'command'
        ? commandLine(open, left)
        : printConfig(open, format);
  return { text, left: [...new Set(left)], hidden };
}

/** The things at these paths with everything they name. */
function selected(config: Config, paths: readonly Path[]): Config {
  const wanted = new Set(paths.map((path) => path.slice(0, 2).join('/')));
  const queue = [...wanted];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const [section = '', index = ''] = id.split('/');
    const item = listOf(config, section)[Number(index)];
    for (const { section: of, name } of item === undefined ? [] : referencesIn(item)) {
      const at = listOf(config, of).findIndex((other) => nameOf(other) === name);
      if (at === -1 || wanted.has(`${of}/${at}`)) continue;
      wanted.add(`${of}/${at}`);
      queue.push(`${of}/${at}`);
    }
  }
  const lists = SECTIONS.flatMap(([section]): [string, Json][] => {
    const list = listOf(config, section).filter((_, index) => wanted.has(`${section}/${index}`));
    return list.length === 0 ? [] : [[section, list]];
  });
  const settings = paths.flatMap(([key]): [string, Json][] => {
    const value = typeof key === 'string' ? config[key] : undefined;
    return typeof key !== 'string' || value === undefined || SECTIONS.some(([section]) => section === key)
      ? []
      : [[key, value]];
  });
  return Object.fromEntries([...lists, ...settings]);
}

function withoutUnknown(value: Json, shape: ShapeName, path: Path, left: string[]): Json {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, Json][] => {
      if (item === undefined) return [];
      const field = fieldOf(shape, key);
      const at = [...path, key];
      if (field === undefined) {
        left.push(`${placeName(at)} is no key of GOST and is left out.`);
        return [];
      }
      const { of } = field;
      if (of !== undefined && isList(item))
        return [
          [key, item.map((one, index) => withoutUnknown(one, of, [...at, nameOf(one) || index], left))],
        ];
      if (of !== undefined) return [[key, withoutUnknown(item, of, at, left)]];
      return [[key, field.kind === 'metadata' ? gostOptions(item, at, left) : item]];
    }),
  );
}

function gostOptions(metadata: Json, path: Path, left: string[]): Json {
  if (!isMap(metadata)) return metadata;
  return Object.fromEntries(
    Object.entries(metadata).filter(([key]) => {
      const known = isGostOption(key) && !OWN_OPTIONS.has(key.toLowerCase());
      if (!known) left.push(`${placeName([...path, key])} is no option of GOST and is left out.`);
      return known;
    }),
  );
}

function placeName(path: Path): string {
  return path.join(' › ');
}

function uriList(config: Config, left: string[]): string {
  const rows: string[] = [];
  for (const chain of config.chains ?? []) {
    const hops = chain.hops ?? [];
    if (hops.length > 1)
      left.push(
        `The chain ${chain.name ?? ''} goes through ${hops.length} hops one behind the other; in a list of addresses they stand side by side.`,
      );
    for (const hop of hops) for (const node of nodesOf(hop, config)) rows.push(nodeUrl(node, left));
  }
  const services = config.services?.length ?? 0;
  if (services > 0) left.push('Services are not in a list of addresses: it holds proxies only.');
  if (rows.length === 0) left.push('There is no proxy to list.');
  return rows.length === 0 ? '' : `${[...new Set(rows)].join('\n')}\n`;
}

/** One line of `gost`: a part for each way out, because all -F of a part are the chain of all its -L. */
function commandLine(config: Config, left: string[]): string {
  const groups = new Map<string, Service[]>();
  for (const service of config.services ?? []) {
    const chain = service.handler?.chain ?? service.listener?.chain ?? '';
    groups.set(chain, [...(groups.get(chain) ?? []), service]);
  }
  if (groups.size === 0) for (const { name } of config.chains ?? []) groups.set(name ?? '', []);
  const parts = [...groups].map(([name, services]) => {
    const chain = config.chains?.find((one) => one.name === name);
    const hops = chain?.hops ?? [];
    return [
      ...services.map((service) => `-L ${quoted(serviceUrl(service, config, left))}`),
      ...hops.flatMap((hop) => hopUrl(hop, config, left).map((url) => `-F ${quoted(url)}`)),
    ].join(' ');
  });
  for (const section of ['authers', 'resolvers', 'hosts', 'limiters', 'climiters', 'rlimiters'])
    if (listOf(config, section).length > 0)
      left.push(`A command line can not hold ${section}; what names them goes without.`);
  const lines = parts.filter((part) => part !== '');
  if (lines.length === 0) left.push('There is nothing that a command line could say.');
  return lines.length === 0 ? '' : `gost ${lines.join(' -- ')}\n`;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function nodesOf(hop: Hop, config: Config): readonly Node[] {
  if (hop.nodes !== undefined) return hop.nodes;
  const shared = listOf(config, 'hops').find((other) => nameOf(other) === hop.name);
  const nodes = isMap(shared) ? shared['nodes'] : undefined;
  return isList(nodes) ? nodes.flatMap((node) => (isMap(node) ? [node] : [])) : [];
}

/** A hop as the URL of -F: several nodes only where they differ in nothing but their address. */
function hopUrl(hop: Hop, config: Config, left: string[]): string[] {
  const [first, ...others] = nodesOf(hop, config);
  if (first === undefined) return [];
  const url = nodeUrl(first, left);
  const alike = others.filter((node) => sameData(bare(node), bare(first)));
  if (alike.length < others.length)
    left.push(
      `The hop ${hop.name ?? ''} chooses among proxies that are reached in different ways; the line has only those like ${first.name ?? first.addr ?? ''}.`,
    );
  const rules = rulesOf(hop, config, left);
  const { strategy, maxFails, failTimeout } = hop.selector ?? {};
  const options: [string, string][] = [...rules];
  if (alike.length > 0) {
    if (strategy !== undefined) options.push(['strategy', strategy]);
    if (maxFails !== undefined) options.push(['maxFails', String(maxFails)]);
    if (failTimeout !== undefined) options.push(['failTimeout', String(failTimeout)]);
  }
  const addrs = [first, ...alike].map(({ addr }) => addr ?? '').join(',');
  return [withQuery(url.replace(first.addr ?? '', addrs), options)];
}

function bare(node: Node): Json {
  return { ...node, name: '', addr: '' };
}

function nodeUrl(node: Node, left: string[]): string {
  for (const key of ['resolver', 'hosts', 'bypass', 'bypasses'])
    if (node[key] !== undefined)
      left.push(`${node.name ?? ''} › ${key} can not be said in an address and is left out.`);
  if (node.connector?.['tls'] !== undefined)
    left.push(`${node.name ?? ''} › connector › tls can not be said in an address and is left out.`);
  return toUri(node, true, ours); // what must not be seen is gone already
}

function serviceUrl(service: Service, config: Config, left: string[]): string {
  const handler = service.handler?.type ?? 'auto';
  const listener = service.listener?.type ?? 'tcp';
  const targets = (service.forwarder?.nodes ?? [])
    .map(({ addr }) => addr ?? '')
    .filter((addr) => addr !== '');
  const forwards = targets.length > 0 && (handler === 'forward' || handler === listener);
  const scheme =
    forwards || handler === listener ? listener : listener === 'tcp' ? handler : `${handler}+${listener}`;
  const auth = service.handler?.auth;
  const user =
    auth?.username === undefined && auth?.password === undefined
      ? ''
      : `${encodeURIComponent(auth.username ?? '')}${auth.password === undefined ? '' : `:${encodeURIComponent(auth.password)}`}@`;
  const path = targets.length === 0 ? '' : `/${targets.join(',')}`;
  const options: [string, string][] = [
    ...rulesOf(service, config, left),
    ...pairs('handler', service.handler?.metadata, service.name ?? '', left),
    ...pairs('listener', service.listener?.metadata, service.name ?? '', left),
  ];
  const tls = service.listener?.['tls'];
  for (const key of ['certFile', 'keyFile', 'caFile']) {
    const value = isMap(tls) ? tls[key] : undefined;
    if (typeof value === 'string') options.push([key, value]);
  }
  const retries = service.handler?.['retries'];
  if (typeof retries === 'number') options.push(['retries', String(retries)]);
  return withQuery(`${scheme}://${user}${service.addr ?? ''}${path}`, options);
}

/** Bypasses and admissions of one owner, written out. */
function rulesOf(
  owner: { readonly [key: string]: Json | undefined },
  config: Config,
  left: string[],
): [string, string][] {
  const lists = [
    ['bypass', 'bypasses'],
    ['admission', 'admissions'],
  ] as const;
  return lists.flatMap(([key, section]): [string, string][] => {
    const names = [owner[key], ...(isList(owner[section]) ? owner[section] : [])].flatMap((name) =>
      typeof name === 'string' && name !== '' ? [name] : [],
    );
    const objects = listOf(config, section).flatMap((item) =>
      isMap(item) && names.includes(nameOf(item)) ? [item] : [],
    );
    const [first, ...more] = objects;
    if (first === undefined) return [];
    if (more.length > 0)
      left.push(`A command line takes one ${key}; of ${names.join(', ')} only the first is in it.`);
    const matchers = isList(first['matchers'])
      ? first['matchers'].map((one) => readText(one).value ?? '')
      : [];
    const only = first['whitelist'] === true || first['reverse'] === true;
    return matchers.length === 0 ? [] : [[key, `${only ? '~' : ''}${matchers.join(',')}`]];
  });
}

function pairs(
  role: string,
  metadata: { readonly [key: string]: Json | undefined } | undefined,
  name: string,
  left: string[],
): [string, string][] {
  return Object.entries(metadata ?? {}).flatMap(([key, value]): [string, string][] => {
    const text = value === undefined ? undefined : readText(value).value;
    if (text !== undefined) return [[`${role}.${key}`, text]];
    left.push(`${name} › ${role} › ${key} can not be said in an address and is left out.`);
    return [];
  });
}

function withQuery(url: string, options: readonly [string, string][]): string {
  if (options.length === 0) return url;
  const text = new URLSearchParams([...options]).toString().replaceAll('+', '%20');
  return `${url}${url.includes('?') ? '&' : '?'}${text}`;
}
